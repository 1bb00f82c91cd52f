"""Control totals: proof that no row and no cent was lost between the files and the lines.

For each kind of record: rows and money read = accepted + rejected. For each rule: rows accepted =
earning + not earning, by reason, + rejected while evaluating; and the same for every money field
of the rows. For each rule's lines: in the period, payable earlier or later, waiting for a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import STATEMENT, Earned, Line, Outcome, Reason
from rulesengine.model.book import Book, ControlTotal, Fact
from rulesengine.model.dates import DateRange
from rulesengine.model.exact import EXACT, ZERO, as_text
from rulesengine.model.money import Money
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import MoneyType
from rulesengine.plan.nodes import FactSource, Plan, Rule

_REASON_ORDER = {reason: index for index, reason in enumerate(Reason)}


class Due(StrEnum):
    """When a line is payable, seen from a run."""

    IN_PERIOD = "in_period"
    EARLIER = "earlier"
    """Before the period: an earlier run paid it."""
    LATER = "later"
    """After the period, or after the last day of facts."""
    WAITING = "waiting"
    """A date that it waits for is missing."""


def due_of(line: Line, period: DateRange, through: date) -> Due:
    """Return when a line is payable, seen from a run of that period over facts through a day."""
    return due_on(line.payable_on, period, through)


def due_on(day: date | None, period: DateRange, through: date) -> Due:
    """Return when what is payable on a day is due, seen from such a run; without a day it waits for one."""
    if day is None:
        return Due.WAITING
    if day < period.start:
        return Due.EARLIER
    return Due.IN_PERIOD if day <= min(period.end, through) else Due.LATER


def control_totals(
    plan: Plan, book: Book, totals: Iterable[ControlTotal], earned: Earned, due: Callable[[Line], Due]
) -> dict[str, Any]:
    """Return the control totals of a run, as run.json holds them.

    Raises:
        InternalError: a total does not add up.
    """
    lines: dict[str, list[Line]] = {}
    for line in earned.lines:
        lines.setdefault(line.rule, []).append(line)
    outcomes: dict[str, list[Outcome]] = {}
    for outcome in earned.outcomes:
        outcomes.setdefault(outcome.rule, []).append(outcome)

    def of_rule(rule: Rule) -> dict[str, Any]:
        kind = rule.fact_kind
        rejected = frozenset(reject.key for reject in earned.rejects if reject.kind == kind)
        fates = _fates(kind, lines.get(rule.name, []), outcomes.get(rule.name, []), rejected)
        return _rule_totals(plan, rule, book, fates)

    def of_lines(rule: str) -> dict[Due, tuple[int, Decimal]]:
        sums: dict[Due, tuple[int, Decimal]] = {}
        for line in lines.get(rule, []):
            when = due(line)
            count, amount = sums.get(when, (0, ZERO))
            sums[when] = (count + 1, EXACT.add(amount, line.amount))
        return sums

    amounts = {
        rule.name: line_totals(rule.is_memo, rule.currency, of_lines(rule.name)) for rule in plan.rules
    }
    if plan.settlement is not None:
        amounts[STATEMENT] = line_totals(False, plan.pays_in, of_lines(STATEMENT))
    return {
        "facts": kind_totals(totals),
        "rules": {rule.name: of_rule(rule) for rule in plan.rules},
        "lines": amounts,
    }


def kind_totals(totals: Iterable[ControlTotal]) -> dict[str, Any]:
    """Return rows and money of each kind of record, as run.json holds them.

    Raises:
        InternalError: a total does not add up.
    """
    return {total.kind: _kind_totals(total) for total in sorted(totals, key=lambda t: t.kind)}


def _kind_totals(total: ControlTotal) -> dict[str, Any]:
    same(f"rows of {total.kind}", total.rows_read, total.rows_accepted + total.rows_rejected)
    money = {}
    for name, read in sorted(total.money_read.items()):
        accepted, rejected = total.money_accepted.get(name, ZERO), total.money_rejected.get(name, ZERO)
        same(f"`{name}` of {total.kind}", read, EXACT.add(accepted, rejected))
        money[name] = {
            "read": as_text(read),
            "accepted": as_text(accepted),
            "rejected": as_text(rejected),
            "unreadable_rows": total.unreadable.get(name, 0),
        }
    rows = {"read": total.rows_read, "accepted": total.rows_accepted, "rejected": total.rows_rejected}
    return {"rows": rows, "money": money}


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rows of a rule's source by what became of them; each key is in one of the three."""

    earning: frozenset[str]
    not_earning: Mapping[Reason, frozenset[str]]
    rejected: frozenset[str]

    @property
    def all(self) -> int:
        return len(self.earning) + len(self.rejected) + sum(map(len, self.not_earning.values()))


