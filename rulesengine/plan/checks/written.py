"""What the checks on written clauses share: lists of clauses that belong together, and their text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulesengine.diagnostics import Span
from rulesengine.language import syntax

ClauseList = tuple[syntax.RuleClause, ...]


def rule_blocks(tree: syntax.Tree) -> Iterator[syntax.RuleBlock]:
    """Yield the rules of a plan as written, in source order."""
    for block in tree.blocks:
        if isinstance(block, syntax.RuleBlock):
            yield block


def clause_lists(tree: syntax.Tree) -> Iterator[ClauseList]:
    """Yield every list of clauses that holds at one time: a rule's own, and each amendment's.

    A word that occurs in an amendment replaces all lines with that word, so tiers, credits and
    places never continue from one list into another.
    """
    for rule in rule_blocks(tree):
        yield rule.clauses
        for clause in rule.clauses:
            if isinstance(clause, syntax.Amend):
                yield clause.clauses


def as_written(sources: Mapping[str, str], span: Span) -> str:
    """Return the text of a span on one line, such as `80%` or `250,000 USD`."""
    # Only "\n" ends a line for the parser.
    lines = sources[span.file].split("\n")
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]
