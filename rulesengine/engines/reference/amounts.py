"""What a row brings: from where it is judged, its own amounts, and what it moves a measure by."""

from __future__ import annotations

from rulesengine.engines.exchange import Converted
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import PayeeId, Row
from rulesengine.engines.reference.view import View
from rulesengine.engines.values import as_key
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, absolute, multiply, negate
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, CreditShareOf, Root


def judged_from(row: Row, payee: PayeeId, level: int = 0) -> View:
    """Return from where a credited row is judged."""
    earning = row.earning.amount if row.earning else None
    # A line on a row that undoes another is judged as the line it undoes: by minus its amount.
    judged = negate(earning) if earning is not None and row.is_reversal else earning
    if row.earning is not None and row.earning.event_on is not None and row.earning.whole is not None:
        # What is taken back, or given back, is judged as the award that it is taken from.
        judged = absolute(row.earning.whole)
    record = row.subject or row.root
    convert = row.convert
    return View(
        record,
        row.judged_on,
        payee,
        judged,
        row.judged_on,
        moment=row.moment,
        level=level,
        now=(row.dated, row.order),
        notes=[],
        convert=convert,
        rate_days=None if convert is None else [],
        converts_at=None if convert is None else View(record, row.judged_on, payee, judged, row.judged_on),
    )


def own_view(row: Row, judge: View) -> View:
    """Return from where the own amounts of a credited row are read, given from where it is judged."""
    undoes = row.fact is not row.root
    return View(
        row.subject or row.fact,
        row.judged_on,
        judge.payee,
        row.earning.amount if row.earning else None,
        row.dated,
        # A line that takes back what was earned has the amounts of its row, with their sign.
        in_magnitudes=undoes,
        fallback=row.root if undoes else None,
        moment=judge.moment,
        level=judge.level,
        now=judge.now,
        notes=judge.notes,
        convert=judge.convert,
        rate_days=judge.rate_days,
        converts_at=judge.converts_at,
    )


def own_quantity(operand: nodes.Operand, row: Row, own: View, reader: Reader) -> Exact:
    """Return an amount or quantity of the row itself, zero where it is missing.

    A row that undoes another takes away what it is worth: minus what its magnitudes come to. So
    `derive net = amount - fee at least 0 USD` is undone in full by a row of minus the amount, and
    no sign that a file gives a quantity can turn an undoing row into pay. An amount that it leaves
    empty is that of the row it undoes. What is no field of the row, such as one of the payee, is the
    same however little is undone: it is taken away once, as money per row is.
    """
    if reader.value(operand, own) is None or _is_undone_already(operand, row):
        return ZERO
    quantity = reader.quantity(operand, own)
    # A line of another rule has its sign already.
    return negate(quantity) if row.is_reversal and not _is_of_line(operand) else quantity


def own_converted(operand: nodes.Operand | None, row: Row, own: View, reader: Reader) -> Converted | None:
    """Return how an amount of the row itself became the rule's currency, signed as `own_quantity`."""
    converted = None if operand is None else reader.converted(operand, own)
    if operand is not None and _is_undone_already(operand, row):
        return None
    if converted is None or operand is None or not row.is_reversal or _is_of_line(operand):
        return converted
    return replace(converted, original=negate(converted.original), amount=negate(converted.amount))


def moves_of(aggregate: nodes.Aggregate, row: Row, share: Exact, own: View, reader: Reader) -> Exact:
    """Return what a credited row adds to a measure; for a maximum, the value it brings."""
    if aggregate.kind in (AggregateKind.COUNT, AggregateKind.COUNT_DISTINCT) or aggregate.read is None:
        return ONE * row.counts
    amount = own_quantity(aggregate.read, row, own, reader)
    return multiply(amount, share) if aggregate.share is CreditShareOf.CREDITED else amount


def counted(aggregate: nodes.Aggregate, judge: View, reader: Reader) -> str:
    """Return the value that a count of distinct values counts; a row that undoes has that of the row
    it undoes."""
    if aggregate.kind is not AggregateKind.COUNT_DISTINCT or aggregate.read is None:
        return ""
    return as_key(reader.value(aggregate.read, judge))


def _is_undone_already(operand: nodes.Operand, row: Row) -> bool:
    """Return whether the row is a further one that undoes the same row, and the operand is no field of it."""
    read = operand.read if isinstance(operand, nodes.OtherwiseRead) else operand
    is_own = not isinstance(read, nodes.FieldRead) or read.is_own
    return row.is_reversal and row.counts == 0 and row.earning is None and not is_own


def _is_of_line(operand: nodes.Operand) -> bool:
    match operand:
        case nodes.FieldRead(root=root) | nodes.OtherwiseRead(read=nodes.FieldRead(root=root)):
            return root is Root.LINE
        case _:
            return False
