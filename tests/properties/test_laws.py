"""Laws of pay: what must hold for every plan, every book and every order of the rows."""

from __future__ import annotations

import calendar
import os
import random
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulesengine.diagnostics import Rejected
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.intake import read_book
from rulesengine.model.exact import add, as_text
from rulesengine.model.rounding import round_to
from rulesengine.statements.assemble import entry_of, order_key
from rulesengine.statements.redo import redo
from rulesengine.statements.tables import entries_of, lines_table
from rulesengine.statements.terms import terms_of
from tests.parity.makers.mixed import HEADER
from tests.parity.makers.partners import partner_rows, payment_rows, quota_rows
from tests.properties.generated import deal_rows, plans
from tests.properties.road import FAR, checked, earn

# `make laws` runs the same laws on many more plans and books.
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "60"))
FEW = settings(max_examples=EXAMPLES, deadline=None)
HALF_EVEN = HEADER.replace("MODE", "half_even").replace("PLACE", "line")


def facts(deals):
    payments = payment_rows(deals)
    return {"partner": partner_rows(), "deal": deals, "payment": payments, "goal_q": quota_rows()}


def checked_or_skip(text):
    try:
        return checked(text)
    except Rejected:
        assume(False)


def total(lines, **wanted) -> Decimal:
    return sum(
        (
            line.amount
            for line in lines
            if all(getattr(line, name) == value for name, value in wanted.items())
        ),
        Decimal(0),
    )


def as_rows(lines: tuple[Line, ...]) -> list[str]:
    """Everything a line says, as text, with its id."""
    return [f"{line.line_id} {line!r}" for line in lines]


@FEW
@given(text=plans(), deals=deal_rows(), seed=st.integers(0, 99))
def test_the_order_of_input_rows_changes_nothing(text, deals, seed):
    plan = checked_or_skip(text)
    shuffled = list(deals)
    random.Random(seed).shuffle(shuffled)
    partners = list(reversed(partner_rows()))
    one = earn(plan, facts(deals))
    two = earn(plan, facts(shuffled) | {"partner": partners, "goal_q": quota_rows()[::-1]})
    assert as_rows(one.lines) == as_rows(two.lines)
    assert one.outcomes == two.outcomes


def _without_sources(lines):
    return tuple(replace(line, from_line="") for line in lines)


@FEW
@given(text=plans(), deals=deal_rows())
def test_months_one_by_one_pay_what_one_run_pays(text, deals):
    """A run through a month's end knows that month's lines for good."""
    plan = checked_or_skip(text)
    at_once = [line for line in earn(plan, facts(deals), FAR).lines if line.payable_on is not None]
    for month in range(1, 9):
        through = date(2026, month, calendar.monthrange(2026, month)[1])
        lines = earn(plan, facts(deals), through).lines
        mine = [line for line in lines if _in_month(line, month)]
        later = [line for line in at_once if _in_month(line, month)]
        # A part that waits, and on which an earning stands, may be cancelled later: then the earning
        # names the next part. What is paid, and all else on the line, stays.
        assert as_rows(_without_sources(mine)) == as_rows(_without_sources(later))


def _in_month(line: Line, month: int) -> bool:
    day = line.payable_on
    return day is not None and (day.year, day.month) == (2026, month)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(text=plans(), deals=deal_rows())
