"""What counts: running totals, what they are kept for, and what they are measured against."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.letter.conditions import condition
from rulesengine.letter.credit import credit
from rulesengine.letter.currencies import converted
from rulesengine.letter.dates import days, in_each, total_of, window_name
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import of_one_another, operand, the_field
from rulesengine.letter.words import article, decimal_of, human, listed, percent, plural, sentence
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes


def what_is_added(node: nodes.Aggregate, row: str) -> str:
    """Return what is added up as a noun: `the number of deals`, `the amount of all deals`."""
    match node.kind:
        case nodes.AggregateKind.COUNT:
            return f"the number of {plural(row)}"
        case nodes.AggregateKind.COUNT_DISTINCT:
            assert node.read is not None
            what = operand(node.read, row).removeprefix("the ")
            return f"the number of different values of {what} among {plural(row)}"
        case nodes.AggregateKind.SUM:
            assert node.read is not None
            return f"{operand(node.read, row)} of all {plural(row)}{_share(node.share)}"
        case nodes.AggregateKind.MAX:
            assert node.read is not None
            return (
                f"the largest {operand(node.read, row).removeprefix('the ')} of {article(row)} {row} so far"
            )
        case _:
            assert_never(node.kind)


def _share(share: nodes.CreditShareOf) -> str:
    match share:
        case nodes.CreditShareOf.CREDITED:
            return ""
        case nodes.CreditShareOf.FULL:
            return " (in full, whatever the share in it)"
        case _:
            assert_never(share)


def kept_for(keys: tuple[nodes.FieldRead, ...], row: str) -> str:
    """Return for whom or what a total is kept: `for you`, `for your team as a whole`."""
    if not keys:
        return "for everybody together"
    others = [_key(key, row) for key in keys if not is_the_payee(key)]
    if len(others) == len(keys):
        return f"for {listed(others)} as a whole"
    return f"for you, separately for {listed(others)}" if others else "for you"


def ranked(keys: tuple[nodes.FieldRead, ...], row: str) -> str:
    """Return who or what is put in an order: `all who are paid`, `all teams`."""
    others = [
        plural(of_one_another(key)) if key.names else plural(row) for key in keys if not is_the_payee(key)
    ]
    if len(others) == len(keys):
        return f"all {listed(others)}"
    return f"all who are paid, separately for their {listed(others)}," if others else "all who are paid"


def is_the_payee(key: nodes.FieldRead) -> bool:
    """Whether a key is the payee as such."""
    return key.root is nodes.Root.PAYEE and not key.names


def _key(key: nodes.FieldRead, row: str) -> str:
    if key.root is nodes.Root.ROW and key.names:
        return f"each {of_one_another(key)}"
    return f"each {row}" if not key.names else the_field(key, row)


def total_name(node: nodes.Measure) -> str:
    """Return what the running total is called below: `the quarter's total`, `the amount of the deal`."""
    if isinstance(node.window, nodes.PerFact) and node.name is None:
        row = human(node.window.kind)
        if node.aggregate.kind is nodes.AggregateKind.SUM and node.aggregate.read is not None:
            return f"{operand(node.aggregate.read, row)} of the {row}"
    return total_of(node.window)


def bound(node: nodes.Measure, value: Decimal) -> str:
    """Return the end of a band: an amount, a number, or a percentage of the target."""
    return percent(value) if node.against is not None else decimal_of(value, node.aggregate.type)


def running_total(node: nodes.Measure, row: str) -> tuple[Item, ...]:
    """Return the sentences on the running total of a rule."""
    if node.name is not None:
        return items(sentence(f"what counts is the running total {human(node.name)}, told above"))
    if isinstance(node.window, nodes.PerFact):
        counts = f"what counts is {total_name(node)} by itself, less what undoes it"
        others = "" if all(map(is_the_payee, node.keys)) and node.keys else f", {kept_for(node.keys, row)}"
        return items(sentence(f"{counts}{_share(node.aggregate.share)}{others}"), target(node, row))
    return items(
        sentence(
            f"a running total is kept of {what_is_added(node.aggregate, row)}, "
            f"{in_each(node.window)}, {kept_for(node.keys, row)}"
        ),
        target(node, row),
    )


def target(node: nodes.Measure, row: str) -> str:
    """Return the sentence on what the total is measured against; empty where it stands by itself."""
    match node.against:
        case None:
            return ""
        case nodes.QuotaTarget(quota=quota, keys=keys):
            whose = listed("yours" if is_the_payee(key) else f"that of {the_field(key, row)}" for key in keys)
            window = node.window
            when = f" of the same {window_name(window)}" if isinstance(window, WindowKind) else ""
            return sentence(
                f"the total is measured against the quota {human(quota)}{when}{whose and f' ({whose})'}: "
                f"100% is reached as soon as the total is as large as the quota"
            )
        case nodes.GrowthTarget(measure=measure, unit=unit):
            return sentence(
                f"the total is measured against what {human(measure)} came to one {unit} earlier: "
                f"100% is reached as soon as the total is as large"
            )
        case nodes.WeightedTarget():
            return ""
        case nodes.FieldRead() | nodes.Constant():
            return sentence(
                f"the total is measured against {operand(node.against, row)}: "
                f"100% is reached as soon as the total is as large"
            )
        case _:
            assert_never(node.against)


def named(node: nodes.Measure) -> Item:
    """Return the sentence on a measure with a name, its rows and its target below it."""
    assert node.name is not None
    if isinstance(node.against, nodes.WeightedTarget):
        return _weighted(node.name, node.against, in_each(node.window))
    assert node.rows is not None
    row = human(node.rows.source.kind)
    return Item(
        text=sentence(
            f"{human(node.name)} is a running total of {what_is_added(node.aggregate, row)}, "
            f"{in_each(node.window)}, {kept_for(node.keys, row)}"
        ),
        below=items(
            rows_of(node.rows.source) + _counted_dates(node.rows),
            *(sentence(f"only if {condition(each, row)}") for each in node.rows.conditions),
            *(item.text for item in (converted(node.rows.convert, row) if node.rows.convert else ())),
            *(item.text for item in credit(node.rows.credit, row)),
            target(node, row),
        ),
    )


def rows_of(source: nodes.FactSource) -> str:
    """Return the sentence on which rows are looked at, by which date."""
    return sentence(f"each {human(source.kind)} counts on its {_dated(source.event)}")


def _dated(event: str) -> str:
    name = human(event)
    return name if name.endswith("date") else f"{name} date"


def _weighted(name: str, target: nodes.WeightedTarget, each: str) -> Item:
    return Item(
        text=sentence(f"{human(name)} is the sum of what is reached of several totals, {each}"),
        below=items(
            *(
                sentence(
                    f"{percent(part.weight)} of the percentage that {human(part.measure)} "
                    "reaches of its target"
                    + (f", which counts up to {percent(part.most)}" if part.most is not None else "")
                )
                for part in target.parts
            )
        ),
    )


def _counted_dates(rows: nodes.MeasureRows) -> str:
    """Return which rows count where those are not the rows of the plan's dates."""
    if rows.effective is None:
        return ""
    return f" Those dated {days(rows.effective)} are counted."
