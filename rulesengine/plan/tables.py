"""Tables: `table product_rate on deal by product, payee.tier { row "crm", any gives 14% }`."""

from __future__ import annotations

from rulesengine.diagnostics import Related, Span
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Role
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
)
from rulesengine.plan import nodes
from rulesengine.plan.context import Context, KindInfo
from rulesengine.plan.names import Sort, given_twice
from rulesengine.plan.operands import check_possible, lower_literal, lower_value
from rulesengine.plan.payee_kinds import payee_kinds_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.readings import lower_reading
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike

_FLAG_WORDS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Key:
    """What is looked up, and where it is declared."""

    read: nodes.FieldRead | nodes.MeasureRead
    declared: Span

    @property
    def typed(self) -> Typed:
        return Typed(self.read, self.declared)


def lower_tables(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, nodes.Table | None]:
    """Return the tables by name; None for one with a mistake."""
    tables: dict[str, nodes.Table | None] = {}
    for block in blocks:
        if isinstance(block, syntax.TableBlock):
            tables.setdefault(block.name.text, context.problems.attempt(_lower_table, context, block))
    return tables


def _lower_table(context: Context, block: syntax.TableBlock) -> nodes.Table:
    context.catalog.find(block.on, Sort.FACT, Sort.PAYEE)
    kind = context.kinds.get(block.on.text)
    field = kind.fields.get(block.name.text) if kind else None
    if field is not None:
        context.problems.add(
            given_twice(block.name.text, block.name.span, field.declared, f"a field of `{field.kind}`")
        )
    facts = context.fact_rows.get(block.on.text)
    scope = Scope(
        context=context,
        row=kind,
        guards=facts.guards if facts else frozenset(),
        reads_measures=True,
        is_calendar=kind is not None and kind.role is Role.PAYEE,
    )
    keys = context.problems.those_that_work(lambda path: _lower_key(scope, path), block.keys)
    if len(keys) != len(block.keys):
        raise Mistake
    rows = context.problems.every(lambda row: _lower_row(scope, row, keys), block.rows)
    _check_values(context, rows)
    return nodes.Table(
        origin=block.name.span,
        name=block.name.text,
        kind=block.on.text,
        keys=tuple(key.read for key in keys),
        rows=rows,
        type=rows[0].value.type,
    )


def _check_values(context: Context, rows: tuple[nodes.TableRow, ...]) -> None:
    first = Typed(rows[0].value, rows[0].value.origin)
    for row in rows[1:]:
        context.problems.attempt(check_alike, first, Typed(row.value, row.value.origin))


def _lower_key(scope: Scope, path: syntax.Path | syntax.MeasureReading) -> Key:
    """Return a key. What `payee` is depends on the rule that reads the table: any kind that has
    the field will do here, and each rule's own kinds are checked where it reads the table."""
    if isinstance(path, syntax.MeasureReading):
        return _lower_total(scope, path)
    first = path.names[0].text
    if first == "payee":
        scope = replace(scope, payees=_kinds_with(scope.context, path))
    if scope.row is not None and first not in {*scope.row.fields, *scope.row.derives}:
        # Where the table is read it is seen whether the rule credits levels.
        scope = replace(scope, has_level=True)
    reading = scope.read(path)
    if isinstance(reading.read.type, TextListType):
        raise mistake(
            "R0401",
            f"a list cannot be looked up in a table, {reading.typed.described}",
            path.span,
            related=(Related(reading.declared, reading.typed.described),),
            hint="use a condition with `has any of`",
        )
    return Key(reading.read, reading.declared)


def _lower_total(scope: Scope, reading: syntax.MeasureReading) -> Key:
    """Return the total of a measure as a key, for the payees that the measure has totals of."""
    measure = scope.context.measures.get(reading.path.text)
    if measure is not None and measure.rows is not None:
        scope = replace(scope, payees=payee_kinds_of(scope.context, (measure.rows.credit,)))
    typed = lower_reading(scope, reading)
    assert isinstance(typed.node, nodes.MeasureRead)
    return Key(typed.node, typed.declared)


def _kinds_with(context: Context, path: syntax.Path) -> tuple[KindInfo, ...]:
    payees = [kind for kind in context.kinds.values() if kind is not None and kind.role is Role.PAYEE]
    if len(path.names) == 1:
        return tuple(payees[:1])
    name = path.names[1].text
    having = [kind for kind in payees if name in kind.fields]
    return tuple(having or payees[:1])


def _lower_row(scope: Scope, row: syntax.TableRow, keys: tuple[Key, ...]) -> nodes.TableRow:
    if len(row.cells) != len(keys):
        raise mistake(
            "R0222",
            f"the table has {_count(len(keys), 'key')}, this row has {_count(len(row.cells), 'cell')}",
            row.span,
            related=tuple(Related(key.read.origin, f"key {n}") for n, key in enumerate(keys, start=1)),
            hint="write one cell for each key; `any` matches everything",
        )
    pairs = tuple(zip(row.cells, keys, strict=True))
    cells = scope.context.problems.those_that_work(lambda pair: _lower_cell(scope.context, *pair), pairs)
    value = scope.context.problems.attempt(_lower_value, scope, row.value)
    if len(cells) != len(pairs) or value is None:
        raise Mistake
    return nodes.TableRow(origin=row.span, cells=cells, value=value)


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _lower_value(scope: Scope, node: syntax.Scalar) -> nodes.Operand:
    if isinstance(node, syntax.Path) and node.names[0].text == "payee":
        scope = replace(scope, payees=_kinds_with(scope.context, node))
    return lower_value(scope, node).node


def _lower_cell(context: Context, cell: syntax.Cell, key: Key) -> nodes.Cell:
    match cell:
        case syntax.AnyCell():
            return nodes.AnyCell(origin=cell.span)
        case syntax.FromCell():
            return _lower_from(context, cell, key.typed)
        case syntax.Text() if isinstance(key.read.type, FlagType):
            if cell.value not in _FLAG_WORDS:
                raise mistake(
                    "R0404",
                    f'`{key.read.text}` is a flag, found "{cell.value}"',
                    cell.span,
                    related=(Related(key.declared, key.typed.described),),
                    hint='write "yes" or "no"',
                )
            return nodes.EqualsCell(origin=cell.span, value=_FLAG_WORDS[cell.value])
        case syntax.Text() | syntax.Number():
            literal = lower_literal(context, cell)
            check_alike(key.typed, literal)
            check_possible(key.typed, literal)
            return nodes.EqualsCell(origin=cell.span, value=cell.value)


def _lower_from(context: Context, cell: syntax.FromCell, key: Typed) -> nodes.FromCell:
    if not isinstance(key.type, MoneyType | NumberType | PercentType | DateType):
        raise mistake(
            "R0401",
            f"`{cell.side}` needs a key that has an order, {key.described}",
            cell.span,
            related=(Related(key.declared, key.described),),
            hint="write the value itself",
        )
    bound = lower_literal(context, cell.bound)
    check_alike(key, bound)
    return nodes.FromCell(origin=cell.span, start=cell.bound.value, is_included=cell.side == "from")