def test_a_checked_plan_never_fails_and_loses_no_row(text, deals):
    plan = checked_or_skip(text)
    intake = read_book(plan.schema, facts(deals))
    assert not intake.rejects
    earned = ReferenceEngine().earn(plan, intake.book, FAR)
    for rule in plan.rules:
        if rule.name == "override":
            continue
        on_lines = {line.fact_id for line in earned.lines if line.rule == rule.name and line.fact_id}
        with_reason = {found.fact_id for found in earned.outcomes if found.rule == rule.name}
        assert on_lines | with_reason == {row["id"] for row in deals}


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(text=plans(), deals=deal_rows())
def test_every_line_has_its_own_name_and_its_own_sum(text, deals):
    plan = checked_or_skip(text)
    lines = earn(plan, facts(deals)).lines
    assert len({line.line_id for line in lines}) == len(lines)
    for line in lines:
        quantity = line.base if line.base is not None else line.units
        if line.rule == STATEMENT:
            assert redo(line) in (None, line.exact)
            continue
        if line.rate is None or quantity is None or line.whole is not None or line.part is Part.ONCE:
            continue
        times = line.times if line.times is not None else 1
        expected = (
            Fraction(quantity) * (Fraction(line.rate) - Fraction(line.rate_before or 0)) * Fraction(times)
        )
        if line.days_of:
            expected *= Fraction(line.days, line.days_of)
        assert Fraction(line.exact) == expected, as_text(line.exact)
        assert abs(Fraction(line.amount) - expected) <= Fraction(1, 100) or plan.rounding.place == "fact"


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(text=plans(), deals=deal_rows())
def test_tables_hold_lines_in_full(text, deals):
    plan = checked_or_skip(text)
    terms, key = terms_of(plan), order_key(terms_of(plan))
    entries = [entry_of(line) for line in sorted(earn(plan, facts(deals)).lines, key=key)]
    assert entries_of(lines_table(entries, terms)) == entries


@FEW
@given(deals=deal_rows(), parts=st.integers(1, 24), to=st.sampled_from(["first", "last"]))
def test_instalments_add_up_to_the_award(deals, parts, to):
    rule = "installments fee {{ on deal  pay 3.333% of amount {split} }}"
    split = f"split into {parts} months starting closed  remainder to {to}"
    # The award undivided: one instalment is the whole.
    whole = checked(HALF_EVEN + rule.format(split="split into 1 month starting closed remainder to first"))
    cut = checked(HALF_EVEN + rule.format(split=split))
    awards = {line.fact_id: line.amount for line in earn(whole, facts(deals)).lines}
    instalments = defaultdict(list)
    for line in earn(cut, facts(deals)).lines:
        instalments[line.fact_id].append(line.amount)
    assert {fact: sum(amounts) for fact, amounts in instalments.items()} == awards
    assert all(max(amounts) - min(amounts) <= Decimal("0.01") for amounts in instalments.values())


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(text=plans(), deals=deal_rows())
def test_what_is_counted_deducted_or_rounded_in_a_sum_can_be_redone(text, deals):
    plan = checked_or_skip(text)
    rounding = {rule.name: rule.rounding for rule in plan.rules}
    for line in earn(plan, facts(deals)).lines:
        if line.counted_after is not None or line.part is Part.DEDUCT:
            assert redo(line) in (None, line.exact)
        if line.rounded_from is not None and line.whole is None:
            step, mode = rounding[line.rule].step, rounding[line.rule].mode
            after = round_to(add(line.rounded_from, line.exact), step, mode)
            assert line.amount == after - round_to(line.rounded_from, step, mode)


@FEW
@given(deals=deal_rows(), rest=st.sampled_from(["at paid", "as payment.amount reaches amount"]))
def test_released_parts_add_up_to_the_award(deals, rest):
    rule = "revenue_share fee {{ on deal  pay 3.333% of amount {release} }}"
    whole = checked(HALF_EVEN + rule.format(release=""))
    release = f"release 12.5% at closed  release 30% split into 7 days starting closed  release rest {rest}"
    cut = checked(HALF_EVEN + rule.format(release=f"{release}  remainder to last"))
    awards = {line.fact_id: line.amount for line in earn(whole, facts(deals)).lines}
    parts = defaultdict(Decimal)
    for line in earn(cut, facts(deals)).lines:
        parts[line.fact_id] += line.amount
    assert dict(parts) == awards


TIERS = "tier from 0 USD pay {0}  tier from 250 USD pay {1}  tier above 600 USD pay {2}"


