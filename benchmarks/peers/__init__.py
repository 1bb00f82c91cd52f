"""(b) Other rule engines on the largest plan that all of them can express, each in its fastest call.

`plan.rules` is that plan: a share from a table, a fee, and a bonus by size, each from one row alone. None of
the peers keeps a total over a quarter, a budget or the date of an instalment. Of a peer only the evaluation
counts: its rows are in memory, and its answers stay there. The product is measured twice: from a file to
all columns of all lines and the statements, as a process; and its evaluation alone, like a peer's.

The peers are no dependency of the product. They are installed into an environment of their own, in the
versions that the extra `bench` of pyproject.toml allows.
"""

from __future__ import annotations

import json
import statistics
import sys
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.harness import REPOSITORY, WORK, Figures, Results, Row, deals, median, once, our_run, python

PLAN = Path(__file__).with_name("plan.rules")
ENVIRONMENT = WORK / "peers"
DEALS = 1_000_000
CLOCKS = ("wall", "cpu")
PEERS = {
    "with_rule_engine": (50_000, "≥ 20 times"),
    "with_zen": (50_000, "≥ 15 times"),
    "with_cel": (5_000, "≥ 200 times"),
    "with_openfisca": (500_000, ""),
}
"""How many rows each is given, so that none takes minutes, and how much faster the product is to be."""


def peers(rounds: int) -> Results:
    """Measure the product and the peers in turn, in deals per second, on the clock and on processors."""
    _install()
    rows_file = _rows()
    command = our_run(PLAN, deals(DEALS), WORK / "rows")
    ours: list[Figures] = []
    theirs: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
    for _ in range(rounds):
        ours.append(once(command))
        for name, (count, _wanted) in PEERS.items():
            theirs[name].append(_ask(name, rows_file, count))
    once(python("benchmarks.peers.judge_run", deals(DEALS), WORK / "rows"))  # fails where a cent is wrong
    wall, cpu = (DEALS / getattr(median(ours), clock) for clock in CLOCKS)
    own = Row(what="rulesengine, whole process", note=f"{_speed(wall, cpu)}; no cent wrong")
    alone = _evaluation()
    speed = _speed(DEALS / alone["wall"], DEALS / alone["cpu"])
    rows = [_row(ours, alone, theirs[name], wanted) for name, (_, wanted) in PEERS.items()]
    own_alone = Row(what="rulesengine, evaluation alone", note=f"{speed}; the same amounts")
    return Results("Against other rule engines", [own, own_alone, *rows])


def _evaluation() -> dict[str, float]:
    """Return the seconds of the product's evaluation alone, of all deals."""
    answer = WORK / "evaluation.json"
    once(python("benchmarks.peers.evaluation", deals(DEALS), WORK / "rows", answer))  # fails where it differs
    found = json.loads(answer.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _row(ours: list[Figures], alone: dict[str, float], answers: list[dict[str, Any]], wanted: str) -> Row:
    last = answers[-1]
    speeds = [statistics.median(each["deals"] / each[clock] for each in answers) for clock in CLOCKS]
    ratios = [
        statistics.median(
            DEALS / getattr(own, clock) * each[clock] / each["deals"]
            for own, each in zip(ours, answers, strict=True)
        )
        for clock in CLOCKS
    ]
    wrong = f"{last['wrong']:,} of {last['amounts']:,} amounts wrong" if last["wrong"] else "no cent wrong"
    evaluated = [DEALS / alone[clock] / speed for clock, speed in zip(CLOCKS, speeds, strict=True)]
    return Row(
        what=str(last["name"]),
        ratio=(
            f"whole process {ratios[0]:,.1f} wall, {ratios[1]:,.1f} CPU;"
            f" evaluation {evaluated[0]:,.1f} wall, {evaluated[1]:,.1f} CPU"
        ),
        wanted=wanted,
        note=f"{_speed(*speeds)}; {wrong}",
    )


def _speed(wall: float, cpu: float) -> str:
    return f"{wall:,.0f} deals per second, {cpu:,.0f} per CPU second"


def _ask(name: str, rows_file: Path, count: int) -> dict[str, Any]:
    answer = WORK / f"{name}.json"
    once(
        [
            str(ENVIRONMENT / "bin" / "python"),
            "-m",
            f"benchmarks.peers.{name}",
            str(rows_file),
            str(count),
            str(answer),
        ]
    )
    found = json.loads(answer.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _install() -> None:
    """Make the peers' environment, unless it is there for these very requirements."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = settings["project"]["optional-dependencies"]["bench"]
    stamp = ENVIRONMENT / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8").split() == wanted:
        return
    once([sys.executable, "-m", "venv", str(ENVIRONMENT)])
    once([str(ENVIRONMENT / "bin" / "pip"), "install", "--quiet", *wanted])
    stamp.write_text("\n".join(wanted), encoding="utf-8")


def _rows() -> Path:
    """Write the first rows of the deals as peers take them, with the level looked up."""
    file = WORK / "peers.csv"
    facts = deals(DEALS)
    most = max(count for count, _ in PEERS.values())
    query = f"""copy (
        select segment, level, customer, (amount * 100)::bigint as cents
        from '{facts}/deal.parquet' as deal asof join (
            select id as partner, level, coalesce("from", date '0001-01-01') as closed
            from '{facts}/partner.parquet') as partner
        on deal.partner = partner.partner and deal.closed >= partner.closed
        limit {most}) to '{file}' (header)"""
    # In a process of its own: what measures must stay small.
    once([sys.executable, "-c", f"import duckdb; duckdb.execute({query!r})"])
    return file
