"""What a row moves the measure of its rule by, its goals and its rank; and what of that is refused."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.sql.amounts import OwnReads, own_exchange, own_quantity
from rulesengine.engines.sql.calendar import PAYEE, SINCE
from rulesengine.engines.sql.due import is_dated
from rulesengine.engines.sql.exchange import MEASURE, exchange_column
from rulesengine.engines.sql.look_up_limits import slots_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.scopes import add_counts_in, add_scope
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.source import days_of_rows
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, multiply
from rulesengine.model.change import replace
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes


def moves_of(measure: nodes.Measure, judge: Reads, own: OwnReads, rule: nodes.Rule) -> Number | None:
    """Return what a row of the rule moves its measure by; None for a named one, which its own rows move."""
    if measure.name is None:
        add_counts_in(measure, judge, own.undoes)
        return moves_of_row(measure, judge, own)
    _refuse_named(measure, rule, judge.compilation.plan)
    if measure.read_by is not None:
        # Each payee's rows run on a total of their own, whoever else the measure's keys hold.
        judge.source.columns |= {"key_own": judge.source[PAYEE], SINCE: judge.source[SINCE]}
    if measure.read_by is None and measure.rows is not None and measure.rows.source.kind == judge.kind:
        # What lines show of a conversion, and why there is none: a named measure has its own `convert`.
        moves_of_row(measure, judge, replace(own, convert=measure.rows.convert))
    return None


def add_goals(rule: nodes.Rule, judge: Reads, own: OwnReads) -> None:
    """Add the columns of the goals: the keys that all of them have, what moves each, and its number; and
    those of the rank."""
    columns = judge.source.columns
    within = days_of_rows(rule, judge.compilation.through)
    found: dict[str, Value] = {}
    for index, goal in enumerate(rule.goals):
        prefix = f"goal_{index}_" if index else ""
        _refuse_converting(goal.measure, rule)
        if goal.measure.name is None:
            found[f"{prefix}moves"] = moves_of_row(goal.measure, judge, own)
        if "counted" in columns:
            found[f"{prefix}counted"] = columns.pop("counted")
        found[f"{prefix}least"] = judge.number(goal.least)
    columns |= found
    measures = [goal.measure for goal in rule.goals]
    if measures:
        # All have the same keys, which are those of rows of all kinds where a measure has rows of its own.
        named = (measure for measure in measures if measure.name is not None)
        add_scope(next(named, measures[0]), judge, columns, rule, within)
    if rule.rank is not None:
        _refuse_converting(rule.rank.measure, rule)
        if rule.rank.measure.name is None:
            columns["moves"] = moves_of_row(rule.rank.measure, judge, own)
        add_scope(rule.rank.measure, judge, columns, rule, within)


def moves_of_row(measure: nodes.Measure, judge: Reads, own: OwnReads) -> Number:
    """Return what a row adds to a measure; for a maximum, the value it brings."""
    aggregate = measure.aggregate
    match aggregate.kind:
        case nodes.AggregateKind.COUNT:
            return own.source.num("row.counts")
        case nodes.AggregateKind.COUNT_DISTINCT:
            assert aggregate.read is not None
            own.source.columns["counted"] = Plain(key_text(judge.value(aggregate.read)))
            return own.source.num("row.counts")
        case nodes.AggregateKind.SUM | nodes.AggregateKind.MAX:
            assert aggregate.read is not None
            amount = own_quantity(aggregate.read, own)
            for name, value in own_exchange(aggregate.read, own).items():
                own.source.columns[exchange_column(name, MEASURE)] = value
            share = own.source.columns.get("share")
            if aggregate.share is nodes.CreditShareOf.CREDITED and isinstance(share, Number):
                return multiply(amount, share)
            return amount
        case _:
            assert_never(aggregate.kind)


def _refuse_named(measure: nodes.Measure, rule: nodes.Rule, plan: nodes.Plan) -> None:
    """Refuse what rows that are none of the rule's may switch on, or change the pay of."""
    if measure.read_by is not None:
        return
    rate = rule.versions[0].rate
    rates = [version.rate for version in rule.versions]
    bands = [band for each in rates if isinstance(each, nodes.Bands) for band in each.bands]
    parts = [part for band in bands for part in band.pay.parts]
    again = isinstance(rate, nodes.Bands) and rate.method.trues_up
    is_once = any(isinstance(part, nodes.Once | nodes.Prize) for part in parts)
    is_of_kind = measure.rows is not None and measure.rows.source.kind == rule.fact_kind
    is_foreign = rule.award is not None and not is_of_kind
    if again or is_foreign or (is_once and not _pays_for_others(rule, plan)):
        raise unsupported("tiers that pay rows which a measure does not have", measure.origin, rule.name)


def _pays_for_others(rule: nodes.Rule, plan: nodes.Plan) -> bool:
    """Whether the drafts of a rule need nothing of a row but what rows of its measure have: then rows that
    are none of the rule's can bring them."""
    measure = rule.measure
    return (
        measure is not None
        and measure.rows is not None
        and measure.rows.source.kind == rule.fact_kind
        and isinstance(measure.rows.credit, nodes.CreditTo)
        and rule.award is None
        and not is_dated(rule, plan)
        and not slots_of(rule)
        and rule.rounding.place not in (RoundingPlace.WINDOW, RoundingPlace.BAND)
    )


def _refuse_converting(measure: nodes.Measure, rule: nodes.Rule) -> None:
    """Refuse rows that have to have rates for their days in the rule's window, and need none for others."""
    if measure.rows is not None and measure.rows.convert is not None:
        raise unsupported("goals and ranks by a measure that converts", measure.origin, rule.name)