@FEW
@given(
    deals=deal_rows(),
    window=st.sampled_from(["month", "quarter", "year"]),
    keys=st.sampled_from(["payee", "payee.team", "all"]),
)
def test_marginal_bands_add_up_to_the_measure(deals, window, keys):
    plan = checked(
        HALF_EVEN
        + f"tiered t {{ on deal  measure sum amount per {window} by {keys}  apply marginal  "
        + TIERS.format("1%", "2%", "3%")
        + " }"
    )
    lines = earn(plan, facts(deals)).lines
    assert sum(line.base for line in lines) == sum(Decimal(row["amount"]) for row in deals)


@FEW
@given(deals=deal_rows(with_reversals=False), more=st.integers(1, 50_000))
def test_under_marginal_tiers_a_bigger_deal_never_lowers_pay(deals, more):
    assume(deals)
    plan = checked(
        HALF_EVEN
        + "tiered t { on deal  measure sum amount per quarter by payee  apply marginal  "
        + TIERS.format("1%", "4%", "2%")
        + " }"
    )
    bigger = [dict(row) for row in deals]
    bigger[0]["amount"] = str(Decimal(bigger[0]["amount"]) + Decimal(more).scaleb(-2))
    cent_for_rounding = Decimal("0.01") * 3 * len(deals)
    assert total(earn(plan, facts(bigger)).lines) >= total(earn(plan, facts(deals)).lines) - cent_for_rounding


@FEW
@given(deals=deal_rows(with_reversals=False))
def test_whole_tiers_pay_one_rate_on_all_of_it(deals):
    """Amounts are whole hundreds of dollars, so that no line rounds."""
    for row in deals:
        row["amount"] = f"{int(Decimal(row['amount'])) // 100 * 100}.00"
    plan = checked(
        HALF_EVEN
        + "tiered t { on deal  measure sum amount per quarter by payee  apply whole  "
        + "tier from 0 USD pay 1%  tier from 500 USD pay 2%  tier above 900 USD pay 4% }"
    )
    paid, sold = defaultdict(Decimal), defaultdict(Decimal)
    for line in earn(plan, facts(deals)).lines:
        paid[line.payee, line.window] += line.amount
    for row in deals:
        quarter = (int(row["closed"][5:7]) - 1) // 3 + 1
        sold[row["partner"], f"2026-Q{quarter}"] += Decimal(row["amount"])
    for key, amount in sold.items():
        rate = "0.04" if amount > 900 else "0.02" if amount >= 500 else "0.01"
        assert paid[key] == amount * Decimal(rate)


@FEW
@given(
    deals=deal_rows(with_reversals=False),
    rule=st.sampled_from(
        [
            'revenue_share r { on deal  pay rates of amount  times 150% when product is "crm" }',
            "flat r { on deal  pay 33.33 USD per deal  floor 40 USD per deal }",
            "revenue_share r { on deal  where partner.manager is present  credit 60% to partner  "
            "credit 40% to partner.manager  pay 7% of amount }",
            "tiered r { on deal  measure sum amount per plan by payee  apply marginal  "
            + TIERS.format("1%", "2%", "3%")
            + " }",
            "tiered r { on deal  measure count per plan by payee  apply from_crossing  "
            "tier from 0 pay 5 USD per deal  tier from 3 pay 9 USD per deal }",
        ]
    ),
)
def test_undoing_every_deal_in_full_pays_nothing_in_the_end(deals, rule):
    """The last deal is undone first, so that from_crossing undoes row by row."""
    plan = checked(HALF_EVEN + rule)
    newest_first = sorted(deals, key=lambda row: (row["closed"], row["id"]), reverse=True)
    undone = [
        row
        | {
            "id": f"R-{position:02}",
            "amount": str(-Decimal(row["amount"])),
            "closed": "2026-08-01",
            "undoes": row["id"],
            "units": "0",
        }
        for position, row in enumerate(newest_first)
    ]
    paid = defaultdict(Decimal)
    for line in earn(plan, facts(deals + undone)).lines:
        paid[line.payee] += line.amount
    assert all(abs(amount) <= Decimal("0.01") * 3 * len(deals) for amount in paid.values())


