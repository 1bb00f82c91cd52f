"""What is taken back of an award whose parts have dates: parts that are still to come are cancelled first,
the rest is taken back of what was paid.

The moves of each award (take_back.py) are carried out one after the other, those of all awards at once. A
`bucket` is what of an award is due on one day with one number: the last ones are cancelled first, and how
much is cancelled from some bucket on depends on what these come to in all. Columns of lines behind
`clawed.`: `due`, the day on which a line is due, null while it waits; `stopped`, whether it says what a
`stop` forfeits, and `lost`, how much; `at`, where it stands among the lines of its award.
"""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import UNDOES
from rulesengine.engines.sql.cancelled_lines import (
    AWARD_EARNED_ON,
    CLAUSE,
    DUE_ON,
    IS_BACK,
    LOST,
    NTH,
    STOPPED,
    bucket_of,
    cancelled,
    cut_short,
    forfeits_less,
    given_by,
    is_open,
    kept,
    of_row,
    part_number,
    show,
    size_of,
    taken,
)
from rulesengine.engines.sql.clawback_turns import row_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import AT, MOVED_ON
from rulesengine.engines.sql.expressions import (
    FALSE,
    Aggregate,
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.most import MOST_LINES
from rulesengine.engines.sql.moves import Moves
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    at_scale,
    compare,
    fitted,
    larger,
    negate,
    no_number,
    number,
    or_zero,
    pick,
    smaller,
    subtract,
)
from rulesengine.plan import nodes


def apply_clawbacks(compilation: Compilation, lines: Relation, moves: Moves, rule: nodes.Rule) -> Relation:
    """Return the lines of a rule after what clawbacks take and give back.

    What was forfeited already, by a `stop`, is not taken back once more. What a later `stop` would forfeit
    is still to come: a clawback cancels it before.

    Args:
        lines: with `clawed.due`, and `clawed.stopped` and `clawed.lost` where a `stop` forfeits something.
    """
    made = _Clawbacks(compilation, rule, moves)
    untouched, left = made.parted(lines)
    settled = made.first_due(left) if compilation.plan.convert is not None else None
    so_far: Relation | None = None
    for nth in range(1, moves.most + 1):
        so_far = made.weighed(left, nth, so_far)
        cut = made.cut(left, so_far, made.buckets(left, so_far, nth), nth)
        left = made.carried_out(cut, so_far, nth)
    kept, none = From(left), Plain(null(Sort.DATE))
    kept.take_all(name for name in left.columns if name in (DUE_ON, STOPPED, LOST))
    if settled is not None:
        award = kept.join(settled, of_row(kept))
        is_move = all_of([compare(kept.num(AT), ">", number(0)), negated(kept.expr(STOPPED))])
        # What is taken back is converted as the award was; of what was still to come nobody knows the rate.
        first_due, moved_on = award.expr("first_due"), kept.expr("earned_on")
        is_to_come = all_of([is_move, surely(compared(first_due, ">", moved_on))])
        due_on = chosen([(is_to_come, moved_on), (is_move, first_due)], null(Sort.DATE))
        kept.columns["due_on"] = Plain(first_given([kept.expr("due_on"), due_on]))
        of_award = chosen([(is_move, kept.expr(f"{UNDOES}on"))], null(Sort.DATE))
        untouched.columns[AWARD_EARNED_ON], kept.columns[AWARD_EARNED_ON] = none, Plain(of_award)
    comment = f"rule {rule.name}: with what clawbacks take back, cancel and give back"
    return compilation.add_union(f"{rule.name}_clawed_back", comment, [untouched, kept], rule=rule)


