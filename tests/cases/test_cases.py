"""Every case file under this folder comes out as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.runner import BadCase, accepted, outcome, read_case

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.rglob("*.case"))


@pytest.mark.parametrize("path", CASES, ids=[str(path.relative_to(FOLDER)) for path in CASES])
def test_case(path: Path, pytestconfig: pytest.Config) -> None:
    """What the plan makes of the facts is the whole of what stands below `--- run`."""
    text = path.read_text(encoding="utf-8")
    if pytestconfig.getoption("--accept"):
        path.write_text(accepted(text), encoding="utf-8")
        return
    case = read_case(text)
    assert outcome(case) == case.expected_text, f"{path.name}: {case.title}"


def test_there_are_cases() -> None:
    """A run that finds no case is a mistake and not a success."""
    assert CASES


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("--- plan\n--- run 2026-01\n", "sentence"),
        ("Shows it.\n--- run 2026-01\n", "`--- plan`"),
        ("Shows it.\n--- plan\nx\n", "one `--- run`"),
        ("Shows it.\n--- plan\nx\n--- run 2026\n--- deal\nid\n", "no outcome"),
    ],
)
def test_a_badly_written_case_is_refused(text: str, complaint: str) -> None:
    """A case without its parts says which one is missing."""
    with pytest.raises(BadCase, match=complaint):
        read_case(text)
