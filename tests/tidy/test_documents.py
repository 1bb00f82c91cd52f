"""What documents name exists; decisions and cases have their form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulesengine.cli.entry import COMMANDS
from tests.cases.runner import read_case

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = [
    *sorted(REPOSITORY.glob("*.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    REPOSITORY / "rulesengine" / "cli" / "new_project" / "README.md",
]
CASES = sorted((REPOSITORY / "tests" / "cases").rglob("*.case"))
DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
_FOLDERS = "rulesengine|grammar|rules|fixtures|tests|docs|benchmarks|requirements"


def _id(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _is_a_module(name: str) -> bool:
    return any(True for _ in REPOSITORY.glob(name)) or any(
        True for _ in (REPOSITORY / "rulesengine").rglob(name)
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=_id)
def test_named_files_exist(path: Path) -> None:
    """A path in backticks, or behind a link, is there."""
    text = path.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{_FOLDERS})/[\w./-]*)`", text)
    if path.parent.name != "new_project":
        missing = [name for name in named if not (REPOSITORY / name).exists()]
        assert missing == []
        short = re.findall(r"`([\w/]+\.py)`", text)
        assert [name for name in short if not _is_a_module(name)] == []
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=_id)
def test_named_commands_exist(path: Path) -> None:
    """`rulesengine WORD` and `make WORD` name a command and a target."""
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"(?:`|^ {4}|\$ )rulesengine ([a-z][a-z-]*)\b(?!/)", text, re.MULTILINE)
    assert [word for word in commands if word not in COMMANDS] == []
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?:`|^ {4}|\$ )make ([a-z]+)\b", text, re.MULTILINE)
    assert [word for word in targets if f"\n{word}:" not in makefile] == []


@pytest.mark.parametrize("path", DECISIONS, ids=_id)
def test_decisions_have_their_four_parts(path: Path) -> None:
    """Half a page: context, choice, what was rejected, what would change our mind."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    for part in ("**Context.**", "**Choice.**", "**Rejected.**", "**What would change our mind.**"):
        assert text.count(part) == 1
    assert len(text.splitlines()) <= 45


def test_decisions_have_numbers_of_their_own() -> None:
    """0001, 0002, …: no number stands for two decisions."""
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("path", CASES, ids=_id)
def test_a_case_says_what_it_shows(path: Path) -> None:
    """The first line is a sentence for a finance person."""
    title = read_case(path.read_text(encoding="utf-8")).title.strip()
    assert title.endswith(".")
    assert len(title.split("\n")[0]) <= 140
