"""What has come in for a row: the rows of another kind that refer to it, such as its payments."""

from __future__ import annotations

from rulesengine.engines.sql.amounts import own_quantity, own_reads
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Sort,
    any_of,
    compared,
    day,
    first_given,
    is_given,
    is_null,
    negated,
    over,
)
from rulesengine.engines.sql.facts import KEPT_OUT, ROOT, facts_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import running
from rulesengine.engines.sql.scopes import in_order
from rulesengine.engines.sql.source import row_date
from rulesengine.engines.sql.values import Number, Plain, subtract
from rulesengine.plan import nodes


def received(compilation: Compilation, reaches: nodes.Reaches) -> Relation:
    """Return the rows that refer to others, with what has come in before and with each of them.

    Columns: `owner`, the row that it is for; `key`, `day`; `before` and `after`; `place` among the rows of
    the owner, and `next_day`, the date of the row behind it.
    """
    made = ("received", reaches.kind, reaches.reference, tuple(reaches.amount.names))
    if made not in compilation.relations:
        name = f"received_{reaches.kind}_{reaches.reference}_{'_'.join(reaches.amount.names)}"
        dated = _dated(compilation, reaches, name)
        compilation.relations[made] = _added_up(compilation, dated, name, reaches)
    return compilation.relations[made]


def _dated(compilation: Compilation, reaches: nodes.Reaches, name: str) -> Relation:
    source = From(facts_of(compilation, reaches.kind))
    event = compilation.kind(reaches.kind).event
    assert event is not None
    judged_on = source.expr(ROOT + event.name)
    judge = Reads(compilation, source, ROOT, judged_on, reaches.kind, key="row.root")
    dated, own = row_date(judge, event.name), own_reads(judge, source.expr("row.undoes"))
    owner = first_given([source.expr(reaches.reference), source.expr(ROOT + reaches.reference)])
    source.columns["owner"] = Plain(owner)
    source.columns["fact_id"] = source["fact_id"]
    source.columns["dated"] = Plain(dated)
    if "row.order_by" in source.relation:
        source.columns["row.order_by"] = source["row.order_by"]
    source.columns["amount"] = own_quantity(reaches.amount, own)
    # What has no value counts for nothing.
    source.keep(negated(any_of(each.when for each in own.problems)))
    source.keep(is_null(source.expr(KEPT_OUT)))
    source.keep(is_given(judged_on))
    source.keep(compared(dated, "<=", day(compilation.through)))
    source.keep(is_given(owner))
    comment = f"`{reaches.text}`: rows of {reaches.kind} and the row that each is for"
    return compilation.add(f"{name}_rows", comment, source)


def _added_up(compilation: Compilation, rows: Relation, name: str, reaches: nodes.Reaches) -> Relation:
    source = From(rows)
    partition, order = [source.expr("owner")], in_order(source)
    amount = source.num("amount")
    after = running(amount, partition, order, max(compilation.book.facts[reaches.kind].rows, 1))
    source.columns["owner"] = source["owner"]
    source.columns["key"] = source["fact_id"]
    source.columns["day"] = source["dated"]
    source.columns["before"] = subtract(after, amount)
    source.columns["after"] = after
    place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
    source.columns["place"] = Number(place, 0, 10**9)
    next_day = over("lead", [source.expr("dated")], partition=partition, order=order, sort=Sort.DATE)
    source.columns["next_day"] = Plain(next_day)
    return compilation.add(name, f"`{reaches.text}`: what has come in before and with each row", source)
