"""How many lines a row may have under a rule, as far as the text of the plan says."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.model.schema import MOST_PARTS
from rulesengine.plan import nodes


def most_lines_of_a_row(plan: nodes.Plan) -> int:
    """Return the most parts and levels that a rule of a plan pays a row in; a number that a field says may
    be any up to 1,200."""
    return max((_of(version) for rule in plan.rules for version in rule.versions), default=1)


def _of(version: nodes.Version) -> int:
    parts = _count(version.split.span) if version.split is not None else 1
    if version.release is not None:
        spreads = [part.when for part in version.release.parts if isinstance(part.when, nodes.Spread)]
        parts = len(version.release.parts) + sum(_count(each.span) for each in spreads)
    return parts * (version.credit.most if isinstance(version.credit, nodes.CreditLevels) else 1)


def _count(span: nodes.Length) -> int:
    count = span.count.value if isinstance(span.count, nodes.Constant) else None
    return int(count) if isinstance(count, Decimal) else MOST_PARTS
