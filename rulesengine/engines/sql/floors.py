"""Floors of windows: what was paid in a window that is over is lifted to its floor, on its last day."""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import AWARD, BUDGET, in_order
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import DUE
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    equal,
    integer,
    is_given,
    over,
    text,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.look_up_limits import Slot, slots_of
from rulesengine.engines.sql.member_reads import REACHED_BY
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import Number, Plain, add, compare, is_zero, number, rounded, subtract
from rulesengine.engines.standings import limit_names
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes

BEHIND = 2 * 10**12
"""Floors of windows stand behind all other lines."""
MOST_ON_A_DAY = 10**9
"""Of the lines of one floor for one payee."""


def floors_of_windows(compilation: Compilation, awards: Relation, rule: nodes.Rule, rows: int) -> list[From]:
    """Return the lines that lift what was paid in a window to its floor.

    A window that is not over by `through` has none yet, and nor has one with nothing above zero, or
    with no more than the cents that rounding left of rows that were undone. A floor of zero lifts what is
    below zero. The version of the window's last row decides whether there is a floor, and its amount.

    Args:
        awards: with what is `paid` of each after the other limits.
        rows: how many awards there are at most.
    """
    settled = [slot for slot in slots_of(rule) if slot.is_settled_later]
    return [
        _lifted(compilation, awards, slot, rule, rows)
        for slot in settled
        if slot.limit.window is not WindowKind.LIFETIME
    ]


def _lifted(compilation: Compilation, awards: Relation, slot: Slot, rule: nodes.Rule, rows: int) -> From:
    name = f"{rule.name}_window_{slot.index}"
    of_row = [*slot.scope, "row.root"]
    source = From(over_common_bottom(compilation, awards, "earned", of_row, rule))
    source.take_all()
    scope = source.keys(slot.scope)
    source.columns["of_window"] = sum_over(source.num("paid"), scope, rows)
    source.columns["of_row"] = sum_over(source.num("earned"), source.keys(of_row), rows)
    place = over("row_number", [], partition=scope, order=in_order(source), sort=Sort.INT)
    count = over("count", [source.expr("fact_id")], partition=scope, sort=Sort.INT)
    source.columns["is_last"] = Plain(equal(place, count))
    comment = f"rule {rule.name}: what was paid in each window of {slot.limit.text}"
    summed = compilation.add(f"{name}_paid", comment, source, rule=rule)
    source = From(summed)
    source.take_all()
    earns: Expr = chosen([(is_zero(source.num("of_row")), integer(0))], integer(1))
    has_earned = over("max", [earns], partition=source.keys(slot.scope), sort=Sort.INT)
    source.columns["has_earned"] = Number(has_earned, 0, 1)
    settled = compilation.add(f"{name}_settled", comment, source, rule=rule)
    return _line(settled, slot, rule, compilation)


def _line(settled: Relation, slot: Slot, rule: nodes.Rule, compilation: Compilation) -> From:
    source = From(settled)
    paid, amount = source.num("of_window"), source.num(slot.column("amount"))
    end = source.expr(slot.column("end"))
    has_earned = equal(source.num("has_earned").top, integer(1))
    for test in (
        source.expr("is_last"),
        is_given(amount.top),
        compared(end, "<=", day(compilation.through)),
        any_of([is_zero(amount), all_of([has_earned, compared(paid.top, ">", integer(0))])]),
        compare(paid, "<", amount),
    ):
        source.keep(test)
    exact = subtract(amount, paid)
    for name in settled.columns:
        if name.startswith(REACHED_BY):
            continue  # stands on no row, so nobody contributed to it
        if name in ("payee_kind", "payee", "level", "version") or name.startswith((BUDGET, DUE, AWARD)):
            source.columns[name] = source[name]
    source.columns |= {
        "fact": Plain(text("")),
        "fact_id": Plain(text("")),
        "earned_on": Plain(end),
        "part": Plain(text(Part.FLOOR.value)),
        "position": _place(source, slot, end),
        "exact": exact,
        "amount": rounded(exact, rule.rounding.step, rule.rounding.mode),
        "window": source[slot.column("window")],
        "scope": source[slot.column("scope")],
        "measure_before": paid,
        "measure_after": paid,
        "target": amount,
        "span": Plain(_origin(source, slot, rule)),
    }
    return source


def _place(source: From, slot: Slot, end: Expr) -> Number:
    """Return the place of a line: those of one payee and day are in the order of the plan, and of their
    keys."""
    keys = [name for name in slot.scope if name != slot.column("window")]
    order = source.keys([*keys, slot.column("window")])
    one_day = [*source.keys(("payee_kind", "payee")), end]
    place = over("row_number", [], partition=one_day, order=order, sort=Sort.INT)
    return add(number(BEHIND + slot.index * MOST_ON_A_DAY), Number(place, 0, MOST_ON_A_DAY))


def _origin(source: From, slot: Slot, rule: nodes.Rule) -> Expr:
    """Return where the floor of a version is written."""
    whens: list[tuple[Expr, Expr]] = []
    for index, version in enumerate(rule.versions):
        for adjuster, name in zip(version.adjusters, limit_names(version), strict=True):
            if name == slot.name:
                origin = text(str(adjuster.origin))
                if len(rule.versions) == 1:
                    return origin
                whens.append((equal(source.num("version").top, integer(index)), origin))
    return chosen(whens, text(""))
