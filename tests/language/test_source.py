"""Reading the files of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected, Span
from rulesengine.language.source import read_sources


def test_a_file_is_read_under_the_path_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    Path("rules/a.rules").write_bytes(b"plan p { }\r\n")
    assert read_sources("rules/a.rules") == {"rules/a.rules": "plan p { }\n"}
    assert read_sources("./rules") == {"rules/a.rules": "plan p { }\n"}


def test_a_folder_is_read_with_its_subfolders_in_order(tmp_path: Path) -> None:
    for name in ("b.rules", "a/z.rules", "a.rules", "notes.txt", "c/d/e.rules"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = read_sources(tmp_path)
    assert list(found.values()) == ["a.rules", "a/z.rules", "b.rules", "c/d/e.rules"]


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_bytes(b"\xef\xbb\xbfplan p { }")
    assert list(read_sources(tmp_path).values()) == ["plan p { }"]


def test_every_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_bytes(b'plan p {\n  title "Pr\xe4mie"\n}')
    (tmp_path / "b.rules").write_bytes("é".encode() + b"\xff")
    (tmp_path / "c.rules").write_bytes(b"plan p { }")
    with pytest.raises(Rejected) as caught:
        read_sources(tmp_path)
    first, second = caught.value.diagnostics
    assert first.span == Span((tmp_path / "a.rules").as_posix(), 2, 12, 2, 13)
    assert first.code == second.code == "R0105"
    assert first.message == "byte 20 of the file (0xe4) is not UTF-8 text"
    assert second.message.startswith("byte 2 ")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "there is no file or folder `missing`"),
        ("empty", "no `.rules` file in `empty`"),
        ("notes.txt", "`notes.txt` is not a `.rules` file"),
    ],
)
def test_a_path_without_a_plan_is_refused(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("notes.txt").write_text("x")
    with pytest.raises(Rejected) as caught:
        read_sources(name)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.place, problem.message) == ("R0204", name, message)


def test_run_folders_are_passed_over(tmp_path: Path) -> None:
    """The plan in a run folder is a copy; a run folder that is asked for itself is read."""
    for name in ("a.rules", "out/run.json", "out/plan/a.rules", "out/plan/deep/b.rules", "other/c.rules"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert list(read_sources(tmp_path).values()) == ["a.rules", "other/c.rules"]
    assert list(read_sources(tmp_path / "out" / "plan").values()) == [
        "out/plan/a.rules",
        "out/plan/deep/b.rules",
    ]
