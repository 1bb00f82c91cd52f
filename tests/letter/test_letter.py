"""Letters: pinned texts, and nothing of a plan that they leave out.

A new node fails here until a plan in `plans/` has it and its letter tells every field of it: add the
construct to a plan there (or a new one), run `make accept`, and read the letter as a payee would.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.language.parse import parse
from rulesengine.letter import as_text, letter_of
from rulesengine.pipeline import load_plan
from rulesengine.plan import nodes
from rulesengine.plan.check import check_and_lower
from tests.cases.runner import read_case

CASES = sorted((Path(__file__).parents[1] / "cases").rglob("*.case"))
PLANS = sorted((Path(__file__).parent / "plans").glob("*.rules"))

NOT_TOLD = {
    "origin": "where something was written",
    "type": "a unit is told with each amount",
    "text": "as the plan words it, for explanations",
    "FieldRead.may_be_missing": "the checks have dealt with it",
    "Derived.may_be_missing": "the checks have dealt with it",
    "CreditEach.payee_kind": "the field credited says who it is",
    "CreditTo.payee_kind": "the path says who it is",
    "MeasureRead.keys": "the measure tells for whom it is kept",
    "GrowthTarget.keys": "the measure tells for whom it is kept",
    "WeightedPart.against": "the measure tells what it is held against",
    "Measure.read_by": "the measure tells for whom it is kept",
    "Choose.among_origins": "where something was written",
    "Plan.minor_unit": "the rounding and all amounts show it",
    "FieldRead.currency": "what a rule converts is told of its row as a whole",
    "Rule.minor_unit": "the rounding and all amounts show it",
    "Rule.elsewhere": "the checks have dealt with it; the source tells what its lines stand on",
    "Plan.sources": "the text itself",
}
"""What a letter does not tell, and why."""


def _parts(value: object) -> Iterator[nodes.Node]:
    """All nodes in a value."""
    if isinstance(value, nodes.Node):
        yield value
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _parts(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _parts(each)


def _node_classes() -> list[type[nodes.Node]]:
    found = [each for each in vars(nodes).values() if isinstance(each, type) and issubclass(each, nodes.Node)]
    return [each for each in found if each is not nodes.Node]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_letter(path: Path, pytestconfig: pytest.Config) -> None:
    """The letter of a plan is the one that somebody has read."""
    text = as_text(letter_of(load_plan(path).plan))
    pinned = path.with_suffix(".txt")
    if pytestconfig.getoption("--accept"):
        pinned.write_text(text, encoding="utf-8")
    assert pinned.read_text(encoding="utf-8") == text


def test_every_plan_has_a_letter() -> None:
    """The plan of every case can be told, and no name of it is left as the plan writes it."""
    for path in CASES:
        given = read_case(path.read_text(encoding="utf-8")).given
        rules = next(section.body for section in given if section.heading == "plan")
        try:
            plan = check_and_lower(parse({"plan.rules": rules})).plan
        except Rejected:
            continue
        text = re.sub(r'"[^"]*"', "", as_text(letter_of(plan)))
        assert re.findall(r"\w+_\w+", text) == [], path.name


def test_every_node_occurs() -> None:
    """Each node class of the plan is in one of the pinned letters."""
    met = {type(part) for path in PLANS for part in _parts(load_plan(path).plan)}
    assert sorted(each.__name__ for each in _node_classes() if each not in met) == []


def test_every_field_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter reads every field of every node, but those that are listed above with a reason."""
    plans = [load_plan(path).plan for path in PLANS]
    read: set[str] = set()

    def recorded(self: nodes.Node, name: str) -> object:
        read.add(f"{type(self).__name__}.{name}")
        return object.__getattribute__(self, name)

    monkeypatch.setattr(nodes.Node, "__getattribute__", recorded, raising=False)
    for plan in plans:
        letter_of(plan)
    monkeypatch.undo()
    told = {
        f"{each.__name__}.{field.name}"
        for each in _node_classes()
        for field in dataclasses.fields(each)
        if field.name not in NOT_TOLD
    }
    assert sorted(told - read - set(NOT_TOLD)) == []
