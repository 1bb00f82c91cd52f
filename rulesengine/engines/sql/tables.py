"""Tables of the plan: rows of literals, joined on their keys.

A table becomes one relation for each pattern of its text columns that are `any`, joined on those that
are not, so that a row of facts finds its rate by equality however long the table is. A column with
lower ends is cut into pieces that do not overlap, and is compared in the same join.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_null,
    negated,
    null,
    surely,
)
from rulesengine.engines.sql.reads import Reads, constant
from rulesengine.engines.sql.relations import Joined, Relation
from rulesengine.engines.sql.table_pieces import pieces_of
from rulesengine.engines.sql.values import Number, Plain, Value, at_scale, compare, expr_of, pick
from rulesengine.plan import nodes

_PLACE = "@row"
"""The first row of the table that has these texts and matches: the earlier one answers."""
_VALUE = "@value"
ENDS = ("@low", "@low_in", "@high", "@high_in", "@any")
"""Columns of a piece of a column with lower ends, before its number."""


def table_value(reads: Reads, table: nodes.Table) -> Value:
    """Return the value that a table gives for the row: the first that matches, nearest lower end first."""
    keys = [reads.value(key) for key in table.keys]
    ranged = [
        column
        for column in range(len(keys))
        if any(isinstance(row.cells[column], nodes.FromCell) for row in table.rows)
    ]
    texts = [column for column in range(len(keys)) if column not in ranged]
    patterns: dict[tuple[int, ...], list[int]] = {}
    for place, row in enumerate(table.rows):
        given = tuple(column for column in texts if isinstance(row.cells[column], nodes.EqualsCell))
        patterns.setdefault(given, []).append(place)
    found = [
        _joined(reads, table, number, given, places, ranged, keys)
        for number, (given, places) in enumerate(patterns.items())
    ]
    return _first(found, reads, table)


def _first(found: Sequence[Joined], reads: Reads, table: nodes.Table) -> Value:
    """Return the value of the pattern whose row stands first, among those that matched."""
    places = [each.num(_PLACE).top for each in found]
    first = places[0] if len(places) == 1 else Call("least", tuple(places), Sort.INT)
    tests = [equal(place, first) for place in places]
    if all(isinstance(row.value, nodes.Constant) for row in table.rows):
        values = [each[_VALUE] for each in found]
        if len(values) == 1:
            return values[0]
        numbers = [value for value in values if isinstance(value, Number)]
        if numbers:
            return pick(list(zip(tests[:-1], numbers[:-1], strict=True)), numbers[-1])
        plain = [value.expr for value in values if isinstance(value, Plain)]
        return Plain(chosen(zip(tests[:-1], plain[:-1], strict=True), plain[-1]))
    answers = [each.num(_VALUE).top for each in found]
    row_number = (
        answers[0] if len(answers) == 1 else chosen(zip(tests[:-1], answers[:-1], strict=True), answers[-1])
    )
    return _by_row(row_number, reads, table)


def _by_row(row_number: Expr, reads: Reads, table: nodes.Table) -> Value:
    """Return what the operand of a row gives, for tables whose values are not all written in the plan."""
    whens: list[tuple[Expr, Number]] = []
    for place, row in enumerate(table.rows):
        here = equal(row_number, integer(place))
        with reads.within(here):
            whens.append((here, reads.number(row.value)))
    return pick(whens[:-1], whens[-1][1])


def _joined(
    reads: Reads,
    table: nodes.Table,
    number: int,
    given: tuple[int, ...],
    places: list[int],
    ranged: list[int],
    keys: Sequence[Value],
) -> Joined:
    """Join the rows of one pattern on the keys that it gives."""
    relation, scales = _relation(reads.compilation, table, number, given, places, ranged, keys)
    key = ("table", relation.name, *(repr(value) for value in keys))
    if key in reads.source.ranged:
        return reads.source.ranged[key]
    joined = reads.source.join_on(relation)
    tests = [_equals(joined[f"key_{column + 1}"], keys[column], scales.get(column)) for column in given]
    tests += [_inside(joined, keys[column], scales.get(column), column) for column in ranged]
    reads.source.close(joined, all_of(tests))
    reads.source.ranged[key] = joined
    return joined


def _equals(cell: Value, key: Value, scale: int | None) -> Expr:
    if isinstance(cell, Number) and isinstance(key, Number) and key.bottom is not None:
        return surely(compare(key, "=", cell))
    if isinstance(key, Plain):
        return equal(expr_of(cell), key.expr)
    return equal(expr_of(cell), key.top if scale is None else at_scale(key, scale).top)


def _inside(joined: Joined, key: Value, scale: int | None, column: int) -> Expr:
    """Return whether a key lies in a piece of a column with lower ends."""
    low, low_in, high, high_in, anyhow = (joined[f"{end}_{column + 1}"] for end in ENDS)

    def is_beyond(operator: str, end: Value) -> Expr:
        if isinstance(key, Number) and isinstance(end, Number):
            if key.bottom is None and scale is not None:
                return compared(at_scale(key, scale).top, operator, end.top)
            return compare(key, operator, end)
        return compared(expr_of(key), operator, expr_of(end))

    def touches(end: Value, is_in: Value) -> Expr:
        return all_of([expr_of(is_in), is_beyond("=", end)])

    above = any_of([is_null(expr_of(low)), is_beyond(">", low), touches(low, low_in)])
    below = any_of([is_null(expr_of(high)), is_beyond("<", high), touches(high, high_in)])
    is_missing = is_null(expr_of(key))
    return any_of([all_of([is_missing, expr_of(anyhow)]), all_of([negated(is_missing), above, below])])


def _relation(
    compilation: Compilation,
    table: nodes.Table,
    number: int,
    given: tuple[int, ...],
    places: list[int],
    ranged: list[int],
    keys: Sequence[Value],
) -> tuple[Relation, dict[int, int]]:
    """Return the relation of one pattern, and the scales that its number keys are compared at."""
    scales = {
        column: max(key.scale, *(_scale(row.cells[column]) for row in table.rows))
        for column, key in enumerate(keys)
        if isinstance(key, Number)
    }
    name = f"table_{table.name}" + (f"_{number + 1}" if number else "")
    suffix = "".join(f"_{scales[column]}" for column in sorted(scales))
    name += f"_scale{suffix}" if suffix else ""
    made = ("table", table.name, number, tuple(sorted(scales.items())))
    if made in compilation.relations:
        return compilation.relations[made], scales
    rows: list[list[Literal]] = []
    most = dict.fromkeys(scales, 1)
    kinds = {column: _cell_sort(keys[column]) for column in range(len(keys))}
    is_constant = all(isinstance(row.value, nodes.Constant) for row in table.rows)
    values = _values(table) if is_constant else None
    for texts, group in _by_texts(table, given, places).items():
        for piece in pieces_of(table, group, ranged):
            row = [
                _literal(text, kinds[column], scales.get(column), most, column)
                for column, text in zip(given, texts, strict=True)
            ]
            row.append(integer(piece.first))
            row.append(values[1][piece.row] if values else integer(piece.row))
            for column, span in zip(ranged, piece.spans, strict=True):
                sort, scale = kinds[column], scales.get(column)
                row.append(_literal(span.low, sort, scale, most, column))
                row.append(Literal(span.low_in, Sort.FLAG))
                row.append(_literal(span.high, sort, scale, most, column))
                row.append(Literal(span.high_in, Sort.FLAG))
                row.append(Literal(span.is_any, Sort.FLAG))
            rows.append(row)
    columns: dict[str, Value] = {
        f"key_{column + 1}": _column(kinds[column], scales.get(column), most.get(column, 0))
        for column in given
    }
    columns[_PLACE] = Number(null(Sort.INT), 0, len(table.rows))
    columns[_VALUE] = values[0] if values else Number(null(Sort.INT), 0, len(table.rows))
    for column in ranged:
        end = _column(kinds[column], scales.get(column), most.get(column, 0))
        flag = Plain(null(Sort.FLAG))
        for part, value in zip(ENDS, (end, flag, end, flag, flag), strict=True):
            columns[f"{part}_{column + 1}"] = value
    comment = f"table {table.name} ({table.origin})"
    compilation.relations[made] = compilation.add_rows(name, comment, columns, rows)
    return compilation.relations[made], scales


def _values(table: nodes.Table) -> tuple[Value, list[Literal]]:
    """Return the values of a table whose values are all literals, at one scale, and their column."""
    found = [constant(row.value) for row in table.rows if isinstance(row.value, nodes.Constant)]
    numbers = [value for value in found if isinstance(value, Number)]
    if not numbers:
        literals = [value.expr for value in found if isinstance(value, Plain)]
        kept = [each for each in literals if isinstance(each, Literal)]
        return Plain(null(kept[0].sort)), kept
    scale = max(value.scale for value in numbers)
    raised = [at_scale(value, scale) for value in numbers]
    most = max(value.most for value in raised)
    tops = [value.top for value in raised if isinstance(value.top, Literal)]
    return Number(null(Sort.INT), scale, most), tops


def _by_texts(
    table: nodes.Table, given: tuple[int, ...], places: list[int]
) -> dict[tuple[object, ...], list[int]]:
    """Group the rows of a pattern by the texts that they ask for."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place in places:
        cells = [table.rows[place].cells[column] for column in given]
        texts = tuple(cell.value for cell in cells if isinstance(cell, nodes.EqualsCell))
        groups.setdefault(texts, []).append(place)
    return groups


def _cell_sort(key: Value) -> Sort:
    return key.expr.sort if isinstance(key, Plain) else Sort.INT


def _scale(cell: nodes.Cell) -> int:
    value = (
        cell.value
        if isinstance(cell, nodes.EqualsCell)
        else cell.start
        if isinstance(cell, nodes.FromCell)
        else None
    )
    if not isinstance(value, Decimal):
        return 0
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _literal(value: object, sort: Sort, scale: int | None, most: dict[int, int], column: int) -> Literal:
    if isinstance(value, Decimal) and not isinstance(value, bool):
        top = int(value.scaleb(scale or 0))
        most[column] = max(most.get(column, 0), abs(top))
        return integer(top)
    if value is None or isinstance(value, str | bool | date):
        return Literal(value, sort)
    raise TypeError(f"{value!r} in a table")


def _column(sort: Sort, scale: int | None, most: int) -> Value:
    return Plain(null(sort)) if scale is None else Number(null(Sort.INT), scale, most)
