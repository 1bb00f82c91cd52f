"""Code for step 4: where a measure stands before and after the row, and the places that totals run at."""

from __future__ import annotations

from rulesengine.engines.measures import unit_of
from rulesengine.engines.prepared.code import Code, NoCode, bare, difference, product, total
from rulesengine.engines.prepared.rule_writing import Column, Writing
from rulesengine.engines.results import Reason
from rulesengine.model.exact import ONE
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, CreditShareOf


def measured_code(measure: nodes.Measure, writing: Writing) -> None:
    """Write where the measure stands before and after the row, as `before` and `after`."""
    reads, source = writing.reads, writing.source
    if measure.name is not None or measure.read_by is not None:
        raise NoCode("a named measure is moved")
    if measure.aggregate.kind is AggregateKind.COUNT_DISTINCT:
        raise NoCode("values are counted once")
    target = _target(measure.against, writing)
    place, label = place_code(measure.keys, measure.window, (), writing)
    rule = reads.source.value(f"totals_of_{writing.rule.name}", writing.totals, "where its measure stands")
    moves = _moves(measure.aggregate, writing)
    # Another version of the rule may have moved the total by fractions.
    is_fraction = moves.may_be_fraction or len(writing.rule.versions) > 1
    source.write(f"before = {rule}.before({place}, {writing.moment})")
    if measure.aggregate.kind is AggregateKind.MAX:
        source.write(f"is_first = {rule}.is_first({place}, {writing.moment})")
        source.write(f"after = {moves.text} if is_first else max(before, {moves.text})")
    else:
        both = total(Code("before", may_be_fraction=is_fraction), moves)
        source.write(f"after = {bare(both.text)}")
    writing.columns = {
        "window": Column(label) if label else Column(fixed=""),
        "scope": scope_column(measure.keys, writing),
        "measure_before": Column("before"),
        "measure_after": Column("after"),
        "measure_unit": Column(fixed=unit_of(measure)),
        "target": Column("target") if target else Column(),
    }
    writing.target = target
    writing.place_of_measure = place
    writing.moved = difference("after", "before", may_be_fraction=is_fraction)


def _moves(aggregate: nodes.Aggregate, writing: Writing) -> Code:
    if aggregate.kind is AggregateKind.COUNT or aggregate.read is None:
        return counted_row(writing)
    amount = quantity(aggregate.read, writing)
    return product(amount, writing.share) if aggregate.share is CreditShareOf.CREDITED else amount


def counted_row(writing: Writing) -> Code:
    """Return what the row adds to counts."""
    return Code(f"Decimal({writing.counts})") if writing.counts != "1" else writing.reads.constant(ONE)


def quantity(operand: nodes.Operand, writing: Writing) -> Code:
    """Return an amount or quantity of the row, zero where it is missing."""
    found = writing.reads.value(operand, writing.where)
    if found.may_be_missing:
        return Code(f"({found.text} or ZERO)", may_be_fraction=found.may_be_fraction)
    return found


def _target(against: nodes.Target | None, writing: Writing) -> Code | None:
    """Write what the measure is held against, as `target`."""
    reads, source = writing.reads, writing.source
    match against:
        case None:
            return None
        case nodes.QuotaTarget(quota=name, keys=keys):
            shape = reads.plan.schema.quotas[name]
            values = [f"as_key({reads.read(key, writing.where).text})" for key in keys]
            start = f"{reads.windows(shape.window)}[{writing.dated}].start"
            quotas = source.value(f"quota_{name}", writing.quotas.get(name, {}), f"the quotas of {name}")
            source.write(f"target = {quotas}.get((({', '.join(values)}{',' * (len(values) == 1)}), {start}))")
            writing.leave_if("target is None", Reason.NO_QUOTA)
            return Code("target")
        case nodes.FieldRead() | nodes.Constant():
            found = reads.value(against, writing.where)
            source.write(f"target = {found.text}")
            test = "target is None or target <= 0" if found.may_be_missing else "target <= 0"
            writing.leave_if(test, Reason.NO_QUOTA)
            return Code("target", may_be_fraction=found.may_be_fraction)
        case _:
            raise NoCode("it is held against other totals")


def place_code(
    keys: tuple[nodes.FieldRead, ...], window: nodes.MeasureWindow, names: tuple[str, ...], writing: Writing
) -> tuple[str, str]:
    """Return code of the place that a total runs at, and of what its window is called."""
    reads = writing.reads
    if writing.leave == "continue" and not any(
        key.root is nodes.Root.PAYEE and not key.names for key in keys
    ):
        raise NoCode("the payees of a row move one total after the other")
    values = [*names, *(reads.key(key, writing.where) for key in keys)]
    text = f"({', '.join(values)}{',' * (len(values) == 1)})"
    match window:
        case nodes.PerFact():
            return f"({text}, None, {writing.place})", ""
        case nodes.Anniversary():
            raise NoCode("windows are counted from a date of the payee or row")
        case _:
            inside = reads.variable(
                ("window", window, writing.dated),
                f"{window}_of_{writing.dated}",
                f"{reads.windows(window)}[{writing.dated}]",
            )
            return f"({text}, {inside}.start, '')", f"{inside}.label"


def scope_column(keys: tuple[nodes.FieldRead, ...], writing: Writing) -> Column:
    """Return the keys of a total as lines show them: `team=north`; empty if it is the payee."""
    named = [
        f"{key.text + '='!r} + {writing.reads.key(key, writing.where)}"
        for key in keys
        if key.names or not (key.root is nodes.Root.PAYEE or key.text == "payee")
    ]
    return Column(" + ', ' + ".join(named)) if named else Column(fixed="")
