"""Step 4, accumulate: the running total of a measure before and after each item."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import Expr, over
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, fitted

ORDER = ("dated", "order_by", "fact_id", "turn")
"""What rows of one kind are in order by, as far as they have these columns."""


def accumulate(compilation: Compilation, items: Items, rows: int) -> Relation:
    """Return the items with `after`, the total of the measure with them; without them it is less by `moves`.

    Args:
        rows: how many rows of facts there are at most, which bounds the total.
    """
    rule = items.rule
    source = From(items.relation)
    source.take_all()
    moves = source.num("moves")
    if moves.bottom is not None:
        raise unsupported("sums of shares that do not end", rule.origin, rule.name)
    most = moves.most * max(rows, 1)
    total = over(
        "sum",
        [moves.top],
        partition=[_key(source, name) for name in scope_columns(items.relation)],
        order=in_order(source),
        is_running=True,
        sort=fitted(moves.top, most).sort,
    )
    source.columns["after"] = Number(total, moves.scale, most)
    total_of = rule.measure.text if rule.measure else ""
    comment = f"rule {rule.name}: {total_of}, the total with each row"
    return compilation.add(f"{rule.name}_moved", comment, source, rule=rule)


def in_order(source: From) -> list[Expr]:
    """Return what the rows of a relation are in order by."""
    return [_key(source, name) for name in ORDER if name in source.relation and not is_literal(source[name])]


def _key(source: From, name: str) -> Expr:
    value = source[name]
    return value.expr if isinstance(value, Plain) else value.top