NOBODY_KEEPS = [
    "flat r { on deal  pay 1.11 USD per started 5 of units }",
    "flat r { on deal  where partner.manager is present  credit 60% to partner  "
    "credit 40% to partner.manager  pay 7 USD per full 3 of units above 2 }",
    "revenue_share r { on deal  pay 10% of amount above 100 USD }",
    "flat r { on deal  measure sum units per plan by payee  pay 2 USD per started 7 }",
    "flat r { on deal  measure sum units per plan by payee  pay 2 USD per full 3 above 5 }",
    "tiered r { on deal  measure sum amount per plan against 500 USD  apply whole  tier from 0% pay 1%  "
    "tier from 100% pay 6% above 100%  tier from 125% pay 10% above 100% }",
    "tiered r { on deal  measure sum units per plan by payee  apply marginal  "
    "tier from 0 pay 3 USD per full 5  tier above 12 pay 4 USD per started 10 }",
    "revenue_share s { memo  on deal  pay 5% of amount above 50 USD }  "
    "revenue_share r { on deal  pay 10% of amount less earnings of s }",
    "revenue_share s { memo  on deal  pay payee.rate of net }  "
    "revenue_share r { on deal  pay 10% of amount  deduct earnings of s  cap 25 USD per deal }",
    "tiered r { on deal  measure sum amount per plan  apply whole  tier from 0 USD pay 2%  "
    "tier from 300 USD pay 3.333%  rounding half_up to 0.01 per window }",
    "revenue_share r { on deal  pay 10% of amount  cap 33.33 USD per month by payee }",
    "revenue_share r { on deal  pay 10% of amount  cap 33.33 USD per quarter by all }",
    "revenue_share r { on deal  pay 10% of amount  cap 20 USD per year by payee.team }",
    "revenue_share r { on deal  pay 10% of net  floor 7 USD per deal }",
    "revenue_share r { on deal  where partner.manager is present  credit 60% to partner  "
    "credit 40% to partner.manager  pay 10% of amount  cap 25 USD per month by all }",
    "flat r { on deal  pay 25 USD per deal  budget 60 USD then first_come on closed }",
    "installments r { on deal  pay 10% of amount  split into 4 months starting closed  "
    "remainder to first  stop on cancelled then forfeit }",
    "installments r { on deal  pay 10% of amount  split into term months starting 1 month after closed  "
    "remainder to last  stop on cancelled then pay_out }",
    "installments r { on deal  pay 10% of amount  split into 5 months starting closed  "
    "remainder to last  stop on paid then pay_out  stop on cancelled then forfeit }",
    "revenue_share r { on deal  pay 10% of amount  release 40% at closed  "
    "release 25% split into 3 weeks starting paid  release rest at 1 month after closed  remainder to last }",
    "revenue_share r { on deal  pay 10% of amount  cap 25.55 USD per deal  release 55.5% at closed  "
    "release rest as payment.amount reaches amount  remainder to first }",
    "revenue_share r { on deal  pay 10% of amount  cap 25.55 USD per deal  clawback 50% on cancelled }",
    "revenue_share r { on deal  pay 10% of amount  release 40% at closed  "
    "release rest at 50 days after closed  remainder to first  "
    "clawback unearned over 7 full months from closed on cancelled then restore on paid }",
    "revenue_share s { memo  on deal  pay 10% of amount  clawback 33.3% on cancelled }  "
    "revenue_share r { on earnings of s  pay 10% of earning  clawback 100% on cancelled }",
    # A condition on each line, so of a rule whose lines are not cut at bounds: see language.md, section 22.
    "tiered s { memo  on deal  measure sum amount per plan  apply marginal  tier from 0 USD pay 2% }  "
    "revenue_share r { on earnings of s  where earning > 0.10 USD  pay 10% of earning }",
    "tiered r { on deal  measure count per plan by payee.team  apply whole  tier from 0 pay 5 USD per deal  "
    "award each contributor }",
    # A refund that moves no total, or a total that is no sum: in the tiers of its deal.
    *(
        f'measure sold {{ on deal  where product is "crm"  take sum amount per {window} by payee.team }}  '
        f'tiered r {{ on deal  where product is not "crm"  {credit}  measure sold  apply {method}  '
        "tier from 0 USD pay 1% of amount  tier from 300 USD pay 10% of amount }"
        for window, credit, method in (
            ("plan", "", "marginal"),
            ("month", "", "from_crossing"),
            (
                "quarter",
                "where partner.manager is present  credit 60% to partner  credit 40% to partner.manager",
                "from_next",
            ),
        )
    ),
    "flat r { on deal  measure count distinct product per month by payee  pay 2.22 USD per unit }",
    "tiered r { on deal  measure count distinct product per quarter by payee.team  apply marginal  "
    "tier from 0 pay 1% of amount  tier from 2 pay 3 USD per unit of units }",
    "tiered r { on deal  measure max amount per month by payee  apply from_crossing  "
    "tier from 0 USD pay 1% of amount  tier from 300 USD pay 5 USD per deal }",
]


