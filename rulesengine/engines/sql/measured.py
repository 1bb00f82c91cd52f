"""Step 5, rate, for a plain `pay` on what each row moves a measure by."""

from __future__ import annotations

from rulesengine.engines.measures import is_nothing
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.accumulate import with_before
from rulesengine.engines.sql.bands import Slice
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.counting import counted_columns, counted_words, words
from rulesengine.engines.sql.expressions import Expr, all_of, negated, text
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.rate import (
    NTH,
    add_outcome,
    draft,
    of_version,
    outcome,
    paid_share,
    pays_nothing,
    quantity_of,
    why_nothing,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import add, number, pick, subtract


def rate_measured(compilation: Compilation, items: Items, moves: Relation) -> Relation:
    """Return what each item earns under a plain `pay` on what it moves a measure by."""
    parts = []
    rule = items.rule
    moves = with_before(compilation, moves, rule)
    for version in items.versions:
        zeros: list[Expr] = []
        earlier = number(0)
        for place, priced in enumerate(version.bands[0] if version.bands else ()):
            source = of_version(moves, items, version)
            cut = _whole(source)
            if priced.of_measure or priced.of_target:
                quantity = paid_share(priced, source, items, quantity_of(priced, source, cut))
            else:
                quantity = source.num(priced.quantity)
            pays = draft(source, items, priced, quantity, place)
            source.columns[NTH] = earlier
            if priced.counting is not None and priced.of_measure:
                source.columns |= counted_columns(priced, source, cut.before, cut.after)
            zeros.append(negated(pays))
            source.keep(pays)
            earlier = add(earlier, pick([(pays, number(1))], number(0)))
            parts.append(source)
        _earns_nothing(compilation, items, version, moves, all_of(zeros))
    parts = parts or [pays_nothing(moves)]
    comment = f"rule {rule.name}: what each row earns of what it moves the total by"
    return compilation.add_union(f"{rule.name}_drafts", comment, parts, rule=rule)


def _whole(source: From) -> Slice:
    before, after = source.num("before"), source.num("after")
    return Slice(subtract(after, before), before, after)


def _earns_nothing(
    compilation: Compilation, items: Items, version: VersionItems, moves: Relation, test: Expr
) -> None:
    """Note down the items whose pay comes to nothing, and what is counted if anything is."""
    source = of_version(moves, items, version)
    source.keep(test)
    cut = _whole(source)
    parts = version.bands[0] if version.bands else ()
    counted = [
        words(priced.counting, source, cut.before, cut.after)
        for priced in parts
        if priced.counting is not None and priced.of_measure
    ]
    detail = counted_words(counted[:1]) if counted else text(is_nothing(version.version.rate))
    outcome(source, items, *why_nothing(source, version, text(Reason.ZERO.value), detail))
    add_outcome(compilation, items, version, source)
