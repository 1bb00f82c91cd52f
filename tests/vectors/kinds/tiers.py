"""Bands and brackets: a rate by how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.vectors.registry import CannotSay, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario, Unrounded
from tests.vectors.writing import (
    DAY,
    LATER,
    SELLERS,
    UNITS,
    USD,
    block,
    fact,
    fraction,
    money,
    number,
    payee,
    percent,
    plan,
    rounded,
)


class Report:
    """The reported quantity or amount of a row, as a fact block, and how its tiers are written."""

    def __init__(self, row: Row) -> None:
        self.counts = row.terms["rate_unit"] == "per_unit"
        self.rounding = row.terms["rounding"]
        self.currency = UNITS if self.rounding and self.rounding["dp"] == 0 else USD
        self.field = "quantity" if self.counts else "amount"
        self.mirrored = row.terms.get("negatives") == "mirror"
        self.signed = any(value.startswith("-") for fact in row.facts for value in fact.values())

    def block(self) -> str:
        """Return the fact block."""
        what = "number" if self.counts else "money"
        return fact("sale", f"field {self.field} {what}{' signed' if self.signed else ''}")

    def bound(self, value: str) -> str:
        """Return the end of a band."""
        return number(value) if self.counts else money(value, self.currency)

    def pay(self, band: Mapping[str, Any], *, with_flat: bool = True) -> str:
        """Return what a band pays."""
        parts = []
        if band["rate"] != "0":
            parts.append(
                f"{money(band['rate'], self.currency)} per unit" if self.counts else percent(band["rate"])
            )
        if band["flat"] != "0" and with_flat:
            parts.append(f"{money(band['flat'], self.currency)} once")
        return " plus ".join(parts) or "nothing"

    def plan(self, *rules: str, statement: str = "per month") -> str:
        """Return a plan of these rules, rounded as the row says."""
        words = rounded(self.rounding)
        if self.rounding and self.rounding.get("on") == "delta":
            requires(self.rounding, mode="floor", dp=0)
            words = "down to 1 per fact"
        return plan(
            payee(),
            self.block(),
            *rules,
            currency=self.currency,
            rounding=words,
            statement=statement,
        )

    def look(self, period: str | None = None) -> Look | Unrounded:
        """Return the total of the statement; before rounding where the row does not round."""
        if self.rounding:
            return Look(payee="ana", period=period)
        return Unrounded(period=period)


def sales(row: Row, field: str, prior: str = "prior") -> list[dict[str, str]]:
    """Return the reported quantities as rows; what the window held before is a row before them."""
    table = []
    for place, given in enumerate(row.facts, start=1):
        if given.get(prior, "0") != "0":
            table.append({"id": f"0{place}", "seller": "ana", "sold": DAY, field: given[prior]})
        day = LATER if prior in given else DAY
        table.append({"id": str(place), "seller": "ana", "sold": day, field: given["quantity"]})
    return table


@kind("bracket_marginal")
def bracket_marginal(row: Row) -> Scenario:
    """Each part in its own band; a flat amount for a band when it is entered."""
    report = Report(row)
    requires(row.terms, bound="upper_inclusive")
    if row.terms["zero"] not in ("nothing", "first_flat") or (report.signed and not report.mirrored):
        raise CannotSay
    always = row.terms["zero"] == "first_flat" and row.terms["tiers"][0]["flat"] != "0"
    lines, lower = [], None
    for tier in row.terms["tiers"]:
        begins = f"from {report.bound('0')}" if lower is None else f"above {report.bound(lower)}"
        lines.append(f"tier {begins} pay {report.pay(tier, with_flat=lower is not None or not always)}")
        lower = tier["up_to"]
    rules = []
    if always:
        first = money(row.terms["tiers"][0]["flat"], report.currency)
        rules.append(
            block(
                "flat first_band",
                "on sale",
                f"pay {first} per sale",
                f"cap {first} per month by payee",
            )
        )
    rules.append(
        block(
            "tiered bands",
            "on sale",
            f"measure sum {report.field} per month by payee",
            "apply marginal",
            lines,
        )
    )
    has_prior = any("prior" in given for given in row.facts)
    return Scenario(
        plan=report.plan(*rules, statement="per half_month" if has_prior else "per month"),
        facts={"seller": SELLERS, "sale": sales(row, report.field)},
        period="2026-01-B" if has_prior else "2026-01",
        looks={"amount": report.look("2026-01-B" if has_prior else "2026-01")},
    )


@kind("lock_stock_barrel")
def lock_stock_barrel(row: Row) -> Scenario:
    """Bands of the month's sales, which are counted in pieces; nothing if one product was not sold."""
    requires(row.terms, rate_unit="percent")
    products = list(row.terms["prices"])
    worth = " + ".join(f"{money(price)} * {name}" for name, price in row.terms["prices"].items())
    lines, lower = [], None
    for tier in row.terms["tiers"]:
        requires(tier, flat="0")
        begins = "from 0 USD" if lower is None else f"above {money(lower)}"
        lines.append(f"tier {begins} pay {percent(tier['rate'])}")
        lower = tier["up_to"]
    return Scenario(
        plan=plan(
            payee(),
            fact("month_report", [f"field {name} number" for name in products], f"derive sales = {worth}"),
            block(
                "tiered commission",
                "on month_report",
                [f"where {name} > 0" for name in products],
                "measure sum sales per month by payee",
                "apply marginal",
                lines,
            ),
        ),
        facts={
            "seller": SELLERS,
            "month_report": [
                {"id": str(place), "seller": "ana", "sold": DAY, **given}
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        looks={"commission": Look(payee="ana")},
    )


@kind("count_ladder")
def count_ladder(row: Row) -> Scenario:
    """The rate of each referral goes by its number; earlier ones keep theirs."""
    given = row.fact
    lines = [
        f"tier from {number(step['from'])} pay {percent(step['rate_percent'])} of amount"
        for step in row.terms["ladder"]
    ]
    before = [
        {"id": f"0{place:03}", "seller": "ana", "sold": DAY, "amount": given["amount"]}
        for place in range(int(given["had_before"]))
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("referral", "field amount money"),
            block(
                "tiered commission",
                "on referral",
                "measure count per month by payee",
                "apply from_crossing",
                lines,
            ),
        ),
        facts={
            "seller": SELLERS,
            "referral": [*before, {"id": "1", "seller": "ana", "sold": LATER, "amount": given["amount"]}],
        },
        looks={"commission": Look(rule="commission", fact="1")},
    )


@kind("target_slice")
def target_slice(row: Row) -> Scenario:
    """A rate on what lies between two shares of a target, and how much of that slice is filled."""
    terms = row.terms
    start, end = fraction(terms["from"]), fraction(terms["to"])
    below = ["tier from 0% pay nothing"] if start != "0%" else []
    rate = fraction(terms["rate"])
    slice_ = [f"tier from {start} pay {rate}"] if start != end else []
    if start == end:
        filled = ["tier from 0% pay nothing", f"tier above {end} pay 100 USD once"]
        method = "whole"
    else:
        filled = [f"tier from {start} pay 0 USD once", f"tier from {end} pay 100 USD once"]
        method = "interpolated"
        if start != "0%":
            filled.insert(0, "tier from 0% pay 0 USD once")
    measure = f"measure sum amount per month by payee against {money(terms['target'])}"
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money"),
            block(
                "tiered commission",
                "on sale",
                measure,
                "apply marginal",
                below,
                slice_,
                f"tier from {end} pay nothing",
            ),
            block("tiered percent_filled", "on sale", measure, f"apply {method}", filled, "memo"),
        ),
        facts={
            "seller": SELLERS,
            "sale": [{"id": "1", "seller": "ana", "sold": DAY, "amount": row.fact["base"]}],
        },
        looks={"commission": Look(payee="ana"), "completion_percent": Look(rule="percent_filled")},
    )


@kind("fee_above_allowance")
def fee_above_allowance(row: Row) -> Scenario:
    """A rate on what exceeds an allowance, of which earlier payouts have used a part."""
    terms, given = row.terms, row.fact
    if terms["allowance"] == "0":
        lines = [f"tier from 0 USD pay {fraction(terms['rate'])}"]
    else:
        lines = [
            "tier from 0 USD pay nothing",
            f"tier above {money(terms['allowance'])} pay {fraction(terms['rate'])}",
        ]
    before = [{"id": "0", "seller": "ana", "sold": DAY, "amount": given["used"]}]
    return Scenario(
        plan=plan(
            payee(),
            fact("payout", "field amount money"),
            block(
                "tiered fee",
                "on payout",
                "measure sum amount per lifetime by payee",
                "apply marginal",
                lines,
            ),
        ),
        facts={
            "seller": SELLERS,
            "payout": [*before, {"id": "1", "seller": "ana", "sold": LATER, "amount": given["amount"]}],
        },
        looks={"fee": Look(rule="fee", fact="1")},
    )
