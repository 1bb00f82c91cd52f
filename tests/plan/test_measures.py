from __future__ import annotations

import pytest

from rulesengine.model.dates import WindowKind
from rulesengine.model.types import MoneyType, NumberType, RecordType, TextType
from rulesengine.plan import nodes
from tests.plan.helpers import mistakes, mistakes_of_rule, plan_of, rule_of

TIERS = "apply whole tier from 0 USD pay 1%"


def measure_of(words: str, tiers: str = TIERS, blocks: str = "") -> nodes.Measure:
    measure = rule_of(f"on deal measure {words} {tiers}", "tiered", blocks).measure
    assert measure is not None
    return measure


def test_the_key_is_the_payee_unless_said() -> None:
    measure = measure_of("sum amount per quarter")
    assert measure.window == WindowKind.QUARTER and measure.rows is None
    (key,) = measure.keys
    assert (key.root, key.names, key.type) == (nodes.Root.PAYEE, (), RecordType("partner"))
    assert measure_of("sum amount per quarter by all").keys == ()
    keys = measure_of("sum amount per plan by payee.team, type").keys
    assert [(key.root, key.names) for key in keys] == [
        (nodes.Root.PAYEE, ("team",)),
        (nodes.Root.ROW, ("type",)),
    ]


def test_what_is_added_up() -> None:
    assert measure_of("sum amount per month").aggregate.share is nodes.CreditShareOf.CREDITED
    assert measure_of("sum full amount per month").aggregate.share is nodes.CreditShareOf.FULL
    most = measure_of("max seats per month", "apply whole tier from 0 pay 5 USD once").aggregate
    assert (most.kind, most.type) == (nodes.AggregateKind.MAX, NumberType())
    count = measure_of("count per month", "apply whole tier from 0 pay 5 USD once").aggregate
    assert (count.read, count.type, count.text) == (None, NumberType(), "count")


def test_a_window_may_be_one_row() -> None:
    match measure_of("sum amount per deal").window:
        case nodes.PerFact(kind="deal"):
            pass
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("sum type per month", "R0401 'type': `sum` takes money or a number, `type` is text"),
        ("sum mrr per month", "R0501 'mrr': `mrr` may be missing here"),
        ("sum amount per mnth", "R0301 'mnth': unknown window `mnth`"),
        ("sum amount per lead", "R0303 'lead': `per lead` in a rule on `deal`"),
        ("sum amount per partner", "R0303 'partner': `partner` is a payee kind, expected a window or"),
        ("sum amount per month by type, type", "R0302 'type': `type` is given twice"),
        ("sum amount per month by helper", "R0501 'helper': `helper` may be missing here"),
        ("sum amount per month by payee.tags", "R0401 'payee.tags': totals cannot be kept by a list"),
        ("sum amount per month against 500", "R0401 '500': units do not fit together: `sum amount` is money"),
        ("sum amount per month against 0 USD", "R0407 '0 USD': a target must be above zero"),
    ],
)
def test_a_measure_that_does_not_fit(words: str, wrong: str) -> None:
    tiers = "apply whole tier from 0% pay nothing" if "against" in words else TIERS
    found = mistakes_of_rule(f"on deal measure {words} {tiers}", "tiered")
    assert [message[: len(wrong)] for message in found] == [wrong]


TARGET = "apply whole tier from 0% pay 1%"


def test_a_quota_is_read_by_the_keys_of_the_rule() -> None:
    quota = "quota q by partner.team, deal.type per quarter as money\n"
    measure = measure_of("sum amount per quarter by type, payee.team against q", TARGET, quota)
    match measure.against:
        case nodes.QuotaTarget(quota="q", keys=keys):
            assert [(key.root, key.names) for key in keys] == [
                (nodes.Root.PAYEE, ("team",)),
                (nodes.Root.ROW, ("type",)),
            ]
        case other:
            pytest.fail(str(other))


def test_the_columns_of_a_quota() -> None:
    shape = plan_of("quota q by partner, deal.type per quarter as number").schema.quotas["q"]
    assert shape.keys == (("partner", RecordType("partner")), ("type", TextType(("new", "renewal"))))
    assert (shape.window, shape.type, shape.decimals) == (WindowKind.QUARTER, NumberType(), 9)
    money = plan_of("quota q by partner per month as money").schema.quotas["q"]
    assert (money.type, money.decimals) == (MoneyType("USD"), 2)


