"""Digests of the run folders of some case files: `python -m tests.properties.digests STEP`.

Another process prints the same ones, whatever order its sets and hashes are in.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from rulesengine.cli import main as rulesengine
from tests.cases.runner import read_case, write_inputs
from tests.parity.test_cases import CASES, FOLDER

ENGINES = ("reference", "duckdb")


def digest(folder: Path) -> str:
    """Return a digest of all files of a folder, with their names."""
    found = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        found.update(str(file.relative_to(folder)).encode())
        found.update(file.read_bytes().replace(str(folder.parent).encode(), b"."))
    return found.hexdigest()


def main(step: int) -> None:
    """Run one of so many cases under both engines and print a line for each."""
    for path in CASES[::step]:
        case = read_case(path.read_text(encoding="utf-8"))
        _, period, *through = case.run.heading.split()
        for engine in ENGINES:
            with tempfile.TemporaryDirectory() as name:
                facts = write_inputs(case, Path(name))
                words = [f"{name}/plan.rules", "--facts", str(facts), "--period", period, "--engine", engine]
                words += ["--through", through[1]] if through else []
                code = rulesengine(["run", *words, "--out", f"{name}/out", "--quiet"])
                print(path.relative_to(FOLDER), engine, code, digest(Path(name) / "out"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
