"""(f) How long the short commands take above a bare interpreter: `--help`, `check`, a tiny `run`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import REPOSITORY, Figures, Results, Row, in_turn, median, python
from benchmarks.twenty_rules import plan_text

BARE = "python -c pass"
ALLOWED_MS = {"rulesengine --help": 80, "check, 20 rules": 150, "run, tiny": 600}


def commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands by name; what they read and write is in a folder."""
    (folder / "plan.rules").write_text(plan_text(), encoding="utf-8")
    project = REPOSITORY / "rulesengine" / "cli" / "new_project"
    tiny = ("--facts", project / "facts", "--period", "2026-01", "--out", folder / "out")
    return {
        BARE: [sys.executable, "-c", "pass"],
        "rulesengine --help": python("rulesengine", "--help"),
        "check, 20 rules": python("rulesengine", "check", folder / "plan.rules"),
        "run, tiny": python("rulesengine", "run", project / "rules", *tiny),
        "run, tiny, --engine duckdb": python(
            "rulesengine", "run", project / "rules", *tiny, "--engine", "duckdb"
        ),
    }


def start_up(rounds: int) -> Results:
    """Measure the commands, with bytecode and cached grammar in a folder of the benchmark's own."""
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **os.environ,
            "PYTHONPYCACHEPREFIX": f"{name}/bytecode",
            "XDG_CACHE_HOME": f"{name}/cache",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        found = in_turn(commands(Path(name)), 5 * rounds, environment=environment)
    bare = median(found[BARE])
    return Results("Start-up", [_row(name, median(figures), bare) for name, figures in found.items()])


def _row(name: str, found: Figures, bare: Figures) -> Row:
    above, wanted = "", ""
    if name in ALLOWED_MS:
        above = (
            f"{1000 * (found.wall - bare.wall):.0f} wall, {1000 * (found.cpu - bare.cpu):.0f} CPU ms above"
        )
        wanted = f"≤ {ALLOWED_MS[name]} ms"
    return Row(what=name, wall=found.wall, cpu=found.cpu, peak_mb=found.peak_mb, ratio=above, wanted=wanted)
