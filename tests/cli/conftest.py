"""What tests of several commands begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.cli import main


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A new project, as the current folder."""
    folder = tmp_path / "shop"
    assert main(["new", str(folder)]) == 0
    monkeypatch.chdir(folder)
    capsys.readouterr()
    return folder
