"""Small plans that put every clause beside every other one: what leans towards no part of the language.

A rule begins as what its kind needs, and grows by clauses drawn from all there are; what the checks refuse
beside the others is left out, so nearly all texts are plans.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rulesengine.diagnostics import Rejected
from tests.chance import Chance
from tests.parity.makers import crossed_clauses as clauses
from tests.properties.road import checked

_KINDS = ("revenue_share", "revenue_share", "installments", "flat", "tiered", "tiered", "spiff")
_MOST_TRIES = 6
"""How often the beginning of a rule is drawn before it is a plain one."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan as far as it has grown."""

    head: str
    of_currency: str
    measures_convert: str
    unused: str
    """What is declared though no rule names it; often nothing."""
    rules: tuple[str, ...] = ()
    tail: str = ""

    def text(self) -> str:
        """Return the plan with what its rules name."""
        body = "\n".join((*self.rules, self.tail, self.unused))
        declared = []
        for name, block in clauses.DECLARED.items():
            if re.search(rf"\b{name}\b", body):
                block = block.replace("{of_currency}", self.of_currency)
                declared.append(block.replace("{converts}", self.measures_convert))
                body += block
        return "\n".join((self.head, *reversed(declared), *self.rules, self.tail))

    def holds(self) -> bool:
        """Return whether the checks let the plan pass."""
        try:
            checked(self.text())
        except Rejected:
            return False
        return True


def plans(chance: Chance) -> str:
    """A plan in one currency."""
    return _plan(chance, _draft(chance))


def converted_plans(chance: Chance) -> str:
    """A plan whose deals are in several currencies, converted in the plan, in its rules or in neither."""
    mode = chance.one_of(["", "", " rounded half_up"])
    day = chance.one_of(["closed", "closed", "end of month of closed", "paid"])
    where = chance.one_of(["plan", "plan", "rules", "dollars", "euros"])
    converts = f"convert to {{to}} at ecb on {day}{mode}"
    per = chance.one_of(["currency per EUR", "EUR per currency"])
    converts_to_plan = f"  {converts.format(to='USD')}\n"
    draft = _draft(
        chance,
        converts=converts_to_plan if where == "plan" else "",
        measures_convert=converts_to_plan if where in ("rules", "euros") else "",
        rates=f"\nrates ecb as {per} within {chance.one_of([20, 40, 400])} days\n",
        of_currency={"dollars": "", "euros": " in EUR"}.get(where, " in currency"),
    )
    return _plan(chance, draft, "" if where == "plan" else converts)


def _draft(
    chance: Chance, *, converts: str = "", measures_convert: str = "", rates: str = "", of_currency: str = ""
) -> _Draft:
    head = clauses.PLAN.format(
        mode=chance.one_of(["half_up", "half_up", "half_even", "up"]),
        step=chance.one_of(["0.01", "0.01", "0.01", "0.05"]),
        place=chance.one_of(["line", "line", "line", "fact"]),
        converts=converts,
        rates=rates,
        of_currency=of_currency,
    )
    names = ["bookings", "team_bookings", "a_bookings", "products", "visits", "points"]
    unused = chance.one_of(names) if chance.number(0, 3) == 0 else ""
    return _Draft(head, of_currency, measures_convert, unused)


def _plan(chance: Chance, draft: _Draft, converts: str = "") -> str:
    count = chance.one_of([0, *[1] * 6, *[2] * 10, *[3] * 8])
    statement = _statement(chance, converts=bool(draft.of_currency), must=bool(converts))
    draft = _kept(draft, replace(draft, tail=statement))
    for place in range(count):
        draft = _with_rule(chance, draft, place, converts)
    if count > 1 and chance.number(0, 4) == 0:
        take = chance.one_of(["highest", "first", "all"])
        choice = f"choose best {{ take {take} per deal  among rule_0  among rule_{count - 1} }}\n"
        draft = _kept(draft, replace(draft, tail=f"{choice}\n{draft.tail}"))
    return draft.text()


