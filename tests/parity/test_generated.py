"""Both engines agree on plans that nobody thought of."""

from __future__ import annotations

import os

from hypothesis import event, given, settings

from tests.parity.generated import attempt, tries

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "60"))
FEW = settings(max_examples=EXAMPLES, deadline=None)


@FEW
@given(tried=tries(most_rules=1))
def test_one_rule_pays_the_same_under_both_engines(tried):
    _holds(*tried)


@FEW
@given(tried=tries())
def test_several_rules_pay_the_same_under_both_engines(tried):
    _holds(*tried)


def _holds(text, facts, through):
    found = attempt(text, facts, through)
    event(found.fate)
    assert found.fate != "different", f"{text}\n{facts}\nthrough {through}\n{found.why}"
