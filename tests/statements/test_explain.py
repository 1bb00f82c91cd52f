"""Why, and why not, from a run folder alone."""

from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.statements.explain import explain, explain_data
from rulesengine.statements.run_folder import RunFolder, read_run
from rulesengine.statements.why_not import why_not, why_not_data
from tests.statements.small_run import BAD_DEAL, DEALS, small_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("run")
    small_run(folder / "inputs", deals=DEALS + BAD_DEAL).write(folder / "out")
    return read_run(folder / "out")


def line_of(run: RunFolder, rule: str, number: int = 0) -> str:
    return [entry.line_id for entry in run.entries if entry.line.rule == rule][number]


def test_a_payee_gets_statements_with_ids(run: RunFolder) -> None:
    text = explain(run, "ana")
    assert "Small programme" in text
    assert f"  {line_of(run, 'new_logo')[:10]}  D-1  2026-01-10    500.00  1 × 500.00\n" in text
    assert "Payable at other times\n  launch  later  4 lines  933.33\n" in text
    assert explain(run, "partner:ana") == text


def test_a_payee_without_lines_is_told_why(tmp_path: Path) -> None:
    small_run(tmp_path / "in", period="2026-02").write(tmp_path / "out")
    run = read_run(tmp_path / "out")
    text = explain(run, "bob")
    assert text.startswith("bob (partner) has no line payable in 2026-02.\n")
    assert "  growth  earlier  1 line  10.00\n" in text
    assert "  new_logo  1 row  a condition of the rule does not hold\n" in text
    assert text.endswith(f"`rulesengine why-not {tmp_path / 'out'} bob RULE` names the rows.\n")
    assert "No row up to 2026-02-28 credits cy (partner) under any rule." in explain(run, "cy")


def test_a_line_shows_its_numbers_and_its_rule(run: RunFolder) -> None:
    assert explain(run, line_of(run, "growth", 2)[:8]) == GROWTH.format(
        line_of(run, "growth", 2), line_of(run, "growth", 1)[:10], line_of(run, "growth", 2)[:10]
    )


GROWTH = """growth pays ana (partner) 800.00 USD
deal D-2, earned on 2026-01-20, payable on 2026-01-20
line {0}, band, rules.rules:13:29

band from 100,000.00: 40,000.00 × 2 %; total 60,000.00 → 140,000.00 in 2026-Q1

  total before   60,000.00  2026-Q1
  total after   140,000.00  2026-Q1
  band from     100,000.00
  base           40,000.00  amount
  rate                 2 %
  exact             800.00
  amount            800.00

the total in 2026-Q1 is 140,000.00, in the last band

All lines of `growth` for D-2
    {1}  2026-01-20    400.00  band from 0.00: 40,000.00 × 1 %; total 60,000.00 → 140,000.00 in 2026-Q1
>   {2}  2026-01-20    800.00  band from 100,000.00: 40,000.00 × 2 %; total 60,000.00 → 140,000.00 in 2026-Q1
                sum         1,200.00

growth: tiered, marginal tiers, each line rounded half up to 0.01
   8 | tiered growth {{
   9 |   on deal
  10 |   measure sum amount per quarter by payee
  11 |   apply marginal
  12 |   tier from 0 USD pay 1%
> 13 |   tier from 100,000 USD pay 2%
  14 | }}
"""


def test_a_line_on_earnings_leads_back_to_the_line_it_was_earned_on(run: RunFolder) -> None:
    text = explain(run, line_of(run, "override"))
    assert f"earned on line {line_of(run, 'new_logo')}\n  new_logo D-1 2026-01-10 500.00 USD\n" in text


def test_a_line_payable_later_can_be_explained_too(run: RunFolder) -> None:
    later = next(entry for entry, due in run.other_entries if due == "later")
    assert "instalment 2 of 3" in explain(run, later.line_id)


def test_explaining_as_data(run: RunFolder) -> None:
    data = explain_data(run, line_of(run, "growth"))
    assert data["measure_after"] == "60000"
    assert data["next_band"] == (
        "the total in 2026-Q1 is 60,000.00; 40,000.00 to go to `tier from 100,000 USD pay 2%`"
    )
    payee = explain_data(run, "ana")
    assert payee["statements"][0]["total"] == "2816.67"
    assert payee["other_lines"] == [
        {"rule": "launch", "due": "later", "lines": 4, "amount": "933.33", "currency": "USD"}
    ]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("anna",), "the run has no payee and no line `anna`", "did you mean `ana`?"),
        (("zzzz",), "the run has no payee and no line `zzzz`", ""),
        (("ana", "growht"), "the plan has no rule `growht`", "did you mean `growth`?"),
        (("anna", "growth"), "the run has no payee `anna`", "did you mean `ana`?"),
        (("ana", "growth", "D-11"), "the run has no deal `D-11`", "did you mean `D-1`?"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_known(
    run: RunFolder, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(Rejected) as refused:
        explain(run, *arguments) if len(arguments) == 1 else why_not(run, *arguments)
    (found,) = refused.value.diagnostics
    assert (found.code, found.message, found.hint) == ("R1204", message, hint)


def test_why_not_names_the_condition_with_its_values(run: RunFolder) -> None:
    assert why_not(run, "ana", "new_logo", "D-2") == (
        "new_logo for ana (partner), 2026-01, facts through 2026-01-31\n"
        "\n"
        "deal D-2, dated 2026-01-20: a condition of the rule does not hold\n"
        '  type is "new": type is renewal\n'
    )


@pytest.mark.parametrize(
    ("payee", "rule", "fact", "expected"),
    [
        ("bob", "growth", "D-1", "deal D-1 is not credited to this payee, but to partner:ana\n"),
        ("bob", "growth", "D-5", "deal D-5, dated 2026-01-22: it credits nobody\n"),
        ("bob", "growth", "D-4", "deal D-4, dated 2026-02-01: it is dated after the last day of the run\n"),
        ("ana", "growth", "D-1", "deal D-1 did earn something: 600.00 USD\n"),
        ("ana", "growth", "D-6", "deal D-6 was rejected: deal.csv:6 R1106 partner:\n"),
        ("ana", "growth", "D-1", "40,000.00 to go to `tier from 100,000 USD pay 2%`\n"),
    ],
)
def test_why_not_one_fact(run: RunFolder, payee: str, rule: str, fact: str, expected: str) -> None:
    assert expected in why_not(run, payee, rule, fact)


def test_why_not_counts_rows_by_reason(run: RunFolder) -> None:
    text = why_not(run, "ana", "new_logo")
    assert "it did pay: 1 line, 500.00 USD, all periods together\n" in text
    assert "  1 × a condition of the rule does not hold\n      D-2  2026-01-20  type is" in text
    assert "  1 × it credits nobody\n      D-5  2026-01-22\n" in text
    data = why_not_data(run, "ana", "new_logo")
    assert [row["reason"] for row in data["rows"]] == ["condition"]
    assert len(data["lines"]) == 1


def test_why_not_says_if_there_was_nothing_to_look_at(run: RunFolder) -> None:
    assert "no row credits this payee under this rule" in why_not(run, "cy", "override")
