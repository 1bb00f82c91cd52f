"""A run that continues an earlier one writes the same folder, byte for byte, as a run over everything."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from pathlib import Path
from random import Random

import pytest

from rulesengine.batch import run_folder
from rulesengine.diagnostics import Rejected
from rulesengine.pipeline import load_plan
from rulesengine.statements.summary import Summary
from tests.cases.runner import read_case, write_inputs
from tests.gallery.examples import EXAMPLES

CASES = sorted((Path(__file__).parent / "cases").rglob("*.case"))
SAMPLE = int(os.environ.get("SINCE_SAMPLE", "60"))
_MONEY = re.compile(r"\d+\.\d\d")


def with_other_rows(file: Path, random: Random, share: float) -> None:
    """Take away some rows of a CSV file, and change an amount in others."""
    header, *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    kept = []
    for row in rows:
        fate = random.random()
        if fate < share / 2:
            continue
        if fate < share:
            row = ["7.13" if _MONEY.fullmatch(value) else value for value in row]
        kept.append(row)
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([header, *kept])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def continues(plan: Path, was: Path, now: Path, period: str, through: str | None, folder: Path) -> Summary:
    """Run over facts of then and of now, continue the one by the other; returns the summary of that."""

    def run(facts: Path, out: str, since: str | None = None) -> Summary:
        return run_folder(
            plan,
            facts=facts,
            period=period,
            through=through,
            out=folder / out,
            engine="duckdb",
            keep_facts=since is None,
            since=None if since is None else folder / since,
        )

    run(was, "last")
    run(now, "full")
    done = run(now, "since", "last")
    assert files(folder / "since") == files(folder / "full")
    return done


@pytest.mark.parametrize("way", ["more", "less"])
@pytest.mark.parametrize("path", CASES[::SAMPLE], ids=[path.stem for path in CASES[::SAMPLE]])
def test_cases(path: Path, way: str, tmp_path: Path) -> None:
    case = read_case(path.read_text(encoding="utf-8"))
    facts = write_inputs(case, tmp_path)
    words = case.run.heading.split()
    tried(tmp_path / "plan.rules", facts, words[1], words[3] if len(words) > 2 else None, way, tmp_path)


@pytest.mark.parametrize("folder", EXAMPLES, ids=[folder.name for folder in EXAMPLES])
def test_gallery(folder: Path, tmp_path: Path) -> None:
    tried(folder / "plan.rules", folder / "facts", "2024-01..2028-12", "2030-12-31", "less", tmp_path)


def tried(plan: Path, facts: Path, period: str, through: str | None, way: str, folder: Path) -> None:
    """Continue a run over facts by one over others; what no engine or not this one takes is skipped."""
    other = folder / "other"
    shutil.copytree(facts, other)
    try:
        kinds = load_plan(plan).plan.schema.kinds.values()
        for kind in kinds:
            for file in [other / f"{kind.name}.csv"]:
                if kind.event is not None and file.exists():
                    with_other_rows(file, Random(plan.parent.name), 0.4)
        pair = (facts, other) if way == "less" else (other, facts)
        continues(plan, *pair, period, through, folder)
    except Rejected as rejected:
        pytest.skip(str(rejected.diagnostics[0].message))
