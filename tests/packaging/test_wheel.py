"""The wheel is complete: built, installed into an empty environment, it checks and runs a plan."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from rulesengine.diagnostics import CODES

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(REPOSITORY)], check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel in it, and the checkout out of sight.

    The third-party packages are those of this environment, by a path file, so that the test needs
    no network; the editable install of the checkout is shut out by name.
    """
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, with_pip=False)
    scheme = sysconfig.get_paths(scheme="venv", vars={"base": str(folder), "platbase": str(folder)})
    site = Path(scheme["purelib"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for package in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "rulesengine" not in package.name and package.suffix != ".pth":
            (site / package.name).symlink_to(package)
    return Path(scheme["scripts"]) / "python"


def _run(python: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [str(python), "-m", "rulesengine", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_the_grammar_and_the_examples(wheel: Path) -> None:
    """What the code reads at run time is inside."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "rulesengine/language/commission.lark" in names
    assert "rulesengine/cli/new_project/rules/partners.rules" in names
    stems = {Path(name).stem for name in names if name.startswith("rulesengine/cli/errors/R")}
    assert stems == set(CODES)


def test_the_wheel_runs_a_plan(python: Path, tmp_path: Path) -> None:
    """From `new` to `explain`, with nothing of the checkout."""
    where = subprocess.run(
        [str(python), "-c", "import rulesengine; print(rulesengine.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not Path(where.stdout.strip()).is_relative_to(REPOSITORY)
    project = tmp_path / "project"
    assert _run(python, "new", str(project), folder=tmp_path).returncode == 0
    checked = _run(python, "check", folder=project)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    run = ["run", "rules", "--facts", "facts", "--period", "2026-01", "--out", "out"]
    ran = _run(python, *run, folder=project)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    explained = _run(python, "explain", "out", "ana", folder=project)
    expected = (project / "examples" / "ana_2026-01.txt").read_text(encoding="utf-8")
    assert explained.stdout == expected
    helped = _run(python, "help", "R0207", folder=project)
    assert helped.returncode == 0
    assert "tier" in helped.stdout
