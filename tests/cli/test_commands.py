"""The commands from end to end: what they print, where, and how they exit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rulesengine.cli import main
from rulesengine.cli.entry import COMMANDS, root
from rulesengine.diagnostics import CODES

PROJECT = Path(__file__).parents[2] / "rulesengine" / "cli" / "new_project"
BAD = "id,partner,type,amount,closed\nD-1,ana,new,1e3,2026-01-12\nD-2,ben,new,10.00,2026-01-12\n"


def _run(*more: str) -> list[str]:
    return ["run", "rules", "--facts", "facts", "--period", "2026-01", "--out", "out", *more]


def test_help_says_what_the_commands_say(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of commands, kept apart so that it loads fast, agrees with the commands."""
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} " in listed
        command = root.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert (command.help or "").split("\n")[0] == summary
    assert main([]) != 3


def test_unknown_words_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A command, a code or an option that does not exist exits with 2."""
    assert main(["chek"]) == 2
    assert "did you mean `check`?" in capsys.readouterr().err
    assert main(["xyzzy"]) == 2
    assert main(["help", "R217"]) == 2
    assert "did you mean `R0217`?" in capsys.readouterr().err
    assert main(["check", "--fast"]) == 2
    plan = "rules/adventureworks"
    assert main(["show", "sql", plan, "--dialect", "oracle"]) == 2
    assert "there is duckdb" in capsys.readouterr().err
    assert main(["show", "sql", plan, "--rule", "nothing"]) == 2


@pytest.mark.parametrize("code", CODES)
def test_help_of_every_code(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each code has its title and an example."""
    assert main(["help", code.lower()]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{code}: {CODES[code]}\n")
    assert "#!" not in printed
    assert "Wrong" in printed


def test_help_without_a_code_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Every code with its title."""
    assert main(["help"]) == 0
    printed = capsys.readouterr().out
    assert all(f"{code}  {title}" in printed for code, title in CODES.items())


def test_help_of_a_word_lists_the_codes_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Those with the word in their title come first."""
    assert main(["help", "Tier"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("R0206  the first tier does not start at zero\n")
    assert "R0205" in printed and "R0105" not in printed
    assert main(["help", "xyzzy"]) == 2
    assert "no code and no word `xyzzy`" in capsys.readouterr().err


def test_new_refuses_a_folder_with_something_in_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody's work is overwritten."""
    assert main(["new", str(shop)]) == 2
    assert "not an empty folder" in capsys.readouterr().err


@pytest.mark.usefixtures("shop")
def test_new_makes_a_project_that_pays_what_it_says(
    capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    """It checks without a warning, runs, and its example is what comes out."""
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "rules: no mistakes\n"
    assert main(_run()) == 0
    assert "The run folder is out" in capsys.readouterr().out
    assert main(["explain", "out", "ana"]) == 0
    explained = capsys.readouterr().out
    example = PROJECT / "examples" / "ana_2026-01.txt"
    if pytestconfig.getoption("--accept"):
        example.write_text(explained, encoding="utf-8")
    assert explained == example.read_text(encoding="utf-8")


@pytest.mark.usefixtures("shop")
def test_the_files_of_a_new_project_are_in_their_layout() -> None:
    """`fmt` has nothing to do."""
    assert main(["fmt", "rules", "--check"]) == 0


def test_check_prints_all_mistakes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several mistakes of one file in one go, with the lines, and the number of them at the end."""
    plan = shop / "rules" / "partners.rules"
    text = plan.read_text(encoding="utf-8")
    text = text.replace("pay 250 USD per deal", "pay 250 USD per dael")
    plan.write_text(text.replace("tier from 100,000 USD", "tier from 10,000 USD"), encoding="utf-8")
    assert main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "error R0207" in printed
    assert "did you mean `deal`?" in printed
    assert "  42 |   tier from 10,000 USD pay 3%\n     |             ^^^^^^^^^^" in printed
    assert printed.endswith("rules: 2 errors\n")


def test_check_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for a job to read."""
    plan = shop / "rules" / "partners.rules"
    plan.write_text(plan.read_text(encoding="utf-8").replace("per deal", "per dael"), encoding="utf-8")
    assert main(["check", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["plan"], found["errors"], found["warnings"]) == ("rules", 1, 0)
    (mistake,) = found["diagnostics"]
    assert mistake["code"] in CODES
    assert mistake["span"]["file"] == "rules/partners.rules"


def test_a_misspelt_plan(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest plan is named; a folder without rules is said to be one."""
    assert main(["check", "rules/partner.rules"]) == 2
    assert "did you mean `partners.rules`?" in capsys.readouterr().err
    assert main(["check", "rulse"]) == 2
    assert "did you mean `rules`?" in capsys.readouterr().err
    assert main(["check", str(shop / "facts")]) == 2
    assert "has no .rules file" in capsys.readouterr().err


def test_check_finds_the_only_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The current folder, its rules/, the only folder in that; several must be told apart."""
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    for name in ("a", "b"):
        (tmp_path / "rules" / name).mkdir(parents=True)
    (tmp_path / "rules" / "a" / "x.rules").write_text("plan\n", encoding="utf-8")
    assert main(["check"]) == 1
    assert "rules/a: " in capsys.readouterr().out
    (tmp_path / "rules" / "b" / "x.rules").write_text("plan\n", encoding="utf-8")
    assert main(["check"]) == 2
    assert "rules/a, rules/b" in capsys.readouterr().err


def test_rejected_rows(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are listed, the folder is written, and the exit code is 1 unless they are allowed."""
    (shop / "facts" / "deal.csv").write_text(BAD, encoding="utf-8")
    assert main(_run()) == 1
    captured = capsys.readouterr()
    assert "deal.csv, data row 1: R1102 amount `1e3`" in captured.err
    assert "error R1202: 1 row of facts was rejected" in captured.err
    assert (shop / "out" / "rejects.parquet").exists()
    assert main(_run("--allow-rejects")) == 0
    assert "deal.csv, data row 1: R1102" in capsys.readouterr().err
    assert main(_run("--json")) == 1
    summary = json.loads(capsys.readouterr().out)
    assert summary["ok"] is False
    assert summary["rejects"][0]["code"] == "R1102"


def test_rejected_rows_are_said_first_where_nothing_is_paid(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are likely why; the summary then says that no rule pays anything."""
    deals = shop / "facts" / "deal.csv"
    header, first, *_ = BAD.splitlines(keepends=True)
    deals.write_text(header + first, encoding="utf-8")
    with contextlib.redirect_stderr(sys.stdout):
        assert main(_run()) == 1
    out = capsys.readouterr().out
    assert out.index("R1102") < out.index("R1202") < out.index("no rule pays anything")


@pytest.mark.usefixtures("shop")
def test_run_quietly_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing, or what a job needs."""
    assert main(_run("--quiet")) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert main(_run("--json")) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert captured.err == ""
    assert summary["ok"] is True
    assert summary["counts"]["rejects"] == 0
    assert summary["rules"]["deal_share"]["in_period"]["lines"] == 3


def test_a_run_folder_is_replaced_and_nothing_else_is(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Running again gives the same bytes; a folder of another sort is left alone."""
    assert main(_run("--quiet")) == 0
    first = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert main(_run("--quiet")) == 0
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == first
    assert main([*_run()[:-1], "facts"]) == 2
    assert "R1203" in capsys.readouterr().err
    assert (shop / "facts" / "deal.csv").exists()


def test_a_run_folder_beside_the_plan_is_no_plan(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy of the plan in a run folder is passed over, by every command that reads plans."""
    command = ["run", ".", "--facts", "facts", "--period", "2026-01", "--out", "out", "--quiet"]
    assert main(command) == 0
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert main(command) == 0
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == before
    assert main(["check", "."]) == 0
    assert main(["fmt", ".", "--check"]) == 0
    assert "1 file was" in capsys.readouterr().out
    # Facts beside the plan, all in one folder.
    for file in (shop / "facts").iterdir():
        file.rename(shop / file.name)
    assert main(["run", ".", "--facts", ".", "--period", "2026-01", "--out", "out", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("rules", "the plan is there"),
        ("facts", "the facts are there"),
        (".", "the plan is there"),
        ("facts/out", "it would stand among the facts"),
        ("facts/../facts", "the facts are there"),
        ("rules/partners.rules", "there is something there already"),
        ("rules/partners.rules/out", "is a file, not a folder"),
        ("/proc/out", "no such file or directory"),
    ],
)
def test_a_run_folder_has_a_place_of_its_own(
    out: str, why: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither plan nor facts are replaced, nor mixed with what a run wrote."""
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    assert main([*_run()[:-1], out]) == 2
    printed = capsys.readouterr().err
    assert "R1203" in printed and why in printed.lower()
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before


def test_what_others_put_into_a_run_folder_stays(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run folder is replaced as a whole; one that holds more than a run is not, and a link stays a link."""
    assert main(_run()) == 0
    note = shop / "out" / "approved.txt"
    note.write_text("by Mia", encoding="utf-8")
    capsys.readouterr()
    assert main(_run()) == 2
    assert "there is `approved.txt` in it, which is not of a run" in capsys.readouterr().err
    note.rename(shop / "approved.txt")
    (shop / "out").rename(shop / "march")
    (shop / "out").symlink_to("march", target_is_directory=True)
    written = (shop / "march" / "run.json").stat().st_ino
    assert main(_run()) == 0
    assert (shop / "out").is_symlink()
    assert (shop / "march" / "run.json").stat().st_ino != written


@pytest.mark.usefixtures("shop")
def test_what_cannot_be_read_or_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No command fails with a traceback where the disk refuses."""
    for command in (
        ["new", "/proc/x"],
        ["new", "rules/partners.rules/x"],
        ["new", "x" * 300],
        ["check", "x" * 300],
        ["explain", "rules/partners.rules"],
    ):
        assert main(command) == 2
        assert "Error: " in capsys.readouterr().err
    facts = _run()
    facts[facts.index("facts")] = "facts/deal.csv"
    assert main(facts) in (1, 2)
    assert "R1001" in capsys.readouterr().err


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "January", "2026-01-15"])
def test_a_period_that_is_none(period: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line is wrong."""
    command = _run()
    command[command.index("2026-01")] = period
    assert main(command) == 2
    assert "R1201" in capsys.readouterr().err
    assert not (shop / "out").exists()


@pytest.mark.usefixtures("shop")
def test_explain_and_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    """A line by its id; why there is none; and names that the run does not have."""
    assert main(_run("--quiet")) == 0
    assert main(["show", "trace", "out", "ana"]) == 0
    lines = json.loads(capsys.readouterr().out)
    share = next(found for found in lines if found["line"]["rule"] == "deal_share")
    assert share["line"]["base"] == "42000"
    assert main(["explain", "out", share["line_id"]]) == 0
    assert "42,000.00 × 12 %" in capsys.readouterr().out
    assert main(["explain", "out"]) == 0
    assert "ana" in capsys.readouterr().out
    assert main(["why-not", "out", "ben", "new_customer"]) == 0
    assert 'type is "new"' in capsys.readouterr().out
    assert main(["why-not", "out", "ben", "new_custmer"]) == 2
    assert "new_customer" in capsys.readouterr().err
    assert main(["explain", "out", "anna"]) == 2
    capsys.readouterr()
    assert main(["explain", "out", "new_customer"]) == 2
    printed = capsys.readouterr().err
    assert "`new_customer` is a rule" in printed and "why-not" in printed
    assert main(["show", "trace", "out", "anna"]) == 2
    assert main(["explain", "rules", "ana"]) == 2
    assert main(["explain", "nowhere", "ana"]) == 2


@pytest.mark.usefixtures("shop")
def test_show_tree_and_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """The tree is JSON of nodes; the plan is a letter, which can be JSON too, or the JSON of its nodes."""
    assert main(["show", "tree"]) == 0
    (tree,) = json.loads(capsys.readouterr().out)
    assert tree["path"] == "rules/partners.rules"
    assert tree["blocks"][0]["node"] == "PlanBlock"
    assert main(["show", "plan", "rules"]) == 0
    letter = capsys.readouterr().out
    assert letter.startswith("Partner plan 2026\n")
    assert "\n 1. This plan counts what happens from 2026-01-01" in letter
    assert main(["show", "plan", "rules", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sections"][0]["heading"] == "The plan"
    assert main(["show", "plan", "rules", "--nodes"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["node"] == "Plan"
    assert [rule["name"] for rule in plan["rules"]] == ["deal_share", "quarterly_growth", "new_customer"]


def test_fmt(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes the one layout, says what it would change, and touches no file that is wrong."""
    plan = shop / "rules" / "partners.rules"
    good = plan.read_text(encoding="utf-8")
    plan.write_text(good.replace("  on deal\n", "      on    deal\n"), encoding="utf-8")
    assert main(["fmt", "rules", "--check"]) == 1
    assert "would change rules/partners.rules" in capsys.readouterr().out
    assert main(["fmt", "rules"]) == 0
    assert plan.read_text(encoding="utf-8") == good
    broken = good.replace("on deal", "onn  deal", 1)
    plan.write_text(broken, encoding="utf-8")
    assert main(["fmt", "rules"]) == 1
    assert plan.read_text(encoding="utf-8") == broken


@pytest.mark.usefixtures("shop")
def test_a_bug_of_ours(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3, with what to report."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the impossible")

    monkeypatch.setattr("rulesengine.cli.check.parse", fail)
    assert main(["check"]) == 3
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "a bug of ours" in printed
    assert "RuntimeError: the impossible" in printed


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_pages_that_are_stopped_leave_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    script = """
        import signal
        import sys
        import time
        import rulesengine.statements.render_folder as pages
        from rulesengine.cli.entry import main

        def endless(*_):
            print("writing", flush=True)
            time.sleep(60)

        # A process in the background may have been told to ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        pages.write_pages = endless
        sys.exit(main(sys.argv[1:]))
    """
    words = ["--facts", str(PROJECT / "facts"), "--period", "2026-01", "--statements", "none"]
    assert main(["run", str(PROJECT / "rules"), *words, "--out", str(tmp_path / "out")]) == 0
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), "statements", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None and process.stdout.readline() == "writing\n"
    process.send_signal(how)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "stopped; nothing was written")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (tmp_path / "out" / "statements").exists()
