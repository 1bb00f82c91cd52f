"""Step 13, settle: the periods of each payee one after the other, from sums of lines to more lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Rejected, Span
from rulesengine.engines.reference.conditions import all_hold
from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.reference.view import DividesByZero, NoValue, View
from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.engines.settle import CAP, MINIMUM, Account, Step, Terms, Unit, settle_statement
from rulesengine.engines.values import number
from rulesengine.model.dates import END, SpanUnit, Window, add_span, window_of
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.money import minor_unit
from rulesengine.plan import nodes

Placed = tuple[tuple[object, ...], Line]
Sums = Mapping[date, Decimal]
"""What the lines of a payee come to, by the first day of the period they are payable in."""
Holder = tuple[PayeeId, str]
"""A payee and a currency: balances of two currencies are two balances."""


def settle(
    lines: Iterable[Line], plan: nodes.Plan, settlement: nodes.Settlement, reader: Reader, through: date
) -> list[Placed]:
    """Return the lines that settle every statement whose period is over, each with its place.

    A period is settled on its last day, once and for good: lines payable later are of later ones.
    """
    return _Settling(plan, settlement, reader).settle(lines, through)


class _Settling:
    def __init__(self, plan: nodes.Plan, settlement: nodes.Settlement, reader: Reader) -> None:
        self._plan, self._settlement, self._reader = plan, settlement, reader
        rounding = settlement.rounding
        self._rounding = rounding
        self._has_grants = bool(settlement.draws or settlement.guarantees)

    def settle(self, lines: Iterable[Line], through: date) -> list[Placed]:
        sums = self._sums(lines, through)
        windows = self._windows(sums, through)
        holders = set(sums)
        if self._has_grants:
            everybody = {(kind, key) for kind, keys in self._reader.book.payees.items() for key in keys}
            holders |= {(payee, currency) for payee in everybody for currency in self._granted_in(payee)}
        return [
            placed
            for payee, currency in sorted(holders)
            for placed in self._of_payee(payee, currency, sums.get((payee, currency), {}), windows)
        ]

    def _granted_in(self, payee: PayeeId) -> list[str]:
        """Return the currency that a payee is granted amounts in, none where it is not known."""
        if self._plan.pays_in:
            return [self._plan.pays_in]
        convert = self._plan.convert
        if convert is None or isinstance(convert.to, str):
            return []
        found = self._reader.read(convert.to, View(None, self._reader.through, payee))
        return [found] if isinstance(found, str) else []

    def _unit(self, currency: str) -> Unit:
        """Return how totals in a currency are rounded: it is paid in whole minor units."""
        if self._rounding is not None:
            return Unit(self._rounding.mode, self._rounding.step)
        return Unit(self._plan.rounding.mode, minor_unit(currency))

    def _window(self, day: date) -> Window:
        return window_of(day, self._plan.period, self._plan.fiscal, self._plan.effective)

    def _sums(self, lines: Iterable[Line], through: date) -> dict[Holder, dict[date, Decimal]]:
        starts: dict[date, date] = {}
        sums: dict[Holder, dict[date, Decimal]] = {}
        for line in lines:
            day = line.payable_on
            if day is None or day > through or line.memo:
                continue
            if day not in starts:
                starts[day] = self._window(day).start
            of_payee = sums.setdefault(((line.payee_kind, line.payee), line.settles_in), {})
            of_payee[starts[day]] = EXACT.add(of_payee.get(starts[day], ZERO), line.settles)
        return sums

    def _windows(self, sums: Mapping[Holder, Sums], through: date) -> list[Window]:
        """Return the periods that are over, from the plan's first on."""
        earliest = [min(of_payee) for of_payee in sums.values()]
        window = self._window(min([self._plan.effective.start, *earliest]))
        windows = []
        while window.end <= through:
            windows.append(window)
            if window.end >= END:
                break
            window = self._window(add_span(window.end, 1, SpanUnit.DAY))
        return windows

    def _of_payee(self, payee: PayeeId, currency: str, sums: Sums, windows: list[Window]) -> list[Placed]:
        unit = self._unit(currency)
        account = Account()
        carried_by = advanced_by = previous = ""
        placed: list[Placed] = []
        for window in windows:
            if not self._has_grants and account.is_empty and window.start not in sums:
                continue
            draw, guarantee = self._grants(payee, window)
            terms = self._terms(draw, guarantee, payee, window, unit)
            if account.is_empty and window.start not in sums and not terms.grants_something:
                continue
            earnings = sums.get(window.start, ZERO)
            account, steps = settle_statement(earnings, account, terms, self._settlement, unit)
            for position, step in enumerate(steps):
                points_at = {Part.BROUGHT_FORWARD: carried_by, Part.RECOVERY: advanced_by}.get(step.part, "")
                label = previous if step.part is Part.BROUGHT_FORWARD else ""
                span = self._clause(step, draw, guarantee).origin
                line = self._line(payee, currency, step, position, window, span, points_at, label)
                if step.part is Part.CARRIED_FORWARD:
                    carried_by, previous = line.line_id, window.label
                if step.part is Part.DRAW:
                    advanced_by = line.line_id
                rank = len(self._plan.rules)
                placed.append(((payee, window.end, rank, window.end, LAST_IN_THE_DAY, position), line))
        return placed

    def _line(
        self,
        payee: PayeeId,
        currency: str,
        step: Step,
        position: int,
        window: Window,
        span: Span,
        points_at: str,
        label: str,
    ) -> Line:
        return Line(
            payee_kind=payee[0],
            payee=payee[1],
            rule=STATEMENT,
            kind=STATEMENT,
            part=step.part,
            fact="",
            fact_id="",
            earned_on=window.end,
            payable_on=window.end,
            window=window.label,
            scope=label,
            measure_before=step.before,
            measure_after=step.after,
            measure_unit=currency,
            target=step.target,
            base=step.base,
            base_of=step.base_of,
            rate=step.rate,
            exact=step.exact,
            amount=step.amount,
            currency=currency,
            from_line=points_at,
            memo=False,
            span=str(span),
            step=position,
            # Lines that settle one period in two currencies differ in nothing else of their names;
            # the number must not depend on which other currencies there are.
            sequence=0 if self._plan.pays_in else int.from_bytes(currency.encode(), "big"),
        )

    # --- what is granted -----------------------------------------------------------------------

    def _grants(self, payee: PayeeId, window: Window) -> tuple[nodes.Grant | None, nodes.Grant | None]:
        """Return the draw and the guarantee of a payee: those of periods that the plan holds in."""
        if not self._has_grants or window.days.overlap(self._plan.effective) is None:
            return None, None
        settlement = self._settlement
        return (
            self._grant(settlement.draws, payee, window.end),
            self._grant(settlement.guarantees, payee, window.end),
        )

    def _clause(self, step: Step, draw: nodes.Grant | None, guarantee: nodes.Grant | None) -> nodes.Node:
        """Return the clause that a step carries out; the whole block where none is written."""
        settlement = self._settlement
        clause: nodes.Node | None
        match step.part:
            case Part.GUARANTEE:
                clause = guarantee
            case Part.DRAW:
                clause = draw
            case Part.RECOVERY:
                clause = settlement.recovery
            case Part.ROUNDING:
                clause = settlement.rounding
            case Part.STATEMENT_CAP:
                clause = settlement.cap
            case _:
                clause = {CAP: settlement.cap, MINIMUM: settlement.minimum}.get(step.base_of)
        return clause or settlement

    def _terms(
        self,
        draw: nodes.Grant | None,
        guarantee: nodes.Grant | None,
        payee: PayeeId,
        window: Window,
        unit: Unit,
    ) -> Terms:
        """Return what the statement block grants a payee, as of the period's last day."""
        settlement = self._settlement
        recovery, cap, minimum = settlement.recovery, settlement.cap, settlement.minimum
        # What is below the minimum is not kept for good: with the plan's last period it is paid.
        is_last = window.end >= self._plan.effective.end
        return Terms(
            guarantee=self._amount(guarantee.amount, payee, window.end, unit) if guarantee else None,
            draw=self._amount(draw.amount, payee, window.end, unit) if draw else None,
            is_recoverable=draw is not None and draw.is_recoverable,
            above=self._amount(recovery.above, payee, window.end, unit)
            if recovery and recovery.above
            else None,
            cap=self._amount(cap.amount, payee, window.end, unit) if cap else None,
            minimum=self._amount(minimum.amount, payee, window.end, unit)
            if minimum and not is_last
            else None,
        )

    def _grant(self, grants: tuple[nodes.Grant, ...], payee: PayeeId, day: date) -> nodes.Grant | None:
        """Return the first that is for the payee on that day; nobody is a payee before his values."""
        record = self._reader.book.payees[payee[0]][payee[1]]
        if not grants or record.version_at(day) is None:
            return None
        return next((grant for grant in grants if self._is_for(grant, payee, day)), None)

    def _is_for(self, grant: nodes.Grant, payee: PayeeId, day: date) -> bool:
        if grant.kind not in ("", payee[0]):
            return False
        conditions = self._reader.plan.segments[grant.segment].conditions if grant.segment else ()
        record = self._reader.record(*payee)
        try:
            return all_hold(conditions, self._reader, View(record, day)) and (
                grant.time is None or self._is_within(grant.time, View(None, day, payee))
            )
        except DividesByZero as problem:
            raise _refused(problem) from None
        except NoValue:
            return False

    def _is_within(self, time: nodes.ForSpan, view: View) -> bool:
        """Tell whether the day of the view lies in a time; in none whose first day is missing."""
        start = self._reader.day_of(time.anchor, view)
        if start is None:
            return False
        end = self._reader.after(time.anchor, time.span, view)
        return start <= view.day and (end is None or view.day < end)

    def _amount(self, operand: nodes.Operand, payee: PayeeId, day: date, unit: Unit) -> Decimal | None:
        """Return an amount as it can be paid, at least 0; None before the payee has values."""
        try:
            value = self._reader.value(operand, View(None, day, payee))
        except DividesByZero as problem:
            raise _refused(problem) from None
        except NoValue:
            return None
        return None if value is None else max(unit.of(number(value)), ZERO)


def _refused(problem: DividesByZero) -> Rejected:
    return Rejected([Diagnostic(code="R1113", message=problem.detail)])
