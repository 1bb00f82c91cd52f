"""The running totals of named measures: what moves them, and where they stand at a moment."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date

from rulesengine.diagnostics import InternalError
from rulesengine.engines.reference.accumulate import Move, accumulate
from rulesengine.engines.reference.amounts import moves_of, views
from rulesengine.engines.reference.conditions import first_failure, show
from rulesengine.engines.reference.credit import Credited, credit, in_turn
from rulesengine.engines.reference.exchange import NoRate, RateToCome
from rulesengine.engines.reference.keys import scope_of, scope_on
from rulesengine.engines.reference.reader import NoHistory, Reader, View
from rulesengine.engines.reference.rows import Key, Moment, Row, Scope
from rulesengine.engines.reference.source import Facts, rows_of_facts
from rulesengine.engines.reference.targets import target_of
from rulesengine.model.dates import BEGINNING, END, DateRange, WindowKind
from rulesengine.model.exact import ZERO, Exact, divide
from rulesengine.model.types import PercentType
from rulesengine.plan import nodes

Place = tuple[Key, date | None, str]
"""Keys, and the first day of the window or the row that it is for."""


@dataclass(slots=True)
class _Course:
    """How one total went: after each move of it, in order."""

    moments: list[Moment] = field(default_factory=list)
    totals: list[Exact] = field(default_factory=list)


class Totals:
    """The totals of named measures over all that has happened by the last day of the run."""

    def __init__(self, reader: Reader, facts: Facts, through: date) -> None:
        self.reader, self.facts, self.through = reader, facts, through
        self._courses: dict[str, dict[Place, _Course]] = {}

    def at(self, name: str, scope: Scope, moment: Moment) -> Exact:
        """Return a total with all that moved it up to a moment, the moment included."""
        course = self._courses_of(name).get(_place(scope))
        if course is None:
            return ZERO
        reached = bisect_right(course.moments, moment)
        return course.totals[reached - 1] if reached else ZERO

    def value(self, read: nodes.MeasureRead, view: View) -> Exact:
        """Return what `bookings so far` comes to, and note down in the view where it stood.

        Raises:
            EarnsNothing: there is no target to hold it against.
        """
        measure = self.reader.plan.measures[read.measure]
        if view.moment is None:
            raise InternalError(f"{read.text} is read at no row")
        row_key = view.record.key if view.record is not None else ""
        scope = scope_on(read.keys, measure.window, view.day, row_key, view, self.reader)
        total = self.at(read.measure, scope, view.moment)
        target = target_of(read.against, view.day, view.day, view, self.reader)
        value = total if target is None else divide(total, target)
        unit = measure.aggregate.type
        where = f" in {scope.label}" if scope.label else ""
        if target is None:
            note = f"{read.text} {show(total, unit)}{where}"
        else:
            ratio = show(value, PercentType())
            note = f"{read.text} {ratio} ({show(total, unit)} of {show(target, unit)}{where})"
        if view.notes is not None and note not in view.notes:
            view.notes.append(note)
        return value

    def moves(self, measure: nodes.Measure, within: DateRange) -> list[Move]:
        """Return what moves a named measure, for its rows within some dates."""
        rows_of = measure.rows
        if rows_of is None:
            raise InternalError(f"{measure.text} has no rows of its own")
        rows, _ = rows_of_facts(rows_of, rows_of.source, self.facts, within, self.through)
        moves = []
        for row in rows:
            try:
                for turn, each in in_turn(credit(row, rows_of.credit, self.facts), row):
                    moves += self._move(measure, rows_of, row, turn, each)
            except (NoHistory, RateToCome):
                # A payee without values yet, or a row without a rate, has nothing to count.
                continue
            except NoRate as problem:
                self.facts.lacks_rate(row, problem)
        return moves

    def dates_of(self, measure: nodes.Measure) -> DateRange:
        """Return the dates of the rows that a measure counts, whatever rule uses it."""
        lifetime = measure.window is WindowKind.LIFETIME
        return DateRange(BEGINNING, END) if lifetime else self.reader.plan.effective

    def _courses_of(self, name: str) -> dict[Place, _Course]:
        if name not in self._courses:
            measure = self.reader.plan.measures[name]
            courses: dict[Place, _Course] = {}
            moves = self.moves(measure, self.dates_of(measure))
            for moved in accumulate((), moves, measure.aggregate.kind):
                course = courses.setdefault(_place(moved.scope), _Course())
                course.moments.append((moved.row.dated, moved.row.order))
                course.totals.append(moved.after)
            self._courses[name] = courses
        return self._courses[name]

    def _move(
        self,
        measure: nodes.Measure,
        rows_of: nodes.MeasureRows,
        row: Row,
        turn: int,
        credited: Credited,
    ) -> list[Move]:
        payee, share = credited.payee, credited.share
        judge, own = views(row, payee, credited.level)
        if first_failure(rows_of.conditions, self.reader, judge) is not None:
            return []
        scope = scope_of(measure.keys, measure.window, row, judge, self.reader)
        amount = moves_of(measure.aggregate, row, share, own, self.reader)
        return [Move(row=row, payee=payee, turn=turn, scope=scope, amount=amount)]


def _place(scope: Scope) -> Place:
    return (scope.keys, scope.window.start if scope.window else None, scope.row)
