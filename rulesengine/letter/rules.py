"""One rule: its sentences in the order in which its stages run, then what changes when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from rulesengine.letter.conditions import condition
from rulesengine.letter.credit import credit
from rulesengine.letter.currencies import converted
from rulesengine.letter.dates import days
from rulesengine.letter.incentives import award, goals, rank
from rulesengine.letter.limits import adjusters, budget, left_over
from rulesengine.letter.measures import rows_of, running_total
from rulesengine.letter.pay import pay
from rulesengine.letter.rounding import rounding
from rulesengine.letter.schedule import clawbacks, duration, first_rows, hold, prorated, release, split, stops
from rulesengine.letter.sentences import Item, Section, items
from rulesengine.letter.tiers import bands
from rulesengine.letter.words import article, human, listed, plural, quoted, sentence
from rulesengine.plan import nodes

EARNING = "earning"
"""What a row of a rule on another's earnings is called."""


def rule_section(rule: nodes.Rule, plan: nodes.Plan) -> Section:
    """Return the section on a rule."""
    row = row_of(rule)
    first, *later = (_version(version, rule, row) for version in rule.versions)
    written = [item for part in first.values() for item in part]
    return Section(
        heading=heading(rule),
        items=(
            *_rows(rule, plan, row),
            *_currency(rule, plan, row),
            *written,
            *_rounding(rule, plan),
            *(award(rule.award, row) if rule.award is not None else ()),
            *(budget(rule.budget, row) if rule.budget is not None else ()),
            *_memo(rule),
            *_amendments(rule, row, [first, *later]),
        ),
    )


def heading(rule: nodes.Rule) -> str:
    """Return the title of a rule, or its name in words, with its kind."""
    return f"{title_of(rule)} ({_kind(rule.kind)})"


def title_of(rule: nodes.Rule) -> str:
    """Return what a rule is called: its title, or its name in words."""
    name = rule.title if rule.title != rule.name else human(rule.name)
    return name[:1].upper() + name[1:]


def titles_of(plan: nodes.Plan) -> Mapping[str, str]:
    """Return what each rule is called, by its name."""
    return {rule.name: title_of(rule) for rule in plan.rules}


def row_of(rule: nodes.Rule) -> str:
    """Return what a row of the rule is called: `deal`, or `earning` on another rule's earnings."""
    match rule.source:
        case nodes.FactSource(kind=kind):
            return human(kind)
        case nodes.EarningsSource():
            return EARNING
        case nodes.CalendarSource(window=window):
            return human(window)
        case _:
            assert_never(rule.source)


def _kind(kind: nodes.RuleKind) -> str:
    match kind:
        case nodes.RuleKind.REVENUE_SHARE:
            return "revenue share"
        case nodes.RuleKind.FLAT:
            return "flat"
        case nodes.RuleKind.TIERED:
            return "tiered"
        case nodes.RuleKind.INSTALLMENTS:
            return "instalments"
        case nodes.RuleKind.SPIFF:
            return "SPIFF"
        case _:
            assert_never(kind)


def _rows(rule: nodes.Rule, plan: nodes.Plan, row: str) -> tuple[Item, ...]:
    dates = sentence(f"it holds for {plural(row)} dated {days(rule.effective)}")
    return items(_source(rule, titles_of(plan)), dates if rule.effective != plan.effective else "")


def _source(rule: nodes.Rule, titles: Mapping[str, str]) -> str:
    match rule.source:
        case nodes.FactSource():
            return rows_of(rule.source)
        case nodes.CalendarSource(kind=kind, window=window):
            unit = human(window)
            return sentence(f"this looks at each {human(kind)} once a {unit}, on the last day of the {unit}")
        case nodes.EarningsSource(rule=other):
            return sentence(
                f"this looks at what {quoted(titles[other])} earns on each {human(rule.fact_kind)}, "
                f"line by line and before it is cut into parts"
            )
        case _:
            assert_never(rule.source)


