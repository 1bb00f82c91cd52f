"""A run that continues an earlier one writes the same folder, byte for byte, as a run over everything."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from rulesengine.batch import run_folder
from rulesengine.diagnostics import Rejected
from rulesengine.pipeline import load_plan
from rulesengine.statements.by_sql.lines import write_lines
from rulesengine.statements.render_folder import render_all
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.summary import Summary
from tests.cases.runner import read_case, write_inputs
from tests.gallery.examples import EXAMPLES
from tests.parity.since_folders import files, small_parts

CASES = sorted((Path(__file__).parent / "cases").rglob("*.case"))
SAMPLE = int(os.environ.get("SINCE_SAMPLE", "60"))
_MONEY = re.compile(r"\d+\.\d\d")


WITH_REFUNDS = """plan example {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}

payee partner {
  field id text key
}

fact deal {
  field id text key
  field partner partner credited
  field amount money signed
  field closed date event
  field undoes deal optional reverses
}

spiff push {
  on deal
  window from 2026-01-10 through 2026-01-20
  goal count >= 2 by payee
  pay 100 USD once
}

statement {
  per month
}
"""


@pytest.fixture(autouse=True)
def in_small_parts() -> Iterator[None]:
    """Let tables of a few rows be cut between payees, as large ones are."""
    with small_parts():
        yield


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


TIERED = """plan tiers_2026 {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
payee partner {
  field id text key
}
fact deal {
  field id text key
  field partner partner credited
  field amount money
  field closed date event
}
revenue_share share {
  on deal
  pay 10% of amount
}
tiered growth {
  on deal
  measure sum amount per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 100 USD pay 2%
}
spiff first_come {
  on deal
  window from 2026-07-01 through 2026-12-31
  pay 50 USD per deal
  budget 500 USD then first_come on closed
}
"""
DAYS = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 17)]
PARTNERS = "id\nana\nbob\neva\n"


def tiered(folder: Path, deals: list[str], partners: str = PARTNERS, plan: str = TIERED) -> tuple[Path, Path]:
    """Write a plan and facts: deals as `id,partner,amount,closed`."""
    folder.mkdir()
    (folder / "plan.rules").write_text(plan, encoding="utf-8")
    (folder / "partner.csv").write_text(partners, encoding="utf-8")
    rows = ["id,partner,amount,closed", *deals]
    (folder / "deal.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "plan.rules", folder


def many(count: int = 48) -> list[str]:
    names = ["ana", "bob", "eva"]
    return [f"D-{n:02},{names[n % 3]},{40 + n}.00,{DAYS[n % 24]}" for n in range(count)]


def test_a_change_touches_its_quarter_and_its_budget_alone(tmp_path: Path) -> None:
    deals = many()
    was = tiered(tmp_path / "was", deals)
    for what, changed, worked_out in (
        ("new", [*deals, "D-99,ana,70.00,2026-02-01"], 5),
        ("in_the_budget", [*deals, "D-99,ana,70.00,2026-08-01"], 25),
        ("gone", deals[1:], 4),
        ("moved", ["D-00,bob,40.00,2026-01-03", *deals[1:]], 8),
        ("in_another_order", deals[::-1], 0),
    ):
        now = tiered(tmp_path / what, changed)
        done = continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / f"runs_{what}")
        assert done.since is not None and not done.since.in_full
        assert done.since.worked_out == worked_out, what


SHARED = """plan shared {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
payee rep {
  field id text key
}
fact deal {
  field id text key
  field rep rep credited
  field helper rep
  field amount money
  field closed date event
}
fact visit {
  field id text key
  field rep rep credited
  field made date event
}
tiered growth {
  on deal
  credit 60% to rep
  credit 40% to helper
  measure sum credited amount per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 500 USD pay 10%
}
flat visits {
  on visit
  pay 1 USD per visit
}
"""


def test_a_change_goes_on_from_payee_to_payee_along_shared_deals(tmp_path: Path) -> None:
    """D-1 changed, of ana and ben; ana shares D-3 with cem, whose tier there depends on D-2."""

    def facts(name: str, amount: str, visited: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "plan.rules").write_text(SHARED, encoding="utf-8")
        (folder / "rep.csv").write_text("id\nana\nben\ncem\ndan\n", encoding="utf-8")
        deals = (f"D-1,ana,ben,{amount},2026-01-12", "D-2,dan,cem,2000.00,2026-02-12")
        rows = ("id,rep,helper,amount,closed", *deals, "D-3,ana,cem,1000.00,2026-03-12")
        (folder / "deal.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        (folder / "visit.csv").write_text(f"id,rep,made\nV-1,cem,{visited}\n", encoding="utf-8")
        return folder

    was, now = facts("was", "100.00", "2026-03-01"), facts("now", "150.00", "2026-03-02")
    done = continues(was / "plan.rules", was, now, "2026-Q1", None, tmp_path / "runs")
    assert done.since is not None and not done.since.in_full


@pytest.mark.parametrize("block", ["", "statement {\n  per month\n  guarantee 100 USD per month\n}\n"])
def test_a_plan_without_rules(block: str, tmp_path: Path) -> None:
    plan = TIERED[: TIERED.index("revenue_share")] + block
    was = tiered(tmp_path / "was", many(), plan=plan)
    now = tiered(tmp_path / "now", [*many(), "D-99,ana,70.00,2026-02-01"], plan=plan)
    done = continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / "runs")
    assert done.document["counts"]["lines"] == (36 if block else 0)


def test_facts_with_a_list_of_texts_are_continued(tmp_path: Path) -> None:
    plan = tmp_path / "plan.rules"
    text = WITH_REFUNDS.replace("  field undoes", "  field tags list of text optional\n  field undoes")
    plan.write_text(text, encoding="utf-8")
    for name, amount in (("was", "100.00"), ("now", "200.00")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "partner.csv").write_text("id\nana\nben\n", encoding="utf-8")
        rows = f"D-1,ana,100.00,2026-01-10,a;b,\nD-2,ben,{amount},2026-01-11,,\nD-3,ana,1.00,2026-01-12,c,\n"
        file = tmp_path / name / "deal.csv"
        file.write_text("id,partner,amount,closed,tags,undoes\n" + rows, encoding="utf-8")
    done = continues(plan, tmp_path / "was", tmp_path / "now", "2026-01", None, tmp_path)
    assert done.since is not None and not done.since.in_full


def test_parts_of_payees_without_another_row_are_the_same_files(tmp_path: Path) -> None:
    was = tiered(tmp_path / "was", many())
    now = tiered(tmp_path / "now", [*many(), "D-99,ana,70.00,2026-08-01"])
    done = continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / "runs")
    assert done.since is not None and done.since.worked_out > 1
    last, since = (tmp_path / "runs" / run / "lines.parquet" for run in ("last", "since"))
    of_ana, *others = sorted(last.iterdir())
    assert not (since / of_ana.name).samefile(of_ana)
    assert others and all((since / each.name).samefile(each) for each in others)


NAMES = [f"p{number:02}" for number in range(24)]


def deals_of(names: list[str], start: int = 0) -> list[str]:
    """Three deals of each, in the order of the months."""
    return [
        f"D-{start + 100 * month + at:04},{who},{60 + 7 * at % 50}.00,{DAYS[(at + 9 * month) % 24]}"
        for month in range(3)
        for at, who in enumerate(names)
    ]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        # Between others, before all of them, and behind: who has rows for the first time.
        (
            deals_of([*NAMES[1:9], *NAMES[10:-1]]),
            deals_of([*NAMES[1:9], *NAMES[10:-1]]) + deals_of(NAMES, 500)[::9],
        ),
        (deals_of(NAMES[2:-2]), deals_of(NAMES[2:-2]) + deals_of([NAMES[0], NAMES[-1]], 500)),
        # Who has none any more.
        (
            deals_of(NAMES),
            [each for each in deals_of(NAMES) if each.split(",")[1] not in (NAMES[0], NAMES[11])],
        ),
        (deals_of(NAMES), [each for each in deals_of(NAMES) if each.split(",")[1] != NAMES[-1]]),
        # Neighbours, and everybody.
        (deals_of(NAMES), deals_of(NAMES) + deals_of(NAMES[7:10], 500)),
        (deals_of(NAMES), deals_of(NAMES) + deals_of(NAMES, 500)),
    ],
)
@pytest.mark.parametrize("rows", [30, 200])
def test_payees_with_other_rows_stand_between_those_without(
    was: list[str], now: list[str], rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts have many payees, and files several groups of rows."""
    monkeypatch.setattr("rulesengine.statements.by_sql.cuts.ROWS_OF_A_PART", rows)
    monkeypatch.setattr("rulesengine.statements.by_sql.part_files.GROUP_ROWS", 7)
    partners = "\n".join(["id", *NAMES]) + "\n"
    one, other = tiered(tmp_path / "was", was, partners), tiered(tmp_path / "now", now, partners)
    done = continues(one[0], one[1], other[1], "2026-01..2026-12", None, tmp_path / "runs")
    assert done.since is not None and not done.since.in_full


def test_lines_of_payees_without_another_row_are_never_in_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rulesengine.statements.by_sql.cuts.ROWS_OF_A_PART", 200)
    partners = "\n".join(["id", *NAMES]) + "\n"
    was = tiered(tmp_path / "was", deals_of(NAMES), partners)
    now = tiered(tmp_path / "now", [*deals_of(NAMES), f"D-99,{NAMES[5]},70.00,2026-02-01"], partners)
    seen = []

    def write(connection: Any, folder: Path, *others: Any) -> int:
        seen.append({payee for (payee,) in connection.execute("SELECT payee::TEXT FROM lines").fetchall()})
        return write_lines(connection, folder, *others)

    monkeypatch.setattr("rulesengine.statements.by_sql.lines.write_lines", write)
    continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / "runs")
    assert seen == [set(NAMES), set(NAMES), {NAMES[5]}]


def test_another_amount_where_some_lines_are_multiplied(tmp_path: Path) -> None:
    """Lines have a column `times` of their own, which is empty in the others."""
    plan = TIERED.replace("pay 10% of amount", "pay 10% of amount\n  times 200% when amount >= 100 USD")
    deals = deals_of(NAMES)
    was = tiered(tmp_path / "was", deals, "\n".join(["id", *NAMES, ""]), plan)
    others = [deals[0].replace("60.00", "61.00"), *deals[1:]]
    now = tiered(tmp_path / "now", others, "\n".join(["id", *NAMES, ""]), plan)
    continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / "runs")


