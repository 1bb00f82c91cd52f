"""Statements as case files hold them: a line of text for each line, then the total."""

from __future__ import annotations

from rulesengine.engines.results import PARTS_OF_STATEMENTS, Part
from rulesengine.statements.assemble import Entry, Statement
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
from rulesengine.statements.numbers import money

_UNNAMED = frozenset((Part.BASE, Part.BAND, Part.INSTALMENT, Part.PRIZE, *PARTS_OF_STATEMENTS))
"""Parts that the trace names, or that need no name."""


def compact_statement(statement: Statement, with_kind: bool = False) -> str:
    """Return the statement as text: a header, its lines in order, the total, memo lines.

    Columns: rule, fact, part where it is not plain, payable date, amount, how it came about.

    Args:
        statement: any statement.
        with_kind: write the payee as `agent:ana`, where another kind has a payee of that name.
    """
    payee = f"{statement.payee_kind}:{statement.payee}" if with_kind else statement.payee
    lines = [f"--- statement {clean(payee)} {statement.period}"]
    lines += _lines(statement.entries, statement.currency)
    lines.append(f"total {money(statement.total, statement.currency)} {statement.currency}")
    lines += [f"memo {line}" for line in _lines(statement.memo_entries, statement.currency)]
    return "\n".join(lines) + "\n"


def _lines(entries: tuple[Entry, ...], currency: str) -> list[str]:
    rows = []
    for entry in entries:
        line = entry.line
        rows.append(
            (
                line.rule,
                clean(line.fact_id) or "-",
                "" if line.part in _UNNAMED else line.part.value,
                line.payable_on.isoformat() if line.payable_on else "waits",
                money(line.settles, line.shown_in),
                line.shown_in if line.shown_in != currency else "",
                clean(entry.trace),
            )
        )
    # A memo may be in another currency than the statement.
    return aligned(rows, (LEFT, LEFT, LEFT, LEFT, RIGHT, LEFT, LEFT))
