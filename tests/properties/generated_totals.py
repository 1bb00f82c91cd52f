"""Generated plans that ask for totals: rows of a calendar, so far and in total, weighted, growth, distinct.

As in `generated`, the plans are text; those that do not check are legal refusals.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.properties.generated import money

HEADER = """
plan generated {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding MODE to 0.01 per line
}

payee rep {
  field id text key
  field team text history
  field joined date
  field target money
  field goal number
}

fact deal {
  field id text key
  field rep rep credited
  field helper rep optional
  field customer text
  field product text one of "crm", "erp"
  field amount money signed
  field closed date event
  field paid date optional
  field cancelled date optional
  field undoes deal optional reverses
}

fact visit {
  field id text key
  field rep rep credited
  field made date event
  field undoes visit optional reverses
}

quota quarter_quota by rep per quarter as money

measure booked {
  effective from 2025-01-01
  on deal
  take sum amount per quarter by payee
}

measure booked_year { on deal  take sum amount per year by payee }

measure reached { on deal  take sum amount per quarter by payee against quarter_quota }

measure reached_target {
  on deal
  where product is "crm"
  take sum amount per quarter by payee against payee.target
}

measure grown { on deal  take sum amount per quarter by payee against booked of quarter before }

measure visits { on visit  take count per quarter by payee }

measure visits_reached { on visit  take count per quarter by payee against payee.goal }

measure customers { on deal  take count distinct customer per quarter by payee }

measure team_booked { on deal  take sum amount per quarter by payee.team }

measure anniversary { on deal  take sum amount per year from payee.joined by payee }

measure largest { on deal  take max amount per quarter by payee }

measure score {
  take 60% of reached at most 120%
  take 40% of visits_reached
}

table kicker on deal by reached KIND, product {
  row from 100%, "crm" gives 6%
  row from 50%, any gives 4.5%
  row any, any gives 3%
}

