"""Quotas must be above zero: attainment divides by them."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.intake.problems import Rejects
from rulesengine.intake.rows import AMOUNT, Section, Sort
from rulesengine.model.money import Money


def check_amounts(section: Section, rejects: Rejects) -> None:
    """Reject quotas of zero or less; a payee without a quota has no row."""
    if section.sort is not Sort.QUOTA:
        return
    for row in section.rows:
        value = row.values.get(AMOUNT)
        amount = value.amount if isinstance(value, Money) else value
        if isinstance(amount, Decimal) and amount <= 0:
            reason = "a quota must be above zero; leave the row out where there is none"
            rejects.add(section.name, row, "R1112", reason, field=AMOUNT, value=amount)
