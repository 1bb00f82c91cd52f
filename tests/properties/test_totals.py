"""Laws of plans that ask for totals, under every sort of measure and on rows of the calendar."""

from __future__ import annotations

import calendar
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rulesengine.engines.results import Part
from rulesengine.statements.redo import redo
from tests.properties.generated import total_facts, total_plans
from tests.properties.road import FAR, earn
from tests.properties.test_laws import EXAMPLES, as_rows, checked_or_skip

FEW = settings(max_examples=EXAMPLES, deadline=None)


@FEW
@given(text=total_plans(), facts=total_facts(), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_total(text, facts, seed):
    plan = checked_or_skip(text)
    rng = random.Random(seed)
    shuffled = {name: rng.sample(rows, len(rows)) for name, rows in facts.items()}
    one, two = earn(plan, facts), earn(plan, shuffled)
    assert as_rows(one.lines) == as_rows(two.lines)
    assert one.outcomes == two.outcomes


@FEW
@given(text=total_plans(), facts=total_facts())
def test_totals_month_by_month_pay_what_one_run_pays(text, facts):
    plan = checked_or_skip(text)
    at_once = [line for line in earn(plan, facts, FAR).lines if line.payable_on is not None]
    for month in range(1, 9):
        first, last = date(2026, month, 1), date(2026, month, calendar.monthrange(2026, month)[1])
        lines = [line for line in earn(plan, facts, last).lines if line.payable_on is not None]
        one = [line for line in lines if first <= line.payable_on <= last]
        two = [line for line in at_once if first <= line.payable_on <= last]
        assert as_rows(tuple(one)) == as_rows(tuple(two))


@FEW
@given(text=total_plans(), facts=total_facts())
def test_every_line_of_a_total_has_its_own_name_and_its_own_sum(text, facts):
    plan = checked_or_skip(text)
    earned = earn(plan, facts)
    assert len({line.line_id for line in earned.lines}) == len(earned.lines)
    for line in earned.lines:
        assert line.part is Part.CAP or redo(line) in (None, line.exact), line
    for rule in plan.rules:
        if rule.name == "override":
            continue
        on_lines = {line.fact_id for line in earned.lines if line.rule == rule.name and line.fact_id}
        reasons = {found.fact_id for found in earned.outcomes if found.rule == rule.name}
        for name in ("deal", "visit"):
            rows = {row["id"] for row in facts[name]}
            if f"on {name}" in _block(text, rule.name):
                assert rows <= on_lines | reasons, (rule.name, rows - on_lines - reasons)


def _block(text: str, rule: str) -> str:
    return text.partition(f" {rule} {{")[2].partition("\n}\n")[0]


NOT_OF_ROWS = (
    "from_crossing",  # takes back exactly only what came last
    "from_next",
    "anniversary",  # a window that may end between a deal and its refund
    "floor 20",  # lifts what a month came to before the refund
    "USD per month",
    "USD per quarter",
    "of target",
    "of booked so far",
    "of visits so far",
    "amend from",  # a row of the calendar undoes at the rates of its own day what other months paid
)
"""What pays for a row of the calendar, or does not look at one window alone."""


@settings(FEW, suppress_health_check=[HealthCheck.filter_too_much])
@given(text=total_plans(most_rules=1), facts=total_facts(refunds="all"))
def test_totals_of_rows_all_undone_leave_nothing(text, facts):
    """But for cents of lines that are rounded each by themselves. Each row is undone in its own quarter."""
    asks = text.partition("statement {")[2]
    assume(not any(word in asks for word in NOT_OF_ROWS))
    plan = checked_or_skip(text)
    earned = earn(plan, facts)
    paid, count = defaultdict(Decimal), defaultdict(int)
    for line in earned.lines:
        paid[line.rule, line.payee] += line.amount
        count[line.rule, line.payee] += 1
    for key, amount in paid.items():
        assert abs(amount) <= Decimal("0.01") * count[key], (key, amount)
