"""Values of any stage as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from rulesengine.cli.as_json import as_json
from rulesengine.diagnostics import Severity, Span
from rulesengine.model.dates import DateRange


@dataclass(frozen=True)
class _Node:
    amount: Decimal
    inner: tuple[object, ...]


def test_nodes_and_exact_numbers() -> None:
    """Nodes say what they are; numbers are text without an exponent."""
    node = _Node(Decimal("1E+3"), (Fraction(1, 3), None, True, Severity.ERROR))
    assert as_json(node) == {"node": "_Node", "amount": "1000", "inner": ["1/3", None, True, "error"]}


def test_dates_spans_and_mappings() -> None:
    """Dates are ISO text, spans are places, and any key becomes text."""
    assert as_json({date(2026, 1, 31): Span("a", 1, 2, 3, 4)}) == {"2026-01-31": "a:1:2"}
    days = DateRange(date(2026, 1, 1), date(2026, 1, 2))
    assert as_json({days: frozenset({"b", "a"})}) == {
        '{"node": "DateRange", "start": "2026-01-01", "end": "2026-01-02"}': ["a", "b"]
    }


def test_a_float_is_refused() -> None:
    """Nothing that is a float ever reaches the output."""
    with pytest.raises(TypeError):
        as_json(0.5)
