"""Text in, findings of one check out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.language.parse import parse
from rulesengine.plan.check import check_and_lower

PRELUDE = (Path(__file__).parents[2] / "errors" / "prelude.rules").read_text()

Report = Callable[[str, str], list[str]]


@pytest.fixture
def report() -> Report:
    """Return a function from a code and some blocks to what is reported under that code.

    Each finding is worded `LINE: message`; blocks that the text lacks come from the prelude. Any
    other code fails the test, so that no finding hides behind another mistake.
    """

    def findings(code: str, text: str) -> list[str]:
        blocks = PRELUDE.strip().split("\n\n")
        rest = [b for b in blocks if not re.search(rf"^\s*{b.split()[0]}\b", text, re.MULTILINE)]
        try:
            checked = check_and_lower(parse({"rules.rules": text, "prelude.rules": "\n\n".join(rest)}))
            found = tuple(checked.warnings)
        except Rejected as rejected:
            found = rejected.diagnostics
        others = [f"{d.span}: {d.code} {d.message}" for d in found if d.code != code]
        assert others == []
        return [f"{d.span.line if d.span else 0}: {d.message}" for d in found]

    return findings
