"""`rulesengine explain OUT [PAYEE|LINE]`: how a number came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE

if TYPE_CHECKING:
    from rulesengine.statements.run_folder import RunFolder

_COLUMNS = ("payee_kind", "payee", "period", "total", "currency")


@click.command("explain", short_help=COMMANDS["explain"][1])
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("which", required=False, metavar="[PAYEE|LINE]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(out: Path, which: str | None, as_json: bool) -> int:
    """Show how a statement or a line of a run came about.

    OUT is a run folder. PAYEE prints the payee's statements (written partner:ana if two kinds
    have an ana); LINE is the beginning of a line's id, as statements show it, and prints that
    line with all its numbers and the rule behind it. With neither: who is paid what.
    """
    from rulesengine.statements.explain import explain, explain_data
    from rulesengine.statements.run_folder import read_run

    run = read_run(out)
    if which is None and as_json:
        echo_json([{name: found[name] for name in _COLUMNS} for found in _statements(run)])
    elif which is None:
        _echo_totals(run)
    elif as_json:
        echo_json(explain_data(run, which))
    else:
        click.echo(explain(run, which), nl=False)
    return DONE


def _statements(run: RunFolder) -> Sequence[Mapping[str, Any]]:
    rows: list[dict[str, Any]] = run.table("statements").select(_COLUMNS).to_pylist()
    return rows


def _echo_totals(run: RunFolder) -> None:
    from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
    from rulesengine.statements.numbers import money

    statements = _statements(run)
    found_in = {found["currency"] for found in statements} or {run.terms.currency}
    where = f", in {found_in.pop()}" if len(found_in) == 1 else ""
    click.echo(f"{run.terms.title or run.terms.plan}, {run.period}{where}")
    rows = [
        (
            found["payee_kind"],
            clean(found["payee"]),
            found["period"],
            money(found["total"], found["currency"]),
            found["currency"] * (not where),
        )
        for found in statements
    ]
    for line in aligned(rows, (LEFT, LEFT, LEFT, RIGHT, LEFT)):
        click.echo(f"  {line}")
    if not rows:
        click.echo("  nobody is paid anything in this period")
