"""Arrow tables of a run, with stated schemas, rows in one order.

Amounts and the numbers of the trace are decimal128(38, 12). No currency has more than four minor
digits, and a step that lines are rounded to, where the statement rounds the total, no more than 12.
A number of the trace that does not end within 12 decimals stands there rounded half_even, and in full
in the column `fractions`. The words of the trace are no column: they are made from the line whenever they
are asked for. A number that is not given is null; a name that is not given is the empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from rulesengine.diagnostics import Diagnostic, InternalError, Rejected
from rulesengine.engines.results import Line, Outcome, Part
from rulesengine.model.book import Reject
from rulesengine.model.exact import ZERO, as_text, from_text
from rulesengine.statements.assemble import Entry, Statement, order_key
from rulesengine.statements.fractions import fractions_text, read_fractions, shown
from rulesengine.statements.names import statement_file
from rulesengine.statements.terms import Terms
from rulesengine.statements.trace import trace

AMOUNT = pa.decimal128(38, 12)
NUMBER = pa.decimal128(38, 12)

_COLUMNS: tuple[tuple[str, pa.DataType, Callable[[Line], object]], ...] = (
    ("rule", pa.string(), lambda line: line.rule),
    ("kind", pa.string(), lambda line: line.kind),
    ("part", pa.string(), lambda line: line.part.value),
    ("part_number", pa.int32(), lambda line: line.part_number),
    ("part_count", pa.int32(), lambda line: line.part_count),
    ("fact", pa.string(), lambda line: line.fact),
    ("fact_id", pa.string(), lambda line: line.fact_id),
    ("earned_on", pa.date32(), lambda line: line.earned_on),
    ("payable_on", pa.date32(), lambda line: line.payable_on),
    ("window", pa.string(), lambda line: line.window),
    ("scope", pa.string(), lambda line: line.scope),
    ("measure_before", NUMBER, lambda line: shown(line.measure_before)),
    ("measure_after", NUMBER, lambda line: shown(line.measure_after)),
    ("measure_unit", pa.string(), lambda line: line.measure_unit),
    ("target", NUMBER, lambda line: shown(line.target)),
    ("band_from", NUMBER, lambda line: shown(line.band_from)),
    ("band_above", pa.bool_(), lambda line: line.band_above),
    ("towards_next", NUMBER, lambda line: shown(line.towards_next)),
    ("base", NUMBER, lambda line: shown(line.base)),
    ("base_of", pa.string(), lambda line: line.base_of),
    ("base_how", pa.string(), lambda line: line.base_how),
    ("original", NUMBER, lambda line: shown(line.original)),
    ("original_currency", pa.string(), lambda line: line.original_currency),
    ("converted", NUMBER, lambda line: shown(line.converted)),
    ("exchange_rate", NUMBER, lambda line: shown(line.exchange_rate)),
    ("exchange_how", pa.string(), lambda line: line.exchange_how),
    ("exchange_on", pa.date32(), lambda line: line.exchange_on),
    ("exchange_rates", pa.string(), lambda line: line.exchange_rates),
    ("share", NUMBER, lambda line: shown(line.share)),
    ("level", pa.int32(), lambda line: line.level),
    ("rate", NUMBER, lambda line: shown(line.rate)),
    ("rate_before", NUMBER, lambda line: shown(line.rate_before)),
    ("units", NUMBER, lambda line: shown(line.units)),
    ("days", pa.int32(), lambda line: line.days),
    ("days_of", pa.int32(), lambda line: line.days_of),
    ("times", NUMBER, lambda line: shown(line.times)),
    ("counted_before", NUMBER, lambda line: shown(line.counted_before)),
    ("counted_after", NUMBER, lambda line: shown(line.counted_after)),
    ("counted_above", NUMBER, lambda line: shown(line.counted_above)),
    ("counted_unit", pa.string(), lambda line: line.counted_unit),
    ("package", NUMBER, lambda line: shown(line.package)),
    ("package_full", pa.bool_(), lambda line: line.package_full),
    ("rounded_from", NUMBER, lambda line: shown(line.rounded_from)),
    ("whole", AMOUNT, lambda line: line.whole),
    ("weight", NUMBER, lambda line: shown(line.weight)),
    ("weights", NUMBER, lambda line: shown(line.weights)),
    ("shared", AMOUNT, lambda line: line.shared),
    ("left_over", AMOUNT, lambda line: line.left_over),
    ("part_share", NUMBER, lambda line: shown(line.part_share)),
    ("part_how", pa.string(), lambda line: line.part_how),
    ("exact", NUMBER, lambda line: shown(line.exact)),
    ("amount", AMOUNT, lambda line: line.amount),
    ("currency", pa.string(), lambda line: line.currency),
    ("paid", AMOUNT, lambda line: line.paid),
    ("paid_currency", pa.string(), lambda line: line.paid_currency),
    ("paid_rate", NUMBER, lambda line: shown(line.paid_rate)),
    ("paid_how", pa.string(), lambda line: line.paid_how),
    ("paid_on", pa.date32(), lambda line: line.paid_on),
    ("paid_rates", pa.string(), lambda line: line.paid_rates),
    ("corrects", pa.string(), lambda line: line.corrects),
    ("from_line", pa.string(), lambda line: line.from_line),
    ("memo", pa.bool_(), lambda line: line.memo),
    ("prize", pa.string(), lambda line: line.prize),
    ("readings", pa.string(), lambda line: line.readings),
    ("span", pa.string(), lambda line: line.span),
    ("step", pa.int32(), lambda line: line.step),
    ("sequence", pa.int32(), lambda line: line.sequence),
)
"""The columns of a line that are its own, in the order of the table."""
_AMOUNTS = ("whole", "shared", "left_over", "amount", "paid")
"""Those that are rounded, and always end."""
_DECIMALS = tuple(name for name, type_, _ in _COLUMNS if type_ == NUMBER)
_NUMBERS = tuple(name for name in _DECIMALS if name not in _AMOUNTS)


def _schema(*fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, type_) for name, type_ in fields])


LINES = _schema(
    ("line_id", pa.string()),
    ("payee_kind", pa.string()),
    ("payee", pa.string()),
    ("period", pa.string()),
    *((name, type_) for name, type_, _ in _COLUMNS),
    ("fractions", pa.string()),
)
OTHER_LINES = LINES.append(pa.field("due", pa.string()))
"""Lines outside the period: `due` is earlier, later or waiting."""
STATEMENTS = _schema(
    ("payee_kind", pa.string()),
    ("payee", pa.string()),
    ("period", pa.string()),
    ("first_day", pa.date32()),
    ("last_day", pa.date32()),
    ("lines", pa.int32()),
    ("prizes", pa.int32()),
    ("total", AMOUNT),
    ("brought_forward", AMOUNT),
    ("carried_forward", AMOUNT),
    ("owed_before", AMOUNT),
    ("owed_after", AMOUNT),
    ("currency", pa.string()),
    ("file", pa.string()),
)
REJECTS = _schema(
    ("kind", pa.string()),
    ("file", pa.string()),
    ("row", pa.int64()),
    ("key", pa.string()),
    ("field", pa.string()),
    ("value", pa.string()),
    ("code", pa.string()),
    ("reason", pa.string()),
)
NOT_EARNING = _schema(
    ("rule", pa.string()),
    ("payee_kind", pa.string()),
    ("payee", pa.string()),
    ("fact", pa.string()),
    ("fact_id", pa.string()),
    ("dated", pa.date32()),
    ("reason", pa.string()),
    ("detail", pa.string()),
)
PAYEES = _schema(("payee_kind", pa.string()), ("payee", pa.string()))
SCHEMAS = {
    "lines": LINES,
    "other_lines": OTHER_LINES,
    "statements": STATEMENTS,
    "not_earning": NOT_EARNING,
    "rejects": REJECTS,
    "payees": PAYEES,
}
"""Of each table of a run folder, by the table's name."""


