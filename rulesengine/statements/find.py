"""Finds what a command line names in a run folder: payees, lines, rules, facts."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.diagnostics import Diagnostic, Rejected, did_you_mean
from rulesengine.statements.assemble import Entry
from rulesengine.statements.besides import PayeeId
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.terms import RuleTerms

_LEAST_PREFIX = 4
_MOST_COMPARED = 100_000
"""So many rows are looked through for a key like one that there is not."""


def find(run: RunFolder, target: str) -> PayeeId | Entry:
    """Return the payee of that name, else the line whose id begins so.

    Raises:
        Rejected: R1204, there is neither, or several are meant.
    """
    if _payees(run, target):
        return find_payee(run, target)
    if run.terms.rule(target) is not None:
        hint = f"name a payee; `rulesengine why-not OUT PAYEE {target}` shows what a rule did not pay"
        message = f"`{target}` is a rule, not a payee or a line"
        raise Rejected([Diagnostic(code="R1204", message=message, hint=hint)])
    is_long = len(target) >= _LEAST_PREFIX
    lines = run.lines_where(starts="line_id", line_id=target) if is_long else ()
    if not lines:
        raise _unknown(f"the run has no payee and no line `{target}`", target, _names(run))
    if len(lines) > 1:
        raise _several(f"{len(lines)} lines begin with `{target}`", "write more of the line's id")
    return lines[0]


def find_payee(run: RunFolder, text: str) -> PayeeId:
    """Return kind and key of a payee written as `ana` or `partner:ana`.

    Raises:
        Rejected: R1204, there is none, or payees of several kinds have that key.
    """
    found = _payees(run, text)
    if not found:
        raise _unknown(f"the run has no payee `{text}`", text, _names(run))
    if len(found) > 1:
        kinds = " and ".join(f"`{kind}`" for kind, _ in found)
        raise _several(f"{kinds} each have a `{text}`", f"write `{found[0][0]}:{text}`")
    return found[0]


def find_rule(run: RunFolder, name: str) -> RuleTerms:
    """Return the rule of that name.

    Raises:
        Rejected: R1204, the plan of the run has none.
    """
    rule = run.terms.rule(name)
    if rule is None:
        raise _unknown(f"the plan has no rule `{name}`", name, (rule.name for rule in run.terms.rules))
    return rule


def find_fact(run: RunFolder, kind: str, key: str) -> str:
    """Return the key of a fact of a kind that the run has looked at, or that it rejected.

    Raises:
        Rejected: R1204, there is none.
    """
    places = (
        ("not_earning", {"fact": kind, "fact_id": key}),
        ("lines", {"fact": kind, "fact_id": key}),
        ("other_lines", {"fact": kind, "fact_id": key}),
        ("rejects", {"kind": kind, "key": key}),
    )
    if not any(run.rows_where(name, **values).num_rows for name, values in places):
        raise _unknown(f"the run has no {kind} `{key}`", key, _facts(run, kind))
    return key


def _facts(run: RunFolder, kind: str) -> set[str]:
    """Return the keys of a kind's facts, to find the nearest; none where there are too many."""
    counts = run.document["counts"]
    if sum(counts[name] for name in ("not_earning", "lines", "other_lines", "rejects")) > _MOST_COMPARED:
        return set()
    known = {row["fact_id"] for row in run.not_earning if row["fact"] == kind}
    lines = (*run.entries, *(entry for entry, _ in run.other_entries))
    known |= {entry.line.fact_id for entry in lines if entry.line.fact == kind}
    return known | {row["key"] for row in run.rejects if row["kind"] == kind}


def _payees(run: RunFolder, text: str) -> list[PayeeId]:
    return [(kind, payee) for kind, payee in run.payees if text in (payee, f"{kind}:{payee}")]


def _names(run: RunFolder) -> list[str]:
    return [payee for _, payee in run.payees]


def _unknown(message: str, word: str, known: Iterable[str]) -> Rejected:
    return Rejected([Diagnostic(code="R1204", message=message, hint=did_you_mean(word, known))])


def _several(message: str, hint: str) -> Rejected:
    return Rejected([Diagnostic(code="R1204", message=message, hint=hint)])
