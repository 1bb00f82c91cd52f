"""Prints how long the short commands take above a bare interpreter: `--help`, `check`, a tiny `run`.

The commands are run in turn, round after round, so that a machine that slows down slows them all. Bytecode
is kept in a folder of the benchmark's own; the first round, which writes it, is not counted.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.twenty_rules import plan_text

REPOSITORY = Path(__file__).parents[1]
ALLOWED_MS = {"rulesengine --help": 80, "check, 20 rules": 150, "run, tiny": 600}


def commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands by name; what they read and write is in a folder."""
    (folder / "plan.rules").write_text(plan_text(), encoding="utf-8")
    project = REPOSITORY / "rulesengine" / "cli" / "new_project"
    tiny = ["--facts", str(project / "facts"), "--period", "2026-01", "--out", str(folder / "out")]
    ours = [sys.executable, "-m", "rulesengine"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "rulesengine --help": [*ours, "--help"],
        "check, 20 rules": [*ours, "check", str(folder / "plan.rules")],
        "run, tiny": [*ours, "run", str(project / "rules"), *tiny],
    }


def once(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command and return its milliseconds on the clock and on processors."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=REPOSITORY)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * wall, 1000 * cpu


def main(rounds: int) -> None:
    """Print the medians of so many rounds."""
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **os.environ,
            "PYTHONPYCACHEPREFIX": f"{name}/bytecode",
            "XDG_CACHE_HOME": f"{name}/cache",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        measured = commands(Path(name))
        found = [[once(command, environment) for command in measured.values()] for _ in range(rounds + 1)]
    medians = [
        tuple(statistics.median(figures) for figures in zip(*times, strict=True))
        for times in zip(*found[1:], strict=True)
    ]
    bare_wall, bare_cpu = medians[0]
    heading = f"{rounds} rounds; milliseconds, above the first line for the others"
    print(f"{heading}{'wall':>10}{'cpu':>8}{'allowed':>10}")
    for title, (wall, cpu) in zip(measured, medians, strict=True):
        is_bare = title not in ALLOWED_MS
        above = (wall, cpu) if is_bare else (wall - bare_wall, cpu - bare_cpu)
        allowed = "" if is_bare else str(ALLOWED_MS[title])
        print(f"{title:{len(heading)}}{above[0]:10.0f}{above[1]:8.0f}{allowed:>10}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
