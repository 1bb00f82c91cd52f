"""A select that reads the same things many times is cut into layers that name them."""

from __future__ import annotations

from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.expressions import Call, Column, Sort, chosen, compared, integer
from rulesengine.engines.sql.once import in_layers
from rulesengine.engines.sql.relations import Select

AMOUNT = Column("r", "amount", Sort.INT, True)
LIMIT = Column("j1", "limit", Sort.INT, False)


def doubled(steps: int) -> Call:
    """Return an amount that is added to itself again and again: 2**steps parts, written out."""
    found = Call("+", (AMOUNT, LIMIT), Sort.INT)
    for _ in range(steps):
        found = Call("+", (found, found), Sort.INT)
    return found


def select(**columns: Call) -> Select:
    return Select(tuple(columns.items()), source="facts", alias="r")


def test_a_small_select_is_left_as_it_is():
    small = select(total=doubled(4))
    assert in_layers(small) == [small]


def test_what_doubles_with_every_step_is_written_once_for_each():
    *before, last = in_layers(select(total=doubled(40)))
    assert len(before) == 39
    assert sum(len(DuckDB().body(layer)) for layer in (*before, last)) < 40 * 200
    assert [name for name, _ in last.columns] == ["total"]
    assert before[0].source == "facts"


def test_columns_of_joined_tables_keep_their_names_apart():
    tests = [(compared(doubled(12), ">", integer(9)), Column("j1", "amount", Sort.INT))]
    layers = in_layers(select(total=doubled(12), other=chosen(tests, AMOUNT)))
    handed_on = {name for layer in layers[:-1] for name, _ in layer.columns}
    assert {"r.amount", "j1.amount"} <= handed_on


def test_what_may_fail_is_not_worked_out_for_rows_that_do_not_ask_for_it():
    failing = Call("raise", (Column("r", "message", Sort.TEXT),), Sort.INT)
    guarded = chosen([(compared(AMOUNT, ">", integer(0)), Call("+", (failing, failing), Sort.INT))], AMOUNT)
    layers = in_layers(select(total=doubled(12), one=guarded, other=Call("+", (guarded, AMOUNT), Sort.INT)))
    assert len(layers) > 1
    for layer in layers[:-1]:
        for name, expr in layer.columns:
            assert "error(" not in DuckDB().expr(expr) or "case when" in DuckDB().expr(expr), name
