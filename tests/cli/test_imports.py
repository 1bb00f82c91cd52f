"""What is slow to load is loaded only where it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HEAVY = (
    "pyarrow",
    "pyarrow.compute",
    "pandas",
    "numpy",
    "duckdb",
    "rich",
    "jinja2",
    "pydantic",
    "yaml",
    "lark",
)


def _loaded(code: str) -> set[str]:
    """Return which of the heavy modules a new interpreter has after running some code."""
    probe = f"{code}\nimport sys\nprint('|', *[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("|")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import rulesengine",
        "import rulesengine; rulesengine.load_plan('rulesengine/cli/new_project/rules')",
        "from rulesengine.cli import main; main(['--help'])",
        "from rulesengine.cli import main; assert main(['check', 'rulesengine/cli/new_project/rules']) == 0",
        "from rulesengine.cli import main; assert main(['help', 'R0207']) == 0",
    ],
)
def test_nothing_heavy(code: str) -> None:
    """Neither tables nor pages nor a terminal are needed to check a plan."""
    assert _loaded(code) == set()


def test_a_small_run(tmp_path: Path) -> None:
    """Tables and pages are written, but there is no manifest to check, no terminal and no wrong text."""
    project = "rulesengine/cli/new_project"
    words = ["run", f"{project}/rules", "--facts", f"{project}/facts", "--period", "2026-01"]
    code = f"from rulesengine.cli import main; assert main({[*words, '--out', str(tmp_path / 'out')]!r}) == 0"
    assert _loaded(code) <= {"pyarrow", "duckdb", "jinja2"}


def test_help_loads_no_stage() -> None:
    """`--help` reads neither grammar nor plan."""
    probe = (
        "from rulesengine.cli import main; main(['--help'])\n"
        "import sys\nassert not [n for n in sys.modules if n.startswith('rulesengine.language')]"
    )
    assert _loaded(probe) == set()


def test_as_a_module() -> None:
    """`python -m rulesengine` is the command."""
    command = [sys.executable, "-m", "rulesengine", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout.startswith("rulesengine, version ")
