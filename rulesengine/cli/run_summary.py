"""What `rulesengine run` prints of a run that was written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rulesengine.cli.print_diagnostics import count_phrase, echo_diagnostics
from rulesengine.diagnostics import Diagnostic
from rulesengine.model.book import Reject

if TYPE_CHECKING:
    from rulesengine.statements.summary import Summary


def summary_json(run: Summary, out: Path) -> dict[str, Any]:
    """Return what `--json` prints."""
    document = run.document
    return {
        "ok": run.ok,
        "out": str(out),
        "plan": document["plan"]["name"],
        "period": document["period"],
        "through": document["through"],
        "engine": document["engine"],
        "instead": run.instead,
        "counts": document["counts"],
        "totals": document["totals"],
        "rules": document["control"]["lines"],
        "rejects": [_reject_json(reject) for reject in run.rejects],
        "warnings": document["warnings"],
        **({"since": run.since.said} if run.since is not None else {}),
    }


def _reject_json(reject: Reject) -> dict[str, Any]:
    names = ("kind", "file", "row", "key", "field", "value", "code", "reason")
    return {name: getattr(reject, name) for name in names}


def echo_summary(run: Summary, out: Path, *, quiet: bool) -> None:
    """Print who is paid what, and the rows that were rejected; of a clean run nothing where quiet."""
    shows_rejects = run.rejects and not (run.ok and quiet)
    # Where nothing is paid, the rows that were rejected are likely why, and are said first.
    rejects_first = shows_rejects and not run.pays_something
    if rejects_first:
        _echo_rejects(run, out)
        click.echo(err=True)
    if not quiet:
        _echo_totals(run, out)
    if shows_rejects and not rejects_first:
        click.echo(err=True)
        _echo_rejects(run, out)


def _echo_totals(run: Summary, out: Path) -> None:
    document = run.document
    counts = document["counts"]
    days = document["period"]
    terms, period = run.heading.terms, run.heading.period
    click.echo(f"{terms.title or terms.plan}, {period}: {days['from']} through {days['through']}")
    click.echo(f"Facts through {document['through']}, engine {document['engine']}\n")
    for line in _rule_table(run):
        click.echo(f"  {line}")
    words = [
        _many(counts["lines"], "line"),
        f"{_many(counts['statements'], 'statement')} of {_many(run.payees, 'payee')}",
    ]
    if counts["other_lines"]:
        words.append(f"{_many(counts['other_lines'], 'line')} payable at other times")
    totals = [f"{_money(each['amount'], each['currency'])} {each['currency']}" for each in document["totals"]]
    click.echo(f"\n{'; '.join(words)}; total {' and '.join(totals) or 'nothing'}")
    if run.warnings:
        click.echo(f"The plan has {count_phrase(run.warnings)}; `rulesengine check` shows them.")
    if not run.is_rendered:
        click.echo(f"No pages were written; `rulesengine statements {out}` writes them.")
    if run.instead:
        click.echo(f"The reference engine did it: {run.instead}.")
    if run.since is not None:
        click.echo(f"Since the earlier run {run.since.said}.")
    click.echo(f"The run folder is {out}")


def _rule_table(run: Summary) -> list[str]:
    from rulesengine.statements.columns import LEFT, RIGHT, aligned

    rows: list[Sequence[str]] = []
    for name, totals in run.document["control"]["lines"].items():
        paid = totals["in_period"]
        if paid["lines"]:
            memo = "memo, not paid" if totals["memo"] else ""
            lines = _many(paid["lines"], "line")
            currency = totals["currency"]
            other = currency if currency != run.heading.terms.currency else ""
            rows.append((name, lines, _money(paid["amount"], currency), other, memo))
    return aligned(rows, (LEFT, RIGHT, RIGHT, LEFT, LEFT)) or ["no rule pays anything in this period"]


def _echo_rejects(run: Summary, out: Path) -> None:
    for reject in run.rejects:
        field = f" {reject.field}" if reject.field else ""
        value = f" `{reject.value}`" if reject.value else ""
        # Not `file:row`, which reads as a line of the file: the header is none of the rows.
        where = f"{reject.file}, data row {reject.row}"
        click.echo(f"{where}: {reject.code}{field}{value}: {reject.reason}", err=True)
    more = run.document["counts"]["rejects"] - len(run.rejects)
    if more:
        click.echo(f"and {more} more in {out / 'rejects.parquet'}", err=True)
    count = run.rejected_rows
    what = f"{_many(count, 'row')} of facts {'was' if count == 1 else 'were'} rejected"
    if run.ok:
        click.echo(f"{what}, as --allow-rejects allows", err=True)
        return
    hint = "nothing should be paid from this run; mend the rows, or say --allow-rejects to go on without them"
    echo_diagnostics([Diagnostic(code="R1202", message=what, place=str(out), hint=hint)], {}, to_stderr=True)


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _money(amount: str, currency: str) -> str:
    from rulesengine.statements.numbers import money

    return money(Decimal(amount), currency)