def _version(version: nodes.Version, rule: nodes.Rule, row: str) -> Mapping[str, tuple[Item, ...]]:
    """The sentences on each sort of clause, in the order in which they act."""
    return {
        "where": items(
            *(
                sentence(f"{article(row)} {row} counts only if {condition(c, row)}")
                for c in version.conditions
            )
        ),
        "for": duration(version.duration, row) if version.duration is not None else (),
        "credit": (
            *credit(version.credit, row),
            *items(left_over(version.remainder, "shares")),
        ),
        "first": first_rows(version.first, row) if version.first is not None else (),
        "measure": running_total(rule.measure, row) if rule.measure is not None else (),
        "goals": goals(rule.goals, row) if rule.goals else (),
        "rate": _rate(version, rule, row),
        "prorate": prorated(version.prorate, row) if version.prorate is not None else (),
        "steps": adjusters(version.adjusters, row),
        "hold": hold(version.hold, row) if version.hold is not None else (),
        "split": split(version.split, row) if version.split is not None else (),
        "release": release(version.release, row) if version.release is not None else (),
        "stop": stops(version.stops, row),
        "clawback": clawbacks(version.clawbacks, row),
    }


def _rate(version: nodes.Version, rule: nodes.Rule, row: str) -> tuple[Item, ...]:
    match version.rate:
        case None:
            assert rule.rank is not None
            return rank(rule.rank, row, str(rule.effective.end))
        case nodes.Pay():
            return items(_earned(version.rate, rule, row))
        case nodes.Bands():
            assert rule.measure is not None
            return bands(version.rate, rule.measure, row)
        case _:
            assert_never(version.rate)


def _earned(node: nodes.Pay, rule: nodes.Rule, row: str) -> str:
    says_for_each = any(isinstance(part, nodes.PerRow) for part in node.parts)
    on = "for reaching it " if rule.goals else "" if says_for_each else f"on each {row} that counts "
    adds = "what it adds to " if any(_is_of_total(part) for part in node.parts) else ""
    return sentence(f"{on}you earn {adds}{pay(node, row, of='the total')}")


def _is_of_total(part: nodes.PayPart) -> bool:
    return isinstance(part, nodes.PerQuota) or (isinstance(part, nodes.PerUnit) and part.quantity is None)


def _currency(rule: nodes.Rule, plan: nodes.Plan, row: str) -> tuple[Item, ...]:
    told = f"amounts of this part are in {rule.currency}" if rule.currency != plan.currency else ""
    return items(sentence(told) if told else "") + (
        converted(rule.convert, row) if rule.convert is not None else ()
    )


def _rounding(rule: nodes.Rule, plan: nodes.Plan) -> tuple[Item, ...]:
    if rule.rounding == plan.rounding:
        return ()
    return items(sentence(f"other than elsewhere, {rounding(rule.rounding, rule.currency)}"))


def _memo(rule: nodes.Rule) -> tuple[Item, ...]:
    return items("This is worked out and shown, but not paid.") if rule.is_memo else ()


def _amendments(
    rule: nodes.Rule, row: str, versions: list[Mapping[str, tuple[Item, ...]]]
) -> tuple[Item, ...]:
    """One sentence for each amendment, with what it changes below it."""
    found = []
    for index, version in enumerate(rule.versions[1:], start=1):
        before, now = versions[index - 1], versions[index]
        changed = [word for word in now if now[word] != before[word]]
        below = [
            item for word in changed for item in (now[word] or items(f"No longer: {before[word][0].text}"))
        ]
        found.append(
            Item(
                text=f"For {plural(row)} dated {version.start} or later this holds instead:",
                below=tuple(below),
            )
        )
    return tuple(found)


def choice(node: nodes.Choose, titles: Mapping[str, str]) -> Item:
    """Return the sentence on rules of which one pays, or which add up on purpose."""
    row = human(node.kind)
    each = f"{article(row)} {row}"
    rivals = [quoted(titles[name]) for name in node.among]
    match node.take:
        case nodes.Take.HIGHEST:
            most = f"the one that earns most on {each} pays on it (of equals, the first named)"
            text = f"of {listed(rivals, 'or')}, {most}"
        case nodes.Take.FIRST:
            text = f"of {listed(rivals, 'or')}, the first that earns anything on {each} pays on it"
        case nodes.Take.ALL:
            text = f"{listed(rivals)} all pay on the same {row}, on purpose"
        case _:
            assert_never(node.take)
    return Item(text=sentence(f"{text} ({human(node.name)})"))
