"""What the places of a rank pay: each its own, or equal parts of what several places pay together."""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.measures import unit_of
from rulesengine.engines.results import Part
from rulesengine.engines.sql.amounts import own_reads
from rulesengine.engines.sql.award_rows import AWARD, BUDGET
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import DUE
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    integer,
    joined,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.parts import with_left_over
from rulesengine.engines.sql.price import PricedPart, price
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    divide,
    is_zero,
    multiply,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.rounding import Remainder, RoundingMode
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Ties

OF_PLACE, OF_PARTS, OF_ENTRANT = 10**10, 10**9, 10**4
"""Positions of drafts: those of a place stand together, things before shared money, key by key."""
_OF_ITEM = ("payee_kind", "payee", "level", "version")


@dataclass(frozen=True, slots=True)
class Placed:
    """The entrants of a rank with the operands of all that its places pay."""

    relation: Relation
    rule: nodes.Rule
    parts: tuple[tuple[nodes.PlacePay, PricedPart], ...]

    @staticmethod
    def priced(judge: Reads, rule: nodes.Rule) -> Placed:
        """Return the entrants of a select with the columns of what each part of a place's pay is worth."""
        assert rule.rank is not None
        own = own_reads(judge, FALSE)
        parts = tuple(
            (pay, price(part, (index, place), judge, own, rule))
            for index, pay in enumerate(rule.rank.places)
            for place, part in enumerate(pay.pay.parts)
        )
        comment = (
            f"rule {rule.name}: what its places are worth to those who take them, on {rule.effective.end}"
        )
        name = f"{rule.name}_placed"
        return Placed(judge.compilation.add(name, comment, judge.source, rule=rule), rule, parts)

    @property
    def money(self) -> list[tuple[nodes.PlacePay, PricedPart]]:
        """The parts that are money: things cannot be divided."""
        return [(pay, part) for pay, part in self.parts if not part.prize]


def drafts_of_places(compilation: Compilation, placed: Placed) -> Relation:
    """Return what the places pay, in drafts that stand on no row and are dated the window's last day."""
    rule = placed.rule
    assert rule.rank is not None
    shares = rule.rank.ties is Ties.SHARE
    drafts = [
        _of_place(placed, pay, part, nth, shares=shares) for nth, (pay, part) in enumerate(placed.parts)
    ]
    if shares and placed.money:
        drafts.append(_shared(compilation, placed))
    if not drafts:
        source = From(placed.relation)
        source.keep(FALSE)
        _set(source, placed, number(0), number(0))
        drafts.append(source)
    comment = f"rule {rule.name}: what its places pay"
    return compilation.add_union(f"{rule.name}_drafts", comment, drafts, rule=rule)


def _set(source: From, placed: Placed, exact: Number, position: Number) -> None:
    """Set the columns of a draft that all places have."""
    rule, columns = placed.rule, source.columns
    assert rule.rank is not None
    keys = scope_columns(placed.relation)
    for name in placed.relation.columns:
        if name in (*_OF_ITEM, *keys) or name.startswith((DUE, BUDGET, AWARD)):
            columns[name] = source[name]
    columns |= {
        "fact": Plain(text("")),
        "fact_id": Plain(text("")),
        "row.root": Plain(null(Sort.TEXT)),
        "row.undoes": Plain(FALSE),
        "row.counts": number(1),
        "judged_on": Plain(day(rule.effective.end)),
        "earned_on": Plain(day(rule.effective.end)),
        "scope": source["scope_label"],
        "measure_after": source.num("after"),
        "measure_unit": Plain(text(unit_of(rule.rank.measure))),
        "exact": exact,
        "position": position,
    }


def _position(source: From, behind: int, nth: int) -> Number:
    """Return the position of a draft: by its place, then `behind` others of the place, key by key."""
    place = multiply(source.num("place.number"), number(OF_PLACE))
    entrant = multiply(source.num("place.among"), number(OF_ENTRANT))
    made = add(add(place, entrant), number(behind * OF_PARTS + nth))
    return Number(made.top, 0, 10**18)


