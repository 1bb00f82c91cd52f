"""Reading values: fields through references, as of a date; tables, segments and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, assert_never

from rulesengine.diagnostics import InternalError
from rulesengine.engines.reference.exchange import Converted, NoRate, Quote, RateToCome, quote
from rulesengine.engines.reference.spans import count_span
from rulesengine.model.book import Book, Fact, Payee
from rulesengine.model.dates import SpanUnit, add_months, add_span, months_in, window_of
from rulesengine.model.exact import (
    EXACT,
    HUNDRED,
    ONE,
    Exact,
    absolute,
    add,
    divide,
    grouped,
    multiply,
    subtract,
)
from rulesengine.model.money import Money, minor_digits
from rulesengine.model.rounding import round_to
from rulesengine.model.schema import RecordKind, Role
from rulesengine.model.types import MoneyType, PercentType, RecordType, Type
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Operation, Root

if TYPE_CHECKING:
    from rulesengine.engines.reference.rows import Moment, Scope

Scalar = Exact | str | date | bool | tuple[str, ...]
Record = Fact | Payee


_SIGNS = {
    Operation.ADD: "+",
    Operation.SUBTRACT: "−",
    Operation.MULTIPLY: "×",
    Operation.DIVIDE: "÷",
}


class NoHistory(Exception):
    """A payee has no values yet on the date it is read for."""

    def __init__(self, kind: str, key: str, day: date) -> None:
        self.detail = f"{kind} {key} has no values on {day}"
        super().__init__(self.detail)


class DividesByZero(Exception):
    """A derived value divides by zero."""

    def __init__(self, kind: str, name: str, text: str) -> None:
        self.kind, self.name, self.text = kind, name, text
        super().__init__(f"{kind}.{name}")


@dataclass(frozen=True, slots=True)
class View:
    """From where a path is read: the record at hand, the credited payee, a line, and the date."""

    record: Record | None
    day: date
    payee: tuple[str, str] | None = None
    earning: Exact | None = None
    earned: date | None = None
    payable: date | None = None
    """The date of a line's payment, where a statement is made."""
    in_magnitudes: bool = False
    """Reads the record's own numbers without their sign: how an undoing row is measured."""
    fallback: Record | None = None
    """The record that empty fields are read on instead: the row that is undone."""
    level: int = 0
    """The level at which the payee is credited."""
    moment: tuple[date, tuple[object, ...]] | None = None
    """Where the row stands in the order of all rows, for totals of measures."""
    now: tuple[date, tuple[object, ...]] | None = None
    """Up to when totals count that are decided again."""
    notes: list[str] | None = None
    """Takes down where the totals stood that were read."""
    convert: nodes.Convert | None = None
    """How amounts in another currency become the rule's."""
    converts_at: View | None = None
    """Where the date of the rate is read: a row that undoes another has the rate of that row."""


class ReadsTotals(Protocol):
    """Reads the totals of measures for a row."""

    def value(self, read: nodes.MeasureRead, view: View) -> Exact:
        """Return what `bookings so far` comes to."""

    def before(self, target: nodes.GrowthTarget, day: date, view: View) -> tuple[Exact, str]:
        """Return what a measure came to one unit before a day, and the label of that window."""

    def weighted(
        self, target: nodes.WeightedTarget, scope: Scope, moment: Moment, judged_on: date, view: View
    ) -> str:
        """Return in words what the parts of a weighted attainment came to at a moment."""


