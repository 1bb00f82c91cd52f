"""What a total is held against: a quota, a field or an amount, as of a row."""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.dates import window_label, window_start
from rulesengine.engines.sql.expressions import Column, Sort, any_of, integer, is_null, joined, text
from rulesengine.engines.sql.expressions import compared as compare_integers
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import Relation
from rulesengine.engines.sql.shown import key_text, plain_text
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.model.stored_book import AMOUNT, START, quota_key
from rulesengine.plan import nodes


def target_of(against: nodes.Target | None, judge: Reads, dated: Value, rule: nodes.Rule) -> Number | None:
    """Return the target of a total for a row; a row that has none earns nothing."""
    match against:
        case None:
            return None
        case nodes.QuotaTarget():
            return _quota(against, judge, dated)
        case nodes.FieldRead() | nodes.Constant():
            value = judge.number(against)
            below = any_of([is_null(value.top), compare_integers(value.top, "<=", integer(0))])
            words = joined([f"{against.text} is ", plain_text(value)])
            missing = text(f"{against.text} is missing")
            judge.problem(is_null(value.top), Reason.NO_QUOTA, missing)
            judge.problem(below, Reason.NO_QUOTA, words)
            return value
        case _:
            raise unsupported(f"`{against.text}` as a target", against.origin, rule.name)


def _quota(against: nodes.QuotaTarget, judge: Reads, dated: Value) -> Number:
    """Return the quota of the window that the row's own date lies in."""
    compilation = judge.compilation
    shape = compilation.plan.schema.quotas[against.quota]
    plan = compilation.plan
    assert isinstance(dated, Plain)
    keys = [key_text(judge.read(key)) for key in against.keys]
    on = {quota_key(number): key for number, key in enumerate(keys, start=1)}
    on[START] = window_start(dated.expr, shape.window, plan.fiscal, plan.effective)
    found = judge.source.join(_quotas(compilation, against.quota), on).num(AMOUNT)
    pieces = [piece for key in keys for piece in (", ", key)][1:]
    label = window_label(dated.expr, shape.window, plan.fiscal)
    detail = joined([f"no {against.text} for ", *pieces, " in ", label])
    judge.problem(is_null(found.top), Reason.NO_QUOTA, detail)
    return found


def _quotas(compilation: Compilation, name: str) -> Relation:
    table = compilation.book.quotas[name]
    shape = compilation.plan.schema.quotas[name]
    columns: dict[str, Value] = {
        quota_key(number): Plain(Column("", quota_key(number), Sort.TEXT))
        for number in range(1, len(shape.keys) + 1)
    }
    columns[START] = Plain(Column("", START, Sort.DATE))
    amount = table.columns[AMOUNT]
    sort = Sort.WIDE if amount.is_wide else Sort.INT
    columns[AMOUNT] = Number(Column("", AMOUNT, sort), amount.scale, amount.most)
    return Relation(table.name, columns)
