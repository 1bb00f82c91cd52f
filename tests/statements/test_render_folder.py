"""Pages that are made after the run are those that the run would have made; tables may come in parts."""

from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from rulesengine.cli.entry import main
from rulesengine.diagnostics import Rejected
from rulesengine.statements.explain import explain
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.why_not import why_not
from rulesengine.statements.write_folder import MOST_LINES_RENDERED, Pages
from tests.statements.small_run import BAD_DEAL, DEALS, small_run
from tests.statements.test_run_folder import files_of


def test_pages_made_later_are_the_same(tmp_path: Path) -> None:
    run = small_run(tmp_path / "in", period="2026-01..2026-02")
    run.write(tmp_path / "at once")
    run.write(tmp_path / "later", pages="none")
    assert not (tmp_path / "later" / "statements").exists()
    assert not read_run(tmp_path / "later").is_rendered
    assert main(["statements", str(tmp_path / "later"), "--quiet"]) == 0
    assert files_of(tmp_path / "later") == files_of(tmp_path / "at once")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["at once", "in", "later"]


def test_pages_of_one_payee(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = small_run(tmp_path / "in")
    run.write(tmp_path / "at once")
    run.write(tmp_path / "later", pages="none")
    assert main(["statements", str(tmp_path / "later"), "ana"]) == 0
    assert capsys.readouterr().out.endswith("statements/partner/ana.txt\n")
    made = {name: text for name, text in files_of(tmp_path / "later").items() if "/ana." in name}
    assert made == {name: text for name, text in files_of(tmp_path / "at once").items() if "/ana." in name}
    assert not read_run(tmp_path / "later").is_rendered
    assert main(["statements", str(tmp_path / "later"), "cy"]) == 0
    assert capsys.readouterr().out == "cy has no statement in 2026-01\n"
    assert main(["statements", str(tmp_path / "later"), "dora"]) == 2


def test_very_many_lines_are_left_for_later() -> None:
    assert Pages.AUTO.of(MOST_LINES_RENDERED) and not Pages.AUTO.of(MOST_LINES_RENDERED + 1)
    assert Pages.ALL.of(10**9) and not Pages.NONE.of(0)


def test_tables_in_parts_are_read_like_whole_ones(tmp_path: Path) -> None:
    run = small_run(tmp_path / "in", deals=DEALS + BAD_DEAL)
    run.write(tmp_path / "whole")
    run.write(tmp_path / "parts")
    for name in ("lines", "other_lines", "not_earning"):
        table = getattr(run, name)
        folder = tmp_path / "parts" / f"{name}.parquet"
        folder.unlink()
        folder.mkdir()
        for number in range(table.num_rows):
            parquet.write_table(table.slice(number, 1), folder / f"part-{number:05}.parquet")
    whole, parts = read_run(tmp_path / "whole"), read_run(tmp_path / "parts")
    assert parts.entries == whole.entries == run.entries
    assert parts.other_entries == whole.other_entries
    assert list(parts.entries_by_payee()) == list(whole.entries_by_payee())
    for target in ("ana", "bob", "cy", run.entries[0].line_id, run.other_entries[0].line_id):
        assert explain(parts, target) == explain(whole, target).replace("/whole", "/parts")
    assert why_not(parts, "bob", "new_logo") == why_not(whole, "bob", "new_logo")
    assert why_not(parts, "ana", "new_logo", "D-2") == why_not(whole, "ana", "new_logo", "D-2")
    (tmp_path / "parts" / "lines.parquet" / "part-00000.parquet").unlink()
    with pytest.raises(Rejected, match="R1203"):
        _ = read_run(tmp_path / "parts").entries
