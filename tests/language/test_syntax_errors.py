"""What is said to mistakes: messages.txt holds snippets and, indented, all that is answered to each.

A snippet stands in a rule unless it has a `{`; `\\n` is a line end. `make accept` rewrites the answers.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulesengine.diagnostics import CODES, Diagnostic, Rejected
from rulesengine.language import mistakes
from rulesengine.language.format import essence, format_file
from rulesengine.language.parse import parse_text

MESSAGES = Path(__file__).parent / "messages.txt"


def problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Rejected) as caught:
        parse_text(text, "x.rules")
    return caught.value.diagnostics


def answer(snippet: str) -> str:
    """Return a snippet and what is said to it."""
    written = snippet.replace("\\n", "\n").replace("\\t", "\t").replace("\\u00a0", "\u00a0")
    text = written if "{" in written else f"flat x {{\n  {written}\n  on deal\n}}"
    lines = [snippet]
    for problem in problems(text):
        lines.append(f"    {problem.code} at `{covered(text, problem)}`: {problem.message}")
        if problem.hint:
            lines.append(f"      {problem.hint}")
    return "\n".join(lines)


def covered(text: str, problem: Diagnostic) -> str:
    span = problem.span
    assert span is not None
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\\n".join(line.strip() for line in lines)


def test_every_mistake_is_answered(pytestconfig: pytest.Config) -> None:
    text = MESSAGES.read_text(encoding="utf-8")
    answered = "\n".join(
        line if line.startswith("#") or not line else answer(line)
        for line in text.split("\n")
        if not line.startswith("    ")
    )
    if pytestconfig.getoption("--accept"):
        MESSAGES.write_text(answered, encoding="utf-8")
    assert answered == MESSAGES.read_text(encoding="utf-8")


def test_messages_have_the_shape_of_messages() -> None:
    """One line, no full stop, lower case but for names in backticks, and no terminal of the grammar."""
    for message in re.findall(
        r"^    R\d{4} at `.*?`: (.*)$", MESSAGES.read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert not message.endswith(".")
        bare = re.sub(r"`[^`]*`", "", message)
        assert bare[:1] == bare[:1].lower()
        assert not re.search(r"\b[A-Z_]{4,}\b", bare)


@pytest.mark.parametrize("mistake", [mistake for _, mistake in mistakes._all()], ids=lambda m: m.text)
def test_known_mistakes_are_told_apart(mistake: mistakes.Mistake) -> None:
    """Each snippet of mistakes.txt is wrong, and what is said to it is what stands beside it."""
    first = problems(mistake.text)[0]
    said = re.sub(r"\\\{\w+\\\}", ".*", re.escape(mistake.say))
    assert re.fullmatch(said, first.message)
    assert "{found}" not in first.message + first.hint


def test_codes_are_listed() -> None:
    used = set(re.findall(r"^    (R\d{4})", MESSAGES.read_text(encoding="utf-8"), re.MULTILINE))
    assert used <= set(CODES)
    assert used == {"R0101", "R0102", "R0103", "R0104", "R0106", "R0107"}


# --- several mistakes --------------------------------------------------------------------------


def places(text: str) -> list[str]:
    return [f"{problem.span}".removeprefix("x.rules:") for problem in problems(text)]


def test_each_line_is_judged_for_itself() -> None:
    text = """\
plan p {
  currancy USD
  title "fine"
  rounding half_up to 0,01 per line
}

