"""Rows of files that cannot be judged: a value that is derived has no answer, or too many digits.

They are in no rule, and neither are the rows that undo them.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    chosen,
    is_given,
    is_null,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Problem
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Number, Plain, Value, absolute, compare, fitted, number
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RecordKind
from rulesengine.model.stored_book import FILE, ROW

MOST = 10**18
"""Derived values stay below it, like the values of files (engines/reference/facts.py)."""
REJECT = "reject."
"""Before the columns of why a row is rejected: no field has a point in its name."""
CODE = f"{REJECT}code"
DIVIDES, TOO_LARGE = "R1113", "R1103"


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Why a row is rejected."""

    when: Expr
    code: str
    field: str
    reason: str

    @staticmethod
    def of_divisions(problems: Sequence[Problem]) -> list[Unjudged]:
        """A derived value divides by zero.

        Args:
            problems: of working it out, in order. Behind a payee who has no values yet nothing further is
                looked at: the rule that needs the value says so.
        """
        found: list[Unjudged] = []
        unknown: list[Expr] = []
        for problem in problems:
            if problem.division is None:
                unknown.append(negated(problem.when))
                continue
            kind, name = problem.division.kind, problem.division.name
            reason = f"{kind}.{name} divides by zero: {problem.division.text}"
            found.append(Unjudged(all_of([problem.when, *unknown]), DIVIDES, name, reason))
        return found

    @staticmethod
    def of_size(kind: str, name: str, value: Number) -> tuple[Number, list[Unjudged]]:
        """Return a derived value that is null where it has more than 18 digits, and what says so."""
        if value.most < MOST * 10**value.scale:
            return value, []
        is_large = surely(compare(absolute(value), ">=", number(MOST)))
        most = min(value.most, MOST * 10**value.scale * value.bottom_most)
        kept = chosen([(is_large, null(value.top.sort))], value.top)
        reason = f"{kind}.{name} has more than 18 digits before the point"
        bounded = Number(fitted(kept, most), value.scale, most, value.bottom, value.bottom_most)
        return bounded, [Unjudged(is_large, TOO_LARGE, name, reason)]


def reject_columns(source: From, unjudged: list[Unjudged]) -> dict[str, Value]:
    """Return the columns of why a row is rejected, null for the others, and where the row stands."""
    if not unjudged:
        return {}
    columns: dict[str, Value] = {FILE: source[FILE], ROW: source[ROW]}
    for name in ("code", "field", "reason"):
        # The first of them decides.
        whens = [(each.when, text(getattr(each, name))) for each in unjudged]
        columns[f"{REJECT}{name}"] = Plain(chosen(whens, null(Sort.TEXT)))
    return columns


def rejects_of(compilation: Compilation, shape: RecordKind, each: Relation) -> list[Relation]:
    """Return the relations of rejects of a kind: of the rows, and of the rows that undo them."""
    if CODE not in each:
        return []
    source = From(each)
    source.keep(is_given(source.expr(CODE)))
    reasons = {name: source.expr(f"{REJECT}{name}") for name in ("field", "code", "reason")}
    _reject(shape, source, **reasons)
    comment = f"facts {shape.name}: rows that cannot be judged"
    found = [compilation.add_written(f"facts_{shape.name}_rejected", comment, source)]
    undoes = shape.reverses
    if undoes is None or compilation.book.facts[shape.name].columns[undoes.name].is_empty:
        return found
    later = From(each)
    root = later.join(each, {"fact_id": later.expr(undoes.name)}, is_left=False)
    later.keep(all_of([is_null(later.expr(CODE)), is_given(root.expr(CODE))]))
    _reject(shape, later, text(undoes.name), text(DIVIDES), text("the row it undoes"))
    comment = f"facts {shape.name}: rows that undo one that cannot be judged"
    return [*found, compilation.add_written(f"facts_{shape.name}_rejected_too", comment, later)]


def _reject(shape: RecordKind, source: From, field: Expr, code: Expr, reason: Expr) -> None:
    source.columns = {
        "kind": Plain(text(shape.name)),
        "file": source[FILE],
        "row": source[ROW],
        "key": source["fact_id"],
        "field": Plain(field),
        "value": Plain(text("")),
        "code": Plain(code),
        "reason": Plain(reason),
    }
