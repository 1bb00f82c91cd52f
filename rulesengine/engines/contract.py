"""What every engine promises."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from rulesengine.engines.results import Earned
from rulesengine.engines.standings import Standings
from rulesengine.model.book import Book
from rulesengine.plan.nodes import Plan


class Engine(Protocol):
    """Turns a checked plan and a book into lines."""

    @property
    def name(self) -> str:
        """As `--engine` and run.json name it."""

    def earn(self, plan: Plan, book: Book, through: date) -> Earned:
        """Return everything earned by rows dated on or before `through`.

        The answer depends on nothing but the arguments. Facts of a kind that no rule uses are
        ignored. A row that cannot be judged (a derived value divides by zero, say) is among the
        rejects and has no line and no outcome under any rule.
        """


class Judge(Engine, Protocol):
    """An engine that also tells where the running totals stand, for one that goes on from them."""

    def standings(self, plan: Plan, book: Book, through: date) -> Standings:
        """Return where every running total stands after the rows dated on or before `through`."""
