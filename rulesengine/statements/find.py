"""Finds what a command line names in a run folder: payees, lines, rules, facts."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.diagnostics import Diagnostic, Rejected, did_you_mean
from rulesengine.statements.assemble import Entry
from rulesengine.statements.besides import PayeeId
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.terms import RuleTerms

_LEAST_PREFIX = 4


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
    lines = [entry for entry in run.by_id.values() if entry.line_id.startswith(target)]
    if len(target) < _LEAST_PREFIX or not lines:
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
    known = {row["fact_id"] for row in run.not_earning if row["fact"] == kind}
    known |= {entry.line.fact_id for entry in run.by_id.values() if entry.line.fact == kind}
    known |= {row["key"] for row in run.rejects if row["kind"] == kind}
    if key not in known:
        raise _unknown(f"the run has no {kind} `{key}`", key, known)
    return key


def _payees(run: RunFolder, text: str) -> list[PayeeId]:
    return [(kind, payee) for kind, payee in run.payees if text in (payee, f"{kind}:{payee}")]


def _names(run: RunFolder) -> list[str]:
    return [payee for _, payee in run.payees]


def _unknown(message: str, word: str, known: Iterable[str]) -> Rejected:
    return Rejected([Diagnostic(code="R1204", message=message, hint=did_you_mean(word, known))])


def _several(message: str, hint: str) -> Rejected:
    return Rejected([Diagnostic(code="R1204", message=message, hint=hint)])
