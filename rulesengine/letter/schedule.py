"""When it is paid: spans, holds, instalments, and what ends them."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.dates import anchor, length
from rulesengine.letter.limits import left_over
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import of_one_another, operand, the_field
from rulesengine.letter.words import article, count_of, human, listed, percent, plural, sentence
from rulesengine.plan import nodes


def duration(node: nodes.ForSpan, row: str) -> tuple[Item, ...]:
    """Return the sentence on the time within which rows count."""
    start = anchor(node.anchor, row)
    return items(
        sentence(
            f"{article(row)} {row} counts only if it is dated on {start} or later, "
            f"and before {length(node.span, row)} after it"
        )
    )


def first_rows(node: nodes.FirstRows, row: str) -> tuple[Item, ...]:
    """Return the sentence on the rows of a key that are its first ones."""
    keys = listed(of_one_another(key) if key.names else "payee" for key in node.keys)
    if node.span is not None:
        until = f"within {length(node.span, row)} from the first one of the same {keys} on"
        return items(sentence(f"{article(row)} {row} counts only if it is dated {until}"))
    return items(sentence(f"only the first {count_of(str(node.count), row)} of the same {keys} count"))


def prorated(node: nodes.Prorate, row: str) -> tuple[Item, ...]:
    """Return the sentence on the days of a window."""
    through = f"from {the_field(node.start, row)} through {the_field(node.end, row)}, where there is one"
    return items(sentence(f"of that, the share of its days {through}"))


def hold(node: nodes.Anchor, row: str) -> tuple[Item, ...]:
    """Return the sentence on the day before which nothing is payable."""
    return items(
        sentence(f"nothing of it is payable before {anchor(node, row)}; it waits until that date is known")
    )


def split(node: nodes.Split, row: str) -> tuple[Item, ...]:
    """Return the sentences on equal parts."""
    unit = node.span.unit.value
    parts = _equal_parts(node.span, row)
    return items(
        sentence(f"it is paid in {parts}: the first {_on(node.anchor, row)}, then one every {unit}"),
        left_over(node.remainder, "parts"),
    )


def release(node: nodes.Release, row: str) -> tuple[Item, ...]:
    """Return the sentences on parts with dates of their own."""
    parts = [Item(text=sentence(f"{percent(part.share)} {_released(part.when, row)}")) for part in node.parts]
    whole = Item(
        text=sentence("it is paid in parts, each of which waits until its date is known:"), below=tuple(parts)
    )
    return (whole, *items(left_over(node.remainder, "parts"))) if node.remainder else (whole,)


def _released(when: nodes.Anchor | nodes.Spread | nodes.Reaches, row: str) -> str:
    match when:
        case nodes.Spread(span=span, anchor=start):
            unit = span.unit.value
            return f"in {_equal_parts(span, row)}, the first {_on(start, row)}, then one every {unit}"
        case nodes.Reaches(kind=kind, reference=reference, amount=amount, target=target):
            of = the_field(amount, human(kind))
            whole = f"in proportion to how far {of} of all {plural(human(kind))}"
            return f"{whole} whose {human(reference)} is this {row} adds up to {operand(target, row)}"
        case _:
            return _on(when, row)


def _equal_parts(span: nodes.Length, row: str) -> str:
    count = operand(span.count, row)
    if isinstance(span.count, nodes.Constant):
        return f"{count} equal parts"
    return f"as many equal parts as the number in {count}"


def _on(node: nodes.Anchor, row: str) -> str:
    text = anchor(node, row)
    return text if isinstance(node, nodes.DateAfter) else f"on {text}"


def clawbacks(nodes_: tuple[nodes.Clawback, ...], row: str) -> tuple[Item, ...]:
    """Return the sentences on what takes an award back; of several on one date the first counts."""
    found = items(*(sentence(_clawback(node, row)) for node in nodes_))
    dates = [node.on.names for node in nodes_ if not node.is_unless]
    if len(dates) > len(set(dates)):
        found += items("Where several of these would apply on one date, only the first does.")
    return found


def _clawback(node: nodes.Clawback, row: str) -> str:
    day = the_field(node.on, row)
    limit = ""
    if node.within is not None:
        limit = f"{length(node.within.span, row)} after {anchor(node.within.anchor, row)}"
    if node.unearned is not None:
        unearned, unit = node.unearned, node.unearned.span.unit.value
        earned = "complete" if unearned.method is nodes.SpanMethod.FULL else "begun"
        what = (
            f"the share of the award for the {plural(unit)} not yet {earned} is taken back on {day}, out of "
            f"{length(unearned.span, row)} from {anchor(unearned.start, row)} on"
        )
    elif node.is_unless:
        share = f"{percent(node.share)} of the award"
        what = f"{share} is taken back on the day after {limit}, unless {day} comes by then"
    else:
        by = f", if that is no later than {limit}" if limit else ""
        what = f"{percent(node.share)} of the award is taken back on {day}{by}"
    at = f"; what was paid is charged {_on(node.at, row)}" if node.at is not None else ""
    again = f"; on {the_field(node.restore, row)} it is given back" if node.restore is not None else ""
    return f"{what}: parts that are not yet payable are cancelled first{at}{again}"


def stops(nodes_: tuple[nodes.Stop, ...], row: str) -> tuple[Item, ...]:
    """Return the sentences on what ends parts that are still to come."""
    several = "of these dates the one that comes first decides; on one day, the one that is named first"
    return items(*(_stop(node, row) for node in nodes_), sentence(several) if len(nodes_) > 1 else "")


def _stop(node: nodes.Stop, row: str) -> str:
    day = the_field(node.read, row)
    match node.then:
        case nodes.StopThen.FORFEIT:
            return sentence(f"from {day} on, what is not yet payable is forfeited")
        case nodes.StopThen.PAY_OUT:
            return sentence(f"what is not yet payable on {day} is all due on that day")
        case _:
            assert_never(node.then)
