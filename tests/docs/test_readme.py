"""The README shows what happens: its rule is checked, its commands are run, its output compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.cli import main
from tests.docs.commands import replay
from tests.docs.fences import fences

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
PROJECT = REPOSITORY / "rulesengine" / "cli" / "new_project"


def test_the_rule_is_that_of_the_new_project() -> None:
    """The README opens with a rule, and it is one that a reader gets with `rulesengine new`."""
    first = fences(README.read_text(encoding="utf-8"))[0]
    assert first.info == "rules"
    assert first.body in (PROJECT / "rules" / "partners.rules").read_text(encoding="utf-8")


def test_commands_print_what_stands_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    """Each `console` block is run in a new project."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop"]) == 0
    capsys.readouterr()
    monkeypatch.chdir(tmp_path / "shop")
    text = README.read_text(encoding="utf-8")
    consoles = [fence for fence in fences(text) if fence.info == "console"]
    assert consoles
    now = [replay(fence.body, capsys) for fence in consoles]
    if pytestconfig.getoption("--accept"):
        for fence, body in reversed(list(zip(consoles, now, strict=True))):
            text = text[: fence.start] + body + text[fence.end :]
        README.write_text(text, encoding="utf-8")
    else:
        assert now == [fence.body for fence in consoles]


def test_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `python` block runs in a new project."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop"]) == 0
    monkeypatch.chdir(tmp_path / "shop")
    blocks = [fence for fence in fences(README.read_text(encoding="utf-8")) if fence.info == "python"]
    assert blocks
    for fence in blocks:
        exec(compile(fence.body, f"README.md:{fence.line}", "exec"), {})
