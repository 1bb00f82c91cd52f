"""Rules that use the earnings of others form no circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.checks.written import rule_blocks
from rulesengine.plan.uses import rules_used


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule waits for another: the one it names, or a rival that is compared with that one."""

    to: str
    named: str
    span: Span


def rules_form_no_circle(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0211 once for each circle of rules that use each other's earnings, at its first rule.

    Each rule in a circle would wait for the lines of the next, and none could ever be computed. A
    rule among rivals is known when all of them are: who uses one waits for all.

    Source: language reference, "Rules on rules: on earnings of, memo".
    """
    steps = _steps(tree)
    done: set[str] = set()
    for first in steps:
        circle = _circle_from(first, steps) if first not in done else []
        if circle:
            yield _report(circle)
            done.update(step.to for step in circle)


def _steps(tree: syntax.Tree) -> dict[str, list[_Step]]:
    rivals: dict[str, list[str]] = {}
    for block in tree.blocks:
        if isinstance(block, syntax.ChooseBlock) and block.take != "all":
            names = [name.text for name in block.among]
            for name in names:
                rivals.setdefault(name, []).extend(other for other in names if other != name)
    steps: dict[str, list[_Step]] = {}
    for rule in rule_blocks(tree):
        found = steps.setdefault(rule.name.text, [])
        for used in rules_used(rule):
            found += [_Step(to, used.text, used.span) for to in (used.text, *rivals.get(used.text, ()))]
    return steps


def _circle_from(first: str, steps: Mapping[str, list[_Step]]) -> list[_Step]:
    """Return the shortest way from a rule back to itself, empty if there is none."""
    ways: list[list[_Step]] = [[step] for step in steps[first]]
    seen: set[str] = set()
    for way in ways:
        last = way[-1].to
        if last == first:
            return way
        if last not in seen:
            seen.add(last)
            ways += [[*way, step] for step in steps.get(last, ())]
    return []


def _report(circle: list[_Step]) -> Diagnostic:
    first = circle[-1].to
    said = "".join(f" uses {_named(step)}" for step in circle)
    return Diagnostic(
        code="R0211",
        message=f"`{first}` waits for its own earnings: `{first}`{said}",
        span=circle[0].span,
        related=tuple(
            Related(step.span, f"`{before.to}` waits for {_named(step)}") for before, step in pairwise(circle)
        ),
        hint="let one of them stand on facts alone",
    )


def _named(step: _Step) -> str:
    return f"`{step.to}`" if step.to == step.named else f"`{step.named}`, a rival of `{step.to}`, which"
