"""Statements as JSON: every amount and number as text, so that no reader turns it into a float."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rulesengine.model.exact import Exact, as_text
from rulesengine.statements.assemble import Entry, RuleGroup, Statement
from rulesengine.statements.numbers import money

_NUMBERS = (
    "measure_before",
    "measure_after",
    "target",
    "band_from",
    "towards_next",
    "base",
    "original",
    "converted",
    "exchange_rate",
    "share",
    "rate",
    "rate_before",
    "units",
    "times",
    "counted_before",
    "counted_after",
    "counted_above",
    "package",
    "rounded_from",
    "whole",
    "weight",
    "weights",
    "shared",
    "paid_rate",
)
_TEXTS = (
    *("measure_unit", "window", "scope", "base_of", "base_how", "counted_unit"),
    *("original_currency", "exchange_how", "exchange_rates", "paid_how", "paid_rates"),
    *("corrects", "from_line", "prize"),
)
_DATES = ("exchange_on", "paid_on")
_COUNTS = ("part_number", "part_count", "level", "days", "days_of")


def render_json(statements: Iterable[Statement]) -> str:
    """Return the statements as a JSON text: a list in the order given, a statement a line."""
    # Without indentation the standard library writes many times faster, which counts for a page
    # of thousands of lines.
    found = (json.dumps(statement_json(statement), ensure_ascii=False) for statement in statements)
    return "[\n" + ",\n".join(found) + "\n]\n"


def statement_json(statement: Statement) -> dict[str, Any]:
    """Return a statement as plain data."""
    return {
        "plan": statement.plan,
        "title": statement.title,
        "payee_kind": statement.payee_kind,
        "payee": statement.payee,
        "period": statement.period,
        "first_day": statement.days.start.isoformat(),
        "last_day": statement.days.end.isoformat(),
        "through": statement.through.isoformat(),
        "currency": statement.currency,
        "rules": [_group_json(group) for group in statement.groups],
        "prizes": [_group_json(group) for group in statement.prizes],
        "memo": [_group_json(group) for group in statement.memos],
        "total": plain_money(statement.total, statement.currency),
        "balances": _balances_json(statement),
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return a line as plain data; what is not given is left out."""
    line = entry.line
    data: dict[str, Any] = {
        "line_id": entry.line_id,
        "rule": line.rule,
        "part": line.part.value,
        "fact": line.fact,
        "fact_id": line.fact_id,
        "earned_on": line.earned_on.isoformat(),
        "payable_on": line.payable_on.isoformat() if line.payable_on else None,
        "amount": plain_money(line.amount, line.currency),
        "currency": line.currency,
        "trace": entry.trace,
        "exact": as_text(line.exact),
    }
    data |= {name: getattr(line, name) for name in _COUNTS if getattr(line, name)}
    data |= {name: as_text(getattr(line, name)) for name in _NUMBERS if getattr(line, name) is not None}
    data |= {name: getattr(line, name) for name in _TEXTS if getattr(line, name)}
    data |= {name: getattr(line, name).isoformat() for name in _DATES if getattr(line, name)}
    if line.paid is not None:
        data |= {"paid": plain_money(line.paid, line.paid_currency), "paid_currency": line.paid_currency}
    if line.band_above:
        data["band_above"] = True
    if line.package_full:
        data["package_full"] = True
    return {**data, "memo": line.memo, "span": line.span}


def plain_money(value: Exact, currency: str) -> str:
    """Return an amount with the currency's minor digits and no grouping: `1234.50`."""
    return money(value, currency).replace(",", "")


def _balances_json(statement: Statement) -> dict[str, Any]:
    currency = statement.currency
    data: dict[str, Any] = {}
    owed, carried = statement.balances.owed, statement.balances.carried
    if owed is not None:
        data["owed"] = {
            "before": plain_money(owed.before, currency),
            "advanced": plain_money(owed.advanced, currency),
            "paid_back": plain_money(owed.paid_back, currency),
            "after": plain_money(owed.after, currency),
        }
    if carried is not None:
        data["carried"] = {
            "brought_forward": plain_money(carried.brought, currency),
            "from_period": carried.from_period,
            "carried_forward": plain_money(carried.forward, currency),
        }
    return data


def _group_json(group: RuleGroup) -> dict[str, Any]:
    rule = group.rule
    return {
        "rule": rule.name,
        "title": rule.title,
        "kind": rule.kind,
        "rounding": rule.rounding,
        "methods": list(rule.methods),
        "span": rule.span,
        "lines": [entry_json(entry) for entry in group.entries],
        "currency": group.currency,
        "subtotal": plain_money(group.subtotal, group.currency),
    }
