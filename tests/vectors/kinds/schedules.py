"""When an award is paid: parts with dates, what waits for the customer, what is taken back."""

from __future__ import annotations

from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import SELLERS, block, fact, fraction, money, payee, percent, plan


@kind("three_way_split")
def three_way_split(row: Row) -> Scenario:
    """An award in parts: with the order, when the customer has paid, and at the end of the year."""
    terms = row.terms
    collected = "booked" if terms["exempt"] else "collected"
    dates = {"booking": "booked", "collection": collected, "year_end": "end of year of booked"}
    parts = [
        f"release {percent(terms[name])} at {date}" for name, date in dates.items() if terms[name] != "0"
    ]
    months = {"booking": "2026-01", "collection": "2026-03", "year_end": "2026-12"}
    return Scenario(
        plan=plan(
            payee(),
            block(
                "fact deal",
                "field id text key",
                "field seller seller credited",
                "field amount money",
                "field booked date event",
                "field collected date",
            ),
            block(
                "revenue_share award",
                "on deal",
                "pay 100% of amount",
                parts,
                "remainder to first" if len(parts) > 1 else [],
            ),
        ),
        facts={
            "seller": SELLERS,
            "deal": [
                {
                    "id": "1",
                    "seller": "ana",
                    "amount": row.fact["earned"],
                    "booked": "2026-01-15",
                    "collected": "2026-03-10",
                }
            ],
        },
        period="2026-01..2026-12",
        looks={name: Look(payee="ana", period=month) for name, month in months.items()},
    )


@kind("paid_proportion")
def paid_proportion(row: Row) -> Scenario:
    """A share of each line, as far as the customer has paid by the day that is settled."""
    given = row.fact
    requires(row.terms["rounding"], mode="half_up", dp=2)
    lines = [
        {"id": str(place), "seller": "ana", "sold": "2024-05-01", "amount": amount}
        for place, amount in enumerate(given["lines"], start=1)
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("item", "field amount money", "derive all_of_it = 1"),
            block(
                "fact payment",
                "field id text key",
                "field item item",
                "field share number",
                "field paid_on date event",
            ),
            block(
                "revenue_share commission",
                "on item",
                f"pay {fraction(row.terms['rate'])} of amount",
                "release 100% as payment.share reaches all_of_it",
            ),
            effective="from 2024-01-01",
        ),
        facts={
            "seller": SELLERS,
            "item": lines,
            "payment": [
                {
                    "id": one["id"],
                    "item": one["id"],
                    "share": given["paid_share"],
                    "paid_on": given["paid_on"],
                }
                for one in lines
            ],
        },
        period="2024-05",
        through=given["cut_off"],
        looks={"commission": Look(payee="ana")},
    )


@kind("deduct_supplement")
def deduct_supplement(row: Row) -> Scenario:
    """A share of the fee, of which a part is held back until the customer pays."""
    terms = row.terms
    return Scenario(
        plan=plan(
            payee(),
            fact("fee", "field amount money", "field paid date"),
            block(
                "revenue_share supplement",
                "on fee",
                f"pay {fraction(terms['deduct_rate'])} of amount",
                "hold until paid",
            ),
            block(
                "revenue_share commission",
                "on fee",
                f"pay {fraction(terms['rate'])} of amount",
                "deduct earnings of supplement",
            ),
        ),
        facts={
            "seller": SELLERS,
            "fee": [
                {
                    "id": "1",
                    "seller": "ana",
                    "sold": "2026-01-10",
                    "amount": row.fact["amount"],
                    "paid": "2026-01-20" if row.fact["paid_in_month"] == "true" else "2026-02-10",
                }
            ],
        },
        period="2026-01..2026-02",
        looks={
            "first": Look(payee="ana", period="2026-01"),
            "supplement": Look(payee="ana", period="2026-02"),
        },
    )


@kind("advance_earning")
def advance_earning(row: Row) -> Scenario:
    """An advance that is earned month by month; what is not earned at the end is owed back."""
    terms, given = row.terms, row.fact
    start = given.get("effective", "2026-01-01")
    end = given.get("cancelled") or _months_after_new_year(int(given["months_elapsed"]))
    return Scenario(
        plan=plan(
            payee(),
            block(
                "fact policy",
                "field id text key",
                "field seller seller credited",
                "field advance money",
                "field issued date event",
                "field cancelled date optional",
            ),
            block(
                "revenue_share advance",
                "on policy",
                "pay 100% of advance",
                f"clawback unearned over {terms['months']} full months from issued on cancelled",
            ),
        ),
        facts={
            "seller": SELLERS,
            "policy": [
                {"id": "1", "seller": "ana", "advance": terms["advance"], "issued": start, "cancelled": end}
            ],
        },
        period="2026-01..2027-12",
        looks={"earned": Look(payee="ana"), "unearned": Look(part="clawback", taken=True)},
    )


