"""One row at a time, through the Python API: for quotes and for what-if. Nothing is written anywhere.

prepared = rulesengine.prepare(plan, facts="facts")
paid = prepared.pay({"id": "D-9", "partner": "ana", "amount": "1200.00", "closed": "2026-03-02"})
paid.lines, paid.not_earning, paid.rejects
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Inexact
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.model.arguments import a, check_facts
from rulesengine.model.dates import DateRange
from rulesengine.model.schema import Role
from rulesengine.pipeline import LoadedPlan, last_day, load_plan

if TYPE_CHECKING:
    from rulesengine.engines.prepared import Paid, PreparedPlan
    from rulesengine.engines.results import Line
    from rulesengine.model.book import Reject

Record = Mapping[str, object]


def prepare(
    plan: LoadedPlan | str | Path,
    *,
    facts: str | Path | Mapping[str, object],
    through: date | str | None = None,
    root: str | Path | None = None,
) -> Prepared:
    """Return the plan with everything ready to pay one row at a time.

    Args:
        plan: from `load_plan`, or its path.
        facts: as `evaluate` takes them: payees, quotas, rates, and the facts that there are already;
            an empty list for a kind that has none.
        through: last day of facts to look at; the last day of the plan if not given.
        root: folder that the files of a `facts.yaml` are in, instead of what it says itself.

    Raises:
        Rejected: the plan or the files as a whole are wrong. Wrong rows are in `rejects` instead.
        TypeError: an argument is of another sort than these.
    """
    from rulesengine.engines.prepared import PreparedPlan
    from rulesengine.engines.reference import ReferenceEngine
    from rulesengine.intake.one_row import RowReader
    from rulesengine.intake.read_book import read_book_and_rows

    loaded = plan if isinstance(plan, LoadedPlan) else load_plan(plan)
    effective = loaded.plan.effective
    last = effective.end if through is None else last_day(through, DateRange(date.min, date.max))
    schema = loaded.plan.schema
    check_facts(facts)
    intake, sections = read_book_and_rows(schema, facts, root=None if root is None else Path(root))
    reader = RowReader(schema, sections)
    engine = PreparedPlan(loaded.plan, intake.book, last, ReferenceEngine(), reader.read, reader.keys)
    return Prepared(loaded, engine, intake.rejects)


class Prepared:
    """A plan that is ready to pay single rows. Each row is alone beside the facts; none is kept."""

    def __init__(self, plan: LoadedPlan, engine: PreparedPlan, rejects: tuple[Reject, ...]) -> None:
        self.plan = plan
        self.rejects = rejects
        """Rows of the facts that were not taken."""
        self._engine = engine
        kinds = [kind.name for kind in plan.plan.schema.kinds.values() if kind.role is Role.FACT]
        self._only_kind = kinds[0] if len(kinds) == 1 else ""

    def pay(
        self,
        row: Record,
        kind: str | None = None,
        *,
        beside: Mapping[str, Sequence[Record]] | None = None,
    ) -> Paid:
        """Return what a row earns: exactly the lines that stand on it in a run over the facts and it.

        Args:
            row: values by field: text, `Decimal`, `int`, `date`, `bool`; no floats.
            kind: the fact kind; may be left out where the plan has but one.
            beside: rows of facts that come with it, by kind, such as those that share it out.

        Raises:
            Rejected: there is no such kind, or the row lacks a required field altogether. What is wrong
                with its values is in the `rejects` of the answer.
            TypeError: an argument is of another sort than these.
        """
        try:
            return self._engine.pay(row, self._only_kind if kind is None else kind, beside)
        except Inexact as error:
            message = "an amount has more digits than can be worked out without rounding"
            raise Rejected([Diagnostic(code="R1205", message=message)]) from error
        except (TypeError, ValueError, AttributeError):
            # Looked at only now: most rows are right, and take microseconds.
            if misuse := _misuse(row, kind, beside):
                raise TypeError(misuse) from None
            raise

    @property
    def source(self) -> str:
        """The Python code that was written for the plan, kind by kind."""
        return "\n\n".join(ready.source for ready in self._engine.ready.values())

    @property
    def left_to_judge(self) -> Mapping[str, str]:
        """Rules that no code was written for, with the reason: the reference engine pays them, which
        takes milliseconds, or, where other rows have a say, as long as a run over the facts."""
        found: dict[str, str] = {}
        for kind, why in self._engine.left.items():
            found |= {rule.name: why for rule in self.plan.plan.rules if rule.fact_kind == kind}
        for ready in self._engine.ready.values():
            found |= ready.compiled.left
        return found

    def trace(self, line: Line) -> str:
        """Return how a line came about, in words and numbers: `20,000.00 × 12 %`.

        Raises:
            TypeError: it is no line.
        """
        from rulesengine.engines.results import Line
        from rulesengine.statements.trace import trace

        if not isinstance(line, Line):
            raise TypeError(f"a line is one of the `lines` of what a row is paid, found {a(line)}")
        return trace(line)


def _misuse(row: object, kind: object, beside: object) -> str:
    """Return what is of another sort than `Prepared.pay` takes, empty if nothing is."""
    if not isinstance(row, Mapping):
        return f"a row is a mapping from fields to values, found {a(row)}"
    if kind is not None and not isinstance(kind, str):
        return f"kind is the name of a fact kind, found {a(kind)}"
    if beside is None:
        return ""
    if not isinstance(beside, Mapping):
        return f"beside is a mapping from fact kinds to lists of rows, found {a(beside)}"
    for name, rows in beside.items():
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            return f"beside has a list of rows for each kind, found {a(rows)} for `{name}`"
        for each in rows:
            if not isinstance(each, Mapping):
                return f"a row is a mapping from fields to values, found {a(each)} beside, for `{name}`"
    return ""