class _Clawbacks:
    """The steps of one rule."""

    def __init__(self, compilation: Compilation, rule: nodes.Rule, moves: Moves) -> None:
        self.compilation, self.rule, self.moves = compilation, rule, moves.relation
        self.has_pieces = False
        self.restorable = sorted(
            {
                place
                for version in rule.versions
                for place, clause in enumerate(version.clawbacks)
                if clause.restore is not None
            }
        )

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    def parted(self, lines: Relation) -> tuple[From, Relation]:
        """Return the lines of awards of which nothing is taken back, and the others."""
        self.has_pieces = "piece" in lines
        first = From(self.moves)
        first.keep(equal(first.num(NTH).top, integer(1)))
        for name in row_of(self.moves):
            first.columns[name] = first[name]
        first.columns[MOVED_ON] = first["earned_on"]
        moved = self._add("moved_awards", "awards of which something is taken back", first)
        untouched = From(lines)
        found = untouched.join(moved, of_row(untouched))
        untouched.keep(is_null(found.expr(MOVED_ON)))
        untouched.take_all(name for name in lines.columns if name in (DUE_ON, STOPPED, LOST))
        untouched.columns |= {AT: number(0), "part_number": part_number(untouched)}
        untouched.columns.setdefault("fact", Plain(text(self.rule.fact_kind)))
        show(untouched)
        source = From(lines)
        source.join(moved, of_row(source), is_left=False)
        source.take_all()
        source.columns |= {AT: number(0), "part_number": part_number(source)}
        source.columns.setdefault("fact", Plain(text(self.rule.fact_kind)))
        show(source)
        return untouched, self._add(
            "clawed_0", "the parts of awards of which something is taken back", source
        )

    def first_due(self, lines: Relation) -> Relation:
        """Return the first day on which something of each award is due: clawbacks are converted as it was."""
        source = From(lines)
        source.keep(compared(source.expr("part"), "<>", text(Part.FORFEITED.value)))
        source.groups = source.keys(row_of(lines))
        for name in row_of(lines):
            source.columns[name] = source[name]
        source.columns["first_due"] = Plain(Aggregate("min", (source.expr(DUE_ON),), (), Sort.DATE))
        return self._add("first_due", "when awards of which something is taken back are first due", source)

    # --- one move ---

    def weighed(self, lines: Relation, nth: int, before: Relation | None) -> Relation:
        """Return the moves that come in their turn, with what they take: `due` of what is not lost already,
        of it `cancelled` and `taken`; and what all moves up to them `lost` and, by clause, have `given`."""
        summed = self._summed(lines, nth)
        source = From(self.moves)
        source.keep(equal(source.num(NTH).top, integer(nth)))
        sums = source.join(summed, of_row(source))
        earlier = source.join(before, of_row(source)) if before is not None else None
        source.take_all()
        is_back = source.expr(IS_BACK)
        amount = source.num("amount")
        asked, zero = negate(amount), number(0)
        lost_before = or_zero(earlier.num("lost")) if earlier is not None else zero
        lost = zero
        if lines.columns[STOPPED] != Plain(FALSE):
            lost = _nearer_to_zero(asked, subtract(or_zero(sums.num("stopped")), lost_before))
        due = subtract(asked, lost)
        cancelled = _nearer_to_zero(due, or_zero(sums.num("open")))
        given = zero
        for place in self.restorable:
            is_it = equal(source.num(CLAUSE).top, integer(place))
            had = or_zero(earlier.num(given_by(place))) if earlier is not None else zero
            source.columns[given_by(place)] = pick([(all_of([is_back, is_it]), due)], had)
            given = pick([(is_it, had)], given)
        source.columns |= {
            "lost": add(lost_before, pick([(is_back, lost)], zero)),
            "due": due,
            "cancelled": pick([(is_back, cancelled)], zero),
            "taken": pick([(is_back, subtract(due, cancelled))], zero),
            "given": given,
            MOVED_ON: earlier[MOVED_ON] if earlier is not None else source["earned_on"],
            "not_paid": pick([(is_back, add(lost, cancelled))], subtract(amount, given)),
        }
        comment = f"what is to be taken of each award, and what of it is still to come, {nth}. in turn"
        return self._add(f"weighed_{nth}", comment, source)

    def _summed(self, lines: Relation, nth: int) -> Relation:
        source = From(lines)
        move = source.join(self.moves, {**of_row(source), NTH: integer(nth)}, is_left=False)
        source.groups = source.keys(row_of(lines))
        for name in row_of(lines):
            source.columns[name] = source[name]
        still_open = is_open(source, move)
        is_lost = all_of([source.expr(STOPPED), negated(still_open)])
        source.columns["open"] = _sum_of(pick([(still_open, size_of(source))], number(0)))
        if is_lost != FALSE:
            source.columns["stopped"] = _sum_of(pick([(is_lost, source.num(LOST))], number(0)))
        return self._add(f"open_{nth}", "what of each award is still to come", source)

    def buckets(self, lines: Relation, moves: Relation, nth: int) -> Relation:
        """Return what is due of each award on each day with each number, `size`, and how much of it is
        cancelled, `here`."""
        source = From(lines)
        move = source.join(moves, of_row(source), is_left=False)
        source.keep(all_of([move.expr(IS_BACK), is_open(source, move)]))
        bucket = bucket_of(source)
        source.groups = [*source.keys(row_of(lines)), *bucket.values()]
        for name in row_of(lines):
            source.columns[name] = source[name]
        source.columns |= {name: Number(expr, 0, 10**9) for name, expr in bucket.items()}
        source.columns["size"] = _sum_of(size_of(source))
        gathered = self._add(f"due_{nth}", "what is still to come, by its days", source)
        source = From(gathered)
        source.take_all()
        move = source.join(moves, of_row(source), is_left=False)
        size = source.num("size")
        award = source.keys(row_of(lines))
        order = [source.num("far").top, source.num("number").top]
        after = sum_over(size, award, MOST_LINES, order)
        due = move.num("due")
        upto = [_nearer_to_zero(due, each) for each in (after, subtract(after, size))]
        source.columns["here"] = _at_most(subtract(*upto), due)
        return self._add(f"cancelled_{nth}", "what is cancelled of it, the last first", source)

    def cut(self, lines: Relation, moves: Relation, buckets: Relation, nth: int) -> Relation:
        """Return the lines with what is cancelled of their bucket, `here` of `size`; null for none."""
        source = From(lines)
        source.take_all()
        move = source.join(moves, of_row(source))
        still_open = surely(is_open(source, move))
        bucket = source.join(buckets, of_row(source) | bucket_of(source))
        here, size = bucket.num("here"), bucket.num("size")
        is_cut = all_of([still_open, is_given(size.top)])
        source.columns["here"] = pick([(is_cut, here)], no_number())
        source.columns["size"] = pick([(is_cut, size)], no_number())
        award = source.keys(row_of(lines))
        whose = [*award, *bucket_of(source).values(), still_open]
        order = [source.num(AT).top, source.expr("earned_on"), source.num("position").top]
        order += [source.num(name).top for name in ("part_number", "piece") if name in lines]
        place = over("row_number", [], partition=whose, order=order, sort=Sort.INT)
        source.columns["in_bucket"] = Number(place, 0, MOST_LINES)
        return self._add(f"cut_{nth}", "the lines of each award, with what is cancelled of them", source)

    def carried_out(self, cut: Relation, moves: Relation, nth: int) -> Relation:
        """Return the lines of the awards after the moves that come in their turn."""
        is_stopping = cut.columns[STOPPED] != Plain(FALSE)
        parts = [kept(cut), cut_short(cut, moves, nth, has_pieces=self.has_pieces)]
        parts.append(cancelled(moves, nth, has_pieces=self.has_pieces))
        if is_stopping:
            parts.append(forfeits_less(cut, nth))
        parts.append(taken(moves, nth, has_pieces=self.has_pieces))
        comment = f"rule {self.rule.name}: the lines of each award after what clawbacks do {nth}. in turn"
        return self.compilation.add_union(f"{self.rule.name}_clawed_{nth}", comment, parts, rule=self.rule)


# --- amounts -------------------------------------------------------------------------------------


def _nearer_to_zero(due: Number, most: Number) -> Number:
    """Return as much of an amount as another of the same sign covers."""
    zero = number(0)
    above = larger(smaller(due, most), zero)
    below = smaller(larger(due, most), zero)
    found = pick([(compare(due, ">=", zero), above)], below)
    return _at_most(found, due)


def _at_most(value: Number, bound: Number) -> Number:
    """Return a number of which it is known that its magnitude is not above that of another."""
    most = at_scale(bound, value.scale).most if bound.scale < value.scale else bound.most
    return Number(fitted(value.top, most), value.scale, most)


def _sum_of(value: Number) -> Number:
    most = value.most * MOST_LINES
    return Number(Aggregate("sum", (value.top,), (), fitted(value.top, most).sort), value.scale, most)
