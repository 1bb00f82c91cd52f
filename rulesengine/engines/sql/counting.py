"""Step 3b, count out: what of a row's quantity counts, above a bound or in packages.

The quantity runs over a row and the rows that undo it: a row has what is counted of the sum with it, less
what is counted of the sum without it (engines/reference/count_out.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.earned_rows import undoes_lines
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    chosen,
    compared,
    first_given,
    integer,
    is_given,
    joined,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.price import Counting, PricedPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import in_order
from rulesengine.engines.sql.shown import shown
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    absolute,
    add,
    divide,
    fitted,
    larger,
    multiply,
    negate,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.model.rounding import RoundingMode
from rulesengine.model.types import MoneyType, NumberType
from rulesengine.plan import nodes

ALONG = ("row.root", "payee_kind", "payee")
"""What makes the sum of a row and of the rows that undo it, for each payee."""


def count_out(compilation: Compilation, items: Items) -> Items:
    """Return the items with the quantity of each part that counts in a way of its own.

    Parts that are paid of the measure stay as they are: they are counted band by band.
    """
    counted = {
        priced.counting.place: priced.counting
        for version in items.versions
        for band in version.bands
        for priced in band
        if priced.counting is not None and not priced.of_measure
    }
    if not counted:
        return items
    rule = items.rule
    relation = items.relation
    if undoes_lines(compilation, rule):
        relation = _along(compilation, relation, list(counted.values()), rule)
    source = From(relation)
    source.take_all()
    for how in counted.values():
        if how.after in relation:
            source.columns[how.before] = _before(source.num(how.after), source)
        else:
            source.columns[how.before], source.columns[how.after] = number(0), source.num(how.brings)
    comment = f"rule {rule.name}: between which sums each quantity counts"
    relation = compilation.add(f"{rule.name}_between", comment, source, rule=rule)
    source = From(relation)
    source.take_all()
    for how in counted.values():
        quantity = quantity_moved(how, source, source.num(how.before), source.num(how.after))
        if "share" in relation:
            quantity = multiply(quantity, source.num("share"))
        if how.quantity in relation:
            quantity = pick([(is_given(source.num(how.brings).top), quantity)], source.num(how.quantity))
        source.columns[how.quantity] = quantity
    comment = f"rule {rule.name}: what counts of each row, above a bound or in packages"
    return replace(items, relation=compilation.add(f"{rule.name}_counted", comment, source, rule=rule))


def quantity_moved(how: Counting, source: From, before: Number, after: Number) -> Number:
    """Return what a row has of a counted quantity."""
    return subtract(_counted(how, source, after), _counted(how, source, before))


def _counted(how: Counting, source: From, total: Number) -> Number:
    """Return what counts of a sum: the packages, or what lies above the bound; mirrored below zero."""
    size = absolute(total)
    if how.above:
        size = larger(subtract(size, larger(source.num(how.above), number(0))), number(0))
    if how.package:
        packages = divide(size, source.num(how.package))
        full, started = (rounded(packages, Decimal(1), mode) for mode in (RoundingMode.DOWN, RoundingMode.UP))
        size = pick([(source.expr(how.full), full)], started)
    return pick([(compared(total.top, "<", integer(0)), negate(size))], size)


def words(how: Counting, source: From, before: Number, after: Number) -> Expr:
    """Return what is counted, before and after a row: `15 → 18 in packages of 10`."""
    unit = MoneyType(how.unit) if how.unit else NumberType()
    pieces: list[Expr | str] = [shown(before, unit), " → ", shown(after, unit)]
    if how.package:
        word = chosen([(source.expr(how.full), text("full"))], text("started"))
        pieces += [" in ", word, " packages of ", shown(source.num(how.package), unit)]
    if how.above:
        pieces += [" above ", shown(source.num(how.above), unit)]
    return joined(pieces)


def counted_columns(priced: PricedPart, source: From, before: Number, after: Number) -> dict[str, Value]:
    """Return the columns of a line that say how its quantity counts."""
    how = priced.counting
    assert how is not None
    columns: dict[str, Value] = {"counted_before": before, "counted_after": after}
    columns["counted_unit"] = Plain(text(how.unit))
    if how.above:
        columns["counted_above"] = source[how.above]
    if how.package:
        columns["package"], columns["package_full"] = source[how.package], source[how.full]
    return columns


def nothing_moved(parts: Iterable[PricedPart], source: From) -> Expr | None:
    """Return the words for parts of a row that count in a way of their own and come to nothing; None if no
    part does."""
    found = []
    for priced in parts:
        how = priced.counting
        if how is not None and not priced.of_measure:
            found.append(words(how, source, source.num(how.before), source.num(how.after)))
    return counted_words(found) if found else None


def counted_words(found: list[Expr]) -> Expr:
    """Return the words for what is counted, and is neither more nor less with the row."""
    pieces = [piece for each in found for piece in ("; ", joined([each, ", no more and no less is paid"]))]
    return joined(pieces[1:])


def _along(
    compilation: Compilation, relation: Relation, counted: list[Counting], rule: nodes.Rule
) -> Relation:
    """Return the items with the sum of each quantity over a row and the rows that undo it.

    What is undone of a quantity is never more than there was: after the row itself, the sum does not go
    past zero. Such a sum is S - min(0, least S so far), with S what is added up without that stop.
    """
    for how in counted:
        relation = over_common_bottom(compilation, relation, how.brings, ALONG, rule)
    source = From(relation)
    source.take_all()
    undoes = source.expr("row.undoes")
    for how in counted:
        brings = source.num(how.brings)
        source.columns[how.sum] = _running("sum", brings, source, 10_000)
        own = Number(
            chosen([(negated(undoes), brings.top)], null(brings.top.sort)), brings.scale, brings.most
        )
        source.columns[how.whole] = _running("max", own, source)
    comment = f"rule {rule.name}: what each row and those that undo it bring together"
    source = From(compilation.add(f"{rule.name}_summed", comment, source, rule=rule))
    source.take_all()
    for how in counted:
        whole, total = source.num(how.whole), source.num(how.sum)
        above = compared(whole.top, ">", integer(0))
        later = all_of([source.expr("row.undoes"), is_given(whole.top)])
        for name, test, function in (
            (how.low, all_of([later, above]), "min"),
            (how.high, all_of([later, negated(above)]), "max"),
        ):
            kept = chosen([(test, total.top)], null(total.top.sort))
            end = Number(kept, total.scale, total.most, total.bottom, total.bottom_most)
            source.columns[name] = _running(function, end, source)
    comment = f"rule {rule.name}: where these sums would go past zero"
    source = From(compilation.add(f"{rule.name}_past_zero", comment, source, rule=rule))
    source.take_all(without=[name for how in counted for name in (how.whole, how.sum, how.low, how.high)])
    for how in counted:
        total, nothing = source.num(how.sum), integer(0)
        low, high = (first_given([source.num(name).top, nothing]) for name in (how.low, how.high))
        # All of them have the denominator of the whole sum.
        past = add(
            replace(total, top=Call("least", (low, nothing), total.top.sort)),
            replace(total, top=Call("greatest", (high, nothing), total.top.sort)),
        )
        source.columns[how.after] = subtract(total, past)
    comment = f"rule {rule.name}: the same, stopped at zero"
    return compilation.add(f"{rule.name}_along", comment, source, rule=rule)


def _running(name: str, value: Number, source: From, rows: int = 1) -> Number:
    most = value.most * rows
    top = over(
        name,
        [value.top],
        partition=_partition(source),
        order=in_order(source),
        is_running=True,
        sort=fitted(null(Sort.INT), most).sort,
    )
    return Number(top, value.scale, most, value.bottom, value.bottom_most)


def _before(value: Number, source: From) -> Number:
    """Return the value of the row before, 0 for the first."""
    earlier = over(
        "lag", [value.top], partition=_partition(source), order=in_order(source), sort=value.top.sort
    )
    return replace(value, top=first_given([earlier, integer(0)]))


def _partition(source: From) -> list[Expr]:
    return [source.expr(name) for name in ALONG]
