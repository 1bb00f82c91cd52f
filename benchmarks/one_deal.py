"""What one deal costs under a plan of twenty rules of which three or four pay: microseconds of CPU.

    prepared                  `prepared.pay(row)`: the row checked, lines with trace, reasons where none
    prepared, values as text  likewise, from a row of texts
    prepared, columns read    likewise, and each of the columns of each line read
    prepared, with words      likewise, and each line told in words
    reference, in a batch     the reference engine over all deals at once, per deal; reading them left out
    reference, by itself      the reference engine over a book of one deal
    evaluate, by itself       `rulesengine.evaluate` over records of one deal, which are read and checked

All in one process, in turns: the best, and the median of all turns.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from statistics import median

import rulesengine
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import Line
from rulesengine.intake import read_book
from rulesengine.model.book import Book
from rulesengine.model.collector import collector_held
from rulesengine.pipeline import LoadedPlan
from rulesengine.prepared import Prepared

_HEADER = """plan benchmark {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_even to 0.01 per line
}
payee agent {
  field id text key
  field tier text one of "silver", "gold", "platinum"
  field region text one of "north", "south", "east", "west"
}
fact deal {
  field id text key
  field agent agent credited
  field product text one of "crm", "erp", "bi", "hr"
  field type text one of "new", "renewal", "upgrade"
  field units number
  field amount money
  field closed date event
}
table product_rate on deal by product, payee.tier {
  row "crm", "platinum" gives 14%
  row "crm", any gives 11%
  row any, "gold" gives 9%
  row any, any gives 8%
}
statement { per month }
revenue_share base { on deal  pay product_rate of amount }
tiered growth {
  on deal
  measure sum amount per quarter by payee
  apply marginal
  tier from 0 USD pay 0.5%
  tier from 200,000 USD pay 1%
  tier from 600,000 USD pay 2%
}
"""
_PAYS = (
    "pay 2% of amount",
    "pay 40 USD per deal",
    "pay 1.75 USD per unit of units",
    "pay 1.5% of amount\n  floor 25 USD per deal",
)


def plan_text() -> str:
    """Return the plan: twenty rules; eighteen of them have conditions of which one or two hold."""
    rules = []
    for number in range(18):
        product = ("crm", "erp", "bi", "hr")[number % 4]
        kind = ("new", "renewal", "upgrade")[number % 3]
        region = ("north", "south", "east", "west")[number // 2 % 4]
        where = f'(product is "{product}" and type is "{kind}")'
        where += f' or (payee.region is "{region}" and amount >= {30 + number},000 USD)'
        rules.append(
            f"{'flat' if number % 4 in (1, 2) else 'revenue_share'} extra_{number} {{\n  on deal\n"
            f"  where {where}\n  {_PAYS[number % 4]}\n}}"
        )
    return _HEADER + "\n".join(rules) + "\n"


def agents() -> list[dict[str, object]]:
    """Return a hundred payees."""
    chance = random.Random(1)
    tiers, regions = ("silver", "gold", "platinum"), ("north", "south", "east", "west")
    return [
        {"id": f"a{number:03}", "tier": chance.choice(tiers), "region": chance.choice(regions)}
        for number in range(100)
    ]


def deals(count: int, first: date, days: int, prefix: str) -> list[dict[str, object]]:
    """Return so many deals, dated from a day on; the same for the same arguments."""
    chance = random.Random(prefix)
    return [
        {
            "id": f"{prefix}{number:06}",
            "agent": f"a{chance.randrange(100):03}",
            "product": chance.choice(("crm", "erp", "bi", "hr")),
            "type": chance.choice(("new", "renewal", "upgrade")),
            "units": Decimal(chance.randrange(1, 60)),
            "amount": Decimal(chance.randrange(10_000, 4_000_000)).scaleb(-2),
            "closed": first + timedelta(days=chance.randrange(days)),
        }
        for number in range(count)
    ]


def main(count: int) -> None:
    """Measure, and print the table."""
    earlier, quotes = deals(count, date(2026, 1, 1), 240, "d"), deals(400, date(2026, 9, 1), 60, "q")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plan.rules"
        path.write_text(plan_text(), encoding="utf-8")
        loaded = rulesengine.load_plan(path)
    rules = len(loaded.plan.rules)
    prepared = rulesengine.prepare(loaded, facts={"agent": agents(), "deal": earlier})
    assert not prepared.left_to_judge, prepared.left_to_judge
    per_deal = sum(len(prepared.pay(quote).lines) for quote in quotes) / len(quotes)
    print(f"{rules} rules, {per_deal:.1f} lines a deal, {count:,} earlier deals")
    print(f"{'µs of CPU':28}{'best':>10} {'median':>10} {'best a rule':>12}")
    tasks = _tasks(loaded, prepared, earlier[:500], quotes)
    turns: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(_TURNS):
        for name, (task, size) in tasks.items():
            started = time.process_time()
            task()
            turns[name].append((time.process_time() - started) / size * 1e6)
    for name, costs in turns.items():
        print(f"{name:28}{min(costs):10.1f} {median(costs):10.1f} {min(costs) / rules:12.2f}")


_TURNS = 25
_EVERY_COLUMN = attrgetter(*(field.name for field in fields(Line)))


def _tasks(
    loaded: LoadedPlan, prepared: Prepared, earlier: list[dict[str, object]], quotes: list[dict[str, object]]
) -> dict[str, tuple[Callable[[], None], int]]:
    """Return what is measured, and over how many deals."""
    as_text = [{name: str(value) for name, value in quote.items()} for quote in quotes]
    reference, last = ReferenceEngine(), loaded.plan.effective.end
    schema = loaded.plan.schema
    batch = read_book(schema, {"agent": agents(), "deal": earlier}).book
    alone = [read_book(schema, {"agent": agents(), "deal": [quote]}).book for quote in quotes[:20]]

    def pay(rows: list[dict[str, object]]) -> None:
        for row in rows:
            prepared.pay(row)

    def pay_and(look: Callable[[Line], object]) -> None:
        for quote in quotes:
            for line in prepared.pay(quote).lines:
                look(line)

    def earn(books: list[Book]) -> None:
        with collector_held():
            for book in books:
                reference.earn(loaded.plan, book, last)

    def evaluate() -> None:
        for quote in quotes[:20]:
            rulesengine.evaluate(loaded, facts={"agent": agents(), "deal": [quote]}, period="2026")

    return {
        "prepared": (lambda: pay(quotes), len(quotes)),
        "prepared, values as text": (lambda: pay(as_text), len(quotes)),
        "prepared, columns read": (lambda: pay_and(_EVERY_COLUMN), len(quotes)),
        "prepared, with words": (lambda: pay_and(prepared.trace), len(quotes)),
        "reference, in a batch": (lambda: earn([batch]), len(earlier)),
        "reference, by itself": (lambda: earn(alone), len(alone)),
        "evaluate, by itself": (evaluate, len(alone)),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