def lines_table(entries: Iterable[Entry], terms: Terms, due: dict[str, str] | None = None) -> pa.Table:
    """Return lines as a table, in the order of `assemble.order_key`.

    Args:
        entries: lines with their traces.
        terms: of the plan that made them.
        due: for lines outside the period, by id, why they are: adds the column `due`.

    Raises:
        Rejected: R1205, a number is too large for its column.
    """
    key = order_key(terms)
    ordered = sorted(entries, key=lambda entry: key(entry.line))
    columns: list[list[object]] = [
        [entry.line_id for entry in ordered],
        [entry.line.payee_kind for entry in ordered],
        [entry.line.payee for entry in ordered],
        [_period(entry.line, terms) for entry in ordered],
        *([read(entry.line) for entry in ordered] for _, _, read in _COLUMNS),
        [fractions_of(entry.line) for entry in ordered],
    ]
    owners = [_owner(entry.line) for entry in ordered]
    if due is None:
        return _table(LINES, columns, owners)
    return _table(OTHER_LINES, [*columns, [due[entry.line_id] for entry in ordered]], owners)


def statements_table(statements: Sequence[Statement]) -> pa.Table:
    """Return one row a statement; `file` is where its texts are in the run folder, without ending.

    Raises:
        Rejected: R1205, a total is too large for its column.
    """
    return _rows(
        STATEMENTS,
        [
            (
                statement.payee_kind,
                statement.payee,
                statement.period,
                statement.days.start,
                statement.days.end,
                sum(len(group.entries) for group in statement.groups),
                sum(len(group.entries) for group in statement.prizes),
                statement.total,
                *_balances(statement),
                statement.currency,
                statement_file(statement.payee_kind, statement.payee),
            )
            for statement in statements
        ],
        [("", f"the statement of `{statement.payee}` for {statement.period}") for statement in statements],
    )


