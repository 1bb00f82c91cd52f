"""`rulesengine verify OUT --facts DIR`: whether another engine pays the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE, exit_code
from rulesengine.cli.progress import working
from rulesengine.diagnostics import Rejected


@click.command("verify", short_help=COMMANDS["verify"][1])
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--facts", required=True, type=click.Path(exists=True), help="The facts that the run was made of."
)
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False), help="Where the files of facts.yaml lie."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but mistakes.")
def command(out: Path, facts: str, root: str | None, as_json: bool, quiet: bool) -> int:
    """Work a run out again by another engine and compare every row.

    OUT is a run folder of any engine; its own copy of the plan is used. The reference engine judges all
    others, and DuckDB the reference engine. Facts or rules that have changed since are told, and so is
    every line, statement, row that earned nothing, reject, figure and page that is another: exit code 1.
    It takes as long as the reference engine does, which holds all facts in memory.
    """
    from rulesengine.statements.numbers import money
    from rulesengine.verify import verify

    try:
        with working("working it out again", quiet=quiet):
            found = verify(out, facts=facts, root=root)
    except Rejected as rejected:
        if as_json:
            echo_json({"ok": False, "diagnostics": [each.as_json() for each in rejected.diagnostics]})
            return exit_code(rejected)
        raise
    run = found.run
    totals = run.document["totals"]
    if as_json:
        echo_json(
            {
                "ok": True,
                "engine": run.document.get("engine"),
                "judge": found.judge,
                "rows": found.rows,
                "totals": totals,
            }
        )
    elif not quiet:
        rows = found.rows
        click.echo(f"{run.terms.title or run.terms.plan}, {run.period}: {found.judge} says the same")
        click.echo(
            f"{rows['lines']:,} lines, {rows['other_lines']:,} payable at other times, {rows['statements']:,}"
            f" statements, {rows['not_earning']:,} rows that earned nothing, {rows['rejects']:,} rejects,"
            " and all control totals"
        )
        for total in totals:
            click.echo(f"total {money(Decimal(total['amount']), total['currency'])} {total['currency']}")
    return DONE
