"""Facts made ready once for all rules: derived fields, what the fact block keeps out, and how rows count.

Columns: `fact_id`; the fields of the row, in magnitudes where it undoes another; the fields of the row
that judges it, behind `root.`; `row.root`; `row.undoes`, whether it undoes that row; `row.counts`, 1 for a
row that counts, -1 for the first one that undoes a row, 0 for later ones and for a row that takes money
away; `row.left_out`, why a `where` of the fact block keeps it out, null for the others; `row.order_by` and
`root.row.order_by` where the kind has an order.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import first_failure
from rulesengine.engines.sql.derived import derived_columns
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    negated,
    null,
    over,
)
from rulesengine.engines.sql.reads import Reads, reason_columns
from rulesengine.engines.sql.rejects import CODE, Unjudged, reject_columns, rejects_of
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.shares import without_broken_shares
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, absolute
from rulesengine.model.dates import END
from rulesengine.model.schema import RecordKind
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes

ROOT = "root."
COUNTS = "row.counts"
ORDER = "row.order_by"
KEPT_OUT = "row.left_out"


def facts_of(compilation: Compilation, kind: str) -> Relation:
    """Return the facts of a kind, made ready; the stage is made when it is first asked for."""
    made = ("facts", kind)
    if made not in compilation.relations:
        facts = _prepared(compilation, kind, f"facts_{kind}")
        compilation.relations[made] = without_broken_shares(compilation, kind, facts)
    return compilation.relations[made]


def undoes_rows(compilation: Compilation, kind: str) -> bool:
    """Whether any row of a kind undoes another."""
    undoes = compilation.kind(kind).reverses
    return undoes is not None and not compilation.book.facts[kind].columns[undoes.name].is_empty


def _prepared(compilation: Compilation, kind: str, name: str) -> Relation:
    shape = compilation.kind(kind)
    source = From(compilation.stored_facts(kind))
    comment = f"facts {kind}, with what is derived from them"
    fields, unjudged = _read(compilation, shape, source)
    source.columns |= fields
    if not unjudged and not undoes_rows(compilation, kind):
        _as_own_root(shape, source, fields)
        return compilation.add(name, comment, source)
    source.columns |= reject_columns(source, unjudged)
    each = compilation.add(f"{name}_read", comment, source)
    compilation.rejects += rejects_of(compilation, shape, each)
    parts = [_originals(shape, each, list(fields))]
    if undoes_rows(compilation, kind):
        parts.append(_undoing(compilation, shape, each, list(fields)))
    made = f"facts {kind}: each row with the one that judges it, itself or the one it undoes"
    return compilation.add_union(name, made, parts)


def _read(
    compilation: Compilation, shape: RecordKind, source: From
) -> tuple[dict[str, Value], list[Unjudged]]:
    """Return the columns of rows as they stand, each by itself, and why some cannot be judged."""
    event = shape.event
    on = source.expr(event.name) if event is not None else null(Sort.DATE)
    reads = Reads(compilation, source, "", first_given([on, day(END)]), shape.name, key=shape.key.name)
    fields: dict[str, Value] = {field.name: source[field.name] for field in shape.fields}
    unjudged: list[Unjudged] = []
    for derived in compilation.plan.derived.get(shape.name, ()):
        fields |= derived_columns(derived, reads)
        unjudged += Unjudged.of_divisions(reads.problems)
        value = fields[derived.name]
        assert isinstance(value, Number)
        value, too_large = Unjudged.of_size(shape.name, derived.name, value)
        unjudged += too_large
        reads.derived[derived.name] = fields[derived.name] = value
    reads.problems = []
    clash = shape.field("fact_id")
    if clash is not None and not clash.is_key:
        raise unsupported("a field `fact_id` that is not the key")
    fields["fact_id"] = source[shape.key.name]
    fields[COUNTS] = Number(_counts(shape, source), 0, 1)
    order = compilation.plan.order_by.get(shape.name)
    if order is not None:
        fields[ORDER] = reads.read(order)
    fields[KEPT_OUT] = Plain(_kept_out(compilation.plan.filters.get(shape.name, ()), reads))
    return fields, unjudged


def _kept_out(filters: Sequence[nodes.Condition], reads: Reads) -> Expr:
    """Return why the fact block keeps a row out: a condition fails, or reads what has no value; else null."""
    reads.problems = []
    failure = first_failure(filters, reads)
    return first_given([reason_columns(reads.problems)[1], failure]) if reads.problems else failure


def _as_own_root(shape: RecordKind, source: From, fields: dict[str, Value]) -> None:
    """Add the columns of a row that judges itself."""
    source.columns |= {ROOT + name: value for name, value in fields.items() if _is_of_root(name, shape)}
    source.columns["row.root"] = fields["fact_id"]
    source.columns["row.undoes"] = Plain(FALSE)


def _is_of_root(name: str, shape: RecordKind) -> bool:
    """Whether a column is of the row that judges, too: its fields and its place in an order."""
    return name not in (COUNTS, KEPT_OUT) and (name != "fact_id" or shape.key.name == "fact_id")


def _originals(shape: RecordKind, each: Relation, names: list[str]) -> From:
    """Return the rows that undo no other."""
    source = From(each)
    source.columns |= {name: source[name] for name in names}
    _as_own_root(shape, source, {name: source[name] for name in names})
    if CODE in each:
        source.keep(is_null(source.expr(CODE)))
    if shape.reverses is not None:
        source.keep(is_null(source.expr(shape.reverses.name)))
    return source


def _undoing(compilation: Compilation, shape: RecordKind, each: Relation, names: list[str]) -> From:
    """Return the rows that undo others, each with the row that it undoes."""
    assert shape.reverses is not None
    source = From(each)
    undone = source.expr(shape.reverses.name)
    source.keep(is_given(undone))
    root = source.join(each, {"fact_id": undone}, is_left=False)
    if CODE in each:
        source.keep(is_null(source.expr(CODE)))
        source.keep(is_null(root.expr(CODE)))
    source.columns |= {name: source[name] for name in names}
    source.columns |= _magnitudes(compilation, shape, source, root)
    source.columns |= {ROOT + name: root[name] for name in names if _is_of_root(name, shape)}
    source.columns |= {"row.root": root["fact_id"], "row.undoes": Plain(TRUE), KEPT_OUT: root[KEPT_OUT]}
    on = source.expr(shape.event.name) if shape.event is not None else null(Sort.DATE)
    place = over(
        "row_number",
        [],
        partition=[undone],
        order=[first_given([on, day(END)]), source.expr("fact_id")],
        sort=Sort.INT,
    )
    source.columns[COUNTS] = Number(chosen([(equal(place, integer(1)), integer(-1))], integer(0)), 0, 1)
    return source


def _magnitudes(compilation: Compilation, shape: RecordKind, source: From, root: Joined) -> dict[str, Value]:
    """Return the numbers of rows without their signs, and what is derived from these: how a row that
    undoes another is measured, whatever sign its file gives it."""
    event = shape.event
    on = root.expr(event.name) if event is not None else null(Sort.DATE)
    reads = Reads(compilation, source, "", first_given([on, day(END)]), shape.name, key="fact_id")
    for field in shape.fields:
        value = source[field.name]
        if isinstance(value, Number):
            reads.derived[field.name] = absolute(value)
    found = dict(reads.derived)
    for derived in compilation.plan.derived.get(shape.name, ()):
        found |= derived_columns(derived, reads)
    return found


def _counts(shape: RecordKind, source: From) -> Expr:
    """Return 1, and 0 for a row that takes money away: an amount below zero and none above."""
    money = [field for field in shape.fields if isinstance(field.type, MoneyType)]
    signed = [field for field in money if field.is_signed]
    if not signed:
        return integer(1)
    below = any_of([compared(source.num(field.name).top, "<", integer(0)) for field in signed])
    above = any_of(
        [first_given([compared(source.num(field.name).top, ">", integer(0)), FALSE]) for field in money]
    )
    takes = all_of([first_given([below, FALSE]), negated(above)])
    return chosen([(takes, integer(0))], integer(1))
