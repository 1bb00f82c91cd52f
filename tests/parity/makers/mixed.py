"""Plans of every kind of rule with random clauses, over deals of four partners.

The plans are text, so that they go the whole road. Nearly all of them check clean; the others are legal
refusals and are left out by whoever needs a checked plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.chance import Chance
from tests.parity.makers.settled import statement

HEADER = """
plan generated {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding MODE to 0.01 per PLACE
}

payee partner {
  field id text key
  field tier text one of "silver", "gold" history
  field team text history
  field manager partner optional
  field rate percent
  field bonus money
  field target money
  field tags list of text
}

fact deal {
  field id text key
  field partner partner credited
  field other partner optional
  field product text one of "crm", "erp", "hr"
  field amount money signed
  field units number
  field term number
  field closed date event
  field paid date optional
  field cancelled date optional
  field undoes deal optional reverses
  derive net = amount - 10 USD at least 0 USD
}

fact payment {
  field id text key
  field deal deal
  field amount money signed
  field received date event
}

segment gold of partner { where tier is "gold" }

table rates on deal by product, payee.tier {
  row "crm", "gold" gives 14%
  row "crm", any gives 12.5%
  row any, any gives 8%
}

quota goal_q by partner per quarter as money

measure booked { on deal  where product is not "hr"  take sum amount per quarter by payee }

measure paid_deals { on deal at paid  take count per plan by payee }

statement { per month }
"""

_MODES = ("half_up", "half_down", "half_even", "up", "down")
_PERCENTS = ("1%", "2.5%", "3.333%", "7%", "10%", "33.3%")
_WINDOWS = ("day", "week", "half_month", "month", "quarter", "half", "year", "plan", "lifetime")
_KEYS = ("", " by payee", " by payee.team", " by all", " by payee, product")
_WHERES = (
    'where product is "crm"',
    'where product is not "hr"',
    "where amount >= 100 USD",
    "where payee in gold",
    'where payee.tier is "silver" or units > 5',
    'where payee.tags has any of "emea", "new"',
    "where paid is present",
    "where not (amount < 50 USD and units <= 3)",
    "where closed >= 2026-02-15",
    'where partner.team is "north"',
)
_ADJUSTERS = (
    'times 150% when product is "crm"',
    "times 50%",
    "cap 25.55 USD per deal",
    "cap 333.33 USD per month by payee",
    "cap 100 USD per quarter",
    "cap 50% of amount per deal",
    "floor 5 USD per deal",
)
_BUDGETS = (
    "budget 99.99 USD then first_come on closed",
    "budget 60 USD by payee.team then first_come on closed",
    "budget 99.99 USD then prorate  remainder to first",
)
_RELEASES = (
    "release 75% at closed  release rest split into 3 months starting 2 months after closed  "
    "remainder to first",
    "release 33.3% at closed  release 33.3% at paid  release rest at end of quarter of closed  "
    "remainder to last",
    "release 100% as payment.amount reaches amount",
    "release 60% at closed  release rest as payment.amount reaches amount  remainder to last",
)
_FIRST = ("", "", "", "for first 2 by product", "for 2 months from first by payee, product")
_CLAWBACKS = (
    "",
    "",
    "",
    "clawback 100% on cancelled",
    "clawback 50% on cancelled within 80 days of closed then restore on paid",
    "clawback 33.3% unless paid within 10 days of closed then restore on paid",
    "clawback unearned over 7 full months from closed on cancelled",
    "clawback unearned over term started months from closed on cancelled at 10 days after cancelled",
)
_STOPS = (
    "",
    "stop on cancelled then forfeit",
    "stop on cancelled then pay_out",
    "stop on paid then pay_out  stop on cancelled then forfeit",
    "stop on cancelled then pay_out  stop on paid then forfeit",
)
_CREDITS = ("", "", "credit partner.manager", "credit 60% to partner credit rest to partner")
_AT = ("", "", "", " at paid")
_STEADY = ("marginal", "from_crossing", "from_next")
"""Methods by which the pay of a row is known on that row."""
_SUMS = ("window", "band")
_COUNT_PAYS = (
    "5 USD per deal",
    "7.77 USD per unit",
    "nothing",
    "3% of amount",
    "25 USD once",
    "7 USD per started 3",
    "9 USD per full 2",
    "3 USD per unit above 2",
    "5 USD per started 2 above 1",
)
_SHARE_PAYS = ("1%", "2.5%", "3.333%", "nothing", "4% of net", "2% plus 33.33 USD once", "50 USD once")
_SHARE_PAYS += ("rates of amount", "1.5 USD per started 33 USD")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in its plan a rule stands."""

    index: int
    at: str
    """The date of the rows, the same for all rules that look at each other."""
    is_rival: bool
    """Whether its pay on a row must be known on that row."""