def test_a_column_that_differed_then_and_does_not_now(tmp_path: Path) -> None:
    """A refund that is gone: all amounts are one now, and the figures are less one that was another."""
    rows = [
        "D-1,ana,1.00,2026-01-10,",
        "D-2,ana,1.00,2026-01-11,",
        "D-3,ben,1.00,2026-01-12,",
        "D-4,ben,1.00,2026-01-14,",
    ]
    refund = "R-1,ana,-1.00,2026-01-13,D-1"
    for name, found in (("was", [*rows, refund]), ("now", rows)):
        facts = tmp_path / name
        facts.mkdir()
        listed = "\n".join(["id,partner,amount,closed,undoes", *found])
        (facts / "deal.csv").write_text(f"{listed}\n", encoding="utf-8")
        (facts / "partner.csv").write_text("id\nana\nben\n", encoding="utf-8")
    plan = tmp_path / "plan.rules"
    plan.write_text(WITH_REFUNDS, encoding="utf-8")
    continues(plan, tmp_path / "was", tmp_path / "now", "2026-01", None, tmp_path / "less")
    continues(plan, tmp_path / "now", tmp_path / "was", "2026-01", None, tmp_path / "more")


def test_a_run_grows_into_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of parts follows from how many rows there are now."""
    monkeypatch.setattr("rulesengine.statements.by_sql.cuts.ROWS_OF_A_PART", 60)
    was, now = tiered(tmp_path / "was", many(4)), tiered(tmp_path / "now", many())
    continues(was[0], was[1], now[1], "2026-01..2026-12", None, tmp_path / "grown")
    continues(was[0], now[1], was[1], "2026-01..2026-12", None, tmp_path / "shrunk")
    assert (tmp_path / "grown" / "last" / "lines.parquet").is_file()
    assert (tmp_path / "grown" / "since" / "lines.parquet").is_dir()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"plan": TIERED.replace("10%", "11%")}, "the plan is another"),
        ({"partners": PARTNERS + "ivo\n"}, "there are changes in payee of partner"),
        ({"period": "2026-01..2026-11"}, "the earlier run was for another period or last day"),
        ({"keeps": False}, "the earlier run kept no facts"),
    ],
)
def test_what_else_changes_is_a_reason_to_work_everything_out(
    change: dict[str, object], why: str, tmp_path: Path
) -> None:
    plan, facts = tiered(tmp_path / "was", many(6))
    run_folder(
        plan,
        facts=facts,
        period="2026-01..2026-12",
        out=tmp_path / "last",
        engine="duckdb",
        keep_facts=change.get("keeps", True) is True,
    )
    inputs = {name: str(change[name]) for name in ("plan", "partners") if name in change}
    plan, facts = tiered(tmp_path / "now", many(7), **inputs)
    runs = {
        since: run_folder(
            plan,
            facts=facts,
            period=str(change.get("period", "2026-01..2026-12")),
            out=tmp_path / f"since_{since}",
            engine="auto",
            keep_facts=True,
            since=tmp_path / "last" if since else None,
        )
        for since in (True, False)
    }
    assert runs[True].since is not None and runs[True].since.in_full.startswith(why)
    assert files(tmp_path / "since_True") == files(tmp_path / "since_False")


def _a_cent_more(file: Path) -> None:
    """Change the first amount of a table, and nothing of its columns."""
    table = parquet.read_table(file)
    at = next(place for place, each in enumerate(table.schema) if pa.types.is_decimal(each.type))
    first, *others = table.column(at).to_pylist()
    changed = pa.array([Decimal(first or 0) + 1, *others], table.schema.field(at).type)
    parquet.write_table(table.set_column(at, table.schema.field(at), changed), file)


def _text_changed(was: str, now: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert was in text
        file.write_text(text.replace(was, now, 1), encoding="utf-8")

    return change


DAMAGE: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "another cent in a line": ("lines.parquet/part-*.parquet", _a_cent_more),
    "another cent in a line of later": ("other_lines.parquet/part-*.parquet", _a_cent_more),
    "another cent in a statement": ("statements.parquet/part-*.parquet", _a_cent_more),
    "a part twice": (
        "lines.parquet/part-*.parquet",
        lambda file: shutil.copy(file, file.with_name("part-00099.parquet")),
    ),
    "no such part": ("lines.parquet/part-*.parquet", lambda file: file.unlink()),
    "half a part": (
        "not_earning.parquet/part-*.parquet",
        lambda file: file.write_bytes(file.read_bytes()[:-20]),
    ),
    "an empty file of facts": ("kept/deal.parquet", lambda file: file.write_bytes(b"")),
    "half a file of facts": ("kept/deal.parquet", lambda file: file.write_bytes(file.read_bytes()[:200])),
    "no facts": ("kept/deal.parquet", lambda file: file.unlink()),
    "another figure": ("run.json", _text_changed('"lines": 0', '"lines": 7')),
    "another scale": ("kept/facts.json", _text_changed('"scale": 0', '"scale": 1')),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_nothing_is_taken_over_from_a_damaged_folder(what: str, tmp_path: Path) -> None:
    """Whoever damaged it: everything is worked out, and that is said."""
    pattern, damage = DAMAGE[what]
    plan, facts = tiered(tmp_path / "facts", many())
    how = {"facts": facts, "period": "2026-01..2026-06", "through": "2026-12-31", "engine": "duckdb"}
    for name in ("last", "full"):
        run_folder(plan, out=tmp_path / name, keep_facts=True, **how)  # type: ignore[arg-type]
    file = max((tmp_path / "last").glob(pattern))
    damage(file)
    done = run_folder(plan, out=tmp_path / "since", since=tmp_path / "last", **how)  # type: ignore[arg-type]
    assert done.since is not None
    assert done.since.in_full.endswith(("is damaged", "of the earlier run is damaged or was changed"))
    assert files(tmp_path / "since") == files(tmp_path / "full")


def test_pages_that_are_written_later_are_no_damage(tmp_path: Path) -> None:
    plan, facts = tiered(tmp_path / "facts", many())
    how = {"facts": facts, "period": "2026-01..2026-12", "engine": "duckdb"}
    run_folder(plan, out=tmp_path / "last", keep_facts=True, pages="none", **how)  # type: ignore[arg-type]
    render_all(read_run(tmp_path / "last"))
    done = run_folder(plan, out=tmp_path / "since", since=tmp_path / "last", **how)  # type: ignore[arg-type]
    assert done.since is not None and not done.since.in_full


def test_an_amount_that_is_too_large_is_told_as_ever(tmp_path: Path) -> None:
    text = TIERED.replace("10%", "99,999,999,999,999%")
    plan, facts = tiered(tmp_path / "was", many(6), plan=text)
    out, last = tmp_path / "out", tmp_path / "last"
    run_folder(plan, facts=facts, period="2026-01", out=last, engine="duckdb", keep_facts=True)
    huge = [*many(6), f"D-98,ana,{'9' * 15}.00,2026-01-04"]
    _, facts = tiered(tmp_path / "now", huge)
    told = []
    for since in (last, None):
        with pytest.raises(Rejected) as caught:
            run_folder(plan, facts=facts, period="2026-01", out=out, engine="duckdb", since=since)
        told.append([(found.code, found.message) for found in caught.value.diagnostics])
    assert told[0] == told[1]
    assert told[0][0][0] == "R1205"


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
