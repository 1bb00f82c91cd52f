"""Every example of the language reference is what it says.

```rules                 checks clean; blocks that it lacks are those of tests/errors/prelude.rules
```rules wrong R0207     has that mistake
```case                  is a whole case file, and comes out as it says
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulesengine.cli.check import find_mistakes
from rulesengine.diagnostics import CODES
from tests.cases.runner import accepted, outcome, read_case
from tests.docs.fences import Fence, fences

REPOSITORY = Path(__file__).parents[2]
PRELUDE = REPOSITORY / "tests" / "errors" / "prelude.rules"
LANGUAGE = REPOSITORY / "docs" / "language.md"


def _blocks(word: str) -> list[Fence]:
    if not LANGUAGE.exists():
        return []
    text = LANGUAGE.read_text(encoding="utf-8")
    return [fence for fence in fences(text) if fence.info.split()[:1] == [word]]


def _lacking(text: str) -> str:
    """Return the blocks of the prelude of which an example has none of that sort."""
    blocks = PRELUDE.read_text(encoding="utf-8").strip().split("\n\n")
    lacking = [b for b in blocks if not re.search(rf"^\s*{b.split()[0]}\b", text, re.MULTILINE)]
    return "\n\n".join(lacking) + "\n"


@pytest.mark.parametrize("fence", _blocks("rules"), ids=str)
def test_rules(fence: Fence, tmp_path: Path) -> None:
    """An example has the mistakes that its heading names, and no others."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "example.rules").write_text(fence.body, encoding="utf-8")
    (folder / "prelude.rules").write_text(_lacking(fence.body), encoding="utf-8")
    found, _ = find_mistakes(folder)
    _, _, *wanted = fence.info.split() if " " in fence.info else ("rules", "right")
    messages = "\n".join(f"{diagnostic.code} {diagnostic.span}: {diagnostic.message}" for diagnostic in found)
    assert set(wanted) <= set(CODES)
    assert {diagnostic.code for diagnostic in found} == set(wanted), messages


def _cases() -> list[Fence]:
    return _blocks("case")


@pytest.mark.parametrize("number", range(len(_cases())), ids=lambda number: str(_cases()[number]))
def test_cases(number: int, pytestconfig: pytest.Config) -> None:
    """What the plan makes of the facts is the whole of what stands below `--- run`."""
    fence = _cases()[number]
    if pytestconfig.getoption("--accept"):
        text = LANGUAGE.read_text(encoding="utf-8")
        text = text[: fence.start] + accepted(fence.body) + text[fence.end :]
        LANGUAGE.write_text(text, encoding="utf-8")
        return
    case = read_case(fence.body)
    assert outcome(case) == case.expected_text
