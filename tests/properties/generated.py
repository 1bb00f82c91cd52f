"""Generated plans and facts: every kind of rule with random clauses, over random deals.

The plans are text, so that they go the whole road. Most of them check clean; those that do not
are legal refusals and are left out by the tests that need a checked plan.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

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

PARTNERS = ("ana", "bob", "eva", "ivo")
_MODES = st.sampled_from(["half_up", "half_down", "half_even", "up", "down"])
_PERCENTS = st.sampled_from(["1%", "2.5%", "3.333%", "7%", "10%", "33.3%"])
_MONEY = st.sampled_from(["0.07 USD", "1 USD", "33.33 USD", "500 USD"])
_WINDOWS = st.sampled_from(
    ["day", "week", "half_month", "month", "quarter", "half", "year", "plan", "lifetime"]
)
_KEYS = st.sampled_from(["", " by payee", " by payee.team", " by all", " by payee, product"])
_WHERES = st.lists(
    st.sampled_from(
        [
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
        ]
    ),
    max_size=2,
    unique=True,
)
_CREDITS = st.sampled_from(
    ["", "", "credit partner.manager", "credit 60% to partner credit rest to partner", "credit payee_of"]
).map(lambda text: "" if text == "credit payee_of" else text)
_ADJUSTERS = st.lists(
    st.sampled_from(
        [
            'times 150% when product is "crm"',
            "times 50%",
            "cap 25.55 USD per deal",
            "cap 333.33 USD per month by payee",
            "cap 100 USD per quarter",
            "cap 50% of amount per deal",
            "floor 5 USD per deal",
        ]
    ),
    max_size=3,
    unique=True,
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
_FIRST = st.sampled_from(
    ["", "", "", "for first 2 by product", "for 2 months from first by payee, product"],
)
_CLAWBACKS = st.sampled_from(
    [
        "",
        "",
        "",
        "clawback 100% on cancelled",
        "clawback 50% on cancelled within 80 days of closed then restore on paid",
        "clawback 33.3% unless paid within 10 days of closed then restore on paid",
        "clawback unearned over 7 full months from closed on cancelled",
        "clawback unearned over term started months from closed on cancelled at 10 days after cancelled",
    ]
)
_STOPS = (
    "",
    "stop on cancelled then forfeit",
    "stop on cancelled then pay_out",
    "stop on paid then pay_out  stop on cancelled then forfeit",
    "stop on cancelled then pay_out  stop on paid then forfeit",
)
_AT = st.sampled_from(["", "", " at paid"])


@st.composite
def _bands(draw, shape: str) -> str:
    starts = draw(st.lists(st.integers(1, 40), min_size=0, max_size=3, unique=True).map(sorted))
    lines = []
    for index, start in enumerate([0, *starts]):
        side = "from" if index == 0 else draw(st.sampled_from(["from", "above"]))
        bound = {"money": f"{start * 25} USD", "quota": f"{start * 5}%", "count": str(start)}[shape]
        lines.append(f"tier {side} {bound} pay {draw(_tier_pay(shape))}")
    return "\n  ".join(lines)


def _tier_pay(shape: str) -> st.SearchStrategy[str]:
    if shape == "count":
        return st.sampled_from(
            [
                "5 USD per deal",
                "7.77 USD per unit",
                "nothing",
                "3% of amount",
                "25 USD once",
                "7 USD per started 3",
                "9 USD per full 2",
                "3 USD per unit above 2",
                "5 USD per started 2 above 1",
            ]
        )
    return st.sampled_from(
        [
            "1%",
            "2.5%",
            "3.333%",
            "nothing",
            "4% of net",
            "2% plus 33.33 USD once",
            "50 USD once",
            "rates of amount",
            "1.5 USD per started 33 USD",
            "5% above 100%" if shape == "quota" else "5% above 100 USD",
        ]
    )


@st.composite
def rules(draw, index: int) -> str:
    """One rule of any kind with random clauses."""
    kind = draw(st.sampled_from(["revenue_share", "flat", "tiered", "installments", "spiff"]))
    lines = [f"on deal{draw(_AT)}", *draw(_WHERES)]
    credit = draw(_CREDITS)
    if kind == "revenue_share":
        pays = ["10% of amount", "rates of amount", "payee.rate of net", "1% of net plus 2% of amount"]
        pays += ["3.333% of amount above 100 USD", "7% of net above payee.bonus"]
        if index > 0:
            pays += ["10% of amount less earnings of rule_0", "5% of net with own earnings of rule_0"]
        lines += [credit, f"pay {draw(st.sampled_from(pays))}", *draw(_ADJUSTERS)]
        lines.append(draw(_CLAWBACKS))
        lines.append(draw(_FIRST))
    elif kind == "flat":
        pays = ["50 USD per deal", "0.07 USD per unit of units", "payee.bonus per deal"]
        pays += ["1.11 USD per started 5 of units", "payee.bonus per full term of units above 2"]
        pays += ["0.33 USD per full 33 USD of amount"]
        lines += [credit, f"pay {draw(st.sampled_from(pays))}", *draw(_ADJUSTERS)]
        if draw(st.booleans()):
            lines.append("budget 250 USD then first_come on closed")
    elif kind == "tiered":
        shape = draw(st.sampled_from(["money", "count", "quota"]))
        methods = ["marginal", "whole", "from_crossing", "from_next", "interpolated"]
        window, keys = draw(_WINDOWS), draw(_KEYS)
        against = ""
        if shape == "quota":
            window, keys = "quarter", draw(st.sampled_from(["", " by payee"]))
            against = draw(st.sampled_from([" against goal_q", " against payee.target", " against 500 USD"]))
        take = "count" if shape == "count" else draw(st.sampled_from(["sum amount", "sum credited amount"]))
        measure = f"{take} per {window}{keys}{against}"
        if shape == "money" and draw(st.integers(0, 3)) == 0:
            measure = "booked"
        if shape == "count" and draw(st.integers(0, 3)) == 0:
            measure = "paid_deals"
        lines += [
            f"measure {measure}",
            f"apply {draw(st.sampled_from(methods))}",
            draw(_bands(shape)),
            *draw(_ADJUSTERS),
            draw(st.sampled_from(["", "", "floor 20 USD per month"])),
            f"amend from 2026-03-01 {{ {draw(_bands(shape))} }}" if draw(st.integers(0, 3)) == 0 else "",
        ]
    elif kind == "installments":
        count = draw(st.sampled_from(["3 months", "12 months", "term months", "5 weeks"]))
        start = draw(st.sampled_from(["closed", "1 month after closed", "end of quarter of closed", "paid"]))
        split = (
            f"split into {count} starting {start}  remainder to {draw(st.sampled_from(['first', 'last']))}"
        )
        lines += [
            credit,
            f"pay {draw(_PERCENTS)} of amount{draw(st.sampled_from(['', '', ' plus 1% of net']))}",
            *draw(_ADJUSTERS),
            draw(st.sampled_from([split, *_RELEASES])),
            draw(_CLAWBACKS),
            draw(st.sampled_from(_STOPS)),
            draw(st.sampled_from(["", "hold until paid"])),
        ]
    else:
        lines.append("window from 2026-02-01 through 2026-04-30")
        shape = draw(st.sampled_from(["row", "goal", "team", "rank"]))
        if shape == "row":
            lines += ["pay 25 USD per deal", draw(st.sampled_from(_BUDGETS))]
        elif shape == "goal":
            goals = ["count >= 2", "sum amount >= 500 USD", "sum amount > 0 USD", "paid_deals >= 1"]
            lines += [
                f"goal {draw(st.sampled_from(goals))}",
                'pay 100 USD once plus prize "a trip" once',
            ]
        elif shape == "team":
            whose = ["each member of payee.team", "members of payee.team equally"]
            share = draw(st.sampled_from([*whose, "each contributor", "contributors equally"]))
            lines += [
                "goal count >= 2 by payee.team",
                "pay 100 USD once",
                f"award {share}",
                "remainder to first" if "equally" in share else "",
                "budget 250 USD then first_come on closed",
            ]
        else:
            ties = draw(st.sampled_from(["share", "all", "first"]))
            lines += [
                f"rank sum amount by payee ties {ties}",
                "place 1 pay 100 USD once",
                "place 2 pay 33.33 USD once",
                "remainder to first" if ties == "share" else "",
            ]
    if index > 0 and draw(st.integers(0, 3)) == 0 and kind in ("revenue_share", "flat", "tiered"):
        own = draw(st.sampled_from(["", "own "]))
        lines += [f"deduct {own}earnings of rule_0", draw(st.sampled_from(["", "times 50%"]))]
    if kind == "tiered" and draw(st.integers(0, 3)) == 0:
        lines.append(f"rounding half_even to 0.01 per {draw(st.sampled_from(['window', 'band']))}")
    if draw(st.integers(0, 5)) == 0 and kind == "revenue_share":
        lines.append("amend from 2026-03-15 { pay 5% of amount }")
    body = "\n  ".join(line for line in lines if line)
    return f"{kind} rule_{index} {{\n  {body}\n}}\n"


@st.composite
def statements(draw) -> str:
    """A statement block: most often without any settling."""
    if draw(st.integers(0, 2)) > 0:
        return "statement { per month }"
    who = draw(st.sampled_from(["", " for gold"]))
    lines = [
        draw(
            st.sampled_from(
                [
                    "",
                    "guarantee 20 USD per month",
                    "guarantee payee.bonus per month for gold",
                    "guarantee 25 USD per month for 2 months from 2026-02-03",
                ]
            )
        ),
        *draw(
            st.sampled_from(
                [
                    ("",),
                    (f"draw payee.target per month kept{who}",),
                    (
                        f"draw 33.33 USD per month recoverable{who}",
                        "recover 50% of earnings above 33.33 USD",
                    ),
                    (f"draw payee.bonus per month recoverable{who}", "recover 33.3% of earnings"),
                ]
            )
        ),
        draw(st.sampled_from(["", "cap 60 USD per month then carry", "cap 60 USD per month then forfeit"])),
        draw(st.sampled_from(["negative carry", "negative forgive", "negative stands"])),
        draw(st.sampled_from(["", "minimum 15 USD then carry"])),
        draw(st.sampled_from(["", "rounding half_even to 0.05"])),
    ]
    block = "statement { per month  " + "  ".join(line for line in lines if line) + " }"
    window = draw(st.sampled_from(["month", "month", "week", "half_month", "quarter"]))
    return block.replace("per month", f"per {window}")


@st.composite
def plans(draw, most_rules: int = 3) -> str:
    """A whole plan as text."""
    header = HEADER.replace("MODE", draw(_MODES)).replace("PLACE", draw(st.sampled_from(["line", "fact"])))
    header = header.replace("statement { per month }", draw(statements()))
    blocks = [draw(rules(index)) for index in range(draw(st.integers(1, most_rules)))]
    if draw(st.booleans()):
        blocks.append("revenue_share override {\n  on earnings of rule_0\n  pay 10% of earning\n}\n")
    if len(blocks) > 1 and draw(st.integers(0, 2)) == 0:
        take = draw(st.sampled_from(["highest", "first"]))
        blocks.append(f"choose best {{ take {take} per deal  among rule_0  among rule_1 }}\n")
    return header + "\n".join(blocks)


def partner_rows() -> list[dict[str, str]]:
    """Four partners in two teams; ana is promoted, bob changes team, on 2026-03-01."""
    common = {"rate": "7.5%", "bonus": "12.34", "target": "400.00"}
    rows = [
        ("ana", "", "silver", "north", "eva", "emea;certified"),
        ("ana", "2026-03-01", "gold", "north", "eva", "emea;certified"),
        ("bob", "", "gold", "north", "eva", "new"),
        ("bob", "2026-03-01", "gold", "south", "eva", "new"),
        ("eva", "", "gold", "south", "", ""),
        ("ivo", "", "silver", "south", "eva", "apac"),
    ]
    names = ("id", "from", "tier", "team", "manager", "tags")
    return [dict(zip(names, row, strict=True)) | common for row in rows]


def quota_rows() -> list[dict[str, str]]:
    """Quotas for all but ivo, who has none."""
    return [
        {"partner": partner, "period": f"2026-Q{quarter}", "amount": f"{quarter * 200}.00"}
        for partner in PARTNERS[:3]
        for quarter in range(1, 5)
    ]


def payment_rows(deals: list[dict[str, str]]) -> list[dict[str, str]]:
    """Payments for the deals that are paid: most of it, all of it and more, and a part that goes back."""
    rows = []
    for deal in deals:
        if deal["paid"] and not deal["undoes"]:
            paid, amount = date.fromisoformat(deal["paid"]), Decimal(deal["amount"])
            for number, (days, share) in enumerate([(0, "0.7"), (25, "0.5"), (50, "-0.4")]):
                rows.append(
                    {
                        "id": f"{deal['id']}-{number}",
                        "deal": deal["id"],
                        "amount": str((amount * Decimal(share)).quantize(Decimal("0.01"))),
                        "received": (paid + timedelta(days=days)).isoformat(),
                    }
                )
    return rows


_DAYS = st.integers(0, 150).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
_CENTS = st.one_of(
    st.integers(0, 100_000),
    st.sampled_from([0, 1, 50, 10_000, 12_500, 25_000, 99_999, 100_000]),
)


@st.composite
def deal_rows(draw, most: int = 12, with_reversals: bool = True) -> list[dict[str, str]]:
    """Deals of four partners in five months; some cancelled, some undone in part or in full."""
    rows = []
    for index in range(draw(st.integers(0, most))):
        closed = draw(_DAYS)
        cents = draw(_CENTS)
        units = draw(st.integers(0, 12))
        row = {
            "id": f"D-{index:02}",
            "partner": draw(st.sampled_from(PARTNERS)),
            "other": draw(st.sampled_from(["", *PARTNERS])),
            "product": draw(st.sampled_from(["crm", "erp", "hr"])),
            "amount": money(cents),
            "units": str(units),
            "term": str(draw(st.integers(1, 7))),
            "closed": closed.isoformat(),
            "paid": draw(st.sampled_from(["", (closed + timedelta(days=20)).isoformat()])),
            "cancelled": draw(st.sampled_from(["", "", (closed + timedelta(days=75)).isoformat()])),
            "undoes": "",
        }
        rows.append(row)
        if with_reversals and draw(st.integers(0, 3)) == 0:
            part = draw(st.sampled_from([cents, cents // 3]))
            later = closed + timedelta(days=draw(st.integers(0, 60)))
            rows.append(
                row
                | {
                    "id": f"R-{index:02}",
                    "amount": money(-part),
                    "units": "0",
                    "closed": later.isoformat(),
                    "paid": later.isoformat() if row["paid"] else "",
                    "cancelled": "",
                    "undoes": row["id"],
                }
            )
    return rows


def money(cents: int) -> str:
    """Return minor units as a file has them."""
    return str(Decimal(cents).scaleb(-2))
