"""What a total is held against: a quota, a field or an amount, as of a row."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.dates import window_label, window_start
from rulesengine.engines.sql.expressions import (
    FALSE,
    Column,
    Expr,
    Sort,
    any_of,
    integer,
    is_null,
    joined,
    text,
)
from rulesengine.engines.sql.expressions import compared as compare_integers
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import Relation
from rulesengine.engines.sql.shown import key_text, plain_text
from rulesengine.engines.sql.values import Number, Plain, Value, number, otherwise
from rulesengine.model.stored_book import AMOUNT, START, quota_key
from rulesengine.plan import nodes


def target_of(against: nodes.Target | None, judge: Reads, dated: Value) -> Number | None:
    """Return the target of a total for a row; a row that has none earns nothing.

    Args:
        dated: the row's own date; where it has no quota then, that of the date it is judged on counts.
    """
    assert isinstance(dated, Plain)
    match against:
        case None:
            return None
        case nodes.QuotaTarget():
            return _quota(against, judge, dated.expr)
        case nodes.FieldRead() | nodes.Constant():
            value = judge.number(against)
            below = any_of([is_null(value.top), compare_integers(value.top, "<=", integer(0))])
            words = joined([f"{against.text} is ", plain_text(value)])
            missing = text(f"{against.text} is missing")
            judge.problem(is_null(value.top), Reason.NO_QUOTA, missing)
            judge.problem(below, Reason.NO_QUOTA, words)
            return value
        case nodes.GrowthTarget():
            from rulesengine.engines.sql.total_reads import growth_target

            return growth_target(against, judge, dated.expr)
        case nodes.WeightedTarget(parts=parts):
            for part in parts:
                target_of(part.against, judge, dated)
            return number(1)
        case _:
            assert_never(against)


def _quota(against: nodes.QuotaTarget, judge: Reads, dated: Expr) -> Number:
    """Return the quota of the window that the row's own date lies in, or that of the row it undoes: what was
    paid against a quota is taken back even where none follows it."""
    compilation = judge.compilation
    shape = compilation.plan.schema.quotas[against.quota]
    plan = compilation.plan
    keys = [key_text(judge.read(key)) for key in against.keys]
    on = {quota_key(place): key for place, key in enumerate(keys, start=1)}

    def on_day(day: Expr) -> Number:
        start = window_start(day, shape.window, plan.fiscal, plan.effective)
        return judge.source.join(_quotas(compilation, against.quota), {**on, START: start}).num(AMOUNT)

    found = on_day(dated)
    source = judge.source
    if dated != judge.day and "row.undoes" in source.relation and source.expr("row.undoes") != FALSE:
        found = otherwise(found, on_day(judge.day))
    pieces = [piece for key in keys for piece in (", ", key)][1:]
    label = window_label(dated, shape.window, plan.fiscal)
    detail = joined([f"no {against.text} for ", *pieces, " in ", label])
    judge.problem(is_null(found.top), Reason.NO_QUOTA, detail)
    return found


def _quotas(compilation: Compilation, name: str) -> Relation:
    table = compilation.book.quotas[name]
    shape = compilation.plan.schema.quotas[name]
    columns: dict[str, Value] = {
        quota_key(place): Plain(Column("", quota_key(place), Sort.TEXT))
        for place in range(1, len(shape.keys) + 1)
    }
    columns[START] = Plain(Column("", START, Sort.DATE))
    amount = table.columns[AMOUNT]
    sort = Sort.WIDE if amount.is_wide else Sort.INT
    columns[AMOUNT] = Number(Column("", AMOUNT, sort), amount.scale, amount.most)
    return Relation(table.name, columns)
