"""What the statement block grants each payee in each period, as of the period's last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import holds
from rulesengine.engines.sql.dates import day_after, day_of
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    integer,
    is_given,
    is_null,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.pay_in import currency_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.records import record_reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.statement_steps import StatementTerms
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, no_number, pick
from rulesengine.model.change import replace
from rulesengine.model.dates import Window
from rulesengine.plan import nodes

AMOUNTS = ("guarantee", "draw", "above", "cap", "minimum")
"""Columns of what is granted."""
FAULT = "fault"
"""The column with what is wrong with the terms of a payee: an amount that divides by zero."""
Granted = tuple[Number, Expr, Expr]
"""The amount, whether it is owed back, and where it is written."""


@dataclass(slots=True)
class _Amounts:
    """Reads the amounts of one kind of payee, in the order of engines/reference/settle.py, and notes down
    which of them divide by zero: a run with such a statement is refused."""

    reads: Reads
    wrong: list[tuple[Expr, Expr]] = field(default_factory=list)
    """When, and in what words."""

    def read(self, operand: nodes.Operand, when: Expr = TRUE) -> Number:
        """Return an amount; null before the payee has values.

        Args:
            when: whether it is asked for at all.
        """
        reads = self.reads
        before = len(reads.problems)
        found = _amount(operand, reads)
        divisions = [each for each in reads.problems[before:] if each.division is not None]
        self.wrong += [(all_of([when, each.when]), each.detail) for each in divisions]
        del reads.problems[before:]
        return found


def granted(compilation: Compilation, settlement: nodes.Settlement, windows: Sequence[Window]) -> Relation:
    """Return the terms of every payee in every period: null for what is not granted. Where statements are
    in several currencies, amounts are not yet rounded to what can be paid."""
    plan = compilation.plan
    periods = _periods(compilation, windows)
    parts = []
    for kind in compilation.book.payees:
        shape = compilation.kind(kind)
        source = From(compilation.payees(kind))
        period = source.join(periods, is_left=False)
        end = period.expr("end")
        reads = Reads(compilation, source, "", end, kind, kind, source.expr(shape.key.name))
        columns = source.columns
        columns["payee_kind"], columns["payee"] = Plain(text(kind)), source[shape.key.name]
        columns["currency"] = Plain(_granted_in(plan, kind, reads))
        columns["period"] = period["period"]
        is_in = period.expr("in_plan")
        is_known = _is_known(compilation, kind, reads)
        amounts = _Amounts(reads)
        for name, grants in (("guarantee", settlement.guarantees), ("draw", settlement.draws)):
            amount, owed, span = _first(grants, kind, amounts, all_of([is_in, is_known]))
            columns[name], columns[f"{name}_span"] = amount, Plain(span)
            if name == "draw":
                columns["recoverable"] = Plain(owed)
        recovery, cap, minimum = settlement.recovery, settlement.cap, settlement.minimum
        above = recovery.above if recovery is not None else None
        columns["above"] = amounts.read(above) if above is not None else no_number()
        columns["cap"] = amounts.read(cap.amount) if cap is not None else no_number()
        columns["minimum"] = no_number()
        if minimum is not None:
            # What is below the minimum is not kept for good: with the plan's last period it is paid.
            is_last = compared(end, ">=", day(plan.effective.end))
            amount = amounts.read(minimum.amount, negated(is_last))
            columns["minimum"] = pick([(is_last, no_number())], amount)
        if any(each.division is not None for each in reads.problems):
            raise unsupported("conditions of a statement that may divide by zero", settlement.origin)
        if amounts.wrong:
            columns[FAULT] = Plain(chosen(amounts.wrong, null(Sort.TEXT)))
        parts.append(source)
    return compilation.add_union("statement_terms", "what statements grant each payee", parts, is_kept=True)


def _granted_in(plan: nodes.Plan, kind: str, reads: Reads) -> Expr:
    """Return the currency that a payee is granted amounts in, null where it is not known."""
    if plan.pays_in:
        return text(plan.pays_in)
    if plan.convert is None:
        return null(Sort.TEXT)
    now = replace(reads, day=day(reads.compilation.through), problems=[])
    return currency_of(plan.convert, now, text(kind))


def _periods(compilation: Compilation, windows: Sequence[Window]) -> Relation:
    effective = compilation.plan.effective
    rows = [
        [
            integer(index),
            day(window.end),
            Literal(window.days.overlap(effective) is not None, Sort.FLAG),
        ]
        for index, window in enumerate(windows)
    ]
    columns: dict[str, Value] = {
        "period": Number(integer(0), 0, len(windows)),
        "end": Plain(null(Sort.DATE)),
        "in_plan": Plain(TRUE),
    }
    return compilation.add_rows("statement_periods", "periods that are over", columns, rows)


def _is_known(compilation: Compilation, kind: str, reads: Reads) -> Expr:
    """Return whether a payee has values: nobody is a payee before."""
    if kind not in compilation.book.histories or compilation.is_known_since_ever(kind):
        return TRUE
    assert reads.payee is not None
    return is_given(reads.version(kind, reads.payee).expr(compilation.kind(kind).key.name))


def _first(grants: Sequence[nodes.Grant], kind: str, terms: _Amounts, is_in: Expr) -> Granted:
    """Return the first that is for the payee on that day."""
    reads = terms.reads
    settlement = reads.compilation.plan.settlement
    assert settlement is not None
    amounts: list[tuple[Expr, Number]] = []
    owed: list[tuple[Expr, Expr]] = []
    spans: list[tuple[Expr, Expr]] = []
    for grant in grants:
        if grant.kind not in ("", kind):
            continue
        test = all_of([is_in, _is_for(grant, kind, reads)])
        is_first = all_of([test, *(negated(earlier) for earlier, _ in amounts)])
        amounts.append((test, terms.read(grant.amount, is_first)))
        owed.append((test, TRUE if grant.is_recoverable else FALSE))
        spans.append((test, text(str(grant.origin))))
    if not amounts:
        return no_number(), FALSE, text(str(settlement.origin))
    return (
        pick(amounts, no_number()),
        chosen(owed, FALSE),
        chosen(spans, text(str(settlement.origin))),
    )


def _is_for(grant: nodes.Grant, kind: str, reads: Reads) -> Expr:
    assert reads.payee is not None
    tests: list[Expr] = []
    before = len(reads.problems)
    if grant.segment:
        segment = reads.compilation.plan.segments[grant.segment]
        record = record_reads(kind, reads.payee, reads)
        tests += [surely(holds(each, record)) for each in segment.conditions]
    if grant.time is not None:
        start = day_of(grant.time.anchor, reads)
        end = day_after(grant.time.anchor, grant.time.span, reads)
        tests.append(surely(compared(start, "<=", reads.day)))
        tests.append(any_of([is_null(end), surely(compared(reads.day, "<", end))]))
    tests += [negated(problem.when) for problem in reads.problems[before:]]
    return all_of(tests)


def _amount(operand: nodes.Operand, reads: Reads) -> Number:
    """Return an amount that is granted; null before the payee has values."""
    before = len(reads.problems)
    plan = reads.compilation.plan
    assert plan.settlement is not None
    terms = StatementTerms.of(plan, plan.settlement)
    found = reads.number(operand)
    if terms.unit is not None:
        found = terms.granted(found)
    missing = any_of([problem.when for problem in reads.problems[before:]])
    return pick([(missing, no_number())], found) if missing != FALSE else found
