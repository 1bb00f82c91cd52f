"""The grammar: without conflicts, documented, and its parser loaded with and without a cache."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rulesengine.language import grammar
from rulesengine.language.build import Builder
from rulesengine.language.grammar import build_parser, grammar_text, load_parser, load_reader
from rulesengine.language.parse import parse_text
from rulesengine.language.reader import Reader

Load = Callable[[Builder], object]

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


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, where the user's own is not; it is made when something is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path / "rulesengine"


def _read(load: Load) -> object:
    builder = Builder()
    reader = load(builder)
    builder.begin("x", 0)
    return reader.read(TEXT) if isinstance(reader, Reader) else reader.parse(TEXT)


@pytest.mark.parametrize("load", [load_reader, load_parser])
def test_the_cache_gives_the_same(load: Load, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "build_parser", built := _Counted())
    first, second = _read(load), _read(load)
    assert built.times == 1
    assert len(list(cache.iterdir())) == (2 if load is load_reader else 1)
    assert first == second == list(parse_text(TEXT, "x").blocks)


@pytest.mark.parametrize("load", [load_reader, load_parser])
def test_a_damaged_cache_is_passed_over(load: Load, cache: Path) -> None:
    right = _read(load)
    kept = list(cache.iterdir())
    beginning = kept[0].read_bytes()[:1000]
    for content in (b"", b"nonsense", beginning, bytes(1000), b"\xe9\x00\x00\x00\x00"):
        for file in kept:
            file.write_bytes(content)
        assert _read(load) == right
        assert all(file.stat().st_size > 100_000 for file in kept)


def test_no_cache_is_needed(cache: Path) -> None:
    """A cache folder that cannot be made, because a file is in its place."""
    cache.write_text("")
    assert _read(load_reader) == _read(load_parser)


def test_old_grammars_are_forgotten(cache: Path) -> None:
    """The cache does not grow with every new version."""
    cache.mkdir()
    for number in range(20):
        old = cache / f"tables-{number}.bin"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    _read(load_reader)
    names = {file.name for file in cache.iterdir()}
    assert len(names) == 12
    assert names >= {"tables-19.bin", "tables-10.bin"}


class _Counted:
    """`build_parser`, counting."""

    times = 0

    def __call__(self, text: str, **options: object) -> object:
        self.times += 1
        return build_parser(text, **options)  # type: ignore[arg-type]
