"""No two rules pay the same fact to the same payees without saying how they relate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import timedelta

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.model.dates import DateRange
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import Fact, Path, Value, contradiction, facts_of, path_of


@dataclass(frozen=True, slots=True)
class _Payment:
    """What one rule pays in one version, as far as it can be paid twice."""

    rule: nodes.Rule
    days: DateRange
    facts: tuple[Fact, ...]
    text: str


def facts_paid_once(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0602 for a rule that pays what an earlier rule of its kind pays as well.

    Rules add up unless a `choose` says otherwise, and mostly that is meant: a share of the
    amount, a fee per new deal, a bonus by tiers. Two rules of one kind, though, that pay a
    percentage of one field (or money per deal) to the same payees on rows that both accept are
    more often one rule written twice. Each rule is reported once, with the first it repeats.

    Source: language reference, "One of several: choose".
    """
    paid: dict[Hashable, list[_Payment]] = {}
    for rule in plan.rules:
        if not (rule.is_memo or rule.goals or rule.rank):
            for signature, payment in _payments(plan, rule):
                paid.setdefault(signature, []).append(payment)
    reported: set[str] = set()
    for payments in paid.values():
        for earlier, payment in _pairs(payments, plan.chooses):
            if payment.rule.name not in reported:
                reported.add(payment.rule.name)
                yield _paid_twice(earlier, payment)


def _payments(plan: nodes.Plan, rule: nodes.Rule) -> Iterator[tuple[Hashable, _Payment]]:
    source = rule.source
    match source:
        case nodes.FactSource(kind=kind, event=event):
            rows: Hashable = (kind, event)
        case nodes.CalendarSource(rows=rows):
            pass
        case _:
            return
    award = rule.award.text if rule.award else ""
    for index, version in enumerate(rule.versions):
        days = _days(rule, index)
        if days is None:
            continue
        facts = facts_of(version.conditions, plan.segments)
        for payee in _payees(version.credit):
            for base, text in _bases(rule, version.rate):
                if isinstance(source, nodes.CalendarSource) and base == ("per row",):
                    continue  # a salary and an allowance add up by nature
                signature = (rule.kind, rows, award, payee, base)
                yield signature, _Payment(rule, days, facts, text)


def _pairs(
    payments: list[_Payment], chooses: tuple[nodes.Choose, ...]
) -> Iterator[tuple[_Payment, _Payment]]:
    """Yield each payment with the first earlier one that can fall on a row that it falls on.

    A plan may have a rule for each of a thousand products. So payments are put in drawers by the
    field that most of them fix to a value, and only those in a common drawer are compared.
    """
    fixed = Counter(path for payment in payments for path in _values(payment.facts))
    drawer = fixed.most_common(1)[0][0] if fixed else None
    drawers: dict[Value | None, list[_Payment]] = {}
    everywhere: list[_Payment] = []
    for payment in payments:
        values = _values(payment.facts).get(drawer) if drawer else None
        if values is None:
            others = everywhere
        else:
            open_ones = [drawers.get(None, []), *(drawers.get(value, []) for value in values)]
            others = [other for each in open_ones for other in each]
        earlier = next((other for other in others if _meet(other, payment, chooses)), None)
        if earlier is not None:
            yield earlier, payment
        everywhere.append(payment)
        for value in values or (None,):
            drawers.setdefault(value, []).append(payment)


def _values(facts: tuple[Fact, ...]) -> dict[Path, frozenset[Value]]:
    """Return the fields that are fixed to values, with those values."""
    return {fact.path: fact.values for fact in facts if fact.values and not fact.is_excluded}


def _meet(one: _Payment, other: _Payment, chooses: tuple[nodes.Choose, ...]) -> bool:
    """Return whether two payments can fall on one row without a `choose` between them."""
    return (
        one.rule is not other.rule
        and not _builds_on(one.rule, other.rule)
        and not _builds_on(other.rule, one.rule)
        and one.days.overlap(other.days) is not None
        and not any({one.rule.name, other.rule.name} <= set(choose.among) for choose in chooses)
        and contradiction((*one.facts, *other.facts)) is None
    )


