"""What one row earns: its lines, why rules earn nothing on it, or why it is rejected."""

from __future__ import annotations

from collections.abc import Callable

from rulesengine.engines.results import Line, Outcome, Reason
from rulesengine.model.book import Reject

Nothing = tuple[str, str, str, Reason]
"""A rule that earns nothing on the row: rule, payee kind and key (empty if it got not that far), reason."""


class Paid:
    """The lines that stand on one row, in the order of a run; and the rules that have none there."""

    __slots__ = ("_nothing", "_outcomes", "_say", "lines", "rejects")

    def __init__(
        self,
        lines: tuple[Line, ...],
        rejects: tuple[Reject, ...] = (),
        nothing: tuple[Nothing, ...] = (),
        say: Callable[[], tuple[Outcome, ...]] | None = None,
    ) -> None:
        self.lines = lines
        """What the row earns; empty where it is rejected."""
        self.rejects = rejects
        """Why the row is not taken, every reason at once; empty where it is."""
        self._nothing = nothing
        self._say = say
        self._outcomes: tuple[Outcome, ...] | None = () if say is None else None

    @property
    def is_accepted(self) -> bool:
        """Whether the row could be taken and judged."""
        return not self.rejects

    @property
    def reasons(self) -> tuple[Nothing, ...]:
        """Rules without a line on the row, each with the payee and the reason: at hand at once."""
        return self._nothing

    @property
    def not_earning(self) -> tuple[Outcome, ...]:
        """The same in words, with what was found and how far it is from earning; worked out when asked."""
        if self._outcomes is None:
            assert self._say is not None
            self._outcomes = self._say()
        return self._outcomes

    def __repr__(self) -> str:
        found = f"{len(self.rejects)} rejects" if self.rejects else f"{len(self.lines)} lines"
        return f"Paid({found}, {len(self._nothing)} rules earn nothing)"
