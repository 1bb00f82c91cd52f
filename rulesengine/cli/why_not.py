"""`rulesengine why-not OUT PAYEE RULE [FACT]`: why there is no number."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE


@click.command("why-not", short_help=COMMANDS["why-not"][1])
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("payee")
@click.argument("rule")
@click.argument("fact", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(out: Path, payee: str, rule: str, fact: str | None, as_json: bool) -> int:
    """Show why a rule paid a payee nothing for a fact.

    Prints which condition failed, with the values, and how far it is to the next band. Without
    FACT: all rows that earned the payee nothing under the rule, by reason.
    """
    from rulesengine.statements.run_folder import read_run
    from rulesengine.statements.why_not import why_not, why_not_data

    run = read_run(out)
    if as_json:
        echo_json(why_not_data(run, payee, rule, fact))
    else:
        click.echo(why_not(run, payee, rule, fact), nl=False)
    return DONE
