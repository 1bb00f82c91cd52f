"""What adds nothing pays nothing: clauses, fields, rules and facts that change no other's pay."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.engines.results import Line
from tests.chance import Seeded
from tests.parity.makers import Made
from tests.properties.alike import (
    ON_DEAL,
    SEEDS,
    Seed,
    blocks,
    earned,
    earned_of,
    ended,
    laid_out,
    name_of,
    of_rules,
    pay_the_same,
)

_NEVER_REACHED = "90,000,000,000,000,000 USD"
_PAYEE = re.compile(r"(?m)^payee (\w+) \{\n((?:  .*\n)*)\}")
_DEAL = re.compile(r"(?m)^fact deal \{\n((?:  .*\n)*)\}")
_WINDOW = re.compile(
    r"(?m)^(  (?:  )?(?:cap|floor|measure|take) .*per (?:month|quarter|half|year)\b)(?! from)"
)


# --- clauses that change nothing ----------------------------------------------------------------


def _every_row(rule: str) -> str:
    return ON_DEAL.sub(lambda found: f"{found[0]}\n  where id is present", rule)


def _times_one(rule: str) -> str:
    """Return a rule whose pay is multiplied by one before anything else changes it."""
    lines = rule.rstrip().splitlines()
    if "  rank " in rule:
        return rule
    behind = ("  times", "  cap", "  floor", "  deduct", "  amend", "  rounding", "  award", "  split")
    places = [place for place, line in enumerate(lines) if line.startswith((*behind, "  release", "  hold"))]
    lines.insert(min(places, default=len(lines) - 1), "  times 100%")
    return "\n".join(lines) + "\n\n"


def _among_many(rule: str) -> str:
    found = ON_DEAL.search(rule)
    return rule if "\n  for " in rule or not found else _ended(rule, "for first 1,200 by payee")


def _held_until_its_day(rule: str) -> str:
    found = ON_DEAL.search(rule)
    return rule if "hold" in rule or not found else _ended(rule, f"hold until {found[1] or 'closed'}")


def _in_the_plans_dates(rule: str) -> str:
    if rule.startswith("spiff") or "effective" in rule:
        return rule
    return _ended(rule, "effective from 2026-01-01 through 2026-12-31")


@pytest.mark.parametrize(
    "clause", [_every_row, _times_one, _among_many, _held_until_its_day, _in_the_plans_dates]
)
def test_a_clause_that_always_holds_changes_nothing(clause):
    _pays_the_same(lambda plan: (of_rules(plan[0], clause), *plan[1:]))


def _shared_cap(rule: str) -> str:
    """Return a rule with a cap that all share and nobody reaches, behind all that changes its pay."""
    if not re.search(r"(?m)^  on (deal|earnings)", rule) or re.search(r"\n  (amend|rank|floor) ", rule):
        return rule
    lines = rule.rstrip().splitlines()
    changing = ("  times ", "  cap ", "  pay ", "  tier ", "  deduct ")
    last = max((place for place, line in enumerate(lines) if line.startswith(changing)), default=0)
    lines.insert(last + 1, f"  cap {_NEVER_REACHED} per quarter by all")
    return "\n".join(lines) + "\n\n"


def _budget(rule: str) -> str:
    may_have = rule.startswith(("revenue_share", "flat", "spiff")) and re.search(r"(?m)^  on deal$", rule)
    if not may_have or re.search(r"\n  (budget|rank|floor) ", rule):
        return rule
    return _ended(rule, f"budget {_NEVER_REACHED} then first_come on closed")


@pytest.mark.parametrize(
    ("limit", "seeds"),
    [
        (_shared_cap, (("clawback", 341), ("totals", 877), ("totals", 1098))),
        (_budget, (("awarded", 235), ("deduct", 306), ("deduct", 1206))),
    ],
)
def test_a_limit_that_is_never_reached_changes_nothing(limit, seeds):
    _pays_the_same(lambda plan: (of_rules(plan[0], limit), *plan[1:]), seeds=(*SEEDS, *seeds))


# --- the same said by other words ----------------------------------------------------------------


def test_windows_counted_from_a_first_of_january_are_those_of_the_calendar():
    def counted_from(plan: Made) -> Made:
        text, facts, through = _with_payee_field(plan, "began date", _in_2000)
        return (
            _in_rules_and_measures(text, lambda part: _WINDOW.sub(r"\1 from payee.began", part)),
            facts,
            through,
        )

    _pays_the_same(counted_from)


def test_a_key_that_every_payee_has_alone_is_the_payee():
    line = re.compile(r"(?m)^(\s+(?:take|measure|goal|rank) .* by (?:[\w.]+, )*)payee$")

    def by_name(plan: Made) -> Made:
        text, facts, through = _with_payee_field(plan, "alone text", lambda row: row["id"])
        if "award" in text:
            return plan
        return _in_rules_and_measures(text, lambda part: line.sub(r"\1payee.alone", part)), facts, through

    _pays_the_same(by_name)


def test_an_amount_under_another_name_pays_the_same():
    def under_another_name(plan: Made) -> Made:
        text, facts, through = plan
        found = _DEAL.search(text)
        if not found or "field amount money" not in found[1] or "order by" in found[1]:
            return plan
        text = text.replace(found[0], f"{found[0][:-1]}  derive worth = amount * 100%\n}}")
        renamed = of_rules(text, lambda rule: re.sub(r"(?<![\w.])amount\b", "worth", rule))
        return renamed, facts, through

    _pays_the_same(under_another_name)


def test_a_rate_in_a_table_is_the_rate():
    line = re.compile(r"(?m)^(\s+(?:pay|tier).*? )(\d[\d.]*)% of")

    def in_a_table(plan: Made) -> Made:
        text, facts, through = plan
        rates: dict[str, str] = {}

        def named(found: re.Match[str]) -> str:
            name = rates.setdefault(found[2], f"rate_{len(rates)}")
            return f"{found[1]}{name} of"

        text = of_rules(text, lambda rule: line.sub(named, rule) if ON_DEAL.search(rule) else rule)
        tables = [
            f"\ntable {name} on deal by id {{ row any gives {rate}% }}\n" for rate, name in rates.items()
        ]
        return text + "".join(tables), facts, through

    _pays_the_same(in_a_table)


# --- rules and facts that are nobody else's ------------------------------------------------------


def test_one_rule_more_changes_no_other():
    def with_another(plan: Made) -> Made:
        text, facts, through = plan
        settles = re.search(r"statement \{\n  per \w+\n  ", text)
        rule = "\nflat a_rule { on deal  pay 1 USD per deal }\n"
        return (text if settles or not ON_DEAL.search(text) else text + rule), facts, through

    _pays_the_same(with_another, lambda line: line.rule != "a_rule")


def test_payees_without_rows_change_no_others_pay():
    def with_bystanders(plan: Made) -> Made:
        text, facts, through = plan
        if re.search(r"on \w+ per |member", text):
            return plan
        grown = {}
        for kind, _ in _PAYEE.findall(text):
            rows = facts.get(kind, [])
            if rows:
                dated = {"from": ""} if "from" in rows[0] else {}
                first, last = ({**rows[0], "id": key, **dated} for key in ("!first", "~last"))
                grown[kind] = [first, *rows, last]
        return text, {**facts, **grown}, through

    _pays_the_same(with_bystanders, lambda line: line.payee not in ("!first", "~last"))


def test_what_is_payable_by_a_day_is_known_on_it():
    """Later rows change nothing that was earned and payable before them."""
    tried = 0
    for seed in SEEDS:
        text, facts, through = laid_out(seed)
        if "convert to" in text:
            continue  # a rate of the end of the month is known when that has come
        try:
            lines = earned_of(seed)
        except Rejected:
            continue  # its text is no plan
        days = sorted({line.earned_on for line in lines} - {through})
        if days:
            day = Seeded(seed).one_of(days)

            def is_over(line: Line, day: date = day) -> bool:
                return line.earned_on <= day and line.payable_on is not None and line.payable_on <= day

            assert _told(lines, is_over) == _told(earned((text, facts, day)), is_over), f"seed {seed}"
            tried += 1
    assert tried > 5


def test_of_two_rivals_alike_the_first_pays():
    later = "memo|on earn|apply whole|interp|goal|rank|in total| once|budget|clawback|split|release|floor"

    def with_twins(plan: Made) -> Made:
        text, facts, through = plan
        if "choose" in text:
            return plan
        rules = [part for part in blocks(text) if name_of(part) and ON_DEAL.search(part)]
        for rule in rules:
            name = name_of(rule)
            if not re.search(later, rule) and f"earnings of {name}" not in text:
                text += "\n" + rule.replace(f" {name} {{", f" {name}_twin {{", 1)
                text += f"\nchoose of_{name} {{ take first per deal  among {name}  among {name}_twin }}\n"
        return text, facts, through

    def sums(lines: tuple[Line, ...]) -> dict[tuple[str, str, str], object]:
        found: dict[tuple[str, str, str], object] = {}
        for line in lines:
            key = (line.rule, line.payee, line.fact_id)
            found[key] = found.get(key, 0) + line.amount
        return {key: amount for key, amount in found.items() if amount and key[0] != "statement"}

    _pays_the_same(with_twins, paid=sums)


# --- how they are tried --------------------------------------------------------------------------


def _pays_the_same(
    changed: Callable[[Made], Made],
    counts: Callable[[Line], bool] = bool,
    paid: Callable[[tuple[Line, ...]], object] | None = None,
    seeds: Iterable[Seed] = SEEDS,
) -> None:
    """Assert that generated plans pay the same when they or their facts are changed, and that some are."""

    def pair(plan: Made, _chance: Seeded) -> tuple[Made, Made] | None:
        other = changed(plan)
        return None if other == plan else (plan, other)

    pay_the_same(pair, paid or (lambda lines: _told(lines, counts)), seeds)


def _told(lines: tuple[Line, ...], counts: Callable[[Line], bool]) -> Counter[tuple[object, ...]]:
    return Counter(
        (line.rule, line.payee, line.fact_id, line.earned_on, line.part, line.amount, line.payable_on)
        for line in lines
        if counts(line)
    )


def _in_rules_and_measures(text: str, changed: Callable[[str], str]) -> str:
    return "".join(
        changed(part) if part.startswith("measure ") else part for part in blocks(of_rules(text, changed))
    )


def _ended(rule: str, clause: str) -> str:
    """Return a rule with one clause more; one that is amended stays as it is."""
    return rule if "\n  amend " in rule else ended(rule, clause)


def _in_2000(_row: dict[str, str]) -> str:
    return "2000-01-01"


def _with_payee_field(plan: Made, field: str, value: Callable[[dict[str, str]], str]) -> Made:
    """Return a plan whose payees have one field more, with a value for each."""
    text, facts, through = plan
    kinds = {kind for kind, _ in _PAYEE.findall(text)}
    text = _PAYEE.sub(lambda found: f"{found[0][:-1]}  field {field}\n}}", text)
    name = field.split()[0]
    grown = {
        kind: [row | {name: value(row)} for row in rows] for kind, rows in facts.items() if kind in kinds
    }
    return text, {**facts, **grown}, through
