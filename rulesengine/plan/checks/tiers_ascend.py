"""Tiers ascend."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax
from rulesengine.plan.checks.written import as_written, clause_lists


def tiers_ascend(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0207 for each tier that does not start above all tiers before it.

    A tier is written by its lower end alone and ends where the next one starts; out of order it
    would end before it begins. `tier from 100` and then `tier above 100` ascend: the first holds
    at 100 exactly. Bounds of different units are left to the check of units.

    Source: language reference, "Tiers".
    """
    for clauses in clause_lists(tree):
        highest: syntax.Tier | None = None
        for tier in clauses:
            if not isinstance(tier, syntax.Tier) or isinstance(tier.bound, syntax.Path):
                continue
            is_other_unit = highest is None or type(highest.bound) is not type(tier.bound)
            if highest is None or is_other_unit or _position(tier) > _position(highest):
                highest = tier
            else:
                before = as_written(tree.sources, highest.bound.span)
                found = as_written(tree.sources, tier.bound.span)
                yield Diagnostic(
                    code="R0207",
                    message=f"tier must start above {before}, found {found}",
                    span=tier.bound.span,
                    related=(Related(highest.bound.span, "the tier before starts here"),),
                    hint="swap the two tiers, or raise this one",
                )


def _position(tier: syntax.Tier) -> tuple[Decimal, bool]:
    assert not isinstance(tier.bound, syntax.Path)
    return (tier.bound.value, tier.side == "above")