@pytest.mark.parametrize(
    ("quota", "words", "wrong"),
    [
        ("by partner per month as money", "sum amount per quarter", "R0406 'q': quota `q` is per month"),
        ("by agent per quarter as money", "sum amount per quarter", "R0406 'q': quota `q` is by `agent`"),
        (
            "by lead.received per quarter as money",
            "sum amount per quarter",
            "R0406 'q': quota `q` is by `lead.rec",
        ),
        (
            "by partner.team per quarter as money",
            "sum amount per quarter",
            "R0406 'q': quota `q` is by partner.team",
        ),
        (
            "by partner per quarter as number",
            "sum amount per quarter",
            "R0401 'q': units do not fit together",
        ),
        (
            "by partner, agent per quarter as money",
            "sum amount per quarter",
            "R0406 'q': quota `q` is by `agent`",
        ),
    ],
)
def test_a_quota_that_is_not_that_of_the_measure(quota: str, words: str, wrong: str) -> None:
    found = mistakes_of_rule(f"on deal measure {words} against q {TARGET}", "tiered", f"quota q {quota}\n")
    assert [message[: len(wrong)] for message in found] == [wrong]


@pytest.mark.parametrize(
    ("quota", "wrong"),
    [
        ("by x per quarter as money", "R0301 'x': unknown payee kind or fact kind `x`"),
        ("by deal per quarter as money", "R0303 'deal': `deal` is a fact kind, a quota is kept by payee"),
        ("by partner per deal as money", "R0301 'deal': unknown window `deal`"),
        ("by partner per month as text", "R0401 'text': a quota is money or a number, found `text`"),
        ("by deal.amount per month as money", "R0302 'amount': a quota has a column `amount` already"),
        (
            "by partner.team, agent.team per month as money",
            "R0302 'agent.team': `team` is already a key of this quota",
        ),
    ],
)
def test_a_quota_that_cannot_be(quota: str, wrong: str) -> None:
    assert [message[: len(wrong)] for message in mistakes(f"quota q {quota}")] == [wrong]


def test_all_mistakes_of_a_quota_are_found() -> None:
    assert len(mistakes("quota q by x per mnth as monye")) == 3


def test_a_target_may_be_a_field_that_is_there() -> None:
    clauses = f"on deal measure sum amount per month against payee.target {TARGET}"
    assert mistakes_of_rule(clauses, "tiered") == ["R0501 'payee.target': `payee.target` may be missing here"]
    assert mistakes_of_rule(f"where payee.target is present {clauses}", "tiered") == []


NAMED = "measure m { on deal where renewed take sum amount per quarter by payee }\n"


def test_a_named_measure_has_rows_of_its_own() -> None:
    measure = measure_of("m", blocks=NAMED)
    assert measure.name == "m"
    match measure.rows:
        case nodes.MeasureRows(source=nodes.FactSource(kind="deal", event="closed"), conditions=(_,)):
            pass
        case other:
            pytest.fail(str(other))
    assert plan_of(NAMED).measures["m"] == measure


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ("measure m { on deal }", "R0202 'm': measure `m` needs `take`"),
        ("measure m { take count per month }", "R0202 'm': measure `m` needs `on`"),
        ("measure m { on deal on deal take count per month }", "R0203 'on deal': `on` may stand only once"),
        (
            "measure m { on earnings of m take count per month }",
            "R0201 'on earnings of m': a measure block has no",
        ),
    ],
)
def test_a_measure_block_that_cannot_be(block: str, wrong: str) -> None:
    assert [message[: len(wrong)] for message in mistakes(block)] == [wrong]


def test_a_named_measure_is_used_where_its_keys_have_a_meaning() -> None:
    tiers = "apply whole tier from 0 USD pay 5 USD once"
    assert mistakes_of_rule(f"on lead credit agent measure m {tiers}", "tiered", NAMED) == [
        "R0303 'm': measure `m` has no totals for `agent`, whom this rule pays"
    ]
    by_type = NAMED.replace("by payee", "by type")
    assert mistakes_of_rule(f"on lead credit agent measure m {tiers}", "tiered", by_type) == [
        "R0303 'm': measure `m` is kept by fields of `deal`, which this rule does not read"
    ]
