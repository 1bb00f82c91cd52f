"""Habits that matter in the code, held by reading it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulesengine.diagnostics import CODES

REPOSITORY = Path(__file__).parents[2]
MODULES = sorted((REPOSITORY / "rulesengine").rglob("*.py"))
TEST_MODULES = sorted((REPOSITORY / "tests").rglob("*.py"))


# How alike two words must be for a hint; the measure is difflib's, and no amount.
LIKENESS = {"rulesengine/diagnostics.py", "rulesengine/language/syntax_errors.py"}
# Where the parser's tables are cached depends on the machine; what is parsed does not.
ASKS_THE_MACHINE = {"rulesengine/language/grammar.py"}


def _id(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _floats(tree: ast.AST) -> Iterator[str]:
    """Floats of a module; `isinstance(value, float)` is how they are told and refused."""
    refusing = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "isinstance"
        for part in ast.walk(call.args[1])
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {line}: the number {node.value}"
        elif isinstance(node, ast.Name) and node.id == "float" and id(node) not in refusing:
            yield f"line {line}: the name float"
        elif isinstance(node, ast.Attribute) and node.attr in ("float16", "float32", "float64"):
            yield f"line {line}: {node.attr}"


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_no_float(path: Path) -> None:
    """No binary float touches money, rates or quantities: there is none in the product."""
    found = list(_floats(ast.parse(path.read_text(encoding="utf-8"))))
    assert [what for what in found if _id(path) not in LIKENESS or "the number" not in what] == []


def test_floats_are_found() -> None:
    """The search above finds what it looks for."""
    tree = ast.parse("import pyarrow\nx = 0.1\ny = float('1')\nz = pyarrow.float64()\nisinstance(x, float)")
    assert len(list(_floats(tree))) == 3


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_every_module_says_what_it_is(path: Path) -> None:
    """Each module begins with a docstring."""
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_only_the_command_line_prints(path: Path) -> None:
    """Stages return values; nothing but `cli/` writes to the terminal."""
    if path.parent.name == "cli" or path.parts[-2:] == ("rulesengine", "__main__.py"):
        return
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bprint\(|sys\.stdout|sys\.stderr|import click|from rich|import rich", text)


@pytest.mark.parametrize("path", [*MODULES, *TEST_MODULES], ids=_id)
def test_nothing_is_left_for_later(path: Path) -> None:
    """Work that is not done is an issue, not a remark in the code."""
    if path == Path(__file__):
        return
    assert not re.search(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", [p for p in MODULES if "cli" not in p.parts and _id(p) not in ASKS_THE_MACHINE], ids=_id
)
def test_no_clock_and_no_chance(path: Path) -> None:
    """The core reads no clock, no environment and no random numbers."""
    text = path.read_text(encoding="utf-8")
    forbidden = r"\.today\(|\.now\(|import time\b|import random|os\.environ|getenv|import locale"
    assert not re.search(forbidden, text)


def test_codes_are_raised_and_have_an_example() -> None:
    """Every code of the list is used by a stage and has one example; no other code is."""
    used: set[str] = set()
    for path in MODULES:
        if path.name != "diagnostics.py":
            used.update(re.findall(r"\bR\d{4}\b", path.read_text(encoding="utf-8")))
    examples = {path.stem for path in (REPOSITORY / "tests" / "errors").glob("R*.*")}
    assert examples == set(CODES), "tests/errors/ and CODES differ"
    assert used <= set(CODES), "a stage uses a code that is not listed"
    assert set(CODES) <= used, "a listed code is never used"


def test_the_settings_hold_the_habits() -> None:
    """`make check` runs style, types and layers, and the settings ask for them in full."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert "T20" in settings["ruff"]["lint"]["select"]
    assert settings["mypy"]["strict"] is True
    layers = settings["importlinter"]["contracts"][0]["layers"]
    package = REPOSITORY / "rulesengine"
    folders = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    folders = {name for name in folders if not name.startswith("_")}
    assert folders == {name.strip().removeprefix("rulesengine.") for row in layers for name in row.split("|")}
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    check = makefile.partition("\ncheck:")[2].partition("\n\n")[0]
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert tool in check
