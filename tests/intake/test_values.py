"""What becomes of each way to write a value: one row of a table per stated outcome."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rulesengine.intake import read_book
from rulesengine.model.money import Money
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
    TextType,
    Type,
)
from tests.intake.shapes import KEY, USD, fact, field, schema, write

D = Decimal
TIER = TextType(("silver", "gold"))


def read_one(folder: Path, text: str, type: Type, **flags: object) -> object:
    """Return the value that a text is read as, or the code and reason why it is not."""
    options = flags.pop("options", "")
    shape = schema(fact("deal", KEY, field("f", type, **flags)))  # type: ignore[arg-type]
    quoted = text.replace('"', '""')
    manifest = f"facts:\n  deal:\n    file: deal.csv\n    columns:\n      f: {{column: f{options}}}\n"
    got = read_book(shape, write(folder, {"deal.csv": f'id,f\nD-1,"{quoted}"\n', "facts.yaml": manifest}))
    if got.rejects:
        assert not got.book.facts["deal"]
        return f"{got.rejects[0].code} {got.rejects[0].reason}"
    return got.book.facts["deal"][0].values["f"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.50", Money(D("12.5"), "USD")),
        ("0", Money(D(0), "USD")),
        ("0.01", Money(D("0.01"), "USD")),
        (" 12 ", Money(D(12), "USD")),
        (".5", Money(D("0.5"), "USD")),
        ("007", Money(D(7), "USD")),
        ("12.500000", Money(D("12.5"), "USD")),
        ("-0.00", Money(D(0), "USD")),
        ("12.50 USD", Money(D("12.5"), "USD")),
        ("999999999999999999.99", Money(D("999999999999999999.99"), "USD")),
        ("000999999999999999999", Money(D("999999999999999999"), "USD")),
        ("1000000000000000000", "R1103 more than 18 digits before the point"),
        ("12.505", "R1103 3 decimals where 2 are allowed"),
        ("12.50 EUR", "R1107 expected USD, found EUR"),
        ("", "R1101 the field is required and is blank"),
        ("  ", "R1101 the field is required and is blank"),
        ("-5", "R1108 an amount below zero; only a field declared `signed` takes it"),
        ("1e3", "R1102 exponents are not read; write the number out, such as 1000"),
        ("1.5E+3", "R1102 exponents are not read; write the number out, such as 1000"),
        ("NaN", "R1102 this is not a number; leave the field empty where there is none"),
        ("-inf", "R1102 this is not a number; leave the field empty where there is none"),
        ("1,000.00", "R1102 thousands separators and decimal commas are not read; write 1000.00"),
        ("1000,00", "R1102 thousands separators and decimal commas are not read; write 1000.00"),
        ("1 000", "R1102 thousands separators and decimal commas are not read; write 1000.00"),
        ("$5", "R1102 currency signs are not read; write a plain number, such as 12.50"),
        ("€5", "R1102 currency signs are not read; write a plain number, such as 12.50"),
        ("+5", "R1102 write a plain number, such as 12.50 or -12.50"),
        ("(5.00)", "R1102 write a plain number, such as 12.50 or -12.50"),
        ("5%", "R1102 expected a plain number, found a percentage"),
        ("5.", "R1102 expected a number, such as 12.50"),
        ("1.2.3", "R1102 expected a number, such as 12.50"),
        ("\u0661\u0662", "R1102 expected a number, such as 12.50"),
        ("\u22125", "R1102 expected a number, such as 12.50"),
        ("0x10", "R1102 expected a number, such as 12.50"),
        ("1_000", "R1102 expected a number, such as 12.50"),
        ("ten", "R1102 expected a number, such as 12.50"),
    ],
)
def test_money(tmp_path: Path, text: str, expected: object) -> None:
    assert read_one(tmp_path, text, USD) == expected


def test_money_of_other_kinds(tmp_path: Path) -> None:
    assert read_one(tmp_path, "-5.00", USD, is_signed=True) == Money(D(-5), "USD")
    assert read_one(tmp_path, "", USD, is_optional=True) is None
    assert read_one(tmp_path, "1.2345", USD, decimals=4) == Money(D("1.2345"), "USD")
    assert (
        read_one(tmp_path, "5.5", MoneyType("JPY"), decimals=0) == "R1103 1 decimals where none are allowed"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", D(3)),
        ("-3", "R1108 a number below zero; only a field declared `signed` takes it"),
        ("0.123456789", D("0.123456789")),
        ("0.1234567891", "R1103 10 decimals where 9 are allowed"),
        ("3 USD", "R1102 expected a number, such as 12.50"),
    ],
)
def test_number(tmp_path: Path, text: str, expected: object) -> None:
    assert read_one(tmp_path, text, NumberType()) == expected


def test_signed_numbers_and_percents(tmp_path: Path) -> None:
    assert read_one(tmp_path, "-3", NumberType(), is_signed=True) == D(-3)
    assert read_one(tmp_path, "-5%", PercentType(), is_signed=True) == D("-0.05")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", D(12)),
        ("12.0", D(12)),
        ("0", "R1102 expected a whole number from 1 to 1200"),
        ("-1", "R1102 expected a whole number from 1 to 1200"),
        ("1.5", "R1102 expected a whole number from 1 to 1200"),
        ("1201", "R1102 expected a whole number from 1 to 1200"),
    ],
)
def test_count(tmp_path: Path, text: str, expected: object) -> None:
    assert read_one(tmp_path, text, NumberType(), is_count=True) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("15%", "", D("0.15")),
        ("12.5 %", "", D("0.125")),
        ("15%", ", as: ratio", D("0.15")),
        ("15", ", as: percent", D("0.15")),
        ("0.15", ", as: ratio", D("0.15")),
        ("-5%", "", "R1108 a percentage below zero; only a field declared `signed` takes it"),
        ("0.0000001%", "", D("0.000000001")),
        ("0.00000001%", "", "R1103 10 decimals where 9 are allowed"),
        (
            "0.15",
            "",
            "R1102 a ratio or a percentage? write 15%, or say `as: ratio` or `as: percent` in facts.yaml",
        ),
        ("%", "", "R1102 expected a percentage, such as 15%"),
        ("x", "", "R1102 expected a percentage, such as 15%"),
        ("x", ", as: ratio", "R1102 expected a percentage, such as 0.15"),
        ("x", ", as: percent", "R1102 expected a percentage, such as 15"),
        ("", "", "R1101 the field is required and is blank"),
    ],
)
def test_percent(tmp_path: Path, text: str, options: str, expected: object) -> None:
    assert read_one(tmp_path, text, PercentType(), options=options) == expected


ISO = "R1102 expected a date such as 2026-01-31; `format` in facts.yaml reads others"
EXCEL = (
    "R1102 this looks like an Excel day number, for 2026-01-20; "
    "format the column as a date such as 2026-01-31"
)
TIME = "R1102 expected a date, found a time; `time: drop` in facts.yaml takes its day"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("2026-01-20", "", date(2026, 1, 20)),
        ("2028-02-29", "", date(2028, 2, 29)),
        ("2026-01-20 00:00:00", "", date(2026, 1, 20)),
        ("2026-01-20T00:00", "", date(2026, 1, 20)),
        ("2026-01-20 00:00:00.0000000", "", date(2026, 1, 20)),
        ("2026-01-20 00:00:00.001", "", TIME),
        ("2026-01-20 12:30:00", "", TIME),
        ("2026-01-20 12:30:00", ", time: drop", date(2026, 1, 20)),
        ("2026-01-20T00:00:00Z", "", ISO),
        ("2026-02-29", "", "R1102 this date does not exist"),
        ("2026-13-01", "", "R1102 this date does not exist"),
        ("20260120", "", ISO),
        ("2026-1-20", "", ISO),
        ("20/01/2026", "", ISO),
        ("46042", "", EXCEL),
        ("46042.5", "", EXCEL),
        ("46042", ", format: '%d/%m/%Y'", EXCEL),
        ("12", "", ISO),
        ("2026-W04-2", "", ISO),
        ("9999-12-31", "", "R1102 dates are read from 1900-01-01 to 2999-12-31; leave others empty"),
        ("0001-01-01", "", "R1102 dates are read from 1900-01-01 to 2999-12-31; leave others empty"),
        ("20/1/2026", ', format: "%d/%m/%Y"', date(2026, 1, 20)),
        ("20-10-16", ', format: "%y-%m-%d"', date(2020, 10, 16)),
        ("20260120", ', format: "%Y%m%d"', date(2026, 1, 20)),
        ("2026120", ', format: "%Y%m%d"', "R1102 expected a date written as `%Y%m%d`"),
        ("20 Jan 2026", ', format: "%d %b %Y"', date(2026, 1, 20)),
        ("january 20, 2026", ', format: "%B %d, %Y"', date(2026, 1, 20)),
        ("20 Mai 2026", ', format: "%d %b %Y"', "R1102 `mai` is not the English name of a month"),
        ("20/01/2026 00:00", ', format: "%d/%m/%Y %H:%M"', date(2026, 1, 20)),
        ("20/01/2026 12:00 AM", ', format: "%d/%m/%Y %I:%M %p"', date(2026, 1, 20)),
        ("20/01/2026 12:00 PM", ', format: "%d/%m/%Y %I:%M %p"', TIME),
        ("20/01/2026 09:30", ', format: "%d/%m/%Y %H:%M"', TIME),
        ("20/01/2026 09:30", ', format: "%d/%m/%Y %H:%M", time: drop', date(2026, 1, 20)),
        ("20/01/2026 29:30", ', format: "%d/%m/%Y %H:%M"', "R1102 this time does not exist"),
        ("2026-01-20", ', format: "%d/%m/%Y"', "R1102 expected a date written as `%d/%m/%Y`"),
        ("31/02/2026", ', format: "%d/%m/%Y"', "R1102 this date does not exist"),
    ],
)
def test_date(tmp_path: Path, text: str, options: str, expected: object) -> None:
    assert read_one(tmp_path, text, DateType(), options=options) == expected


FLAG = "R1102 expected yes, no, true or false; `map` in facts.yaml translates others"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("yes", "", True),
        ("No", "", False),
        ("TRUE", "", True),
        ("false", "", False),
        ("1", "", FLAG),
        ("y", "", FLAG),
        ("1", ", map: {1: yes, 0: no}", True),
        ("0", ", map: {1: yes, 0: no}", False),
        ("", ', map: {"": no}', False),
        ("", "", "R1101 the field is required and is blank"),
    ],
)
def test_flag(tmp_path: Path, text: str, options: str, expected: object) -> None:
    assert read_one(tmp_path, text, FlagType(), options=options) == expected


@pytest.mark.parametrize(
    ("text", "type", "expected"),
    [
        (" two words ", TextType(), "two words"),
        ("\u00a0x\u00a0", TextType(), "x"),
        ("two\nlines", TextType(), "two\nlines"),
        ('say "so", twice', TextType(), 'say "so", twice'),
        ("bell\x07", TextType(), "R1102 control character: U+0007"),
        ("gold", TIER, "gold"),
        ("Gold", TIER, "R1104 `Gold` is not allowed; did you mean `gold`?"),
        ("tin", TIER, "R1104 `tin` is not allowed; it must be one of `silver`, `gold`"),
        ("a; b ;;c", TextListType(), ("a", "b", "c")),
        ("a,b", TextListType(), ("a,b",)),
        ("", TextListType(), ()),
        ("null", TextType(), "null"),
    ],
)
def test_text(tmp_path: Path, text: str, type: Type, expected: object) -> None:
    assert read_one(tmp_path, text, type) == expected


def test_lists(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a|b", TextListType(), options=', separator: "|"') == ("a", "b")
    assert read_one(tmp_path, "", TextListType(), is_optional=True) is None


def test_a_mapped_value_is_read_like_any_other(tmp_path: Path) -> None:
    """Values that the map does not name stay as they are."""
    assert read_one(tmp_path, "GTXPro", TextType(), options=", map: {GTXPro: GTX Pro}") == "GTX Pro"
    assert read_one(tmp_path, "MG", TextType(), options=", map: {GTXPro: GTX Pro}") == "MG"
    assert read_one(tmp_path, "n/a", USD, options=', map: {n/a: ""}', is_optional=True) is None
