"""SPIFFs: goals, ranks, places, and who gets what a key earned."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.limits import left_over
from rulesengine.letter.measures import kept_for, ranked, target, what_is_added
from rulesengine.letter.pay import pay
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import of_one_another, operand
from rulesengine.letter.words import human, ordinal, sentence
from rulesengine.plan import nodes


def goals(all_goals: tuple[nodes.Goal, ...], row: str) -> tuple[Item, ...]:
    """Return the sentence on what must be reached."""
    below = tuple(Item(text=_goal(goal, row)) for goal in all_goals)
    first = all_goals[0]
    told = sentence("it is paid on the day the goal is reached, and taken back if the goal is undone")
    if len(below) == 1:
        return items(sentence(f"the goal: {below[0].text}"), target(first.measure, row), told)
    return (Item(text="All of these goals must be reached:", below=below), *items(told))


def _goal(node: nodes.Goal, row: str) -> str:
    measure = node.measure
    what = human(measure.name) if measure.name else what_is_added(measure.aggregate, row)
    return f"{what}, {kept_for(measure.keys, row)}, is {_least(node.comparison)} {operand(node.least, row)}"


def _least(comparison: nodes.Comparison) -> str:
    match comparison:
        case nodes.Comparison.AT_LEAST:
            return "at least"
        case nodes.Comparison.ABOVE:
            return "above"
        case nodes.Comparison.AT_MOST:
            return "at most"
        case nodes.Comparison.BELOW:
            return "below"
        case _:
            assert_never(comparison)


def rank(node: nodes.Rank, row: str, last_day: str) -> tuple[Item, ...]:
    """Return the sentences on a ranking and its places."""
    measure = node.measure
    what = human(measure.name) if measure.name else what_is_added(measure.aggregate, row)
    places = tuple(Item(text=f"{ordinal(each.place)} place: {pay(each.pay, row)}") for each in node.places)
    return (
        Item(
            text=f"On {last_day} {ranked(measure.keys, row)} are ranked by {what}, and the places earn:",
            below=places,
        ),
        *items(_ties(node.ties), left_over(node.remainder, "of those who share")),
    )


def _ties(ties: nodes.Ties) -> str:
    match ties:
        case nodes.Ties.SHARE:
            return sentence("those who tie share what their places pay, in equal parts")
        case nodes.Ties.ALL:
            return sentence("those who tie all get what the better place pays")
        case nodes.Ties.FIRST:
            return sentence("of those who tie, the one who got there first has the better place")
        case _:
            assert_never(ties)


def award(node: nodes.Award, row: str) -> tuple[Item, ...]:
    """Return the sentences on who gets what was earned."""
    parts = "of them" if node.how is nodes.AwardHow.EQUALLY else "shares"
    return items(sentence(f"{_who(node.whom, row)} gets {_part(node)}"), left_over(node.remainder, parts))


def _who(whom: nodes.AwardWhom, row: str) -> str:
    match whom:
        case nodes.Contributors():
            return f"everybody with a {row} that counted by then"
        case nodes.MembersAlike(read=read):
            return f"everybody who is in the {of_one_another(read)} on the day it is reached"
        case nodes.MembersOfPayee(kind=kind, field=field):
            return f"every {human(kind)} whose {human(field)} on that day is the one that earned it"
        case nodes.MembersOfSegment(segment=segment, kind=kind):
            return f"every {human(kind)} who is in the group {human(segment)} on that day"
        case _:
            assert_never(whom)


def _part(node: nodes.Award) -> str:
    match node.how:
        case nodes.AwardHow.EACH:
            return "it in full"
        case nodes.AwardHow.EQUALLY:
            return "an equal part of it"
        case nodes.AwardHow.PRO_RATA if node.by is not None:
            return f"a part of it in proportion to {human(node.by.name or '')} up to that day, told above"
        case nodes.AwardHow.PRO_RATA:
            return "a part of it in proportion to what they moved the total by"
        case _:
            assert_never(node.how)