def _balances(statement: Statement) -> tuple[object, ...]:
    """Return what is carried and owed, 0 where nothing is: each statement says it."""
    owed, carried = statement.balances.owed, statement.balances.carried
    return (
        carried.brought if carried else ZERO,
        carried.forward if carried else ZERO,
        owed.before if owed else ZERO,
        owed.after if owed else ZERO,
    )


def rejects_table(rejects: Iterable[Reject]) -> pa.Table:
    """Return the rows of facts that were not taken, by kind, file and row."""
    return _rows(
        REJECTS,
        sorted((r.kind, r.file, r.row, r.key, r.field, r.value, r.code, r.reason) for r in rejects),
    )


def not_earning_table(outcomes: Iterable[Outcome], terms: Terms) -> pa.Table:
    """Return the rows that earned nothing under a rule, by payee, rule in plan order, date, fact."""
    position = {rule.name: index for index, rule in enumerate(terms.rules)}
    ordered = sorted(
        outcomes,
        key=lambda o: (
            o.payee_kind,
            o.payee,
            position[o.rule],
            o.dated is None,
            o.dated or date.max,
            o.fact,
            o.fact_id,
            o.reason,
            o.detail,
        ),
    )
    return _rows(
        NOT_EARNING,
        [
            (o.rule, o.payee_kind, o.payee, o.fact, o.fact_id, o.dated, o.reason.value, o.detail)
            for o in ordered
        ],
    )


def payees_table(payees: Iterable[tuple[str, str]]) -> pa.Table:
    """Return every payee of the run, by kind and key."""
    return _rows(PAYEES, sorted(payees))


def fractions_of(line: Line) -> str:
    """Return the numbers of a line that do not end within the decimals of their columns, by column."""
    return fractions_text((name, getattr(line, name)) for name in _NUMBERS)


def entries_of(table: pa.Table) -> list[Entry]:
    """Return the lines of a table that `lines_table` made, as they were, with their traces.

    Raises:
        ValueError: the table is not one of those.
    """
    entries = []
    for row in table.to_pylist():
        values: dict[str, Any] = {name: row[name] for name, _, _ in _COLUMNS}
        for name in _DECIMALS:
            if values[name] is not None:
                values[name] = from_text(as_text(values[name]))
        if row["fractions"]:
            values |= read_fractions(row["fractions"])
        values["part"] = Part(values["part"])
        line = Line(payee_kind=row["payee_kind"], payee=row["payee"], **values)
        entries.append(Entry(line, trace(line), row["line_id"]))
    return entries


# --- values --------------------------------------------------------------------------------------


def _period(line: Line, terms: Terms) -> str:
    return "" if line.payable_on is None else terms.period_of(line.payable_on)[0]


_Owner = tuple[str, str]
"""What a row is about: its fact, empty where it has none, and the rest."""
_MOST_PROBLEMS = 10


def _owner(line: Line) -> _Owner:
    return f"{line.fact} {line.fact_id}".strip(), f"rule `{line.rule}`, payee `{line.payee}`"


def _rows(schema: pa.Schema, rows: Sequence[tuple[object, ...]], owners: Sequence[_Owner] = ()) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in schema]
    return _table(schema, columns, owners)


def _table(schema: pa.Schema, columns: Sequence[list[object]], owners: Sequence[_Owner] = ()) -> pa.Table:
    arrays = []
    for field, column in zip(schema, columns, strict=True):
        try:
            arrays.append(pa.array(column, field.type))
        except pa.ArrowInvalid as error:
            raise _too_large(field, column, owners, error) from error
    return pa.Table.from_arrays(arrays, schema=schema)


def _too_large(
    field: pa.Field, column: list[object], owners: Sequence[_Owner], error: Exception
) -> Rejected | InternalError:
    """Return the refusal of numbers that do not fit their column: nothing is ever cut to fit."""
    if not pa.types.is_decimal(field.type) or len(owners) != len(column):
        return InternalError(f"a value does not fit its column: {error}")
    most = field.type.precision - field.type.scale
    problems = [
        Diagnostic(
            code="R1205",
            message=f"{whose}: `{field.name}` has {value.adjusted() + 1} digits before the point",
            place=fact,
            hint=f"at most {most} can be held; look at the values that it was worked out from",
        )
        for (fact, whose), value in zip(owners, column, strict=True)
        if isinstance(value, Decimal) and value.adjusted() >= most
    ]
    if not problems:
        return InternalError(f"a value does not fit its column: {error}")
    return Rejected(problems[:_MOST_PROBLEMS])
