"""What one row earns: its lines, why rules earn nothing on it, or why it is rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rulesengine.engines.results import Line, Outcome, Reason
from rulesengine.model.book import Reject

Nothing = tuple[str, str, str, Reason]
"""A rule that earns nothing on the row: rule, payee kind and key (empty if it got not that far), reason."""

Note = tuple[str, str, str | int, Reason]
"""The same as it is noted down: the payee may be the place of its key among the values of the row."""


class Paid:
    """The lines that stand on one row, in the order of a run; and the rules that have none there."""

    __slots__ = ("_about", "_nothing", "_outcomes", "_say", "_values", "lines", "rejects")

    def __init__(
        self,
        lines: tuple[Line, ...],
        rejects: tuple[Reject, ...] = (),
        nothing: Sequence[Note] = (),
        values: Sequence[object] = (),
        say: Callable[..., tuple[Outcome, ...]] = tuple,
        about: tuple[object, ...] = (),
    ) -> None:
        """Take what has been found.

        Args:
            values: of the row, for the payees of `nothing`.
            say: tells why rules earn nothing, in words, when it is called with `about`.
        """
        self.lines = lines
        """What the row earns; empty where it is rejected."""
        self.rejects = rejects
        """Why the row is not taken, every reason at once; empty where it is."""
        self._nothing = nothing
        self._values = values
        self._say = say
        self._about = about
        self._outcomes: tuple[Outcome, ...] | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the row could be taken and judged."""
        return not self.rejects

    @property
    def reasons(self) -> tuple[Nothing, ...]:
        """Rules without a line on the row, each with the payee and the reason: at hand at once."""
        return tuple(
            (rule, kind, payee if isinstance(payee, str) else str(self._values[payee]), reason)
            for rule, kind, payee, reason in self._nothing
        )

    @property
    def not_earning(self) -> tuple[Outcome, ...]:
        """The same in words, with what was found and how far it is from earning; worked out when asked."""
        if self._outcomes is None:
            self._outcomes = self._say(*self._about)
        return self._outcomes

    def __repr__(self) -> str:
        found = f"{len(self.rejects)} rejects" if self.rejects else f"{len(self.lines)} lines"
        return f"Paid({found}, {len(self._nothing)} rules earn nothing)"
