"""Facts made ready once for all rules: derived fields, what the fact block keeps out, and how rows count.

Columns: `fact_id`; the fields of the row; the same of the row that judges it, behind `root.`; `root_id`;
`counts`, 1 for a row that counts, 0 for one that takes money away; `left_out`, why a `where` of the fact
block keeps it out, null for the others.
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation, stored_relation
from rulesengine.engines.sql.conditions import first_failure
from rulesengine.engines.sql.derived import derived_value
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    first_given,
    integer,
    negated,
    null,
)
from rulesengine.engines.sql.reads import UNKNOWN, Reads, reason_columns
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.model.dates import END
from rulesengine.model.types import MoneyType

MOST = 10**18
"""Derived values stay below it, see `engines/reference/facts.py`."""
ROOT = "root."


def facts_of(compilation: Compilation, kind: str) -> Relation:
    """Return the facts of a kind, made ready; the stage is made when it is first asked for."""
    name = f"facts_{kind}"
    if name not in compilation.relations:
        compilation.relations[name] = _prepared(compilation, kind, name)
    return compilation.relations[name]


def _prepared(compilation: Compilation, kind: str, name: str) -> Relation:
    shape = compilation.kind(kind)
    table = compilation.book.facts[kind]
    undoes = shape.reverses
    if undoes is not None and not table.columns[undoes.name].is_empty:
        raise unsupported(f"rows of `{kind}` that undo others")
    source = From(stored_relation(table, shape, [field.name for field in shape.fields]))
    event = shape.event
    on = source.expr(event.name) if event is not None else null(Sort.DATE)
    reads = Reads(compilation, source, "", first_given([on, day(END)]), kind, key=shape.key.name)
    fields: dict[str, Value] = {field.name: source[field.name] for field in shape.fields}
    for derived in compilation.plan.derived.get(kind, ()):
        reads.problems = []
        value = derived_value(derived, reads)
        if value.most >= MOST * 10**value.scale and value.bottom is None:
            raise unsupported(
                f"`{derived.name}` of {kind}, which may have more than 18 digits", derived.origin
            )
        reads.derived[derived.name] = fields[derived.name] = value
        if reads.problems:
            fields[derived.name + UNKNOWN] = Plain(reason_columns(reads.problems)[1])
    source.columns["fact_id"] = source[shape.key.name]
    source.columns |= fields
    source.columns |= {ROOT + each: value for each, value in fields.items()}
    source.columns["root_id"] = source[shape.key.name]
    source.columns["counts"] = Number(_counts(compilation, kind, source), 0, 1)
    order = compilation.plan.order_by.get(kind)
    if order is not None:
        source.columns["order_by"] = source.columns[f"{ROOT}order_by"] = reads.read(order)
    source.columns["left_out"] = Plain(first_failure(compilation.plan.filters.get(kind, ()), reads))
    return compilation.add(name, f"facts {kind}, with what is derived from them", source)


def _counts(compilation: Compilation, kind: str, source: From) -> Expr:
    """Return 1, and 0 for a row that takes money away: an amount below zero and none above."""
    money = [field for field in compilation.kind(kind).fields if isinstance(field.type, MoneyType)]
    signed = [field for field in money if field.is_signed]
    if not signed:
        return integer(1)
    below = any_of([compared(source.num(field.name).top, "<", integer(0)) for field in signed])
    above = any_of(
        [first_given([compared(source.num(field.name).top, ">", integer(0)), FALSE]) for field in money]
    )
    takes = all_of([first_given([below, FALSE]), negated(above)])
    return chosen([(takes, integer(0))], integer(1))
