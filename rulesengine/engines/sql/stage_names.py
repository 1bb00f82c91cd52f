"""Names of stages: each is given once, and to no other table of the database."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.engines.sql.answer import LINES, OUTCOMES, REJECTS, varying

OF_THE_ANSWER = (LINES, OUTCOMES, REJECTS, varying(LINES), varying(OUTCOMES))
"""Tables that are made of the last stages."""
OF_STATEMENTS = (
    "run_balances",
    "run_calendar",
    "run_census",
    "run_earning",
    "run_every_payee",
    "run_files",
    "run_gathered",
    "run_outcomes",
    "run_outcomes_of_payees",
    "run_parts",
    "run_payees",
    "run_reasons",
    "run_rules",
    "run_spans",
    "run_statements",
    "run_staying",
    "run_sums",
    "since_parts",
    "since_payees_lines",
    "since_payees_outcomes",
    "since_spans",
    "since_touched",
    "since_was",
)
"""Tables that statements are made by, beside the stages."""


class StageNames:
    """Which names the stages of a compilation have.

    They are put together from names in the plan, so that two may come out alike: a measure `bookings` has a
    stage `total_bookings`, and so may a rule `total`. INVARIANT: whoever wants to read a stage has its
    relation, and looks no name up (tests/engines/sql/test_names_of_stages.py).
    """

    def __init__(self, tables: Iterable[str]) -> None:
        """Leave the names of stored tables alone, and of those that are made of the stages."""
        self._taken = {*OF_THE_ANSWER, *OF_STATEMENTS, *(name.lower() for name in tables)}

    def own(self, name: str) -> str:
        """Return a name for a new stage: with a number behind it where something else has the name."""
        found, number = name, 1
        # Databases tell no small letters from large ones.
        while found.lower() in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found.lower())
        return found
