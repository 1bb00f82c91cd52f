"""The whole road, from files to statements, on one screen: start reading here.

load_plan   .rules files -> syntax tree -> checked plan
evaluate    checked plan + facts -> book -> lines -> statements
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Inexact
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.contract import Engine
from rulesengine.language.parse import parse
from rulesengine.language.source import read_sources
from rulesengine.model.arguments import a, check_facts, check_path
from rulesengine.model.collector import collector_held
from rulesengine.model.dates import DateRange, WindowKind, window_of
from rulesengine.model.period import NotAPeriod, parse_period
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.check import check_and_lower
from rulesengine.plan.nodes import Plan

if TYPE_CHECKING:
    from rulesengine.statements.run import Run


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A checked plan, with the warnings that the checks had."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]


def load_plan(path: str | Path) -> LoadedPlan:
    """Return the plan in a `.rules` file, or in all such files of a folder.

    Raises:
        Rejected: with every mistake that the plan has.
        TypeError: it is no path.
    """
    check_path("a plan is the path of a file or folder, or what `load_plan` returns", path)
    sources = read_sources(path)
    with collector_held():
        tree = parse(sources)
        checked = check_and_lower(tree)
    return LoadedPlan(checked.plan, checked.warnings)


def evaluate(
    plan: LoadedPlan | str | Path,
    *,
    facts: str | Path | Mapping[str, object],
    period: str,
    through: date | str | None = None,
    root: str | Path | None = None,
    allow_rejects: bool = False,
    engine: str | Engine = "reference",
) -> Run:
    """Return what everybody is paid in a period, with how each number came about.

    Args:
        plan: from `load_plan`, or its path.
        facts: a folder, a `facts.yaml`, or files and tables (pandas, Polars, Arrow, records) by
            the name of their kind.
        period: one or more whole statement periods: `2026-09`, `2013-Q4`, `2011-01..2015-12`.
        through: last day of facts to look at; the last day of the period if not given.
        root: folder that the files of a `facts.yaml` are in, instead of what it says itself.
        allow_rejects: whether `ok` holds even if rows of facts were rejected.
        engine: `duckdb`, `reference`, `spark`, or an engine of your own.

    Raises:
        Rejected: the plan, the period or the files as a whole are wrong. Wrong rows of facts are
            in the run's `rejects` instead, and `ok` is False.
        TypeError: an argument is of another sort than these.
    """
    from rulesengine.intake import read_book
    from rulesengine.statements.run import Run

    loaded = plan if isinstance(plan, LoadedPlan) else load_plan(plan)
    days = pay_period(loaded.plan, period)
    last = last_day(through, days)
    worker = _engine(engine)
    check_facts(facts)
    intake = read_book(loaded.plan.schema, facts, root=None if root is None else Path(root))
    try:
        with collector_held():
            earned = worker.earn(loaded.plan, intake.book, last)
    except Inexact as error:
        message = "an amount has more digits than can be worked out without rounding"
        hint = "look for values that are multiplied, and for rules on the earnings of rules"
        raise Rejected([Diagnostic(code="R1205", message=message, hint=hint)]) from error
    return Run(
        plan=loaded.plan,
        warnings=loaded.warnings,
        engine=worker.name,
        period=period.strip(),
        days=days,
        through=last,
        intake=intake,
        earned=earned,
        allow_rejects=allow_rejects,
    )


def pay_period(plan: Plan, text: str) -> DateRange:
    """Return the dates of a pay period, which is made of whole statement periods of the plan.

    Raises:
        Rejected: R1201, it names no period or cuts a statement in two.
    """
    if not isinstance(text, str):
        message = f"a period is a text such as `2026-09`, found {a(text)}"
        raise Rejected([Diagnostic(code="R1201", message=message, place="--period")])
    try:
        days = parse_period(text, plan.fiscal)
    except NotAPeriod as error:
        raise Rejected([Diagnostic(code="R1201", message=str(error), place="--period")]) from None
    if plan.period in (WindowKind.PLAN, WindowKind.LIFETIME):
        return days
    first = window_of(days.start, plan.period, plan.fiscal, plan.effective)
    last = window_of(days.end, plan.period, plan.fiscal, plan.effective)
    if first.start != days.start or last.end != days.end:
        message = f"period `{text}` cuts a statement in two; statements are per {plan.period.value}"
        labels = first.label if first.label == last.label else f"{first.label}..{last.label}"
        raise Rejected(
            [Diagnostic(code="R1201", message=message, place="--period", hint=f"write `{labels}`")]
        )
    return days


def last_day(through: date | str | None, days: DateRange) -> date:
    """Return the last day of facts: the one given, else the last of the period.

    Raises:
        Rejected: R1201, it is no date or lies before the period.
    """
    if through is None:
        return days.end
    try:
        last = date.fromisoformat(through) if isinstance(through, str) else through
    except ValueError:
        message = f"`{through}` is not a date; write one like 2026-09-30"
        raise Rejected([Diagnostic(code="R1201", message=message, place="--through")]) from None
    if isinstance(last, datetime):
        last = last.date()
    if not isinstance(last, date):
        message = f"through is a date, or a text such as `2026-09-30`, found {a(last)}"
        raise Rejected([Diagnostic(code="R1201", message=message, place="--through")])
    if last < days.start:
        message = f"through {last} lies before the period, which begins on {days.start}"
        raise Rejected([Diagnostic(code="R1201", message=message, place="--through")])
    return last


def _engine(engine: str | Engine) -> Engine:
    if not isinstance(engine, str):
        if not callable(getattr(engine, "earn", None)):
            raise TypeError(
                f"an engine is a name such as `duckdb`, or has a method `earn`, found {a(engine)}"
            )
        return engine
    if engine == "reference":
        from rulesengine.engines.reference import ReferenceEngine

        return ReferenceEngine()
    if engine == "duckdb":
        from rulesengine.engines.sql import DuckDBEngine

        return DuckDBEngine()
    if engine == "spark":
        from rulesengine.engines.sql.spark_engine import SparkEngine

        return SparkEngine()
    message = f"there is no engine `{engine}`; there are `duckdb`, `reference` and `spark`"
    raise Rejected([Diagnostic(code="R1204", message=message, place="--engine")])