def _of_place(placed: Placed, pay: nodes.PlacePay, part: PricedPart, nth: int, *, shares: bool) -> From:
    """Return what one part of the pay of a place pays those who take it and share it with nobody."""
    source = From(placed.relation)
    source.keep(equal(source.num("place.number").top, integer(pay.place)))
    rate, quantity = source.num(part.rate), source.num(part.quantity)
    exact = number(0) if part.prize else multiply(rate, quantity)
    _set(source, placed, exact, _position(source, 0, nth))
    columns = source.columns
    columns["part"] = Plain(text(Part.PRIZE.value if part.prize else Part.PLACE.value))
    columns["part_number"] = number(pay.place)
    columns["base_of"], columns["span"] = Plain(text(part.base_of)), Plain(text(str(pay.origin)))
    if part.prize:
        columns["prize"] = Plain(text(part.prize))
        return source
    columns["rate"], columns["base" if part.is_ratio else "units"] = rate, quantity
    source.keep(negated(is_zero(exact)))
    if shares:
        source.keep(equal(source.num("place.count").top, integer(1)))
    return source


# --- shared places -------------------------------------------------------------------------------


def _shared(compilation: Compilation, placed: Placed) -> From:
    """Return equal parts of what all the places of equal keys pay together, as it is worth to the first."""
    rule = placed.rule
    assert rule.rank is not None
    source = From(placed.relation)
    source.take_all()
    source.keep(compared(source.num("place.count").top, ">", integer(1)))
    worth = number(0)
    for pay, part in placed.money:
        exact = multiply(source.num(part.rate), source.num(part.quantity))
        worth = add(worth, pick([(_takes(source, pay), exact)], number(0)))
    whole = rounded(worth, rule.rounding.step, rule.rounding.mode)
    is_first = equal(source.num("place.among").top, integer(0))
    top = over(
        "sum",
        [chosen([(is_first, whole.top)], integer(0))],
        partition=[source.num("place.number").top],
        sort=whole.top.sort,
    )
    source.columns["place.whole"] = Number(top, whole.scale, whole.most)
    comment = f"rule {rule.name}: what the places of equal keys pay together"
    name = f"{rule.name}_shared_places"
    source = From(compilation.add(name, comment, source, rule=rule))
    whole, count = source.num("place.whole"), source.num("place.count")
    step, to = rule.rounding.step, rule.rank.remainder or Remainder.FIRST
    floor = rounded(divide(whole, count), step, RoundingMode.DOWN)
    rest = subtract(whole, multiply(floor, count))
    rest = Number(rest.top, rest.scale, max(whole.most * 10**rest.scale, 1))
    turn = source.num("place.among")
    if to is Remainder.LAST:
        turn = subtract(subtract(count, number(1)), turn)
    amount = floor if to is Remainder.NOBODY else with_left_over(floor, rest, turn, step)
    _set(source, placed, amount, _position(source, 1, 0))
    first = source.num("place.number")
    last = subtract(add(first, count), number(1))
    columns = source.columns
    columns |= {
        "part": Plain(text(Part.PLACE.value)),
        "part_number": first,
        "base_of": Plain(joined(["places ", as_text(first.top), " to ", as_text(last.top)])),
        "span": Plain(_origin(source, placed)),
        "whole": whole,
        "left_over": rest if to is Remainder.NOBODY else number(0),
    }
    source.keep(any_of(_takes(source, pay) for pay, _ in placed.money))
    source.keep(negated(is_zero(amount)))
    return source


def _takes(source: From, pay: nodes.PlacePay) -> Expr:
    """Return whether a place is one of those that equal keys take together."""
    first, count = source.num("place.number").top, source.num("place.count").top
    end = Call("+", (first, count), Sort.INT)
    return all_of([compared(first, "<=", integer(pay.place)), compared(end, ">", integer(pay.place))])


def _origin(source: From, placed: Placed) -> Expr:
    """Return where the first of these places that pays money is written."""
    return chosen([(_takes(source, pay), text(str(pay.origin))) for pay, _ in placed.money], text(""))