def _rule_totals(plan: Plan, rule: Rule, book: Book, fates: _Sorted) -> dict[str, Any]:
    kind = rule.fact_kind
    rows: dict[str, Any] = {
        "earning": len(fates.earning),
        "not_earning": {reason.value: len(keys) for reason, keys in fates.not_earning.items()},
        "rejected": len(fates.rejected),
    }
    if not isinstance(rule.source, FactSource):
        # Rows of a rule on earnings are the rows that the other rule paid; only those are sorted.
        return {"fact": kind, "rows": {"accepted": fates.all - len(fates.rejected), **rows}}
    facts = book.facts.get(kind, ())
    same(f"rows of `{rule.name}`", len(facts), fates.all)
    fields = [f.name for f in plan.schema.kinds[kind].fields if isinstance(f.type, MoneyType)]
    money = {
        f"{field} {currency}".rstrip(): _money_totals(rule, field, currency, facts, fates)
        for field in fields
        for currency in _currencies(plan, kind, field, facts)
    }
    return {"fact": kind, "rows": {"accepted": len(facts), **rows}, "money": money}


def _fates(
    kind: str, lines: Iterable[Line], outcomes: Iterable[Outcome], rejected: frozenset[str]
) -> _Sorted:
    """Sort the rows of a kind by what became of them under one rule."""
    earning = frozenset(line.fact_id for line in lines if line.fact == kind) - rejected
    reasons: dict[str, Reason] = {}
    for outcome in outcomes:
        key = outcome.fact_id
        if outcome.fact != kind or key in earning or key in rejected:
            continue
        # A row that earned nothing for several payees is counted once, under the first reason.
        if key not in reasons or _REASON_ORDER[outcome.reason] < _REASON_ORDER[reasons[key]]:
            reasons[key] = outcome.reason
    by_reason: dict[Reason, set[str]] = {}
    for key, reason in reasons.items():
        by_reason.setdefault(reason, set()).add(key)
    ordered = {reason: frozenset(by_reason[reason]) for reason in Reason if reason in by_reason}
    return _Sorted(earning, ordered, rejected)


def _currencies(plan: Plan, kind: str, field: str, facts: Sequence[Fact]) -> list[str]:
    """Return the currencies that a field's amounts are in, one empty one where it is said of the field."""
    declared = plan.schema.kinds[kind].field(field)
    if declared is None or not isinstance(declared.type, MoneyType) or not declared.type.by:
        return [""]
    values = (fact.values.get(field) for fact in facts)
    return sorted({value.currency for value in values if isinstance(value, Money)})


def _money_totals(
    rule: Rule, field: str, currency: str, facts: Sequence[Fact], fates: _Sorted
) -> dict[str, Any]:
    sums: dict[str, Decimal] = {fact.key: ZERO for fact in facts}
    for fact in facts:
        value = fact.values.get(field)
        if isinstance(value, Money) and currency in ("", value.currency):
            assert isinstance(value.amount, Decimal)
            sums[fact.key] = value.amount
    earning, rejected = _sum(sums, fates.earning), _sum(sums, fates.rejected)
    not_earning = {reason.value: _sum(sums, keys) for reason, keys in fates.not_earning.items()}
    accepted = _sum(sums, sums)
    parts = [earning, rejected, *not_earning.values()]
    same(f"`{field}` of `{rule.name}`", accepted, _sum(dict(enumerate(parts)), range(len(parts))))
    return {
        "accepted": as_text(accepted),
        "earning": as_text(earning),
        "not_earning": {reason: as_text(amount) for reason, amount in not_earning.items()},
        "rejected": as_text(rejected),
    }


def line_totals(is_memo: bool, currency: str, sums: Mapping[Due, tuple[int, Decimal]]) -> dict[str, Any]:
    """Return how many lines a rule has and what they come to, all and by when they are due."""
    parts = {due: sums.get(due, (0, ZERO)) for due in Due}
    amount = ZERO
    for _, part in parts.values():
        amount = EXACT.add(amount, part)
    return {
        "memo": is_memo,
        "currency": currency,
        "all": {"lines": sum(count for count, _ in parts.values()), "amount": as_text(amount)},
        **{due.value: {"lines": count, "amount": as_text(part)} for due, (count, part) in parts.items()},
    }


def _sum(values: Mapping[Any, Decimal], keys: Iterable[Any]) -> Decimal:
    total = ZERO
    for key in keys:
        total = EXACT.add(total, values[key])
    return total


def same(what: str, left: object, right: object) -> None:
    """INVARIANT: what went in came out; the caller's totals are the proof.

    Raises:
        InternalError: it did not.
    """
    if left != right:
        raise InternalError(f"control totals differ: {what}: {left} went in, {right} came out")
