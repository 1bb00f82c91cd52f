"""Why a credited row has no line: the reason, and how far it was from earning."""

from __future__ import annotations

from rulesengine.engines.bands import band_at, bounds_of, slices
from rulesengine.engines.measures import is_count, is_nothing
from rulesengine.engines.reference.accumulate import Moved
from rulesengine.engines.reference.achieve import Standing
from rulesengine.engines.reference.conditions import show
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.rate import pays_of_row
from rulesengine.engines.reference.rows import Counted, Item, Key
from rulesengine.engines.results import Outcome, Part, Reason
from rulesengine.model.exact import ZERO, Exact, absolute, subtract
from rulesengine.model.types import MoneyType, NumberType, PercentType
from rulesengine.plan import nodes


def outcome(item: Item, rule: nodes.Rule, reason: Reason, detail: str) -> Outcome:
    """Return the outcome of a credited row."""
    fact = item.row.fact
    return Outcome(
        rule=rule.name,
        payee_kind=item.payee[0],
        payee=item.payee[1],
        fact=fact.kind if fact else "",
        fact_id=fact.key if fact else "",
        dated=item.row.dated,
        reason=reason,
        detail=detail,
    )


def without_goal(
    item: Item, rule: nodes.Rule, standings: dict[Key, Standing], *, is_at_goal: bool
) -> Outcome:
    """Return why a row that counts towards goals paid nothing by itself.

    Args:
        is_at_goal: whether it reaches or loses them, and what they pay comes to nothing.
    """
    if is_at_goal:
        return outcome(item, rule, Reason.ZERO, is_nothing(item.version.rate))
    standing = standings.get(item.goal_scopes[0].keys)
    reached = standing is not None and standing.is_reached
    totals = standing.totals if standing is not None else [ZERO] * len(rule.goals)
    detail = "; ".join(
        f"{goal.text}: {_show(goal, total)} of {_show(goal, least)}"
        for goal, total, least in zip(rule.goals, totals, item.goal_least, strict=True)
    )
    reason = Reason.OTHER_ROW_REACHED if reached else Reason.GOAL_NOT_REACHED
    return outcome(item, rule, reason, detail)


def without_place(item: Item, rule: nodes.Rule) -> Outcome:
    """Return why a row that counts in a rank paid nothing by itself."""
    return outcome(item, rule, Reason.GOAL_NOT_REACHED, rule.rank.text if rule.rank else "")


def without_anybody(draft: Draft, rule: nodes.Rule) -> Outcome:
    """Return why an award went to nobody."""
    fact = draft.row.fact if draft.row else None
    to = rule.award
    of = f" by {to.by.name}" if to is not None and to.by is not None else ""
    has = "has a part" if to is not None and to.how is nodes.AwardHow.PRO_RATA else "is one of them"
    return Outcome(
        rule=rule.name,
        payee_kind=draft.payee[0],
        payee=draft.payee[1],
        fact=fact.kind if fact else "",
        fact_id=fact.key if fact else "",
        dated=draft.earned_on,
        reason=Reason.NOBODY_AWARDED,
        detail=f"{to.text if to else ''}: nobody {has}{of} on {draft.earned_on}",
    )


def without_pay(item: Item, rule: nodes.Rule, moved: Moved | None) -> Outcome:
    """Return why a row came to nothing: no band, entered already, undone already, or zero."""
    unmoved = [priced.counted for band in item.bands for priced in band if priced.counted is not None]
    if unmoved:
        detail = "; ".join(f"{show_counting(each)}, no more and no less is paid" for each in unmoved)
        return outcome(item, rule, Reason.ZERO, detail)
    if item.row.is_reversal and item.row.counts == 0:
        root = item.row.root.key if item.row.root else ""
        return outcome(item, rule, Reason.NOTHING_UNDONE, f"{root} is undone already")
    if item.not_yet:
        return outcome(item, rule, Reason.CONDITION, f"{item.not_yet}, with this row")
    bands = item.version.rate
    if isinstance(bands, nodes.Bands) and moved is not None:
        return outcome(item, rule, *_below(item, rule, bands, moved))
    if moved is not None:
        counting = [priced.counting for band in item.bands for priced in band if priced.counting is not None]
        if counting:
            counted = Counted(how=counting[0], before=moved.before, after=moved.after)
            detail = f"{show_counting(counted)}, no more and no less is paid"
            return outcome(item, rule, Reason.ZERO, detail)
    return outcome(item, rule, Reason.ZERO, is_nothing(bands))


def show_counting(counted: Counted) -> str:
    """Return what is counted, before and after a row: `15 → 18 in packages of 10`."""
    unit = MoneyType(counted.how.unit) if counted.how.unit else NumberType()
    text = f"{show(counted.before, unit)} → {show(counted.after, unit)}"
    if counted.how.package is not None:
        word = "full" if counted.how.is_full else "started"
        text += f" in {word} packages of {show(counted.how.package, unit)}"
    return text if counted.how.above is None else f"{text} above {show(counted.how.above, unit)}"


def _below(item: Item, rule: nodes.Rule, bands: nodes.Bands, moved: Moved) -> tuple[Reason, str]:
    """Return why a row earns nothing in the bands, and how far it is from the next one."""
    unit = rule.measure.aggregate.type if rule.measure else NumberType()
    deal = moved.deal
    if deal is not None and deal.item is not None and pays_of_row(item):
        moved, item = deal, deal.item
    bounds = bounds_of(bands, item.target)
    index = band_at(bounds, moved.after)
    detail = f"the measure is {show(moved.after, unit)}"
    if item.target is not None:
        detail += f" of {show(item.target, unit)}"
    following = 0 if index is None else index + 1
    if following < len(bounds):
        to_go = subtract(bounds[following].start, absolute(moved.after))
        start = bands.bands[following].start
        where = show(start, unit if item.target is None else PercentType())
        detail += f", {show(to_go, unit)} short of the band from {where}"
    parts = [priced for band in _touched(bands, item, rule, moved) for priced in item.bands[band]]
    if not parts:
        return Reason.NO_BAND, detail
    if any(priced.part in (Part.ONCE, Part.PRIZE) for priced in parts) and moved.after != 0:
        return Reason.OTHER_ROW_REACHED, detail
    return Reason.ZERO, detail


def _touched(bands: nodes.Bands, item: Item, rule: nodes.Rule, moved: Moved) -> list[int]:
    """Return the bands that parts of the row lie in; a row of zero lies where the total stands."""
    bounds = bounds_of(bands, item.target)
    here = band_at(bounds, moved.after)
    if moved.by == 0 or bands.method.trues_up:
        return [] if here is None else [here]
    parts = slices(bands.method, bounds, moved.before, moved.after, is_count=is_count(rule.measure))
    return [index for index, _ in parts]


def _show(goal: nodes.Goal, value: Exact) -> str:
    return show(value, goal.measure.aggregate.type)
