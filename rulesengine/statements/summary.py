"""What is said of a run when it is done, whichever road its rows took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic
from rulesengine.model.book import Reject
from rulesengine.statements.heading import Heading

if TYPE_CHECKING:
    from rulesengine.statements.by_sql import StoredRun
    from rulesengine.statements.run import Run
    from rulesengine.statements.since import Since

SHOWN_REJECTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A run that was written, without its rows."""

    heading: Heading
    document: Mapping[str, Any]
    """As in run.json."""
    payees: int
    """How many have a statement."""
    rejects: tuple[Reject, ...]
    """The first rows that were not taken."""
    rejected_rows: int
    is_rendered: bool
    """Whether the pages of the payees were written."""
    instead: str = ""
    """Why another engine did it than was thought of."""
    since: Since | None = None
    """What became of the earlier run that it was to continue, if there was one."""

    @property
    def ok(self) -> bool:
        """Whether every row of facts was taken, or rejects were allowed."""
        return self.heading.allow_rejects or not self.document["counts"]["rejects"]

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the checks of the plan warned of."""
        return self.heading.warnings

    @property
    def pays_something(self) -> bool:
        """Whether there is any line in the period that is paid."""
        rules = self.document["control"]["lines"].values()
        return any(rule["in_period"]["lines"] and not rule["memo"] for rule in rules)


def summary_of(run: Run, *, is_rendered: bool) -> Summary:
    """Return the summary of a run in memory."""
    rejects = run.reject_values
    return Summary(
        heading=run.heading,
        document=run.document,
        payees=len({(statement.payee_kind, statement.payee) for statement in run.statement_values}),
        rejects=rejects[:SHOWN_REJECTS],
        rejected_rows=len({(reject.file, reject.row) for reject in rejects}),
        is_rendered=is_rendered,
    )


def summary_of_stored(run: StoredRun, *, is_rendered: bool) -> Summary:
    """Return the summary of a run whose rows are in DuckDB."""
    return Summary(
        heading=run.heading,
        document=run.document,
        payees=run.payee_count,
        rejects=run.first_rejects(SHOWN_REJECTS),
        rejected_rows=run.rejected_rows,
        is_rendered=is_rendered,
    )
