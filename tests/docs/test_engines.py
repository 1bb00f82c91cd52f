"""The page about engines lists every clause that the batch engine refuses, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import rulesengine.engines.sql as compiler

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
HEADING = "## What the batch engine does not carry out"


def refused() -> set[str]:
    """Return what the compiler calls the clauses that it refuses; what the plan says is `…` in them."""
    return {text for path in Path(compiler.__path__[0]).glob("*.py") for text in _refused_in(path)}


def _refused_in(path: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        said: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    said[name] = value
                case ast.Call(func=ast.Name(id="unsupported"), args=[what, *_]):
                    yield _text(said[what.id] if isinstance(what, ast.Name) else what)


def _text(what: ast.expr) -> str:
    match what:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        case _:
            raise AssertionError(f"{ast.unparse(what)}: write what is refused where it is refused")


def test_the_page_lists_what_is_refused():
    section = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    listed = {line.partition(": ")[0] for line in re.findall(r"^- (.+)$", section, re.MULTILINE)}
    assert listed == refused()
