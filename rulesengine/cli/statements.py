"""`rulesengine statements OUT [PAYEE]`: the pages of a run that was written without them."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.cli.entry import COMMANDS, DONE
from rulesengine.cli.progress import working
from rulesengine.cli.stop import Stop


@click.command("statements", short_help=COMMANDS["statements"][1])
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("payee", required=False)
@click.option("--quiet", is_flag=True, help="Print nothing but mistakes.")
@click.pass_obj
def command(stop: Stop, out: Path, payee: str | None, quiet: bool) -> int:
    """Write the statements of a run as pages: text, JSON, CSV and HTML.

    OUT is a run folder; the pages are written to its folder `statements`, for every payee or for
    PAYEE (written partner:ana if two kinds have an ana). `run` writes them itself unless there are
    very many lines, or --statements none was said.
    """
    from rulesengine.statements.columns import clean
    from rulesengine.statements.find import find_payee
    from rulesengine.statements.names import statement_file
    from rulesengine.statements.render_folder import render_all, render_payee
    from rulesengine.statements.run_folder import read_run

    run = read_run(out)
    if payee is None:
        with working("writing the pages", quiet=quiet):
            count = render_all(run)
        stop.left = "the pages are in place"
        said = f"{count:,} payee{'' if count == 1 else 's'}: {out / 'statements'}"
    else:
        who = find_payee(run, payee)
        base = out / statement_file(*who)
        said = (
            f"{base}.txt" if render_payee(run, who) else f"{clean(who[1])} has no statement in {run.period}"
        )
    if not quiet:
        click.echo(said)
    return DONE
