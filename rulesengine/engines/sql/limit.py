"""Step 7, limit: caps and floors as differences of a clamped running total.

Works on rounded amounts, award by award, in the order written. What a limit lets through of a row is what
may be paid of the total with it, less what might be of the total without it: window functions, as
long as one limit holds for all rows of a scope. Limits of several versions that hold one total one after
the other are carried out total by total: each finds what the limits before it left. Where no such order
holds for all rows they are carried out row by row (limits_in_turn.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesengine.engines.results import Part
from rulesengine.engines.sql.asking import undoes_awards
from rulesengine.engines.sql.award_rows import award_rows, carried_of, fact_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.deductions import deduct_line, deductions_of, nothing_yet, take_off
from rulesengine.engines.sql.expressions import (
    Expr,
    all_of,
    is_given,
    text,
)
from rulesengine.engines.sql.floors import floors_of_windows
from rulesengine.engines.sql.held import Taking, let_through
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.limit_steps import LimitStep, factor_name, in_order_of_need, is_version, steps_of
from rulesengine.engines.sql.limits_in_turn import in_turn
from rulesengine.engines.sql.look_up_limits import LIMIT, Slot, slots_of
from rulesengine.engines.sql.most import most_items
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.spent import told
from rulesengine.engines.sql.values import Plain, compare, multiply, number, pick, rounded, subtract
from rulesengine.engines.standings import limit_names
from rulesengine.plan import nodes

BEHIND = 10**12
"""Lines of limits stand behind those that they limit."""


@dataclass(frozen=True, slots=True)
class Limited:
    """The drafts with the lines of limits, and the awards with what is left of them, `paid`."""

    drafts: Relation
    awards: Relation | None
    """None for rules without limits."""


def limit(compilation: Compilation, drafts: Relation, items: Items) -> Limited:
    """Return the drafts, and the lines of limits, of deductions and of the factors behind them."""
    rule, slots = items.rule, slots_of(items.rule)
    if not any(steps_of(version, slots) for version in rule.versions) and not slots:
        return Limited(drafts, None)
    asking = drafts
    if any(map(deductions_of, rule.versions)):
        kept = From(drafts)
        kept.take_all()
        comment = f"rule {rule.name}: with a draft of nothing where something is taken off"
        parts = [nothing_yet(items), kept]
        asking = compilation.add_union(f"{rule.name}_taken_off", comment, parts, rule=rule)
    awards = award_rows(compilation, asking, rule, [*carried_of(asking), *_of_limits(asking)])
    source = From(awards)
    source.take_all()
    source.columns["paid"] = source["asked"]
    relation = compilation.add(
        f"{rule.name}_asked", f"rule {rule.name}: what limits are asked", source, rule=rule
    )
    rows = most_items(compilation, rule)
    takings = {slot.index: _taking(compilation, slot, rule) for slot in slots if not slot.is_settled_later}
    ordered = in_order_of_need(slots, rule)
    late = any(each.is_known_late for each in takings.values())
    if ordered is None or late:
        has_claims = undoes_awards(compilation, rule)
        relation = in_turn(compilation, relation, slots, rule, rows, has_claims=has_claims)
    else:
        relation = _changed(compilation, relation, None, rule)
        for slot in ordered:
            relation = let_through(compilation, relation, slot, rule, takings[slot.index])
            relation = _changed(compilation, relation, slot, rule)
    kept = From(drafts)
    kept.take_all(without=_of_limits(drafts))
    kept.columns["fact"] = fact_of(kept, rule)
    parts = [kept, *_lines(relation, slots, rule), *floors_of_windows(compilation, relation, rule, rows)]
    comment = f"rule {rule.name}: with what its limits take and add"
    made = compilation.add_union(f"{rule.name}_limited", comment, parts, rule=rule)
    return Limited(made, relation)


def _of_limits(relation: Relation) -> list[str]:
    return [name for name in relation.columns if name.startswith(LIMIT)]


# --- totals ---------------------------------------------------------------------------------------


def _taking(compilation: Compilation, slot: Slot, rule: nodes.Rule) -> Taking:
    """Return what is known of a total before any row is seen."""
    limits = [
        adjuster
        for version in rule.versions
        for adjuster, name in zip(version.adjusters, limit_names(version), strict=True)
        if isinstance(adjuster, nodes.Limit) and name == slot.name
    ]
    amounts = {each.amount.value if isinstance(each.amount, nodes.Constant) else None for each in limits}
    is_one = len(limits) == len(rule.versions) and len(amounts) == 1 and None not in amounts
    # Lines of one deal may have several earnings, and be judged on several days.
    is_of_lines = isinstance(rule.source, nodes.EarningsSource)
    is_of_payee = slot.is_per_row and not slot.is_shared and not is_of_lines
    undoes = undoes_awards(compilation, rule)
    return Taking(
        is_one_amount=is_one or is_of_payee or slot.limit.is_floor,
        has_claims=slot.is_shared and undoes,
        rows=most_items(compilation, rule),
    )


# --- factors and deductions ----------------------------------------------------------------------


def _changed(compilation: Compilation, relation: Relation, slot: Slot | None, rule: nodes.Rule) -> Relation:
    """Carry out the factors and deductions that stand behind a limit, before the next one."""
    for index, version in enumerate(rule.versions):
        for step in steps_of(version, slots_of(rule)):
            if step.slot != slot or isinstance(step.adjuster, nodes.Limit):
                continue
            source = From(relation)
            source.take_all()
            here = is_version(source, rule, index)
            if isinstance(step.adjuster, nodes.Deduct):
                take_off(source, step.place, here, rule)
                name, where = f"deducted_{index}_{step.place}", "off the pay"
            else:
                _multiply(source, index, step, here, rule)
                name, where = factor_name(index, step), "after a limit"
            comment = f"rule {rule.name}: {step.adjuster.text}, {where}"
            relation = compilation.add(f"{rule.name}_{name}", comment, source, rule=rule)
    return relation


def _multiply(source: From, index: int, step: LimitStep, here: Expr, rule: nodes.Rule) -> None:
    factor = source.num(f"{LIMIT}factor_{step.place}")
    paid = source.num("paid")
    after = rounded(multiply(paid, factor), rule.rounding.step, rule.rounding.mode)
    name = factor_name(index, step)
    source.columns[f"{name}.asked"] = paid
    left = pick([(all_of([is_given(factor.top), here]), after)], paid)
    source.columns["paid"] = source.columns[f"{name}.left"] = left


# --- lines ---------------------------------------------------------------------------------------


def _lines(relation: Relation, slots: Sequence[Slot], rule: nodes.Rule) -> list[From]:
    found = []
    for index, version in enumerate(rule.versions):
        for number_of, step in enumerate(steps_of(version, slots)):
            source = From(relation)
            source.keep(is_version(source, rule, index))
            for name in carried_of(relation):
                source.columns[name] = source[name]
            source.columns["fact"] = fact_of(source, rule)
            source.columns["position"] = number(BEHIND + number_of)
            source.columns["span"] = Plain(text(str(step.adjuster.origin)))
            match step.adjuster:
                case nodes.Limit() if step.slot is not None:
                    _limit_line(source, step.slot)
                case nodes.Deduct():
                    deduct_line(source, step.place, step.adjuster, rule)
                case _:
                    _times_line(source, factor_name(index, step), f"{LIMIT}factor_{step.place}")
            found.append(source)
    return found


def _limit_line(source: From, slot: Slot) -> None:
    asked, left = source.num(slot.column("asked")), source.num(slot.column("left"))
    change = subtract(left, asked)
    before, after = source.num(slot.column("before")), source.num(slot.column("after"))
    if slot.is_shared and not slot.limit.is_floor:
        before, after = told(before, after, source.num(slot.column("amount")))
    source.keep(compare(left, "<>", asked))
    part = Part.FLOOR if slot.limit.is_floor else Part.CAP
    source.columns |= {
        "part": Plain(text(part.value)),
        "exact": change,
        "amount": change,
        "window": source[slot.column("window")],
        "scope": source[slot.column("scope")],
        "measure_before": before,
        "measure_after": after,
        "target": source[slot.column("amount")],
    }


def _times_line(source: From, name: str, factor_name: str) -> None:
    asked, left, factor = source.num(f"{name}.asked"), source.num(f"{name}.left"), source.num(factor_name)
    source.keep(compare(left, "<>", asked))
    source.columns |= {
        "part": Plain(text(Part.TIMES.value)),
        "exact": multiply(asked, subtract(factor, number(1))),
        "amount": subtract(left, asked),
        "base": asked,
        "base_of": Plain(text("what the limit left")),
        "times": factor,
    }
