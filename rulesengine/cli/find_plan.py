"""Finds the plan that a command line means."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.diagnostics import did_you_mean
from rulesengine.language.source import rules_files


def plan_path(text: str | None) -> Path:
    """Return the path of a plan: a `.rules` file, or a folder with such files.

    Args:
        text: as given; None means the current folder, else its `rules/`, else the only folder
            with a plan under that.

    Raises:
        click.UsageError: there is no such plan, or several are meant.
    """
    if text is None:
        return _default_plan()
    path = Path(text)
    if path.is_dir():
        if not rules_files(path):
            raise click.UsageError(f"the folder `{text}` has no .rules file")
        return path
    if path.is_file():
        return path
    raise click.UsageError(f"there is no plan `{text}`{_near(path)}")


def _default_plan() -> Path:
    here = Path()
    for folder in (here, here / "rules"):
        if _has_rules(folder):
            return folder
    found = _folders_with_rules(here / "rules")
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(folder) for folder in found)
        raise click.UsageError(f"say which plan is meant: {names}")
    raise click.UsageError("there is no .rules file here or under rules/; say where the plan is")


def _has_rules(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.rules"))


def _folders_with_rules(folder: Path) -> list[Path]:
    return sorted(inner for inner in folder.glob("*/") if _has_rules(inner))


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    siblings = [
        inner.name for inner in path.parent.iterdir() if inner.suffix == ".rules" or _has_rules(inner)
    ]
    hint = did_you_mean(path.name, siblings)
    return f"; {hint}" if hint else ""
