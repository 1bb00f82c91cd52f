"""Generated plans that ask for totals: rows of a calendar, so far and in total, weighted, growth, distinct.

As in `generated`, the plans are text; those that do not check are legal refusals.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.chance import Chance
from tests.parity.makers.values import amounts, days, money, size

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
_MODES = ("half_up", "half_even", "down")
_MONEY_MEASURES = ("booked", "booked_year", "team_booked", "anniversary", "largest")
_QUOTA_MEASURES = ("reached", "reached_target", "grown", "score", "visits_reached")
_COUNT_MEASURES = ("visits", "customers")
_NO_MONEY = ("score", "visits_reached", *_COUNT_MEASURES)
"""Measures of which a percentage is no money."""
_STEADY = ("marginal", "from_crossing", "from_next")
_ROWS = ("deal", "deal", "rep per month", "rep per month", "rep per quarter")
_LIMITS = ("", "", "cap 33.33 USD per month by payee", "cap 50 USD per quarter by all", "times 150%")
_ON_DEAL = ("cap 5 USD per deal", "floor 5 USD per deal", "hold until paid", "stop on cancelled then forfeit")
_LATE = ("floor 20 USD per month", "budget 60 USD then first_come on closed")
"""What is not known on a row, so that a rival cannot have it."""


def _conditions(chance: Chance, kind: str) -> str:
    """A condition about a total."""
    name = chance.one_of([*_MONEY_MEASURES, *_QUOTA_MEASURES, *_COUNT_MEASURES])
    bound = chance.one_of(_bounds(name))
    return f"{name} {kind} {chance.one_of(['>=', '>=', '>', '<'])} {bound}"


def _bounds(measure: str) -> tuple[str, ...]:
    if measure in _MONEY_MEASURES:
        return ("0 USD", "250 USD", "500 USD", "1,000 USD")
    return ("50%", "100%", "120%") if measure in _QUOTA_MEASURES else ("1", "2", "3")


def asking_rule(chance: Chance, index: int, kind: str, rows: str, *, is_rival: bool) -> str:
    """A rule that asks `so far` or `in total`."""
    lines = [f"on {rows}"]
    if chance.number(0, 2) == 0:
        lines.append(f"where {_conditions(chance, kind)}")
    if rows == "deal" and chance.number(0, 3) == 0:
        lines.append("where helper is present credit 60% to rep credit 40% to helper")
    pay = chance.one_of(_pays_asked(chance, kind, rows))
    is_share = "USD per" not in pay
    lines.append(f"pay {pay}")
    for _ in range(chance.number(0, 2)):
        factor = chance.one_of(["150%", "50%", "33.3%", f"reached {kind}", f"visits_reached {kind}"])
        when = "" if chance.number(0, 2) == 0 else f" when {_conditions(chance, kind)}"
        lines.append(f"times {factor}{when}")
    is_again = kind == "in total"
    limits = list(_LIMITS) if not is_again or rows != "deal" else ["", *_LIMITS[2:4]]
    if rows == "deal" and not is_again:
        limits += [*_ON_DEAL, *(() if is_rival else _LATE)]
    lines.append(chance.one_of(limits))
    body = "\n  ".join(line for line in lines if line)
    return f"{'revenue_share' if is_share else 'flat'} rule_{index} {{\n  {body}\n}}\n"


def _pays_asked(chance: Chance, kind: str, rows: str) -> list[str]:
    if rows == "deal" and chance.flip():
        return [
            "10% of amount",
            "kicker of amount",
            "3.333% of amount",
            *(f"{name} {kind} of amount" for name in _QUOTA_MEASURES),
        ]
    if rows in ("deal", "visit"):
        share = f"{chance.one_of(_QUOTA_MEASURES)} {kind} of payee.target"
        return [f"5 USD per {rows}", f"7.77 USD per {rows}", share]
    return [
        "2% of booked so far",
        "1 USD per unit of visits so far",
        "10% of target",
        "reached so far of target",
    ]


def moving_rule(chance: Chance, index: int, rows: str, *, is_rival: bool) -> str:
    """A tiered rule under a named measure, on deals or on rows of the calendar."""
    name = chance.one_of([*_MONEY_MEASURES, *_QUOTA_MEASURES, *_COUNT_MEASURES])
    if name in ("anniversary", "grown"):
        rows = "deal"
    method = chance.one_of(_STEADY if is_rival else (*_STEADY, "whole", "interpolated"))
    if method == "interpolated" and (rows != "deal" or name in _NO_MONEY):
        method = "whole"
    is_later = method not in _STEADY
    tiers = _tiers(chance, name, rows, method, is_rival=is_rival)
    limits = list(_LIMITS[: 4 if is_later else 5])
    if rows == "deal":
        limits += ["floor 20 USD per month"] * (not is_rival) + list(_ON_DEAL[2 if is_later else 0 :])
    lines = [f"on {rows}", f"measure {name}", f"apply {method}", *tiers, chance.one_of(limits)]
    if chance.number(0, 3) == 0:
        lines.append(f"amend from 2026-03-10 {{ {tiers[0].replace('1%', '2%')} }}")
    if chance.number(0, 5) == 0:
        lines.append(
            f"rounding half_up to 0.01 per {'window' if is_later else chance.one_of(('window', 'band'))}"
        )
    body = "\n  ".join(line for line in lines if line)
    return f"tiered rule_{index} {{\n  {body}\n}}\n"


def _tiers(chance: Chance, name: str, rows: str, method: str, *, is_rival: bool) -> list[str]:
    if method == "interpolated":
        pays = ["1%", "2.5%", "3.333%"]
    elif rows != "deal":
        unit = rows.split()[-1]
        pays = [f"5 USD per {unit}", f"7.77 USD per {unit}", "nothing", "25 USD once", "1% of target"]
    elif name in _NO_MONEY:
        pays = ["5 USD per deal", "nothing", "25 USD once", "3% of amount", "1% of amount"]
    else:
        pays = ["1%", "2.5%", "3.333%", "nothing", "50 USD once", "2% plus 33.33 USD once", "3% of amount"]
    if is_rival:
        pays = [pay for pay in pays if "once" not in pay]
    tiers = []
    for place, start in enumerate([0, *sorted(chance.some(range(1, 21), most=2))]):
        side = chance.one_of(["from", "above"]) if place else "from"
        if name in _COUNT_MEASURES:
            bound = str(start)
        else:
            bound = f"{start * 50} USD" if name in _MONEY_MEASURES else f"{start * 10}%"
        tiers.append(f"tier {side} {bound} pay {chance.one_of(pays)}")
    return tiers


def plan(chance: Chance, most_rules: int = 3) -> str:
    """A whole plan as text."""
    count = chance.number(1, most_rules)
    are_rivals = count > 1 and chance.number(0, 4) == 0
    blocks = []
    for index in range(count):
        is_rival = are_rivals and index < 2
        kind = "so far" if is_rival else chance.one_of(["so far", "in total"])
        if chance.flip():
            rows = "deal" if is_rival else chance.one_of(_ROWS)
            blocks.append(moving_rule(chance, index, rows, is_rival=is_rival))
        else:
            rows = "deal" if is_rival else chance.one_of(["deal", "deal", "deal", "visit", "rep per month"])
            blocks.append(asking_rule(chance, index, kind, rows, is_rival=is_rival))
    table_kind = chance.one_of(["so far", "in total"]) if not are_rivals else "so far"
    if are_rivals:
        take = chance.one_of(["highest", "first"])
        blocks.append(f"choose best {{ take {take} per deal  among rule_0  among rule_1 }}\n")
    if chance.number(0, 2) == 0:
        blocks.append("revenue_share override { on earnings of rule_0  pay 10% of earning }\n")
    stands_on_deals = "on deal" in blocks[0] and not any(name in blocks[0] for name in ("visits", "score"))
    if chance.number(0, 3) == 0 and stands_on_deals:
        pays = ["5% of amount less earnings of rule_0", "5% of amount  deduct own earnings of rule_0"]
        blocks.append(f"revenue_share less_that {{ on deal  pay {chance.one_of(pays)} }}\n")
    header = HEADER.replace("MODE", chance.one_of(_MODES)).replace("KIND", table_kind)
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


def facts(chance: Chance, most: int = 60, refunds: str = "some") -> dict[str, list[dict[str, str]]]:
    """Deals and visits in two years; with `all` refunds, each is undone in full, in some order."""
    deals: list[dict[str, str]] = []
    visits: list[dict[str, str]] = []
    a_day, amount = days(chance, 260), amounts(chance, 0, 60_000)
    for index in range(size(chance, most)):
        day = date.fromisoformat(a_day()) - timedelta(days=60)
        day = chance.one_of([day, day.replace(day=1) - timedelta(days=1)])
        rep = chance.one_of(REPS) if day >= date(2026, 1, 31) else chance.one_of(REPS[:2])
        deals.append(
            {
                "id": f"D-{index}",
                "rep": rep,
                "helper": chance.one_of(["", "ana", "bob"]),
                "customer": chance.one_of(["acme", "bolt", "core"]),
                "product": chance.one_of(["crm", "erp"]),
                "amount": amount(),
                "closed": day.isoformat(),
                "paid": chance.one_of(["", (day + timedelta(days=20)).isoformat()]),
                "cancelled": chance.one_of(["", "", (day + timedelta(days=50)).isoformat()]),
                "undoes": "",
            }
        )
    for index in range(chance.number(0, max(most * 3 // 4, 1))):
        day = date.fromisoformat(a_day())
        rep = chance.one_of(REPS if day >= date(2026, 1, 31) else REPS[:2])
        visits.append({"id": f"V-{index}", "rep": rep, "made": day.isoformat(), "undoes": ""})
    for rows, on in ((deals, "closed"), (visits, "made")):
        for row in list(rows):
            if refunds == "none" or (refunds == "some" and chance.number(0, 9) > 2):
                continue
            parts = [100] if chance.number(0, 9) < 6 else [33, 67]
            if refunds == "some":
                parts = chance.one_of([[100], [33], [33, 67]])
            undone = 0
            for number, part in enumerate(parts):
                later = date.fromisoformat(row[on]) + timedelta(days=chance.one_of([0, 3, 30, 90, 120]))
                if refunds == "all":
                    later = min(later, _end_of_quarter(row[on]))
                back = row | {
                    "id": f"{chance.one_of('AR')}-{row['id']}-{number}",
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