@settings(max_examples=4 * EXAMPLES, deadline=None)
@given(
    deals=deal_rows(with_reversals=False),
    rule=st.sampled_from(NOBODY_KEEPS),
    order=st.randoms(use_true_random=False),
)
def test_nobody_keeps_or_owes_for_deals_undone_in_any_order(deals, rule, order):
    """The refunds come in any order, in any later month, with fields of their own."""
    plan = checked(HALF_EVEN + rule)
    undone = [
        row
        | {
            "id": f"R-{index:02}",
            "amount": str(-Decimal(row["amount"])),
            "closed": f"2026-{order.randint(6, 12):02}-{order.randint(1, 28):02}",
            "paid": "",
            "cancelled": order.choice(["", "2026-03-01"]),
            "term": str(order.randint(1, 7)),
            "undoes": row["id"],
        }
        for index, row in enumerate(order.sample(deals, len(deals)))
    ]
    paid = defaultdict(Decimal)
    for line in earn(plan, facts(deals + undone)).lines:
        if not line.memo:
            paid[line.payee] += line.amount
    cents = Decimal("0.01") * 2 * len(deals)
    assert all(abs(amount) <= cents for amount in paid.values()), dict(paid)


@FEW
@given(deals=deal_rows(with_reversals=False), cap=st.sampled_from(["10", "33.33", "250"]))
def test_a_cap_is_never_passed_and_is_met_to_the_cent(deals, cap):
    rule = f"revenue_share r {{ on deal  pay 10% of amount  cap {cap} USD per month by payee }}"
    paid, asked = defaultdict(Decimal), defaultdict(Decimal)
    for line in earn(checked(HALF_EVEN + rule), facts(deals)).lines:
        month = (line.payee, line.earned_on.month)
        paid[month] += line.amount
        asked[month] += line.amount if line.part is not Part.CAP else 0
    assert all(paid[month] == min(asked[month], Decimal(cap)) for month in paid)


@FEW
@given(
    deals=deal_rows(), most=st.sampled_from(["20", "99.99", "10000"]), on=st.sampled_from(["closed", "paid"])
)
def test_a_budget_is_never_passed(deals, most, on):
    where = "where paid is present" if on == "paid" else ""
    rule = f"flat f {{ on deal {where} pay 25 USD per deal  budget {most} USD then first_come on {on} }}"
    lines = earn(checked(HALF_EVEN + rule), facts(deals)).lines
    for day in sorted({line.earned_on for line in lines}):
        assert total([line for line in lines if line.earned_on <= day]) <= Decimal(most)
