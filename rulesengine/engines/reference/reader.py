"""Reading values of a book: fields through references, as of a date; operands, tables and totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, assert_never

from rulesengine.diagnostics import InternalError
from rulesengine.engines.exchange import Converted, Quote, RateToCome, quote
from rulesengine.engines.reference.anchors import day_after, day_of
from rulesengine.engines.reference.convert import converted
from rulesengine.engines.reference.derive import derive, how
from rulesengine.engines.reference.known import Known
from rulesengine.engines.reference.view import NoHistory, Record, View
from rulesengine.engines.table_rows import best_row
from rulesengine.engines.values import Scalar, number
from rulesengine.model.book import Book, Payee
from rulesengine.model.exact import ONE, Exact, absolute, multiply
from rulesengine.model.money import Money
from rulesengine.model.schema import RecordKind
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Root

if TYPE_CHECKING:
    from rulesengine.engines.reference.rows import Moment, Scope

_ROW, _PAYEE, _LINE = Root.ROW, Root.PAYEE, Root.LINE
"""The members at hand: reading one of an enum costs more than reading a field."""


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

    def __init__(self, known: Known, book: Book, through: date = date.max) -> None:
        self.known = known
        self.plan = known.plan
        self.book = book
        self.through = through
        self._quotes: dict[tuple[str, str, str, date], Quote] = {}
        self._derived = known.derived
        self._facts = {kind: {fact.key: fact for fact in facts} for kind, facts in book.facts.items()}
        self.totals: ReadsTotals | None = None
        """Reads totals of measures; given as soon as facts can be added up."""
        self._rows: dict[tuple[str, tuple[object, ...]], nodes.TableRow] = {}

    def reads_totals(self) -> ReadsTotals:
        """Return what reads totals of measures."""
        if self.totals is None:
            raise InternalError("a total is read before facts are")
        return self.totals

    # --- records and fields ---

    def record(self, kind: str, key: str) -> Record:
        """Return a record; intake has made sure that every reference leads to one."""
        payees = self.book.payees.get(kind)
        return self._facts[kind][key] if payees is None else payees[key]

    def kind(self, name: str) -> RecordKind:
        """Return the schema of a record kind."""
        return self.plan.schema.kinds[name]

    def field(self, record: Record, name: str, day: date, *, in_magnitudes: bool = False) -> Scalar | None:
        """Return a field of a record as of a day, None where it is empty.

        Raises:
            NoHistory: the payee has no values on that day yet.
            DividesByZero: it is derived and its division has no answer.
        """
        value = record.values.get(name)
        if value is None:
            derived = self._derived.get((record.kind, name))
            if derived is not None:
                return derive(self, derived, View(record, day, in_magnitudes=in_magnitudes))
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
            record = self.record(self.known.targets[record.kind, name], str(key))
        return self.field(record, names[-1], day)

    def read(self, read: nodes.FieldRead, view: View) -> Scalar | None:
        """Return what a path leads to, None where it is missing.

        Raises:
            NoRate: it is an amount in another currency, and there is no rate for it.
            RateToCome: likewise, and the day of the rate is not known or not there yet.
        """
        if read.currency is None:
            return self.as_it_stands(read, view)
        found = self.converted(read, view)
        return self.as_it_stands(read, view) if found is None else found.amount

    def converted(self, operand: nodes.Operand, view: View) -> Converted | None:
        """Return how an amount became the rule's currency; None where it is none, or in it already."""
        return converted(self, operand, view)

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

    def as_it_stands(self, read: nodes.FieldRead, view: View) -> Scalar | None:
        """Return what a path leads to, amounts in their own currency."""
        root, names = read.root, read.names
        if root is _ROW:
            record = view.record
            if record is None:
                raise InternalError(f"{read.text}: this line stands on no row")
            if not names:
                return record.key
            if len(names) == 1:
                found = self.field(record, names[0], view.day, in_magnitudes=view.in_magnitudes)
            else:
                found = self.follow(record, names, view.day, in_magnitudes=view.in_magnitudes)
            if found is None and view.fallback is not None:
                return self.follow(view.fallback, names, view.day)
            return found
        if root is _PAYEE:
            if view.payee is None:
                raise InternalError(f"{read.text}: nobody is credited yet")
            if not names:
                return view.payee[1]
            return self.follow(self.record(*view.payee), names, view.day)
        if root is _LINE:
            if names == ("earning",):
                return view.earning
            return view.payable if names == ("payable",) else view.earned
        return Decimal(view.level)

    # --- operands ---

    def value(self, operand: nodes.Operand, view: View) -> Scalar | None:
        """Return the value of an operand, None where it is missing."""
        match operand:
            case nodes.Constant(value=value):
                return value
            case nodes.FieldRead(currency=None):
                return self.as_it_stands(operand, view)
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

    def derived(self, kind: str, name: str) -> nodes.Derived | None:
        """Return how a field is derived, None if it is given."""
        return self._derived.get((kind, name))

    def how(self, operand: nodes.Operand, view: View) -> str:
        """Return how a derived amount was worked out, with its numbers; empty for any other."""
        return how(self, operand, view)

    # --- tables ---

    def table(self, table: nodes.Table, view: View) -> Scalar | None:
        """Return the value that a table gives: the first matching row, nearest lower end first."""
        keys = tuple(self.value(key, view) for key in table.keys)
        row = self._rows.get((table.name, keys))
        if row is None:
            row = best_row(table, keys)
            self._rows[table.name, keys] = row
        return self.value(row.value, view)

    # --- dates ---

    def day_of(self, anchor: nodes.Anchor, view: View) -> date | None:
        """Return the date of an anchor, None where the field it starts from is missing."""
        return day_of(self, anchor, view)

    def after(
        self, anchor: nodes.Anchor, span: nodes.Length, view: View, units: int | None = None
    ) -> date | None:
        """Return the date a span after an anchor, None where the anchor or the count is missing."""
        return day_after(self, anchor, span, view, units)
