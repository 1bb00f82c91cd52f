"""Who is credited: the `credited` field, `credit f`, or shares."""

from __future__ import annotations

from rulesengine.diagnostics import Related, Span
from rulesengine.language import syntax
from rulesengine.model.schema import Role
from rulesengine.model.types import RecordType
from rulesengine.plan import nodes
from rulesengine.plan.context import KindInfo
from rulesengine.plan.header import stands_twice, whole_number
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.shares import lower_each, lower_share, put_together
from rulesengine.plan.types import describe

MOST_LEVELS = 100
"""So many levels a plan can credit: a chain in the facts cannot make a row endless."""


def lower_credit(
    scope: Scope,
    clauses: tuple[syntax.RuleClause, ...],
    block: syntax.RuleBlock | syntax.MeasureBlock,
    default: str | None,
) -> nodes.Credit:
    """Return who is credited under these clauses.

    Args:
        default: the fact's `credited` field, if it has one. Lines of another rule go to whom they
            were paid.

    Raises:
        Mistake: R0203 for `credit f` beside another, R0218 where nobody is credited.
    """
    alone = [clause for clause in clauses if isinstance(clause, syntax.CreditTo)]
    each = [clause for clause in clauses if isinstance(clause, syntax.CreditEach)]
    shares = [clause for clause in clauses if isinstance(clause, syntax.CreditShare)]
    levels = [clause for clause in clauses if isinstance(clause, syntax.CreditLevels)]
    whole: list[syntax.CreditTo | syntax.CreditEach | syntax.CreditLevels] = [*alone, *each, *levels]
    if whole:
        first, *rest = whole
        for other in (*rest, *shares):
            scope.context.problems.add(stands_twice("credit", other.span, first.span))
        if isinstance(first, syntax.CreditEach):
            return lower_each(scope, first)
        if isinstance(first, syntax.CreditLevels):
            return _levels(scope, first)
        return _credit_to(scope, first.path, first)
    if shares:
        made = scope.context.problems.every(
            lambda clause: (
                clause,
                lower_share(scope, clause.share) if clause.share else None,
                _credit_to(scope, clause.path, clause),
            ),
            shares,
        )
        return put_together(made)
    if scope.is_line:
        return _payee_of_line(scope, block)
    if scope.is_calendar and scope.row is not None:
        return _payee_of_row(scope.row, block)
    if default is None:
        award = next((clause for clause in clauses if isinstance(clause, syntax.Award)), None)
        if award is not None and _is_of_segment(scope, award):
            return nodes.CreditNobody(origin=award.span)
        raise _nobody(scope, block)
    name = syntax.Name(text=default, span=_declared(scope, default))
    path = syntax.Path(names=(name,), span=name.span)
    return _credit_to(scope, path, path)


def _is_of_segment(scope: Scope, award: syntax.Award) -> bool:
    """Tell whether an award says who is paid by itself, without asking who is credited."""
    if award.path is None or len(award.path.names) != 1:
        return False
    declared = scope.context.catalog.entries.get(award.path.text)
    return declared is not None and declared.sort is Sort.SEGMENT


def _declared(scope: Scope, name: str) -> Span:
    field = scope.row.fields.get(name) if scope.row else None
    if field is None:
        raise Mistake
    return field.declared


def _nobody(scope: Scope, block: syntax.RuleBlock | syntax.MeasureBlock) -> Mistake:
    kind = scope.row.name if scope.row else ""
    related = (Related(scope.row.declared, f"`{kind}` is declared here"),) if scope.row else ()
    return mistake(
        "R0218",
        f"nobody is credited: `{kind}` has no `credited` field and `{block.name.text}` no `credit`",
        block.name.span,
        related=related,
        hint="mark a field of it `credited`, or add `credit f` with a field that holds a payee",
    )


