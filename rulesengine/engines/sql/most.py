"""How many rows, items and lines a rule has at most: what sums over them are bounded by."""

from __future__ import annotations

from rulesengine.engines.measures import pays_of
from rulesengine.engines.sql.calendar import windows_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import rule_named
from rulesengine.plan import nodes

MOST_LINES = 10_000
"""Of one row and payee under a rule with a budget, more than a rule can write."""


def most_rows(compilation: Compilation, rule: nodes.Rule) -> int:
    """Return how many rows a rule looks at, at most."""
    match rule.source:
        case nodes.CalendarSource(kind=kind):
            return compilation.book.payees[kind].rows * len(windows_of(compilation, rule))
        case nodes.EarningsSource(rule=name):
            return most_lines(compilation, rule_named(compilation.plan, name))
        case _:
            return compilation.book.facts[rule.fact_kind].rows


def most_payees(compilation: Compilation, rule: nodes.Rule) -> int:
    """Return how many payees a row of a rule has at most."""
    return max(_most_credited(compilation, version.credit) for version in rule.versions)


def _most_credited(compilation: Compilation, credit: nodes.Credit) -> int:
    match credit:
        case nodes.CreditShares(shares=shares):
            return len(shares)
        case nodes.CreditEach(kind=kind):
            return max(compilation.book.facts[kind].rows, 1)
        case nodes.CreditLevels(most=levels):
            return levels
        case _:
            return 1


def most_items(compilation: Compilation, rule: nodes.Rule) -> int:
    """Return how many rows credited to payees a rule has at most."""
    return most_rows(compilation, rule) * most_payees(compilation, rule) + _most_others(compilation, rule)


def _most_others(compilation: Compilation, rule: nodes.Rule) -> int:
    """Return how many rows that are none of the rule's may reach its goals, credited to payees."""
    measures = [goal.measure.rows for goal in rule.goals if goal.measure.rows is not None]
    facts = compilation.book.facts
    return sum(facts[each.source.kind].rows * _most_credited(compilation, each.credit) for each in measures)


def most_lines(compilation: Compilation, rule: nodes.Rule) -> int:
    """Return how many lines a rule has at most, before they are cut into parts."""
    items = most_items(compilation, rule)
    each = 0
    for version in rule.versions:
        parts = sum(len(pay.parts) for pay in pays_of(version.rate))
        if isinstance(version.rate, nodes.Bands) and version.rate.method.trues_up:
            parts += items  # a row may bring a true-up for every payee
        each = max(each, 2 * parts + 2 * len(version.adjusters) + 2 * len(version.clawbacks) + 2)
    if rule.budget is not None:
        each += MOST_LINES
    places = len(rule.rank.places) if rule.rank is not None else 0
    members = 1
    if rule.award is not None:
        members = max(sum(table.rows for table in compilation.book.payees.values()), 1)
    return (items * (each + places) + MOST_LINES) * members
