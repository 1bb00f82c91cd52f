"""Rules whose rows are the lines of another rule, over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.shared import REPS
from tests.parity.makers.undoing import Row, key_of, like, undoing
from tests.parity.makers.values import amounts, days, size

REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody")
SHARES = """fact deal_share {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
}
"""
PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
  field lead rep
  field team text history
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field paid date optional
  field back date optional
  field undoes deal optional reverses
{derived}
{order}
}}

{measure}
{shares}
{base_kind} base {{
  on {source}
{base}
}}
{between}
{kind} extra {{
  {memo}
  on earnings of {of}
{clauses}
}}
"""
BASES = (
    ("revenue_share", "deal", "  pay 10% of amount"),
    ("revenue_share", "deal", "  pay 10% of amount\n  cap 30 USD per month by payee\n  floor 2 USD per deal"),
    ("revenue_share", "deal", "  credit 60% to opener\n  credit 40% to closer\n  pay 9% of amount"),
    ("revenue_share", "deal", "  credit each deal_share by weight\n  pay 9% of amount\n  remainder to {to}"),
    ("revenue_share", "deal at paid", "  pay 10% of amount plus 3.33 USD per deal"),
    ("revenue_share", "deal", "  pay 10% of amount\n  floor 25 USD per month by payee"),
    ("revenue_share", "deal", "  pay 12% of amount\n  budget 60 USD then first_come on closed"),
    (
        "installments",
        "deal",
        "  pay 12% of amount\n  split into 3 months starting closed\n  remainder to last\n"
        "  stop on paid then forfeit",
    ),
    (
        "tiered",
        "deal",
        "  measure sum amount per month by payee\n  apply marginal\n  tier from 0 USD pay 10%\n"
        "  tier from 150 USD pay 20% plus 5% of amount\n  tier above 300 USD pay 3.33%",
    ),
    ("flat", "rep per month", "  credit rep\n  pay 100 USD per month"),
    ("revenue_share", "deal", "  pay 10% of amount\n  clawback 50% on paid then restore on back"),
    (
        "revenue_share",
        "deal",
        "  credit 60% to opener\n  credit 40% to closer\n  pay 9% of amount plus 1 USD per deal\n"
        "  clawback 30% on paid within 80 days of closed\n  clawback 100% on back",
    ),
    (
        "revenue_share",
        "deal",
        "  pay 10% of amount\n  award each member of payee.team\n  clawback 50% on back",
    ),
)
CREDITS = (
    "",
    "  credit payee.lead",
    "  credit closer",
    "  credit 55% to closer\n  credit 45% to payee.lead",
    "  credit each deal_share equally\n  remainder to {to}",
    "  credit each level of closer.lead through 2",
)
WHERES = (
    "",
    "  where earning > 8 USD",
    '  where product is "a"',
    '  where payee.team is "north"',
    "  where earned >= 2026-02-05",
)
PAYS = (
    "  pay 50% of earning",
    "  pay 7.77% of earning",
    "  pay 33.33% of earning plus 2% of amount",
    "  pay 5% of amount",
    "  pay 11% of net",
)
LIMITS = (
    "  cap 6 USD per month by payee",
    "  cap 20 USD per quarter by all",
    "  cap 2 USD per deal by payee",
    "  floor 1 USD per deal by payee",
    "  times 1.15",
    "  floor 12 USD per month by payee",
    "  for first 2 by payee",
)
DATES = ("", "", "  hold until paid", "  hold until 1 month after earned")
RELEASES = (
    "  release 60% at earned\n  release rest at 1 month after earned",
    "  release 30% at 1 week after earned\n  release rest split into 3 months starting earned",
)
MEASURE = """
measure counted {{
{since}
  on deal{at}
{credit}
{where}
  take {taken} per {window} by {key}
}}
"""
SO_FAR = (
    "  where counted so far >= {least}",
    "  times 1.5 when counted so far > {least}",
    "  where counted of quarter before >= {least}",
    "  times 1.25 when counted so far < {least}\n  where counted so far > 0{unit}",
)
BETWEEN = """
revenue_share middle {
  memo
  on earnings of base
  pay 60% of earning
}
"""


