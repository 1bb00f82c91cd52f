"""A run: what an engine found, as lines, statements and tables, ready to be written.

What is asked for is made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rulesengine.diagnostics import Diagnostic, InternalError
from rulesengine.engines.results import Earned, Line, Outcome
from rulesengine.model.arguments import check_path
from rulesengine.model.book import Book, ControlTotal, Reject
from rulesengine.model.change import replace
from rulesengine.model.dates import DateRange
from rulesengine.model.exact import EXACT, ZERO, total
from rulesengine.plan.nodes import Plan
from rulesengine.statements.assemble import Entry, Statement, assemble, entry_of, order_key, total_of
from rulesengine.statements.besides import Besides, PayeeId, besides
from rulesengine.statements.control import Due, control_totals, due_of
from rulesengine.statements.heading import Heading
from rulesengine.statements.terms import Terms

if TYPE_CHECKING:
    import pyarrow as pa


class Facts(Protocol):
    """What intake hands over: the book, and an account of what was read."""

    @property
    def book(self) -> Book: ...
    @property
    def rejects(self) -> tuple[Reject, ...]: ...
    @property
    def totals(self) -> tuple[ControlTotal, ...]: ...
    @property
    def files(self) -> tuple[tuple[str, str, int], ...]:
        """Name, SHA-256 and size of every file read, by name."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One pay run over one period; the same arguments make the same bytes."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]
    engine: str
    period: str
    """As it was asked for."""
    days: DateRange
    through: date
    intake: Facts
    earned: Earned
    allow_rejects: bool = False

    # --- values ------------------------------------------------------------------------------

    @property
    def ok(self) -> bool:
        """Whether every row of facts was taken, or rejects were allowed."""
        return self.allow_rejects or not self.reject_values

    @cached_property
    def heading(self) -> Heading:
        """The run without its rows."""
        return Heading(
            plan=self.plan,
            warnings=self.warnings,
            engine=self.engine,
            period=self.period,
            days=self.days,
            through=self.through,
            allow_rejects=self.allow_rejects,
        )

    @property
    def terms(self) -> Terms:
        """What statements say of the plan; spans name files relative to the plan."""
        return self.heading.terms

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The lines payable in the period, in order, each with its trace."""
        return tuple(entry for entry in self._all if self._due(entry.line) is Due.IN_PERIOD)

    @cached_property
    def other_entries(self) -> tuple[Entry, ...]:
        """Lines earned but payable earlier or later, or waiting for a date."""
        return tuple(entry for entry in self._all if self._due(entry.line) is not Due.IN_PERIOD)

    @cached_property
    def statement_values(self) -> tuple[Statement, ...]:
        """The statements, by payee kind, payee and period."""
        statements = assemble(self.entries, self.terms, self.through)
        paid = total_of(entry.line for entry in self.entries if not entry.line.memo)
        if total([statement.total for statement in statements]) != paid:
            raise InternalError("the statements' totals are not the sum of the lines")
        return statements

    @cached_property
    def totals(self) -> Mapping[str, Decimal]:
        """What is paid in the period, by currency of the statements."""
        sums = {self.plan.pays_in: ZERO} if self.plan.pays_in else {}
        for entry in self.entries:
            line = entry.line
            if not line.memo:
                sums[line.shown_in] = EXACT.add(sums.get(line.shown_in, ZERO), line.settles)
        return sums

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Rows that earned nothing under a rule, and why."""
        return self.earned.outcomes

    @cached_property
    def besides(self) -> Mapping[PayeeId, Besides]:
        """What there is to say to each payee besides the statements."""
        return besides(
            self.terms,
            ((entry.line, self._due(entry.line).value) for entry in self.other_entries),
            (((row.payee_kind, row.payee), row.rule, row.reason) for row in self.outcomes),
        )

    @property
    def reject_values(self) -> tuple[Reject, ...]:
        """Rows of facts that were not taken, by intake or by the engine."""
        return (*self.intake.rejects, *self.earned.rejects)

    @cached_property
    def control(self) -> dict[str, Any]:
        """Control totals; raises `InternalError` where one does not add up."""
        return control_totals(self.plan, self.intake.book, self.intake.totals, self.earned, self._due)

    # --- tables ------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> pa.Table:
        """The lines payable in the period."""
        from rulesengine.statements.tables import lines_table

        return lines_table(self.entries, self.terms)

    @cached_property
    def other_lines(self) -> pa.Table:
        """Lines payable earlier or later or waiting, with the column `due`."""
        from rulesengine.statements.tables import lines_table

        due = {entry.line_id: self._due(entry.line).value for entry in self.other_entries}
        return lines_table(self.other_entries, self.terms, due)

    @cached_property
    def statements(self) -> pa.Table:
        """A row a statement."""
        from rulesengine.statements.tables import statements_table

        return statements_table(self.statement_values)

    @cached_property
    def not_earning(self) -> pa.Table:
        """Rows that earned nothing under a rule, and why."""
        from rulesengine.statements.tables import not_earning_table

        return not_earning_table(self.outcomes, self.terms)

    @cached_property
    def rejects(self) -> pa.Table:
        """Rows of facts that were not taken, and why."""
        from rulesengine.statements.tables import rejects_table

        return rejects_table(self.reject_values)

    @cached_property
    def payees(self) -> pa.Table:
        """Every payee of the facts."""
        from rulesengine.statements.tables import payees_table

        records = self.intake.book.payees.values()
        return payees_table((payee.kind, payee.key) for kind in records for payee in kind.values())

    # --- folder ------------------------------------------------------------------------------

    def write(self, path: str | Path, pages: str = "all") -> bool:
        """Write the run folder; an earlier run folder of that name is replaced, nothing else is.

        Returns whether the pages of the payees were written.

        Args:
            path: of the folder.
            pages: `all`, `none` or `auto`: whether the pages of the payees are written now, or when
                they are asked for (`rulesengine statements`).

        Raises:
            Rejected: R1203, something else stands there or the folder cannot be written.
        """
        from rulesengine.statements.write_folder import Pages, RunContents, write_run

        check_path("a run folder is a path", path)
        contents = RunContents(
            document=self.document,
            sources=self.heading.sources,
            tables={
                "lines": self.lines,
                "other_lines": self.other_lines,
                "statements": self.statements,
                "not_earning": self.not_earning,
                "rejects": self.rejects,
                "payees": self.payees,
            },
            statements=self.statement_values,
            besides=self.besides,
            pages=Pages(pages),
        )
        return write_run(Path(path), contents)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The contents of run.json: everything about the run but the rows."""
        return self.heading.document(
            is_clean=not self.reject_values,
            counts={
                "lines": len(self.entries),
                "other_lines": len(self.other_entries),
                "statements": len(self.statement_values),
                "not_earning": len(self.outcomes),
                "rejects": len(self.reject_values),
            },
            totals=self.totals,
            inputs=self.intake.files,
            control=self.control,
        )

    # --- inside ------------------------------------------------------------------------------

    @cached_property
    def _all(self) -> list[Entry]:
        key = order_key(self.terms)
        lines = (replace(line, span=self.heading.short(line.span)) for line in self.earned.lines)
        entries = [entry_of(line) for line in sorted(lines, key=key)]
        if len({entry.line_id for entry in entries}) != len(entries):
            raise InternalError("two lines have the same id")
        return entries

    def _due(self, line: Line) -> Due:
        return due_of(line, self.days, self.through)
