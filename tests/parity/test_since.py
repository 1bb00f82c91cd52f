"""A run that continues another finds what a run over all facts finds, whatever has changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import Phase, assume, event, given, settings
from hypothesis import strategies as st

from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql import DuckDBEngine
from rulesengine.intake import read_book
from tests.chance import Drawn
from tests.parity.compare import compared
from tests.parity.makers import MAKERS
from tests.parity.since import continued
from tests.properties.road import checked

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "15"))
# Plans with facts of two runs take minutes to shrink; what fails is printed as it is.
FEW = settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
Rows = Mapping[str, Sequence[Mapping[str, str]]]
FACT_KINDS = ("deal", "payment", "visit")


def changed(facts: Rows, other: Rows, random: Random, how_much: float) -> dict[str, list[Mapping[str, str]]]:
    """Return the facts with some rows gone, some as they are in the other facts, and some new ones."""
    made: dict[str, list[Mapping[str, str]]] = {kind: list(rows) for kind, rows in facts.items()}
    for kind in FACT_KINDS:
        if kind not in facts:
            continue
        # Facts of the other sort of generated plans have other fields.
        alike = facts.keys() == other.keys()
        news = {row["id"]: row for row in other[kind]} if alike else {}
        made[kind] = []
        for row in facts[kind]:
            fate = random.random()
            if fate < how_much:
                continue
            made[kind].append(news.get(row["id"], row) if fate < 2 * how_much else row)
        known = {row["id"] for row in facts[kind]}
        made[kind] += [row for key, row in news.items() if key not in known and random.random() < how_much]
        random.shuffle(made[kind])
    return made


@st.composite
def tries(draw):
    """A plan, facts and the last day that a run knows of."""
    return MAKERS[draw(st.sampled_from(["mixed", "mixed", "mixed", "totals"]))](Drawn(draw))


@FEW
@given(
    first=tries(), second=tries(), random=st.randoms(use_true_random=False), how=st.sampled_from([0.1, 0.4])
)
def test_a_run_that_continues_another_finds_the_same(first, second, random, how):
    text, was, through = first
    facts = changed(was, second[1], random, how)
    fate = holds(text, was, facts, through)
    event(fate)
    # Texts that are no plan, and plans that DuckDB refuses, are none of the examples.
    assume(fate not in ("no plan", "refused"))


def holds(text, was, now, through) -> str:
    """Hold a run that continues one over other facts against a full run; returns what became of it."""
    try:
        plan = checked(text)
    except Rejected:
        return "no plan"
    before, after = (read_book(plan.schema, facts).book for facts in (was, now))
    try:
        expected = DuckDBEngine().earn(plan, after, through)
        found = continued(plan, before, after, through)
    except Rejected:
        return "refused"
    problems = compared(expected, found.earned)
    parts = [(part.rules, part.rows, part.is_everything) for part in found.parts]
    assert not problems, "\n".join([text, str(was), str(now), f"through {through}", *problems, str(parts)])
    if all(part.is_everything for part in found.parts):
        return "everything"
    return f"restricted, rows worked out again: {min(part.rows for part in found.parts) < found.rows}"
