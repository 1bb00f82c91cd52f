"""Step 6 where credit is shared: a row's pay is rounded as a whole and cut into its payees' parts.

Every part is cut down to a whole number of steps; what is then missing to the rounded whole goes a step
each where `remainder to` says (engines/reference/share_out.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    negated,
    over,
    text,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.in_turn import with_turns
from rulesengine.engines.sql.most import most_payees
from rulesengine.engines.sql.rate import PART_OF_PAY
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import round_drafts
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    compare,
    divide,
    is_zero,
    multiply,
    negate,
    negated_integer,
    no_number,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.model.rounding import Remainder, RoundingMode, RoundingPlace
from rulesengine.plan import nodes

OF_ROW = (Part.BASE.value, Part.BAND.value)
"""Parts of lines that are parts of a row's pay; all others are each payee's own."""
MOST_PARTS_OF_PAY = 10_000
"""Drafts of one row and payee."""


def round_shared(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_single: bool
) -> Relation:
    """Return the drafts with their amounts; those of shared rows add up to the row's rounded pay."""
    remainders = {version.remainder for version in rule.versions if version.remainder is not None}
    if rule.rank is not None:
        remainders = set()  # places are no parts of a row's pay
    # A rule that only pays once has none either.
    remainders = {each for each in remainders if _is_shared(From(drafts), rule, each) != FALSE}
    parts = [_cut(compilation, drafts, rule, remainder) for remainder in sorted(remainders)]
    if not parts:
        return round_drafts(compilation, drafts, rule, is_single=is_single)
    others = From(drafts)
    is_other = negated(any_of(_is_shared(others, rule, remainder) for remainder in remainders))
    if is_other != FALSE:
        others.take_all()
        others.keep(is_other)
        comment = f"rule {rule.name}: what is each payee's own"
        own = compilation.add(f"{rule.name}_own", comment, others, rule=rule)
        rounded_own = From(round_drafts(compilation, own, rule, is_single=is_single))
        rounded_own.take_all()
        parts.append(rounded_own)
    return compilation.add_union(f"{rule.name}_shared_out", _comment(rule), parts, rule=rule)


def _comment(rule: nodes.Rule) -> str:
    return f"rule {rule.name}: rounded {rule.rounding}"


def _is_shared(source: From, rule: nodes.Rule, remainder: Remainder) -> Expr:
    """Return whether a draft is part of a row's pay that is cut, in versions with a remainder."""
    part = source.expr("part")
    tests = [any_of(_same(part, each) for each in OF_ROW)]
    if any(version.remainder is not remainder for version in rule.versions):
        index = source.num("version").top
        among = [each for each, version in enumerate(rule.versions) if version.remainder is remainder]
        tests.append(any_of(equal(index, integer(each)) for each in among))
    return all_of(tests)


def _same(part: Expr, word: str) -> Expr:
    literal = text(word)
    if type(part) is type(literal):
        return TRUE if part == literal else FALSE
    return equal(part, literal)


@dataclass(frozen=True, slots=True)
class _Places:
    """What makes drafts parts of one whole, and which of them are a payee's."""

    group: list[Expr]
    payee: list[Expr]


def _group(relation: Relation, rule: nodes.Rule) -> list[str]:
    # Parts that add and parts that take are no parts of one whole.
    group = [name for name in ("fact_id", "line", "is_below") if name in relation]
    if rule.rounding.place is RoundingPlace.FACT:
        return group
    return [*group, PART_OF_PAY if PART_OF_PAY in relation else "position"]


def _places(source: From, rule: nodes.Rule) -> _Places:
    group = [source.key(name) for name in _group(source.relation, rule)]
    return _Places(group, [*group, source.key("payee_kind"), source.key("payee")])


def _cut(compilation: Compilation, drafts: Relation, rule: nodes.Rule, to: Remainder) -> From:
    """Return the drafts of shared rows with their parts of the rounded whole."""
    if to is Remainder.IN_TURN and any(version.remainder is not to for version in rule.versions):
        raise unsupported("`remainder to in_turn` beside another", rule.origin, rule.name)
    if to is Remainder.IN_TURN and isinstance(rule.source, nodes.EarningsSource):
        raise unsupported("`remainder to in_turn` of lines", rule.origin, rule.name)
    suffix = f"_{to.value}" if len({version.remainder for version in rule.versions}) > 1 else ""
    whole = _wholes(compilation, drafts, rule, to, suffix)
    ranked = _ranked(compilation, whole, rule, to, suffix)
    if to is Remainder.IN_TURN:
        ranked = with_turns(compilation, _in_steps(compilation, ranked, rule), _group(ranked, rule), rule)
    source = From(ranked)
    step = number(rule.rounding.step)
    missing = source.num("missing")
    part = source.num("part_of_payee")
    if to is not Remainder.NOBODY:
        gets = compare(multiply(source.num("rank"), step), "<", absolute(missing))
        signed = pick([(source.expr("is_below"), negate(step))], step)
        part = add(part, pick([(gets, signed)], number(0)))
    left_over = missing if to is Remainder.NOBODY else number(0)
    source.take_all(
        without=["is_below", "of_payee", "part_of_payee", "missing", "steps", "rank", "is_first", "is_last"]
    )
    source.columns["shared"] = source["shared"]
    if rule.rounding.place is RoundingPlace.FACT:
        # Of several parts of the pay: no line can be redone from the whole.
        source.columns["shared"] = pick([(is_zero(left_over), no_number())], source.num("shared"))
        source.columns["amount"] = _fitted(source, part, rule)
    else:
        source.columns["amount"] = part
    source.columns["left_over"] = left_over
    return source


