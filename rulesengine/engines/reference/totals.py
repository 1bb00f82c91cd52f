"""The running totals of named measures: what moves them, and where they stand at a moment."""

from __future__ import annotations

from datetime import date

from rulesengine.diagnostics import InternalError
from rulesengine.engines.exchange import NoRate, RateToCome
from rulesengine.engines.reference.accumulate import Move, Moved, accumulate
from rulesengine.engines.reference.amounts import counted, judged_from, moves_of, own_view
from rulesengine.engines.reference.conditions import all_hold, show
from rulesengine.engines.reference.credit import Credited, credit, in_turn
from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY
from rulesengine.engines.reference.facts import Facts
from rulesengine.engines.reference.keys import counts_in_of, keys_of, place_of, scope_of, scope_on
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import EarnsNothing, Moment, PayeeId, Row, Scope
from rulesengine.engines.reference.source import rows_of_facts
from rulesengine.engines.reference.targets import target_of
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.standings import Course, Place
from rulesengine.model.change import replace
from rulesengine.model.dates import (
    BEGINNING,
    END,
    DateRange,
    SpanUnit,
    Window,
    WindowKind,
    add_span,
    window_of,
)
from rulesengine.model.exact import ZERO, Exact, add, divide, multiply, subtract
from rulesengine.model.types import PercentType
from rulesengine.plan import nodes


