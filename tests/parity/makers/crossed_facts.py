"""Facts of the plans in `crossed`: few deals, so that a difference can be read."""

from __future__ import annotations

from datetime import date, timedelta

from tests.chance import Chance
from tests.parity.makers.values import Rows, amounts, days, maybe, money, size

REPS = ("ana", "ben", "cyn", "dan")
CODES = ("USD", "EUR", "GBP")


def facts(chance: Chance) -> Rows:
    """A few deals, many of which are cancelled or undone, at once, later or in part."""
    day, amount = days(chance, 100), amounts(chance, 5_000, 160_000, may_be_huge=False)
    deals: list[dict[str, str]] = []
    for number in range(size(chance, 10)):
        closed = day()
        deal = {
            "id": f"D-{number}",
            "rep": chance.one_of(REPS[:3]),
            "helper": chance.one_of(REPS),
            "manager": chance.one_of(REPS[2:]),
            "product": chance.one_of("ab"),
            "qty": str(chance.number(1, 40)),
            "currency": chance.one_of(CODES),
            "amount": chance.one_of([amount(), "1000.00", "333.33"]),
            "closed": closed,
            "paid": _later(chance, closed, 50) if chance.flip() else "",
            "cancelled": _later(chance, closed, 90) if chance.flip() else "",
            "undoes": "",
        }
        deals.append(deal)
        for again in range(chance.one_of([0, 0, 1, 1, 2])):
            name = f"{chance.one_of('AR')}-{number}-{again}"
            back = _later(chance, closed, chance.one_of([0, 30, 120]))
            deals.append(deal | {"id": name, "closed": back, "undoes": deal["id"]})
            if chance.flip():
                deals[-1] |= {"paid": maybe(chance, day), "cancelled": "", "product": chance.one_of("ab")}
    shares = [
        {
            "id": f"S-{number}",
            "deal": chance.one_of(deals)["id"],
            "rep": chance.one_of(REPS),
            "weight": str(chance.number(0, 3)),
        }
        for number in range(chance.number(1, 16))
    ]
    payments = [
        {
            "id": f"P-{number}",
            "deal": chance.one_of(deals)["id"],
            "amount": chance.one_of([amount(), "100.00", "280.00", "-50.00"]),
            "received": day(),
        }
        for number in range(chance.number(1, 8))
    ]
    reps = _reps(chance, day())
    return {
        "rep": reps,
        "manager": _managers(reps),
        "deal": deals,
        "deal_share": shares,
        "payment": payments,
        "visit": _visits(chance, deals),
        "ecb": _rates(chance),
    }


def _visits(chance: Chance, deals: list[dict[str, str]]) -> list[dict[str, str]]:
    """A few visits, some of which have the key of a deal, and some of which undo another."""
    day, visits = days(chance, 100), list[dict[str, str]]()
    for number in range(size(chance, 8)):
        visit = {
            "id": f"V-{number}",
            "rep": chance.one_of(REPS),
            "product": chance.one_of("ab"),
            "points": str(chance.number(0, 3)),
            "made": day(),
            "instead_of": "",
        }
        if chance.number(0, 3) == 0 and number < len(deals):
            visit["id"] = deals[number]["id"]
        visits.append(visit)
        if chance.number(0, 3) == 0:
            made = _later(chance, visit["made"], 40)
            visits.append(visit | {"id": f"{visit['id']}-0", "made": made, "instead_of": visit["id"]})
    return visits


def _later(chance: Chance, day: str, most: int) -> str:
    return (date.fromisoformat(day) + timedelta(chance.number(0, most))).isoformat()


def _reps(chance: Chance, moved: str) -> list[dict[str, str]]:
    """Four reps of whom each but the last has a boss, one changes team, one may have none at first, and any
    may have a grade of zero, by which nothing can be divided."""
    rows = (
        ("ana", "", "n", "cyn", "2024-02-29"),
        ("ben", "", "n", "cyn", "2025-03-15"),
        ("ben", moved, "s", "cyn", "2025-03-15"),
        ("cyn", chance.one_of(["", "", moved]), "s", "dan", "2025-12-31"),
        ("dan", "", chance.one_of("ns"), "", "2026-01-15"),
    )
    own = {name: chance.one_of(CODES) for name in REPS}
    names = ("id", "from", "team", "boss", "joined")
    grades = {name: chance.one_of("1112230") for name in REPS}
    return [
        dict(zip(names, row, strict=True)) | {"target": "123.45", "grade": grades[row[0]], "own": own[row[0]]}
        for row in rows
    ]


def _managers(reps: list[dict[str, str]]) -> list[dict[str, str]]:
    """Two managers with the keys of reps."""
    return [{name: rep[name] for name in rep if name != "from"} for rep in reps if rep["id"] in REPS[2:]]


def _rates(chance: Chance) -> list[dict[str, str]]:
    """A rate of two currencies for most months of three years."""
    days_known = (date(2025, 12, 20) + timedelta(16 * number) for number in range(70))
    return [
        {"date": day.isoformat(), "currency": code, "rate": money(chance.number(least, least + 20))}
        for day in days_known
        for code, least in (("USD", 105), ("GBP", 80))
        if chance.number(0, 30)
    ]