def _fitted(source: From, part: Number, rule: nodes.Rule) -> Number:
    """Return the amounts of a payee's drafts: rounded sums so far, the last one meets the payee's part."""
    rounding = rule.rounding
    after = source.num("so_far")
    before = rounded(subtract(after, source.num("exact")), rounding.step, rounding.mode)
    upto = pick([(source.expr("is_last"), part)], rounded(after, rounding.step, rounding.mode))
    source.columns.pop("so_far", None)
    return subtract(upto, before)


def _wholes(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, to: Remainder, suffix: str
) -> Relation:
    """Return the drafts with the sum of each payee's, in the order of the parts of the pay."""
    source = From(drafts)
    source.take_all()
    source.keep(_is_shared(source, rule, to))
    source.columns["is_below"] = Plain(compared(source.num("exact").top, "<", integer(0)))
    signed = compilation.add(
        f"{rule.name}_shared{suffix}", f"rule {rule.name}: shared pay", source, rule=rule
    )
    of_payee = [*_group(signed, rule), "payee_kind", "payee"]
    if rule.rounding.place is RoundingPlace.FACT:
        signed = over_common_bottom(compilation, signed, "exact", of_payee, rule)
    source = From(signed)
    source.take_all()
    exact = source.num("exact")
    places = _places(source, rule)
    is_first: Expr = TRUE
    is_last: Expr = TRUE
    if rule.rounding.place is RoundingPlace.FACT:
        position = source.num("position").top
        back = negated_integer(position)
        is_first, is_last = (
            equal(_row_number(places.payee, [order]), integer(1)) for order in (position, back)
        )
        source.columns["of_payee"] = sum_over(exact, places.payee, MOST_PARTS_OF_PAY)
        source.columns["so_far"] = sum_over(exact, places.payee, MOST_PARTS_OF_PAY, [position])
    else:
        source.columns["of_payee"] = exact
    source.columns["is_first"], source.columns["is_last"] = Plain(is_first), Plain(is_last)
    comment = f"rule {rule.name}: what each payee of a row has of its pay"
    return compilation.add(f"{rule.name}_wholes{suffix}", comment, source, rule=rule)


def _ranked(
    compilation: Compilation, whole: Relation, rule: nodes.Rule, to: Remainder, suffix: str
) -> Relation:
    """Return the drafts with the rounded whole, `shared`; each payee's part cut down to steps; what is
    `missing` to the whole; and whose turn it is to get a step of it, `rank`."""
    rounding = rule.rounding
    whole = over_common_bottom(compilation, whole, "of_payee", _group(whole, rule), rule)
    if to is Remainder.LARGEST_SHARE:
        whole = over_common_bottom(compilation, whole, "share_of_row", _group(whole, rule), rule)
    source = From(whole)
    source.take_all()
    places = _places(source, rule)
    of_payee = source.num("of_payee")
    is_first = source.expr("is_first")
    once = replace(of_payee, top=chosen([(is_first, of_payee.top)], integer(0)))
    rows = most_payees(compilation, rule) * MOST_PARTS_OF_PAY
    total = rounded(sum_over(once, places.group, rows), rounding.step, rounding.mode)
    part = rounded(of_payee, rounding.step, RoundingMode.DOWN)
    parts = sum_over(pick([(is_first, part)], number(0)), places.group, rows)
    source.columns["part_of_payee"] = part
    source.columns["shared"] = total
    source.columns["missing"] = subtract(total, parts)
    place = source.num("place").top
    order: list[Expr] = [place]
    match to:
        case Remainder.LAST:
            order = [negated_integer(place)]
        case Remainder.LARGEST_SHARE:
            order = [negated_integer(source.num("share_of_row").top), place]
        case Remainder.LARGEST_FRACTION:
            rest = absolute(subtract(of_payee, part))
            order = [negated_integer(rest.top), place]
        case _:
            pass
    rank = over("dense_rank", [], partition=places.group, order=order, sort=Sort.INT)
    source.columns["rank"] = Number(Call("-", (rank, integer(1)), Sort.INT), 0, rows)
    comment = f"rule {rule.name}: the rounded whole of a row, and what is left over, to {to.value}"
    return compilation.add(f"{rule.name}_cut_up{suffix}", comment, source, rule=rule)


def _in_steps(compilation: Compilation, ranked: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with how many steps of the whole are missing."""
    source = From(ranked)
    source.take_all(without=["rank"])
    missing = absolute(source.num("missing"))
    steps = rounded(divide(missing, number(rule.rounding.step)), Decimal(1), RoundingMode.DOWN)
    source.columns["steps"] = steps
    comment = f"rule {rule.name}: how many steps are left over"
    return compilation.add(f"{rule.name}_left_over", comment, source, rule=rule)


def _row_number(partition: list[Expr], order: list[Expr]) -> Expr:
    return over("row_number", [], partition=partition, order=order, sort=Sort.INT)
