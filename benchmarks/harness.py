"""What all benchmarks share: whole processes in turn, what they cost, and tables of the results.

Nothing heavy is imported here. Linux counts as the memory of a child also what its parent had when it was
started, so the process that measures must be small.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
WORK = REPOSITORY / "build" / "bench"
"""Facts, run folders and results; none of it is kept under version control."""
PLAN = REPOSITORY / "benchmarks" / "deals" / "plan.rules"
PERIOD = "2026-01..2027-12"
"""From the first deal of `plan.rules` to the last instalment."""


class CannotMeasure(Exception):
    """A command failed; its last words."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one process cost, its own children included."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds on all processors, user and system."""
    peak_mb: float
    """Most memory of the process, or of the largest of its children."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table of results; what is empty is not shown."""

    what: str
    wall: float | None = None
    cpu: float | None = None
    peak_mb: float | None = None
    ratio: str = ""
    """As measured, wall and CPU."""
    wanted: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The table of one benchmark."""

    title: str
    rows: Sequence[Row]


# --- measuring -----------------------------------------------------------------------------------


def once(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Figures:
    """Run a command to its end and return what it cost.

    Raises:
        CannotMeasure: it ended with another code than 0.
    """
    with tempfile.TemporaryFile() as words:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=words, stderr=words, stdin=subprocess.DEVNULL, cwd=REPOSITORY, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            words.seek(0)
            last = words.read().decode(errors="replace").strip()[-1500:]
            raise CannotMeasure(f"{' '.join(command)}\nended with {process.returncode}: {last}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    *,
    warm_up: bool = True,
    environment: Mapping[str, str] | None = None,
) -> dict[str, list[Figures]]:
    """Return what each command cost in each round.

    They are run A B A B …, so that a machine that slows down slows all of them; a first round that
    fills caches is not counted.
    """
    found: dict[str, list[Figures]] = {name: [] for name in commands}
    for number in range(-1 if warm_up else 0, rounds):
        for name, command in commands.items():
            figures = once(command, environment)
            if number >= 0:
                found[name].append(figures)
            print(f"  {name}: {figures.wall:.2f} s, {figures.cpu:.2f} CPU s", file=sys.stderr)
    return found


def median(found: Sequence[Figures]) -> Figures:
    """Return the medians of rounds, and the most memory of any."""
    return Figures(
        statistics.median(each.wall for each in found),
        statistics.median(each.cpu for each in found),
        max(each.peak_mb for each in found),
    )


def ratios(ours: Sequence[Figures], theirs: Sequence[Figures]) -> tuple[float, float]:
    """Return the medians of the ratios of wall and CPU seconds, round by round."""
    pairs = list(zip(ours, theirs, strict=True))
    return (
        statistics.median(a.wall / b.wall for a, b in pairs),
        statistics.median(a.cpu / b.cpu for a, b in pairs),
    )


def row(
    what: str,
    found: Sequence[Figures],
    against: Sequence[Figures] | None = None,
    *,
    wanted: str = "",
    note: str = "",
) -> Row:
    """Return a row with the medians of a command, and how it compares with another of the same rounds."""
    middle = median(found)
    ratio = ""
    if against is not None:
        wall, cpu = ratios(found, against)
        ratio = f"{wall:.2f} wall, {cpu:.2f} CPU"
    return Row(
        what=what,
        wall=middle.wall,
        cpu=middle.cpu,
        peak_mb=middle.peak_mb,
        ratio=ratio,
        wanted=wanted,
        note=note,
    )


# --- what is measured ----------------------------------------------------------------------------


def python(module: str, *arguments: object) -> list[str]:
    """Return the command of a module of this repository."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def our_run(plan: Path, facts: Path, out: Path, *more: str, engine: str = "duckdb") -> list[str]:
    """Return the command that a user would run for all lines of a plan."""
    where = ("--facts", facts, "--period", PERIOD, "--out", out, "--engine", engine)
    return python("rulesengine", "run", plan, *where, "--statements", "none", "--quiet", *more)


def opponent(facts: Path, out: Path, *more: str) -> list[str]:
    """Return the command of the hand-written SQL."""
    return python("benchmarks.deals.opponent", "--facts", facts, "--out", out, *more)


def deals(count: int, format: str = "parquet") -> Path:
    """Return the folder of so many deals, made once."""
    folder = WORK / f"deals-{count}{'' if format == 'parquet' else '-' + format}"
    done = folder / "made"
    if not done.exists():
        once(python("benchmarks.deals.generate", "--deals", count, "--format", format, "--out", folder))
        done.touch()
    return folder


# --- showing -------------------------------------------------------------------------------------


def table_files(folder: Path, name: str) -> Path:
    """Return the file of a table of a run folder, or where it lies in parts the pattern of its files."""
    file = folder / f"{name}.parquet"
    return file if file.is_file() else file / "part-*.parquet"


def machine() -> str:
    """Return what the figures were taken on."""
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
    model = models[0].partition(":")[2].strip() if models else platform.processor()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    cores = len(os.sched_getaffinity(0))
    software = f"{platform.system()}, Python {platform.python_version()}"
    return f"{cores} processors ({model}), {memory:.0f} GiB, {software}"


def as_markdown(results: Results) -> str:
    """Return a table for docs/performance.md."""
    rows = [("", "wall s", "CPU s", "peak MB", "ratio", "wanted", "")]
    for each in results.rows:
        wall, cpu = (_seconds(value) for value in (each.wall, each.cpu))
        peak = "" if each.peak_mb is None else f"{each.peak_mb:,.0f}"
        rows.append((each.what, wall, cpu, peak, each.ratio, each.wanted, each.note))
    used = [index for index in range(len(rows[0])) if any(cells[index] for cells in rows[1:])]
    lines = ["| " + " | ".join(cells[index] for index in used) + " |" for cells in rows]
    lines.insert(1, "|" + "|".join("---:" if 0 < index < 4 else "---" for index in used) + "|")
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def keep(key: str, results: Results) -> None:
    """Keep a table, in place of the one that an earlier run of the same benchmark left."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / "results.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[key] = {"machine": machine(), **asdict(results)}
    file.write_text(json.dumps(dict(sorted(kept.items())), indent=1), encoding="utf-8")


def kept() -> dict[str, Results]:
    """Return the tables of all benchmarks that were run here."""
    file = WORK / "results.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {
        key: Results(value["title"], [Row(**each) for each in value["rows"]]) for key, value in found.items()
    }