def rule(chance: Chance, place: _Place) -> str:
    """One rule of any kind with random clauses."""
    kinds = {
        "revenue_share": _revenue_share,
        "flat": _flat,
        "tiered": _tiered,
        "installments": _installments,
        "spiff": _spiff,
    }
    kind = chance.one_of([*kinds][: 4 if place.is_rival else 5])
    lines = [f"on deal{place.at}", *chance.some(_WHERES, most=2), *kinds[kind](chance, place)]
    may_deduct = place.index and not place.is_rival and kind in ("revenue_share", "flat", "tiered")
    if may_deduct and not any("floor 20" in line for line in lines) and chance.number(0, 3) == 0:
        lines += [f"deduct {chance.one_of(['', 'own '])}earnings of rule_0", chance.one_of(["", "times 50%"])]
    if chance.number(0, 5) == 0 and kind == "revenue_share":
        lines.append("amend from 2026-03-15 { pay 5% of amount }")
    body = "\n  ".join(line for line in lines if line)
    return f"{kind} rule_{place.index} {{\n  {body}\n}}\n"


def _revenue_share(chance: Chance, place: _Place) -> list[str]:
    pays = ["10% of amount", "rates of amount", "payee.rate of net", "1% of net plus 2% of amount"]
    pays += ["3.333% of amount above 100 USD", "7% of net above payee.bonus"]
    if place.index and not place.is_rival:
        pays += ["10% of amount less earnings of rule_0", "5% of net with own earnings of rule_0"]
    return [
        chance.one_of(_CREDITS),
        f"pay {chance.one_of(pays)}",
        *chance.some(_ADJUSTERS, most=3),
        chance.one_of(_CLAWBACKS),
        chance.one_of(_FIRST),
    ]


def _flat(chance: Chance, place: _Place) -> list[str]:
    pays = ["50 USD per deal", "0.07 USD per unit of units", "payee.bonus per deal"]
    pays += ["1.11 USD per started 5 of units", "payee.bonus per full term of units above 2"]
    pays += ["0.33 USD per full 33 USD of amount"]
    return [
        chance.one_of(_CREDITS),
        f"pay {chance.one_of(pays)}",
        *chance.some(_ADJUSTERS, most=3),
        "budget 250 USD then first_come on closed" if chance.flip() and not place.is_rival else "",
    ]


def _tiered(chance: Chance, place: _Place) -> list[str]:
    shape = chance.one_of(["money", "count", "quota"])
    window, keys, against = chance.one_of(_WINDOWS), chance.one_of(_KEYS), ""
    if shape == "quota":
        window, keys = "quarter", chance.one_of(["", " by payee"])
        against = chance.one_of([" against goal_q", " against payee.target", " against 500 USD"])
    take = "count" if shape == "count" else chance.one_of(["sum amount", "sum credited amount"])
    measure = f"{take} per {window}{keys}{against}"
    if shape != "quota" and not place.is_rival and chance.number(0, 3) == 0:
        measure = "booked" if shape == "money" else "paid_deals"
    method = chance.one_of(_STEADY if place.is_rival else (*_STEADY, "whole", "interpolated"))
    if method == "interpolated" and shape == "count":
        method = "whole"
    is_later = method not in _STEADY
    adjusters = [each for each in _ADJUSTERS if not (is_later and "per deal" in each)]
    amended = chance.number(0, 3) == 0
    rounded = ["", "", f"rounding half_even to 0.01 per {'window' if is_later else chance.one_of(_SUMS)}"]
    return [
        f"measure {measure}",
        f"apply {method}",
        _bands(chance, shape, method),
        *chance.some(adjusters, most=3),
        "" if place.is_rival else chance.one_of(["", "", "floor 20 USD per month"]),
        f"amend from 2026-03-01 {{ {_bands(chance, shape, method)} }}" if amended else "",
        chance.one_of(rounded),
    ]