tiered t {
  on deal
  messure sum amount per quarter
  apply marginal
  tier 0 USD pay 2%
  tier from 10 USD pay 3%
  amend form 2026-07-01 {
    tier from 0 USD pay 2%
    tear from 10 USD pay 3%
  }
  cap 5 USD
}
flat f { on deal pai 5% }
"""
    assert places(text) == ["2:3", "4:23", "9:3", "11:8", "13:9", "15:5", "17:3", "19:18"]


def test_a_wrong_header_hides_nothing_in_its_block() -> None:
    assert places("tierd t {\n  on deal\n  pai 5%\n}\nflat new-logo {\n  pai 5%\n}") == [
        "1:1",
        "3:3",
        "5:6",
        "6:3",
    ]


def test_an_unclosed_block_hides_nothing_in_the_next() -> None:
    assert places("flat a {\n  on deal\n  pai 5%\n\nflat b {\n  pai 5%\n}") == ["1:8", "3:3", "6:3"]


def test_a_block_emptied_of_mistakes_is_not_called_empty() -> None:
    assert places("segment s of p {\n  wear a\n}\ntable t on d by a {\n  raw any gives 5%\n}") == [
        "2:3",
        "5:3",
    ]


def test_an_impossible_date_hides_no_other_mistake() -> None:
    text = "flat x {\n  window from 2026-02-30 through 2026-06-31\n  pai 5%\n  pay 5 % of a\n}"
    assert places(text) == ["2:15", "2:34", "3:3", "4:7"]


def test_the_number_of_mistakes_is_bounded() -> None:
    text = "flat x {\n" + "  pai 5%\n" * 500 + "}\n"
    assert len(problems(text)) == 25
    assert len(problems("flat x { pai 5% }\n" * 500)) == 25


def test_the_next_block_is_named_beside_an_unclosed_one() -> None:
    (problem,) = problems("flat a {\n  memo\n\nflat b {\n  memo\n}")
    (related,) = problem.related
    assert (related.span.line, related.span.column, related.span.end_column) == (4, 1, 7)


@pytest.mark.parametrize(
    "text",
    ["fact{field{{\n  }\n", "flat{on{{}\n", "plan{{{}}", "flat x {{{\n}\n", "quota{{\n}}}", "amend{\n}}"],
)
def test_braces_in_wrong_places_are_answered(text: str) -> None:
    """A header that is wrong, and braces that close nothing once it is mended."""
    assert problems(text)


@pytest.mark.parametrize("junk", [*'}{"%', "{{{", "}}}", "flat", "flat {", "\x00", "quota", "amend {"])
def test_any_junk_is_answered(junk: str) -> None:
    """Nothing but a `Rejected` comes out, wherever junk stands in a plan."""
    lines = [
        "plan p {",
        'title "x"',
        "}",
        "flat x {",
        "on deal",
        "amend from 2026-01-01 {",
        "pay 5%",
        "}",
        "}",
    ]
    for index in range(len(lines) + 1):
        assert problems("\n".join([*lines[:index], junk, *lines[index:]]))


# --- nesting -----------------------------------------------------------------------------------

FACT = "fact deal {{ field amount money\n derive x = {} }}"
RULE = "flat x {{ on deal where {} }}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RULE.format("not " * 5000 + "a"), "a condition that is nested more than 100 levels deep"),
        (RULE.format("(a and (b or " * 3000 + "a" + "))" * 3000), "a condition that is nested more"),
        (RULE.format("closed > " + "1 day after " * 3000 + "closed"), "a date that is nested more"),
        (RULE.format("closed > " + "start of month after " * 3000 + "closed"), "a date that is nested more"),
        (FACT.format("amount" + " + amount" * 5000), "more than 300 operators in one sum"),
        (FACT.format("(amount + " * 3000 + "amount" + ")" * 3000), "more than 300 operators in one sum"),
    ],
)
def test_what_is_nested_too_deep_is_refused(text: str, message: str) -> None:
    (problem,) = problems(text)
    assert problem.code == "R0108"
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        RULE.format("not " * 100 + "a"),
        RULE.format("(" * 5000 + "a" + ")" * 5000),
        RULE.format(" and ".join(["a"] * 5000)),
        RULE.format("closed > " + "1 day after " * 100 + "closed"),
        FACT.format("amount" + " + amount" * 300),
        FACT.format(" + ".join(["(amount - amount)"] * 150)),
    ],
)
def test_what_is_only_long_is_read_and_written_back(text: str) -> None:
    source = parse_text(text, "x.rules")
    assert essence(parse_text(format_file(source), "x.rules")) == essence(source)


def test_braces_that_are_left_over_are_bounded_too() -> None:
    assert len(problems("}" * 20000)) == 25
