"""Both engines agree on plans that nobody thought of: a few of every maker; `make parity` tries thousands."""

from __future__ import annotations

import os

import pytest

from rulesengine.diagnostics import Rejected
from tests.chance import Seeded
from tests.parity.generated import OneDatabase, attempt
from tests.parity.makers import MAKERS
from tests.parity.smaller import as_case
from tests.properties.road import checked

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "60"))
SLOW = {"settled": 20, "currencies": 10, "mixed": 4, "one_rule": 4}
"""One in how many examples is tried of a maker; one in five of the others."""


@pytest.mark.parametrize("maker", MAKERS)
def test_plans_pay_the_same_under_both_engines(maker):
    engine = OneDatabase()
    for seed in range(EXAMPLES // SLOW.get(maker, 5)):
        text, facts, through = MAKERS[maker](Seeded(seed))
        found = attempt(text, facts, through, engine)
        assert found.fate != "different", f"{as_case(text, facts, through)}--- differs\n{found.why}"


@pytest.mark.parametrize("maker", MAKERS)
def test_nearly_all_texts_are_plans(maker):
    texts = [MAKERS[maker](Seeded(seed)) for seed in range(40)]
    assert sum(_is_plan(text) for text, _, _ in texts) >= 36


def _is_plan(text: str) -> bool:
    try:
        checked(text)
    except Rejected:
        return False
    return True


def test_a_plan_leaves_nothing_to_the_next():
    """What is too large is looked for in views: a table of the plan before may have the name of one."""
    engine = OneDatabase()
    assert attempt(*MAKERS["tiers"](Seeded(0)), engine).fate == "same"
    left = engine.connection.execute("select table_name from duckdb_tables()").fetchall()
    assert left == []
