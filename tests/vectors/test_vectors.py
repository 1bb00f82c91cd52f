"""Every row of the peers comes out as its source says, or is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.conformance import LEAST_PASSED, LEAST_PUBLISHED
from tests.vectors.refused import refused
from tests.vectors.registry import translate, translators
from tests.vectors.report import REPORT, report
from tests.vectors.rows import Row, rows, rows_file
from tests.vectors.scenario import differences, run

ROWS = rows()
REASONS = refused(ROWS) if ROWS else {}
PASSING = [row for row in ROWS if row.id not in REASONS]
REFUSED = [row for row in ROWS if row.id in REASONS]
NEEDS_ROWS = pytest.mark.skipif(rows_file() is None, reason="no folder shared/vectors beside the repository")


@NEEDS_ROWS
@pytest.mark.parametrize("row", PASSING, ids=[row.id for row in PASSING])
def test_row(row: Row, tmp_path: Path) -> None:
    """A row, said in the language, gives every figure that its source gives, and no other."""
    scenario = translate(row)
    assert scenario is not None, f"nobody translates the kind `{row.kind}`"
    outcome = run(scenario, tmp_path)
    assert differences(row, scenario, outcome) == []
    for other in _with_one_figure_altered(row.expected):
        assert differences(replace(row, expected=other), scenario, outcome) != []


def _with_one_figure_altered(expected: Any) -> Iterator[Any]:
    """Go over what a row expects, each time with another figure that is wrong."""
    match expected:
        case dict():
            for name, value in expected.items():
                yield from ({**expected, name: other} for other in _with_one_figure_altered(value))
        case list():
            for place, value in enumerate(expected):
                for other in _with_one_figure_altered(value):
                    yield [*expected[:place], other, *expected[place + 1 :]]
        case _:
            yield "0.000123"


@NEEDS_ROWS
@pytest.mark.parametrize("row", REFUSED, ids=[row.id for row in REFUSED])
def test_refused_row(row: Row, tmp_path: Path) -> None:
    """A row of the list really does not come out; one that does must leave the list."""
    scenario = translate(row)
    assert scenario is None or differences(row, scenario, run(scenario, tmp_path)) != []


@NEEDS_ROWS
@pytest.mark.parametrize("row", PASSING, ids=[row.id for row in PASSING])
def test_nothing_is_left_out(row: Row) -> None:
    """Every term and every fact of a row goes into its plan and tables, or is asked about."""
    looked_at = row.afresh()
    assert translate(looked_at) is not None
    assert looked_at.unread() == []


@NEEDS_ROWS
def test_enough_rows_pass() -> None:
    """The list of refused rows stays short."""
    assert 100 * len(PASSING) >= LEAST_PASSED * len(ROWS)


@NEEDS_ROWS
def test_report_is_fresh(pytestconfig: pytest.Config) -> None:
    """`docs/conformance.md` counts the rows as they are now."""
    text = report(ROWS, REASONS, LEAST_PASSED, LEAST_PUBLISHED)
    if pytestconfig.getoption("--accept"):
        REPORT.write_text(text, encoding="utf-8")
    assert REPORT.read_text(encoding="utf-8") == text, "run `make accept`, and read what changed"


@NEEDS_ROWS
def test_every_translator_has_rows() -> None:
    """No translator is left over."""
    assert set(translators()) <= {row.kind for row in ROWS}
