"""What can be read and is not carried out yet, and what to write in the meantime.

A clause that is not built is refused with R0901, also where its words are wrong: nobody is taught
how to write what would be refused in the end.
"""

from __future__ import annotations

UNBUILT_CLAUSES = frozenset(("prorate",))
"""The words of clauses of which no form is built."""

UNBUILT_FORMS = frozenset(("for first",))
"""How such forms of other clauses begin."""

_LEAVE_OUT = "leave it out for now; `docs/language.md` lists what is built"

# By how the words of a form begin; the first that fits is told.
_WAYS_ROUND = {
    "prorate": "put the share of the days into a field of the fact, and `derive` the amount with it",
    "for first": "count the rows in a `tiered` rule: `tier from 0 pay 5%`, then `tier above 12 pay nothing`",
    "from first": "put the date of the first row into a field, and write `for 12 months from` that field",
}


def not_built(word: str) -> tuple[str, str]:
    """Return message and hint for a form, given by the words that tell it: `draw`, `credit each`."""
    return f"`{word}` is not built yet", _way_round(word)


def _way_round(word: str) -> str:
    fitting = (hint for start, hint in _WAYS_ROUND.items() if f"{word} ".startswith(f"{start} "))
    return next(fitting, _LEAVE_OUT)
