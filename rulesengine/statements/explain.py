"""Why: all statements of a payee, or one line with its numbers, its rule and what it goes back to.

Everything comes from the run folder; nothing is evaluated again.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rulesengine.engines.results import Line, Reason
from rulesengine.statements.assemble import Entry, Statement, assemble, total_of
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
from rulesengine.statements.explain_line import line_data, line_text
from rulesengine.statements.find import PayeeId, find
from rulesengine.statements.numbers import money
from rulesengine.statements.render_json import statement_json
from rulesengine.statements.render_text import render_text
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.trace import REASONS


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
    own = [e for e in run.entries if (e.line.payee_kind, e.line.payee) == payee]
    return assemble(own, run.terms, run.through)


def _payee_text(run: RunFolder, payee: PayeeId) -> str:
    statements = statements_of(run, payee)
    blocks = [render_text(statement, with_ids=True) for statement in statements]
    name = f"{clean(payee[1])} ({payee[0]})"
    if not statements:
        blocks.append(f"{name} has no line payable in {run.period}.\n")
    others = _others(run, payee)
    if others:
        rows = [
            (f"  {rule}", due, f"{count:,} line{'s' * (count > 1)}", amount)
            for rule, due, count, amount in others
        ]
        table = aligned(rows, (LEFT, LEFT, RIGHT, RIGHT))
        blocks.append("\n".join(["Payable at other times", *table]) + "\n")
    reasons = _reasons(run, payee)
    if reasons and not statements:
        counted = [(f"  {rule}", str(count), REASONS[reason]) for rule, reason, count in reasons]
        table = aligned(counted, (LEFT, RIGHT, LEFT))
        blocks.append("\n".join([f"Rows that earned {name} nothing, by rule", *table]) + "\n")
    if not statements and not reasons and not others:
        blocks.append(f"No row up to {run.through} credits {name} under any rule.\n")
    if reasons:
        count = sum(count for _, _, count in reasons)
        blocks.append(f"Rows that earned {name} nothing: {count:,}. `why-not` with a rule says why.\n")
    return "\n".join(blocks)


def _payee_data(run: RunFolder, payee: PayeeId) -> dict[str, Any]:
    return {
        "payee_kind": payee[0],
        "payee": payee[1],
        "period": run.period,
        "statements": [statement_json(statement) for statement in statements_of(run, payee)],
        "other_lines": [
            {"rule": rule, "due": due, "lines": count, "amount": amount.replace(",", "")}
            for rule, due, count, amount in _others(run, payee)
        ],
        "not_earning": [
            {"rule": rule, "reason": reason.value, "rows": count}
            for rule, reason, count in _reasons(run, payee)
        ],
    }


def _others(run: RunFolder, payee: PayeeId) -> list[tuple[str, str, int, str]]:
    """Rule, when due, number and sum of the payee's lines that are payable at other times."""
    found: dict[tuple[str, str], list[Line]] = {}
    for entry, due in run.other_entries:
        if (entry.line.payee_kind, entry.line.payee) == payee:
            found.setdefault((entry.line.rule, due), []).append(entry.line)
    currency = run.terms.currency
    return [(rule, due, len(lines), money(total_of(lines), currency)) for (rule, due), lines in found.items()]


def _reasons(run: RunFolder, payee: PayeeId) -> list[tuple[str, Reason, int]]:
    """Rule, reason and number of rows that earned the payee nothing, in plan order."""
    counts = Counter(
        (row["rule"], Reason(row["reason"]))
        for row in run.not_earning
        if (row["payee_kind"], row["payee"]) == payee
    )
    order = {rule.name: index for index, rule in enumerate(run.terms.rules)}
    found = [(rule, reason, count) for (rule, reason), count in counts.items()]
    return sorted(found, key=lambda item: (order[item[0]], item[1]))