class Reader:
    """Reads operands of a plan in a book. Pure: the same question has the same answer."""

    def __init__(self, plan: nodes.Plan, book: Book, through: date = date.max) -> None:
        self.plan = plan
        self.book = book
        self.through = through
        self._quotes: dict[tuple[str, str, str, date], Quote] = {}
        self._derived = {
            kind: {derived.name: derived for derived in fields} for kind, fields in plan.derived.items()
        }
        self._facts = {kind: {fact.key: fact for fact in facts} for kind, facts in book.facts.items()}
        self.totals: ReadsTotals | None = None
        """Reads totals of measures; given as soon as facts can be added up."""
        self._rows: dict[tuple[str, tuple[object, ...]], nodes.TableRow] = {}
        self._targets = {
            (kind.name, field.name): field.type.kind
            for kind in plan.schema.kinds.values()
            for field in kind.fields
            if isinstance(field.type, RecordType)
        }

    def reads_totals(self) -> ReadsTotals:
        """Return what reads totals of measures."""
        if self.totals is None:
            raise InternalError("a total is read before facts are")
        return self.totals

    # --- records and fields ---

    def record(self, kind: str, key: str) -> Record:
        """Return a record; intake has made sure that every reference leads to one."""
        if self.kind(kind).role is Role.PAYEE:
            return self.book.payees[kind][key]
        return self._facts[kind][key]

    def kind(self, name: str) -> RecordKind:
        """Return the schema of a record kind."""
        return self.plan.schema.kinds[name]

    def field(self, record: Record, name: str, day: date, *, in_magnitudes: bool = False) -> Scalar | None:
        """Return a field of a record as of a day, None where it is empty.

        Raises:
            NoHistory: the payee has no values on that day yet.
            DividesByZero: it is derived and its division has no answer.
        """
        derived = self._derived.get(record.kind, {}).get(name)
        if derived is not None:
            return self._derive(derived, View(record, day, in_magnitudes=in_magnitudes))
        value = record.values.get(name)
        if isinstance(record, Payee) and name not in record.values:
            version = record.version_at(day)
            if version is None:
                raise NoHistory(record.kind, record.key, day)
            value = version.values[name]
        plain = value.amount if isinstance(value, Money) else value
        return absolute(plain) if in_magnitudes and isinstance(plain, Decimal | Fraction) else plain

    def follow(
        self, record: Record, names: tuple[str, ...], day: date, *, in_magnitudes: bool = False
    ) -> Scalar | None:
        """Return the value at the end of a path of fields, None where a reference is empty."""
        if len(names) == 1:
            return self.field(record, names[0], day, in_magnitudes=in_magnitudes)
        for name in names[:-1]:
            key = self.field(record, name, day)
            if key is None:
                return None
            record = self.record(self._targets[record.kind, name], str(key))
        return self.field(record, names[-1], day)

    def read(self, read: nodes.FieldRead, view: View) -> Scalar | None:
        """Return what a path leads to, None where it is missing.

        Raises:
            NoRate: it is an amount in another currency, and there is no rate for it.
            RateToCome: likewise, and the day of the rate is not known or not there yet.
        """
        if read.currency is None:
            return self._as_it_stands(read, view)
        converted = self.converted(read, view)
        return self._as_it_stands(read, view) if converted is None else converted.amount

    def converted(self, operand: nodes.Operand, view: View) -> Converted | None:
        """Return how an amount became the rule's currency; None where it is none, or in it already."""
        match operand:
            case nodes.OtherwiseRead(read=read, default=default):
                found = self._as_it_stands(read, view) is not None
                return self.converted(read if found else default, view)
            case nodes.ShareOfRead(of=of):
                return self.converted(of, view)
            case nodes.FieldRead(currency=str() | nodes.FieldRead() as currency):
                found_amount = self._as_it_stands(operand, view)
                if found_amount is None:
                    return None
                code = currency if isinstance(currency, str) else self._as_it_stands(currency, view)
                if view.convert is None or not isinstance(code, str):
                    raise InternalError(f"{operand.text} is in another currency, and nothing converts it")
                if code == view.convert.to:
                    return None
                try:
                    return self._convert(number(found_amount), code, view.convert, view)
                except NoRate as problem:
                    problem.field, problem.value = operand.text, f"{grouped(number(found_amount))} {code}"
                    raise
            case _:
                return None

    def _convert(self, original: Exact, currency: str, convert: nodes.Convert, view: View) -> Converted:
        day = self.day_of(convert.anchor, view.converts_at or view)
        if day is None:
            raise RateToCome(f"{convert.text}: the date is missing")
        found = self.quote(convert.rates, currency, convert.to, day)
        amount = multiply(original, found.rate)
        if convert.mode is not None and convert.step is not None:
            amount = round_to(amount, convert.step, convert.mode)
        return Converted(original=original, currency=currency, amount=amount, quote=found)

    def quote(self, rates: str, source: str, target: str, day: date) -> Quote:
        """Return the rate between two currencies on a day, as `exchange.quote` does.

        Raises:
            NoRate: there is none, or it is too old.
            RateToCome: the day lies after the last day of facts, so its rate is not known.
        """
        if source == target:
            return Quote(rate=ONE, on=day, rates=rates, how="")
        if day > self.through:
            raise RateToCome(f"its rate is of {day}, run through {self.through}")
        key = (rates, source, target, day)
        if key not in self._quotes:
            shape = self.plan.schema.rates[rates]
            self._quotes[key] = quote(shape, self.book.rates.get(rates, {}), source, target, day)
        return self._quotes[key]

    def _as_it_stands(self, read: nodes.FieldRead, view: View) -> Scalar | None:
        match read.root:
            case Root.LEVEL:
                return Decimal(view.level)
            case Root.LINE:
                if read.names == ("earning",):
                    return view.earning
                return view.payable if read.names == ("payable",) else view.earned
            case Root.PAYEE:
                if view.payee is None:
                    raise InternalError(f"{read.text}: nobody is credited yet")
                if not read.names:
                    return view.payee[1]
                return self.follow(self.record(*view.payee), read.names, view.day)
            case Root.ROW:
                if view.record is None:
                    raise InternalError(f"{read.text}: this line stands on no row")
                if not read.names:
                    return view.record.key
                found = self.follow(view.record, read.names, view.day, in_magnitudes=view.in_magnitudes)
                if found is None and view.fallback is not None:
                    return self.follow(view.fallback, read.names, view.day)
                return found
            case _:
                assert_never(read.root)

    # --- operands ---

    def value(self, operand: nodes.Operand, view: View) -> Scalar | None:
        """Return the value of an operand, None where it is missing."""
        match operand:
            case nodes.Constant(value=value):
                return value
            case nodes.FieldRead():
                return self.read(operand, view)
            case nodes.OtherwiseRead(read=read, default=default):
                found = self.read(read, view)
                return self.value(default, view) if found is None else found
            case nodes.TableRead(table=table):
                return self.table(self.plan.tables[table], view)
            case nodes.MeasureRead():
                return self.reads_totals().value(operand, view)
            case nodes.ShareOfRead(share=share, of=of):
                found = self.value(of, view)
                return None if found is None else multiply(share, number(found))
            case _:
                assert_never(operand)

    def quantity(self, operand: nodes.Operand, view: View) -> Exact:
        """Return the number of an operand that the checks know to be there."""
        found = self.value(operand, view)
        if found is None:
            raise InternalError(f"{operand.text} is missing")
        return number(found)

    def _derive(self, derived: nodes.Derived, view: View) -> Exact | None:
        try:
            value = self._compute(derived.expression, view)
            if value is None:
                return None
            if derived.least is not None:
                value = max(value, self.quantity(derived.least, view))
            if derived.most is not None:
                value = min(value, self.quantity(derived.most, view))
        except ZeroDivisionError:
            kind = view.record.kind if view.record else ""
            raise DividesByZero(kind, derived.name, _text(derived.expression)) from None
        return value

    def _compute(self, expression: nodes.Expression, view: View) -> Exact | None:
        if isinstance(expression, nodes.SpanCount):
            return count_span(self, expression, view)
        if not isinstance(expression, nodes.Arithmetic):
            value = self.value(expression, view)
            return None if value is None else number(value)
        left, right = self._compute(expression.left, view), self._compute(expression.right, view)
        if left is None or right is None:
            return None
        match expression.operation:
            case Operation.ADD:
                return add(left, right)
            case Operation.SUBTRACT:
                return subtract(left, right)
            case Operation.MULTIPLY:
                return multiply(left, right)
            case Operation.DIVIDE:
                return divide(left, right)

    def how(self, operand: nodes.Operand, view: View) -> str:
        """Return how a derived amount was worked out, with its numbers; empty for any other.

        Example: "10,000 − 1,000, at least 0".
        """
        if not isinstance(operand, nodes.FieldRead) or len(operand.names) != 1 or view.record is None:
            return ""
        derived = self._derived.get(view.record.kind, {}).get(operand.names[0])
        if derived is None or operand.root is not Root.ROW:
            return ""
        text = self._with_numbers(derived.expression, view)
        if isinstance(derived.expression, nodes.SpanCount):
            text = derived.expression.text
        for word, bound in (("at least", derived.least), ("at most", derived.most)):
            if bound is not None:
                text += f", {word} {shown_amount(self.quantity(bound, view), bound.type)}"
        return text

    def _with_numbers(self, expression: nodes.Expression, view: View, *, within: bool = False) -> str:
        if not isinstance(expression, nodes.Arithmetic):
            value = self._compute(expression, view)
            return "missing" if value is None else shown_amount(value, expression.type)
        left = self._with_numbers(expression.left, view, within=True)
        right = self._with_numbers(expression.right, view, within=True)
        text = f"{left} {_SIGNS[expression.operation]} {right}"
        return f"({text})" if within else text

    # --- tables ---

    def table(self, table: nodes.Table, view: View) -> Scalar | None:
        """Return the value that a table gives: the first matching row, nearest lower end first."""
        keys = tuple(self.value(key, view) for key in table.keys)
        row = self._rows.get((table.name, keys))
        if row is None:
            row = _best_row(table, keys)
            self._rows[table.name, keys] = row
        return self.value(row.value, view)

    # --- dates ---

    def day_of(self, anchor: nodes.Anchor, view: View) -> date | None:
        """Return the date of an anchor, None where the field it starts from is missing.

        A date outside the calendar counts as missing: it never comes.
        """
        match anchor:
            case nodes.DateRead(operand=operand):
                found = self.value(operand, view)
                return found if isinstance(found, date) else None
            case nodes.DateAfter(span=span, anchor=inner):
                return self.after(inner, span, view)
            case nodes.StartAfter(window=window, anchor=inner):
                start = self.day_of(inner, view)
                if start is None:
                    return None
                end = window_of(start, window, self.plan.fiscal, self.plan.effective).end
                return add_span(end, 1, SpanUnit.DAY)
            case nodes.StartOf(window=window, anchor=inner):
                inside = self.day_of(inner, view)
                if inside is None:
                    return None
                return window_of(inside, window, self.plan.fiscal, self.plan.effective).start
            case nodes.EndOf(window=window, anchor=inner):
                start = self.day_of(inner, view)
                if start is None:
                    return None
                return window_of(start, window, self.plan.fiscal, self.plan.effective).end
            case _:
                assert_never(anchor)

    def after(
        self, anchor: nodes.Anchor, span: nodes.Length, view: View, units: int | None = None
    ) -> date | None:
        """Return the date a span after an anchor, None where the anchor or the count is missing.

        Months are counted from the innermost date and clamped once: two months after one month
        after 31 December is 31 March, whatever February has.

        Args:
            units: how many units to count instead of the span's own number.
        """
        count = self._count(span, view) if units is None else units
        if count is None:
            return None
        months = months_in(span.unit)
        while months is not None and isinstance(anchor, nodes.DateAfter):
            per_unit, inner = months_in(anchor.span.unit), self._count(anchor.span, view)
            if per_unit is None or inner is None:
                break
            count, months = count * months + inner * per_unit, 1
            anchor = anchor.anchor
        start = self.day_of(anchor, view)
        if start is None:
            return None
        try:
            return add_span(start, count, span.unit) if months is None else add_months(start, count * months)
        except OverflowError:
            return None

    def _count(self, span: nodes.Length, view: View) -> int | None:
        count = self.value(span.count, view)
        return None if count is None else int(number(count))