statement { per month }
"""

REPS = ("ana", "bob", "eva")
_MODES = st.sampled_from(["half_up", "half_even", "down"])
_MONEY_MEASURES = ("booked", "booked_year", "team_booked", "anniversary", "largest")
_QUOTA_MEASURES = ("reached", "reached_target", "grown", "score", "visits_reached")
_COUNT_MEASURES = ("visits", "customers")
_METHODS = st.sampled_from(["marginal", "whole", "from_crossing", "from_next", "interpolated"])
_ROWS = st.sampled_from(["deal", "deal", "rep per month", "rep per month", "rep per quarter"])
_LIMITS = st.sampled_from(
    [
        "",
        "",
        "cap 33.33 USD per month by payee",
        "cap 50 USD per quarter by all",
        "floor 20 USD per month",
        "times 150%",
        "cap 5 USD per deal",
        "floor 5 USD per deal",
        "budget 60 USD then first_come on closed",
        "hold until paid",
        "stop on cancelled then forfeit",
    ]
)


@st.composite
def _conditions(draw, kind: str) -> str:
    """A condition about a total."""
    name = draw(st.sampled_from([*_MONEY_MEASURES, *_QUOTA_MEASURES, *_COUNT_MEASURES]))
    bound = draw(_bounds(name))
    return f"{name} {kind} {draw(st.sampled_from(['>=', '>=', '>', '<']))} {bound}"


def _bounds(measure: str) -> st.SearchStrategy[str]:
    if measure in _MONEY_MEASURES:
        return st.sampled_from(["0 USD", "250 USD", "500 USD", "1,000 USD"])
    if measure in _QUOTA_MEASURES:
        return st.sampled_from(["50%", "100%", "120%"])
    return st.sampled_from(["1", "2", "3"])


@st.composite
def asking_rules(draw, index: int, kind: str) -> str:
    """A rule that asks `so far` or `in total`."""
    is_share = draw(st.booleans())
    lines = [f"on {draw(st.sampled_from(['deal', 'deal', 'deal', 'visit', 'rep per month']))}"]
    on_deal = lines[0] == "on deal"
    if draw(st.integers(0, 2)) == 0:
        lines.append(f"where {draw(_conditions(kind))}")
    if on_deal:
        credit = "credit 60% to rep credit 40% to helper"
        lines.append(draw(st.sampled_from(["", "", "", f"where helper is present {credit}"])))
    if on_deal and is_share:
        pays = ["10% of amount", "kicker of amount", "3.333% of amount"]
        pays += [f"{name} {kind} of amount" for name in _QUOTA_MEASURES]
    elif on_deal:
        pays = [
            "5 USD per deal",
            "7.77 USD per deal",
            f"{draw(st.sampled_from(_QUOTA_MEASURES))} {kind} of payee.target",
        ]
    elif lines[0] == "on visit":
        pays = ["5 USD per visit", f"{draw(st.sampled_from(_QUOTA_MEASURES))} {kind} of payee.target"]
    else:
        pays = [
            "2% of booked so far",
            "1 USD per unit of visits so far",
            "10% of target",
            "reached so far of target",
        ]
    pay = draw(st.sampled_from(pays))
    is_share = "% of" in pay or " of amount" in pay or " of payee.target" in pay or " of target" in pay
    lines.append(f"pay {pay}")
    for _ in range(draw(st.integers(0, 2))):
        factor = draw(st.sampled_from(["150%", "50%", "33.3%", f"reached {kind}", f"visits_reached {kind}"]))
        when = "" if draw(st.integers(0, 2)) == 0 else f" when {draw(_conditions(kind))}"
        lines.append(f"times {factor}{when}")
    lines.append(draw(_LIMITS))
    body = "\n  ".join(line for line in lines if line)
    return f"{'revenue_share' if is_share else 'flat'} rule_{index} {{\n  {body}\n}}\n"


@st.composite
def moving_rules(draw, index: int) -> str:
    """A tiered rule under a named measure, on deals or on rows of the calendar."""
    name = draw(st.sampled_from([*_MONEY_MEASURES, *_QUOTA_MEASURES, *_COUNT_MEASURES]))
    rows = "deal" if name in ("anniversary", "grown") else draw(_ROWS)
    starts = draw(st.lists(st.integers(1, 20), max_size=2, unique=True).map(sorted))
    tiers = []
    for place, start in enumerate([0, *starts]):
        side = draw(st.sampled_from(["from", "above"])) if place else "from"
        if name in _COUNT_MEASURES:
            bound = str((start + 3) // 4 if place else 0)
            pays = ["5 USD per deal", "7.77 USD per unit", "nothing", "25 USD once", "3% of amount"]
            pays += ["5 USD per month", "9 USD per full 2"]
        else:
            is_money = name in _MONEY_MEASURES
            bound = f"{start * 50} USD" if is_money else f"{start * 10}%"
            pays = ["1%", "2.5%", "3.333%", "nothing", "50 USD once", "2% plus 33.33 USD once"]
        tiers.append(f"tier {side} {bound} pay {draw(st.sampled_from(pays))}")
    lines = [f"on {rows}", f"measure {name}", f"apply {draw(_METHODS)}", *tiers, draw(_LIMITS)]
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"amend from 2026-03-10 {{ {tiers[0].replace('1%', '2%')} }}")
    if draw(st.integers(0, 5)) == 0:
        lines.append(f"rounding half_up to 0.01 per {draw(st.sampled_from(['window', 'band']))}")
    body = "\n  ".join(line for line in lines if line)
    return f"tiered rule_{index} {{\n  {body}\n}}\n"


@st.composite
def total_plans(draw, most_rules: int = 3) -> str:
    """A whole plan as text."""
    blocks = []
    for index in range(draw(st.integers(1, most_rules))):
        kind = draw(st.sampled_from(["so far", "in total"]))
        blocks.append(draw(st.one_of(moving_rules(index), asking_rules(index, kind))))
    kind = draw(st.sampled_from(["so far", "in total"]))
    if len(blocks) > 1 and draw(st.integers(0, 4)) == 0:
        take = draw(st.sampled_from(["highest", "first"]))
        unit = draw(st.sampled_from(["deal", "month"]))
        blocks.append(f"choose best {{ take {take} per {unit}  among rule_0  among rule_1 }}\n")
    if draw(st.integers(0, 2)) == 0:
        blocks.append("revenue_share override { on earnings of rule_0  pay 10% of earning }\n")
    if draw(st.integers(0, 3)) == 0:
        pay = draw(
            st.sampled_from(
                ["5% of amount less earnings of rule_0", "5% of amount  deduct own earnings of rule_0"]
            )
        )
        blocks.append(f"revenue_share less_that {{ on deal  pay {pay} }}\n")
    header = HEADER.replace("MODE", draw(_MODES)).replace("KIND", kind)
    return header + "\n".join(blocks)


def _end_of_quarter(day: str) -> date:
    year, quarter = int(day[:4]), (int(day[5:7]) - 1) // 3
    return date(year, 3 * quarter + 3, 30 if quarter in (1, 2) else 31)


def rep_rows() -> list[dict[str, str]]:
    """Three reps in two teams; bob changes team; eva joined on the last day of a month."""
    common = {"target": "400.00", "goal": "3"}
    rows = [
        ("ana", "", "north", "2024-02-29"),
        ("bob", "", "north", "2025-03-15"),
        ("bob", "2026-02-20", "south", "2025-03-15"),
        ("eva", "2026-01-10", "south", "2026-01-31"),
    ]
    return [dict(zip(("id", "from", "team", "joined"), row, strict=True)) | common for row in rows]


def quota_rows() -> list[dict[str, str]]:
    """Quotas for ana and bob; eva has none in the second quarter."""
    names = [(rep, quarter) for rep in REPS for quarter in range(1, 5) if (rep, quarter) != ("eva", 2)]
    return [{"rep": rep, "period": f"2026-Q{n}", "amount": f"{n * 300}.00"} for rep, n in names]


_CENTS = st.one_of(st.integers(0, 60_000), st.sampled_from([0, 1, 50, 15_000, 25_000, 30_000, 50_000]))


@st.composite
def total_facts(draw, most: int = 9, refunds: str = "some") -> dict[str, list[dict[str, str]]]:
    """Deals and visits in two years; with `all` refunds, each is undone in full, in some order."""
    deals, visits = [], []
    for index in range(draw(st.integers(0, most))):
        day = date(2026, 1, 1) + timedelta(days=draw(st.integers(-60, 200)))
        day = draw(st.sampled_from([day, day.replace(day=1) - timedelta(days=1)]))
        cents = draw(_CENTS)
        rep = draw(st.sampled_from(REPS)) if day >= date(2026, 1, 31) else draw(st.sampled_from(REPS[:2]))
        deals.append(
            {
                "id": f"D-{index}",
                "rep": rep,
                "helper": draw(st.sampled_from(["", "ana", "bob"])),
                "customer": draw(st.sampled_from(["acme", "bolt", "core"])),
                "product": draw(st.sampled_from(["crm", "erp"])),
                "amount": money(cents),
                "closed": day.isoformat(),
                "paid": draw(st.sampled_from(["", (day + timedelta(days=20)).isoformat()])),
                "cancelled": draw(st.sampled_from(["", "", (day + timedelta(days=50)).isoformat()])),
                "undoes": "",
            }
        )
    for index in range(draw(st.integers(0, 7))):
        day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 200)))
        rep = draw(st.sampled_from(REPS if day >= date(2026, 1, 31) else REPS[:2]))
        visits.append({"id": f"V-{index}", "rep": rep, "made": day.isoformat(), "undoes": ""})
    rng = random.Random(draw(st.integers(0, 9999)))
    for rows, on in ((deals, "closed"), (visits, "made")):
        for row in list(rows):
            if refunds == "none" or (refunds == "some" and rng.random() > 0.3):
                continue
            parts = [100] if rng.random() < 0.6 else [33, 67]
            if refunds == "some":
                parts = rng.choice([[100], [33], [33, 67]])
            undone = 0
            for number, part in enumerate(parts):
                later = date.fromisoformat(row[on]) + timedelta(days=rng.choice([0, 3, 30, 90, 120]))
                if refunds == "all":
                    later = min(later, _end_of_quarter(row[on]))
                back = row | {
                    "id": f"{rng.choice('AR')}-{row['id']}-{number}",
                    on: later.isoformat(),
                    "undoes": row["id"],
                }
                if on == "closed":
                    cents = int(row["amount"].replace(".", ""))
                    share = cents - undone if part in (100, 67) else cents * part // 100
                    undone += share
                    back |= {"amount": money(-share), "paid": later.isoformat(), "cancelled": ""}
                elif number:
                    continue
                rows.append(back)
    return {"rep": rep_rows(), "deal": deals, "visit": visits, "quarter_quota": quota_rows()}
