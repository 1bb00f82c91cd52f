"""What became of a run that was asked to continue an earlier one."""

from __future__ import annotations

from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How much of a run was worked out, and how much was taken over."""

    in_full: str = ""
    """Why everything was worked out; empty if it was not."""
    rows: int = 0
    """Rows of facts of this run."""
    changed: int = 0
    """How many are new, gone or changed, with those that they refer to or that refer to them."""
    worked_out: int = 0
    """How many were worked out again under some rule that could tell."""
    rules_in_full: tuple[str, ...] = ()
    """Rules for which it cannot be told which rows are worked out together."""

    @property
    def said(self) -> str:
        """In a sentence, without its full stop."""
        if self.in_full:
            return f"everything was worked out: {self.in_full}"
        words = (
            f"{self.changed:,} rows of facts changed or hang on one that did, {self.worked_out:,} of"
            f" {self.rows:,} were worked out again"
        )
        if self.rules_in_full:
            named = ", ".join(f"`{rule}`" for rule in self.rules_in_full)
            words += f"; {named} on all rows"
        return words
