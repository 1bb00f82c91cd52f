"""Stages are put together from names in the plan, whatever these are: no two of them meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import rulesengine
from rulesengine.engines.sql.compile import Pipeline, compile_plan
from rulesengine.engines.sql.nominal import nominal_book
from rulesengine.engines.sql.relations import Recursion, sources
from rulesengine.engines.sql.stage_names import OF_STATEMENTS, OF_THE_ANSWER
from tests.properties.road import checked

PLAN = """
plan names {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
payee rep {
  field id text key
  field boss rep optional
  field region text
}
fact deal {
  field id text key
  field rep rep credited
  field amount money
  field seats number
  field closed date event
  field lost date optional
  derive each = amount / seats
}
fact part {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
}
fact piece {
  field id text key
  field deal deal
  field rep rep credited
}
fact receipt {
  field id text key
  field deal deal
  field amount money
  field received date event
}
table percent on deal by seats {
  row from 0 gives 1%
  row from 10 gives 2%
}
table percent_by_size on deal by seats {
  row from 0 gives 3%
  row from 20 gives 4%
}
measure visits {
  effective from 2025-01-01
  on deal
  take count per year by payee
}
measure bookings {
  on deal
  take sum amount per quarter by payee
}
revenue_share sales {
  on deal
  where bookings so far >= 10 USD
  pay percent of amount
  clawback 100% on lost
  release 100% as receipt.amount reaches amount
  budget 500 USD then first_come on closed
}
tiered steps {
  on deal
  measure sum each per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 1,500 USD pay 2%
}
revenue_share shared {
  on deal
  credit each part by weight
  pay 1% of amount less earnings of steps
  remainder to last
}
revenue_share above {
  on deal
  credit each level of rep.boss through 2
  pay 1% of amount
}
revenue_share regional {
  on deal
  credit each piece equally
  where visits of year before >= 10
  pay percent_by_size of amount
  remainder to last
}
flat monthly {
  on rep per month
  where visits so far >= 1
  pay 5 USD per month
}
choose better {
  take highest per deal
  among sales
  among steps
}
"""
RENAMED = (
    "sales",
    "steps",
    "shared",
    "monthly",
    "regional",
    "better",
    "bookings",
    "visits",
    "percent",
    "percent_by_size",
    "part",
    "piece",
    "receipt",
)
"""The names of the plan that stages are named after."""


def _compiled(text: str) -> tuple[Pipeline, list[str]]:
    """Return the pipeline of a plan, and its stored tables."""
    plan = checked(text)
    book = nominal_book(plan.schema)
    return compile_plan(plan, book, plan.effective.end), [table.name for table in book.tables()]


def _read(pipeline: Pipeline, stored: list[str]) -> list[list[int]]:
    """Return what each stage reads by its place: stored tables first, then the stages before."""
    places = {name: place for place, name in enumerate(stored)}
    found = []
    for stage in pipeline.stages:
        own = dict(places)
        if isinstance(stage.body, Recursion):
            assert stage.body.name not in places
            own[stage.body.name] = -1
        found.append([own[name] for name in sources(stage.body) if name])
        assert stage.name.lower() not in places
        places[stage.name.lower()] = len(places)
    return found


def _words(pipeline: Pipeline) -> list[str]:
    """Return what names of stages begin with and end with, as far as a plan may use it as a name."""
    found: dict[str, None] = {}
    for stage in pipeline.stages:
        parts = stage.name.split("_")
        for at in range(1, len(parts)):
            found |= dict.fromkeys(("_".join(parts[:at]), "_".join(parts[at:])))
    return [word for word in found if re.fullmatch("[a-z_][a-z0-9_]*", word) and word not in NAMES]


NAMES = {*re.findall("[a-z_]+", PLAN)}
WORDS = _words(_compiled(PLAN)[0])


def _renamed(names: Mapping[str, str]) -> str:
    """Return the plan with other names."""
    return re.sub(r"(?<![a-z0-9_])[a-z_]+(?![a-z0-9_])", lambda found: names.get(found[0], found[0]), PLAN)


@pytest.mark.parametrize("shift", range(2))
def test_stages_of_clashing_names_read_what_they_read_under_other_names(shift: int) -> None:
    """Names that begin and end as those of stages do change nothing but the names of stages."""
    plain = _read(*_compiled(PLAN))
    tried = 0
    for first in range(0, len(WORDS), len(RENAMED)):
        words = [WORDS[(first + place) % len(WORDS)] for place in range(len(RENAMED))]
        names = dict(zip(RENAMED, words[shift:] + words[:shift], strict=True))
        assert _read(*_compiled(_renamed(names))) == plain, names
        tried += 1
    assert tried > 5


RESERVED = [name for name in (*OF_STATEMENTS, *OF_THE_ANSWER) if "_" in name]


@pytest.mark.parametrize("taken", RESERVED)
def test_no_stage_is_named_as_a_table_beside_the_stages(taken: str) -> None:
    """A rule and a choice of whose names such a table's is put together leave it alone."""
    rule, choice = taken.split("_", 1)
    pipeline, _ = _compiled(_renamed({"sales": rule, "better": choice}))
    names = [stage.name for stage in pipeline.stages]
    assert taken not in names
    assert f"{taken}_2" in names


def test_tables_of_statements_are_known() -> None:
    """Every table that statements are made by has a name that no stage is given."""
    folder = Path(rulesengine.__file__).parent / "statements" / "by_sql"
    found = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r'"((?:run|since)_[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert found
    # One for each table of an answer.
    assert found - {"since_payees"} <= set(OF_STATEMENTS)
