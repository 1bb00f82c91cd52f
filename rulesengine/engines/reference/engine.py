"""The reference engine: the dozen steps, one after the other, for every rule. Start reading here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import localcontext
from functools import partial

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.exchange import NoRate, RateToCome
from rulesengine.engines.reference.accumulate import Move, Moved, accumulate, accumulate_windows, with_deals
from rulesengine.engines.reference.achieve import achieve
from rulesengine.engines.reference.assign import LineNames, assign
from rulesengine.engines.reference.award import award, with_contributors
from rulesengine.engines.reference.budget import after_budget, budget
from rulesengine.engines.reference.calendar import rows_of_calendar
from rulesengine.engines.reference.choose import choose
from rulesengine.engines.reference.count_out import count_out
from rulesengine.engines.reference.credit import credit, in_turn
from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY, Draft, in_order
from rulesengine.engines.reference.facts import Facts
from rulesengine.engines.reference.first_rows import first_rows
from rulesengine.engines.reference.floors import floors_of_windows
from rulesengine.engines.reference.held import Held
from rulesengine.engines.reference.in_total import has_targets, rate_in_total
from rulesengine.engines.reference.keys import place_of, scope_on
from rulesengine.engines.reference.known import Known, KnownPlans
from rulesengine.engines.reference.limit import clamped, limit, nothing_yet
from rulesengine.engines.reference.look_up import look_up
from rulesengine.engines.reference.nothing import without_anybody, without_goal, without_pay, without_place
from rulesengine.engines.reference.rank import rank
from rulesengine.engines.reference.rate import rate_bands, rate_measured, rate_rows
from rulesengine.engines.reference.rate_days import RateDays
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.received import Received
from rulesengine.engines.reference.rerate import rerate
from rulesengine.engines.reference.round_off import round_exact
from rulesengine.engines.reference.rows import EarnsNothing, Item, PayeeId, Row, Scope
from rulesengine.engines.reference.schedule import schedule
from rulesengine.engines.reference.settle import settle
from rulesengine.engines.reference.share_out import round_shared
from rulesengine.engines.reference.shares import reject_broken_shares
from rulesengine.engines.reference.source import rows_of_earnings, rows_of_facts
from rulesengine.engines.reference.take_back import take_back
from rulesengine.engines.reference.totals import Totals
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.reference.with_earnings import EarningsOnRows, deducts, with_earnings
from rulesengine.engines.results import Earned, Line, Outcome, Reason
from rulesengine.engines.standings import Standings
from rulesengine.model.book import Book, Reject
from rulesengine.model.change import replace
from rulesengine.model.dates import DateRange, Window, anniversary_of, window_of
from rulesengine.model.exact import EXACT, ZERO, Exact
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Take


class ReferenceEngine:
    """What the language means, written to be read; answers for any checked plan."""

    name = "reference"

    def __init__(self) -> None:
        self._plans = KnownPlans()

    def earn(self, plan: nodes.Plan, book: Book, through: date) -> Earned:
        """Return everything earned by rows dated on or before `through` (engines/contract.py)."""
        return _evaluated(self._plans.of(plan), book, through, None)

    def standings(self, plan: nodes.Plan, book: Book, through: date) -> Standings:
        """Return where every running total stands (engines/contract.py)."""
        standings = Standings()
        standings.rejects = _evaluated(self._plans.of(plan), book, through, standings).rejects
        return standings


def _evaluated(known: Known, book: Book, through: date, standings: Standings | None) -> Earned:
    """Return what is earned, and note in `standings` where the running totals stand then."""
    # Plain + and - on decimals round to the context in force; in this one they may not.
    with localcontext(EXACT):
        set_aside: dict[tuple[str, str], Reject] = {}
        while True:
            run = _Run(known, book, through, set_aside, standings)
            earned = run.earn()
            if not run.facts.unrated:
                return earned
            # A row that a rule has no rate for is rejected, and no rule may look at it. Each
            # round sets more rows aside, so there is a last one.
            set_aside |= run.facts.unrated
            if standings is not None:
                standings.clear()


class _Run:
    """One evaluation: what the rules have earned so far, in the plan's order."""

    def __init__(
        self,
        known: Known,
        book: Book,
        through: date,
        set_aside: Mapping[tuple[str, str], Reject],
        standings: Standings | None,
    ) -> None:
        plan = known.plan
        self.plan, self.through, self.standings = plan, through, standings
        self.reader = Reader(known, book, through)
        self.facts = Facts(self.reader, set_aside)
        self.received = Received(self.facts, through)
        reject_broken_shares(self.facts)
        self.totals = Totals(self.reader, self.facts, through)
        self.reader.totals = self.totals
        self.rules, self.again, self.converted = known.rules, known.again, known.converted
        self.earned: dict[str, list[Draft]] = {}
        self.budgeted: dict[str, list[Draft]] = {}
        self.settled: dict[str, list[Draft]] = {}
        # What is clawed back later was earned all the same when this row came.
        self.earnings = EarningsOnRows(lambda name: self._budgeted(self.rules[name]), plan.currency)
        self.outcomes: list[Outcome] = []
        self.rate_days = RateDays()

    def earn(self) -> Earned:
        placed: list[tuple[tuple[object, ...], Line]] = []
        names: LineNames = {}
        unpaid: list[Diagnostic] = []
        for measure in self.converted:
            # Rows that it has no rate for are in no rule, also where no row asks for the total.
            self.totals.moves(measure, self.totals.dates_of(measure))
        for rule in self.plan.rules:
            drafts = schedule(self._settled(rule), rule, self.reader, self.received)
            drafts = self.rate_days.payable(after_budget(drafts, rule), rule.name)
            placed += assign(drafts, rule, self.reader, names, unpaid)
        if unpaid and not self.facts.unrated:
            raise Rejected(unpaid)
        if self.plan.settlement is not None:
            lines = [line for _, line in placed]
            placed += settle(lines, self.plan, self.plan.settlement, self.reader, self.through)
        placed.sort(key=lambda pair: pair[0])
        rejects = _one_per_row(self.facts.rejects)
        return Earned(tuple(line for _, line in placed), tuple(self.outcomes), rejects)

    def _settled(self, rule: nodes.Rule) -> list[Draft]:
        """Return what a rule earns, clawbacks included, before it is cut into parts."""
        if rule.name not in self.settled:
            self.settled[rule.name] = take_back(self._budgeted(rule), rule, self.reader, self.through)
        return self.settled[rule.name]

    def _budgeted(self, rule: nodes.Rule) -> list[Draft]:
        """Return what a rule earns after its rivals and its budget."""
        if rule.name not in self.budgeted:
            drafts = self._earned(rule)
            for choice in self.plan.chooses:
                if choice.take is not Take.ALL and rule.name in choice.among:
                    rivals = {name: self._earned(self.rules[name]) for name in choice.among}
                    drafts = choose(choice, rivals)[rule.name]
            self.budgeted[rule.name] = budget(drafts, rule, rule.rounding.step, self.through)
        return self.budgeted[rule.name]

    def _earned(self, rule: nodes.Rule) -> list[Draft]:
        """Return what a rule earns as if it were alone, rounded, limited and awarded."""
        if rule.name not in self.earned:
            rows, outcomes = self._rows(rule)
            self.outcomes += outcomes
            items = [item for row in rows for item in self._items(rule, row)]
            items.sort(key=lambda item: item.sort_key)
            items = first_rows(items, rule, self.reader, partial(self._not_among_the_first, rule))
            items = count_out(with_earnings(items, self.earnings))
            round_off = partial(round_exact, rounding=rule.rounding)
            drafts = in_order(self._rated(rule, items))
            drafts = round_shared(drafts, rule.rounding)
            drafts = in_order([*nothing_yet(items), *drafts])
            held: dict[Scope, Held] = {}
            drafts = limit(drafts, held, round_off, self._window_on)
            if self.standings is not None:
                self.standings.clamped[rule.name] = clamped(held)
            drafts += floors_of_windows(drafts, rule, self.through, round_off, self._window_on)
            drafts, nobody = award(in_order(drafts), rule, self.reader, self._total_on)
            self.outcomes += dict.fromkeys(without_anybody(draft, rule) for draft in nobody)
            self.earned[rule.name] = drafts
        return self.earned[rule.name]

    def _total_on(self, measure: nodes.Measure, payee: PayeeId, day: date) -> Exact:
        """Return what a payee has of a measure kept by payee at the end of a day, in its window."""
        assert measure.name is not None and not isinstance(measure.window, nodes.PerFact)
        try:
            scope = scope_on(measure.keys, measure.window, day, "", View(None, day, payee), self.reader)
        except EarnsNothing:
            return ZERO  # before the payee's first window
        return self.totals.at(measure.name, scope, (day, LAST_IN_THE_DAY))

    def _not_among_the_first(self, rule: nodes.Rule, item: Item, detail: str) -> None:
        self._earns_nothing(rule, item.row, item.payee, Reason.OUTSIDE_DURATION, detail)

    def _window_on(self, day: date, like: Window) -> Window:
        if like.anchor is not None:
            return anniversary_of(day, like.kind, like.anchor)
        return window_of(day, like.kind, self.plan.fiscal, self.plan.effective)

    def _rows(self, rule: nodes.Rule) -> tuple[list[Row], list[Outcome]]:
        match rule.source:
            case nodes.FactSource() as source:
                return rows_of_facts(rule, source, self.facts, rule.effective, self.through)
            case nodes.CalendarSource() as calendar:
                rows = rows_of_calendar(calendar, self.reader, rule.effective, self.through)
                return [replace(row, convert=rule.convert) for row in rows], []
            case nodes.EarningsSource(rule=other):
                lines = self._settled(self.rules[other])
                return self.rate_days.on_rows(rows_of_earnings(lines, rule), other), []

    def _items(self, rule: nodes.Rule, row: Row) -> list[Item]:
        """Return the row credited and looked up; note down why a payee earns nothing on it."""
        try:
            credited = credit(row, rule.version_on(row.judged_on).credit, self.facts)
        except NoValue as problem:
            self._earns_nothing(rule, row, ("", ""), problem.reason, problem.detail)
            return []
        if not credited:
            self._earns_nothing(rule, row, ("", ""), Reason.NOBODY_CREDITED, "")
        items = []
        for turn, each in in_turn(credited, row):
            try:
                item = look_up(rule, row, turn, each, self.reader)
                if rule.name in self.again:
                    has_targets(item, self.totals)
                items.append(item)
                self.rate_days.note(rule.name, item)
            except NoValue as problem:
                self._earns_nothing(rule, row, each.payee, problem.reason, problem.detail)
            except EarnsNothing as nothing:
                self._earns_nothing(rule, row, each.payee, nothing.reason, nothing.detail)
            except RateToCome as problem:
                self._earns_nothing(rule, row, each.payee, Reason.RATE_TO_COME, problem.detail)
            except NoRate as problem:
                if not self.facts.lacks_rate(row, problem):
                    self._earns_nothing(rule, row, each.payee, Reason.NO_RATE, problem.reason)
        return items

    def _rated(self, rule: nodes.Rule, items: list[Item]) -> list[Draft]:
        """Return what the items earn, exactly; note down those that come to nothing."""
        if rule.goals or rule.rank is not None:
            items = [item for item in items if self._in_window(rule, item)]
        if rule.goals:
            moves = [self._moves(goal.measure, rule.effective) for goal in rule.goals]
            drafts, standings = achieve(items, moves, rule)
            reaching = {id(draft.row) for draft in drafts}
            drafts = [draft for draft in drafts if draft.exact != 0 or draft.prize]
            paid = {id(draft.row) for draft in drafts}
            self.outcomes += [
                without_goal(item, rule, standings, is_at_goal=id(item.row) in reaching)
                for item in items
                if id(item.row) not in paid
            ]
            return drafts
        if rule.rank is not None:
            moved_by = self._moves(rule.rank.measure, rule.effective)
            drafts = rank(items, moved_by, rule, self.through, self.reader)
            self.outcomes += [without_place(item, rule) for item in items]
            return drafts
        moved = self._moved(rule, items)
        drafts = self._rate(rule, items, moved)
        if rule.award is not None:
            drafts = with_contributors(drafts, moved)
        paid_to = {(id(draft.row), draft.payee) for draft in drafts if draft.exact != 0 or draft.prize}
        by_item = {(id(move.row), move.payee): move for move in moved}
        for item in items:
            key = (id(item.row), item.payee)
            if key not in paid_to and not deducts(item):
                self.outcomes.append(without_pay(item, rule, by_item.get(key)))
        return drafts

    def _in_window(self, rule: nodes.Rule, item: Item) -> bool:
        """Return whether the row's own date counts: goals and ranks are over when the window is.

        A row that undoes one in the window, but comes after it, moves no goal and no rank.
        """
        if item.row.dated <= rule.effective.end:
            return True
        detail = f"{item.row.dated} is after {rule.effective.end}"
        self._earns_nothing(rule, item.row, item.payee, Reason.OUTSIDE_DATES, detail)
        return False

    def _rate(self, rule: nodes.Rule, items: list[Item], moved: list[Moved]) -> list[Draft]:
        rate = rule.versions[0].rate
        if rule.name in self.again:
            return rate_in_total(items, self.totals)
        if not isinstance(rate, nodes.Bands):
            return rate_measured(moved, rule) if rule.measure else rate_rows(items)
        if not _shares_rows_out(rule):
            return rerate(moved, rule, partial(round_exact, rounding=rule.rounding))
        return rate_bands(moved, rule)

    def _moved(self, rule: nodes.Rule, items: list[Item]) -> list[Moved]:
        if rule.measure is None:
            return []
        moved = self._moved_by(items, rule.measure)
        if self.standings is not None:
            for move in moved:
                moment = (move.row.dated, move.row.order)
                self.standings.measure(rule.name, place_of(move.scope), moment, move.after)
        return with_deals(moved, rule.measure.aggregate.kind) if _shares_rows_out(rule) else moved

    def _moved_by(self, items: list[Item], measure: nodes.Measure) -> list[Moved]:
        if measure.read_by is not None and measure.name is not None:
            return accumulate_windows(items, partial(self.totals.at, measure.name))
        moves = None
        if measure.name is not None:
            moves = self.totals.moves(measure, self.totals.dates_of(measure))
        return accumulate(items, moves, measure.aggregate.kind)

    def _moves(self, measure: nodes.Measure, window: DateRange) -> list[Move] | None:
        """Return what moves a named measure in a rule's window; None where the rule's own rows do."""
        if measure.name is None:
            return None
        moves = self.totals.moves(measure, window)
        return [move for move in moves if move.row.dated <= window.end]

    def _earns_nothing(self, rule: nodes.Rule, row: Row, payee: PayeeId, reason: Reason, detail: str) -> None:
        self.outcomes.append(
            Outcome(
                rule=rule.name,
                payee_kind=payee[0],
                payee=payee[1],
                fact=row.fact.kind if row.fact else "",
                fact_id=row.fact.key if row.fact else "",
                dated=row.dated,
                reason=reason,
                detail=detail,
            )
        )


def _shares_rows_out(rule: nodes.Rule) -> bool:
    """Return whether each row is paid in the bands that it touches, for good."""
    rate = rule.versions[0].rate
    return isinstance(rate, nodes.Bands) and not rate.method.trues_up


def _one_per_row(rejects: list[Reject]) -> tuple[Reject, ...]:
    """Return the rejects in order, each once: named measures look at the same facts again."""
    return tuple(sorted(dict.fromkeys(rejects), key=lambda each: (each.kind, each.file, each.row)))
