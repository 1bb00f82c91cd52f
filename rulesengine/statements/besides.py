"""What a run knows of a payee besides the statements: pay at other times, rows that earned nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from rulesengine.engines.results import Line, Reason
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.statements.reasons import REASONS
from rulesengine.statements.terms import RuleTerms, Terms

PayeeId = tuple[str, str]
"""Kind and key."""
OTHER_PAY = "Payable at other times"
NO_PAY = "Rows that earned nothing under a rule, and why"
"""Titles of the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPay:
    """Lines of a rule that are payable before the period, after it, or once a date is known."""

    rule: RuleTerms
    due: str
    """`earlier`, `later` or `waiting`."""
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPay:
    """Rows that earned the payee nothing under a rule, for one reason."""

    rule: RuleTerms
    reason: Reason
    rows: int

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True)
class Besides:
    """Both, for one payee; each in the order of the plan's rules."""

    other_pay: tuple[OtherPay, ...] = ()
    no_pay: tuple[NoPay, ...] = ()

    @property
    def is_something(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.other_pay or self.no_pay)


def besides(
    terms: Terms,
    other_lines: Iterable[tuple[Line, str]],
    not_earning: Iterable[tuple[PayeeId, str, Reason]],
) -> Mapping[PayeeId, Besides]:
    """Return what there is besides the statements, for each payee who has something.

    Args:
        terms: of the plan that was run.
        other_lines: those payable at other times, each with when it is due.
        not_earning: payee, rule and reason of each row that earned nothing; rows that came to nothing before
            anybody was credited have no payee, and are nobody's.
    """
    sums: dict[tuple[PayeeId, str, str], tuple[int, Decimal]] = {}
    for line, due in other_lines:
        key = ((line.payee_kind, line.payee), line.rule, due)
        count, amount = sums.get(key, (0, ZERO))
        sums[key] = (count + 1, EXACT.add(amount, line.amount))
    return besides_of_sums(terms, sums, Counter(row for row in not_earning if row[0][1]))


def besides_of_sums(
    terms: Terms,
    sums: Mapping[tuple[PayeeId, str, str], tuple[int, Decimal]],
    counts: Mapping[tuple[PayeeId, str, Reason], int],
) -> Mapping[PayeeId, Besides]:
    """Return the same from what has been counted already.

    Args:
        terms: of the plan that was run.
        sums: lines payable at other times and what they come to, by payee, rule and when they are due.
        counts: rows that earned nothing, by payee, rule and reason.
    """
    rules = {rule.name: rule for rule in terms.rules}
    place = {name: index for index, name in enumerate(rules)}
    other_pay: dict[PayeeId, list[OtherPay]] = {}
    for payee, name, due in sorted(sums, key=lambda key: (place[key[1]], key[2])):
        count, amount = sums[payee, name, due]
        found = OtherPay(rule=rules[name], due=due, lines=count, amount=amount)
        other_pay.setdefault(payee, []).append(found)
    no_pay: dict[PayeeId, list[NoPay]] = {}
    for payee, name, reason in sorted(counts, key=lambda key: (place[key[1]], key[2])):
        none = NoPay(rule=rules[name], reason=reason, rows=counts[payee, name, reason])
        no_pay.setdefault(payee, []).append(none)
    return {
        payee: Besides(tuple(other_pay.get(payee, ())), tuple(no_pay.get(payee, ())))
        for payee in sorted({*other_pay, *no_pay})
    }
