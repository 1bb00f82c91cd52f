"""The kinds of payees that an award goes to, as far as it names them."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.schema import Role
from rulesengine.plan.context import Context, KindInfo
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import mistake


def segment_kind(context: Context, path: syntax.Path) -> KindInfo | None:
    """Return the kind of payee that a segment groups.

    Raises:
        Mistake: R0241 for a segment of facts.
    """
    declared = context.catalog.entries[path.text]
    block = declared.block
    kind = context.kinds.get(block.of.text) if isinstance(block, syntax.SegmentBlock) else None
    if kind is not None and kind.role is not Role.PAYEE:
        raise mistake(
            "R0241",
            f"`{path.text}` is a segment of `{kind.name}`, which cannot be paid",
            path.span,
            related=(Related(declared.span, f"`{path.text}` is declared here"),),
            hint="award the members of a segment of payees",
        )
    return kind


def awarded_kinds(context: Context, award: syntax.Award | None) -> tuple[KindInfo, ...] | None:
    """Return the kinds that an award goes to; None where it goes to payees of the credited kinds."""
    if award is None or award.path is None:
        return None
    declared = context.catalog.entries.get(award.path.names[0].text)
    if declared is None or declared.sort not in (Sort.SEGMENT, Sort.PAYEE):
        return None
    if declared.sort is Sort.PAYEE:
        kind = context.kinds.get(declared.name)
    else:
        kind = context.problems.attempt(segment_kind, context, award.path)
    return (kind,) if kind is not None else ()
