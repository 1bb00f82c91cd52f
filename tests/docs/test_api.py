"""The examples of docs/api.md run in a new project, and say what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.cli import main
from tests.docs.fences import fences

API = Path(__file__).parents[2] / "docs" / "api.md"


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `python` block."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop"]) == 0
    monkeypatch.chdir(tmp_path / "shop")
    blocks = [fence for fence in fences(API.read_text(encoding="utf-8")) if fence.info == "python"]
    assert len(blocks) == 2
    for fence in blocks:
        exec(compile(fence.body, f"docs/api.md:{fence.line}", "exec"), {})
