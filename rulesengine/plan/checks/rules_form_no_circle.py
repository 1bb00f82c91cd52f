"""Rules that use the earnings of others form no circle."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax
from rulesengine.plan.checks.written import rule_blocks


def rules_form_no_circle(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0211 once for each circle of `on earnings of`, at its first rule.

    Each rule in a circle would wait for the lines of the next, and none could ever be computed.

    Source: language reference, "Rules on rules: on earnings of, memo".
    """
    uses: dict[str, syntax.On] = {}
    for rule in rule_blocks(tree):
        for clause in rule.clauses:
            if isinstance(clause, syntax.On) and clause.of_earnings:
                uses.setdefault(rule.name.text, clause)
    done: set[str] = set()
    for first in uses:
        path: list[str] = []
        name = first
        # Each rule uses at most one other, so following the uses finds every circle.
        while name in uses and name not in done and name not in path:
            path.append(name)
            name = uses[name].source.text
        if name in path:
            circle = path[path.index(name) :]
            yield _circle(circle, uses)
        done.update(path)


def _circle(circle: list[str], uses: dict[str, syntax.On]) -> Diagnostic:
    steps = " uses ".join(f"`{name}`" for name in [*circle, circle[0]])
    return Diagnostic(
        code="R0211",
        message=f"`{circle[0]}` waits for its own earnings: {steps}",
        span=uses[circle[0]].source.span,
        related=tuple(
            Related(uses[name].source.span, f"`{name}` waits for `{uses[name].source.text}`")
            for name in circle[1:]
        ),
        hint="let one of them stand on facts",
    )
