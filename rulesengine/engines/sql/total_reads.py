"""Totals of named measures as operands of a row, with the words for where they stood."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.earned_rows import EARNING
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    joined,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.facts import ORDER, ROOT, facts_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.scopes import add_window, key_of_named
from rulesengine.engines.sql.shown import shown
from rulesengine.engines.sql.targets import target_of
from rulesengine.engines.sql.totals import CALENDAR, Moment, place_of_kind, total_at, total_before
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, compare, divide, expr_of, number, pick
from rulesengine.model.types import PercentType
from rulesengine.plan import nodes


def total_read(read: nodes.MeasureRead, reads: Reads) -> Number:
    """Return what `bookings so far` comes to on a row, and note down where it stood."""
    compilation = reads.compilation
    measure = compilation.plan.measures[read.measure]
    day, moment = reads.day, _moment(reads, read)
    if read.before is not None:
        if isinstance(read.against, nodes.WeightedTarget):
            raise unsupported(f"`{read.text}` against a weighted target", read.origin)
        scope = keys_of(read.keys, reads)
        total, label = total_before(compilation, reads.source, measure, scope, day, read.before)
    else:
        scope = scope_read(read, reads)
        label = expr_of(scope["window_label"])
        total = total_at(compilation, reads.source, measure, scope, moment)
    target = target_of(read.against, reads, Plain(day))
    value = total if target is None else divide(total, target)
    where: list[Expr | str] = [] if label == text("") else [" in ", label]
    unit = measure.aggregate.type
    words: list[Expr | str] = [f"{read.text} "]
    if target is None:
        words += [shown(total, unit), *where]
    elif isinstance(read.against, nodes.WeightedTarget):
        parts = weighted_words(read.against, scope, moment, reads)
        words += [shown(value, PercentType()), *where, ": ", parts]
    else:
        words += [
            shown(value, PercentType()),
            " (",
            shown(total, unit),
            " of ",
            shown(target, unit),
            *where,
            ")",
        ]
    reads.note(joined(words))
    return value


def scope_read(read: nodes.MeasureRead, reads: Reads) -> dict[str, Value]:
    """Return where the total runs that is read on a row: its keys, and the window or the row."""
    measure = reads.compilation.plan.measures[read.measure]
    scope = keys_of(read.keys, reads)
    add_window(measure.window, reads.day, reads, scope)
    if isinstance(measure.window, nodes.PerFact):
        scope["key_row"] = reads.source["row.root"]
    return scope


def _moment(reads: Reads, read: nodes.MeasureRead) -> Moment:
    """Return up to when a total counts: of one that is decided again, with the row itself, or then."""
    if not read.in_total:
        return judged_moment(reads, read)
    if reads.now is not None:
        return reads.now
    source = reads.source
    return own_moment(source, reads.kind, expr_of(source.columns["dated"]), reads.compilation.plan)


def keys_of(keys: tuple[nodes.FieldRead, ...], reads: Reads) -> dict[str, Value]:
    """Return the keys of a named measure as a row reads them."""
    return {f"key_{place}": Plain(key_of_named(key, reads)) for place, key in enumerate(keys, start=1)}


def judged_moment(reads: Reads, read: nodes.Node) -> Moment:
    """Return when the row that a row is judged by took place."""
    source, order = reads.source, f"{ROOT}{ORDER}"
    if EARNING in source.relation:
        return _moment_of_line(reads, read)
    if reads.kind not in reads.compilation.book.facts:
        return Moment(reads.day, number(CALENDAR), source.expr("row.root"), {})
    place = place_of_kind(reads.compilation.plan, reads.kind)
    ordered = {reads.kind: source[order]} if order in source.relation else {}
    return Moment(reads.day, number(place), source.expr("row.root"), ordered)


def _moment_of_line(reads: Reads, read: nodes.Node) -> Moment:
    """Return when the row took place that the row of a line is judged by: on the day that the line is judged
    on. A line that stands on no fact comes when all facts of its day have come."""
    source, plan, kinds = reads.source, reads.compilation.plan, reads.compilation.book.facts
    root = source.expr("row.root")
    is_fact = reads.kind in kinds
    fact: Expr = text(reads.kind if is_fact else "")
    if "fact" in source.relation:
        fact = source.expr("fact")
    if isinstance(fact, Literal):
        place = number(place_of_kind(plan, str(fact.value)))
    else:
        found = [(equal(fact, text(kind)), number(place_of_kind(plan, kind))) for kind in kinds]
        place = pick(found, number(CALENDAR))
        if any(kind in plan.order_by and kind != reads.kind for kind in kinds):
            what = "totals read by rules on the earnings of rows of several kinds that are in an order"
            raise unsupported(what, read.origin)
    if not is_fact or reads.kind not in plan.order_by:
        return Moment(reads.day, place, root, {})
    key = chosen([(equal(fact, text(reads.kind)), source.expr("fact_id"))], null(Sort.TEXT))
    row = source.join(facts_of(reads.compilation, reads.kind), {"fact_id": key})
    return Moment(reads.day, place, root, {reads.kind: row[f"{ROOT}{ORDER}"]})


def own_moment(source: From, kind: str, dated: Expr, plan: nodes.Plan) -> Moment:
    """Return when a row itself took place."""
    ordered = {kind: source[ORDER]} if ORDER in source.relation else {}
    return Moment(dated, number(place_of_kind(plan, kind)), source.expr("fact_id"), ordered)


# --- targets that are totals ---------------------------------------------------------------------


def growth_target(against: nodes.GrowthTarget, judge: Reads, dated: Expr) -> Number:
    """Return what a measure came to one unit before; a row that has nothing there earns nothing."""
    compilation, source = judge.compilation, judge.source
    measure = compilation.plan.measures[against.measure]
    scope = keys_of(against.keys, judge)
    found, label = total_before(compilation, source, measure, scope, dated, against.unit)
    is_nothing = surely(compare(found, "<=", number(0)))
    if dated != judge.day:
        # What a row is taken back against is what it was paid against, where nothing else is there.
        instead, there = total_before(compilation, source, measure, scope, judge.day, against.unit)
        again = all_of([is_nothing, compared(judge.day, "<>", dated)])
        found, label = pick([(again, instead)], found), chosen([(again, there)], label)
        is_nothing = surely(compare(found, "<=", number(0)))
    detail = joined([f"{against.text}: nothing in ", label])
    judge.problem(is_nothing, Reason.NO_QUOTA, detail)
    return found


def weighted_words(
    target: nodes.WeightedTarget, scope: Mapping[str, Value], moment: Moment, reads: Reads
) -> Expr:
    """Return what the parts of a weighted attainment came to: `60% × bookings 110% + 40% × new_logos 50%`."""
    pieces: list[Expr | str] = []
    compilation = reads.compilation
    for part in target.parts:
        measure = compilation.plan.measures[part.measure]
        against = target_of(part.against, reads, Plain(moment.day))
        total = total_at(compilation, reads.source, measure, scope, moment)
        reached = number(0) if against is None else divide(total, against)
        counts: Expr = text("")
        if part.most is not None:
            is_over = surely(compare(reached, ">", number(part.most)))
            counts = chosen(
                [(is_over, joined([", counts ", shown(number(part.most), PercentType())]))], text("")
            )
        weight = shown(number(part.weight), PercentType())
        pieces += [" + ", weight, f" × {part.measure} ", shown(reached, PercentType()), counts]
    return joined(pieces[1:])


def note_weighted(measure: nodes.Measure, judge: Reads) -> None:
    """Note down what the parts of a weighted measure came to with the row itself."""
    assert isinstance(measure.against, nodes.WeightedTarget)
    source = judge.source
    dated = expr_of(source.columns["dated"])
    moment = own_moment(source, judge.kind, dated, judge.compilation.plan)
    words = weighted_words(measure.against, source.columns, moment, judge)
    judge.note(joined([f"{measure.text}: ", words]))


# --- words ---------------------------------------------------------------------------------------


def noted(notes: list[tuple[Expr, Expr]]) -> Expr | None:
    """Return where the totals stood that a row read, each once; None for rows that read none."""
    if not notes:
        return None
    pieces: list[Expr | str] = []
    before: list[tuple[Expr, Expr]] = []
    for when, words in notes:
        is_said = [negated(earlier) for earlier, said in before if said == words]
        is_new = all_of([when, *is_said])
        comma: Expr | str = ""
        if before:
            comma = chosen([(any_of([earlier for earlier, _ in before]), text("; "))], text(""))
        if is_new != FALSE:
            pieces.append(chosen([(is_new, joined([comma, words]))], text("")))
            before.append((when, words))
    return joined(pieces)
