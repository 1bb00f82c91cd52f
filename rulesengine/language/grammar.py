"""Loads the parser: from the grammar, or from the user's cache of its tables.

Working out the tables takes a quarter of a second, which a short `check` would notice; reading them
back takes a tenth of that. The cache is a file of plain numbers and texts (`marshal`, which runs no
code), named by the grammar and the versions it depends on. Where it cannot be written, the parser
is simply built each time.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Token
from lark.grammar import Rule
from lark.lexer import TerminalDef

_RESOURCE = "commission.lark"
_OURS = ("transformer", "postlex")  # options that are objects of this process


class _NamesAnywhere:
    """Lets a name be read in every state: `stopp on` is one wrong word, not `stop` and `p`."""

    always_accept = ("NAME",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


def grammar_text() -> str:
    """Return the grammar: packaged with a wheel, in `grammar/` in the repository."""
    packaged = files("rulesengine.language") / _RESOURCE
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    repository = Path(__file__).resolve().parents[2]
    return (repository / "grammar" / _RESOURCE).read_text(encoding="utf-8")


@cache
def load_parser(builder: Any) -> Lark:
    """Return the parser that calls `builder` for each production; one per process and builder."""
    text = grammar_text()
    options = {"transformer": builder, "postlex": _NamesAnywhere()}
    cached = _cache_file(text)
    tables = _read(cached)
    if tables is not None:
        # A damaged or foreign file is no reason to fail: the grammar is still there.
        with suppress(Exception):
            loaded: Lark = Lark._load_from_dict(tables["data"], tables["memo"], **options)  # type: ignore[no-untyped-call]
            return loaded
    parser = build_parser(text, **options)
    _write(cached, parser)
    return parser


def build_parser(text: str, *, strict: bool = False, **options: Any) -> Lark:
    """Return a parser worked out from the grammar itself; `strict` refuses any conflict."""
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=True,
        strict=strict,
        **{"postlex": _NamesAnywhere(), **options},
    )


def _cache_file(text: str) -> Path | None:
    """Return the file for this grammar under these versions, None where there is no home for it."""
    home = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    try:
        folder = Path(home) if home else Path.home() / ".cache"
    except RuntimeError:
        return None
    if not folder.is_absolute():
        return None
    python = ".".join(str(part) for part in sys.version_info[:3])
    key = hashlib.sha256(f"{lark.__version__}\n{python}\n{text}".encode()).hexdigest()
    return folder / "rulesengine" / f"grammar-{key[:32]}.bin"


def _read(path: Path | None) -> Any:
    if path is None:
        return None
    with suppress(OSError, ValueError, EOFError, TypeError):
        return marshal.loads(path.read_bytes())
    return None


def _write(path: Path | None, parser: Lark) -> None:
    if path is None:
        return
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    kept = {name: value for name, value in data["options"].items() if name not in _OURS}
    tables = {"data": {**data, "options": kept}, "memo": memo}
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
