"""The same statement as text, compact text, JSON, CSV and a page."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rulesengine.engines.results import Part
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
from rulesengine.statements.render_compact import compact_statement
from rulesengine.statements.render_csv import HEADER, render_csv
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_json import render_json
from rulesengine.statements.render_text import render_text
from tests.statements.build import TERMS, every_sort, line, statements

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = '<script>alert("x")</script> & Söhne/..\\北京'


def test_text_is_as_it_was() -> None:
    (statement,) = statements(every_sort())
    assert render_text(statement) == (GOLDEN / "statement.txt").read_text(encoding="utf-8")


def test_compact_text_is_as_it_was() -> None:
    (statement,) = statements(every_sort())
    assert compact_statement(statement) == (GOLDEN / "statement.case").read_text(encoding="utf-8")


def test_a_payee_kind_is_written_where_it_is_needed() -> None:
    (statement,) = statements(every_sort())
    assert compact_statement(statement, with_kind=True).startswith("--- statement partner:ana 2026-01\n")


def test_json_holds_every_number_as_text() -> None:
    (data,) = json.loads(render_json(statements(every_sort())), parse_float=pytest.fail)
    assert data["total"] == "1583.34"
    lines = [found for rule in data["rules"] for found in rule["lines"]]
    assert lines[-1]["exact"] == "250/3"
    assert lines[1]["measure_after"] == "531250"
    assert data["prizes"][0]["lines"][0]["prize"] == "Trip to Rome"
    assert data["memo"][0]["subtotal"] == "33.33"


def test_csv_has_a_row_a_line_and_no_formulas() -> None:
    given = [*every_sort(), line("new_logo", Part.BASE, "=1+1", "1", payee="@cmd")]
    rows = list(csv.DictReader(io.StringIO(render_csv(statements(given)))))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == len(given)
    assert {row["fact_id"] for row in rows if row["payee"] == "'@cmd"} == {"'=1+1"}
    assert [row["amount"] for row in rows if row["paid"] == "no"] == ["33.33"]


def test_a_page_escapes_whatever_came_from_a_file() -> None:
    given = [
        line("new_logo", Part.BASE, HOSTILE, "1", payee=HOSTILE),
        line("push", Part.PRIZE, "D", "0", payee=HOSTILE, prize=HOSTILE, scope=HOSTILE, part_number=1),
    ]
    page = render_html(statements(given))
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page
    assert "北京" in page


def test_a_page_loads_nothing() -> None:
    page = render_html(statements(every_sort()))
    assert "default-src 'none'" in page
    for word in ("http:", "https:", "src=", "@import", "url("):
        assert word not in page


def test_a_page_shows_what_the_text_shows() -> None:
    (statement,) = statements(every_sort())
    page = render_html((statement,))
    for entry in (*statement.entries, *statement.memo_entries):
        assert entry.line_id in page
    assert "1,583.34 USD" in page
    assert "−2,168.75" in page


def test_a_page_names_lines_and_the_day_they_were_earned() -> None:
    given = [
        line("new_logo", Part.BASE, "D-1", "-5", units=Decimal(-1), rate=Decimal(5)),
        line("new_logo", Part.BASE, "D-2", "5", earned_on=date(2026, 1, 2)),
        line("growth", Part.CAP, "D-2", "0", window="2026-01-A", target=Decimal("0.3")),
        line("growth", Part.CHOSEN_OTHER, "D-3", "-1", scope="best: launch pays"),
    ]
    page = render_html(statements(given))
    for each in given:
        assert f'<span class="id">{each.line_id[:10]}</span>' in page
    assert page.count('class="earned"') == 1
    assert "earned 2026-01-02" in page
    # Numbers below zero and labels stay on one line.
    assert "<span>−1</span> × 5.00" in page
    assert "<span>2026-01-A</span>" in page
    assert "<code>best</code> pays <code>launch</code>" in page


def test_a_page_tells_a_line_from_how_the_total_moved() -> None:
    page = render_html(statements(every_sort()))
    assert "51,250.00 × 1.5\u00a0%" in page
    assert '<span class="moved">total 480,000.00 → 531,250.00 in <span>2026-Q1</span></span>' in page


def test_rounding_is_said_once_where_all_rules_share_it() -> None:
    rules = (replace(TERMS.rules[0], rounding="half_even to 0.05 per fact"), *TERMS.rules[1:])
    (alike,), (differ,) = statements(every_sort()), statements(every_sort(), replace(TERMS, rules=rules))
    for text in (render_text(alike), render_html((alike,))):
        assert text.count("each line rounded half up to 0.01") == 1
    for text in (render_text(differ), render_html((differ,))):
        assert "all lines of a deal together rounded half even to 0.05" in text
        assert text.count("each line rounded half up to 0.01") == 3


def test_what_does_not_end_is_exact_in_json_and_csv() -> None:
    given = every_sort()[-1:]
    (row,) = csv.DictReader(io.StringIO(render_csv(statements(given))))
    assert (row["how"], row["exact"]) == ("333.3333333333… × 10 % = 33.3333333333…, rounded", "100/3")
    assert '"base": "1000/3"' in render_json(statements(given))


def test_statements_may_be_very_long() -> None:
    given = [line("new_logo", Part.BASE, f"D-{at:06}", "0.01", units=Decimal(1)) for at in range(6000)]
    (statement,) = statements(given)
    assert statement.total == 60
    assert render_text(statement).count("\n") > 6000
    assert render_html((statement,)).count("<tr id=") == 6000


def test_nothing_in_a_key_moves_the_cursor() -> None:
    (statement,) = statements(
        [line("new_logo", Part.BASE, "D\n total 1,000,000.00", "1", payee="a\x1b[2Jna")]
    )
    for text in (render_text(statement), compact_statement(statement)):
        assert "\x1b" not in text
        assert "D\\n total" in text
    assert clean("Zoë 北京") == "Zoë 北京"


def test_columns_align_by_what_is_seen() -> None:
    assert aligned([("北京", "1"), ("abc", "10")], (LEFT, RIGHT)) == ["北京   1", "abc   10"]
    assert aligned([("a", "", "b")], (LEFT, LEFT, LEFT)) == ["a  b"]
