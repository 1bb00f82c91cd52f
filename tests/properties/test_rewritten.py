"""What is written another way and means the same pays the same: engines may be wrong alike, laws are not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.intake import read_book
from rulesengine.language.format import format_file
from rulesengine.language.parse import parse_text
from tests.parity.makers import Made, made
from tests.properties.road import checked

SEEDS = range(240)
_RULE = re.compile(r"^(?:flat|tiered|revenue_share|installments|spiff) \w+ \{$")
_KEYS = re.compile(r"(?<= by )((?:[\w.]+, )+)([\w.]+)$", re.MULTILINE)
_AGAIN = ("apply whole", "apply interpolated", "in total")
"""What re-rates earlier rows does so for each version by itself, in lines of their own."""


@pytest.mark.parametrize("word", ["pay", "tier", "cap", "floor", "times", "for", "where", "credit", "hold"])
def test_an_amendment_that_says_what_holds_already_changes_nothing(word):
    """Whatever is counted, held or waited for goes on across it."""
    _pays_the_same(
        lambda text: text if any(each in text for each in _AGAIN) else _repeated(text, word),
    )


def test_the_order_in_which_keys_are_written_changes_nothing():
    _pays_the_same(lambda text: _KEYS.sub(lambda found: f"{found[2]}, {found[1][:-2]}", text))


def test_the_order_in_which_rules_are_written_changes_nothing():
    _pays_the_same(_turned)


def _pays_the_same(rewritten: Callable[[str], str]) -> None:
    """Assert that generated plans pay the same when they are rewritten, and that some are."""
    tried = 0
    for seed in SEEDS:
        text, facts, through = _laid_out(made(seed))
        other = rewritten(text)
        if other != text:
            tried += _same((text, facts, through), (other, facts, through), seed)
    assert tried > 5


def _turned(text: str) -> str:
    """Return a plan with its rules the other way round, each where another one stood."""
    blocks = re.split(r"(?m)^(?=\S.* \{$)", text)
    places = [place for place, block in enumerate(blocks) if _RULE.match(block.partition("\n")[0])]
    turned = {
        place: f"{blocks[other].rstrip()}\n\n" for place, other in zip(places, reversed(places), strict=True)
    }
    return "".join(turned.get(place, block) for place, block in enumerate(blocks))


def _laid_out(plan: Made) -> Made:
    text, facts, through = plan
    return format_file(parse_text(text, "plan.rules")), facts, through


def _repeated(text: str, word: str) -> str:
    """Return a plan in which each rule without amendments has one that repeats all lines of a word."""
    rules = re.split(r"(?m)^(?=\S.* \{$)", text)
    return "".join(_amended(rule, word) for rule in rules)


def _amended(rule: str, word: str) -> str:
    lines = rule.splitlines()
    places = [place for place, line in enumerate(lines) if line.startswith(f"  {word} ")]
    found = [lines[place] for place in places]
    # New lines stand where the first one stood: what stands between two of a word would change places.
    is_apart = bool(places) and places[-1] - places[0] >= len(places)
    if not found or is_apart or not _RULE.match(lines[0]) or "\n  amend " in rule:
        return rule
    amendment = "".join(f"  {line}\n" for line in found)
    return rule.replace("\n}\n", f"\n  amend from 2026-02-15 {{\n{amendment}  }}\n}}\n", 1)


def _same(one: Made, other: Made, seed: int) -> bool:
    """Assert that two plans pay the same; return whether both are plans."""
    try:
        left, right = _paid(one), _paid(other)
    except Rejected:
        return False
    assert left == right, f"seed {seed}: {left - right} or {right - left} in\n{other[0]}"
    return True


def _paid(plan: Made) -> Counter[tuple[object, ...]]:
    text, facts, through = plan
    found = checked(text)
    lines = ReferenceEngine().earn(found, read_book(found.schema, facts).book, through).lines
    return Counter(
        (line.rule, line.payee, line.fact_id, line.earned_on, line.part, line.amount, line.payable_on)
        for line in lines
    )
