"""Which rows a table's inputs reach, compared with trying every input."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rulesengine.diagnostics import Span
from rulesengine.model.types import NumberType, PercentType, TextType
from rulesengine.plan import nodes
from rulesengine.plan.checks.table_inputs import inputs_of

HERE = Span("t.rules", 1, 1, 1, 2)
TEXTS = ("a", "b")
NUMBERS = tuple(Decimal(n) / 2 for n in range(-1, 8))
"""Values on, between and around the lower ends that `cells` draws."""


def cells(is_number: bool) -> st.SearchStrategy[nodes.Cell]:
    anything: st.SearchStrategy[nodes.Cell] = st.just(nodes.AnyCell(origin=HERE))
    if not is_number:
        named = st.sampled_from(TEXTS).map(lambda text: nodes.EqualsCell(origin=HERE, value=text))
        return anything | named
    ends = st.builds(
        lambda start, side: nodes.FromCell(origin=HERE, start=Decimal(start), is_included=side),
        st.integers(0, 3),
        st.booleans(),
    )
    exact = st.integers(0, 3).map(lambda value: nodes.EqualsCell(origin=HERE, value=Decimal(value)))
    return anything | ends | exact


@st.composite
def tables(draw: st.DrawFn) -> nodes.Table:
    columns = draw(st.lists(st.booleans(), min_size=1, max_size=3))
    value = nodes.Constant(origin=HERE, value=Decimal(0), type=PercentType(), text="0%")
    rows = draw(st.lists(st.tuples(*(cells(is_number) for is_number in columns)), min_size=1, max_size=6))
    return nodes.Table(
        origin=HERE,
        name="t",
        kind="deal",
        keys=tuple(
            nodes.FieldRead(
                origin=HERE,
                root=nodes.Root.ROW,
                names=(f"f{number}",),
                type=NumberType() if is_number else TextType(),
                may_be_missing=False,
                text=f"f{number}",
            )
            for number, is_number in enumerate(columns)
        ),
        rows=tuple(nodes.TableRow(origin=HERE, cells=row, value=value) for row in rows),
        type=PercentType(),
    )


@given(table=tables())
def test_as_if_every_input_were_tried(table: nodes.Table) -> None:
    domains = [NUMBERS if isinstance(key.type, NumberType) else (*TEXTS, "other") for key in table.keys]
    answers = [answer(table, values) for values in product(*domains)]
    found = inputs_of(table, {})
    assert found.reached == {row for row in answers if row is not None}
    assert bool(found.uncovered) == (None in answers)


def answer(table: nodes.Table, values: tuple[Decimal | str, ...]) -> int | None:
    """Return the row that answers by the language reference: texts from the top, nearest lower ends."""
    matching = [
        number
        for number, row in enumerate(table.rows)
        if all(matches(cell, value) for cell, value in zip(row.cells, values, strict=True))
    ]
    if not matching:
        return None
    plain = [
        column
        for column in range(len(table.keys))
        if not any(isinstance(row.cells[column], nodes.FromCell) for row in table.rows)
    ]
    first = [table.rows[matching[0]].cells[column] for column in plain]
    same = [n for n in matching if [table.rows[n].cells[column] for column in plain] == first]
    return max(same, key=lambda number: ([lower_end(c) for c in table.rows[number].cells], -number))


def matches(cell: nodes.Cell, value: Decimal | str) -> bool:
    match cell:
        case nodes.AnyCell():
            return True
        case nodes.EqualsCell(value=wanted):
            return value == wanted
        case nodes.FromCell(start=start, is_included=is_included):
            assert isinstance(start, Decimal) and isinstance(value, Decimal)
            return value > start or (is_included and value == start)


def lower_end(cell: nodes.Cell) -> tuple[Decimal, bool]:
    if isinstance(cell, nodes.FromCell):
        assert isinstance(cell.start, Decimal)
        return (cell.start, not cell.is_included)
    return (Decimal(99 if isinstance(cell, nodes.EqualsCell) else -1), False)
