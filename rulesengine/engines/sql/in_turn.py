"""`remainder to in_turn`: what is left over of a row goes to whoever has waited longest for such a step.

Who is next depends on who got something before, so the rows of which something is left over are carried one
after the other. What is carried is a list: everybody who ever had something, the last one last. A row that
undoes another goes by the order that that one had, and gives nobody a turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    ZERO,
    Aggregate,
    Call,
    Cast,
    Expr,
    Literal,
    Sort,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    over,
)
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.plan import nodes

MOST = 10**9
_WHO = "who"


def with_turns(compilation: Compilation, cut: Relation, group: Sequence[str], rule: nodes.Rule) -> Relation:
    """Return the drafts with `rank`, from 0: whose turn it is to get a step of what is `missing`.

    Args:
        cut: drafts with `missing` in steps, `steps`, and `is_first`, true for one draft of each payee and
            whole.
        group: the columns that make a whole.
    """
    turns = _Turns(compilation, rule, [name for name in group if not is_literal(cut.columns[name])])
    source = From(cut)
    source.take_all()
    source.columns[_WHO] = Plain(joined([source.expr("payee_kind"), "\x1f", source.expr("payee")]))
    named = turns.add("in_turn", "who gets what is left over", source)
    wholes, rows = turns.wholes(named), turns.rows(named)
    carried = turns.carried(turns.events(wholes, rows, named))
    return turns.ranked(named, wholes, carried, turns.last(carried))


def carried_turns(compilation: Compilation, rule: nodes.Rule, events: Relation) -> Relation:
    """Return for each event, by its `fact_id`, the `turn` in which its payees get something.

    Args:
        events: `nth`, from 1; `payees` in the order in which those come who never had anything, and the
            `members` among them that something is left over for; `steps`, how much of it.
    """
    return _Turns(compilation, rule, []).carried(events, "award_turn_carried")


class _Turns:
    def __init__(self, compilation: Compilation, rule: nodes.Rule, group: list[str]) -> None:
        self.compilation, self.rule, self.group = compilation, rule, group

    def add(self, name: str, words: str, source: From, groups: Sequence[Expr] = ()) -> Relation:
        """Add a stage of the rule."""
        comment = f"rule {self.rule.name}: {words}"
        name = f"{self.rule.name}_{name}"
        return self.compilation.add(name, comment, source, rule=self.rule, group_by=groups)

    def wholes(self, named: Relation) -> Relation:
        """Return each whole once, with its payees in the order of their places, `members`."""
        source = From(named)
        source.keep(source.expr("is_first"))
        keys = {name: source[name] for name in self.group}
        place = source.num("place").top
        steps = source.num("steps")
        source.columns |= keys
        source.columns["members"] = Plain(_listed(source.expr(_WHO), place))
        source.columns["steps"] = Number(Aggregate("max", (steps.top,), (), steps.top.sort), 0, steps.most)
        payee = Aggregate("min", (source.expr(_WHO),), (), Sort.TEXT)
        source.columns["first_payee"] = Plain(payee)
        position = source.num("position")
        first = Aggregate("min", (position.top,), (), position.top.sort)
        source.columns["first_position"] = Number(first, 0, position.most)
        return self.add("in_turn_wholes", "the payees of each whole", source, _exprs(keys.values()))

    def rows(self, named: Relation) -> Relation:
        """Return each row once, with its payees in the order of their places, `payees`."""
        source = From(named)
        source.keep(source.expr("is_first"))
        names = [
            name
            for name in ("fact_id", "row.root", "row.undoes", "earned_on", "row.order_by")
            if name in named
        ]
        keys = {name: source[name] for name in names}
        payee, place = source.expr(_WHO), source.num("place").top
        source.columns |= {**keys, _WHO: source[_WHO]}
        first = Aggregate("min", (place,), (), Sort.INT)
        source.columns["place"] = Number(first, 0, MOST)
        groups = [*_exprs(keys.values()), payee]
        each = self.add("in_turn_payees", "the payees of each row, each once", source, groups)
        source = From(each)
        source.columns |= {name: source[name] for name in names}
        source.columns["payees"] = Plain(_listed(source.expr(_WHO), source.num("place").top))
        keys = {name: source[name] for name in names}
        return self.add("in_turn_rows", "the payees of each row", source, _exprs(keys.values()))

    def events(self, wholes: Relation, rows: Relation, named: Relation) -> Relation:
        """Return the wholes that something is left over of, and those of rows that are undone, in order."""
        source = From(wholes)
        row = source.join(rows, {"fact_id": source.expr("fact_id")}, is_left=False)
        undone = From(named)
        undone.keep(undone.expr("row.undoes"))
        undone.columns["row.root"] = undone["row.root"]
        asked = self.add("in_turn_undone", "rows that are undone", undone, [undone.expr("row.root")])
        again = source.join(asked, {"row.root": source.expr("fact_id")})
        source.take_all()
        source.columns["payees"] = row["payees"]
        source.keep(negated(row.expr("row.undoes")))
        is_asked = is_given(again.expr("row.root"))
        source.keep(any_of([compared(source.num("steps").top, ">", ZERO), is_asked]))
        ordered = [row[name] for name in ("earned_on", "row.order_by") if name in rows]
        ordered += [source["fact_id"], source["first_payee"], source["first_position"]]
        order = _exprs([each for each in ordered if not is_literal(each)])
        source.columns["nth"] = Number(
            over("row_number", [], partition=[], order=order, sort=Sort.INT), 0, MOST
        )
        comment = f"rule {self.rule.name}: the rows that something is left over of, in order"
        name = f"{self.rule.name}_in_turn_events"
        return self.compilation.add(name, comment, source, rule=self.rule, is_kept=True)

    def carried(self, events: Relation, stage: str = "in_turn_carried") -> Relation:
        """Return for each event `had`, who had something before its row, in order; `turn`, in which order
        the payees of the row get something; and `favoured`, who got something of it so far."""
        first = From(events)
        first.keep(equal(first.num("nth").top, integer(1)))
        self._carry(first, first, _none(), _none(), _turn(first.expr("payees"), _none()))

        def step(found: Relation) -> From:
            before = From(found)
            event = before.join_on(events, is_left=False)
            following = Call("+", (before.num("nth").top, integer(1)), Sort.INT)
            before.close(event, equal(event.num("nth").top, following), is_left=False)
            is_new = compared(event.expr("fact_id"), "<>", before.expr("fact_id"))
            had, favoured = before.expr("had"), before.expr("favoured")
            after = chosen([(is_new, _moved_behind(had, favoured))], had)
            so_far = chosen([(is_new, _none())], favoured)
            turn = chosen([(is_new, _turn(event.expr("payees"), after))], before.expr("turn"))
            self._carry(before, event, after, so_far, turn)
            return before

        comment = f"rule {self.rule.name}: whose turn it is, row by row"
        name = f"{self.rule.name}_{stage}"
        return self.compilation.add_recursion(name, comment, first, step, rule=self.rule)

    @staticmethod
    def _carry(source: From, event: From | Joined, had: Expr, favoured: Expr, turn: Expr) -> None:
        gets = Call("first of", (_inside(turn, event.expr("members")), event.num("steps").top), Sort.TEXTS)
        source.columns = {
            "nth": event["nth"],
            "fact_id": event["fact_id"],
            "had": Plain(had),
            "turn": Plain(turn),
            "favoured": Plain(_put(favoured, _outside(gets, favoured))),
        }

    def last(self, carried: Relation) -> Relation:
        """Return who had something in the end, in one row; none where nobody had."""
        source = From(carried)
        nth = source.num("nth").top
        source.columns["back"] = Number(
            over("row_number", [], partition=[], order=[Call("negate", (nth,), Sort.INT)], sort=Sort.INT),
            0,
            MOST,
        )
        source.columns["had"] = Plain(_moved_behind(source.expr("had"), source.expr("favoured")))
        source = From(self.add("in_turn_ends", "who had something after each row", source))
        source.keep(equal(source.num("back").top, integer(1)))
        source.take_all()
        return self.add("in_turn_last", "who had something in the end", source)

    def ranked(self, named: Relation, wholes: Relation, carried: Relation, last: Relation) -> Relation:
        """Return the drafts with their ranks."""
        once = From(carried)
        once.columns = {"fact_id": once["fact_id"], "turn": once["turn"]}
        fact, turn = once.expr("fact_id"), once.expr("turn")
        by_row = self.add("in_turn_by_row", "the order that the payees of each row had", once, [fact, turn])
        source = From(named)
        whole = source.join(wholes, {name: _exprs([source[name]])[0] for name in self.group}, is_left=False)
        row = source.join(by_row, {"fact_id": source.expr("row.root")})
        end = source.join(last, {"back": integer(1)})
        members = whole.expr("members")
        had = first_given([end.expr("had"), _none()])
        turn = chosen([(is_null(row.expr("turn")), _turn(members, had))], row.expr("turn"))
        place = Call("place in", (_inside(turn, members), source.expr(_WHO)), Sort.INT)
        source.take_all(without=[_WHO])
        found = Call("-", (place, integer(1)), Sort.INT)
        is_out = compared(first_given([place, ZERO]), "<=", ZERO)
        source.columns["rank"] = Number(chosen([(is_out, integer(MOST))], found), 0, MOST)
        return self.add("in_turn_ranked", "whose turn it is", source)


# --- lists ---------------------------------------------------------------------------------------


def _none() -> Expr:
    return Cast(Call("list", (), Sort.TEXTS), Sort.TEXTS)


def _listed(value: Expr, order: Expr) -> Expr:
    return Aggregate("list", (value,), (order,), Sort.TEXTS)


def _inside(values: Expr, others: Expr) -> Expr:
    """Return the values that are among others, in their own order."""
    return Call("among", (values, others), Sort.TEXTS)


def _outside(values: Expr, others: Expr) -> Expr:
    return Call("not among", (values, others), Sort.TEXTS)


def _put(one: Expr, other: Expr) -> Expr:
    return Call("lists joined", (one, other), Sort.TEXTS)


def _moved_behind(had: Expr, favoured: Expr) -> Expr:
    """Return who had something, with those behind who just got something."""
    return _put(_outside(had, favoured), favoured)


def _turn(payees: Expr, had: Expr) -> Expr:
    """Return payees with those first who never had something, then by how long ago they had."""
    return _put(_outside(payees, had), _inside(had, payees))


def _exprs(values: Iterable[Value]) -> list[Expr]:
    found = [value.expr if isinstance(value, Plain) else value.top for value in values]
    return [each for each in found if not isinstance(each, Literal)]
