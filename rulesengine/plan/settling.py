"""The `statement` block: what happens between the lines of a statement and its total."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.rounding import RoundingMode
from rulesengine.model.schema import Role
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes
from rulesengine.plan.choices import StatementTerms
from rulesengine.plan.context import Context, KindInfo
from rulesengine.plan.currencies import Paying, check_paid
from rulesengine.plan.dates import lower_anchor, lower_span
from rulesengine.plan.header import lower_step, only
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import lower_literal, lower_operand
from rulesengine.plan.problems import mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, as_money, check_is

_TERMS = (syntax.StatementPer, syntax.Convert)
"""Clauses that say what a statement is of; all others settle it."""
_Owner = tuple[str, str, tuple[KindInfo, ...]]
"""Payee kind and segment that a grant is for, empty where it says none, and the kinds that `payee` is."""


def lower_settlement(
    context: Context, blocks: tuple[syntax.Block, ...], statement: StatementTerms
) -> nodes.Settlement | None:
    """Return how statements are settled, None where they pay the sum of their lines as it is."""
    block = next((block for block in blocks if isinstance(block, syntax.StatementBlock)), None)
    if block is None or all(isinstance(clause, _TERMS) for clause in block.clauses):
        return None
    lowering = _Lowering(context, statement)
    attempt, clauses = context.problems.attempt, block.clauses
    recover = only(clauses, syntax.Recover, "recover", context.problems)
    cap = only(clauses, syntax.StatementCap, "cap", context.problems)
    negative = only(clauses, syntax.Negative, "negative", context.problems)
    minimum = only(clauses, syntax.Minimum, "minimum", context.problems)
    rounding = only(clauses, syntax.StatementRounding, "rounding", context.problems)
    of_guarantee = [clause for clause in clauses if isinstance(clause, syntax.Guarantee)]
    of_draw = [clause for clause in clauses if isinstance(clause, syntax.Draw)]
    return nodes.Settlement(
        origin=block.span,
        guarantees=context.problems.those_that_work(lowering.grant, of_guarantee),
        draws=context.problems.those_that_work(lowering.grant, of_draw),
        recovery=attempt(lowering.recovery, recover) if recover else None,
        cap=attempt(lowering.cap, cap) if cap else None,
        negative=nodes.Negative(negative.then) if negative else nodes.Negative.STANDS,
        says_negative=negative is not None,
        minimum=attempt(lowering.minimum, minimum) if minimum else None,
        rounding=attempt(lowering.rounding, rounding) if rounding else None,
        text=context.texts.of(block.span),
    )


class _Lowering:
    """Lowers the clauses of the block, one by one."""

    def __init__(self, context: Context, statement: StatementTerms) -> None:
        self._context, self._period, self._statement = context, statement.period, statement
        self._paying = Paying(statement.pays_in, context.header.currency_span, None, is_own=False)
        kinds = (kind for kind in context.kinds.values() if kind is not None)
        self._payees = tuple(kind for kind in kinds if kind.role is Role.PAYEE)

    def grant(self, clause: syntax.Guarantee | syntax.Draw) -> nodes.Grant:
        self._check_window(clause.window)
        kind, segment, payees = self._owner(clause)
        word = "draw" if isinstance(clause, syntax.Draw) else "guarantee"
        return nodes.Grant(
            origin=clause.span,
            amount=self._money(clause.value, f"a {word} must be money", payees),
            kind=kind,
            segment=segment,
            time=self._time(clause.time, payees) if clause.time is not None else None,
            is_recoverable=isinstance(clause, syntax.Draw) and clause.how == "recoverable",
            text=self._context.texts.of(clause.span),
        )

    def recovery(self, clause: syntax.Recover) -> nodes.Recovery:
        above = clause.above
        what = "earnings above an amount must be above money"
        return nodes.Recovery(
            origin=clause.span,
            rate=clause.rate.value,
            above=self._money(above, what, self._payees) if above else None,
            text=self._context.texts.of(clause.span),
        )

    def cap(self, clause: syntax.StatementCap) -> nodes.StatementCap:
        self._check_window(clause.window)
        return nodes.StatementCap(
            origin=clause.span,
            amount=self._money(clause.value, "a cap must be money", self._payees),
            is_carried=clause.then == "carry",
            text=self._context.texts.of(clause.span),
        )

    def minimum(self, clause: syntax.Minimum) -> nodes.Minimum:
        return nodes.Minimum(
            origin=clause.span,
            amount=self._money(clause.value, "a minimum must be money", self._payees),
            text=self._context.texts.of(clause.span),
        )

    def rounding(self, clause: syntax.StatementRounding) -> nodes.StatementRounding:
        return nodes.StatementRounding(
            origin=clause.span,
            mode=RoundingMode(clause.mode),
            step=self._step(clause),
            text=self._context.texts.of(clause.span),
        )

    def _step(self, clause: syntax.StatementRounding) -> Decimal:
        if not self._statement.pays_in and self._context.header.currency:
            raise mistake(
                "R0261",
                "statements are in several currencies, and a step is in one",
                clause.span,
                hint="leave it out: totals are sums of lines in whole minor units of their currency",
            )
        return lower_step(clause, self._paying.minor_unit, self._paying.code)

    def _check_currency(self, typed: Typed) -> None:
        """Raise R0402, R0257 or R0261 for an amount that is not in the currency of the statement."""
        statement = self._statement
        if statement.pays_in or not self._context.header.currency:
            check_paid(self._context, self._paying, typed)
            return
        to = statement.convert.to if statement.convert else ""
        if isinstance(to, nodes.FieldRead) and typed.type == MoneyType("", ("payee", *to.names)):
            return
        said = to.text if isinstance(to, nodes.FieldRead) else ""
        raise mistake(
            "R0261",
            f"statements are in several currencies, {typed.described}",
            typed.node.origin,
            hint=f"write a field of the payee that is `money in {said.removeprefix('payee.')}`"
            if said
            else "let all statements be in one currency, by `convert`",
        )

    def _check_window(self, window: syntax.Name) -> None:
        """Raise R0252 for an amount of another window than the statements': which one would it be of?"""
        if window.text != self._period.value:
            raise mistake(
                "R0252",
                f"statements are per {self._period.value}, this amount is per {window.text}",
                window.span,
                hint=f"write the amount of a statement, `per {self._period.value}`",
            )

    def _owner(self, clause: syntax.Guarantee | syntax.Draw) -> _Owner:
        name = clause.whom
        if name is None:
            if len(self._payees) > 1:
                kinds = " and ".join(f"`{kind.name}`" for kind in self._payees)
                raise mistake(
                    "R0254",
                    f"the plan has payees of several kinds, {kinds}: for whom is this?",
                    clause.span,
                    hint=f"add `for {self._payees[0].name}`, or `for` a segment of payees",
                )
            return "", "", self._payees
        declared = self._context.catalog.find(name, Sort.PAYEE, Sort.SEGMENT)
        is_segment = declared.sort is Sort.SEGMENT
        of = declared.block.of.text if isinstance(declared.block, syntax.SegmentBlock) else name.text
        payees = tuple(kind for kind in self._payees if kind.name == of)
        if not payees and self._context.kinds.get(of) is not None:
            raise mistake(
                "R0254",
                f"`{name.text}` holds rows of `{of}`, nobody who is paid",
                name.span,
                related=(Related(declared.span, f"`{name.text}` is declared here"),),
                hint="name a segment of payees",
            )
        return of, name.text if is_segment else "", payees

    def _time(self, clause: syntax.For, payees: tuple[KindInfo, ...]) -> nodes.ForSpan:
        scope = self._scope(payees)
        return nodes.ForSpan(
            origin=clause.span,
            span=lower_span(scope, clause.duration),
            anchor=lower_anchor(scope, clause.anchor, waits=True),
            text=self._context.texts.of(clause.span),
        )

    def _scope(self, payees: tuple[KindInfo, ...]) -> Scope:
        return Scope(
            context=self._context,
            row=None,
            no_row="a statement stands on no row; write a field of the payee, such as `payee.draw`",
            payees=payees,
        )

    def _money(self, node: syntax.Worth, what: str, payees: tuple[KindInfo, ...]) -> nodes.Operand:
        scope = self._scope(payees)
        typed: Typed
        if isinstance(node, syntax.MeasureReading):
            raise mistake(
                "R0303",
                f"`{self._context.texts.of(node.span)}` is read on a row, and a statement stands on none",
                node.span,
                hint="write an amount or a field of the payee, or let a rule on calendar rows pay it",
            )
        if isinstance(node, syntax.Path):
            reading = scope.read(node)
            otherwise = f"`{node.text} otherwise 0 {self._context.header.currency}`"
            scope.check_guarded(reading, f"write {otherwise}, or another amount")
            typed = reading.typed
        elif isinstance(node, syntax.Otherwise):
            typed = lower_operand(scope, node)
        else:
            typed = lower_literal(self._context, node)
        check_is(typed, what, MoneyType, hint=as_money(typed, self._paying.code))
        self._check_currency(typed)
        return typed.node
