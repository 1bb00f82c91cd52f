"""Statements as CSV: one row a line, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from rulesengine.model.exact import as_text
from rulesengine.statements.assemble import Entry, Statement
from rulesengine.statements.render_json import plain_money

HEADER = (
    "payee_kind",
    "payee",
    "period",
    "rule",
    "part",
    "part_number",
    "part_count",
    "fact",
    "fact_id",
    "earned_on",
    "payable_on",
    "amount",
    "currency",
    "on_statement",
    "statement_currency",
    "paid",
    "prize",
    "how",
    "exact",
    "line_id",
)


def render_csv(statements: Iterable[Statement]) -> str:
    """Return the statements as one CSV with a header; memo lines have `paid` no.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for statement in statements:
        for entry in (*statement.entries, *statement.memo_entries):
            writer.writerow(_row(statement, entry))
    return out.getvalue()


def _row(statement: Statement, entry: Entry) -> tuple[str, ...]:
    line = entry.line
    return (
        statement.payee_kind,
        _text(statement.payee),
        statement.period,
        line.rule,
        line.part.value,
        str(line.part_number or ""),
        str(line.part_count or ""),
        line.fact,
        _text(line.fact_id),
        line.earned_on.isoformat(),
        line.payable_on.isoformat() if line.payable_on else "",
        plain_money(line.amount, line.currency),
        line.currency,
        plain_money(line.settles, line.shown_in),
        line.shown_in,
        "no" if line.memo else "yes",
        _text(line.prize),
        _text(entry.trace),
        as_text(line.exact),
        entry.line_id,
    )


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