class Totals:
    """The totals of named measures over all that has happened by the last day of the run."""

    def __init__(self, reader: Reader, facts: Facts, through: date) -> None:
        self.reader, self.facts, self.through = reader, facts, through
        self._courses: dict[str, dict[Place, Course]] = {}

    def at(self, name: str, scope: Scope, moment: Moment) -> Exact:
        """Return a total with all that moved it up to a moment, the moment included."""
        course = self._courses_of(name).get(place_of(scope))
        if course is None:
            return ZERO
        return course.upto(moment) or ZERO

    def value(self, read: nodes.MeasureRead, view: View) -> Exact:
        """Return what `bookings so far` comes to, and note down in the view where it stood.

        Raises:
            EarnsNothing: there is no target to hold it against.
        """
        measure = self.reader.plan.measures[read.measure]
        if view.moment is None:
            raise InternalError(f"{read.text} is read at no row")
        row_key = view.record.key if view.record is not None else ""
        day, moment = view.day, view.moment
        if read.before is not None:
            day, moment = self._earlier(measure, read.before, day).start, (END, LAST_IN_THE_DAY)
        elif read.in_total and view.now is not None:
            moment = view.now
        scope = scope_on(read.keys, measure.window, day, row_key, view, self.reader)
        total = self.at(read.measure, scope, moment)
        target = target_of(read.against, day, day, view, self.reader)
        value = total if target is None else divide(total, target)
        unit = measure.aggregate.type
        where = f" in {scope.label}" if scope.label else ""
        if target is None:
            note = f"{read.text} {show(total, unit)}{where}"
        elif isinstance(read.against, nodes.WeightedTarget):
            parts = self.weighted(read.against, scope, moment, view.day, view)
            note = f"{read.text} {show(value, PercentType())}{where}: {parts}"
        else:
            ratio = show(value, PercentType())
            note = f"{read.text} {ratio} ({show(total, unit)} of {show(target, unit)}{where})"
        if view.notes is not None and note not in view.notes:
            view.notes.append(note)
        return value

    def where_read(self, read: nodes.MeasureRead, view: View) -> tuple[Place, Exact | None]:
        """Return where the total runs that is read on a row, and its target."""
        measure = self.reader.plan.measures[read.measure]
        row_key = view.record.key if view.record is not None else ""
        scope = scope_on(read.keys, measure.window, view.day, row_key, view, self.reader)
        return place_of(scope), target_of(read.against, view.day, view.day, view, self.reader)

    def moved(self, name: str) -> list[tuple[Place, Moved]]:
        """Return every move of a measure, in order, with where its total runs."""
        measure = self.reader.plan.measures[name]
        moves = self.moves(measure, self.dates_of(measure))
        return [(place_of(each.scope), each) for each in accumulate((), moves, measure.aggregate.kind)]

    def before(self, target: nodes.GrowthTarget, day: date, view: View) -> tuple[Exact, str]:
        """Return what a measure came to one unit before a day, and the label of that window."""
        earlier = self._earlier(self.reader.plan.measures[target.measure], target.unit, day)
        scope = Scope(keys_of(target.keys, view, self.reader), earlier)
        return self.at(target.measure, scope, (END, LAST_IN_THE_DAY)), earlier.label

    def _earlier(self, measure: nodes.Measure, unit: SpanUnit, day: date) -> Window:
        """Return the window one unit before the one that a day lies in."""
        plan = self.reader.plan
        if not isinstance(measure.window, WindowKind):
            raise InternalError(f"{measure.text}: no window of the calendar")
        now = window_of(day, measure.window, plan.fiscal, plan.effective)
        return window_of(add_span(now.start, -1, unit), measure.window, plan.fiscal, plan.effective)

    def weighted(
        self, target: nodes.WeightedTarget, scope: Scope, moment: Moment, judged_on: date, view: View
    ) -> str:
        """Return in words what the parts of a weighted attainment came to at a moment: `60% × bookings
        110% + 40% × new_logos 50%`."""
        shown = []
        for part in target.parts:
            against = target_of(part.against, moment[0], judged_on, view, self.reader)
            reached = ZERO if against is None else divide(self.at(part.measure, scope, moment), against)
            is_over = part.most is not None and reached > part.most
            counts = f", counts {show(part.most, PercentType())}" if is_over else ""
            weight = show(part.weight, PercentType())
            shown.append(f"{weight} × {part.measure} {show(reached, PercentType())}{counts}")
        return " + ".join(shown)

    def moves(self, measure: nodes.Measure, within: DateRange) -> list[Move]:
        """Return what moves a named measure, for its rows within some dates."""
        if isinstance(measure.against, nodes.WeightedTarget):
            return self._weighted_moves(measure.against)
        rows_of = measure.rows
        if rows_of is None:
            raise InternalError(f"{measure.text} has no rows of its own")
        rows, _ = rows_of_facts(rows_of, rows_of.source, self.facts, within, self.through)
        moves = []
        for row in rows:
            try:
                credited = credit(row, rows_of.credit, self.facts)
            except NoValue:
                continue
            for turn, each in in_turn(credited, row):
                try:
                    moves += self._move(measure, rows_of, row, turn, each)
                except (NoValue, RateToCome, EarnsNothing):
                    # A payee without values yet, or before the first window, or a row without a rate, has
                    # nothing to count; others who are credited on the row have.
                    continue
                except NoRate as problem:
                    self.facts.lacks_rate(row, problem)
        return moves

    def dates_of(self, measure: nodes.Measure) -> DateRange:
        """Return the dates of the rows that a measure counts, whatever rule uses it."""
        if measure.rows is not None and measure.rows.effective is not None:
            return measure.rows.effective
        lifetime = measure.window is WindowKind.LIFETIME
        return DateRange(BEGINNING, END) if lifetime else self.reader.plan.effective

    def _weighted_moves(self, target: nodes.WeightedTarget) -> list[Move]:
        """Return what rows of any part move a weighted attainment by, each row once."""
        events: list[tuple[tuple[object, ...], int, Moved]] = []
        for index, part in enumerate(target.parts):
            measure = self.reader.plan.measures[part.measure]
            moves = self.moves(measure, self.dates_of(measure))
            events += [(move.sort_key, index, move) for move in accumulate((), moves, measure.aggregate.kind)]
        events.sort(key=lambda event: event[:2])
        worth: dict[tuple[Place, int], Exact] = {}
        moved: dict[tuple[object, ...], Move] = {}
        for _, index, move in events:
            part = target.parts[index]
            against = self.reader.plan.measures[part.measure].against
            judge = judged_from(move.row, move.payee)
            try:
                whole = target_of(against, move.row.dated, move.row.judged_on, judge, self.reader)
            except (NoValue, EarnsNothing):
                continue
            reached = divide(move.after, whole) if whole is not None else ZERO
            if part.most is not None:
                reached = min(reached, part.most)
            now = multiply(part.weight, reached)
            place = (place_of(move.scope), index)
            by = subtract(now, worth.get(place, ZERO))
            worth[place] = now
            key = (move.row.dated, move.row.order, move.payee, place_of(move.scope))
            before = moved[key].amount if key in moved else ZERO
            moved[key] = Move(
                row=move.row,
                payee=move.payee,
                turn=move.turn,
                scope=move.scope,
                amount=add(before, by),
            )
        return _in_turn(list(moved.values()))

    def _courses_of(self, name: str) -> dict[Place, Course]:
        if name not in self._courses:
            measure = self.reader.plan.measures[name]
            courses: dict[Place, Course] = {}
            moves = self.moves(measure, self.dates_of(measure))
            for moved in accumulate((), moves, measure.aggregate.kind):
                course = courses.setdefault(place_of(moved.scope), Course())
                course.note((moved.row.dated, moved.row.order), moved.after)
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
        judge = judged_from(row, payee, credited.level)
        if not all_hold(rows_of.conditions, self.reader, judge):
            return []
        own = own_view(row, judge)
        scope = scope_of(measure.keys, measure.window, row, judge, self.reader)
        amount = moves_of(measure.aggregate, row, share, own, self.reader)
        value = counted(measure.aggregate, judge, self.reader)
        counts_in = counts_in_of(measure, row, judge, self.reader)
        move = Move(
            row=row,
            payee=payee,
            turn=turn,
            scope=scope,
            amount=amount,
            value=value,
            counts_in=counts_in,
        )
        return [move]


def _in_turn(moves: list[Move]) -> list[Move]:
    """Return the moves with the turns of all payees of a row, whichever parts count it for them: by key, in
    reverse for a row that undoes another."""
    payees: dict[tuple[object, ...], set[PayeeId]] = {}
    for move in moves:
        payees.setdefault((move.row.dated, move.row.order), set()).add(move.payee)
    found = []
    for move in moves:
        of_row = sorted(payees[move.row.dated, move.row.order], reverse=move.row.is_reversal)
        found.append(replace(move, turn=of_row.index(move.payee)))
    return found
