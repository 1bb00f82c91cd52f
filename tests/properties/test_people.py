"""Laws of pay that several people share: nothing is lost, nothing is paid twice, a refund nets to zero."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.road import checked, earn
from tests.properties.test_laws import EXAMPLES, as_rows

FEW = settings(max_examples=EXAMPLES, deadline=None)
REMAINDERS = st.sampled_from(["first", "last", "in_turn", "largest_share", "largest_fraction", "nobody"])
STEPS = st.sampled_from(["0.01", "0.05", "1"])
REPS = ["ana", "bob", "cem", "dee"]

PLAN = """
plan shared {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding MODE to STEP per PLACE
}

payee rep { field id text key }

fact deal {
  field id text key
  field amount money
  field closed date event
  field undoes deal optional reverses
}

fact deal_share {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
}

revenue_share sales {
  on deal
  credit each deal_share by weight
  pay 10% of amount plus 3.33% of amount
  remainder to TO
}
"""


def plan(to: str, step: str, place: str = "line", mode: str = "half_even"):
    text = PLAN.replace("MODE", mode).replace("STEP", step).replace("PLACE", place)
    return checked(text.replace("TO\n", f"{to}\n"))


@st.composite
def shared_deals(draw) -> dict[str, list[dict[str, str]]]:
    deals, shares = [], []
    for number in range(draw(st.integers(1, 6))):
        day = draw(st.integers(1, 28))
        amount = Decimal(draw(st.integers(0, 99_999))).scaleb(-2)
        deals.append(
            {"id": f"D-{number}", "amount": str(amount), "closed": f"2026-01-{day:02}", "undoes": ""}
        )
        for place in range(draw(st.integers(1, 5))):
            shares.append(
                {
                    "id": f"S-{number}-{place}",
                    "deal": f"D-{number}",
                    "rep": draw(st.sampled_from(REPS)),
                    "weight": str(draw(st.integers(1, 9))),
                }
            )
    return {"rep": [{"id": rep} for rep in REPS], "deal": deals, "deal_share": shares}


@FEW
@given(
    facts=shared_deals(),
    to=REMAINDERS,
    step=STEPS,
    place=st.sampled_from(["line", "fact"]),
    mode=st.sampled_from(["half_up", "half_down", "half_even", "up", "down"]),
)
def test_the_parts_of_a_row_make_its_whole(facts, to, step, place, mode):
    lines = earn(plan(to, step, place, mode), facts).lines
    paid, exact, left = defaultdict(Decimal), defaultdict(Fraction), {}
    for line in lines:
        of = (line.fact_id, line.span) if place == "line" else line.fact_id
        paid[of] += line.amount
        exact[of] += Fraction(line.exact)
        left[of] = line.left_over
        assert abs(Fraction(line.amount) - Fraction(line.exact)) <= Fraction(step) or place == "fact"
        assert to == "nobody" or line.left_over == 0
    for of, amount in paid.items():
        whole = amount + left[of]
        assert abs(Fraction(whole) - exact[of]) < Fraction(step)
        assert whole % Decimal(step) == 0


@FEW
@given(facts=shared_deals(), to=REMAINDERS, step=STEPS, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_share(facts, to, step, seed):
    shuffled = {kind: random.Random(seed).sample(rows, len(rows)) for kind, rows in facts.items()}
    of = plan(to, step)
    assert as_rows(earn(of, facts).lines) == as_rows(earn(of, shuffled).lines)


@FEW
@given(facts=shared_deals(), to=REMAINDERS, step=STEPS, order=st.randoms(use_true_random=False))
def test_refunds_in_full_take_back_from_each_what_was_paid(facts, to, step, order):
    """They come in any order, on the day of the deal or later, under any key."""
    undone = [
        row
        | {
            "id": f"{order.choice('AR')}-{row['id']}",
            "amount": str(-Decimal(row["amount"])),
            "closed": order.choice([row["closed"], f"2026-03-{order.randint(1, 28):02}"]),
            "undoes": row["id"],
        }
        for row in facts["deal"]
    ]
    paid = defaultdict(Decimal)
    for line in earn(plan(to, step), facts | {"deal": facts["deal"] + undone}).lines:
        paid[line.payee, line.span] += line.amount
    assert not any(paid.values())


POOL = """
plan pooled {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to STEP per line
}

payee rep {
  field id text key
  field active flag history
  field sponsor rep optional
}

segment active_reps of rep { where active }

fact deal {
  field id text key
  field rep rep credited
  field amount money
  field closed date event
  field undoes deal optional reverses
}

