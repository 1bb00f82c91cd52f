"""Laws of settling: what runs on from statement to statement adds up, and bounds hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby

from hypothesis import assume, given

from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.model.dates import window_of
from rulesengine.model.exact import ZERO
from rulesengine.plan.nodes import Negative, Plan
from rulesengine.statements.redo import redo
from tests.parity.makers.mixed import HEADER
from tests.properties.generated import deal_rows, plans, statements
from tests.properties.road import earn
from tests.properties.test_laws import FEW, checked_or_skip, facts

RULE = "revenue_share r { on deal  pay 33.3% of amount }"
PLAIN = HEADER.replace("MODE", "half_up").replace("PLACE", "line")
FINE = PLAIN.replace("0.01", "0.0001")


def settled(block: str, header: str = PLAIN) -> Plan:
    plan = checked_or_skip(header.replace("statement { per month }", block) + RULE)
    assume(plan.settlement is not None)
    return plan


def by_statement(lines: Iterable[Line], plan: Plan) -> dict[tuple[str, date], list[Line]]:
    """The lines of each payee and period, by the period's last day."""
    found: dict[tuple[str, date], list[Line]] = defaultdict(list)
    for line in lines:
        if line.payable_on is not None:
            window = window_of(line.payable_on, plan.period, plan.fiscal, plan.effective)
            found[line.payee, window.end].append(line)
    return found


def sum_of(lines: Iterable[Line], *parts: Part) -> Decimal:
    return sum((line.amount for line in lines if not parts or line.part in parts), ZERO)


@FEW
@given(block=statements(), deals=deal_rows())
def test_what_one_statement_carries_the_next_brings(block, deals):
    plan = settled(block)
    periods = by_statement(earn(plan, facts(deals)).lines, plan)
    for _, of_payee in groupby(sorted(periods), key=lambda key: key[0]):
        carried, by = ZERO, ""
        for key in of_payee:
            brought = [line for line in periods[key] if line.part is Part.BROUGHT_FORWARD]
            assert sum_of(brought) == carried
            assert [line.from_line for line in brought] == ([by] if carried else [])
            forward = [line for line in periods[key] if line.part is Part.CARRIED_FORWARD]
            carried = -sum_of(forward)
            by = forward[0].line_id if forward else ""


@FEW
@given(block=statements(), deals=deal_rows())
def test_what_is_advanced_is_paid_back_or_owed(block, deals):
    lines = earn(settled(block), facts(deals)).lines
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.measure_after is not None and line.rule == STATEMENT:
            assert line.measure_before == owed[line.payee]
            assert line.measure_after >= 0
            moved = line.amount if line.measure_after != line.measure_before else ZERO
            owed[line.payee] += moved
            assert line.measure_after == owed[line.payee]


@FEW
@given(block=statements(), deals=deal_rows())
def test_no_statement_passes_its_bounds(block, deals):
    plan = settled(block)
    rules = plan.settlement
    for (_, last_day), lines in by_statement(earn(plan, facts(deals)).lines, plan).items():
        before = sum_of(lines) - sum_of(lines, Part.ROUNDING)
        if rules.cap is not None:
            assert before <= rules.cap.amount.value
        if rules.negative is not Negative.STANDS:
            assert before >= 0
        if rules.minimum is not None and last_day < plan.effective.end:
            assert not 0 < before < rules.minimum.amount.value
        if rules.rounding is not None:
            assert sum_of(lines) % rules.rounding.step == 0


@FEW
@given(block=statements(), deals=deal_rows())
def test_settling_lines_are_redone_from_their_numbers(block, deals):
    for line in earn(settled(block), facts(deals)).lines:
        if line.rule == STATEMENT and line.part is not Part.BROUGHT_FORWARD:
            assert redo(line) == line.exact


@FEW
@given(deals=deal_rows())
def test_a_rounded_total_is_whole_and_near_the_exact_sum(deals):
    plan = settled("statement { per month  rounding half_up to 0.01 }", FINE)
    for lines in by_statement(earn(plan, facts(deals)).lines, plan).values():
        assert sum_of(lines) % Decimal("0.01") == 0
        exact = sum((line.exact for line in lines if line.rule != STATEMENT), ZERO)
        assert abs(sum_of(lines) - exact) <= Decimal("0.005") + Decimal("0.0001") * len(lines)


@FEW
@given(text=plans(), deals=deal_rows())
def test_settling_changes_no_line_of_a_rule(text, deals):
    plan = checked_or_skip(text)
    settled_lines = [line for line in earn(plan, facts(deals)).lines if line.rule != STATEMENT]
    start = text.index("statement {")
    plain = text[:start] + "statement { per month }" + text[text.index("}", start) + 1 :]
    lines = earn(checked_or_skip(plain), facts(deals)).lines
    assert [line.line_id for line in lines] == [line.line_id for line in settled_lines]
