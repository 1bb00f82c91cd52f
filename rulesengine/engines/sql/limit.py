"""Step 7, limit: caps and floors as differences of a clamped running total.

Works on rounded amounts, award by award, in the order written. What a limit lets through of a row is what
may be paid of the total with it, less what might be of the total without it: window functions, as
long as one limit holds for all rows of a scope. Limits of several versions that hold one total one after
the other are carried out total by total: each finds what the limits before it left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import award_rows, carried_of, fact_of
from rulesengine.engines.sql.calendar import most_rows
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credit import most_payees
from rulesengine.engines.sql.deductions import deduct_line, deductions_of, nothing_yet, take_off
from rulesengine.engines.sql.earned_rows import undoes_lines
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    all_of,
    equal,
    integer,
    is_given,
    text,
)
from rulesengine.engines.sql.floors import floors_of_windows
from rulesengine.engines.sql.held import Taking, let_through
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.look_up_limits import LIMIT, Slot, slots_of
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.unsupported import unsupported
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
    if not any(_steps(version, slots) for version in rule.versions) and not slots:
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
    relation = _changed(compilation, relation, None, rule)
    for slot in _in_order(slots, rule):
        relation = let_through(compilation, relation, slot, rule, _taking(compilation, slot, rule))
        relation = _changed(compilation, relation, slot, rule)
    kept = From(drafts)
    kept.take_all(without=_of_limits(drafts))
    kept.columns["fact"] = fact_of(kept, rule)
    rows = most_rows(compilation, rule) * most_payees(compilation, rule)
    parts = [kept, *_lines(relation, slots, rule), *floors_of_windows(compilation, relation, rule, rows)]
    comment = f"rule {rule.name}: with what its limits take and add"
    made = compilation.add_union(f"{rule.name}_limited", comment, parts, rule=rule)
    return Limited(made, relation)


def _of_limits(relation: Relation) -> list[str]:
    return [name for name in relation.columns if name.startswith(LIMIT)]


# --- order ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """A limit or a deduction of a version, or a factor behind one."""

    place: int
    """Among the adjusters of the version."""
    adjuster: nodes.Adjuster
    slot: Slot | None
    """Of a limit; of what stands behind one, that of the last before it that runs along. None before any."""


def _steps(version: nodes.Version, slots: Sequence[Slot]) -> list[_Step]:
    """Return what happens to an award once it meets the first limit or deduction; floors of windows wait."""
    by_name = {slot.name: slot for slot in slots}
    found: list[_Step] = []
    slot: Slot | None = None
    is_limited = False
    for place, (adjuster, name) in enumerate(zip(version.adjusters, limit_names(version), strict=True)):
        match adjuster:
            case nodes.Limit():
                is_limited = True
                if not by_name[name].is_settled_later:
                    slot = by_name[name]
                    found.append(_Step(place, adjuster, slot))
            case nodes.Deduct():
                is_limited = True
                found.append(_Step(place, adjuster, slot))
            case nodes.Times():
                if is_limited:
                    found.append(_Step(place, adjuster, slot))
            case _:
                assert_never(adjuster)
    return found


def _in_order(slots: Sequence[Slot], rule: nodes.Rule) -> list[Slot]:
    """Return the totals that run along, each after all that decide what it is asked for."""
    before: dict[int, set[int]] = {slot.index: set() for slot in slots if not slot.is_settled_later}
    for version in rule.versions:
        chain = _chain(version, slots)
        for number_of, index in enumerate(chain):
            before[index] |= set(chain[:number_of])
        for index in before.keys() - set(chain):
            # What another version leaves counts towards a limit that it lacks.
            before[index] |= set(chain)
    ordered: list[Slot] = []
    waiting = [slot for slot in slots if slot.index in before]
    while waiting:
        done = {slot.index for slot in ordered}
        ready = next((slot for slot in waiting if before[slot.index] <= done), None)
        if ready is None:
            clause = "an amendment that puts one limit in the place of another"
            raise unsupported(clause, rule.origin, rule.name)
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _chain(version: nodes.Version, slots: Sequence[Slot]) -> list[int]:
    """Return the totals that hold the awards of a version as they come."""
    steps = _steps(version, slots)
    return [step.slot.index for step in steps if step.slot and isinstance(step.adjuster, nodes.Limit)]


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
    is_of_payee = slot.is_per_row and not slot.is_shared
    undoes = undoes_lines(compilation, rule)
    return Taking(
        is_one_amount=is_one or is_of_payee or slot.limit.is_floor,
        has_claims=slot.is_shared and undoes,
        rows=most_rows(compilation, rule) * most_payees(compilation, rule),
    )


# --- factors and deductions ----------------------------------------------------------------------


def _changed(compilation: Compilation, relation: Relation, slot: Slot | None, rule: nodes.Rule) -> Relation:
    """Carry out the factors and deductions that stand behind a limit, before the next one."""
    for index, version in enumerate(rule.versions):
        for step in _steps(version, slots_of(rule)):
            if step.slot != slot or isinstance(step.adjuster, nodes.Limit):
                continue
            source = From(relation)
            source.take_all()
            here = _is_version(source, rule, index)
            if isinstance(step.adjuster, nodes.Deduct):
                take_off(source, step.place, here, rule)
                name, where = f"deducted_{index}_{step.place}", "off the pay"
            else:
                _multiply(source, index, step, here, rule)
                name, where = _name(index, step), "after a limit"
            comment = f"rule {rule.name}: {step.adjuster.text}, {where}"
            relation = compilation.add(f"{rule.name}_{name}", comment, source, rule=rule)
    return relation


def _multiply(source: From, index: int, step: _Step, here: Expr, rule: nodes.Rule) -> None:
    factor = source.num(f"{LIMIT}factor_{step.place}")
    paid = source.num("paid")
    after = rounded(multiply(paid, factor), rule.rounding.step, rule.rounding.mode)
    name = _name(index, step)
    source.columns[f"{name}.asked"] = paid
    left = pick([(all_of([is_given(factor.top), here]), after)], paid)
    source.columns["paid"] = source.columns[f"{name}.left"] = left


def _name(version: int, step: _Step) -> str:
    return f"times_{version}_{step.place}"


def _is_version(source: From, rule: nodes.Rule, index: int) -> Expr:
    return equal(source.num("version").top, integer(index)) if len(rule.versions) > 1 else TRUE


# --- lines ---------------------------------------------------------------------------------------


def _lines(relation: Relation, slots: Sequence[Slot], rule: nodes.Rule) -> list[From]:
    found = []
    for index, version in enumerate(rule.versions):
        for number_of, step in enumerate(_steps(version, slots)):
            source = From(relation)
            source.keep(_is_version(source, rule, index))
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
                    _times_line(source, _name(index, step), f"{LIMIT}factor_{step.place}")
            found.append(source)
    return found


def _limit_line(source: From, slot: Slot) -> None:
    asked, left = source.num(slot.column("asked")), source.num(slot.column("left"))
    change = subtract(left, asked)
    source.keep(compare(left, "<>", asked))
    part = Part.FLOOR if slot.limit.is_floor else Part.CAP
    source.columns |= {
        "part": Plain(text(part.value)),
        "exact": change,
        "amount": change,
        "window": source[slot.column("window")],
        "scope": source[slot.column("scope")],
        "measure_before": source[slot.column("before")],
        "measure_after": source[slot.column("after")],
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
