"""Exchange rates: long tables with a row for each rate, wide ones with a column for each currency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic
from rulesengine.intake.columns import Binding, bind
from rulesengine.intake.numbers import number_reader
from rulesengine.intake.problems import BadValue, Rejects
from rulesengine.intake.rows import BETWEEN_PARTS, CURRENCY, DATE, RATE, Row, Section
from rulesengine.intake.sections import RATE_DECIMALS
from rulesengine.intake.sources import Input, Source
from rulesengine.intake.tables import Broken, Table, Unopened
from rulesengine.model.book import ControlTotal, RateSeries, Value
from rulesengine.model.money import minor_digits
from rulesengine.model.schema import RatesShape, Schema


@dataclass(slots=True)
class Rates:
    """The rates of one table while its files are read."""

    shape: RatesShape
    found: dict[str, dict[date, Decimal | None]] = field(default_factory=dict)
    """By currency and day; None where the rate of that day is rejected."""
    _places: dict[tuple[str, date], Row] = field(default_factory=dict)
    _read: int = 0
    _rejected: int = 0

    def take(self, row: Row, day: date, code: str, rate: Decimal, rejects: Rejects) -> None:
        """Keep one rate; reject it if there is another of its day, or it can be none."""
        self._read += 1
        days = self.found.setdefault(code, {})
        if day in days:
            first = self._places[code, day]
            for each in (first, row):
                if each.is_alive:
                    self._refuse(each, "R1105", f"{code} has more than one rate on {day}", rejects)
            days[day] = None
            return
        self._places[code, day] = row
        days[day] = rate
        if rate <= 0 or (code == self.shape.base and rate != 1):
            what = "a rate is above zero" if rate <= 0 else f"one {code} is one {code}: rates are per {code}"
            self._refuse(row, "R1117", what, rejects, rate)
            days[day] = None

    def miss(
        self,
        row: Row,
        problem: BadValue,
        name: str,
        raw: object,
        rejects: Rejects,
        day: date | None,
        code: str,
    ) -> None:
        """Reject what cannot be read; a day whose rate is not known has none, not the one before."""
        self._read += 1
        self._rejected += 1
        rejects.add(self.shape.name, row, problem.code, problem.reason, field=name, value=raw)
        if day is not None and code:
            self.found.setdefault(code, {})[day] = None
            self._places[code, day] = row

    def _refuse(self, row: Row, code: str, reason: str, rejects: Rejects, value: object = "") -> None:
        self._rejected += 1
        rejects.add(self.shape.name, row, code, reason, field=RATE, value=value)

    @property
    def series(self) -> dict[str, RateSeries]:
        """The rates by currency, in order of day."""
        return {
            code: (tuple(sorted(days)), tuple(days[day] for day in sorted(days)))
            for code, days in sorted(self.found.items())
        }

    @property
    def total(self) -> ControlTotal:
        """How many rates were read, taken and rejected."""
        return ControlTotal(
            kind=self.shape.name,
            rows_read=self._read,
            rows_accepted=self._read - self._rejected,
            rows_rejected=self._rejected,
        )


def read_rates(
    schema: Schema,
    section: Section,
    source: Source,
    tables: Iterator[tuple[Input, Table]],
    rejects: Rejects,
    problems: list[Diagnostic],
) -> Rates:
    """Read the tables of one table of rates; adds to `problems` what one as a whole lacks."""
    rates = Rates(schema.rates[section.name])
    for input, table in tables:
        read = _read_wide if source.is_wide else _read_long
        try:
            read(schema, section, source, input, table, rates, rejects, problems)
        except Unopened as error:
            problems.append(error.of(input.name))
    return rates


def _read_long(
    schema: Schema,
    section: Section,
    source: Source,
    input: Input,
    table: Table,
    rates: Rates,
    rejects: Rejects,
    problems: list[Diagnostic],
) -> None:
    binding = _bound(schema, section, source, input, table, problems)
    if binding is None:
        return
    for row, cells in _rows(table, binding.wanted, input, rates, rejects):
        values: dict[str, Value] = dict(binding.fixed)
        problem: tuple[BadValue, str, object] | None = None
        for cell in binding.cells:
            try:
                value = cell.read(cells[cell.index])
                if value is None:
                    raise BadValue("R1101", "the field is required and is blank")
                values[cell.name] = value
            except BadValue as found:
                problem = problem or (found, cell.name, cells[cell.index])
        day, code, rate = values.get(DATE), values.get(CURRENCY), values.get(RATE)
        row.key = BETWEEN_PARTS.join(str(part) for part in (day, code) if part is not None)
        if problem is not None:
            known = day if isinstance(day, date) else None
            rates.miss(row, *problem, rejects, known, code if isinstance(code, str) else "")
        else:
            assert isinstance(day, date) and isinstance(code, str) and isinstance(rate, Decimal)
            rates.take(row, day, code, rate, rejects)


def _read_wide(
    schema: Schema,
    section: Section,
    source: Source,
    input: Input,
    table: Table,
    rates: Rates,
    rejects: Rejects,
    problems: list[Diagnostic],
) -> None:
    dated = replace(section, fields=tuple(field for field in section.fields if field.name == DATE))
    binding = _bound(schema, dated, source, input, table, problems)
    if binding is None:
        return
    codes = _codes(table, binding, input, problems)
    if not binding.cells:
        message = "wide rates take the date of each row from a column, not from a constant"
        problems.append(Diagnostic(code="R1001", message=message, place=input.name))
        return
    read_day, read_rate = binding.cells[0].read, number_reader(RATE_DECIMALS)
    for row, cells in _rows(table, (*binding.wanted, *codes), input, rates, rejects):
        try:
            day = read_day(cells[0])
            if not isinstance(day, date):
                raise BadValue("R1101", "the field is required and is blank")
        except BadValue as problem:
            rates.miss(row, problem, DATE, cells[0], rejects, None, "")
            continue
        for code, raw in zip(codes, cells[1:], strict=True):
            if raw is None or raw == "" or raw in source.missing:
                continue
            one = Row(row.file, row.number, f"{day}{BETWEEN_PARTS}{code}", {})
            try:
                rate = read_rate(raw)
            except BadValue as problem:
                rates.miss(one, problem, code, raw, rejects, day, code)
                continue
            if rate is not None:
                rates.take(one, day, code, rate, rejects)


def _bound(
    schema: Schema,
    section: Section,
    source: Source,
    input: Input,
    table: Table,
    problems: list[Diagnostic],
) -> Binding | None:
    before = len(problems)
    binding = bind(schema, section, source, input, table, problems)
    return binding if len(problems) == before else None


def _codes(table: Table, binding: Binding, input: Input, problems: list[Diagnostic]) -> tuple[str, ...]:
    """Return the columns that are named by the code of a currency; others are not looked at."""
    codes = [name for name in table.columns if name not in binding.wanted and minor_digits(name) is not None]
    if not codes:
        message = "no column is named by the code of a currency, such as USD"
        hint = "drop `layout: wide` if each row holds one rate"
        problems.append(Diagnostic(code="R1003", message=message, place=input.name, hint=hint))
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        message = f"column `{code}` occurs {codes.count(code)} times"
        problems.append(Diagnostic(code="R1004", message=message, place=input.name))
    return tuple(dict.fromkeys(codes))


def _rows(
    table: Table, wanted: tuple[str, ...], input: Input, rates: Rates, rejects: Rejects
) -> Iterator[tuple[Row, Sequence[object]]]:
    for number, cells in enumerate(table.rows(wanted), 1):
        row = Row(input.name, number, "", {})
        if isinstance(cells, Broken):
            rates.miss(row, BadValue("R1110", cells.reason), "", "", rejects, None, "")
        else:
            yield row, cells
