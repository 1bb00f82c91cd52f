"""The gallery: every published amount comes out, and its index is fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.statements.run import Run
from tests.gallery.examples import EXAMPLES, Expected, currencies, figure_of, read_example, run_example
from tests.gallery.index import INDEX, index

# A price that falls with the quantity, on all of it: buying more costs less. The page shows it on purpose.
WARNED = {"tier-graduated-vs-volume-15000": ["R0601", "R0601"]}


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_example(folder: Path) -> None:
    """Every figure is the published one; no row is rejected, and no warning but those shown on purpose."""
    example = read_example(folder)
    run = run_example(example)
    assert [warning.code for warning in run.warnings] == WARNED.get(folder.name, [])
    assert run.reject_values == ()
    got = [(expected.published, expected.payee, figure_of(run, expected)) for expected in example.expected]
    assert got == [(expected.published, expected.payee, expected.amount) for expected in example.expected]
    assert [each for each in example.expected if not _in_its_currency(run, each)] == []


def _in_its_currency(run: Run, expected: Expected) -> bool:
    is_money = len(expected.unit) == 3 and expected.unit.isupper()
    return not is_money or currencies(run, expected) <= {expected.unit}


def test_index_is_fresh(pytestconfig: pytest.Config) -> None:
    """`docs/gallery.md` shows the examples as they are now."""
    text = index(EXAMPLES)
    if pytestconfig.getoption("--accept"):
        INDEX.write_text(text, encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == text, "run `make accept`, and read what changed"
