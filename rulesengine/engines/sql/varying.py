"""A cap whose amount may differ from row to row of one scope: what it lets through, row by row.

What is paid in all never exceeds what was earned under the limit, nor falls below nothing, even where the
amount has moved in between (engines/reference/held.py). So each row needs what was paid before it: the
rows of a scope are carried one after the other, all scopes at once.
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    compared,
    equal,
    integer,
    is_null,
    over,
)
from rulesengine.engines.sql.look_up_limits import Slot
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.values import (
    Number,
    absolute,
    add,
    at_scale,
    expr_of,
    fitted,
    larger,
    negate,
    number,
    pick,
    rounded,
    smaller,
    subtract,
)
from rulesengine.plan import nodes

NTH = "nth"


def capped(total: Number, amount: Number) -> Number:
    """Return what may be paid of a total under a cap, which mirrors below zero."""
    bounded = smaller(absolute(total), amount)
    return pick([(compared(total.top, "<", integer(0)), negate(bounded))], bounded)


def held_in_turn(
    compilation: Compilation, asked: Relation, slot: Slot, rule: nodes.Rule, order: list[Expr], rows: int
) -> From:
    """Return the awards with `before`, `after` and `left` of a slot.

    Args:
        asked: awards with `paid`, what they ask for.
        order: what they are in order by.
        rows: how many there are at most.
    """
    source = From(asked)
    source.take_all()
    scope = [name for name in slot.scope if not is_literal(asked.columns[name])]
    place = over("row_number", [], partition=[source.key(name) for name in scope], order=order, sort=Sort.INT)
    source.columns[slot.column(NTH)] = Number(place, 0, 10**15)
    comment = f"rule {rule.name}: the rows under {slot.limit.text}, in order"
    numbered = compilation.add(f"{rule.name}_nth_{slot.index}", comment, source, rule=rule, is_kept=True)
    turns = _Turns(slot, rule, scope, source.num("paid"), rows)
    first = From(numbered)
    first.keep(equal(first.num(slot.column(NTH)).top, integer(1)))
    turns.carry(first, first, number(0), number(0))

    def step(found: Relation) -> From:
        before = From(found)
        row = before.join_on(numbered, is_left=False)
        tests = [equal(row.key(name), expr_of(before[name])) for name in scope]
        next_one = Call("+", (before.num("nth").top, integer(1)), Sort.INT)
        tests.append(equal(row.num(slot.column(NTH)).top, next_one))
        before.close(row, all_of(tests), is_left=False)
        turns.carry(before, row, before.num("after"), before.num("paid"))
        return before

    comment = f"rule {rule.name}: {slot.limit.text}, row by row"
    carried = compilation.add_recursion(f"{rule.name}_turns_{slot.index}", comment, first, step, rule=rule)
    source = From(numbered)
    on = {name: source.key(name) for name in scope} | {NTH: source.num(slot.column(NTH)).top}
    turn = source.join(carried, on, is_left=False)
    source.take_all(without=[slot.column(NTH)])
    for name in ("before", "after", "left"):
        source.columns[slot.column(name)] = turn[name]
    return source


class _Turns:
    """What is carried from row to row of a scope, in numbers of one scale and width."""

    def __init__(self, slot: Slot, rule: nodes.Rule, scope: list[str], asked: Number, rows: int) -> None:
        self.slot, self.rule, self.scope = slot, rule, scope
        self.scale = max(asked.scale, number(rule.rounding.step).scale)
        self.most = at_scale(asked, self.scale).most * max(rows, 1)

    def carry(self, source: From, row: From | Joined, total: Number, paid: Number) -> None:
        """Set the columns of the row that comes next, given the total and what was paid before it."""
        asked, amount = row.num("paid"), row.num(self.slot.column("amount"))
        after = add(total, asked)
        rounding = self.rule.rounding
        was, now = (rounded(capped(each, amount), rounding.step, rounding.mode) for each in (total, after))
        through = add(paid, subtract(now, was))
        zero = number(0)
        least, most = smaller(after, zero), larger(after, zero)
        held = smaller(larger(through, least), most)
        # A version without the limit pays all, and it counts.
        now_paid = pick([(is_null(amount.top), add(paid, asked))], held)
        for name in self.scope:
            source.columns[name] = row[name]
        source.columns |= {
            NTH: row[self.slot.column(NTH)],
            "before": self._alike(total),
            "after": self._alike(after),
            "left": self._alike(subtract(now_paid, paid)),
            "paid": self._alike(now_paid),
        }

    def _alike(self, value: Number) -> Number:
        raised = at_scale(value, self.scale)
        return Number(fitted(raised.top, self.most), self.scale, self.most)
