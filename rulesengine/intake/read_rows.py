"""Reading the rows of one table: every value exactly, every reason why a row cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rulesengine.intake.columns import Binding, Cell
from rulesengine.intake.problems import BadCount, BadValue, Rejects
from rulesengine.intake.rows import AMOUNT, BETWEEN_PARTS, Row, Section, Sort
from rulesengine.intake.tables import Broken, Cells
from rulesengine.intake.values import key_text
from rulesengine.model.book import Value
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.money import Money
from rulesengine.model.schema import Field
from rulesengine.model.types import MoneyType, NumberType, PercentType


def read_rows(
    section: Section, binding: Binding, numbered: Iterable[tuple[int, Cells]], file: str, rejects: Rejects
) -> None:
    """Add rows with their numbers to a section, the unreadable ones as rejected.

    A row's reasons are all given at once: each field is read even where another one failed.
    """
    money = tuple(field for field in section.fields if isinstance(field.type, MoneyType))
    unsigned = unsigned_fields(section)
    for field in money:
        if not is_by_row(field):
            section.money_read.setdefault(field.name, ZERO)
    steps = [(cell.name, cell.index, cell.read, cell) for cell in binding.cells]
    append = section.rows.append
    for number, cells in numbered:
        values: dict[str, Value] = dict(binding.fixed)
        failed: list[tuple[Cell, BadValue]] = []
        if isinstance(cells, Broken):
            row = Row(file, number, "", values)
            rejects.add(section.name, row, "R1110", cells.reason)
            for field in money:
                section.unreadable[field.name] = section.unreadable.get(field.name, 0) + 1
            append(row)
            continue
        for name, index, read, cell in steps:
            try:
                value = read(cells[index])
                if value is None and cell.is_required:
                    value = _blank(cell)
                if cell.currency_index >= 0 and isinstance(value, Money):
                    value = _in_currency(value, cells[cell.currency_index], cell.currency)
                values[name] = value
            except BadValue as problem:
                failed.append((cell, problem))
        if failed and section.reverses and values.get(section.reverses) is not None:
            failed = _without_counts(failed, values)
        row = Row(file, number, _key_of(section, values), values)
        append(row)
        if failed:
            _reject(section, row, cells, failed, rejects)
        if money:
            _add_money(section, row, money, failed, rejects)
        if unsigned:
            _check_signs(section, row, unsigned, rejects)


def _without_counts(
    failed: list[tuple[Cell, BadValue]], values: dict[str, Value]
) -> list[tuple[Cell, BadValue]]:
    """Take the numbers of parts and months of a row that undoes another: the undone row's count."""
    kept = []
    for cell, problem in failed:
        if isinstance(problem, BadCount):
            values[cell.name] = problem.value
        else:
            kept.append((cell, problem))
    return kept


def _blank(cell: Cell) -> Value:
    if cell.is_list:
        return ()
    raise BadValue("R1101", "the field is required and is blank")


def is_by_row(field: Field) -> bool:
    """Tell whether each row of an amount has its own currency, which another field says."""
    return isinstance(field.type, MoneyType) and bool(field.type.by)


def _in_currency(amount: Money, raw: object, expected: str) -> Money:
    """Return the amount in the currency that its own column says, if it is the one expected."""
    found = raw.strip() if isinstance(raw, str) else ""
    if expected and found != expected:
        raise BadValue("R1107", f"expected {expected}, found {found or 'no currency'}")
    if amount.currency and found and found != amount.currency:
        raise BadValue("R1107", f"the amount says {amount.currency}, its column {found}")
    return Money(amount.amount, found or amount.currency)


def _key_of(section: Section, values: dict[str, Value]) -> str:
    """Return the key as one text; empty where a part of it could not be read."""
    if section.sort is not Sort.QUOTA:
        value = values.get(section.key)
        return value if type(value) is str else "" if value is None else key_text(value)
    parts = [values.get(field.name) for field in section.fields if field.name != AMOUNT]
    return "" if None in parts else BETWEEN_PARTS.join(key_text(part) for part in parts)


def _reject(
    section: Section, row: Row, cells: Cells, failed: list[tuple[Cell, BadValue]], rejects: Rejects
) -> None:
    for cell, problem in failed:
        assert not isinstance(cells, Broken)
        by_column = problem.code == "R1107" and cell.currency_index >= 0
        value = cells[cell.currency_index if by_column else cell.index]
        rejects.add(section.name, row, problem.code, problem.reason, field=cell.name, value=value)


def unsigned_fields(section: Section) -> tuple[tuple[Field, str], ...]:
    """Return the numbers and percentages that must not be below zero, with what they are called."""
    called = {NumberType: "a number", PercentType: "a percentage"}
    return tuple(
        (field, called[type(field.type)])
        for field in section.fields
        if type(field.type) in called and not field.is_signed and section.sort is not Sort.QUOTA
    )


def _check_signs(
    section: Section, row: Row, unsigned: tuple[tuple[Field, str], ...], rejects: Rejects
) -> None:
    """Reject what is below zero. A row that undoes another may repeat its quantities or turn them."""
    if section.reverses and row.values.get(section.reverses) is not None:
        return
    for field, what in unsigned:
        value = row.values.get(field.name)
        if isinstance(value, Decimal) and value < 0:
            _refuse_negative(section, row, field, value, what, rejects)


def _refuse_negative(
    section: Section, row: Row, field: Field, value: Decimal, what: str, rejects: Rejects
) -> None:
    reason = f"{what} below zero; only a field declared `signed` takes it"
    rejects.add(section.name, row, "R1108", reason, field=field.name, value=value)


def _add_money(
    section: Section,
    row: Row,
    money: tuple[Field, ...],
    failed: list[tuple[Cell, BadValue]],
    rejects: Rejects,
) -> None:
    """Add a row's amounts to the control totals, and check their signs."""
    undoes = bool(section.reverses) and row.values.get(section.reverses) is not None
    for field in money:
        value = row.values.get(field.name)
        if isinstance(value, Money) and isinstance(amount := value.amount, Decimal):
            if not is_by_row(field):
                section.money_read[field.name] = EXACT.add(section.money_read[field.name], amount)
            if undoes and amount > 0:
                reason = "a row that undoes another takes amounts back; they must be zero or less"
                rejects.add(section.name, row, "R1109", reason, field=field.name, value=amount)
            elif amount < 0 and not undoes and not field.is_signed:
                _refuse_negative(section, row, field, amount, "an amount", rejects)
        elif any(cell.name == field.name for cell, _ in failed):
            section.unreadable[field.name] = section.unreadable.get(field.name, 0) + 1
