"""What a row becomes: a plan, tables of facts, and where to look for each figure it expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import rulesengine
from rulesengine import Rejected
from tests.vectors.rows import Row

Table = Sequence[Mapping[str, object]]

REFUSED = "error"
"""What a row expects where the facts must be refused."""


class Outcome:
    """What came out of a scenario: a run, or the codes with which it was refused."""

    def __init__(self, run: Any = None, refused: Rejected | None = None) -> None:
        found = () if refused is None else refused.diagnostics
        self.codes = [one.code for one in found]
        self.messages = [f"{one.code} {one.message}" for one in found]
        self.rejects = 0 if run is None else len(run.reject_values)
        self.lines = [] if run is None else run.lines.to_pylist()
        self.statements = [] if run is None else run.statements.to_pylist()
        self.not_earning = [] if run is None else run.not_earning.to_pylist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where a figure stands: on statements, or on the lines of a rule.

    Without a rule, fact or part it is the total of the payee's statements, else what those lines
    pay. What is not given is not asked about.
    """

    payee: str | None = None
    period: str | None = None
    rule: str | None = None
    fact: str | None = None
    part: str | None = None
    rate: str | None = None
    taken: bool = False
    """The figure says how much is taken back: the line has the opposite sign."""

    def found(self, outcome: Outcome) -> str:
        """Return the figure as a run shows it."""
        if outcome.codes:
            return REFUSED
        if self.rule is None and self.fact is None and self.part is None and self.rate is None:
            amounts = [row["total"] for row in outcome.statements if self._meets(row)]
        else:
            amounts = [row["amount"] for row in outcome.lines if self._meets(row)]
        total = sum(amounts, Decimal(0))
        return f"{-total if self.taken else total:f}"

    def _meets(self, row: Mapping[str, object]) -> bool:
        wanted = {
            "payee": self.payee,
            "period": self.period,
            "rule": self.rule,
            "fact_id": self.fact,
            "part": self.part,
        }
        if self.rate is not None and Decimal(self.rate) != row["rate"]:
            return False
        return all(value is None or row.get(name) == value for name, value in wanted.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrounded:
    """What the lines of rules come to, before the statement rounds its total to cents."""

    payee: str | None = None
    period: str | None = None

    def found(self, outcome: Outcome) -> str:
        """Return the figure as a run shows it."""
        if outcome.codes:
            return REFUSED
        amounts = [
            row["amount"]
            for row in outcome.lines
            if row["rule"] != "statement"
            and self.period in (None, row["period"])
            and self.payee in (None, row["payee"])
        ]
        return f"{sum(amounts, Decimal(0)):f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The pay of a row that may have to be refused: `error` where it earned nothing, by name."""

    rule: str
    fact: str = "1"

    def found(self, outcome: Outcome) -> str:
        """Return what the row was paid, or `error` where the run says why it is not."""
        said = any(
            row["rule"] == self.rule and row["fact_id"] == self.fact and row["reason"] == "condition"
            for row in outcome.not_earning
        )
        if outcome.codes or said:
            return REFUSED
        return Look(rule=self.rule, fact=self.fact).found(outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many lines there are."""

    rule: str | None = None
    period: str | None = None

    def found(self, outcome: Outcome) -> str:
        """Return the number of lines."""
        return str(
            sum(
                (self.rule is None or row["rule"] == self.rule)
                and (self.period is None or row["period"] == self.period)
                for row in outcome.lines
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a line other than its amount, such as the rate."""

    rule: str
    column: str
    fact: str | None = None

    def found(self, outcome: Outcome) -> str:
        """Return the one value that stands there."""
        values = {
            str(row[self.column])
            for row in outcome.lines
            if row["rule"] == self.rule and (self.fact is None or row["fact_id"] == self.fact)
        }
        return " ".join(sorted(values)) if values else "no line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The statements there are, in the order of their periods."""

    before: str = ""
    """Only those whose last day is earlier than this; without it the plan is settled as one."""
    column: str = ""
    """What is asked of each: a column of the statements, or else its days."""

    def found(self, outcome: Outcome) -> list[str]:
        """Return the answer of each statement."""
        rows = sorted(outcome.statements, key=lambda row: row["first_day"])
        rows = [row for row in rows if not self.before or str(row["last_day"]) < self.before]
        if self.column:
            return [str(row[self.column]) for row in rows]
        return [f"{row['first_day']}..{row['last_day']}" if self.before else "all" for row in rows]


Anything = Look | Unrounded | Paid | Count | Column | Settled
Looks = Mapping[str, Any]
"""By the name of an expected figure: where it stands; a list or mapping where the row has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A plan in the language, facts by the name of their block, and where each figure stands."""

    plan: str
    facts: Mapping[str, Table] = field(default_factory=dict)
    looks: Looks
    period: str = "2026-01"
    through: str | None = None
    settled: Mapping[str, Look] = field(default_factory=dict)
    """Of an amount that was settled before: where the plan says the same."""
    rejects: int = 0
    """How many rows of facts must be rejected."""
    refusal: str = ""
    """The code with which a row that expects `error` is refused as a whole."""


def run(scenario: Scenario, folder: Path) -> Outcome:
    """Return what the plan makes of the facts, by the public interface."""
    path = folder / "plan.rules"
    path.write_text(scenario.plan, encoding="utf-8")
    try:
        plan = rulesengine.load_plan(path)
        run = rulesengine.evaluate(
            plan, facts=dict(scenario.facts), period=scenario.period, through=scenario.through
        )
        return Outcome(run)
    except Rejected as rejected:
        return Outcome(refused=rejected)


def differences(row: Row, scenario: Scenario, outcome: Outcome) -> list[str]:
    """Return a sentence for each figure that does not come out as expected."""
    wrong = []
    missing = set(row.expected) - set(scenario.looks)
    if missing:
        wrong.append(f"nobody looks for {', '.join(sorted(missing))}")
    for name, expected in row.expected.items():
        if name in scenario.looks:
            wrong.extend(_compare(name, expected, scenario.looks[name], outcome))
    for given, look in scenario.settled.items():
        wrong.extend(_compare("settled before", given, look, outcome))
    if outcome.codes and set(outcome.codes) != {scenario.refusal}:
        wrong.append(f"refused with {', '.join(outcome.codes)}")
    if outcome.rejects != scenario.rejects:
        wrong.append(f"{outcome.rejects} rows of facts are rejected, expected {scenario.rejects}")
    return wrong


def _compare(name: str, expected: Any, look: Any, outcome: Outcome) -> Iterable[str]:
    if isinstance(look, Mapping):
        if set(look) != set(expected):
            yield f"{name}: expected {sorted(expected)}, looked for {sorted(look)}"
            return
        for key in expected:
            yield from _compare(f"{name} {key}", expected[key], look[key], outcome)
    elif isinstance(look, list):
        if len(look) != len(expected):
            yield f"{name}: expected {len(expected)} figures, looked for {len(look)}"
            return
        for place, (one, where) in enumerate(zip(expected, look, strict=True), start=1):
            yield from _compare(f"{name} {place}", one, where, outcome)
    else:
        found = look.found(outcome)
        if not _same(expected, found):
            yield f"{name}: expected {expected}, found {found}"


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) or isinstance(found, list) or REFUSED in (expected, found):
        return bool(expected == found)
    try:
        return Fraction(expected) == Fraction(found)
    except ValueError:
        return bool(expected == found)
