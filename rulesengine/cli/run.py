"""`rulesengine run PLAN --facts DIR --period P --out DIR`: who earned what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE, INPUT_IS_WRONG, exit_code
from rulesengine.cli.find_plan import plan_path
from rulesengine.cli.print_diagnostics import count_phrase, echo_diagnostics
from rulesengine.cli.progress import working
from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.model.book import Reject
from rulesengine.pipeline import evaluate, load_plan

if TYPE_CHECKING:
    from rulesengine.statements.run import Run

_SHOWN_REJECTS = 10


@click.command("run", short_help=COMMANDS["run"][1])
@click.argument("plan")
@click.option(
    "--facts", required=True, type=click.Path(exists=True), help="Folder or facts.yaml with the input."
)
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False), help="Where the files of facts.yaml lie."
)
@click.option("--period", required=True, help="What is paid: 2026-09, 2026-Q3, 2026-01..2026-09.")
@click.option("--through", metavar="DATE", help="Last day of facts; the last of the period if not given.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the run to.")
@click.option("--engine", default="reference", show_default=True, help="What evaluates the plan.")
@click.option("--allow-rejects", is_flag=True, help="Exit with 0 even if rows were rejected.")
@click.option(
    "--statements",
    "pages",
    type=click.Choice(["all", "none", "auto"]),
    default="auto",
    show_default=True,
    help="Write a page for each payee; auto: unless there are over 100,000 lines.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but mistakes.")
def command(
    plan: str,
    facts: str,
    root: str | None,
    period: str,
    through: str | None,
    out: Path,
    engine: str,
    allow_rejects: bool,
    pages: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Evaluate a plan over facts and write a run folder.

    PLAN is a .rules file or a folder of them. A run folder of the same name is replaced. If rows
    of facts are rejected, the folder is still written, so that its rejects can be looked at, but
    the exit code is 1 and nothing should be paid from it; --allow-rejects says otherwise.
    `rulesengine statements OUT` writes the pages later where a run left them out.
    """
    path = plan_path(plan)
    try:
        _check_apart(out, path, Path(facts))
        with working("evaluating", quiet=quiet):
            run = evaluate(
                load_plan(path),
                facts=facts,
                period=period,
                through=through,
                root=root,
                allow_rejects=allow_rejects,
                engine=engine,
            )
        with working("writing the run folder", quiet=quiet):
            run.write(out, pages)
    except Rejected as rejected:
        if as_json:
            echo_json({"ok": False, "diagnostics": [found.as_json() for found in rejected.diagnostics]})
            return exit_code(rejected)
        raise
    if as_json:
        echo_json(_summary(run, out))
        return DONE if run.ok else INPUT_IS_WRONG
    shows_rejects = run.reject_values and not (run.ok and quiet)
    # Where nothing is paid, the rows that were rejected are likely why, and are said first.
    rejects_first = shows_rejects and all(entry.line.memo for entry in run.entries)
    if rejects_first:
        _echo_rejects(run, out)
        click.echo(err=True)
    if not quiet:
        _echo_summary(run, out)
    if shows_rejects and not rejects_first:
        click.echo(err=True)
        _echo_rejects(run, out)
    return DONE if run.ok else INPUT_IS_WRONG


def _check_apart(out: Path, plan: Path, facts: Path) -> None:
    """Refuse a run folder that would replace the plan or the facts, or stand among the facts.

    Raises:
        Rejected: R1203.
    """
    target = out.resolve()
    homes = {"plan": plan, "facts": facts}
    folders = {what: (path if path.is_dir() else path.parent).resolve() for what, path in homes.items()}
    for what, folder in folders.items():
        if folder.is_relative_to(target):
            what_is = "is" if what == "plan" else "are"
            raise _misplaced(out, f"the {what} {what_is} there, and would be replaced")
    # A project whose facts lie beside its plan has one folder for all.
    is_project = folders["plan"].is_relative_to(folders["facts"])
    if facts.is_dir() and target.is_relative_to(folders["facts"]) and not is_project:
        raise _misplaced(out, "it would stand among the facts")


def _misplaced(out: Path, why: str) -> Rejected:
    message = f"run folder `{out}`: {why}"
    hint = "name a folder of its own, such as `--out out`"
    return Rejected([Diagnostic(code="R1203", message=message, place=str(out), hint=hint)])


def _summary(run: Run, out: Path) -> dict[str, Any]:
    document = run.document
    return {
        "ok": run.ok,
        "out": str(out),
        "plan": document["plan"]["name"],
        "period": document["period"],
        "through": document["through"],
        "counts": document["counts"],
        "totals": document["totals"],
        "rules": document["control"]["lines"],
        "rejects": [_reject_json(reject) for reject in run.reject_values[:_SHOWN_REJECTS]],
        "warnings": document["warnings"],
    }


def _reject_json(reject: Reject) -> dict[str, Any]:
    names = ("kind", "file", "row", "key", "field", "value", "code", "reason")
    return {name: getattr(reject, name) for name in names}


def _echo_summary(run: Run, out: Path) -> None:
    document = run.document
    counts = document["counts"]
    days = document["period"]
    click.echo(f"{run.terms.title or run.terms.plan}, {run.period}: {days['from']} through {days['through']}")
    click.echo(f"Facts through {document['through']}, engine {document['engine']}\n")
    for line in _rule_table(run):
        click.echo(f"  {line}")
    payees = len({(statement.payee_kind, statement.payee) for statement in run.statement_values})
    words = [
        _many(counts["lines"], "line"),
        f"{_many(counts['statements'], 'statement')} of {_many(payees, 'payee')}",
    ]
    if counts["other_lines"]:
        words.append(f"{_many(counts['other_lines'], 'line')} payable at other times")
    totals = [f"{_money(each['amount'], each['currency'])} {each['currency']}" for each in document["totals"]]
    click.echo(f"\n{'; '.join(words)}; total {' and '.join(totals) or 'nothing'}")
    if run.warnings:
        click.echo(f"The plan has {count_phrase(run.warnings)}; `rulesengine check` shows them.")
    click.echo(f"The run folder is {out}")


def _rule_table(run: Run) -> list[str]:
    from rulesengine.statements.columns import LEFT, RIGHT, aligned

    rows: list[Sequence[str]] = []
    for name, totals in run.document["control"]["lines"].items():
        paid = totals["in_period"]
        if paid["lines"]:
            memo = "memo, not paid" if totals["memo"] else ""
            lines = _many(paid["lines"], "line")
            currency = totals["currency"]
            other = currency if currency != run.terms.currency else ""
            rows.append((name, lines, _money(paid["amount"], currency), other, memo))
    return aligned(rows, (LEFT, RIGHT, RIGHT, LEFT, LEFT)) or ["no rule pays anything in this period"]


def _echo_rejects(run: Run, out: Path) -> None:
    rejects = run.reject_values
    shown = rejects[:_SHOWN_REJECTS]
    for reject in shown:
        field = f" {reject.field}" if reject.field else ""
        value = f" `{reject.value}`" if reject.value else ""
        click.echo(f"{reject.file}:{reject.row}: {reject.code}{field}{value}: {reject.reason}", err=True)
    if len(rejects) > len(shown):
        click.echo(f"and {len(rejects) - len(shown)} more in {out / 'rejects.parquet'}", err=True)
    count = len({(reject.file, reject.row) for reject in rejects})
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
