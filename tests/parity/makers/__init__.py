"""Makers of plans with facts for them; each leans towards one part of the language.

A maker takes a chance and gives a plan as text, rows of facts and the last day that a run knows of. `ORDER`
says which maker a seed belongs to: those whose plans have more in them come more often.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from tests.chance import Chance, Seeded
from tests.parity.makers import (
    awarded,
    clawback,
    crossed,
    crossed_facts,
    currencies,
    dated,
    deduct,
    goals,
    limits,
    mixed,
    named_goals,
    named_once,
    on_earnings,
    partners,
    ranked,
    rerated,
    shared,
    tabled,
    totals,
)
from tests.parity.makers.undoing import mended
from tests.parity.makers.values import Rows, with_odd_keys

Made = tuple[str, Rows, date]
Maker = Callable[[Chance], Made]
EARLY, MIDDLE, YEAR_END, LATE = (
    date(2026, 2, 10),
    date(2026, 3, 31),
    date(2026, 12, 31),
    date(2027, 12, 31),
)
_KIND = re.compile(r"^(?:fact|payee|quota|rates) (\w+)", re.MULTILINE)


def _maker(
    plan: Callable[[Chance], str],
    facts: Callable[[Chance], Rows],
    ends: tuple[date, ...] = (EARLY, YEAR_END, YEAR_END, YEAR_END),
) -> Maker:
    """Return a maker of plans and facts; those that the plan does not know are left out."""

    def made(chance: Chance) -> Made:
        text, rows = plan(chance), facts(chance)
        known = set(_KIND.findall(text))
        rows = {kind: mended(chance, found) for kind, found in rows.items() if kind in known}
        return text, with_odd_keys(chance, rows), chance.one_of(ends)

    return made


MAKERS: dict[str, Maker] = {
    "mixed": _maker(mixed.plan, partners.facts, (YEAR_END, YEAR_END, MIDDLE, LATE)),
    "one_rule": _maker(lambda chance: mixed.plan(chance, 1), partners.facts, (YEAR_END, MIDDLE)),
    "totals": _maker(totals.plan, totals.facts, (YEAR_END, MIDDLE)),
    "tabled": _maker(tabled.tables, tabled.sized, (YEAR_END,)),
    "shared": _maker(shared.plans, shared.facts),
    "limits": _maker(limits.plans, limits.facts),
    "deduct": _maker(deduct.plans, shared.facts),
    "goals": _maker(goals.spiffs, goals.facts),
    "tiers": _maker(goals.tiers, goals.facts),
    "rerated": _maker(rerated.rerated, goals.facts),
    "awarded": _maker(awarded.plans, awarded.facts),
    "ranked": _maker(ranked.plans, ranked.facts_with_ties),
    "named_goals": _maker(named_goals.goals, named_goals.facts_of_both),
    "named_ranks": _maker(named_goals.ranks, named_goals.facts_of_both),
    "named_once": _maker(named_once.plans, awarded.facts),
    "on_earnings": _maker(on_earnings.plans, on_earnings.facts),
    "clawback": _maker(clawback.plans, clawback.facts, (MIDDLE, YEAR_END)),
    "dated": _maker(dated.plans, dated.facts, (date(2026, 6, 30), date(2030, 12, 31))),
    "currencies": _maker(currencies.plans, currencies.facts),
    "crossed": _maker(crossed.plans, crossed_facts.facts, (MIDDLE, LATE)),
    "crossed_currencies": _maker(crossed.converted_plans, crossed_facts.facts, (MIDDLE, LATE)),
    "settled": _maker(mixed.settled_plan, partners.facts, (MIDDLE,)),
}
_OFTEN = ("mixed", "mixed", "one_rule", "one_rule", "totals", "rerated", "crossed", "crossed")
ORDER = (*(name for name in MAKERS if name != "settled"), *_OFTEN)
"""The maker of each seed, in turn; what settles is slow and comes once for ten rounds."""


def maker_of(seed: int) -> str:
    """Return the name of the maker that a seed belongs to."""
    turn, place = divmod(seed, len(ORDER))
    return "settled" if place == 0 and turn % 10 == 0 else ORDER[place]


def made(seed: int) -> Made:
    """Return the plan, the facts and the last day of a seed: the same ones every time."""
    return made_by(maker_of(seed), seed)


def made_by(maker: str, seed: int) -> Made:
    """Return what a maker makes of a seed, whatever the order of the makers is."""
    return MAKERS[maker](Seeded(seed))
