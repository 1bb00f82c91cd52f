"""How laws of plans that are alike are tried: two generated plans with facts, and what both pay."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache

from rulesengine.diagnostics import Rejected
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import STATEMENT, Line
from rulesengine.intake import read_book
from rulesengine.language.format import format_file
from rulesengine.language.parse import parse_text
from tests.chance import Seeded
from tests.parity.makers import Made, made, made_by
from tests.properties.road import checked

SEEDS = range(int(os.environ.get("LAW_EXAMPLES", "46")))
ON_DEAL = re.compile(r"(?m)^  on deal(?: at (\w+))?$")
TIER = re.compile(
    r"^(?P<start> +tier )(from|above) (?P<bound>[\d.,]+)(?P<unit> [A-Z]{3}|%)? pay (?P<pay>.*)$"
)
MONTHLY = "statement {\n  per month\n}\n"
Seed = int | tuple[str, int]
"""A seed whose maker is the one of its place, or one by a maker that is named: it stays that plan."""
Told = Callable[[tuple[Line, ...]], object]
_RULE = re.compile(r"^(?:flat|tiered|revenue_share|installments|spiff) (\w+) \{$")
_STEP = Decimal("0.0000001")


def pay_the_same(
    pair: Callable[[Made, Seeded], tuple[Made, Made] | None], told: Told, seeds: Iterable[Seed] = SEEDS
) -> None:
    """Assert that the two plans of each seed pay the same, where there are two, and that some are."""
    tried = 0
    for seed in seeds:
        try:
            both = pair(laid_out(seed), Seeded(seed if isinstance(seed, int) else seed[1]))
            if both is None:
                continue
            is_as_made = both[0] is laid_out(seed)
            left = told(earned_of(seed) if is_as_made else earned(both[0]))
            right = told(earned(both[1]))
        except Rejected:
            continue  # not every clause may stand in every rule
        assert left == right, f"seed {seed}: {left} or {right} in\n{both[1][0]}"
        tried += 1
    assert tried > 3


@cache
def laid_out(seed: Seed) -> Made:
    """Return the plan of a seed in its one layout, with its facts."""
    text, facts, through = made(seed) if isinstance(seed, int) else made_by(*seed)
    return format_file(parse_text(text, "plan.rules")), facts, through


@cache
def earned_of(seed: Seed) -> tuple[Line, ...]:
    """Return the lines of the plan of a seed as it was made."""
    return earned(laid_out(seed))


def earned(plan: Made) -> tuple[Line, ...]:
    """Return the lines of a plan over its facts."""
    text, facts, through = plan
    found = checked(text)
    return ReferenceEngine().earn(found, read_book(found.schema, facts).book, through).lines


def lines_of(lines: tuple[Line, ...]) -> Counter[tuple[object, ...]]:
    """Return what is paid line by line, whatever the names of the rules are."""
    return Counter(
        (line.payee, line.fact_id, line.earned_on, line.part, line.part_number, line.amount, line.payable_on)
        for line in lines
    )


def sums_of(lines: tuple[Line, ...]) -> dict[tuple[object, ...], Decimal]:
    """Return what rules pay each payee on each row and day, to a tenth of a millionth."""
    found: dict[tuple[object, ...], Decimal] = {}
    for line in lines:
        if line.rule != STATEMENT:
            key = (line.payee, line.fact_id, line.earned_on, line.payable_on)
            found[key] = found.get(key, Decimal(0)) + line.amount
    near = {key: amount.quantize(_STEP) for key, amount in found.items()}
    return {key: amount for key, amount in near.items() if amount}


def finely(text: str) -> str | None:
    """Return a plan with lines so fine that no rounding shows in `sums_of`; None for one that settles."""
    if settles(text) or "convert to" in text:
        return None
    fine = re.sub(r"rounding \w+ to [\d.]+ per", "rounding half_even to 0.000000000001 per", text)
    rounded = MONTHLY.replace("}", "  rounding half_up to 0.01\n}")
    return fine.replace(MONTHLY, rounded) if MONTHLY in fine else f"{fine}\n{rounded}"


def settles(text: str) -> bool:
    """Return whether statements are settled, or are not those of a month."""
    return "\nstatement {" in text and MONTHLY not in text


def blocks(text: str) -> list[str]:
    """Return the blocks of a plan that is laid out."""
    return re.split(r"(?m)^(?=\S.* \{$)", text)


def name_of(block: str) -> str:
    """Return the name of a rule; empty for another block."""
    found = _RULE.match(block.partition("\n")[0])
    return found[1] if found else ""


def of_rules(text: str, changed: Callable[[str], str]) -> str:
    """Return a plan whose rules are changed; each ends with an empty line."""
    return "".join(changed(f"{each.rstrip()}\n\n") if name_of(each) else each for each in blocks(text))


def words_of(text: str) -> str:
    """Return the rules, measures and choices of a plan: all that says how rows are paid."""
    return "".join(each for each in blocks(text) if name_of(each) or each.startswith(("measure ", "choose ")))


def ended(rule: str, clause: str) -> str:
    """Return a rule with one clause more."""
    return f"{rule.rstrip()[:-1]}  {clause}\n}}\n\n"


def in_two(text: str, rule: str, first: str, second: str) -> str:
    """Return a plan with one clause more in a rule, and a twin of that rule with another."""
    head = next(line for line in rule.splitlines() if line.startswith("  on "))
    name = name_of(rule)
    one, two = (rule.replace(head, f"{head}\n  {clause}", 1) for clause in (first, second))
    return text.replace(rule, one.rstrip() + "\n\n" + two.replace(f" {name} {{", f" {name}_other {{", 1))
