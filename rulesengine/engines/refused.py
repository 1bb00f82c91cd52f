"""What an engine in SQL refuses and the reference engine may do: it has all clauses and room for all sums."""

from __future__ import annotations

from rulesengine.diagnostics import Rejected

UNSUPPORTED, TOO_LARGE = "R1301", "R1205"


def codes(rejected: Rejected) -> set[str]:
    """Return the codes of all that was said."""
    return {found.code for found in rejected.diagnostics}


def is_refused(rejected: Rejected) -> bool:
    """Whether nothing is wrong with plan and facts but that the engine does not carry them out."""
    return codes(rejected) <= {UNSUPPORTED, TOO_LARGE}
