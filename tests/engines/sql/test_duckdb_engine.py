"""The batch engine: what it refuses, what it never does, and what it says when numbers grow too large."""

from __future__ import annotations

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.duckdb_engine import connect, run_pipeline
from rulesengine.engines.sql.store import store_book
from rulesengine.intake import read_book
from tests.parity.compare import differences
from tests.properties.road import FAR, checked

PLAN = """
plan p {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_even to 0.01 per line
}
payee partner { field id text key  field rate number  field tier text history }
fact deal {
  field id text key
  field partner partner credited
  field type text
  field amount money
  field units number
  field closed date event
  derive twice = amount * units
}
table rates on deal by type, payee.tier {
  row "new", "gold" gives 12.5%
  row any, any gives 10%
}
revenue_share share { on deal  where type is not "odd"  pay rates of amount }
tiered growth {
  on deal
  measure sum amount per quarter by payee, type
  apply marginal
  tier from 0 USD pay 1%
  tier from 1,000 USD pay 2.25%
}
flat units { on deal  pay 0.07 USD per unit of units }
statement { per month }
"""

HOSTILE = ["'; drop table fact_deal; --", 'a"b', "a'b", "--", "/*", "ünï", "日本", "a b", "%s", "{x}", "$1"]


def stored(plan, deals, partners=({"id": "ana", "rate": "1", "tier": "gold"},)):
    book = read_book(plan.schema, {"deal": deals, "partner": list(partners)}).book
    connection = connect()
    return connection, compile_plan(plan, store_book(connection, plan.schema, book), FAR)


def deal(key: str, **values: str) -> dict[str, str]:
    row = {
        "id": key,
        "partner": "ana",
        "type": "new",
        "amount": "100.00",
        "units": "3",
        "closed": "2026-02-03",
    }
    return row | values


def test_no_column_of_any_stage_is_a_floating_point_number():
    plan = checked(PLAN)
    connection, pipeline = stored(plan, [deal("D-1", units="0.123456789"), deal("D-2", amount="0.01")])
    run_pipeline(connection, pipeline)
    for stage in pipeline.stages:
        if not stage.is_kept:
            connection.execute(DuckDB().stage(stage))
        query = f"describe {DuckDB().identifier(stage.name)}"
        for name, kind, *_ in connection.execute(query).fetchall():
            assert not any(word in kind for word in ("DOUBLE", "FLOAT", "REAL")), (stage.name, name, kind)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_file_becomes_sql(text):
    plan = checked(PLAN)
    partners = [{"id": text, "rate": "1", "tier": text}]
    connection, pipeline = stored(plan, [deal(text, partner=text, type=text)], partners)
    run_pipeline(connection, pipeline)
    found = connection.execute("select distinct payee, fact_id from lines").fetchall()
    assert found == [(text, text)]
    assert connection.execute("select count(*) from fact_deal").fetchone() == (1,)


def test_nothing_of_a_plan_becomes_sql():
    quoted = [text for text in HOSTILE if '"' not in text]
    rows = "\n".join(f'  row "{text}", any gives {index + 1}%' for index, text in enumerate(quoted))
    plan = checked(PLAN.replace('  row "new", "gold" gives 12.5%', rows))
    deals = [deal(f"D-{index}", type=text) for index, text in enumerate(quoted)]
    connection, pipeline = stored(plan, deals)
    run_pipeline(connection, pipeline)
    query = "select fact_id, cast(amount as varchar) from lines where rule = 'share'"
    amounts = dict(connection.execute(query).fetchall())
    assert {key: amount.rstrip("0").rstrip(".") for key, amount in amounts.items()} == {
        f"D-{index}": str(index + 1) for index in range(len(quoted))
    }


def test_a_number_that_outgrows_the_database_names_its_rule_and_its_row():
    big = PLAN.replace("0.07 USD per unit of units", "123,456,789,012.34 USD per unit of units")
    connection, pipeline = stored(
        checked(big), [deal("D-1"), deal("D-2", units="999999999999999999", amount="0.00"), deal("D-3")]
    )
    with pytest.raises(Rejected) as refused:
        run_pipeline(connection, pipeline)
    [found] = refused.value.diagnostics
    assert found.code == "R1205"
    assert "rule `units`, row `D-2`" in found.message


SHARED_OUT = """
plan p {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
payee rep { field id text key }
fact deal {
  field id text key
  field rep rep credited
  field amount money
  field n number
  field closed date event
  field cancelled date optional
  derive each_one = amount / n
}
"""
EARNING = """
revenue_share r{place} {{
  on earnings of r{before}
  pay 50% of earning
  cap 60 USD per month by payee
  clawback 50% on cancelled
}}
"""


def sums_that_grow(rules):
    """Return a run in which the shares of deals have no denominator that 38 digits hold."""
    plan = checked(SHARED_OUT + rules)
    primes = [n for n in range(2, 114) if all(n % other for other in range(2, n))]
    deals = [
        {
            "id": f"D-{n}",
            "rep": "ana",
            "amount": "100.00",
            "n": str(n),
            "closed": "2026-01-05",
            "cancelled": "",
        }
        for n in primes
    ]
    book = read_book(plan.schema, {"rep": [{"id": "ana"}], "deal": deals}).book
    connection = connect()
    return connection, compile_plan(plan, store_book(connection, plan.schema, book), FAR)


TIERED = """
tiered r{place} {{
  on deal
  measure sum each_one per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 100 USD pay 2%
  cap 60 USD per month by payee
}}
"""


def test_a_sum_that_outgrows_the_database_names_its_rule_alone():
    connection, pipeline = sums_that_grow(TIERED.format(place=0))
    with pytest.raises(Rejected) as refused:
        run_pipeline(connection, pipeline)
    [found] = refused.value.diagnostics
    assert found.code == "R1205"
    assert "rule `r0`: a number" in found.message


def test_a_rule_is_found_however_many_stages_follow_it():
    """As views of views they would be planned twice as often with every step, and never end."""
    rules = "revenue_share r0 { on deal  pay 1% of amount }" + TIERED.format(place=1)
    rules += "".join(EARNING.format(place=place, before=place - 1) for place in range(2, 8))
    connection, pipeline = sums_that_grow(rules)
    with pytest.raises(Rejected) as refused:
        run_pipeline(connection, pipeline)
    assert "rule `r1`: a number" in refused.value.diagnostics[0].message
    views = connection.execute("select count(*) from duckdb_views() where not internal").fetchone()
    assert views == (1,)


def test_chains_of_joins_in_a_union_stay_apart():
    """DuckDB 2.0.0 answers with the first chain throughout, unless `common_subplan` is off."""
    rules = "\n".join(
        f"revenue_share level_{level} {{ on sale  credit seller{'.referrer' * level}  "
        f"where payee.package >= {level}  pay {level}% of amount }}"
        for level in range(1, 9)
    )
    plan = checked(
        "plan p { currency USD  effective from 2026-01-01 through 2026-12-31  "
        "rounding half_up to 0.01 per line }\n"
        "payee seller { field id text key  field package number  field referrer seller optional }\n"
        "fact sale { field id text key  field seller seller credited  field amount money  "
        f"field sold date event }}\n{rules}\nstatement {{ per month }}"
    )
    sellers = [{"id": f"s{level}", "package": "1", "referrer": f"s{level + 1}"} for level in range(5)]
    sellers.append({"id": "s5", "package": "1", "referrer": ""})
    sales = [{"id": "1", "seller": "s0", "amount": "5.00", "sold": "2026-01-10"}]
    book = read_book(plan.schema, {"seller": sellers, "sale": sales}).book
    assert differences(plan, book, FAR) == []
