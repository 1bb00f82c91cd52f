"""Step 5, rate: what bands pay once: by the row that enters a band, and back by the one that leaves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import Expr, all_of, chosen, compared, equal, integer
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.rate import draft, of_version, rounds_sums
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.switches import OF_TURN, ON, TURN, drafts_of, position_of, turns_of, undone
from rulesengine.engines.sql.values import Number, negate, number, pick
from rulesengine.plan import nodes

PAID = OF_TURN * 7 // 10
"""Behind what the row earns in the bands, and what is taken back."""
BAND = "key_band"

Holds = Callable[[From, nodes.Bands, int], Expr]
"""Whether a total stands so that what a band of a version pays once is due."""


def has_once(items: Items) -> bool:
    """Whether any band pays something once."""
    return bool(_bands(items))


def _bands(items: Items) -> list[int]:
    found = {
        index
        for version in items.versions
        for index, parts in enumerate(version.bands)
        if any(priced.is_once for priced in parts)
    }
    return sorted(found)


def paid_once(
    compilation: Compilation, items: Items, moved: Relation, holds: Holds, *, backwards: bool
) -> list[From]:
    """Return the drafts of what bands pay once, and of what takes it back.

    Below zero everything mirrors: who reaches a band there pays once, and has it back on leaving it.

    Args:
        moved: items with `before` and `after`, the total of the measure without and with them.
        backwards: whether of several parts the last one is taken back first.
    """
    rule = items.rule
    scope = [*scope_columns(moved), BAND]
    rows = _standing(compilation, items, moved, holds)
    turns = turns_of(compilation, rows, scope, rule, "_once")
    parts = [
        _paid(turns, items, version, band, place, scope)
        for version in items.versions
        for band, priced in enumerate(version.bands)
        for place, each in enumerate(priced)
        if each.is_once
    ]
    comment = f"rule {rule.name}: what is paid once, on entering a band"
    paid = compilation.add_union(f"{rule.name}_entering", comment, parts, rule=rule)
    current = {"measure_before": "before", "measure_after": "after"}
    keeps = scope_columns(moved) if rounds_sums(rule) else ()
    back = undone(
        compilation,
        rule,
        _with(compilation, turns, current, rule),
        paid,
        scope,
        [*current],
        keeps,
        backwards=backwards,
    )
    return [drafts_of(paid, scope, keeps), back]


def _with(compilation: Compilation, turns: Relation, names: dict[str, str], rule: nodes.Rule) -> Relation:
    """Return the rows with columns of theirs as drafts name them."""
    source = From(turns)
    source.take_all()
    source.columns |= {name: source[other] for name, other in names.items()}
    comment = f"rule {rule.name}: rows that enter bands or leave them"
    return compilation.add(f"{rule.name}_entering_or_leaving", comment, source, rule=rule)


def _standing(compilation: Compilation, items: Items, moved: Relation, holds: Holds) -> Relation:
    """Return each item for each band that pays something once: 1 or -1 where the total has it, else 0."""
    parts = []
    for band in _bands(items):
        source = From(moved)
        source.take_all()
        whens = []
        for version in items.versions:
            bands = version.version.rate
            if not isinstance(bands, nodes.Bands) or band >= len(bands.bands):
                continue
            test = holds(source, bands, band)
            if len(items.versions) > 1:
                test = all_of([equal(source.num("version").top, integer(version.index)), test])
            whens.append(test)
        after = source.num("after").top
        sign = chosen(
            [(compared(after, ">", integer(0)), integer(1)), (compared(after, "<", integer(0)), integer(-1))],
            integer(0),
        )
        source.columns[ON] = Number(chosen([(test, sign) for test in whens], integer(0)), 0, 1)
        source.columns[BAND] = number(band)
        parts.append(source)
    comment = f"rule {items.rule.name}: whether the total has each band that pays something once"
    return compilation.add_union(f"{items.rule.name}_once_standing", comment, parts, rule=items.rule)


def _paid(
    turns: Relation, items: Items, version: VersionItems, band: int, place: int, scope: Sequence[str]
) -> From:
    """Return the drafts of one part that a band pays once."""
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    priced = version.bands[band][place]
    source = of_version(turns, items, version)
    state = source.num(ON)
    source.keep(compared(state.top, "<>", integer(0)))
    source.keep(equal(source.num(BAND).top, integer(band)))
    amount = source.num(priced.quantity)
    signed = pick([(compared(state.top, "<", integer(0)), negate(amount))], amount)
    index = band * 100 + place
    pays = draft(source, items, priced, signed, index, band=bands.bands[band])
    source.columns["position"] = position_of(source, PAID + index)
    source.columns["place_paid"], source.columns[TURN] = number(index), source[TURN]
    for name in scope:
        source.columns.setdefault(name, source[name])
    if not priced.prize:
        source.keep(pays)
    return source
