"""The grammar: without conflicts, documented, and its parser loaded with and without a cache."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulesengine.language import grammar
from rulesengine.language.build import Builder
from rulesengine.language.grammar import build_parser, grammar_text, load_parser
from rulesengine.language.parse import parse_text

TEXT = 'plan p { title "x" }\nflat f {\n  on deal\n  pay 500 USD per deal\n}\n'


def test_there_is_one_way_to_read_a_plan() -> None:
    """Strict mode refuses every conflict of the parser and every overlap of two terminals."""
    pytest.importorskip("interegular")
    build_parser(grammar_text(), strict=True)


def test_every_production_has_an_example_above_it() -> None:
    """Or stands right below the production that it is a part of; names and literals speak for themselves."""
    without: list[str] = []
    before = ""
    for line in grammar_text().split("// --- values")[0].split("\n"):
        production = re.match(r"\??_?([a-z_]+):", line)
        if production and not before:
            without.append(production[1])
        before = line.strip()
    assert without == []


def test_every_production_is_built() -> None:
    """Each production or alternative that is not passed through has a method of the builder."""
    parser = build_parser(grammar_text())
    names = {rule.alias or rule.origin.name for rule in parser.rules if not _is_passed_through(rule)}
    assert sorted(name for name in names if not hasattr(Builder, name)) == []


def _is_passed_through(rule: object) -> bool:
    name = str(rule.origin.name)  # type: ignore[attr-defined]
    return name.startswith("_") or (rule.options.expand1 and not rule.alias)  # type: ignore[attr-defined]


def test_the_cache_gives_the_same_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(grammar, "build_parser", built := _Counted())
    trees = []
    for _ in range(2):
        builder = Builder()
        parser = load_parser(builder)
        builder.begin("x", 0)
        trees.append(parser.parse(TEXT))
    assert trees[0] == trees[1] == list(parse_text(TEXT, "x").blocks)
    assert built.times == 1
    assert len(list((tmp_path / "rulesengine").iterdir())) == 1


def test_a_damaged_cache_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    load_parser(Builder())
    (cached,) = (tmp_path / "rulesengine").iterdir()
    for content in (b"", b"nonsense", cached.read_bytes()[:1000], b"\xe9\x00\x00\x00\x00"):
        cached.write_bytes(content)
        builder = Builder()
        assert len(load_parser(builder).parse(TEXT)) == 2  # type: ignore[arg-type]


def test_no_cache_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that cannot be made, because a file is in its place."""
    (tmp_path / "rulesengine").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert len(load_parser(Builder()).parse(TEXT)) == 2  # type: ignore[arg-type]


class _Counted:
    """`build_parser`, counting."""

    times = 0

    def __call__(self, text: str, **options: object) -> object:
        self.times += 1
        return build_parser(text, **options)  # type: ignore[arg-type]
