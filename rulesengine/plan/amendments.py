"""Amendments: the clauses that hold from a date on."""

from __future__ import annotations

from datetime import date

from rulesengine.diagnostics import Span
from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.clauses import AMENDABLE, has_clause, word_of
from rulesengine.plan.nodes import RuleKind


@dataclass(frozen=True, slots=True)
class Draft:
    """The clauses of one version of a rule, as written."""

    start: date | None
    """None for the version that holds from the beginning."""
    clauses: tuple[syntax.RuleClause, ...]
    origin: Span


def drafts_of(block: syntax.RuleBlock) -> tuple[Draft, ...]:
    """Return the versions of a rule in written order, each with all clauses that hold in it.

    A word that occurs in an amendment replaces all lines of that word. The new lines stand where
    the first replaced one stood (the order of `times`, `cap` and `floor` matters), or at the end.
    Clauses that the kind does not have are left out; `check_clauses` reports them.
    """
    kind = RuleKind(block.kind)
    clauses: tuple[syntax.RuleClause, ...] = tuple(
        clause
        for clause in block.clauses
        if not isinstance(clause, syntax.Amend) and has_clause(kind, clause)
    )
    drafts = [Draft(None, clauses, block.span)]
    for amend in block.clauses:
        if isinstance(amend, syntax.Amend):
            clauses = _amended(kind, clauses, amend)
            drafts.append(Draft(amend.start.value, clauses, amend.span))
    return tuple(drafts)


def _amended(
    kind: RuleKind, clauses: tuple[syntax.RuleClause, ...], amend: syntax.Amend
) -> tuple[syntax.RuleClause, ...]:
    changes: dict[str, list[syntax.RuleClause]] = {}
    for clause in amend.clauses:
        word = word_of(clause)
        if word in AMENDABLE and has_clause(kind, clause):
            changes.setdefault(word, []).append(clause)
    result: list[syntax.RuleClause] = []
    placed: set[str] = set()
    for clause in clauses:
        word = word_of(clause)
        if word not in changes:
            result.append(clause)
        elif word not in placed:
            placed.add(word)
            result.extend(changes[word])
    for word, lines in changes.items():
        if word not in placed:
            result.extend(lines)
    return tuple(result)