fact pool {
  field id text key
  field profit money
  field closed date event
  field undoes pool optional reverses
}

table level_rate on deal by level {
  row 1 gives 10%
  row 2 gives 3.33%
  row any gives 1%
}

measure bookings { on deal  take sum amount per quarter by payee }

revenue_share shared {
  on pool
  pay 5% of profit
  award members of active_reps HOW
  remainder to TO
}

revenue_share upline {
  on deal
  where payee.active
  credit each level of rep.sponsor through 3
  pay level_rate of amount
}
"""


def pooled(how: str, to: str, step: str):
    return checked(POOL.replace("STEP", step).replace("HOW", how).replace("TO\n", f"{to}\n"))


@st.composite
def pools(draw) -> dict[str, list[dict[str, str]]]:
    reps = []
    for rep in REPS:
        sponsor = draw(st.sampled_from(["", *REPS]))
        reps.append({"id": rep, "from": "", "active": "yes", "sponsor": sponsor})
        if draw(st.booleans()):
            reps.append({"id": rep, "from": "2026-02-10", "active": "no", "sponsor": sponsor})
    kinds: dict[str, list[dict[str, str]]] = {"rep": reps, "deal": [], "pool": []}
    for number in range(draw(st.integers(1, 8))):
        kind, key, field = draw(st.sampled_from([("deal", "D", "amount"), ("pool", "P", "profit")]))
        row = {
            "id": f"{key}-{number}",
            field: str(Decimal(draw(st.integers(0, 99_999))).scaleb(-2)),
            "closed": f"2026-{draw(st.integers(1, 4)):02}-{draw(st.integers(1, 28)):02}",
            "undoes": "",
        }
        kinds[kind].append(row | ({"rep": draw(st.sampled_from(REPS))} if kind == "deal" else {}))
    return kinds


HOWS = st.sampled_from([("equally", "first"), ("equally", "in_turn"), ("equally", "nobody")])
HOWS |= REMAINDERS.map(lambda to: ("pro_rata to bookings", to))


@FEW
@given(facts=pools(), how=HOWS, step=STEPS)
def test_a_pool_is_shared_out_to_the_last_step_or_to_nobody(facts, how, step):
    earned = earn(pooled(*how, step), facts)
    paid, left, whole = defaultdict(Decimal), {}, {}
    for line in earned.lines:
        if line.rule == "shared":
            paid[line.fact_id] += line.amount
            left[line.fact_id], whole[line.fact_id] = line.left_over, line.whole
    for pool, amount in paid.items():
        assert amount + left[pool] == whole[pool]
        assert how[1] == "nobody" or left[pool] == 0
    reasons = {outcome.fact_id for outcome in earned.outcomes if outcome.rule == "shared"}
    assert set(paid) | reasons == {row["id"] for row in facts["pool"]}


@FEW
@given(facts=pools(), how=HOWS, step=STEPS, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_pool_and_no_level(facts, how, step, seed):
    shuffled = {kind: random.Random(seed).sample(rows, len(rows)) for kind, rows in facts.items()}
    plan_ = pooled(*how, step)
    one, two = earn(plan_, facts), earn(plan_, shuffled)
    assert as_rows(one.lines) == as_rows(two.lines)
    assert one.outcomes == two.outcomes


@FEW
@given(facts=pools(), how=HOWS, step=STEPS, order=st.randoms(use_true_random=False))
def test_pools_and_levels_undone_in_full_pay_nobody(facts, how, step, order):
    undone = {
        kind: facts[kind]
        + [
            row
            | {
                "id": f"{order.choice('AR')}-{row['id']}",
                field: str(-Decimal(row[field])),
                "closed": f"2026-{order.randint(5, 8):02}-{order.randint(1, 28):02}",
                "undoes": row["id"],
            }
            for row in facts[kind]
        ]
        for kind, field in (("deal", "amount"), ("pool", "profit"))
    }
    paid = defaultdict(Decimal)
    for line in earn(pooled(*how, step), facts | undone).lines:
        paid[line.payee, line.rule] += line.amount
    assert not any(paid.values())


@FEW
@given(facts=pools())
def test_nobody_is_credited_twice_up_a_chain(facts):
    lines = earn(pooled("equally", "first", "0.01"), facts).lines
    upline = [(line.fact_id, line.payee) for line in lines if line.rule == "upline"]
    assert len(upline) == len(set(upline))
    sellers = {row["id"]: row["rep"] for row in facts["deal"]}
    assert all(sellers[deal] != payee for deal, payee in upline)
    assert all(1 <= line.level <= 3 for line in lines if line.rule == "upline")
