"""Code for step 7: caps and floors on what the row earns, and the factors written after them."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.engines.prepared.code import Code, NoCode, product
from rulesengine.engines.prepared.measures import place_code, scope_column
from rulesengine.engines.prepared.rates import is_one_part
from rulesengine.engines.prepared.rule_writing import Column, Writing
from rulesengine.engines.results import Part
from rulesengine.engines.spent import is_shared
from rulesengine.engines.standings import limit_names
from rulesengine.plan import nodes


def adjusters_code(version: nodes.Version, writing: Writing) -> None:
    """Write the lines that limits and later factors add to the award."""
    if all(isinstance(each, nodes.Times) for each in version.adjusters):
        return
    is_only = is_one_part(version)
    paid = "award[0].amount" if is_only else "sum((line.amount for line in award), ZERO)"
    writing.source.write(f"paid = {paid}")
    is_limited = False
    for adjuster, name in zip(version.adjusters, limit_names(version), strict=True):
        match adjuster:
            case nodes.Times():
                if is_limited:
                    _times(adjuster, writing)
            case nodes.Limit():
                is_limited = True
                _limit(adjuster, name, writing, is_only=is_only)
            case nodes.Deduct():
                raise NoCode("earnings are deducted")
            case _:
                assert_never(adjuster)


def _limit(limit: nodes.Limit, name: str, writing: Writing, *, is_only: bool) -> None:
    """Write what a limit lets through; `is_only` says that the row is paid once, and not nothing."""
    source, is_of_row = writing.source, isinstance(limit.window, nodes.PerFact)
    if limit.is_floor and not is_of_row:
        # It is settled when its window ends, on a line of its own that stands on no row.
        return
    amount = writing.reads.value(limit.amount, writing.where)
    if amount.may_be_missing:
        raise NoCode(f"{limit.text}: the amount may be missing")
    if isinstance(limit.amount, nodes.ShareOfRead):
        amount = product(amount, writing.share)
    is_known = isinstance(amount.constant, Decimal) and amount.constant >= 0
    source.write(f"bound = {amount.text if is_known else f'max({amount.text}, ZERO)'}")
    place, label = place_code(limit.keys, limit.window, (repr(name),), writing)
    before, after = "ZERO", "paid"
    if is_of_row:
        function = "floor_row" if limit.is_floor else "cap_row"
        if limit.is_floor and not is_only:
            with source.block("if not sum_of(award):"):
                source.write("raise LeftToJudge('what it earns is undone by itself')")
        source.write(f"left = {function}(paid, bound, {writing.round_off})")
    else:
        held = source.value(f"caps_of_{writing.rule.name}", writing.clamped, "where its caps stand")
        source.write(
            f"left, before_cap, after_cap = cap_window({held}, {place}, {writing.moment}, paid, bound,"
            f" {writing.round_off})"
        )
        before, after = "before_cap", "after_cap"
        if is_shared(limit.keys):
            source.write("before_cap, after_cap = told(before_cap, after_cap, bound)")
    part = Part.FLOOR if limit.is_floor else Part.CAP
    columns = {
        "window": Column(label) if label else Column(fixed=""),
        "scope": scope_column(limit.keys, writing),
        "measure_before": Column(before),
        "measure_after": Column(after),
        "measure_unit": Column(fixed=""),
        "target": Column("bound"),
        "times": Column(),
        "exact": Column("left - paid"),
        "amount": Column("left - paid"),
        "step": Column("len(award)"),
        "sequence": Column(f"count_of({part.name}, award)"),
    }
    with source.block("if left != paid:"):
        source.write(f"award.append({writing.line(part, limit.origin, columns)})")
        source.write("paid = left")


def _times(times: nodes.Times, writing: Writing) -> None:
    source, reads = writing.source, writing.reads
    factor = reads.value(times.factor, writing.where)
    if factor.may_be_missing:
        raise NoCode(f"{times.text}: the factor may be missing")
    text = product(Code("paid"), factor).text
    if times.when is not None:
        text = f"{text} if {reads.holds(times.when, writing.where)} else paid"
    source.write(f"left = {writing.round_off}({text})" if times.when is None else f"left = {text}")
    if times.when is not None:
        source.write(f"left = {writing.round_off}(left)")
    columns = {
        "window": Column(fixed=""),
        "scope": Column(fixed=""),
        "measure_before": Column(),
        "measure_after": Column(),
        "measure_unit": Column(fixed=""),
        "target": Column(),
        "base": Column("paid"),
        "base_of": Column(fixed="what the limit left"),
        "times": Column(factor.text),
        "exact": Column(f"multiply(paid, subtract({factor.text}, ONE))"),
        "amount": Column("left - paid"),
        "step": Column("len(award)"),
        "sequence": Column("count_of(TIMES, award)"),
    }
    with source.block("if left != paid:"):
        source.write(f"award.append({writing.line(Part.TIMES, times.origin, columns)})")
        source.write("paid = left")
