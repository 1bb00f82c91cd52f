"""The whole letter: the plan, what it reads, its rules in written order, the statement."""

from __future__ import annotations

from rulesengine.letter.currencies import paid_in, rates
from rulesengine.letter.dates import days, window_name
from rulesengine.letter.measures import named
from rulesengine.letter.records import group, record, table
from rulesengine.letter.rounding import rounding
from rulesengine.letter.rules import choice, rule_section, titles_of
from rulesengine.letter.sentences import Item, Letter, Section, items
from rulesengine.letter.settling import settled
from rulesengine.letter.words import human, sentence
from rulesengine.model.dates import CALENDAR_YEAR
from rulesengine.model.schema import QuotaShape, Role
from rulesengine.plan import nodes


def letter_of(plan: nodes.Plan) -> Letter:
    """Return the plan in numbered plain sentences, all of it."""
    sections = (
        Section(heading="The plan", items=_plan(plan)),
        Section(heading="Who is paid, and for what", items=_records(plan)),
        Section(heading="Groups and tables", items=_lists(plan)),
        Section(heading="Running totals", items=tuple(named(each) for each in plan.measures.values())),
        *(rule_section(rule, plan) for rule in plan.rules),
        Section(heading="One of several", items=_choices(plan)),
        Section(heading="The statement", items=_statement(plan)),
    )
    title = plan.title if plan.title != plan.name else human(plan.name)
    return Letter(title=title, sections=tuple(each for each in sections if each.items))


def _plan(plan: nodes.Plan) -> tuple[Item, ...]:
    fiscal = plan.fiscal
    year = sentence(
        f"the plan's year {fiscal.number} begins on {fiscal.start}, and its quarters are counted from there"
    )
    is_calendar = (fiscal.start.month, fiscal.start.year) == (CALENDAR_YEAR.start.month, fiscal.number)
    return items(
        sentence(f"this plan counts what happens {days(plan.effective)}"),
        sentence(f"amounts are in {plan.currency}"),
        sentence(rounding(plan.rounding, plan.currency)),
        "" if is_calendar else year,
        "The parts of this plan add up, unless it is said that one of several pays."
        if len(plan.rules) > 1
        else "",
    )


def _records(plan: nodes.Plan) -> tuple[Item, ...]:
    kinds = sorted(plan.schema.kinds.values(), key=lambda kind: kind.role is Role.FACT)
    quotas = [_quota(quota) for quota in plan.schema.quotas.values()]
    exchange = [rates(shape) for shape in plan.schema.rates.values()]
    return (*(record(kind, plan) for kind in kinds), *items(*quotas, *exchange))


def _quota(quota: QuotaShape) -> str:
    keys = " and ".join(human(name) for name, _ in quota.keys)
    return sentence(f"there is a quota, {human(quota.name)}, for each {keys} and {window_name(quota.window)}")


def _lists(plan: nodes.Plan) -> tuple[Item, ...]:
    return (*map(group, plan.segments.values()), *map(table, plan.tables.values()))


def _choices(plan: nodes.Plan) -> tuple[Item, ...]:
    titles = titles_of(plan)
    return tuple(choice(each, titles) for each in plan.chooses)


def _statement(plan: nodes.Plan) -> tuple[Item, ...]:
    told = items(
        sentence(f"you get a statement for each {window_name(plan.period)}"),
        "It has every line payable in that time, and its total is the sum of its lines.",
    )
    return (*told, *paid_in(plan), *settled(plan))
