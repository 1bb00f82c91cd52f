"""Plans about what is taken back: clawbacks of awards with parts, stops, limits and refunds."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.undoing import Row, key_of, like, undoing
from tests.parity.makers.values import amounts, days, maybe, size

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
}}

fact deal {{
  field id text key
  field rep rep credited
  field helper rep
  field amount money signed
  field months number
  field closed date event
  field cancelled date optional
  field lapsed date optional
  field paid date optional
  field back date optional
  field ended date optional
  field undoes deal optional reverses
}}

fact payment {{
  field id text key
  field deal deal
  field amount money signed
  field received date event
}}

{kind} sales {{
  on deal
{clauses}
}}
{others}
"""
OVERRIDES = (
    "",
    "",
    "revenue_share override {\n  on earnings of sales\n  pay 20% of earning\n}",
    "revenue_share override {\n  on earnings of sales\n  pay 15% of earning\n"
    "  clawback 50% on lapsed then restore on back\n}",
    "revenue_share override {\n  on deal\n  pay 30% of amount\n  deduct earnings of sales\n"
    "  clawback 30% on cancelled\n}",
)
PAYS = (
    "  pay 10% of amount",
    "  pay 33.33% of amount plus 3.33 USD per deal",
    "  measure sum amount per quarter by payee\n  apply marginal\n  tier from 0 USD pay 3%\n"
    "  tier from 100 USD pay 7.5%\n  tier from 250 USD pay 11%",
    "  measure sum amount per quarter by payee\n  apply marginal\n  tier from 0 USD pay 3%\n"
    "  tier from 50 USD pay 12 USD once\n  tier from 150 USD pay 30 USD once",
    "  measure sum amount per quarter by payee\n  apply whole\n  tier from 0 USD pay 3%\n"
    "  tier from 100 USD pay 7.5%\n  tier from 250 USD pay 11%",
    "  measure sum amount per month by payee\n  apply interpolated\n  tier from 0 USD pay 3%\n"
    "  tier from 100 USD pay 7.5%\n  tier from 250 USD pay 11%",
)
CREDITS = ("", "", "  credit 60% to rep\n  credit 40% to helper")
PARTS = (
    "",
    "",
    "  split into 4 months starting closed",
    "  split into months months starting 1 month after closed",
    "  release 70% at closed\n  release 20% at paid\n  release rest at end of quarter of closed",
    "  release 40% split into 3 months starting closed\n  release rest as payment.amount reaches amount",
    "  release 100% as payment.amount reaches amount",
)
REMAINDERS = ("first", "last", "nobody")
CLAWBACKS = (
    "  clawback 100% on cancelled",
    "  clawback 50% on cancelled within 40 days of closed\n"
    "  clawback 25% on cancelled within 90 days of closed",
    "  clawback 40% on cancelled at end of month of cancelled",
    "  clawback 33.3% on lapsed then restore on back",
    "  clawback 60% on lapsed at paid then restore on paid",
    "  clawback 70% unless paid within 20 days of closed then restore on paid",
    "  clawback 100% unless paid within 1 month of closed",
    "  clawback unearned over 5 full months from closed on cancelled",
    "  clawback unearned over months started months from closed on lapsed then restore on back",
    "  clawback unearned over 30 started days from closed on back at 10 days after back",
)
OTHERS = (
    "  hold until paid",
    "  hold until 20 days after closed",
    "  stop on ended then forfeit",
    "  stop on ended then pay_out",
    "  cap 30 USD per month by payee",
    "  floor 5 USD per deal by payee",
    "  budget 60 USD then first_come on closed",
    "  budget 60 USD then prorate",
    "  times 1.15",
    "  amend from 2026-02-10 {\n    clawback 20% on cancelled then restore on back\n  }",
)


def plans(chance: Chance) -> str:
    """A rule with clawbacks, and perhaps with parts, stops, limits and a budget."""
    lines = [chance.one_of(CREDITS), chance.one_of(PAYS)]
    parts = chance.one_of(PARTS)
    if "  measure" in lines[1] and lines[0]:
        lines[1] = lines[1].replace("sum amount", "sum credited amount")
    is_split = "  split" in parts
    if is_split:
        lines[1] = PAYS[0]
    others = sorted(chance.some(OTHERS, most=2), key=OTHERS.index)
    others = [each for each in others if not ("tier" in lines[1] or is_split) or "budget" not in each]
    is_prorated = any("prorate" in each for each in others)
    limits = [each for each in others if "amend" not in each and not each.startswith(("  hold", "  stop"))]
    lines += sorted(limits, key=lambda each: "budget" in each)
    lines += [each for each in others if each.startswith("  hold")]
    lines.append(parts)
    if is_prorated or len(parts.splitlines()) > 1 or is_split:
        lines.append(f"  remainder to {chance.one_of(REMAINDERS)}")
    lines += [each for each in others if each.startswith("  stop")]
    lines += _reachable(chance.some(CLAWBACKS, least=1, most=3))
    lines += [each for each in others if "amend" in each]
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(["line", "fact"]),
        kind="tiered" if "tier" in lines[1] else "installments" if is_split else "revenue_share",
        clauses="\n".join(line for line in lines if line),
        others=chance.one_of(OVERRIDES),
    )


def _reachable(clawbacks: list[str]) -> list[str]:
    """Return the clawbacks without a second one of a date: the first that applies counts."""
    return list(
        {
            each.partition(" on ")[2].split()[0] if " on " in each else each: each for each in clawbacks
        }.values()
    )


REPS = ("ana", "bob")


def facts(chance: Chance):
    """Deals, some of which undo others, with what happened to them later, and what was paid for them."""
    day, amount = days(chance, 100), amounts(chance, -5_000, 40_000)

    def made(number: int, undone: Row | None) -> Row:
        dates = {each: maybe(chance, day) for each in ("cancelled", "lapsed", "paid", "back", "ended")}
        return {
            "id": key_of(chance, number),
            "rep": undone["rep"] if undone else chance.one_of(REPS),
            "helper": undone["helper"] if undone else chance.one_of(REPS),
            "amount": like(chance, undone, "amount", amount),
            "months": str(chance.number(1, 7)),
            "closed": like(chance, undone, "closed", day),
        } | dates

    deals = undoing(chance, 70, made, one_in=3)
    payments = [
        {
            "id": f"P-{number}",
            "deal": chance.one_of(deals)["id"],
            "amount": amount(),
            "received": day(),
        }
        for number in range(size(chance, 70))
    ]
    return {"rep": [{"id": name} for name in REPS], "deal": deals, "payment": payments}