def plans(chance: Chance) -> str:
    """A rule on earnings of another, or on earnings of one on earnings of it."""
    base_kind, source, base = chance.one_of(BASES)
    to = chance.one_of(REMAINDERS)
    credit = chance.one_of(CREDITS).format(to=chance.one_of(REMAINDERS))
    # Lines of a floor and rows of the calendar stand on no deal, of which a field could be read.
    on_no_deal = "per month" in source or "floor 25" in base
    if on_no_deal:
        credit = chance.one_of(CREDITS[:2])
    limits = [limit for limit in LIMITS if not (on_no_deal and "per deal" in limit)]
    lines = [
        credit,
        chance.one_of([where for where in WHERES if not on_no_deal or "product" not in where]),
        chance.one_of(PAYS[:2] if on_no_deal else PAYS),
    ]
    lines += sorted(chance.some(limits, most=2), key=lambda limit: "floor 12" in limit)
    lines.append(chance.one_of([each for each in DATES if not on_no_deal or "paid" not in each]))
    if chance.number(0, 3) == 0:
        lines.append(chance.one_of(RELEASES))
        # One line says it for all that the rule divides.
        lines += [f"  remainder to {chance.one_of(REMAINDERS)}"] if "remainder" not in credit else []
    if chance.number(0, 4) == 0:
        lines.append("  amend from 2026-02-10 {\n    pay 20% of earning\n  }")
    between = chance.one_of(["", "", BETWEEN])
    measure = ""
    if chance.number(0, 2) == 0:
        measure, asks = _totals(chance, on_no_deal=on_no_deal)
        lines.insert(1, asks)
    text = PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05"]),
        place=chance.one_of(["line", "fact"]),
        derived="  derive net = amount - 1.11 USD",
        shares="",
        order=chance.one_of(["", "", "  order by amount"]) if measure else "",
        measure=measure,
        base_kind=base_kind,
        source=source,
        base=base.format(to=to),
        between=between,
        kind="revenue_share",
        memo=chance.one_of(["", "memo"]),
        of="middle" if between else "base",
        clauses="\n".join(line for line in lines if line),
    )
    return text.replace("payee rep {", f"{SHARES}payee rep {{", 1) if "deal_share" in text else text


def _totals(chance: Chance, *, on_no_deal: bool) -> tuple[str, str]:
    """Return a named measure, and lines that ask for where it stands."""
    of = chance.one_of(["sum {share} amount", "count", "max amount"])
    credit = chance.one_of(["", "", "  credit closer", "  credit 60% to opener\n  credit 40% to closer"])
    share = chance.one_of(["credited", "full"]) if "60%" in credit else ""
    unit = "" if of == "count" else " USD"
    asks = chance.one_of(SO_FAR)
    measure = MEASURE.format(
        since="  effective from 2025-10-01" if "before" in asks else "",
        at=chance.one_of(["", "", " at paid"]),
        credit=credit,
        where=chance.one_of(["", '  where product is "a"', "  where amount > 50 USD"]),
        taken=of.format(share=share),
        window="quarter" if "before" in asks else chance.one_of(["month", "quarter", "lifetime"]),
        key=chance.one_of(["payee", "payee", "payee.team" if on_no_deal else "product"]),
    )
    least = chance.one_of("123") if not unit else f"{chance.one_of([50, 120, 200])} USD"
    return measure, asks.format(least=least, unit=unit)


def facts(chance: Chance):
    """Deals, some of which undo others, their shares, and payees who change teams."""
    day, amount = days(chance, 120), amounts(chance, -5_000, 40_000)

    def made(number: int, undone: Row | None) -> Row:
        return {
            "id": key_of(chance, number),
            "opener": chance.one_of(REPS),
            "closer": chance.one_of(REPS),
            "product": chance.one_of(["a", "b"]),
            "amount": like(chance, undone, "amount", amount),
            "closed": like(chance, undone, "closed", day),
            "paid": day() if chance.flip() else "",
            "back": day() if chance.flip() else "",
        }

    deals = undoing(chance, 110, made)
    shares = [
        {
            "id": f"S-{number}",
            "deal": chance.one_of(deals)["id"],
            "rep": chance.one_of(REPS),
            "weight": str(chance.number(0, 7)),
        }
        for number in range(size(chance, 130))
    ]
    reps = [
        {"id": name, "lead": chance.one_of(REPS), "team": team, "from": since}
        for name in REPS
        for team, since in (("north", "2026-01-10"), ("south", day()))
    ]
    leads = {}
    for rep in reps:
        rep["lead"] = leads.setdefault(rep["id"], rep["lead"])
    return {"rep": reps, "deal": deals, "deal_share": shares}