def _builds_on(one: nodes.Rule, other: nodes.Rule) -> bool:
    """Return whether a rule says how it relates to another: `deduct earnings of` it."""
    return any(earnings.rule == other.name for earnings in one.uses)


def _days(rule: nodes.Rule, index: int) -> DateRange | None:
    """Return the days on which a version of a rule holds."""
    start = rule.versions[index].start or rule.effective.start
    end = rule.effective.end
    if index + 1 < len(rule.versions):
        following = rule.versions[index + 1].start
        assert following is not None
        end = following - timedelta(days=1)
    return DateRange(start, end) if start <= end else None


def _payees(credit: nodes.Credit) -> Iterator[Hashable]:
    match credit:
        case nodes.CreditTo():
            yield path_of(credit.path) if credit.path else ()
        case nodes.CreditLevels(path=path):
            yield ("levels", path_of(path))
        case nodes.CreditNobody():
            yield ("nobody",)
        case nodes.CreditEach(kind=kind, share=share):
            yield ("each", kind, share)
        case nodes.CreditShares(shares=shares):
            for _, to in shares:
                yield from _payees(to)


def _bases(rule: nodes.Rule, rate: nodes.Rate | None) -> Iterator[tuple[Hashable, str]]:
    match rate:
        case None:
            return
        case nodes.Pay(parts=parts):
            for part in parts:
                base = _base(part)
                if base is not None:
                    yield base, part.text
        case nodes.Bands(method=method):
            measure = rule.measure
            if measure is None:
                return
            text = f"{method} tiers of {measure.text.removeprefix('measure ')}"
            bases = dict.fromkeys(_base(part) for band in rate.bands for part in band.pay.parts)
            for base in bases:
                if base is not None:
                    yield (base, *_measured(measure)), text


def _measured(measure: nodes.Measure) -> tuple[Hashable, ...]:
    """Return what two measures share if they are one.

    Tiers over another window, key or target are another element of a plan, such as a yearly bonus
    beside a monthly rate; only those of the very same measure repeat each other.
    """
    aggregate = measure.aggregate
    read = path_of(aggregate.read) if aggregate.read else ()
    window = measure.window.kind if isinstance(measure.window, nodes.PerFact) else measure.window
    keys = tuple(path_of(key) for key in measure.keys)
    return (measure.name, aggregate.kind, read, window, keys, measure.against and measure.against.text)


def _base(part: nodes.PayPart) -> Hashable | None:
    """Return what a part is paid on, None for what adds up by nature: bonuses, prizes, and bases that
    are only a part of a row, or built on other rules."""
    match part:
        case nodes.ShareOf(above=above, earnings=earnings) if above or earnings:
            return None
        case nodes.ShareOf(base=base):
            return ("share", path_of(base) if base else ())
        case nodes.PerUnit(above=above) if above:
            return None
        case nodes.PerUnit(quantity=quantity, package=package):
            sort = ("full" if package.is_full else "started", package.size.text) if package else ()
            return ("per unit", *sort, path_of(quantity) if quantity else ())
        case nodes.PerRow():
            return ("per row",)
        case nodes.PerQuota() | nodes.Once() | nodes.Prize():
            return None


def _paid_twice(earlier: _Payment, payment: _Payment) -> Diagnostic:
    name, other = payment.rule.name, earlier.rule.name
    return Diagnostic(
        code="R0602",
        message=f"`{name}` pays `{payment.text}` to the same payees, on the same `{payment.rule.fact_kind}` "
        f"as `{other}`, which pays `{earlier.text}`",
        span=payment.rule.origin,
        severity=Severity.WARNING,
        related=(Related(earlier.rule.origin, f"`{other}` stands here"),),
        hint="rules add up; say so with `choose … { take all per … }`, or let one pay: "
        "`take highest`, or `where` lines that exclude each other",
    )
