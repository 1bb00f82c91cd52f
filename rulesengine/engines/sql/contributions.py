"""What each payee moved a total by, up to each row: who contributed, and how much."""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_null,
    null,
    over,
    text,
)
from rulesengine.engines.sql.member_reads import REACHED_BY
from rulesengine.engines.sql.other_rows import IS_OWN
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import Number, Value, expr_of, negated_integer, subtract
from rulesengine.plan import nodes

ROW = ("fact_id", "line")
STEP = ("dated", "fact")
"""What else tells the steps of a total apart, where rows that are none of the rule's move it."""
PLACE, UNTIL = "place_in_total", "until_place"
ENDS_STEP, STEP_TURN = "ends_step", "step_turn"
"""Columns of totals in which several events are one step: which of them is the last, and the turn that all of
them have."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """What payees contributed to the total of a rule.

    Args:
        each: a row for each row that moves the total: its scope and payee; what the payee `moved` it by up to
            and with the row, and whether it has `counted` rows by then; its place in the total, and that of
            the payee's next row.
        rows: the scope and place of each row of the rule; None where every total has ended.
        scope: columns that make up the scope.
    """

    each: Relation
    rows: Relation | None
    scope: tuple[str, ...]

    def joined(self, source: From, *, is_left: bool, payee: tuple[Expr, Expr] | None = None) -> Joined:
        """Join the contributors of the row that each draft stands on, as they are with that row.

        Args:
            is_left: whether drafts stay that nobody contributed to.
            payee: kind and key of the one asked for; None for all.
        """
        scope: dict[str, Value]
        tests: list[Expr] = []
        if self.rows is None:
            found = source.join_on(self.each)
            scope = {name: source[name] for name in self.scope}
            tests.append(is_null(found.num(UNTIL).top))
        else:
            stands = _of_award(source.expr("part"))
            more = [name for name in STEP if name in self.rows]
            named = [name for name in (*more, *self.scope) if f"{REACHED_BY}{name}" in source.relation]
            names = [*(name for name in (*ROW, "turn") if name in self.rows), *named]
            reached = {name: f"{REACHED_BY}{name}" for name in names}
            by = {each: name if name in source.relation else each for each, name in reached.items()}
            on = {each: expr_of(source[name]) for each, name in by.items()}
            on["fact_id"] = chosen([(stands, on["fact_id"])], null(Sort.TEXT))
            at = source.join(self.rows, on, is_left=is_left)
            found = source.join_on(self.each, is_left=is_left)
            scope = {name: at[name] for name in self.scope}
            place, until = at.num(PLACE).top, found.num(UNTIL).top
            tests.append(compared(found.num(PLACE).top, "<=", place))
            tests.append(any_of([is_null(until), compared(until, ">", place)]))
        tests += [equal(expr_of(found[name]), expr_of(value)) for name, value in scope.items()]
        tests.append(equal(found.num("counted").top, integer(1)))
        if payee is not None:
            tests += [equal(found.expr("payee_kind"), payee[0]), equal(found.expr("payee"), payee[1])]
        source.close(found, all_of(tests), is_left=is_left)
        return found


def _of_award(part: Expr) -> Expr:
    """Return whether a line is one of the rows that the total counts: what is deducted is not."""
    return TRUE if part == text(Part.BASE.value) else compared(part, "<>", text(Part.DEDUCT.value))


def contributions_of(
    compilation: Compilation, moved: Relation, rule: nodes.Rule, rows: int, *, is_over: bool = False
) -> Contributions:
    """Return what payees contributed to a total.

    Args:
        moved: the items with the total before or after each.
        rows: how many there are at most.
        is_over: whether it is asked for once every total has ended, as in a rank.
    """
    scope = tuple(name for name in scope_columns(moved) if not is_literal(moved.columns[name]))
    source = From(moved)
    row = [name for name in ROW if name in moved]
    own = [name for name in (IS_OWN, ENDS_STEP, STEP_TURN) if name in moved]
    own += [name for name in STEP if ENDS_STEP in own and name in moved]
    for name in (*scope, *row, "turn", "payee_kind", "payee", "row.counts", *own):
        source.columns[name] = source[name]
    is_plain = "before" not in moved
    by = source.num("moves") if is_plain else subtract(source.num("after"), source.num("before"))
    source.columns["by"] = by
    place = over(
        "row_number",
        [],
        partition=[expr_of(source[name]) for name in scope],
        order=in_order(source),
        sort=Sort.INT,
    )
    source.columns[PLACE] = Number(place, 0, rows)
    comment = f"rule {rule.name}: what each row moves the total by, in order"
    placed = compilation.add(f"{rule.name}_in_total", comment, source, rule=rule)
    source = From(placed)
    payee = [expr_of(source[name]) for name in (*scope, "payee_kind", "payee")]
    order = [source.num(PLACE).top]
    for name in (*scope, "payee_kind", "payee", PLACE):
        source.columns[name] = source[name]
    source.columns["moved"] = sum_over(source.num("by"), payee, rows, order)
    counts = compared(source.num("row.counts").top, ">", integer(0))
    if IS_OWN in placed:
        counts = all_of([source.expr(IS_OWN), counts])
    is_counted = chosen([(counts, integer(1))], integer(0))
    counted = over("max", [is_counted], partition=payee, order=order, is_running=True, sort=Sort.INT)
    source.columns["counted"] = Number(counted, 0, 1)
    until = over("lead", order, partition=payee, order=order, sort=Sort.INT)
    source.columns[UNTIL] = Number(until, 0, rows)
    comment = f"rule {rule.name}: what each payee contributed by then"
    each = compilation.add(f"{rule.name}_contributed", comment, source, rule=rule)
    stands = None if is_over else _rows(compilation, placed, scope, row, rule)
    return Contributions(each, stands, scope)


def _rows(
    compilation: Compilation, placed: Relation, scope: tuple[str, ...], row: list[str], rule: nodes.Rule
) -> Relation:
    """Return where each row stands in its total: of a shared row, where its last payee does. A goal is
    reached by the turn of one payee, so there each turn stands by itself."""
    source = From(placed)
    turn = source.num("turn")
    if ENDS_STEP in placed:
        step = [name for name in STEP if name in placed]
        for name in (*row, *step, *scope, PLACE):
            source.columns[name] = source[name]
        source.columns["turn"] = source[STEP_TURN]
        source.keep(source.expr(ENDS_STEP))
        comment = f"rule {rule.name}: where its total stands with each step"
        return compilation.add(f"{rule.name}_stands", comment, source, rule=rule)
    if IS_OWN in placed:
        source.keep(source.expr(IS_OWN))
    row = [*row, "turn"] if rule.goals and not is_literal(turn) else row
    for name in (*row, *scope, PLACE):
        source.columns[name] = source[name]
    comment = f"rule {rule.name}: where each row stands in its total"
    if is_literal(turn) or rule.goals:
        return compilation.add(f"{rule.name}_stands", comment, source, rule=rule)
    back = over(
        "row_number",
        [],
        partition=[expr_of(source[name]) for name in row],
        order=[negated_integer(turn.top)],
        sort=Sort.INT,
    )
    source.columns["back"] = Number(back, 0, 10**9)
    numbered = compilation.add(f"{rule.name}_stand", comment, source, rule=rule)
    source = From(numbered)
    source.take_all(without=["back"])
    source.keep(equal(source.num("back").top, integer(1)))
    return compilation.add(f"{rule.name}_stands", comment, source, rule=rule)
