"""Code for step 12: when the award is payable, whole or in parts."""

from __future__ import annotations

from rulesengine.engines.prepared.anchors import after_code, day_code
from rulesengine.engines.prepared.code import NoCode
from rulesengine.engines.prepared.rule_writing import Writing
from rulesengine.model.exact import HUNDRED, ONE, grouped, multiply
from rulesengine.model.rounding import Remainder, minor_zero
from rulesengine.plan import nodes


def schedule_code(version: nodes.Version, writing: Writing) -> None:
    """Write the lines of the award with their dates, and add them to all lines."""
    reads, source = writing.reads, writing.source
    for stop in version.stops:
        found = reads.read(stop.read, writing.where)
        with source.block(f"if {found.text} is not None:"):
            source.write("raise LeftToJudge('it is stopped')")
    held = writing.dated
    if version.hold is not None:
        source.write(f"held = {day_code(reads, version.hold, writing.where).text}")
        held = "held"
    if version.split is None and version.release is None:
        if version.hold is not None:
            source.write(f"payable_on = due({writing.dated}, held, {writing.dated})")
            source.write("award = payable(award, payable_on)")
        source.write("lines += award")
        return
    source.write("parts = []")
    remainder: Remainder | None = None
    if version.split is not None:
        remainder = version.split.remainder
        _spread(version.split.span, version.split.anchor, ONE, "", held, writing)
    elif version.release is not None:
        remainder = version.release.remainder
        for part in version.release.parts:
            _released(part, held, writing)
    rounding = writing.rule.rounding
    step = reads.constant(rounding.step).text
    zero = source.value("minor_zero", zero_of(writing.rule), f"Decimal('{zero_of(writing.rule)}')")
    to = remainder or Remainder.LAST
    name = source.value(f"to_{to}", to, f"Remainder.{to.name}")
    source.write(
        f"lines += cut_award(award, parts, {step}, {zero}, {name}, is_release={version.release is not None})"
    )


def zero_of(rule: nodes.Rule) -> object:
    """Return zero as the rule's amounts are shown."""
    return minor_zero(rule.minor_unit)


def _released(part: nodes.ReleasePart, held: str, writing: Writing) -> None:
    reads = writing.reads
    percent = f"{grouped(multiply(part.share, HUNDRED))} %"
    match part.when:
        case nodes.Spread(span=span, anchor=anchor):
            _spread(span, anchor, part.share, percent, held, writing)
        case nodes.Reaches():
            raise NoCode("parts are released as an amount is reached")
        case anchor:
            day = day_code(reads, anchor, writing.where).text
            share = reads.constant(part.share).text
            writing.source.write(
                f"parts.append(DatedPart({share}, {percent!r}, due({day}, {held}, {writing.dated})))"
            )


def _spread(
    span: nodes.Length, anchor: nodes.Anchor, share: object, percent: str, held: str, writing: Writing
) -> None:
    """Write equal parts, each a number of units after the anchor."""
    reads, source = writing.reads, writing.source
    count = reads.value(span.count, writing.where)
    number = f"int({count.text})" if count.constant is None else str(int(str(count.constant)))
    if count.may_be_missing:
        number = f"(1 if {count.text} is None else int({count.text}))"
    assert not isinstance(share, float)
    whole = reads.constant(share).text
    how = f"f'{{part + 1}} of {{count}} of {percent}'" if percent else "''"
    source.write(f"count = {number}")
    day = after_code(reads, anchor, span, writing.where, units="part").text
    with source.block("for part in range(count):"):
        on = f"due({day}, {held}, {writing.dated})"
        source.write(f"parts.append(DatedPart(divide({whole}, ONE * count), {how}, {on}))")
