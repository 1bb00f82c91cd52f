"""What happens to a row later, read as the row is judged: when clawbacks take, how much, and until when.

Columns of items behind `due.clawback_`, for each clause of a version by its place there: of clause 0
`due.clawback_0_on`, the day from which it takes something back, null if it does not; `…_share` and `…_how`,
which share of the award that is, and in words; `…_restored`, the day on which all of it is given back;
`…_at`, the day on which it is charged where the plan names one.
"""

from __future__ import annotations

from copy import copy

from rulesengine.engines.sql.dates import count_of, day_after, day_of
from rulesengine.engines.sql.due import DUE, never_comes
from rulesengine.engines.sql.expressions import (
    TRUE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.spans import MOST, units_between
from rulesengine.engines.sql.values import Number, Plain, divide, larger, number, pick, subtract
from rulesengine.model.dates import END
from rulesengine.model.exact import HUNDRED, multiply
from rulesengine.model.exact import grouped as grouped_exact
from rulesengine.model.schema import MOST_PARTS
from rulesengine.plan import nodes
from rulesengine.plan.nodes import SpanMethod

TERMS = f"{DUE}clawback_"


def term(place: int, name: str) -> str:
    """Return the column of a clause that holds one of its terms."""
    return f"{TERMS}{place}_{name}"


def add_clawbacks(version: nodes.Version, judge: Reads) -> None:
    """Add the columns of the clauses that take something back, of several on one date by the first.

    A clause whose date no row of the facts has takes nothing back, and has no columns.
    """
    reads = copy(judge)
    # What cannot be read has been noted down, with all that decides when an award is payable (due.py).
    reads.problems, reads.guards = [], []
    done: dict[tuple[str, ...], list[Expr]] = {}
    for place, clause in enumerate(version.clawbacks):
        on = _happened(clause, reads)
        if on is None:
            continue
        tests = [is_given(on), surely(compared(on, "<=", day(reads.compilation.through)))]
        earlier = done.setdefault((str(clause.on.root), *clause.on.names), [])
        if not clause.is_unless:
            tests += [negated(each) for each in earlier]
        applies = all_of(tests)
        if not clause.is_unless:
            earlier.append(applies)
        _add_terms(clause, place, on, applies, reads)


def _add_terms(clause: nodes.Clawback, place: int, on: Expr, applies: Expr, reads: Reads) -> None:
    columns = reads.source.columns
    columns[term(place, "on")] = Plain(chosen([(applies, on)], null(Sort.DATE)))
    share, how = _how_much(clause, on, reads)
    columns[term(place, "share")], columns[term(place, "how")] = share, Plain(how)
    if clause.restore is not None and not never_comes(clause.restore, reads):
        found = reads.expr(clause.restore)
        through = day(reads.compilation.through)
        comes = [applies, surely(compared(on, "<=", found)), surely(compared(found, "<=", through))]
        columns[term(place, "restored")] = Plain(chosen([(all_of(comes), found)], null(Sort.DATE)))
    if clause.at is not None:
        columns[term(place, "at")] = Plain(day_of(clause.at, reads))


def _happened(clause: nodes.Clawback, reads: Reads) -> Expr | None:
    """Return the day from which something is taken back, null for none; None where it never is."""
    never = never_comes(clause.on, reads)
    if never and not clause.is_unless:
        return None
    on = null(Sort.DATE) if never else reads.expr(clause.on)
    if clause.within is None:
        return on
    limit = day_after(clause.within.anchor, clause.within.span, reads)
    is_in_time = surely(compared(on, "<=", limit)) if not never else negated(TRUE)
    if not clause.is_unless:
        return chosen([(any_of([is_null(limit), is_in_time]), on)], null(Sort.DATE))
    follows = all_of([negated(is_in_time), surely(compared(limit, "<", day(END)))])
    return chosen([(follows, Call("days after", (limit, integer(1)), Sort.DATE))], null(Sort.DATE))


def _how_much(clause: nodes.Clawback, on: Expr, reads: Reads) -> tuple[Number, Expr]:
    """Return the share of the award that is taken back, and how lines say it."""
    unearned = clause.unearned
    if unearned is None:
        return number(clause.share), text(f"{grouped_exact(multiply(clause.share, HUNDRED))} %")
    months = Number(count_of(unearned.span, reads), 0, MOST_PARTS)
    start, unit = day_of(unearned.start, reads), unearned.span.unit
    # The unit that the day lies in has begun.
    is_started = unearned.method is SpanMethod.STARTED
    end = Call("days after", (on, integer(1)), Sort.DATE) if is_started else on
    earned = Number(units_between(start, end, unit, is_started=is_started), 0, MOST)
    # No more units than there are in all can be left.
    left = larger(subtract(months, earned), number(0))
    left = Number(left.top, 0, MOST_PARTS)
    share = divide(left, months)
    missing = is_null(share.top)
    how = joined([grouped(left), " of ", grouped(months), f" {unit.value}s"])
    return pick([(missing, number(0))], share), first_given([chosen([(missing, text(""))], how), text("")])
