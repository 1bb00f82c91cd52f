"""Run folders: whole or not at all, the same bytes every time, and never over something else."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.statements.names import short_names
from rulesengine.statements.run import Run
from rulesengine.statements.run_folder import read_run
from tests.statements.small_run import BAD_DEAL, DEALS, small_run


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return small_run(tmp_path / "here")


def test_a_folder_holds_everything(run: Run, tmp_path: Path) -> None:
    run.write(tmp_path / "out")
    assert sorted(files_of(tmp_path / "out")) == [
        "lines.parquet",
        "not_earning.parquet",
        "other_lines.parquet",
        "payees.parquet",
        "plan/plan.rules",
        "plan/rules.rules",
        "rejects.parquet",
        "run.json",
        "statements.parquet",
        *(
            f"statements/partner/{name}.{end}"
            for name in ("ana", "bob")
            for end in ("csv", "html", "json", "txt")
        ),
    ]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_totals_have_the_decimals_of_their_currency(run: Run) -> None:
    for each in run.document["totals"]:
        assert len(each["amount"].partition(".")[2]) == 2


def test_same_input_same_bytes_wherever_it_lies(run: Run, tmp_path: Path) -> None:
    run.write(tmp_path / "out")
    header, *rows = DEALS.splitlines(keepends=True)
    other = small_run(tmp_path / "somewhere" / "else")
    other.write(tmp_path / "again")
    assert files_of(tmp_path / "out") == files_of(tmp_path / "again")
    shuffled = small_run(tmp_path / "shuffled", deals=header + "".join(reversed(rows)))
    shuffled.write(tmp_path / "third")
    differ = {
        name
        for name, content in files_of(tmp_path / "out").items()
        if content != files_of(tmp_path / "third")[name]
    }
    # Only the hash of the input file tells that its rows stood in another order.
    assert differ == {"run.json"}


def test_no_path_of_the_machine_is_written(run: Run, tmp_path: Path) -> None:
    run.write(tmp_path / "out")
    for name, content in files_of(tmp_path / "out").items():
        if not name.endswith(".parquet"):
            assert str(tmp_path).encode() not in content
    spans = set(run.lines.column("span").to_pylist())
    assert all(span.startswith("rules.rules:") for span in spans)


def test_a_run_folder_is_replaced_as_a_whole(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run.write(out)
    (out / "statements" / "partner" / "left-over.txt").write_text("old", encoding="utf-8")
    run.write(out)
    assert "statements/partner/left-over.txt" not in files_of(out)


def test_an_empty_folder_may_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run.write(tmp_path / "out")
    assert read_run(tmp_path / "out").period == "2026-01"


@pytest.mark.parametrize("kind", ["folder", "file", "other json"])
def test_nothing_else_is_overwritten(run: Run, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    precious = out if kind == "file" else out / ("run.json" if kind == "other json" else "thesis.txt")
    precious.parent.mkdir(exist_ok=True)
    precious.write_text('{"mine": true}', encoding="utf-8")
    with pytest.raises(Rejected, match="R1203"):
        run.write(out)
    assert precious.read_text(encoding="utf-8") == '{"mine": true}'


def test_what_was_written_is_read_back(run: Run, tmp_path: Path) -> None:
    run.write(tmp_path / "out")
    folder = read_run(tmp_path / "out")
    assert folder.entries == run.entries
    assert [entry for entry, _ in folder.other_entries] == list(run.other_entries)
    assert folder.terms == run.terms
    assert folder.payees == (("partner", "ana"), ("partner", "bob"), ("partner", "cy"))
    assert folder.source("rules.rules").startswith("flat new_logo {")
    assert folder.source("../../secret") == ""


@pytest.mark.parametrize("broken", ["nothing", "json", "table"])
def test_a_broken_folder_is_refused(run: Run, tmp_path: Path, broken: str) -> None:
    out = tmp_path / "out"
    if broken != "nothing":
        run.write(out)
    if broken == "json":
        (out / "run.json").write_text('{"format": "rulesengine run 2"}', encoding="utf-8")
    if broken == "table":
        (out / "lines.parquet").write_bytes(b"no parquet")
    with pytest.raises(Rejected, match="R1203"):
        _ = read_run(out).entries


def test_control_totals_say_where_every_row_and_cent_went(tmp_path: Path) -> None:
    run = small_run(tmp_path / "here", deals=DEALS + BAD_DEAL)
    run.write(tmp_path / "out")
    document = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    deals = document["control"]["facts"]["deal"]
    assert deals["rows"] == {"read": 6, "accepted": 5, "rejected": 1}
    assert deals["money"]["amount"] == {
        "read": "141150",
        "accepted": "141080",
        "rejected": "70",
        "unreadable_rows": 0,
    }
    new_logo = document["control"]["rules"]["new_logo"]
    assert new_logo["rows"] == {
        "accepted": 5,
        "earning": 1,
        "not_earning": {"after_through": 1, "condition": 2, "nobody_credited": 1},
        "rejected": 0,
    }
    assert new_logo["money"]["amount"]["not_earning"] == {
        "after_through": "10",
        "condition": "81000",
        "nobody_credited": "70",
    }
    launch = document["control"]["lines"]["launch"]
    assert launch["in_period"] == {"lines": 2, "amount": "466.67"}
    assert launch["later"] == {"lines": 4, "amount": "933.33"}
    assert launch["all"] == {"lines": 6, "amount": "1400"}
    assert document["ok"] is False
    assert document["counts"]["rejects"] == 1


def test_a_total_that_does_not_add_up_is_a_bug_of_ours(run: Run) -> None:
    from dataclasses import replace

    lost = replace(run, earned=replace(run.earned, outcomes=run.earned.outcomes[1:]))
    with pytest.raises(InternalError, match="control totals differ"):
        _ = lost.document
    twice = replace(run, earned=replace(run.earned, lines=run.earned.lines * 2))
    with pytest.raises(InternalError, match="same id"):
        _ = twice.lines


def test_lines_of_earlier_periods_are_not_paid_again(tmp_path: Path) -> None:
    january = small_run(tmp_path / "january")
    february = small_run(tmp_path / "february", period="2026-02")
    both = small_run(tmp_path / "both", period="2026-01..2026-02")
    ids = [set(run.lines.column("line_id").to_pylist()) for run in (january, february, both)]
    assert not ids[0] & ids[1]
    assert ids[0] | ids[1] == ids[2]
    assert sum(both.lines.column("amount").to_pylist()) == sum(
        (sum(run.lines.column("amount").to_pylist()) for run in (january, february)), Decimal(0)
    )
    due = set(february.other_lines.column("due").to_pylist())
    assert due == {"earlier", "later"}


def test_names_of_plan_files_are_relative_to_what_they_share() -> None:
    assert short_names(["/a/b/c.rules", "/a/b/d/e.rules"]) == {
        "/a/b/c.rules": "c.rules",
        "/a/b/d/e.rules": "d/e.rules",
    }
    assert short_names(["c.rules"]) == {"c.rules": "c.rules"}
    assert short_names(["rules/c.rules"]) == {"rules/c.rules": "c.rules"}
    assert short_names([]) == {}


def test_a_run_folder_of_another_version_is_told(run: Run, tmp_path: Path) -> None:
    """By its number, by its columns, or by what run.json lacks; it may be replaced."""
    out = tmp_path / "out"
    told = "made by another version of rulesengine; run it again"
    run.write(out)
    document = (out / "run.json").read_text(encoding="utf-8")
    (out / "run.json").write_text(
        document.replace("rulesengine run 2", "rulesengine run 7"), encoding="utf-8"
    )
    with pytest.raises(Rejected, match=told):
        read_run(out)
    for lost in ("statement_per", "through", "counts", "period"):
        (out / "run.json").write_text(document.replace(f'"{lost}"', '"x"'), encoding="utf-8")
        with pytest.raises(Rejected, match=told):
            read_run(out)
    run.write(out)
    parquet.write_table(run.lines.drop_columns(["base"]), out / "lines.parquet")
    with pytest.raises(Rejected, match=told):
        _ = read_run(out).entries


@pytest.mark.parametrize("name", ["lines", "other_lines", "not_earning", "rejects", "payees"])
def test_a_table_that_is_not_the_runs_own_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    for wrong in ("swapped", "cut short", "damaged", "gone", "rows"):
        run.write(out)
        table = out / f"{name}.parquet"
        if wrong == "swapped":
            other = "payees" if name != "payees" else "rejects"
            table.write_bytes((out / f"{other}.parquet").read_bytes())
        elif wrong == "cut short":
            table.write_bytes(table.read_bytes()[:-20])
        elif wrong == "damaged":
            table.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
        elif wrong == "gone":
            table.unlink()
        elif name not in ("payees", "rejects"):
            parquet.write_table(getattr(run, name).slice(1), table)
        else:
            continue
        with pytest.raises(Rejected, match="R1203"):
            read_run(out).table(name)


def test_lines_of_another_plan_are_refused(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run.write(out)
    strange = run.lines.set_column(
        run.lines.column_names.index("rule"), "rule", [["nobody_knows"] * run.lines.num_rows]
    )
    parquet.write_table(strange, out / "lines.parquet")
    with pytest.raises(Rejected, match="R1203"):
        _ = read_run(out).entries
