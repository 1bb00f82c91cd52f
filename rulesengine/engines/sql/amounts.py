"""What a row brings: its own amounts and quantities, signed as it counts.

A row that undoes another takes away what it is worth: minus what its magnitudes come to. What it leaves
empty is that of the row it undoes; what is no field of the row is taken away once, by the first row that
undoes it (engines/reference/amounts.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.sql.convert import exchanges
from rulesengine.engines.sql.exchange import shown_exchange
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    all_of,
    chosen,
    equal,
    integer,
    is_null,
    negated,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    expr_of,
    negate,
    number,
    otherwise,
    pick,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Root


@dataclass(slots=True)
class OwnReads(Reads):
    """Reads the fields of the row itself; one that undoes another, and lacks a field, has the other's."""

    undoes: Expr = FALSE
    """Whether the row undoes another."""
    undone: Reads | None = None
    """Reads the row that is undone."""

    def _of_row(self, read: nodes.FieldRead) -> Value:
        found = super(OwnReads, self)._of_row(read)
        if self.undoes == FALSE or self.undone is None or not read.names:
            return found
        is_missing = is_null(expr_of(found))
        if self.row is None:
            is_missing = all_of([self.undoes, is_missing])
        with self.within(is_missing):
            instead = self.undone.read(read)
        if isinstance(found, Number) and isinstance(instead, Number):
            return pick([(is_missing, instead)], found)
        assert isinstance(found, Plain) and isinstance(instead, Plain)
        return Plain(chosen([(is_missing, instead.expr)], found.expr))


def own_reads(judge: Reads, undoes: Expr, earning: Number | None = None) -> OwnReads:
    """Return what reads the amounts of a row that is judged and credited; problems go to one list.

    Args:
        earning: the amount of the line that the row is.
    """
    undone = Reads(
        judge.compilation,
        judge.source,
        judge.prefix,
        judge.day,
        judge.kind,
        judge.payee_kind,
        judge.payee,
        key=judge.key,
        level=judge.level,
        problems=judge.problems,
        guards=judge.guards,
        is_on_other_day=judge.is_on_other_day,
        row=judge.row,
        kinds=judge.kinds,
        kind_of_payee=judge.kind_of_payee,
        earning=judge.earning,
        # The date of a line is that on which its row is judged, where a rate is looked up.
        earned=judge.day if judge.earned is not None else None,
        notes=judge.notes,
        convert=judge.convert,
    )
    return OwnReads(
        judge.compilation,
        judge.source,
        judge.prefix if undoes == FALSE else "",  # what undoes nothing is judged by itself
        judge.day,
        judge.kind,
        judge.payee_kind,
        judge.payee,
        key="fact_id" if judge.key == "row.root" else judge.key,
        level=judge.level,
        problems=judge.problems,
        guards=judge.guards,
        is_on_other_day=judge.is_on_other_day,
        row=judge.row,
        kinds=judge.kinds,
        kind_of_payee=judge.kind_of_payee,
        earning=earning,
        earned=judge.earned,
        notes=judge.notes,
        convert=judge.convert,
        rate_days=judge.rate_days,
        converts_at=undone,
        undoes=undoes,
        undone=undone,
    )


def own_quantity(operand: nodes.Operand, own: OwnReads) -> Number:
    """Return an amount or quantity of the row itself, zero where it is missing."""
    value = otherwise(own.number(operand), number(0))
    if own.undoes == FALSE or _root(operand) is Root.LINE:
        return value
    whens = [(own.undoes, negate(value))]
    if not _is_own(operand) and own.row is None:
        whens.insert(0, (_is_undone_already(own), number(0)))
    return pick(whens, value)


def own_exchange(operand: nodes.Operand, own: OwnReads) -> dict[str, Value]:
    """Return the columns that say how an amount of the row itself became the rule's currency, signed as
    `own_quantity`; none where it is in that currency whatever comes."""
    found = exchanges(operand, own)
    if not found:
        return {}
    if own.undoes == FALSE or _root(operand) is Root.LINE:
        return shown_exchange(found)
    if not _is_own(operand):
        found = [(all_of([test, negated(_is_undone_already(own))]), each) for test, each in found]
    return shown_exchange(found, own.undoes)


def _is_undone_already(own: OwnReads) -> Expr:
    return all_of([own.undoes, equal(own.source.num("row.counts").top, integer(0))])


def _is_own(operand: nodes.Operand) -> bool:
    read = operand.read if isinstance(operand, nodes.OtherwiseRead) else operand
    return not isinstance(read, nodes.FieldRead) or read.is_own


def _root(operand: nodes.Operand) -> Root | None:
    read = operand.read if isinstance(operand, nodes.OtherwiseRead) else operand
    return read.root if isinstance(read, nodes.FieldRead) else None
