"""Spark's SQL: integers of 38 digits, rounding, and quoting, asked of Spark itself."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.expressions import Call, Cast, Column, Expr, Literal, Sort, integer, over, text
from rulesengine.engines.sql.spark_dialect import Spark
from rulesengine.engines.sql.spark_session import exact_session
from rulesengine.engines.sql.values import Number, rounded
from rulesengine.model.rounding import RoundingMode, round_to
from tests.on_spark import local_spark, needs_spark

pytestmark = needs_spark
MOST = 10**38 - 1
EDGES = [0, 1, 2, 3, 7, 10, 99, 100, 101, 2**31, 2**63 - 1, 2**63, 10**18, 10**20 - 1, 10**20, 10**37, MOST]
TOP, BY = Column("", "top", Sort.WIDE), Column("", "by", Sort.WIDE)


@pytest.fixture(scope="module")
def session():
    return exact_session(local_spark())


def asked(session, rows: list[tuple[int, ...]], names: str, exprs: list[Expr]) -> list[tuple]:
    """Return expressions over rows of whole numbers, worked out by Spark from a table of texts."""
    columns = ", ".join(f"cast({name} as decimal(38, 0)) as {name}" for name in names.split())
    texts = [tuple(map(str, row)) for row in rows]
    kinds = ", ".join(f"{name} string" for name in names.split())
    session.createDataFrame(texts, kinds).createOrReplaceTempView("numbers")
    listed = ", ".join(map(Spark().expr, exprs))
    found = session.sql(f"select {listed} from (select {columns} from numbers)").collect()
    return [tuple(row) for row in found]


def pairs() -> list[tuple[int, int]]:
    """Numbers of all lengths, those that just divide and just do not among them."""
    chance = random.Random(38)
    found = [(top, by) for top in EDGES for by in EDGES if by]
    for _ in range(300):
        by = chance.randrange(1, 10 ** chance.randint(1, 38))
        whole = chance.randrange(0, max(MOST // by, 1))
        found += [
            (min(whole * by + extra, MOST), by) for extra in (0, by - 1, chance.randrange(by)) if extra >= 0
        ]
    return found


def test_quotients_of_38_digits_are_exact(session):
    """Spark's own `div` wraps around beyond 64 bits, without an error."""
    rows = pairs()
    found = asked(
        session, rows, "top by", [Call("div", (TOP, BY), Sort.WIDE), Call("mod", (TOP, BY), Sort.WIDE)]
    )
    assert found == [tuple(map(Decimal, divmod(top, by))) for top, by in rows]


@pytest.mark.parametrize("by", [1, 2, 99, 100, 10**6, 3 * 10**19, 10**20, 10**37])
def test_quotients_by_a_known_number_are_exact(session, by):
    rows = [(top,) for top, _ in pairs()]
    exprs: list[Expr] = [Call(name, (TOP, integer(by)), Sort.WIDE) for name in ("div", "mod")]
    assert asked(session, rows, "top", exprs) == [tuple(map(Decimal, divmod(top, by))) for (top,) in rows]


def test_common_divisors_and_multiples(session):
    rows = [(top, by) for top, by in pairs()[::7] if top < 2**63 and by < 2**63]
    short = [Cast(each, Sort.INT) for each in (TOP, BY)]
    exprs: list[Expr] = [Call("gcd", (TOP, BY), Sort.WIDE), Call("gcd", tuple(short), Sort.INT)]
    expected = [(Decimal(math.gcd(*row)), math.gcd(*row)) for row in rows]
    assert asked(session, rows, "top by", exprs) == expected
    factors = [(each,) for each in (4, 6, 10, 7, 6, 1)]
    common = over("lcm", [Cast(TOP, Sort.INT)], partition=[], sort=Sort.WIDE)
    assert asked(session, factors, "top", [common]) == [(Decimal(420),)] * len(factors)


@pytest.mark.parametrize("mode", RoundingMode)
def test_rounding_is_that_of_the_model(session, mode):
    chance = random.Random(5)
    tops = [each + half for each in range(-30, 31) for half in (0, 5, 50, 500)]
    tops += [chance.randrange(-(10**30), 10**30) * 10 + 5 for _ in range(40)]
    rows = [(top, bottom) for top in tops for bottom in (1, 3, 8)]
    value = Number(TOP, 3, 10**32, BY, 8)
    step = Decimal("0.01")
    made = rounded(value, step, mode)
    assert made.scale == 2
    steps = (Fraction(round_to(Fraction(top, 1000 * by), step, mode)) / Fraction(step) for top, by in rows)
    expected = [(Decimal(int(each)),) for each in steps]
    assert asked(session, rows, "top by", [Cast(made.top, Sort.WIDE)]) == expected


HOSTILE = [
    "'; drop view r; --",
    "a'b",
    "a''b",
    'a"b',
    "a`b",
    "back\\slash",
    "\\' or 1 = 1 --",
    "\\\\u0041",
    "%_",
    "\\%",
    "${spark.app.name}",
    "${env:HOME}",
    ":x ? $1 {x}",
    "/* */ -- #",
    "line\nline\ttab\r",
    "ünï 日本 \U0001f600",
    " a ",
    "",
]


def test_texts_and_names_are_what_they_were(session):
    dialect = Spark()
    listed = ", ".join(dialect.literal(text(each)) for each in HOSTILE)
    assert list(session.sql(f"select {listed}").collect()[0]) == HOSTILE
    words = ", ".join(dialect.literal(Literal(each, Sort.WORD)) for each in HOSTILE)
    assert list(session.sql(f"select {words}").collect()[0]) == HOSTILE
    for name in filter(None, HOSTILE):
        rows = session.sql(f"select 1 as {dialect.identifier(name)}")
        assert rows.columns == [name]


def test_texts_that_differ_in_case_or_blanks_differ(session):
    tests = ["'a' = 'A'", "'a' = 'a '", "'a' < 'B'", "'ä' < 'z'"]
    assert list(session.sql(f"select {', '.join(tests)}").collect()[0]) == [False, False, False, False]


def test_both_dialects_have_the_same_functions():
    """A function that the compiler may call is there for every database."""
    by_name = {"not", "negate", "is null", "gcd", "lcm", "raise"}
    assert by_name.isdisjoint(Spark.functions)
    assert Spark.functions.keys() | by_name == DuckDB.functions.keys()
