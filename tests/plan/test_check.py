"""The stage as a whole: everything at once, in order, and a plan only if nothing is wrong."""

from __future__ import annotations

import re
from pathlib import Path

from rulesengine.language.parse import parse
from rulesengine.plan import check_and_lower, nodes
from tests.plan.helpers import HEADER, RECORDS, check, found_in, mistakes


def test_warnings_come_with_the_plan() -> None:
    text = "revenue_share a { on deal pay 5% of amount } revenue_share b { on deal pay 5% of amount }"
    checked = check(HEADER + RECORDS + text)
    assert [warning.code for warning in checked.warnings] == ["R0602"]
    assert [rule.name for rule in checked.plan.rules] == ["a", "b"]


def test_warnings_wait_for_a_plan_without_errors() -> None:
    text = "revenue_share a { on deal pay 5% of amount } revenue_share b { on deal where x pay 5% of amount }"
    assert [diagnostic.code for diagnostic in found_in(HEADER + RECORDS + text)] == ["R0301"]


def test_several_files_are_one_plan() -> None:
    rules = "flat r { on deal pay 5 USD per deal }"
    plan = check_and_lower(parse({"a.rules": rules, "b.rules": RECORDS, "c.rules": HEADER})).plan
    assert [rule.origin.file for rule in plan.rules] == ["a.rules"]
    assert plan.sources == {"a.rules": rules, "b.rules": RECORDS, "c.rules": HEADER}


def test_dozens_of_mistakes_come_in_one_run_in_source_order() -> None:
    rules = "".join(
        f"revenue_share r{n} {{ on deal where amuont > 5 USD pay 5% of seats cap 5 per deal }}\n"
        for n in range(30)
    )
    found = mistakes(rules)
    assert len(found) == 90
    assert [message.split(" ")[0] for message in found[:6]] == ["R0301", "R0401", "R0401"] * 2


def test_names_do_not_depend_on_the_order_of_blocks() -> None:
    blocks = [block for block in re.split(r"\n\n", (HEADER + RECORDS).strip()) if block]
    blocks.append('segment s of partner { where tier is "gold" }')
    blocks.append('table t on deal by type { row "new" gives 5% row any gives 4% }')
    blocks.append("revenue_share r { on deal where payee in s pay t of amount }")
    there = check("\n".join(blocks)).plan
    back = check("\n".join(reversed(blocks))).plan
    assert [rule.text for rule in there.rules] == [rule.text for rule in back.rules]
    assert set(there.schema.kinds) == set(back.schema.kinds)


def test_the_plan_of_the_prelude_checks_clean() -> None:
    prelude = (Path(__file__).parents[1] / "errors" / "prelude.rules").read_text()
    plan = check(prelude).plan
    assert isinstance(plan, nodes.Plan) and plan.rules == ()


PROGRAMME = (Path(__file__).parent / "programme.rules").read_text()


def test_a_whole_programme_checks_clean() -> None:
    checked = check(PROGRAMME)
    assert [rule.kind.value for rule in checked.plan.rules] == [
        "revenue_share",
        "flat",
        "tiered",
        "installments",
        "spiff",
    ]
    assert checked.warnings == ()
