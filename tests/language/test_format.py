"""The canonical layout, by examples; tests/properties/test_layout.py has its laws."""

from __future__ import annotations

from textwrap import dedent

import pytest

from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.language import wording
from rulesengine.language.format import format_file
from rulesengine.language.parse import parse_text
from tests.language.test_parse import trial


def format_checked(text: str, path: str) -> str:
    return format_file(parse_text(text, path))


def formatted(text: str) -> str:
    once = format_checked(dedent(text), "x.rules")
    assert format_checked(once, "x.rules") == once
    return once


def one_rule(*clauses: str) -> list[str]:
    """Return the lines of a rule with these clauses, in the order of the layout."""
    _, *lines, _ = formatted("flat x {\n" + "\n".join(clauses) + "\n}").splitlines()
    return [line.strip() for line in lines]


def test_the_example_of_the_brief_is_as_it_should_be() -> None:
    # The brief settles the minimum first; statements settle what is below zero first (decision 0024).
    minimum, negative = "  minimum 50 USD then carry\n", "  negative carry\n"
    text = trial("example.rules").replace(minimum + negative, negative + minimum)
    assert format_checked(text, "x") == text
    assert format_checked(text.replace("\n", " "), "x") == text


def test_a_clause_a_line_in_the_order_of_the_stages() -> None:
    assert formatted(
        """
        plan p { currency USD title "P"   effective from 2026-01-01 }
        tiered growth { amend from 2026-07-01 { pay 5% of a on deal } stop on b then forfeit
          tier above 5 USD pay 2% apply whole measure count per month
          where a  where b on deal credit f title "G" }
        statement { minimum 5 USD then carry draw 9 USD per month kept for a  negative carry
          draw x.y per month recoverable for 3 months
          from y recover 50% of earnings above 9 USD per month
        }
        """
    ) == dedent(
        """\
        plan p {
          title "P"
          currency USD
          effective from 2026-01-01
        }

        tiered growth {
          title "G"
          on deal
          where a
          where b
          credit f
          measure count per month
          apply whole
          tier above 5 USD pay 2%
          stop on b then forfeit
          amend from 2026-07-01 {
            on deal
            pay 5% of a
          }
        }

        statement {
          per month
          draw 9 USD per month kept for a
          draw x.y per month recoverable for 3 months from y
          recover 50% of earnings above 9 USD
          negative carry
          minimum 5 USD then carry
        }
        """
    )


def test_times_cap_and_floor_are_never_moved_past_each_other() -> None:
    """Their order changes what is paid."""
    limits = ["cap 5 USD per deal", "times 150%", "floor 1 USD per deal", "cap 9 USD per month"]
    assert one_rule(limits[0], "award each contributor", *limits[1:3], "pay 5% of a", limits[3]) == [
        "pay 5% of a",
        *limits,
        "award each contributor",
    ]


def test_lines_whose_order_has_a_meaning_stay() -> None:
    """Rows of a table are read from the top; fields and rivals stand as their author put them."""
    text = dedent(
        """\
        table t on deal by a {
          row "b" gives 2%
          row "a" gives 1%
          row any gives 0%
        }

        payee p {
          derive x = y
          field y money
          field id text key
        }

        choose best {
          take highest per deal
          among b
          among a
        }
        """
    )
    assert formatted(text) == text


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("pay 25000 USD per deal", "pay 25,000 USD per deal"),
        ("pay 500.00 USD per deal", "pay 500 USD per deal"),
        ("pay 49.9 USD per deal", "pay 49.90 USD per deal"),
        ("pay 0.125 USD per deal", "pay 0.125 USD per deal"),
        ("pay 2.50% of a", "pay 2.5% of a"),
        ("pay 1000% of a", "pay 1,000% of a"),
        ("times 01.50", "times 1.5"),
        ("rounding half_up to 0.010 per line", "rounding half_up to 0.01 per line"),
        ("where a is 2026", "where a is 2026"),
        ("where a is 2,026", "where a is 2026"),
        ("where a >= 2026", "where a >= 2,026"),
        ('where a is one of "b"', 'where a is "b"'),
        ("where (a and (b))", "where a and b"),
        ("where a and (b and c)", "where a and (b and c)"),
        ("where not (a or b)", "where not (a or b)"),
        ("where not (a)", "where not a"),
        ("for 1 months from a", "for 1 month from a"),
        ("for 12 month from a", "for 12 months from a"),
        ("pay 5%   plus 3 USD once", "pay 5% plus 3 USD once"),
        ('title "two  blanks # stay"', 'title "two  blanks # stay"'),
        (
            "clawback  100%\n on a # why\n within 25000 days of b",
            "clawback 100% on a within 25,000 days of b  # why",
        ),
    ],
)
def test_there_is_one_way_to_write_a_thing(written: str, canonical: str) -> None:
    assert one_rule(written) == [canonical]


@pytest.mark.parametrize(
    "expression",
    [
        "a - b - c",
        "a - (b - c)",
        "a * (b + c)",
        "a / (b * c)",
        "a * b + c / d",
        "(a otherwise 0 USD) - b",
        "a otherwise b",
    ],
)
def test_sums_keep_the_brackets_they_need(expression: str) -> None:
    assert f"derive x = {expression}\n" in formatted(f"fact f {{ derive x = {expression} }}")


