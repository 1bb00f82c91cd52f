"""What `show sql --rule` prints of a plan: all that leads to the lines of the rule, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from rulesengine.engines.sql.printed import printed_plan
from rulesengine.pipeline import load_plan

PLAN = load_plan(Path(__file__).parents[3] / "rules" / "partner_program").plan


def _stages(sql: str) -> dict[str, set[str]]:
    """The stages that are made, each with the names in it."""
    pieces = re.split(r'^create or replace temp (?:view|table) "(\w+)" as$', sql, flags=re.MULTILINE)
    return {
        name: set(re.findall(r'"(\w+)"', body)) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def test_all_that_leads_to_a_rule_is_printed() -> None:
    """A stage that a printed one reads is printed too, also one of a measure or of another rule."""
    whole = _stages(printed_plan(PLAN, "duckdb"))
    for rule in PLAN.rules:
        shown = _stages(printed_plan(PLAN, "duckdb", rule.name))
        assert f"{rule.name}_lines" in shown
        for name, read in shown.items():
            assert read & whole.keys() - shown.keys() == set(), f"{rule.name}: {name}"
        assert whole.keys() - shown.keys(), rule.name


def test_the_total_that_tiers_read_is_printed() -> None:
    """The accelerator's tiers are of a measure with stages of its own."""
    assert "total_bookings" in _stages(printed_plan(PLAN, "duckdb", "quota_accelerator"))