def _kept(draft: _Draft, other: _Draft) -> _Draft:
    """Return another draft where that is a plan, else the draft as it was."""
    return other if other.holds() else draft


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as far as it has grown."""

    name: str
    kind: str
    lines: tuple[str, ...]
    remainder: str
    """Where odd cents go, once something is divided."""
    currency: str = "USD"
    divides: bool = False

    def text(self) -> str:
        """Return the rule in the currency that it counts in."""
        lines = [*self.lines, f"remainder to {self.remainder}" if self.divides else ""]
        body = "\n  ".join(line for line in lines if line)
        return f"{self.kind} {self.name} {{\n  {body}\n}}\n".replace(" USD", f" {self.currency}")

    def grown(self, clause: str) -> list[_Rule]:
        """Return what the rule may be with one clause more, the likeliest first."""
        lines = (*self.lines, clause)
        if self.divides:
            return [replace(self, lines=lines), replace(self, lines=lines, remainder="first")]
        return [
            replace(self, lines=lines),
            replace(self, lines=lines, divides=True),
            replace(self, lines=lines, divides=True, remainder="first"),
        ]


def _with_rule(chance: Chance, draft: _Draft, place: int, converts: str) -> _Draft:
    """Return the plan with one rule more, which has as many of some clauses as it may have."""

    def holds(rule: _Rule) -> bool:
        return replace(draft, rules=(*draft.rules, rule.text())).holds()

    other = f"rule_{chance.number(0, max(place - 1, 0))}" if place else ""
    rule = _Rule(f"rule_{place}", "revenue_share", ("on deal", "pay 10% of amount"), "first")
    to = "USD"
    if converts and chance.number(0, 5):
        to = chance.one_of(["USD", "USD", "EUR"])
        rule = replace(rule, lines=(*rule.lines, converts.format(to=to)), currency=to)
    if not holds(rule):
        rule = replace(rule, lines=(*rule.lines[:2], converts.format(to="USD")), currency="USD")
    if not holds(rule):
        return draft
    remainder = chance.one_of(clauses.REMAINDERS)
    for _ in range(_MOST_TRIES):
        kind, lines = _beginning(chance, other)
        begun = replace(rule, kind=kind, lines=lines, remainder=remainder)
        whole = [begun, replace(begun, divides=True), replace(begun, divides=True, remainder="first")]
        whole += [replace(each, lines=(*each.lines, *rule.lines[2:])) for each in whole]
        if found := next((each for each in whole if holds(each)), None):
            rule = found
            break
    drawn = _more(chance, rule, other)
    for clause in drawn:
        rule = next((each for each in rule.grown(clause) if holds(each)), rule)
    return replace(draft, rules=(*draft.rules, rule.text()))


def _beginning(chance: Chance, other: str) -> tuple[str, tuple[str, ...]]:
    """Return the kind of a rule and what it needs."""
    if other and chance.number(0, 9) < 4:
        kind = chance.one_of(["revenue_share", "revenue_share", "installments"])
        dates = (chance.one_of(clauses.SPLITS),) if kind == "installments" else ()
        pay = f"pay {chance.one_of(clauses.SHARES_OF_EARNINGS)}"
        return kind, (f"on earnings of {other}", chance.one_of(clauses.CREDITS_OF_EARNINGS), pay, *dates)
    if chance.number(0, 11) == 0:
        pay = chance.one_of([*clauses.PAY_OF_MONTHS, "30 USD per month"])
        return "flat" if "USD" in pay else "revenue_share", ("on rep per month", f"pay {pay}")
    kind = chance.one_of(
        ["revenue_share", "revenue_share", "installments", "flat", "tiered", "tiered", "spiff"]
    )
    on = chance.one_of(["on deal", "on deal", "on deal", "on deal", "on deal at paid"])
    credit = chance.one_of(clauses.CREDITS)
    share = chance.one_of(["credited ", "credited ", "full "]) if credit in clauses.SHARED else ""
    match kind:
        case "tiered":
            lines = _tiers(chance, share)
        case "spiff":
            lines = _spiff(chance, share)
        case "flat":
            lines = (f"pay {chance.one_of(clauses.MONEY)}",)
        case _:
            lines = (f"pay {chance.one_of(clauses.SHARES).format(other=other or 'rule_0')}",)
    if kind == "installments":
        lines += (chance.one_of([*clauses.SPLITS, *clauses.RELEASES]),)
    return kind, (on, credit, *lines)


def _tiers(chance: Chance, share: str) -> tuple[str, ...]:
    measure = chance.one_of([*clauses.MEASURES, chance.one_of(clauses.OF_VISITS)])
    bounds = ("0", "2", "4") if measure in clauses.OF_VISITS else ("0 USD", "400 USD", "1,000 USD")
    if not measure:
        window, key = chance.one_of(clauses.WINDOWS), chance.one_of(clauses.KEYS)
        measure = f"sum {share}amount per {window} by {key}"
    bands = zip(bounds, chance.one_of(clauses.BANDS), strict=False)
    method = chance.one_of(clauses.METHODS)
    return (
        f"measure {measure}",
        f"apply {method}",
        *(f"tier from {bound} pay {pay}" for bound, pay in bands),
    )


def _spiff(chance: Chance, share: str) -> tuple[str, ...]:
    window = "window from 2026-01-05 through 2026-03-31"
    sort = chance.one_of(["rows", "goal", "goal", "rank"])
    if sort == "rows":
        return window, f"pay {chance.one_of(['10% of amount', '25 USD per deal'])}"
    by = chance.one_of(["payee", "payee.team", "all"])
    award = () if by == "payee" else (chance.one_of(clauses.AWARDS),)
    if sort == "rank":
        ties = chance.one_of(["share", "all", "first"])
        places = "place 1 pay 100 USD once  place 2 pay 33.33 USD once"
        counted = chance.one_of([f"sum {share}amount", f"sum {share}amount", "points"])
        return window, f"rank {counted} by {by} ties {ties}", places, *award
    goal = chance.one_of(clauses.GOALS).format(share=share)
    return window, f"goal {goal} by {by}", f"pay {chance.one_of(clauses.PRIZES)}", *award


def _more(chance: Chance, rule: _Rule, other: str) -> list[str]:
    """Return clauses for a rule, few of which would have a place in the wrong one."""
    found = chance.some(clauses.WHERES, most=chance.one_of([0, 0, 1, 1, 2]))
    if chance.number(0, 6) == 0:
        found.append(chance.one_of(clauses.TERMS))
    found += [_limit(chance, other) for _ in range(chance.one_of([0, 0, 1, 1, 2, 3]))]
    one_in = (
        (8, clauses.AWARDS if "award" not in " ".join(rule.lines) else ("",)),
        (5, clauses.BUDGETS),
        (4, clauses.RELEASES),
        (8, clauses.HOLDS),
        (5, clauses.STOPS),
        (3, clauses.CLAWBACKS),
        (8, tuple(f"rounding {each}" for each in clauses.ROUNDINGS)),
        (16, ("memo",)),
    )
    found += [chance.one_of(some) for often, some in one_in if chance.number(1, often) == 1]
    if chance.number(0, 6) == 0:
        amended = chance.one_of(
            [
                chance.one_of(clauses.WHERES),
                _limit(chance, other),
                chance.one_of(clauses.CLAWBACKS),
                chance.one_of(clauses.STOPS),
                "credit helper",
                "credit manager",
                clauses.SHARED[1],
                "pay 5% of amount",
                "pay 40% of earning",
            ]
        )
        found.append(f"amend from 2026-02-15 {{ {amended} }}")
    return [clause for clause in found if clause]


def _limit(chance: Chance, other: str) -> str:
    """Return what changes pay."""
    sort = chance.one_of(["cap", "cap", "cap", "floor", "floor", "times", "share", "deduct"])
    match sort:
        case "times":
            return chance.one_of(clauses.TIMES)
        case "share":
            return "cap 5% of amount per deal"
        case "deduct" if other:
            return chance.one_of(clauses.DEDUCTED).format(other=other)
        case "floor":
            return f"floor {chance.one_of(clauses.FLOORS)} {chance.one_of(clauses.LIMITED)}"
        case _:
            return f"cap {chance.one_of(clauses.CAPS)} {chance.one_of(clauses.LIMITED)}"


def _statement(chance: Chance, *, converts: bool, must: bool) -> str:
    """Return a statement block; one that must put several currencies somewhere does."""
    window = chance.one_of(["month", "month", "quarter"])
    lines = [f"per {window}"]
    if must and chance.flip():
        lines = [f"per {window} and currency"]
    elif must or (converts and chance.flip()):
        to = chance.one_of(["EUR", "USD", "payee.own"])
        mode = chance.one_of(["half_up", "half_even", "down"])
        lines.append(f"convert to {to} at ecb {chance.one_of(clauses.CONVERTED)} rounded {mode}")
    if chance.number(0, 4) == 0:
        lines.append(chance.one_of(clauses.SETTLED).format(window=window))
    return "statement { " + "  ".join(lines) + " }\n"