def _months_after_new_year(months: int) -> str:
    """Return the day on which so many months are over that began with 2026."""
    years, month = divmod(months, 12)
    return f"{2026 + years}-{month + 1:02}-01"


@kind("instalment_schedule")
def instalment_schedule(row: Row) -> Scenario:
    """A price in instalments at the ends of months, and a part of it at completion."""
    terms, given = row.terms, row.fact
    cap = [] if terms["cap"] is None else [f"derive funded = price at most {money(terms['cap'])}"]
    base = "funded" if cap else "price"
    ended = given["actual_end"] or ""
    status = terms["status"]
    return Scenario(
        plan=plan(
            payee("provider"),
            block(
                "fact learner",
                "field id text key",
                "field provider provider credited",
                "field price money",
                cap,
                "field started date event",
                "field planned_end date",
                "field completed date optional",
                "field withdrawn date optional",
                "derive instalments = month ends from started through planned_end",
            ),
            block(
                "installments funding",
                "on learner",
                f"pay 100% of {base}",
                f"release {percent(terms['completion_percent'])} at completed",
                "release rest split into instalments months starting end of month of started",
                "remainder to first",
                "stop on completed then pay_out",
                "stop on withdrawn then forfeit",
            ),
            effective="from 2017-01-01",
        ),
        facts={
            "provider": [{"id": "ana"}],
            "learner": [
                {
                    "id": "1",
                    "provider": "ana",
                    "price": given["price"],
                    "started": given["start"],
                    "planned_end": given["planned_end"],
                    "completed": ended if status == "completed" else "",
                    "withdrawn": ended if status == "withdrawn" else "",
                }
            ],
        },
        period="2017-01..2018-12",
        looks={"earned": {month: Look(payee="ana", period=month) for month in row.expected["earned"]}},
    )


@kind("late_withdrawal")
def late_withdrawal(row: Row) -> Scenario:
    """Instalments that were paid for month ends after a withdrawal are taken back in one amount."""
    terms, given = row.terms, row.fact
    return Scenario(
        plan=plan(
            payee("provider"),
            block(
                "fact withdrawal",
                "field id text key",
                "field provider provider credited",
                "field price money",
                "field started date",
                "field planned_end date",
                "field withdrawn date event",
                "field instalments_paid number",
                "derive instalments = month ends from started through planned_end",
                "derive earned = month ends from started until withdrawn",
                "derive too_many = instalments_paid - earned at least 0",
                f"derive in_instalments = price - price * {percent(terms['completion_percent'])}",
                "derive taken_back = 0 USD - in_instalments * (too_many / instalments)",
            ),
            block(
                "revenue_share refund",
                "on withdrawal",
                f"pay {percent(terms['payer_percent'])} of taken_back",
            ),
            effective="from 2017-01-01",
        ),
        facts={
            "provider": SELLERS,
            "withdrawal": [
                {
                    "id": "1",
                    "provider": "ana",
                    "price": given["price"],
                    "started": given["start"],
                    "planned_end": given["planned_end"],
                    "withdrawn": given["withdrawn"],
                    "instalments_paid": given["instalments_paid"],
                }
            ],
        },
        period="2017-01..2018-12",
        looks={"refund": Look(payee="ana")},
    )


@kind("collection_clawback")
def collection_clawback(row: Row) -> Scenario:
    """Parts with the order, on payment and at the end of the year; taken back if nobody pays."""
    terms = row.terms
    requires(row.fact, collected_after_days=None)
    deal = {"id": "1", "seller": "ana", "amount": row.fact["earned"], "booked": "2026-01-10"}
    return Scenario(
        plan=plan(
            payee(),
            block(
                "fact deal",
                "field id text key",
                "field seller seller credited",
                "field amount money",
                "field booked date event",
                "field collected date optional",
            ),
            block(
                "revenue_share award",
                "on deal",
                "pay 100% of amount",
                f"release {percent(terms['booking'])} at booked",
                f"release {percent(terms['collection'])} at collected",
                f"release {percent(terms['year_end'])} at end of year of booked",
                "remainder to first",
                f"clawback 100% unless collected within {terms['limit_days']} days of booked",
            ),
        ),
        facts={
            "seller": SELLERS,
            "deal": [{**deal, "collected": ""}],
        },
        period="2026-01..2026-12",
        looks={
            "paid_on_booking": Look(payee="ana", period="2026-01"),
            "clawed_back": Look(part="clawback"),
            "paid_on_collection": Look(payee="ana", period="2026-03"),
        },
    )
