"""A mistake as text: place, message, marked source lines, hint."""

from __future__ import annotations

from rulesengine.cli.print_diagnostics import count_phrase, render_diagnostic
from rulesengine.diagnostics import Diagnostic, Related, Severity, Span

PLAN = """tiered growth {
  on deal
  tier from 100% pay 12%
  tier from 80% pay 15%
}
"""


def _span(line: int, column: int, end: int, file: str = "a.rules", end_line: int | None = None) -> Span:
    return Span(file, line, column, end_line or line, end)


def test_the_whole_form() -> None:
    """Related place and mistake stand in the order of the file, the hint below."""
    found = Diagnostic(
        code="R0207",
        message="tier must start above 100%, found 80%",
        span=_span(4, 13, 16),
        related=(Related(_span(3, 13, 17), "the tier before starts here"),),
        hint="swap the two tiers, or raise this one",
    )
    assert render_diagnostic(found, {"a.rules": PLAN}) == (
        "a.rules:4:13: error R0207: tier must start above 100%, found 80%\n"
        "   3 |   tier from 100% pay 12%\n"
        "     |             ---- the tier before starts here\n"
        "   4 |   tier from 80% pay 15%\n"
        "     |             ^^^\n"
        "  hint: swap the two tiers, or raise this one"
    )


def test_two_marks_on_one_line() -> None:
    """The line is shown once, with a row of marks for each place."""
    found = Diagnostic(
        code="R0401",
        message="money and a percentage",
        span=_span(1, 1, 4),
        related=(Related(_span(1, 7, 10), "a percentage"),),
    )
    assert render_diagnostic(found, {"a.rules": "abc + def"}) == (
        "a.rules:1:1: error R0401: money and a percentage\n"
        "   1 | abc + def\n"
        "     |       --- a percentage\n"
        "     | ^^^"
    )


def test_a_related_place_in_another_file() -> None:
    """It has a heading with its own place."""
    found = Diagnostic(
        code="R0302",
        message="`a` is named twice",
        span=_span(1, 1, 2, "b.rules"),
        related=(Related(_span(2, 1, 2), "first here"),),
    )
    sources = {"a.rules": "x\na", "b.rules": "a"}
    assert render_diagnostic(found, sources).split("\n")[1:] == [
        "   1 | a",
        "     | ^",
        "  a.rules:2:1",
        "   2 | a",
        "     | - first here",
    ]


def test_tabs_and_wide_characters() -> None:
    """Marks stand under what they mean, as a terminal shows it."""
    found = Diagnostic(code="R0301", message="unknown", span=_span(1, 5, 7))
    assert render_diagnostic(found, {"a.rules": "\t日本 xy z"}).split("\n")[1:] == [
        "   1 |     日本 xy z",
        "     |" + " " * 10 + "^^",
    ]


def test_control_characters_are_shown_and_not_obeyed() -> None:
    """A plan cannot move the cursor of whoever checks it."""
    found = Diagnostic(code="R0102", message="a character", span=_span(1, 2, 3))
    text = render_diagnostic(found, {"a.rules": "a\x1b[2Jb"})
    assert "\x1b" not in text
    assert text.split("\n")[1:] == ["   1 | a\N{REPLACEMENT CHARACTER}[2Jb", "     |  ^"]


def test_a_span_over_several_lines() -> None:
    """Its first line is marked to the end."""
    found = Diagnostic(code="R0202", message="`apply` is missing", span=_span(1, 1, 2, end_line=5))
    assert render_diagnostic(found, {"a.rules": PLAN}).split("\n")[1:] == [
        "   1 | tiered growth {",
        "     | ^^^^^^^^^^^^^^^",
    ]


def test_a_very_long_line_is_cut_around_the_mark() -> None:
    """A plan on one line is still readable."""
    text = "x" * 500 + "BAD" + "y" * 500
    found = Diagnostic(code="R0101", message="bad", span=_span(1, 501, 504))
    _, source, marks = render_diagnostic(found, {"a.rules": text}).split("\n")
    assert len(source) < 140
    assert source[marks.index("^") : marks.index("^") + 3] == "BAD"


def test_the_end_of_the_file() -> None:
    """A mistake past the last character has a mark, and one past the last line no excerpt."""
    found = Diagnostic(code="R0103", message="not closed", span=_span(1, 5, 5))
    assert render_diagnostic(found, {"a.rules": "flat"}).split("\n")[1:] == ["   1 | flat", "     |     ^"]
    found = Diagnostic(code="R0103", message="not closed", span=_span(9, 1, 1))
    assert render_diagnostic(found, {"a.rules": "flat"}).count("\n") == 0


def test_facts_have_a_place_and_no_excerpt() -> None:
    """A file of facts is named as it is."""
    found = Diagnostic(code="R1003", message="no column `id`", place="deal.csv")
    assert render_diagnostic(found, {}) == "deal.csv: error R1003: no column `id`"


def test_counts() -> None:
    """The last line of `check`."""
    error = Diagnostic(code="R0301", message="x")
    warning = Diagnostic(code="R0602", message="x", severity=Severity.WARNING)
    assert count_phrase([error, error, warning]) == "2 errors, 1 warning"
    assert count_phrase([]) == "no mistakes"