def number(value: Scalar) -> Exact:
    """Return a value that the checks know to be a number."""
    if isinstance(value, bool | str | date | tuple):
        raise InternalError(f"{value!r} is no number")
    return value


def shown_amount(value: Exact, kind: Type) -> str:
    """Return a number of a derived amount: money with its cents, percents as such."""
    match kind:
        case PercentType():
            return f"{grouped(multiply(value, HUNDRED))} %"
        case MoneyType(currency=currency) if isinstance(value, Decimal):
            digits = minor_digits(currency) or 0
            places = max(digits, -int(value.normalize(EXACT).as_tuple().exponent))
            return f"{value:,.{places}f}"
        case _:
            return grouped(value)


def _text(expression: nodes.Expression) -> str:
    return expression.text


def _best_row(table: nodes.Table, keys: tuple[Scalar | None, ...]) -> nodes.TableRow:
    """Return the row that answers: texts from the top, then the nearest lower ends.

    The first row that matches decides the texts. Among the matching rows with the same texts, the
    one whose lower ends are nearest wins, column by column from the left.
    """
    matching = [
        row
        for row in table.rows
        if all(_cell_matches(cell, key) for cell, key in zip(row.cells, keys, strict=True))
    ]
    if not matching:
        raise InternalError(f"table {table.name} has no row for {keys}")
    has_ends = [
        any(isinstance(row.cells[column], nodes.FromCell) for row in table.rows)
        for column in range(len(table.keys))
    ]
    texts = _texts(matching[0], has_ends)
    # `max` keeps the first among equals.
    same = [row for row in matching if _texts(row, has_ends) == texts]
    return max(same, key=lambda row: tuple(_nearness(cell) for cell in row.cells))


def _texts(row: nodes.TableRow, has_ends: list[bool]) -> tuple[object, ...]:
    """Return the cells of the columns without lower ends, None for `any`."""
    return tuple(
        cell.value if isinstance(cell, nodes.EqualsCell) else None
        for cell, ends in zip(row.cells, has_ends, strict=True)
        if not ends
    )


def _cell_matches(cell: nodes.Cell, value: Scalar | None) -> bool:
    match cell:
        case nodes.AnyCell():
            return True
        case nodes.EqualsCell(value=wanted):
            return value == wanted
        case nodes.FromCell(start=start, is_included=is_included):
            if value is None:
                return False
            if isinstance(start, date):
                return isinstance(value, date) and (value >= start if is_included else value > start)
            return number(value) >= start if is_included else number(value) > start
        case _:
            assert_never(cell)


def _nearness(cell: nodes.Cell) -> tuple[int, object, bool]:
    # The value itself is nearest, then higher lower ends (`above X` before `from X`), then any.
    match cell:
        case nodes.FromCell(start=start, is_included=is_included):
            return (1, start, not is_included)
        case nodes.EqualsCell():
            return (2, Decimal(0), False)
        case nodes.AnyCell():
            return (0, Decimal(0), False)
        case _:
            assert_never(cell)
