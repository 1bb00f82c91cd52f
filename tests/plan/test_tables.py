from __future__ import annotations

from decimal import Decimal

import pytest

from rulesengine.model.types import PercentType, TextType
from rulesengine.plan import nodes
from tests.plan.helpers import mistakes, plan_of


def test_a_table_has_keys_cells_and_values() -> None:
    table = plan_of(
        """table t on deal by amount, payee.tier, renewed {
          row from 0 USD, "gold", "yes" gives 14%
          row above 5 USD, any, any gives 9%
          row any, any, any gives 8%
        }"""
    ).tables["t"]
    assert [(key.root, key.names) for key in table.keys] == [
        (nodes.Root.ROW, ("amount",)),
        (nodes.Root.PAYEE, ("tier",)),
        (nodes.Root.ROW, ("renewed",)),
    ]
    assert (table.kind, table.type) == ("deal", PercentType())
    match [row.cells for row in table.rows]:
        case [
            (
                nodes.FromCell(start=zero, is_included=True),
                nodes.EqualsCell(value="gold"),
                nodes.EqualsCell(value=True),
            ),
            (nodes.FromCell(is_included=False), nodes.AnyCell(), nodes.AnyCell()),
            _,
        ]:
            assert zero == Decimal(0)
        case other:
            pytest.fail(str(other))


def test_payee_in_a_table_is_any_kind_that_has_the_field() -> None:
    table = plan_of('table t on deal by payee.team { row "x" gives 1% row any gives 2% }').tables["t"]
    assert table.keys[0].type == TextType()


def test_a_table_is_read_where_its_keys_have_a_meaning() -> None:
    text = """
    table t on deal by payee.tier { row "gold" gives 1% row any gives 2% }
    revenue_share a { on deal pay t of amount }
    revenue_share b { on deal credit partner.manager pay t of amount }
    flat c { on lead credit agent pay t of amount }
    """
    assert mistakes(text) == [
        "R0301 't': table `t` cannot be read here: `agent` has no field `tier`",
        "R0303 't': table `t` is on `deal`, its rows cannot be looked up here",
    ]


def test_a_table_is_read_on_earnings_too() -> None:
    text = """
    table t on deal by type { row any gives 1% }
    revenue_share a { on deal pay 5% of amount }
    revenue_share b { on earnings of a pay t of earning }
    """
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("t on dael by type { row any gives 1% }", "R0301 'dael': unknown fact kind or payee kind `dael`"),
        ("t on deal by tpye { row any gives 1% }", "R0301 'tpye': unknown name `tpye`"),
        ("t on deal by payee.tags { row any gives 1% }", "R0401 'payee.tags': a list cannot be looked up"),
        (
            "amount on deal by type { row any gives 1% }",
            "R0302 'amount': `amount` is already a field of `deal`",
        ),
        (
            "t on deal by type { row any, any gives 1% }",
            "R0222 'row any, any gives 1%': the table has 1 key, this",
        ),
        (
            't on deal by type { row "nwe" gives 2% row any gives 1% }',
            'R0404 \'"nwe"\': `type` is never "nwe"',
        ),
        (
            't on deal by seats { row "a" gives 2% row any gives 1% }',
            "R0401 '\"a\"': units do not fit together",
        ),
        (
            "t on deal by seats { row from 5 USD gives 2% row any gives 1% }",
            "R0401 '5 USD': units do not fit",
        ),
        (
            "t on deal by type { row from 5 gives 2% row any gives 1% }",
            "R0401 'from 5': `from` needs a key that has",
        ),
        (
            't on deal by renewed { row "maybe" gives 2% row any gives 1% }',
            "R0404 '\"maybe\"': `renewed` is a flag",
        ),
        (
            't on deal by type { row "new" gives 2% row any gives 1 USD }',
            "R0401 '1 USD': units do not fit together",
        ),
        ('t on deal by type { row "new" gives 2 EUR row any gives 1 USD }', "R0402 '1 USD': two currencies"),
        ("t on deal by type { row any gives mrr }", "R0501 'mrr': `mrr` may be missing here"),
    ],
)
def test_a_table_that_cannot_be(table: str, wrong: str) -> None:
    assert [message[: len(wrong)] for message in mistakes(f"table {table}")] == [wrong]


def test_a_value_may_be_a_field() -> None:
    text = "table t on deal by type { row any gives payee.rate } revenue_share r { on deal pay t of amount }"
    assert mistakes(text) == []


def test_every_cell_is_looked_at() -> None:
    text = 'table t on deal by type, seats { row "nwe", "x" gives 5 EUX row any, any gives 1% }'
    assert [message.split(" ")[0] for message in mistakes(text)] == ["R0404", "R0401", "R0403"]
