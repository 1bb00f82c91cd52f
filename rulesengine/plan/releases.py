"""Releases: the parts of an award with dates of their own, which make 100% of it."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.exact import EXACT, HUNDRED, ONE, ZERO, as_text
from rulesengine.model.rounding import Remainder
from rulesengine.model.schema import Role
from rulesengine.model.types import MoneyType, NumberType, PercentType, RecordType
from rulesengine.plan import nodes
from rulesengine.plan.adjust import lower_parts, remainder_of
from rulesengine.plan.context import KindInfo
from rulesengine.plan.currencies import own_currencies
from rulesengine.plan.dates import lower_anchor
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import lower_literal
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike, check_is


def lower_release(
    scope: Scope,
    lines: list[syntax.Release],
    remainder: syntax.RemainderClause | None,
    fact_kind: str,
    split: syntax.Split | None,
) -> nodes.Release:
    """Return the parts of an award.

    Args:
        lines: of one version of a rule, at least one.
        fact_kind: kind of the rule's rows, empty if that is not known.
        split: of the same version; the award is cut in one way only.
    """
    problems = scope.context.problems
    if split is not None:
        problems.add(_cut_twice(lines[0], split))
    shares = problems.attempt(_shares, lines)
    parts = problems.those_that_work(lambda line: _lower_when(scope, line, fact_kind), lines)
    to: Remainder | None = None
    if is_divided(lines):
        to = problems.attempt(_remainder, lines, remainder)
    if shares is None or len(parts) != len(lines) or (to is None and is_divided(lines)):
        raise Mistake
    return nodes.Release(
        origin=lines[0].span,
        parts=tuple(
            nodes.ReleasePart(
                origin=line.span, share=share, when=when, text=scope.context.texts.of(line.span)
            )
            for line, share, when in zip(lines, shares, parts, strict=True)
        ),
        remainder=to,
    )


def _remainder(lines: list[syntax.Release], clause: syntax.RemainderClause | None) -> Remainder:
    return remainder_of(clause, lines[0], "the parts", are_even=len(lines) == 1, is_once=True)


def is_divided(lines: list[syntax.Release]) -> bool:
    """Tell whether cents may be left over: there are several parts, or one is spread over dates."""
    return len(lines) > 1 or any(isinstance(line.when, syntax.Split) for line in lines)


def _cut_twice(line: syntax.Release, split: syntax.Split) -> Mistake:
    return mistake(
        "R0246",
        "an award is cut by `split` or by `release`, not by both",
        line.span,
        related=(Related(split.span, "it is split here"),),
        hint="write the split behind its share: `release rest split into 6 months starting …`",
    )


def _shares(lines: list[syntax.Release]) -> list[Decimal]:
    """Return the share of each line; R0245 where they do not make 100%."""
    total = ZERO
    for line in lines:
        if line.share is None:
            continue
        if not 0 < line.share.value <= 1:
            message = "a part must be above 0% and at most 100%"
            raise mistake("R0245", message, line.share.span, hint="leave a part of 0% out")
        total = EXACT.add(total, line.share.value)
    rests = [line for line in lines if line.share is None]
    left = EXACT.subtract(ONE, total)
    if len(rests) > 1 or (rests and rests[0] is not lines[-1]):
        message = "`release rest` stands once, as the last of the parts"
        raise mistake("R0245", message, rests[0].span)
    if rests and left <= 0:
        raise mistake(
            "R0245", f"nothing is left for `rest`: the parts before make {_percent(total)}", rests[0].span
        )
    if not rests and left != 0:
        more = f"{_percent(left)} would never be paid" if left > 0 else "more than the award would be paid"
        raise mistake(
            "R0245",
            f"the parts make {_percent(total)}, so {more}",
            lines[-1].span,
            hint="end with `release rest …`, or make the parts add up to 100%",
        )
    return [left if line.share is None else line.share.value for line in lines]


def _percent(share: Decimal) -> str:
    return f"{as_text(EXACT.multiply(share, HUNDRED))}%"


def _lower_when(
    scope: Scope, line: syntax.Release, fact_kind: str
) -> nodes.Anchor | nodes.Spread | nodes.Reaches:
    match line.when:
        case syntax.Split(duration=duration, anchor=anchor):
            return nodes.Spread(
                origin=line.when.span,
                span=lower_parts(scope, duration),
                anchor=lower_anchor(scope, anchor, waits=True),
            )
        case syntax.Reaches():
            return _lower_reaches(scope, line.when, fact_kind)
        case _:
            return lower_anchor(scope, line.when, waits=True)


def _lower_reaches(scope: Scope, node: syntax.Reaches, fact_kind: str) -> nodes.Reaches:
    first, *rest = node.path.names
    declared = scope.context.catalog.find(first, Sort.FACT)
    kind = scope.context.kinds.get(first.text)
    if kind is None or kind.role is not Role.FACT or not fact_kind:
        raise Mistake
    if not rest:
        raise mistake(
            "R0303",
            f"`{first.text}` is a kind of fact; which amount of it adds up?",
            node.path.span,
            related=(Related(declared.span, f"`{first.text}` is declared here"),),
            hint=f"write `{first.text}.amount`",
        )
    if scope.row is not None and scope.row.role is Role.PAYEE:
        message = f"a `{kind.name}` belongs to no row of a calendar"
        raise mistake("R0248", message, node.path.span, hint="release on dates, or measure what comes in")
    reference = _reference(node, kind, fact_kind)
    rows = Scope(context=scope.context, row=kind, no_payee=f"nobody is credited with a `{kind.name}` here")
    facts = scope.context.fact_rows.get(kind.name)
    amount = rows.with_guards(facts.guards if facts else ()).get(
        syntax.Path(names=tuple(rest), span=node.path.span)
    )
    target = _target(scope, node.target)
    assert isinstance(target.node, nodes.FieldRead | nodes.Constant)
    adds_up = (MoneyType, NumberType, PercentType)
    check_is(amount.typed, "what adds up must be money, a number or a percentage", *adds_up)
    if isinstance(amount.typed.type, MoneyType) and amount.typed.type.by:
        # What comes in may be in another currency than the row, or in several.
        raise own_currencies(amount.typed, None)
    check_alike(amount.typed, target)
    return nodes.Reaches(
        origin=node.span,
        kind=kind.name,
        reference=reference,
        amount=amount.read,
        target=target.node,
        text=scope.context.texts.of(node.span),
    )


def _target(scope: Scope, node: syntax.Path | syntax.Percent) -> Typed:
    """Return what is reached; R0245 for a percentage that has been reached from the start."""
    if isinstance(node, syntax.Path):
        return scope.get(node).typed
    if node.value <= 0:
        raise mistake("R0245", "0% has been reached from the start", node.span, hint="write `reaches 100%`")
    return lower_literal(scope.context, node)


def _reference(node: syntax.Reaches, kind: KindInfo, fact_kind: str) -> str:
    """Return the field by which rows of a kind refer to the rule's; R0248 unless there is one."""
    found = [
        field.name
        for field in kind.record.fields
        if field.type == RecordType(fact_kind) and not field.is_reverses
    ]
    if len(found) == 1:
        return found[0]
    related = (Related(kind.declared, f"`{kind.name}` is declared here"),)
    if not found:
        message = f"a `{kind.name}` does not say which `{fact_kind}` it is for"
        hint = f"add `field {fact_kind} {fact_kind}` to it"
        raise mistake("R0248", message, node.path.span, related=related, hint=hint)
    names = " and ".join(f"`{name}`" for name in found)
    raise mistake(
        "R0248",
        f"a `{kind.name}` refers to a `{fact_kind}` by {names}: which of them?",
        node.path.span,
        related=related,
        hint="keep one such field",
    )
