"""Ctrl-C and SIGTERM at moments at which little is left to stop, or something fails of being stopped."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rulesengine.cli.entry import main
from rulesengine.model.signals import STOPS
from rulesengine.statements.render_folder import render_all
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.write_folder import folder_aside, put_in_place
from tests.statements.test_run_folder import files_of

PROJECT = Path(__file__).parents[2] / "rulesengine" / "cli" / "new_project"
both = pytest.mark.parametrize("how", STOPS)


@pytest.fixture(autouse=True)
def heeded() -> Any:
    """A process in the background may have been told to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def run(out: Path, period: str, pages: str = "all") -> int:
    words = [
        "run",
        str(PROJECT / "rules"),
        "--facts",
        str(PROJECT / "facts"),
        "--engine",
        "duckdb",
        "--quiet",
    ]
    return main([*words, "--period", period, "--out", str(out), "--statements", pages])


def after(does: Callable[..., Any], name: str, how: signal.Signals) -> Callable[..., Any]:
    """Return a function that also sends a signal, where what it is told to write to has a name."""

    def changed(self: Path, target: Path) -> Any:
        found = does(self, target)
        if target.name == name:
            signal.raise_signal(how)
        return found

    return changed


@both
def test_a_stop_between_two_renames_comes_too_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "wanted", "2026-02") == 0
    assert run(tmp_path / "out", "2026-01") == 0
    monkeypatch.setattr(Path, "rename", after(Path.rename, "old", how))
    assert run(tmp_path / "out", "2026-02") == 0
    assert capsys.readouterr().err == ""
    assert files_of(tmp_path / "out") == files_of(tmp_path / "wanted")
    assert names(tmp_path) == ["out", "wanted"]


@both
def test_a_stop_while_the_earlier_folder_is_removed_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "wanted", "2026-02") == 0
    assert run(tmp_path / "out", "2026-01") == 0
    remove = shutil.rmtree

    def stopped(path: str, *words: Any, **named: Any) -> None:
        if (Path(path) / "old").exists():
            signal.raise_signal(how)
        remove(path, *words, **named)

    monkeypatch.setattr("shutil.rmtree", stopped)
    assert run(tmp_path / "out", "2026-02") == 0
    assert capsys.readouterr().err == ""
    assert files_of(tmp_path / "out") == files_of(tmp_path / "wanted")
    assert names(tmp_path) == ["out", "wanted"]


def test_who_asks_to_end_twice_finds_nothing_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def stopped(*words: Any, **named: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        remove(*words, **named)

    monkeypatch.setattr("shutil.rmtree", stopped)
    monkeypatch.setattr(
        "rulesengine.statements.by_sql.stored_run.write_plan", lambda *_: signal.raise_signal(signal.SIGINT)
    )
    assert run(tmp_path / "out", "2026-01") == 130
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    for name in ("new", "out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text").write_text(name)
    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        put_in_place(tmp_path / "new", tmp_path / "out", tmp_path / "old")
    assert (tmp_path / "out" / "text").read_text() == "out"


@both
def test_pages_are_replaced_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(out, "2026-01") == 0
    wanted = files_of(out)
    monkeypatch.setattr(Path, "rename", after(Path.rename, "old", how))
    assert main(["statements", str(out), "--quiet"]) == 0
    assert (capsys.readouterr().err, files_of(out)) == ("", wanted)
    assert names(tmp_path) == ["out"]


def test_pages_of_before_stay_where_new_ones_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert run(out, "2026-01") == 0
    wanted = files_of(out)
    rename = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if target.name == "statements" and self.name == "statements":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    assert main(["statements", str(out), "--quiet"]) == 2
    assert files_of(out) == wanted


def test_a_run_without_statements_has_no_folder_of_pages(tmp_path: Path) -> None:
    assert run(tmp_path / "out", "2026-12", "none") == 0
    assert render_all(read_run(tmp_path / "out")) == 0
    assert not (tmp_path / "out" / "statements").exists()


def test_from_python_a_stop_that_comes_late_is_told_when_all_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "rename", after(Path.rename, "out", signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), folder_aside(tmp_path / "out") as folder:
        (folder / "run.json").touch()
    assert names(tmp_path) == ["out"] and names(tmp_path / "out") == ["run.json"]


@both
def test_what_fails_of_being_stopped_is_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    """As libraries do: an import that is cut short fails with whatever it makes of that."""

    def fails(*_: object) -> None:
        try:
            signal.raise_signal(how)
        except KeyboardInterrupt:
            raise SystemError("it returned a result with an exception set") from None

    monkeypatch.setattr("rulesengine.statements.by_sql.stored_run.write_plan", fails)
    assert run(tmp_path / "out", "2026-01") == 130
    assert capsys.readouterr().err.strip() == "stopped; nothing was written"
    assert names(tmp_path) == []


def test_what_fails_unheard_of_being_stopped_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Closed:
        def __del__(self) -> None:
            raise ValueError("connection already closed")

    def stopped(*_: object) -> None:
        left = [Closed()]
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            left.pop()

    monkeypatch.setattr("rulesengine.statements.by_sql.stored_run.write_plan", stopped)
    assert run(tmp_path / "out", "2026-01") == 130
    assert capsys.readouterr().err.strip() == "stopped; nothing was written"


def test_a_stop_after_the_run_says_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "rulesengine.cli.run.echo_summary", lambda *_, **__: signal.raise_signal(signal.SIGINT)
    )
    assert run(tmp_path / "out", "2026-01") == 130
    assert capsys.readouterr().err.strip() == "stopped; the run folder is in place"
    assert read_run(tmp_path / "out").period == "2026-01"


def test_signals_are_what_they_were_when_a_command_is_done(tmp_path: Path) -> None:
    before = [signal.getsignal(each) for each in STOPS]
    assert run(tmp_path / "out", "2026-01") == 0
    assert [signal.getsignal(each) for each in STOPS] == before
