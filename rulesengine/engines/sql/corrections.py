"""Which line another one takes back or changes: the first of the draft that it undoes."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import UNDOES
from rulesengine.engines.sql.earned_rows import LINE
from rulesengine.engines.sql.expressions import (
    Expr,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    negated,
    surely,
)
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.values import Value, expr_of

TURN = "turn_of_draft"
"""Of lines that clawbacks may cancel: their place among those of one draft, from 0, in the order of names."""
AT, MOVED_ON = "clawed.at", "clawed.moved_on"
"""Of these, too: where a line stands among those of its award; and of what clawbacks make, the day that the
first of what is taken back of the award is dated, null of all other lines."""


def undoing(award: From | Joined, on: Value) -> dict[str, Value]:
    """Return the columns that say which draft a line takes back or changes: the first of an award.

    Args:
        on: the day on which that draft was earned.
    """
    columns = {f"{UNDOES}{name}": award[name] for name in ("fact_id", LINE) if name in award.relation}
    return {**columns, f"{UNDOES}on": on, f"{UNDOES}position": award["first_position"]}


def join_corrected(source: From) -> Joined:
    """Join to lines the one that each takes back or changes: the first that its draft has become, as far as
    that has a name by then."""
    drafts = source.relation
    other = source.join_on(drafts)
    tests = [
        equal(other.expr(each), source.expr(f"{UNDOES}{by}"))
        for each, by in (("fact_id", "fact_id"), ("earned_on", "on"))
    ]
    if f"{UNDOES}{LINE}" in drafts:
        line = source.key(f"{UNDOES}{LINE}")
        tests.append(any_of([is_null(line), surely(equal(other.key(LINE), line))]))
    tests += [equal(other.expr(each), source.expr(each)) for each in ("payee_kind", "payee")]
    tests.append(equal(other.num("position").top, source.num(f"{UNDOES}position").top))
    if TURN in drafts:
        tests.append(equal(other.num(TURN).top, integer(0)))
    else:
        for each, most in (("part_number", 1), ("piece", 0)):
            # Of a rank that is not cut into parts it is the place.
            if each in drafts and "part_count" in drafts:
                tests.append(compared(first_given([other.num(each).top, integer(0)]), "<=", integer(most)))
    tests.append(_is_named_before(source, other, drafts))
    source.close(other, all_of(tests))
    return other


def _is_named_before(source: From, other: Joined, drafts: Relation) -> Expr:
    """Return whether a line stands before another in the order of all lines: only then it has a name."""
    if AT in drafts:
        return _is_named_before_clawed(source, other, drafts)
    dates = other.expr("earned_on"), source.expr("earned_on")
    is_before = _is_row_before(source, other, drafts)
    return any_of([compared(dates[0], "<", dates[1]), all_of([equal(*dates), is_before])])


def _is_named_before_clawed(source: From, other: Joined, drafts: Relation) -> Expr:
    """Return the same where clawbacks take something: what they make stands behind all else, and is never
    what is taken back."""
    dates = other.expr("earned_on"), source.expr("earned_on")
    same_row = equal(other.expr("fact_id"), source.expr("fact_id"))
    in_award = compared(other.num(AT).top, "<=", source.num(AT).top)
    is_row_before = chosen([(same_row, in_award)], _is_row_before(source, other, drafts))
    is_before = any_of(
        [
            is_given(source.expr(MOVED_ON)),
            compared(dates[0], "<", dates[1]),
            all_of([equal(*dates), is_row_before]),
        ]
    )
    if "piece" not in drafts:
        return is_before
    pieces = [first_given([each.num("piece").top, integer(0)]) for each in (other, source)]
    return any_of([compared(pieces[0], "<", pieces[1]), all_of([equal(*pieces), is_before])])


def _is_row_before(source: From, other: Joined, drafts: Relation) -> Expr:
    """Return whether the row of a line stands before that of another of one day, or is the same."""
    is_before: Expr = compared(other.expr("fact_id"), "<=", source.expr("fact_id"))
    if "row.order_by" in drafts:
        found = [expr_of(each) for each in (other["row.order_by"], source["row.order_by"])]
        is_less = any_of([is_null(found[0]), compared(found[0], "<", found[1])])
        is_same = any_of([all_of(map(is_null, found)), surely(equal(found[0], found[1]))])
        is_before = any_of([all_of([negated(is_same), surely(is_less)]), all_of([is_same, is_before])])
    return is_before
