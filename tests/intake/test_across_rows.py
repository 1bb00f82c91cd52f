"""What rows say about each other: keys, histories, references, reversals, quotas, totals."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rulesengine.intake import Intake, read_book
from rulesengine.model.book import Book, QuotaKey
from rulesengine.model.dates import WindowKind
from rulesengine.model.types import NumberType, RecordType
from tests.intake.shapes import DEAL, KEY, PARTNER, USD, fact, field, payee, quota, read, schema, short, write

SHAPE = schema(PARTNER, DEAL)
HEAD = "id,partner,amount,closed\n"


def rejected(got: Intake) -> list[str]:
    """Return the rejects as short lines."""
    return [short(reject) for reject in got.rejects]


def test_all_rows_of_a_key_that_occurs_twice_are_rejected(tmp_path: Path) -> None:
    """Even identical ones, and even where one of them is rejected for something else."""
    rows = ["D-1,ana,1,2026-01-01", "D-1,ana,1,2026-01-01", "D-2,ana,1,2026-01-01", "D-3,ana,x,2026-01-01"]
    rows += ["D-3,ana,2,2026-01-01"]
    got = read(tmp_path, SHAPE, partner="id\nana\n", deal=HEAD + "\n".join(rows))
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-2"]
    assert rejected(got) == [
        "deal.csv:1 R1105 id",
        "deal.csv:2 R1105 id",
        "deal.csv:4 R1102 amount",
        "deal.csv:4 R1105 id",
        "deal.csv:5 R1105 id",
    ]
    assert got.rejects[0].reason == "2 rows have the key `D-1`"
    total = got.totals[0]
    assert (total.rows_read, total.rows_accepted, total.rows_rejected) == (5, 1, 4)
    assert total.money_read == {"amount": Decimal(5)}
    assert total.money_accepted == {"amount": Decimal(1)}
    assert total.money_rejected == {"amount": Decimal(4)}
    assert total.unreadable == {"amount": 1}


MEMBER = payee(
    "partner",
    KEY,
    field("name"),
    field("tier", is_history=True),
    field("lead", RecordType("partner"), is_history=True, is_optional=True),
)
HISTORY = "id,name,tier,lead,from\n"


def test_history(tmp_path: Path) -> None:
    """Versions ascend whatever the order of rows; a blank date is since ever."""
    rows = "ana,Ana,gold,,2026-07-01\nbob,Bob,silver,ana,2026-01-01\nana,Ana,silver,bob,\n"
    got = read(tmp_path, schema(MEMBER), partner=HISTORY + rows)
    ana = got.book.payees["partner"]["ana"]
    assert [(v.start, v.values["tier"], v.values["lead"]) for v in ana.versions] == [
        (None, "silver", "bob"),
        (date(2026, 7, 1), "gold", None),
    ]
    assert ana.values == {"id": "ana", "name": "Ana"}
    assert str(ana.place) == "partner.csv:1"
    assert got.book.payees["partner"]["bob"].versions[0].start == date(2026, 1, 1)
    assert not got.rejects


def test_a_history_may_do_without_dates(tmp_path: Path) -> None:
    got = read(tmp_path, schema(MEMBER), partner="id,name,tier,lead\nana,Ana,gold,\n")
    assert [v.start for v in got.book.payees["partner"]["ana"].versions] == [None]
    got = read(tmp_path, schema(MEMBER), partner="id,name,tier,lead\nana,Ana,gold,\nana,Ana,tin,\n")
    assert rejected(got) == ["partner.csv:1 R1105 id", "partner.csv:2 R1105 id"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ["ana,Ana,gold,,2026-01-01", "ana,Anna,tin,,2026-02-01"],
            ["`name` changes in the rows of this payee, but is not declared `history`"] * 2,
        ),
        (
            ["ana,Ana,gold,,2026-01-01", "ana,Ana,tin,,2026-01-01", "ana,Ana,tin,,2026-02-01"],
            [
                "2 rows hold from 2026-01-01",
                "2 rows hold from 2026-01-01",
                "another row of the same payee is rejected (partner.csv:1)",
            ],
        ),
        (
            ["ana,Ana,gold,,2026-01-01", "ana,Ana,tin,,2026-99-01"],
            ["another row of the same payee is rejected (partner.csv:2)", "this date does not exist"],
        ),
        (
            ["ana,Ana,gold,,", "ana,Ana,tin,cid,2026-02-01"],
            [
                "another row of the same payee is rejected (partner.csv:2)",
                "no `partner` has the key `cid`",
            ],
        ),
    ],
)
def test_a_history_that_contradicts_itself(tmp_path: Path, rows: list[str], expected: list[str]) -> None:
    """No row of the payee is taken: a gap would let an older version run on."""
    got = read(tmp_path, schema(MEMBER), partner=HISTORY + "\n".join(rows))
    assert got.book.payees["partner"] == {}
    assert [reject.reason for reject in got.rejects] == expected


def test_distinct_payees_must_agree(tmp_path: Path) -> None:
    shape = schema(payee("manager", KEY, field("office")))
    manifest = "payees: {manager: {file: m.csv, distinct: true}}\n"
    rows = "id,office\nzoe,East\nyan,West\nzoe,East\nyan,East\nxi,West\n,West\n"
    got = read_book(shape, write(tmp_path, {"facts.yaml": manifest, "m.csv": rows}))
    assert list(got.book.payees["manager"]) == ["xi", "zoe"]
    assert str(got.book.payees["manager"]["zoe"].place) == "m.csv:1"
    assert rejected(got) == ["m.csv:2 R1105 office", "m.csv:4 R1105 office", "m.csv:6 R1101 id"]
    assert got.rejects[0].reason == "rows with the key `yan` differ in `office`"
    assert (got.totals[0].rows_read, got.totals[0].rows_accepted) == (6, 3)


def test_unknown_references_name_the_nearest_key(tmp_path: Path) -> None:
    rows = "D-1,anna,1,2026-01-01\nD-2,ANA,1,2026-01-01\nD-3,,1,2026-01-01\n"
    got = read(tmp_path, SHAPE, partner="id\nana\n", deal=HEAD + rows)
    assert [(short(r), r.value, r.reason) for r in got.rejects] == [
        ("deal.csv:1 R1106 partner", "anna", "no `partner` has the key `anna`; did you mean `ana`?"),
        ("deal.csv:2 R1106 partner", "ANA", "no `partner` has the key `ANA`"),
        ("deal.csv:3 R1101 partner", "", "the field is required and is blank"),
    ]


def test_rejects_spread_along_references(tmp_path: Path) -> None:
    """A rejected manager takes along who reports to them, their deals, and what points at those."""
    boss = payee("boss", KEY, field("level", NumberType()))
    partner = payee("partner", KEY, field("boss", RecordType("boss")))
    claim = fact("claim", KEY, field("deal", RecordType("deal"), is_optional=True))
    got = read(
        tmp_path,
        schema(claim, DEAL, partner, boss),
        boss="id,level\nzoe,high\nyan,2\n",
        partner="id,boss\nana,zoe\nbob,yan\n",
        deal=HEAD + "D-1,ana,1,2026-01-01\nD-2,bob,1,2026-01-01\n",
        claim="id,deal\nC-1,D-1\nC-2,D-2\nC-3,\n",
    )
    assert rejected(got) == [
        "boss.csv:1 R1102 level",
        "claim.csv:1 R1106 deal",
        "deal.csv:1 R1106 partner",
        "partner.csv:1 R1106 boss",
    ]
    assert got.rejects[1].reason == "the `deal` with the key `D-1` is rejected itself"
    assert [claim.key for claim in got.book.facts["claim"]] == ["C-2", "C-3"]


REFUND = fact("deal", *DEAL.fields, field("undoes", RecordType("deal"), is_optional=True, is_reverses=True))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["D-1,ana,100,2026-01-10,", "R-1,ana,-100,2026-02-01,D-1"], []),
        (["D-1,ana,100,2026-01-10,", "R-1,ana,-40,2026-01-10,D-1", "R-2,ana,-60,2026-02-01,D-1"], []),
        (["D-1,ana,100,2026-01-10,", "R-1,ana,0,2026-02-01,D-1"], []),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,40,2026-02-01,D-1"],
            ["2 R1109 a row that undoes another takes amounts back; they must be zero or less"],
        ),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,-100.01,2026-02-01,D-1"],
            ["2 R1109 it takes 100.01 back from `D-1`, which has 100"],
        ),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,-60,2026-02-01,D-1", "R-2,ana,-60,2026-02-01,D-1"],
            [
                "2 R1109 2 rows together take 120 back from `D-1`, which has 100",
                "3 R1109 2 rows together take 120 back from `D-1`, which has 100",
            ],
        ),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,-60,2026-02-01,D-1", "R-2,ana,-60,someday,D-1"],
            ["3 R1102 expected a date such as 2026-01-31; `format` in facts.yaml reads others"],
        ),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,-60,2026-01-09,D-1"],
            ["2 R1109 it is dated 2026-01-09, before `D-1` of 2026-01-10"],
        ),
        (
            ["D-1,ana,100,2026-01-10,", "R-1,ana,-60,2026-02-01,D-1", "R-2,ana,-1,2026-02-01,R-1"],
            ["3 R1109 `R-1` undoes another row itself, and cannot be undone"],
        ),
        (
            ["R-1,ana,-60,2026-02-01,R-1"],
            ["1 R1109 `R-1` undoes another row itself, and cannot be undone"],
        ),
        (
            ["R-1,ana,-60,2026-02-01,D-9"],
            ["1 R1106 no `deal` has the key `D-9`"],
        ),
        (
            ["D-1,ana,1e2,2026-01-10,", "R-1,ana,-60,2026-02-01,D-1"],
            [
                "1 R1102 exponents are not read; write the number out, such as 1000",
                "2 R1106 the `deal` with the key `D-1` is rejected itself",
            ],
        ),
        (
            ["D-1,ana,-5,2026-01-10,"],
            ["1 R1108 an amount below zero; only a field declared `signed` takes it"],
        ),
    ],
)
def test_reversals(tmp_path: Path, rows: list[str], expected: list[str]) -> None:
    deals = "id,partner,amount,closed,undoes\n" + "\n".join(rows)
    got = read(tmp_path, schema(PARTNER, REFUND), partner="id\nana\n", deal=deals)
    assert [f"{r.row} {r.code} {r.reason}" for r in got.rejects] == expected


PERIODS = [
    (WindowKind.QUARTER, "2026-Q2", date(2026, 4, 1)),
    (WindowKind.QUARTER, "2026-05-31", date(2026, 4, 1)),
    (WindowKind.QUARTER, "2026-05-31 00:00:00", date(2026, 4, 1)),
    (WindowKind.QUARTER, "2026-05", "this is not one quarter such as 2026-Q3, which the quota is set for"),
    (WindowKind.QUARTER, "spring", "expected a quarter such as 2026-Q3 or a date in one"),
    (WindowKind.QUARTER, "2026-Q5", "expected a quarter such as 2026-Q3 or a date in one"),
    (WindowKind.YEAR, "2026", date(2026, 1, 1)),
    (WindowKind.HALF, "2026-H2", date(2026, 7, 1)),
    (WindowKind.MONTH, "2026-02", date(2026, 2, 1)),
    (WindowKind.HALF_MONTH, "2026-02-B", date(2026, 2, 16)),
    (WindowKind.WEEK, "2026-W05", date(2026, 1, 26)),
    (WindowKind.DAY, "2026-02-03", date(2026, 2, 3)),
    (WindowKind.PLAN, "plan", date(2026, 1, 1)),
    (WindowKind.PLAN, "2026-08-08", date(2026, 1, 1)),
    (WindowKind.PLAN, "2027-01-01", "2027-01-01 is outside the plan's dates"),
    (WindowKind.LIFETIME, "lifetime", date(1, 1, 1)),
]


def test_quantities_of_a_row_that_undoes_may_have_any_sign(tmp_path: Path) -> None:
    shape = schema(PARTNER, fact("deal", *REFUND.fields, field("seats", NumberType())))
    deals = (
        "id,partner,amount,closed,undoes,seats\nD-1,ana,10,2026-01-10,,4\n"
        "D-2,ana,-2,2026-01-11,D-1,-4\nD-3,ana,-3,2026-01-12,D-1,4\nD-4,ana,10,2026-01-12,,-4\n"
    )
    found = read(tmp_path, shape, partner="id\nana\n", deal=deals).rejects
    assert [(reject.row, reject.code) for reject in found] == [(4, "R1108")]


@pytest.mark.parametrize(("window", "text", "expected"), PERIODS)
def test_quota_periods(tmp_path: Path, window: WindowKind, text: str, expected: object) -> None:
    shape = schema(PARTNER, quotas=(quota(window),))
    got = read(
        tmp_path, shape, partner="id\nana\n", booking_quota=f"partner,period,amount\nana,{text},5.50\n"
    )
    if isinstance(expected, str):
        assert [(short(r), r.reason) for r in got.rejects] == [
            ("booking_quota.csv:1 R1102 period", expected),
        ]
    else:
        assert isinstance(expected, date)
        assert got.book.quotas["booking_quota"] == {QuotaKey(("ana",), expected): Decimal("5.5")}


def test_quota_rows(tmp_path: Path) -> None:
    rows = ["ana,2026-Q1,100", "ana,2026-02-01,100", "ana,2026-Q2,0", "ana,2026-Q3,-1", "bob,2026-Q1,1"]
    rows += ["ana,2026-Q4,7", "ana,2027-Q1,1.005", ",2026-Q1,1"]
    got = read(
        tmp_path,
        schema(PARTNER, quotas=(quota(),)),
        partner="id\nana\n",
        booking_quota="partner,period,amount\n" + "\n".join(rows),
    )
    assert rejected(got) == [
        "booking_quota.csv:1 R1105",
        "booking_quota.csv:2 R1105",
        "booking_quota.csv:3 R1112 amount",
        "booking_quota.csv:4 R1112 amount",
        "booking_quota.csv:5 R1106 partner",
        "booking_quota.csv:7 R1103 amount",
        "booking_quota.csv:8 R1101 partner",
    ]
    assert got.rejects[0].key == "ana, 2026-01-01"
    assert list(got.book.quotas["booking_quota"].values()) == [7]


def test_quota_of_numbers(tmp_path: Path) -> None:
    shape = schema(PARTNER, quotas=(quota(type=NumberType(), decimals=9),))
    got = read(
        tmp_path, shape, partner="id\nana\n", booking_quota="partner,period,amount\nana,2026-Q1,12.5\n"
    )
    assert list(got.book.quotas["booking_quota"].values()) == [Decimal("12.5")]
    assert got.totals[0].money_read == {}


def test_the_order_of_rows_does_not_show(tmp_path: Path) -> None:
    """Permuting the rows of every file changes the places of records and nothing else."""
    shape = schema(MEMBER, REFUND, quotas=(quota(),))
    draw = random.Random(7)
    partners = [
        f"p{n % 9},N{n % 9},t{n},p{n % 4},{'' if n < 9 else '2026-03-0' + str(n - 8)}" for n in range(18)
    ]
    deals = [f"D-{n},p{n % 9},{n}.25,2026-01-{n + 1:02}," for n in range(20)]
    deals += [f"R-{n},p{n % 9},-{n},2026-02-01,D-{n}" for n in range(12)]
    quotas = [f"p{n % 9},2026-Q{n // 9 + 1},{n + 1}" for n in range(18)]

    def shuffled(name: str) -> Book:
        for rows in (partners, deals, quotas):
            draw.shuffle(rows)
        got = read(
            tmp_path / name,
            shape,
            partner=HISTORY + "\n".join(partners),
            deal="id,partner,amount,closed,undoes\n" + "\n".join(deals),
            booking_quota="partner,period,amount\n" + "\n".join(quotas),
        )
        assert not got.rejects
        return got.book

    def shown(book: Book) -> str:
        facts = [(f.key, sorted(f.values.items())) for f in book.facts["deal"]]
        payees = [(p.key, sorted(p.values.items()), p.versions) for p in book.payees["partner"].values()]
        return repr((facts, payees, list(book.quotas["booking_quota"].items())))

    assert len({shown(shuffled(str(n))) for n in range(4)}) == 1


def test_an_amount_that_is_missing_is_in_no_sum(tmp_path: Path) -> None:
    shape = schema(fact("deal", KEY, field("amount", USD, is_optional=True)))
    total = read(tmp_path, shape, deal="id,amount\nD-1,\nD-2,5\n").totals[0]
    assert (total.money_read, total.money_accepted, total.unreadable) == ({"amount": 5}, {"amount": 5}, {})


def test_a_row_that_undoes_another_needs_no_count_of_its_own(tmp_path: Path) -> None:
    """It is cut into the parts of the row that it undoes, whatever it says itself."""
    shape = schema(PARTNER, fact("deal", *REFUND.fields, field("term", NumberType(), is_count=True)))
    rows = ["D-1,ana,5,2026-01-01,,12", "D-2,ana,-5,2026-02-01,D-1,0", "D-3,ana,5,2026-02-01,,0"]
    rows += ["D-4,ana,x,2026-02-01,D-1,0"]
    got = read(
        tmp_path, shape, partner="id\nana\n", deal="id,partner,amount,closed,undoes,term\n" + "\n".join(rows)
    )
    assert [(deal.key, deal.values["term"]) for deal in got.book.facts["deal"]] == [
        ("D-1", Decimal(12)),
        ("D-2", Decimal(0)),
    ]
    assert rejected(got) == ["deal.csv:3 R1102 term", "deal.csv:4 R1102 amount"]
