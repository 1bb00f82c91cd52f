"""Lines to statements: one for each payee and statement period.

A statement's total is the sum of its lines and nothing else. Lines of memo rules are shown apart
and are in no total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.model.dates import DateRange
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.statements.balances import Balances, balances_of
from rulesengine.statements.terms import RuleTerms, Terms
from rulesengine.statements.trace import trace

_PART_ORDER = {part: index for index, part in enumerate(Part)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with how it came about, in words."""

    line: Line
    trace: str
    line_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """Lines of one rule on a statement: its pay, or its prizes."""

    rule: RuleTerms
    currency: str
    """The statement's; the rule's own, for a memo that is in another."""
    entries: tuple[Entry, ...]
    subtotal: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one payee receives for one period."""

    plan: str
    title: str
    payee_kind: str
    payee: str
    period: str
    days: DateRange
    through: date
    """Last day of facts that the run knew."""
    currency: str
    groups: tuple[RuleGroup, ...]
    """Rules that are paid, in plan order."""
    prizes: tuple[RuleGroup, ...]
    """Things, not money, by the rules that give them."""
    memos: tuple[RuleGroup, ...]
    """Rules that are computed and shown, never paid."""
    total: Decimal

    @property
    def rounding(self) -> str:
        """How every rule on it rounds, in words; empty where they differ."""
        words = {
            group.rule.rounding_words for group in (*self.groups, *self.memos) if group.rule.name != STATEMENT
        }
        return words.pop() if len(words) == 1 else ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every line that is paid: those of the groups, then prizes."""
        return tuple(entry for group in (*self.groups, *self.prizes) for entry in group.entries)

    @property
    def balances(self) -> Balances:
        """What is owed and what is carried, from the statement before to the next."""
        return balances_of(entry.line for entry in self.entries)

    @property
    def memo_entries(self) -> tuple[Entry, ...]:
        """The lines of memo rules."""
        return tuple(entry for group in self.memos for entry in group.entries)


def entry_of(line: Line) -> Entry:
    """Return the line with its trace."""
    return Entry(line, trace(line), line.line_id)


def order_key(terms: Terms) -> Callable[[Line], tuple[object, ...]]:
    """Return the sort key of the one order of tables and statements.

    Payee kind, payee, payable date (waiting ones last), rule in plan order, earned date, fact,
    step of the award, number. Two lines never agree in all of these: `sequence` counts them. So the order in
    which an engine found its lines does not show.
    """
    position = {rule.name: index for index, rule in enumerate(terms.rules)}

    def key(line: Line) -> tuple[object, ...]:
        return (
            line.payee_kind,
            line.payee,
            line.payable_on or date.max,
            line.payable_on is None,
            position[line.rule],
            line.earned_on,
            line.fact,
            line.fact_id,
            line.step,
            _PART_ORDER[line.part],
            line.part_number,
            line.sequence,
        )

    return key


def total_of(lines: Iterable[Line]) -> Decimal:
    """Return the exact sum of what the lines come to on their statement."""
    total = ZERO
    for line in lines:
        total = EXACT.add(total, line.settles)
    return total


def assemble(entries: Iterable[Entry], terms: Terms, through: date) -> tuple[Statement, ...]:
    """Return the statements, by payee kind, payee, period and currency.

    Args:
        entries: lines payable in whole statement periods, in any order; none of them waits.
        terms: of the plan that made them.
        through: last day of facts that the run knew.
    """
    key = order_key(terms)
    ordered = sorted(entries, key=lambda entry: key(entry.line))
    statements = []
    for _, same in groupby(ordered, key=lambda entry: _statement_key(entry.line, terms)):
        by_currency: dict[str, list[Entry]] = {}
        for entry in same:
            by_currency.setdefault(entry.line.settles_in, []).append(entry)
        for currency in sorted(by_currency):
            statements.append(_statement(tuple(by_currency[currency]), terms, through))
    return tuple(statements)


def _statement_key(line: Line, terms: Terms) -> tuple[str, str, str]:
    if line.payable_on is None:
        raise InternalError(f"a line that waits is on no statement: {line.line_id}")
    return (line.payee_kind, line.payee, terms.period_of(line.payable_on)[0])


def _statement(entries: tuple[Entry, ...], terms: Terms, through: date) -> Statement:
    first = entries[0].line
    assert first.payable_on is not None
    period, days = terms.period_of(first.payable_on)
    paid = [entry for entry in entries if not entry.line.memo]
    if any(entry.line.shown_in != (terms.pays_in or first.settles_in) for entry in paid):
        raise InternalError(f"a line of `{first.payee}` is not in {first.settles_in}")
    # INVARIANT: the total is the sum of the lines that are paid and nothing else
    # (tests/statements/test_assemble.py).
    return Statement(
        plan=terms.plan,
        title=terms.title or terms.plan,
        payee_kind=first.payee_kind,
        payee=first.payee,
        period=period,
        days=days,
        through=through,
        currency=first.settles_in,
        groups=_groups([entry for entry in paid if entry.line.part is not Part.PRIZE], terms),
        prizes=_groups([entry for entry in paid if entry.line.part is Part.PRIZE], terms),
        memos=_groups([entry for entry in entries if entry.line.memo], terms),
        total=total_of(entry.line for entry in paid),
    )


def _groups(entries: Sequence[Entry], terms: Terms) -> tuple[RuleGroup, ...]:
    groups = []
    for rule in terms.rules:
        own = tuple(entry for entry in entries if entry.line.rule == rule.name)
        if own:
            subtotal = total_of(entry.line for entry in own)
            currency = own[0].line.shown_in
            groups.append(RuleGroup(rule=rule, currency=currency, entries=own, subtotal=subtotal))
    return tuple(groups)