def _bands(chance: Chance, shape: str, method: str) -> str:
    starts = sorted(chance.some(range(1, 41), most=3))
    lines = []
    for index, start in enumerate([0, *starts]):
        side = "from" if index == 0 else chance.one_of(["from", "above"])
        bound = {"money": f"{start * 25} USD", "quota": f"{start * 5}%", "count": str(start)}[shape]
        lines.append(f"tier {side} {bound} pay {chance.one_of(_pays(shape, method))}")
    return "\n  ".join(lines)


def _pays(shape: str, method: str) -> tuple[str, ...]:
    """Return what a band may pay; a row that is cut in two has no part above a bound of its own."""
    if method == "interpolated":
        return ("1%", "2.5%", "3.333%", "0%")
    pays = _COUNT_PAYS if shape == "count" else _SHARE_PAYS
    if method == "marginal":
        return tuple(pay for pay in pays if " above " not in pay)
    return pays if shape == "count" else (*pays, f"5% above {'100%' if shape == 'quota' else '100 USD'}")


def _installments(chance: Chance, _place: _Place) -> list[str]:
    count = chance.one_of(["3 months", "12 months", "term months", "5 weeks"])
    start = chance.one_of(["closed", "1 month after closed", "end of quarter of closed", "paid"])
    split = f"split into {count} starting {start}  remainder to {chance.one_of(['first', 'last'])}"
    return [
        chance.one_of(_CREDITS),
        f"pay {chance.one_of(_PERCENTS)} of amount{chance.one_of(['', '', ' plus 1% of net'])}",
        *chance.some(_ADJUSTERS, most=3),
        chance.one_of([split, *_RELEASES]),
        chance.one_of(_CLAWBACKS),
        chance.one_of(_STOPS),
        chance.one_of(["", "hold until paid"]),
    ]


def _spiff(chance: Chance, _place: _Place) -> list[str]:
    window = "window from 2026-02-01 through 2026-04-30"
    shape = chance.one_of(["row", "goal", "team", "rank"])
    if shape == "row":
        return [window, "pay 25 USD per deal", chance.one_of(_BUDGETS)]
    if shape == "goal":
        goals = ["count >= 2", "sum amount >= 500 USD", "sum amount > 0 USD", "paid_deals >= 1"]
        return [window, f"goal {chance.one_of(goals)}", 'pay 100 USD once plus prize "a trip" once']
    if shape == "rank":
        ties = chance.one_of(["share", "all", "first"])
        return [
            window,
            f"rank sum amount by payee ties {ties}",
            "place 1 pay 100 USD once",
            "place 2 pay 33.33 USD once",
            "remainder to first" if ties == "share" else "",
        ]
    whose = ["each member of payee.team", "members of payee.team equally"]
    share = chance.one_of([*whose, "each contributor", "contributors equally"])
    return [
        window,
        "goal count >= 2 by payee.team",
        "pay 100 USD once",
        f"award {share}",
        "remainder to first" if "equally" in share else "",
        "budget 250 USD then first_come on closed",
    ]


def plan(chance: Chance, most_rules: int = 3) -> str:
    """A whole plan as text."""
    header = HEADER.replace("MODE", chance.one_of(_MODES)).replace("PLACE", chance.one_of(["line", "fact"]))
    header = header.replace("statement { per month }", statement(chance))
    count, at = chance.number(1, most_rules), chance.one_of(_AT)
    are_rivals = count > 1 and chance.number(0, 2) == 0
    blocks = [rule(chance, _Place(index, at, are_rivals and index < 2)) for index in range(count)]
    if chance.flip():
        blocks.append("revenue_share override {\n  on earnings of rule_0\n  pay 10% of earning\n}\n")
    if are_rivals:
        take = chance.one_of(["highest", "first"])
        blocks.append(f"choose best {{ take {take} per deal  among rule_0  among rule_1 }}\n")
    return header + "\n".join(blocks)


def settled_plan(chance: Chance) -> str:
    """A plan of one rule whose statements settle, often one that counts in less than cents."""
    block = statement(chance, one_in=1)
    header = HEADER.replace("MODE", "half_up").replace("PLACE", "line")
    if "rounding" in block and chance.flip():
        header = header.replace("0.01", "0.0001")
    header = header.replace("statement { per month }", block)
    return header + "revenue_share r { on deal  pay 33.3% of amount }\n"
