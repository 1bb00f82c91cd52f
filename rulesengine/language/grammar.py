"""Loads the parser: from the grammar, or from the user's cache of what was worked out from it.

Working out the tables takes a quarter of a second, which a short `check` would notice. Two files
keep them: the plain tables that any right text is read by (loaded in a hundredth of that time), and
Lark's own form of them, which is wanted only where a text is wrong. Both are plain numbers and texts
(`marshal`, which runs no code), named by the grammar and the versions they depend on. Where they
cannot be written, the parser is simply built each time.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import source_hash
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.language.reader import Reader
from rulesengine.language.tables import FORMAT, Tables, tables_of

if TYPE_CHECKING:
    from lark import Lark, Token

_RESOURCE = "commission.lark"
_OURS = ("transformer", "postlex")  # options that are objects of this process
_MOST_FILES = 12  # of the grammars of some versions, two each


class _NamesAnywhere:
    """Lets a name be read in every state: `stopp on` is one wrong word, not `stop` and `p`."""

    always_accept = ("NAME",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def grammar_text() -> str:
    """Return the grammar: packaged with a wheel, in `grammar/` in the repository."""
    packaged = Path(__file__).with_name(_RESOURCE)
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    repository = Path(__file__).resolve().parents[2]
    return (repository / "grammar" / _RESOURCE).read_text(encoding="utf-8")


@cache
def load_reader(builder: Any) -> Reader:
    """Return what reads right texts, calling `builder` for each production; one per process and builder."""
    cached = _cache_file("tables", FORMAT)
    tables = _read(cached)
    if tables is not None:
        # A damaged or foreign file is no reason to fail: the grammar is still there.
        with suppress(Exception):
            return Reader(tables, builder)
    worked_out: Tables = tables_of(load_parser(builder))
    _write(cached, worked_out)
    return Reader(worked_out, builder)


@cache
def load_parser(builder: Any) -> Lark:
    """Return Lark's parser, which can say where and why it could not go on; one per process and builder."""
    import lark

    options = {"transformer": builder, "postlex": _NamesAnywhere()}
    cached = _cache_file("lark", lark.__version__)
    tables = _read(cached)
    if tables is not None:
        with suppress(Exception):
            loaded: Lark = lark.Lark._load_from_dict(tables["data"], tables["memo"], **options)  # type: ignore[no-untyped-call]
            return loaded
    parser = build_parser(grammar_text(), **options)
    _write(cached, _lark_tables(parser))
    return parser


def build_parser(text: str, *, strict: bool = False, **options: Any) -> Lark:
    """Return a parser worked out from the grammar itself; `strict` refuses any conflict."""
    from lark import Lark

    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=True,
        strict=strict,
        **{"postlex": _NamesAnywhere(), **options},
    )


def _lark_tables(parser: Lark) -> dict[str, Any]:
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = parser.memo_serialize([TerminalDef, Rule])
    kept = {name: value for name, value in data["options"].items() if name not in _OURS}
    return {"data": {**data, "options": kept}, "memo": memo}


def _cache_file(what: str, version: str) -> Path | None:
    """Return the file for this grammar under a version, None where there is no home for it."""
    home = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    try:
        folder = Path(home) if home else Path.home() / ".cache"
    except RuntimeError:
        return None
    if not folder.is_absolute():
        return None
    key = source_hash(f"{version}\n{marshal.version}\n{grammar_text()}".encode()).hex()
    return folder / "rulesengine" / f"{what}-{key}.bin"


def _read(path: Path | None) -> Any:
    if path is None:
        return None
    with suppress(OSError, ValueError, EOFError, TypeError):
        return marshal.loads(path.read_bytes())
    return None


def _write(path: Path | None, tables: Any) -> None:
    if path is None:
        return
    import tempfile

    # Written beside its place and moved there, so that no other process reads half of it.
    with suppress(OSError, ValueError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(marshal.dumps(tables))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _forget_old(path.parent)


def _forget_old(folder: Path) -> None:
    """Remove the files of grammars that were left behind."""
    newest_first = sorted(folder.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in newest_first[_MOST_FILES:]:
        old.unlink(missing_ok=True)
