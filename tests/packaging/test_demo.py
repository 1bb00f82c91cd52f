"""What `make demo` runs, without the making of its environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulesengine.cli import main

REPOSITORY = Path(__file__).parents[2]


def _setting(name: str) -> str:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    found = re.search(rf"^{name} := (\S+)$", makefile, re.MULTILINE)
    assert found, name
    return found[1]


def test_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Our own plan runs over our own facts without a reject, and the payee shown is paid something."""
    monkeypatch.chdir(REPOSITORY)
    run = ["run", "rules/partner_program", "--facts", "fixtures/partner_program"]
    out = str(tmp_path / "demo")
    assert main([*run, "--period", _setting("DEMO_PERIOD"), "--out", out]) == 0
    assert "The run folder is" in capsys.readouterr().out
    assert main(["explain", out, _setting("DEMO_PAYEE")]) == 0
    statement = capsys.readouterr().out
    assert re.search(r"^Total USD +[1-9][\d,]*\.\d\d$", statement, re.MULTILINE)
