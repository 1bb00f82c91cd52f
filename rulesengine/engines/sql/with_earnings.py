"""Step 3a: what other rules earned on the same row, added to a base or taken off it."""

from __future__ import annotations

from collections.abc import Callable

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Expr,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    joined,
    text,
)
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import said
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    divide,
    expr_of,
    fitted,
    multiply,
    negate,
    number,
    otherwise,
    pick,
)
from rulesengine.model.change import replace
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import OfEarnings

Settled = Callable[[str], Relation]
"""The drafts of a rule after `choose` and `budget`, before clawbacks and parts."""

LINES_OF_A_ROW = 10_000
"""No row has more lines than this under one rule, which bounds their sum."""


def with_earnings(compilation: Compilation, items: Items, settled: Settled) -> Items:
    """Return the items with the bases that other rules' earnings are added to or taken off."""
    parts = [
        (version, priced)
        for version in items.versions
        for band in version.bands
        for priced in band
        if priced.earnings
    ]
    if not parts:
        return items
    rule = items.rule
    source = From(items.relation)
    source.take_all()
    for version, priced in parts:
        base, words = _worked_out(priced, source, compilation, rule, settled)
        if len(items.versions) > 1:
            # Versions share the columns of their parts; the pay of another may take nothing off.
            here = equal(source.num("version").top, integer(version.index))
            so_far = source.columns[priced.quantity]
            assert isinstance(so_far, Number)
            base = pick([(here, base)], so_far)
            words = chosen([(here, words)], expr_of(source.columns.get(priced.how, Plain(text("")))))
        source.columns[priced.quantity], source.columns[priced.how] = base, Plain(words)
    comment = f"rule {rule.name}: with what other rules earned on the row"
    relation = compilation.add(f"{rule.name}_with_earnings", comment, source, rule=rule)
    return replace(items, relation=relation)


def _worked_out(
    priced: PricedPart, source: From, compilation: Compilation, rule: nodes.Rule, settled: Settled
) -> tuple[Number, Expr]:
    """Return the base with the earnings, and how it was worked out."""
    money = MoneyType(rule.currency)
    base = source.num(priced.quantity)
    share = source.num("share") if "share" in source.relation else None
    if priced.how in source.relation:
        how = source.expr(priced.how)
        words = first_given([joined(["(", how, ")"]), said(_whole(base, share), money)])
    else:
        words = said(_whole(base, share), money)
    for earnings in priced.earnings:
        part = earned_on_row(source, compilation, earnings, settled)
        if share is not None and not earnings.is_own:
            part = multiply(part, share)
        change = negate(part) if earnings.is_less else part
        base = add(base, change)
        zero = integer(0)
        is_more = [compared(change.top, ">", zero)]
        if not earnings.is_less:
            is_more.append(compared(change.top, "=", zero))
        sign = chosen([(any_of(is_more), text(" + "))], text(" − "))
        shown = said(absolute(_whole(change, share)), money)
        words = joined([words, sign, shown, f" earned by {earnings.rule}"])
    return base, words


def earned_on_row(source: From, compilation: Compilation, earnings: OfEarnings, settled: Settled) -> Number:
    """Return what a rule earned on the row: for the payee, or all payees' sum."""
    made = ("earned on rows", earnings.rule, earnings.is_own)
    if made not in compilation.relations:
        compilation.relations[made] = _on_rows(compilation, earnings, settled(earnings.rule))
    found = compilation.relations[made]
    keys = ("fact_id", "payee_kind", "payee") if earnings.is_own else ("fact_id",)
    joined_ = source.join(found, {key: source.expr(key) for key in keys})
    return otherwise(joined_.num("earned"), number(0))


def _on_rows(compilation: Compilation, earnings: OfEarnings, drafts: Relation) -> Relation:
    """Return what a rule earned row by row: all its lines that stand on a row, whatever part they are."""
    source = From(drafts)
    amount = source.num("amount")
    keys = ("fact_id", "payee_kind", "payee") if earnings.is_own else ("fact_id",)
    for key in keys:
        source.columns[key] = source[key]
    most = amount.most * LINES_OF_A_ROW
    total = Aggregate("sum", (amount.top,), (), fitted(integer(0), most).sort)
    source.columns["earned"] = Number(total, amount.scale, most)
    groups = [source.expr(key) for key in keys]
    name = f"{earnings.rule}_on_rows{'_by_payee' if earnings.is_own else ''}"
    comment = f"rule {earnings.rule}: what it earned on each row"
    return compilation.add(name, comment, source, group_by=groups)


def _whole(part: Number, share: Number | None) -> Number:
    """Return what a payee's share is of, as bases are shown before it."""
    if share is None:
        return part
    is_none = compared(share.top, "=", integer(0))
    return pick([(is_none, part)], divide(part, share))
