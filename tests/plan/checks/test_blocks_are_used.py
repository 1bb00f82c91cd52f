"""Blocks that no rule leads to."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

BLOCKS = """table t on deal by type { row any gives 5% }
segment s of partner { where tier is "gold" }
quota q by partner per quarter as money
measure m { on deal take sum amount per quarter by payee against q }
"""
TIERS = "apply marginal tier from 0% pay 1%"


def test_nothing_is_used(report: Report) -> None:
    assert report("R0605", BLOCKS + "revenue_share r { on deal pay 5% of amount }") == [
        "1: no rule uses the table `t`",
        "2: no rule uses the segment `s`",
        "3: no rule uses the quota `q`",
        "4: no rule uses the measure `m`",
    ]


def test_all_is_used(report: Report) -> None:
    rules = f"""revenue_share r {{ on deal where payee in s pay t of amount }}
tiered x {{ on deal measure m {TIERS} }}"""
    assert report("R0605", BLOCKS + rules) == []


def test_used_by_what_is_unused(report: Report) -> None:
    segments = """segment s of partner { where tier is "gold" }
segment unused of partner { where partner in s }
"""
    found = report("R0605", segments + "revenue_share r { on deal pay 5% of amount }")
    assert found == ["1: no rule uses the segment `s`", "2: no rule uses the segment `unused`"]
    rule = "revenue_share r { on deal where payee in unused pay 5% of amount }"
    assert report("R0605", segments + rule) == []


def test_places_that_use(report: Report) -> None:
    table = "table t on deal by type { row any gives 120% }\n"
    assert report("R0605", table + "revenue_share r { on deal pay 5% of amount times t }") == []
    amended = "revenue_share r { on deal pay 5% of amount amend from 2026-07-01 { pay t of amount } }"
    assert report("R0605", table + amended) == []
    goal = """measure m { on deal take sum amount per quarter by payee }
spiff r { on deal window from 2026-07-01 through 2026-09-30 goal m >= 5 USD by payee pay 5 USD once }"""
    assert report("R0605", goal) == []