def test_the_number_of_a_fiscal_year_has_no_comma() -> None:
    assert "fiscal year 2027 from" in formatted("plan p { fiscal year 2027 from 2026-10-01 }")


def test_comments_stay_with_what_they_are_about() -> None:
    assert formatted(
        """
        # the file

        # the plan
        plan p { # head
          rounding half_up to 0.01 per line   # how
          # what we pay in
          currency USD
          # end of plan
        } # behind the plan
        flat x {
          pay 5%  # a
            of a  # b
          # before on
          # and again
          on deal # on
          amend from 2026-01-01 { # in July
            # inside
            pay 6% of a
            # at its end
          } # amended
        }

        # the end

        # the very end"""
    ) == dedent(
        """\
        # the file

        # the plan
        plan p {  # head
          # what we pay in
          currency USD
          rounding half_up to 0.01 per line  # how
          # end of plan
        }  # behind the plan

        flat x {
          # before on
          # and again
          on deal  # on
          # a
          pay 5% of a  # b
          amend from 2026-01-01 {  # in July
            # inside
            pay 6% of a
            # at its end
          }  # amended
        }

        # the end

        # the very end
        """
    )


def test_tables_and_rates_have_one_layout() -> None:
    assert formatted(
        """
        table t on deal by m in total, x {
              row   from 100%, any gives 150% # c

            # d
        }
        rates  ecb as currency
          per EUR within 7 days"""
    ) == dedent(
        """\
        table t on deal by m in total, x {
          row from 100%, any gives 150%  # c
          # d
        }

        rates ecb as currency per EUR within 7 days
        """
    )


@pytest.mark.parametrize(("text", "layout"), [("", ""), ("\n\n", ""), ("# only this", "# only this\n")])
def test_files_without_blocks(text: str, layout: str) -> None:
    assert formatted(text) == layout


def test_line_ends_become_plain() -> None:
    assert formatted("plan p {\r\n  currency USD # c\r\n}\r\n") == "plan p {\n  currency USD  # c\n}\n"


def test_a_file_with_mistakes_is_refused() -> None:
    with pytest.raises(Rejected):
        format_checked("flat x { pai 5% }", "x")


def test_a_layout_that_says_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a bug of the layout may do, it does not reach the file."""
    monkeypatch.setattr(wording, "_number", lambda _: "7")
    with pytest.raises(InternalError):
        format_checked("flat x { pay 5% of a }", "x")


def test_a_text_may_stand_right_behind_its_word() -> None:
    assert formatted('plan p { title"x" currency USD }') == 'plan p {\n  title "x"\n  currency USD\n}\n'
    assert formatted("flat x { where(a) on deal }") == "flat x {\n  on deal\n  where a\n}\n"


def test_spans_of_time_in_a_derive() -> None:
    lines = [
        "derive worked = days from started through 30 days after ended",
        "derive months = full months from issued until lapsed - 1",
        "derive ends = month ends from start of month of issued until end of year of lapsed",
        "derive days = days * (months + started)",
    ]
    text = formatted("fact d {\n" + "\n".join(lines).replace(" from ", "\n from\t") + "\n}")
    assert [line.strip() for line in text.splitlines()[1:-1]] == lines


def test_what_pay_is_of_is_written_in_one_way() -> None:
    assert one_rule(
        "deduct own  earnings of base",
        "times 150%",
        "deduct earnings of other pay 2 USD per started 1000 of seats above 5 plus 5% of a above 1000.5 USD",
    ) == [
        "pay 2 USD per started 1,000 of seats above 5 plus 5% of a above 1,000.50 USD",
        "deduct own earnings of base",
        "times 150%",
        "deduct earnings of other",
    ]
    assert one_rule(
        "pay 6% of a otherwise b with own earnings of c less earnings of d plus 1 USD per full pack"
    ) == ["pay 6% of a otherwise b with own earnings of c less earnings of d plus 1 USD per full pack"]
    levels = "credit each level of partner.sponsor in active_partners through 5"
    assert one_rule(levels) == [levels]
    assert one_rule(
        "where a so far>=20%  of b so far  where a so far > b so far\n"
        "where a of year before>20% of b of quarter before pay x otherwise y.z otherwise 15% of c"
    ) == [
        "where a so far >= 20% of b so far",
        "where a so far > b so far",
        "where a of year before > 20% of b of quarter before",
        "pay x otherwise y.z otherwise 15% of c",
    ]
    assert one_rule("tier from 5 USD pay 5%  above 3 USD plus 1 USD per unit above 50") == [
        "tier from 5 USD pay 5% above 3 USD plus 1 USD per unit above 50"
    ]
    assert one_rule("pay 1 USD per full 10 above a.b") == ["pay 1 USD per full 10 above a.b"]
    assert one_rule("rounding up to 0.01 per band") == ["rounding up to 0.01 per band"]


def test_the_first_rows_of_a_key_and_the_days_of_a_window() -> None:
    lines = ["for first 12 by customer, payee", "prorate by days from joined through left"]
    assert one_rule(*lines) == lines
    assert one_rule("for 12 months from\n first by customer") == ["for 12 months from first by customer"]
