"""Why: all statements of a payee, or one line with its numbers, its rule and what it goes back to.

Everything comes from the run folder; nothing is evaluated again.
"""

from __future__ import annotations

import shlex
from typing import Any

from rulesengine.statements.assemble import Entry, Statement, assemble
from rulesengine.statements.besides import PayeeId
from rulesengine.statements.columns import clean
from rulesengine.statements.explain_line import line_data, line_text
from rulesengine.statements.find import find
from rulesengine.statements.render_json import plain_money, statement_json
from rulesengine.statements.render_text import render_besides, render_text
from rulesengine.statements.run_folder import RunFolder


def explain(run: RunFolder, target: str) -> str:
    """Return how a payee's statements, or one line, came about, as text.

    Args:
        run: from `read_run`.
        target: a payee (`ana`, `partner:ana`) or the beginning of a line's id.

    Raises:
        Rejected: R1204, the run has no such payee or line.
    """
    found = find(run, target)
    return line_text(run, found) if isinstance(found, Entry) else _payee_text(run, found)


def explain_data(run: RunFolder, target: str) -> dict[str, Any]:
    """Return what `explain` says as plain data."""
    found = find(run, target)
    return line_data(run, found) if isinstance(found, Entry) else _payee_data(run, found)


def statements_of(run: RunFolder, payee: PayeeId) -> tuple[Statement, ...]:
    """Return the statements of a payee in a run, by period."""
    return assemble(run.lines_of(payee), run.terms, run.through)


def _payee_text(run: RunFolder, payee: PayeeId) -> str:
    statements = statements_of(run, payee)
    blocks = [render_text(statement, with_ids=True) for statement in statements]
    name = f"{clean(payee[1])} ({payee[0]})"
    if not statements:
        blocks.append(f"{name} has no line payable in {run.period}.\n")
    rest = run.besides_of(payee)
    if rest.is_something:
        why = f"`rulesengine why-not {_words(run, payee)} RULE` names the rows."
        blocks.append(render_besides(rest, run.terms.currency, why))
    elif not statements:
        blocks.append(f"No row up to {run.through} credits {name} under any rule.\n")
    return "\n".join(blocks)


def _words(run: RunFolder, payee: PayeeId) -> str:
    """Folder and payee as they are typed."""
    is_shared = sum(key == payee[1] for _, key in run.payees) > 1
    return shlex.join([clean(str(run.path)), clean(":".join(payee) if is_shared else payee[1])])


def _payee_data(run: RunFolder, payee: PayeeId) -> dict[str, Any]:
    rest = run.besides_of(payee)
    return {
        "payee_kind": payee[0],
        "payee": payee[1],
        "period": run.period,
        "statements": [statement_json(statement) for statement in statements_of(run, payee)],
        "other_lines": [
            {
                "rule": pay.rule.name,
                "due": pay.due,
                "lines": pay.lines,
                "amount": plain_money(pay.amount, pay.rule.currency),
                "currency": pay.rule.currency,
            }
            for pay in rest.other_pay
        ],
        "not_earning": [
            {"rule": none.rule.name, "reason": none.reason.value, "rows": none.rows} for none in rest.no_pay
        ],
    }
