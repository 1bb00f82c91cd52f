"""The whole road in memory, for laws: text and rows in, lines out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import Earned
from rulesengine.intake import read_book
from rulesengine.language.parse import parse
from rulesengine.plan import check_and_lower
from rulesengine.plan.nodes import Plan

Rows = Sequence[Mapping[str, str]]
YEAR_END = date(2026, 12, 31)
FAR = date(2030, 12, 31)


def checked(text: str) -> Plan:
    """Return the checked plan of one file of rules."""
    return check_and_lower(parse({"plan.rules": text})).plan


def earn(plan: Plan, facts: Mapping[str, Rows], through: date = FAR) -> Earned:
    """Return what the reference engine earns; the facts must all be accepted."""
    intake = read_book(plan.schema, facts)
    assert not intake.rejects, intake.rejects
    return ReferenceEngine().earn(plan, intake.book, through)
