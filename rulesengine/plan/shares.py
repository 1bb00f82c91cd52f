"""Shared credit: shares written in the plan, in fields of the row, or in rows of another fact kind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rulesengine.diagnostics import Related, Span
from rulesengine.language import syntax
from rulesengine.model.exact import HUNDRED, ONE, as_text, multiply
from rulesengine.model.schema import Role
from rulesengine.model.types import MoneyType, NumberType, PercentType, RecordType
from rulesengine.plan import nodes
from rulesengine.plan.context import FieldInfo, KindInfo
from rulesengine.plan.header import stands_twice
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import lower_literal
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_is, describe


def share_kinds(blocks: Sequence[syntax.Block]) -> frozenset[str]:
    """Return the fact kinds that rules and measures only share credit by: their rows need no date."""
    shared: set[str] = set()
    dated: set[str] = set()
    for block in blocks:
        for clause in _clauses_of(block):
            match clause:
                case syntax.CreditEach(kind=kind):
                    shared.add(kind.text)
                case syntax.On(source=source):
                    dated.add(source.text)
                case _:
                    continue
    return frozenset(shared - dated)


def _clauses_of(block: syntax.Block) -> list[syntax.Node]:
    if not isinstance(block, syntax.RuleBlock | syntax.MeasureBlock):
        return []
    clauses: list[syntax.Node] = []
    for clause in block.clauses:
        clauses += clause.clauses if isinstance(clause, syntax.Amend) else (clause,)
    return clauses


def lower_share(scope: Scope, share: syntax.Scalar) -> Typed:
    """Return the share of one `credit … to` line: a percentage, or a number or amount as a weight.

    A field may be missing: an empty share is none (language reference, "Who is paid: credit").
    """
    if not isinstance(share, syntax.Path):
        typed = lower_literal(scope.context, share)
        check_is(typed, "a share must be a percentage or a number", PercentType, NumberType)
        return typed
    reading = scope.read(share)
    if not reading.read.is_own:
        raise mistake(
            "R0303",
            f"a share is a field of the row itself, `{share.text}` is not",
            share.span,
            related=(Related(reading.declared, reading.typed.described),),
            hint="put the share into a field of the fact, or into rows of their own: `credit each … by …`",
        )
    check_is(reading.typed, "a share must be a percentage or a number", PercentType, NumberType, MoneyType)
    _check_one_currency(reading.typed, share.span)
    if isinstance(reading.read.type, PercentType) and scope.row is not None:
        _check_are_facts(scope.row, share)
    return reading.typed


def _check_are_facts(row: KindInfo, share: syntax.Node) -> None:
    """Raise R0239 for percentages that share out a row of the calendar: it cannot be rejected."""
    if row.role is Role.PAYEE:
        raise mistake(
            "R0239",
            f"that percentages make 100% is checked for rows of facts, `{row.name}` is a payee",
            share.span,
            hint="use numbers, which are weights, or `equally`",
        )


def _check_one_currency(field: Typed, span: Span) -> None:
    """Raise R0239 for weights that are amounts of which each has its own currency."""
    if isinstance(field.type, MoneyType) and field.type.by:
        raise mistake(
            "R0239",
            f"amounts in different currencies are no weights of one whole, {field.described}",
            span,
            related=(Related(field.declared, field.described),),
            hint="use a number, or amounts of the plan's currency",
        )


def put_together(
    lines: Sequence[tuple[syntax.CreditShare, Typed | None, nodes.CreditTo]],
) -> nodes.CreditShares:
    """Return the shares of all `credit … to` lines, of which the rest has no type.

    Raises:
        Mistake: R0401 for percentages beside weights, R0203 for a second rest, R0264 for a rest of
            anything but percentages.
    """
    named = [typed for _, typed, _ in lines if typed is not None]
    rests = [clause for clause, typed, _ in lines if typed is None]
    if len(rests) > 1:
        raise stands_twice("credit rest", rests[1].span, rests[0].span)
    if not named:
        raise mistake(
            "R0264",
            "`rest` is what other shares leave, and there is none",
            rests[0].span,
            hint=f"write `credit {rests[0].path.text}`",
        )
    first, *others = named
    for typed in others:
        if isinstance(typed.type, PercentType) != isinstance(first.type, PercentType):
            raise mistake(
                "R0401",
                f"shares are all percentages or all weights: {first.described}, {typed.described}",
                typed.node.origin,
                related=(Related(first.node.origin, first.described),),
            )
    if rests and not isinstance(first.type, PercentType):
        raise mistake(
            "R0264",
            f"`rest` is what percentages leave of 100%, weights leave none: {first.described}",
            rests[0].span,
            related=(Related(first.node.origin, first.described),),
            hint="write its weight, or percentages everywhere",
        )
    written = [typed.node.value for typed in named if isinstance(typed.node, nodes.Constant)]
    shares: list[tuple[nodes.Share, nodes.CreditTo]] = []
    for clause, share, to in lines:
        if share is not None:
            assert isinstance(share.node, nodes.Constant | nodes.FieldRead)
            shares.append((share.node, to))
        elif len(written) == len(named):
            shares.append((_left(clause, written), to))
        else:
            shares.append((nodes.RestOfRow(origin=clause.span, text="rest"), to))
    return nodes.CreditShares(
        origin=lines[0][0].span.through(lines[-1][0].span),
        shares=tuple(shares),
        are_weights=not isinstance(first.type, PercentType),
    )


def _left(clause: syntax.CreditShare, written: Sequence[object]) -> nodes.Constant:
    """Return what shares that stand in the plan leave of 100%."""
    left = ONE - sum((share for share in written if isinstance(share, Decimal)), Decimal(0))
    return nodes.Constant(
        origin=clause.span, value=left, type=PercentType(), text=f"{as_text(multiply(left, HUNDRED))}%"
    )


def lower_each(scope: Scope, node: syntax.CreditEach) -> nodes.CreditEach:
    """Return shares that stand in rows of another fact kind.

    Raises:
        Mistake: R0239 where that kind does not name the row, or nobody to credit.
    """
    context, name = scope.context, node.kind
    context.catalog.find(name, Sort.FACT)
    kind = context.kinds.get(name.text)
    row = scope.row
    if kind is None or (row is None and not scope.no_row):
        raise Mistake
    declared = Related(kind.declared, f"`{kind.name}` is declared here")
    if row is None:
        raise mistake(
            "R0239",
            f"rows of `{kind.name}` share the credit for a row: {scope.no_row}",
            name.span,
            related=(declared,),
            hint="credit those whom a field names, or share the rule that it is on the earnings of",
        )
    links = [
        field
        for field in kind.record.fields
        if field.type == RecordType(row.name) and not (field.is_reverses or field.is_credited)
    ]
    if len(links) != 1:
        found = ", ".join(f"`{field.name}`" for field in links) or "none"
        raise mistake(
            "R0239",
            f"rows of `{kind.name}` must point at one `{row.name}`, by a field of that type; found {found}",
            name.span,
            related=(declared,),
            hint=f"give `{kind.name}` one field such as `field {row.name} {row.name}`",
        )
    who = next((field for field in kind.record.fields if field.is_credited), None)
    if who is None or who.is_optional or not isinstance(who.type, RecordType):
        found = f"`{who.name}` may be empty" if who else "it has no `credited` field"
        raise mistake(
            "R0239",
            f"rows of `{kind.name}` must say who is credited: {found}",
            name.span,
            related=(declared,),
            hint="add a line such as `field partner partner credited`",
        )
    assert context.kinds[who.type.kind] is None or _is_payee(context.kinds[who.type.kind])
    share = _share_field(scope, kind, node.by) if node.by is not None else None
    if share is not None and isinstance(share.type, PercentType):
        _check_are_facts(row, node)
    return nodes.CreditEach(
        origin=node.span,
        kind=kind.name,
        link=links[0].name,
        credited=who.name,
        payee_kind=who.type.kind,
        share=share.name if share else None,
        are_weights=share is None or not isinstance(share.type, PercentType),
        text=context.texts.of(node.span),
    )


def _is_payee(kind: KindInfo | None) -> bool:
    return kind is not None and kind.role is Role.PAYEE


def _share_field(scope: Scope, kind: KindInfo, path: syntax.Path) -> FieldInfo:
    reading = Scope(context=scope.context, row=kind, no_payee="the shares say who is credited").get(path)
    if not reading.read.is_own:
        raise mistake(
            "R0303",
            f"a share is a field of `{kind.name}` itself, `{path.text}` is not",
            path.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    _check_one_currency(reading.typed, path.span)
    field = reading.owners[0] if reading.owners else None
    if field is None or not isinstance(field.type, PercentType | NumberType | MoneyType):
        raise mistake(
            "R0401",
            f"a share must be a percentage or a number, `{path.text}` is {describe(reading.read.type)}",
            path.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    return field


def are_divided(credit: nodes.Credit) -> bool:
    """Tell whether a row's pay is cut into the shares of several payees."""
    match credit:
        case nodes.CreditTo() | nodes.CreditLevels() | nodes.CreditNobody():
            return False
        case nodes.CreditShares(shares=shares):
            return len(shares) > 1
        case nodes.CreditEach():
            return True


def must_have_remainder(credit: nodes.Credit) -> bool:
    """Tell whether shares are not known from the plan: then cents are left over sooner or later."""
    match credit:
        case nodes.CreditShares(shares=shares, are_weights=are_weights):
            written = all(isinstance(share, nodes.Constant) for share, _ in shares)
            return len(shares) > 1 and (are_weights or not written)
        case _:
            return are_divided(credit)
