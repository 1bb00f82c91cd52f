"""Where the total of a measure stood when the deal was paid that a row undoes.

A row that moves the total takes back by going back along it. One that does not, or whose deal did not,
takes back in the bands in which its deal was paid; and so do all where the measure is no sum of what its
rows bring.
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.earned_rows import undoes_lines
from rulesengine.engines.sql.expressions import (
    Expr,
    all_of,
    any_of,
    chosen,
    equal,
    is_given,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Number, Plain, Value, is_zero, pick
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind

DEAL = "as_deal."
"""Before the names of columns as they stand with the deal, where a row takes back in the bands of that."""
IS_AS_DEAL = f"{DEAL}is_undone"
_TOTAL = ("before", "after", "moves", "target", "window_label")


def with_deals(compilation: Compilation, items: Items, cut: Relation, cuts: list[str]) -> Relation:
    """Return the moved items with the totals and parts of rows that decide in which bands they are paid, and
    whether these are those of a deal.

    Args:
        cut: the moved items, with the part of each that lies in each band.
        cuts: the columns of those parts.
    """
    rule = items.rule
    if not undoes_lines(compilation, rule) or not any(map(pays_of_row, items.versions)):
        return cut
    source = From(cut)
    source.take_all()
    deal = source.join_on(cut)
    on: list[Expr] = [source.expr("row.undoes"), negated(deal.expr("row.undoes"))]
    on.append(equal(deal.expr("fact_id"), source.expr("row.root")))
    on += [equal(deal.expr(name), source.expr(name)) for name in ("payee_kind", "payee")]
    source.close(deal, all_of(on))
    is_as_deal = is_given(deal.expr("fact_id"))
    if _is_sum(rule):
        stands = any_of([is_zero(source.num("moves")), is_zero(deal.num("moves"))])
        is_as_deal = all_of([is_as_deal, stands])
    for name in (*_TOTAL, *cuts):
        if name in cut:
            source.columns[DEAL + name] = _either(is_as_deal, deal[name], source[name])
    source.columns[IS_AS_DEAL] = Plain(is_as_deal)
    comment = f"rule {rule.name}: in which bands each row is paid, or takes back what its deal was paid"
    return compilation.add(f"{rule.name}_deals", comment, source, rule=rule)


def _is_sum(rule: nodes.Rule) -> bool:
    kind = rule.measure.aggregate.kind if rule.measure is not None else None
    return kind in (AggregateKind.SUM, AggregateKind.COUNT)


def _either(test: Expr, there: Value, here: Value) -> Value:
    if isinstance(there, Number) and isinstance(here, Number):
        return pick([(test, there)], here)
    assert isinstance(there, Plain) and isinstance(here, Plain)
    return Plain(chosen([(test, there.expr)], here.expr))


def pays_of_row(version: VersionItems) -> bool:
    """Whether a band pays anything that is not of the measure: a share of the row, or for each."""
    return any(is_of_row(priced) for band in version.bands for priced in band)


def is_of_row(priced: PricedPart) -> bool:
    """Whether a part is paid of the row, not of what it moves the measure by."""
    return not (priced.is_once or priced.of_measure or priced.of_target)


def name_of(source: From, name: str, *, is_own: bool = False) -> str:
    """Return the column of what decides in which bands a row is paid.

    Args:
        is_own: whether that is where the row stands itself, whatever it undoes.
    """
    return DEAL + name if DEAL + name in source.relation and not is_own else name


def set_deal(source: From) -> None:
    """Set the columns of a draft that say where the total stood when the deal was paid."""
    if IS_AS_DEAL not in source.relation:
        return
    is_as_deal = source.expr(IS_AS_DEAL)
    shown = {"measure_before": "before", "measure_after": "after", "window": "window_label"}
    for column, name in (shown | {"target": "target"}).items():
        if column in source.columns:
            source.columns[column] = source[DEAL + name]
    said = joined(["as ", source.expr("row.root"), " was paid"])
    readings = source.columns.get("readings")
    earlier = readings.expr if isinstance(readings, Plain) else text("")
    both = chosen([(equal(earlier, text("")), said)], joined([earlier, "; ", said]))
    source.columns["readings"] = Plain(chosen([(is_as_deal, both)], earlier))
