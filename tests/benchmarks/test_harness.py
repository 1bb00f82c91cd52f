"""What the benchmarks share: processes are measured, failures are not taken for figures."""

from __future__ import annotations

import sys

import pytest

from benchmarks.harness import CannotMeasure, Figures, Results, Row, as_markdown, in_turn, once, ratios, row
from benchmarks.run import BENCHMARKS


def test_a_process_is_measured() -> None:
    """Its time on processors is its own."""
    busy = "for n in range(2_000_000): pass"
    found = in_turn({"idle": [sys.executable, "-c", "pass"], "busy": [sys.executable, "-c", busy]}, 1)
    (idle,), (worked,) = found.values()
    assert worked.cpu > idle.cpu
    assert row("busy", found["busy"], found["idle"]).ratio.endswith("CPU")


def test_a_failure_is_no_figure() -> None:
    """A command that ends with an error is reported with its last words."""
    with pytest.raises(CannotMeasure, match="nothing is paid"):
        once([sys.executable, "-c", "import sys; sys.exit('nothing is paid')"])


def test_ratios_are_of_rounds() -> None:
    """A machine that slows down for a round slows both, and the ratio stays."""
    ours = [Figures(1, 2, 0), Figures(10, 20, 0), Figures(1, 2, 0)]
    theirs = [Figures(2, 2, 0), Figures(20, 20, 0), Figures(2, 2, 0)]
    assert ratios(ours, theirs) == (0.5, 1)


def test_columns_that_are_empty_are_not_shown() -> None:
    """A table has the columns that its rows fill."""
    shown = as_markdown(Results("T", [Row(what="a", wall=0.1234, wanted="≤ 1"), Row(what="b", wall=12.3)]))
    assert shown.splitlines()[0] == "|  | wall s | wanted |"
    assert shown.splitlines()[2:] == ["| a | 0.123 | ≤ 1 |", "| b | 12.30 |  |"]


def test_benchmarks_are_named() -> None:
    """Each has a letter and says what it measures."""
    assert set("abcdefgh") < set(BENCHMARKS)
