"""The locked requirements are whole: everything pinned, hashed, and from nowhere in particular."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def _pins(name: str) -> dict[str, int]:
    """Return the number of hashes of each package that a lock pins."""
    text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    return {entry.split("==")[0]: entry.count("--hash=sha256:") for entry in entries}


def _named(requirements: list[str]) -> set[str]:
    return {re.split(r"[><=\[ ]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """pip refuses anything else than what was locked."""
    pins = _pins(name)
    assert len(pins) > 10
    assert [package for package, hashes in pins.items() if not hashes] == []
    text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-|/(home|root|work|tmp)/", text, re.MULTILINE)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    """A new dependency is locked (`make lock`) in the change that brings it."""
    run = _named(PROJECT["project"]["dependencies"]) | _named(PROJECT["build-system"]["requires"])
    dev = _named(PROJECT["project"]["optional-dependencies"]["dev"])
    assert run <= set(_pins("run.txt"))
    assert run | dev <= set(_pins("dev.txt"))
