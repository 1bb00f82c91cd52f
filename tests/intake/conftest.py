"""Every test of intake reads its facts by the intake in SQL too, which must say the same."""

from __future__ import annotations

import pytest

from tests.intake import shapes
from tests.intake.by_sql.parity import both


@pytest.fixture(autouse=True)
def _both_intakes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (shapes, request.module):
        if hasattr(module, "read_book"):
            monkeypatch.setattr(module, "read_book", both)
