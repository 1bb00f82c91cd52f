"""Awards: who gets what was earned, and in which parts."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import WindowKind
from rulesengine.model.rounding import Remainder
from rulesengine.model.types import RecordType
from rulesengine.plan import nodes
from rulesengine.plan.adjust import remainder_of
from rulesengine.plan.awarded import segment_kind
from rulesengine.plan.context import KindInfo
from rulesengine.plan.incentives import ids_of, said
from rulesengine.plan.measures import Keys, is_payee
from rulesengine.plan.names import Sort
from rulesengine.plan.payee_kinds import payee_kinds_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope


def lower_award(
    scope: Scope,
    node: syntax.Award,
    measure: nodes.Measure | None,
    remainder: syntax.RemainderClause | None,
) -> nodes.Award:
    """Return who gets what was earned.

    Args:
        measure: of the rule, its first goal or its rank, if it has one.
    """
    how = nodes.AwardHow(node.how)
    whom = _whom(scope, node, measure.keys if measure else None)
    by = None
    if how is nodes.AwardHow.PRO_RATA:
        by = _weights(scope, node, whom, measure)
    owner = None
    if how is not nodes.AwardHow.EACH:
        owner = _remainder(remainder, node, how)
    return nodes.Award(
        origin=node.span,
        whom=whom,
        how=how,
        by=by,
        remainder=owner,
        text=scope.context.texts.of(node.span),
    )


def _remainder(clause: syntax.RemainderClause | None, node: syntax.Award, how: nodes.AwardHow) -> Remainder:
    are_even = how is nodes.AwardHow.EQUALLY
    return remainder_of(clause, node, "equal shares" if are_even else "shares", are_even=are_even)


def _whom(scope: Scope, node: syntax.Award, keys: Keys | None) -> nodes.AwardWhom:
    path = node.path
    if path is None:
        return _contributors(node, keys)
    context = scope.context
    declared = context.catalog.entries.get(path.names[0].text)
    if declared is not None and declared.sort is Sort.SEGMENT and len(path.names) == 1:
        kind = segment_kind(context, path)
        if kind is None:
            raise Mistake
        return nodes.MembersOfSegment(origin=path.span, segment=path.text, kind=kind.name)
    if declared is not None and declared.sort is Sort.PAYEE:
        return _members_of_payee(scope, path)
    read = scope.get(path).read
    if keys is not None and (read.root, read.names) not in ids_of(keys):
        raise mistake(
            "R0218",
            f"nobody is a member: the total is by {said(keys)}, not by `{path.text}`",
            path.span,
            related=tuple(Related(key.origin, "it is kept by this") for key in keys),
            hint=f"write `by {path.text}`",
        )
    if read.root is not nodes.Root.PAYEE or not read.names:
        raise mistake(
            "R0303",
            f"members are payees with a field in common, `{path.text}` is no field of `payee`",
            path.span,
            hint="write `payee.team`, with a field of the payee, or the name of a segment",
        )
    return nodes.MembersAlike(origin=path.span, read=read)


def _contributors(node: syntax.Award, keys: Keys | None) -> nodes.Contributors:
    if keys is None:
        raise mistake(
            "R0218",
            "nobody contributes here: there is no goal, rank or measure",
            node.span,
            hint="award the members of a segment or of `payee.team`, or add a `measure`",
        )
    if any(is_payee(key) for key in keys):
        raise mistake(
            "R0218",
            "the total is kept by payee: its only contributor is the payee",
            node.span,
            hint="leave `award` out, or keep the total by team or by all",
        )
    return nodes.Contributors(origin=node.span)


def _members_of_payee(scope: Scope, path: syntax.Path) -> nodes.MembersOfPayee:
    kind = scope.context.kinds.get(path.names[0].text)
    if kind is None:
        raise Mistake
    credited = [payee.name for payee in scope.payees]
    field = kind.fields.get(path.names[1].text) if len(path.names) == 2 else None
    if field is None or {field.type} != {RecordType(name) for name in credited}:
        is_one_of_several = field is not None and field.type in [RecordType(name) for name in credited]
        groups = (" and " if is_one_of_several else " or ").join(f"`{name}`" for name in credited) or "nobody"
        hint = f"write a field of `{kind.name}` that holds {groups}, or the name of a segment"
        if is_one_of_several:
            hint = "credit one kind only, or write a rule for each of them"
        raise mistake(
            "R0241",
            f"members are payees whose field names the payee who is credited, here {groups}",
            path.span,
            related=(Related(kind.declared, f"`{kind.name}` is declared here"),),
            hint=hint,
        )
    return nodes.MembersOfPayee(origin=path.span, kind=kind.name, field=field.name)


def _weights(
    scope: Scope, node: syntax.Award, whom: nodes.AwardWhom, own: nodes.Measure | None
) -> nodes.Measure | None:
    """Return the measure that a pro rata award is divided by; None for the rule's own."""
    if node.by is None:
        if own is None:
            raise mistake(
                "R0240",
                "pro rata to what? the rule has no measure that each payee has a part of",
                node.span,
                hint="name a measure: `pro_rata to bookings`",
            )
        _check_adds_up(own, node)
        return None
    scope.context.catalog.find(node.by, Sort.MEASURE)
    measure = scope.context.measures.get(node.by.text)
    if measure is None:
        raise Mistake
    related = (Related(measure.origin, f"`{node.by.text}` is declared here"),)
    if [is_payee(key) for key in measure.keys] != [True] or measure.against is not None:
        raise mistake(
            "R0240",
            f"an award is divided by each payee's own total, `{node.by.text}` is kept "
            + ("against a target" if measure.against is not None else f"by {said(measure.keys)}"),
            node.by.span,
            related=related,
            hint="use a measure `by payee` and without `against`",
        )
    window = measure.window
    is_of_row = isinstance(window, nodes.Anniversary) and window.anchor.root is not nodes.Root.PAYEE
    if isinstance(window, nodes.PerFact) or is_of_row:
        raise mistake(
            "R0240",
            f"`{node.by.text}` is a total of one row, and has none on the day of the award",
            node.by.span,
            related=related,
            hint=f"use a measure per {WindowKind.QUARTER} or {WindowKind.LIFETIME}",
        )
    kinds = _kinds_of(scope, whom)
    counted = payee_kinds_of(scope.context, (measure.rows.credit if measure.rows else None,))
    others = [kind for kind in kinds if kind not in counted]
    if others:
        raise mistake(
            "R0240",
            f"`{node.by.text}` has no totals for `{others[0].name}`, who is awarded",
            node.by.span,
            related=related,
        )
    return measure


def _kinds_of(scope: Scope, whom: nodes.AwardWhom) -> tuple[KindInfo, ...]:
    match whom:
        case nodes.MembersOfSegment(kind=kind) | nodes.MembersOfPayee(kind=kind):
            found = scope.context.kinds.get(kind)
            return (found,) if found else ()
        case _:
            return scope.payees


def _check_adds_up(measure: nodes.Measure, where: syntax.Node) -> None:
    if measure.aggregate.kind not in (nodes.AggregateKind.SUM, nodes.AggregateKind.COUNT):
        raise mistake(
            "R0240",
            f"nobody has a part of `{measure.aggregate.text}`: parts are of a `sum` or a `count`",
            where.span,
            related=(Related(measure.aggregate.origin, "this is the measure"),),
        )