def _payee_of_row(kind: KindInfo, block: syntax.RuleBlock | syntax.MeasureBlock) -> nodes.CreditTo:
    """Return the payee whose row of the calendar it is."""
    span = block.name.span
    path = nodes.FieldRead(
        origin=span,
        root=nodes.Root.ROW,
        names=(),
        type=RecordType(kind.name),
        may_be_missing=False,
        text=kind.name,
    )
    return nodes.CreditTo(origin=span, path=path, payee_kind=kind.name)


def _payee_of_line(scope: Scope, block: syntax.RuleBlock | syntax.MeasureBlock) -> nodes.CreditTo:
    if not scope.payees:
        raise Mistake
    if len(scope.payees) > 1:
        kinds = " and ".join(f"`{kind.name}`" for kind in scope.payees)
        raise mistake(
            "R0218",
            f"the lines that `{block.name.text}` stands on go to {kinds}",
            block.name.span,
            hint="say who is credited with `credit f`",
        )
    return nodes.CreditTo(origin=block.name.span, path=None, payee_kind=scope.payees[0].name)


def _levels(scope: Scope, node: syntax.CreditLevels) -> nodes.CreditLevels:
    """Return the payees along a reference; R0242 where it cannot be followed again and again."""
    most = whole_number(node.most, least=1)
    if most > MOST_LEVELS:
        message = f"expected at most {MOST_LEVELS} levels, found {most}"
        raise mistake("R0407", message, node.most.span)
    reading = scope.read(node.path)
    link = reading.owners[0] if reading.owners else None
    type_ = reading.read.type
    kind = scope.context.kinds.get(type_.kind) if isinstance(type_, RecordType) else None
    if link is None or kind is None or kind.role is not Role.PAYEE or link.kind != kind.name:
        name = node.path.names[-1].text
        raise mistake(
            "R0242",
            f"levels follow a payee's reference to another of its kind, `{name}` is none",
            node.path.span,
            related=(Related(reading.declared, reading.typed.described),),
            hint="write a field such as `partner.sponsor`, where a `partner` has a `sponsor partner`",
        )
    if node.segment is not None:
        _check_segment(scope, node.segment, kind.name)
    return nodes.CreditLevels(
        origin=node.span,
        path=reading.read,
        link=link.name,
        segment=node.segment.text if node.segment is not None else None,
        payee_kind=kind.name,
        most=most,
    )


def _check_segment(scope: Scope, name: syntax.Name, kind: str) -> None:
    """Raise R0303 unless a segment is one of the payees on the levels."""
    declared = scope.context.catalog.find(name, Sort.SEGMENT)
    assert isinstance(declared.block, syntax.SegmentBlock)
    if declared.block.of.text != kind:
        raise mistake(
            "R0303",
            f"segment `{name.text}` is of `{declared.block.of.text}`, a `{kind}` stands on each level",
            name.span,
            related=(Related(declared.block.of.span, f"`{name.text}` is declared here"),),
            hint=f"name a segment of `{kind}`",
        )


def _credit_to(scope: Scope, path: syntax.Path, clause: syntax.Node) -> nodes.CreditTo:
    # A row whose path leads to nobody earns nothing, with that reason: no guard is needed.
    reading = scope.read(path)
    type_ = reading.read.type
    kind = scope.context.kinds.get(type_.kind) if isinstance(type_, RecordType) else None
    if kind is None or kind.role is not Role.PAYEE:
        raise mistake(
            "R0303",
            f"`credit` needs a payee, `{path.text}` is {describe(type_)}",
            path.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    return nodes.CreditTo(origin=clause.span, path=reading.read, payee_kind=kind.name)


def check_shares(scope: Scope, credit: nodes.Credit) -> None:
    """Raise R0501 for shares whose payee may be missing: the rest would not make 100%.

    Where the share follows from fields of the row, so may be the payee: no share, nobody. That a share has
    somebody is then seen row by row.
    """
    if isinstance(credit, nodes.CreditShares):
        for share, to in credit.shares:
            if to.path is None or (not isinstance(share, nodes.Constant) and to.path.is_own):
                continue
            names = tuple(syntax.Name(text=text, span=to.origin) for text in to.path.text.split("."))
            scope.get(syntax.Path(names=names, span=to.path.origin))
