"""`rulesengine check [PLAN]`: every mistake of a plan at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE, INPUT_IS_WRONG
from rulesengine.cli.find_plan import plan_path
from rulesengine.cli.print_diagnostics import count_phrase, echo_diagnostics
from rulesengine.diagnostics import Diagnostic, Rejected, Severity
from rulesengine.language.parse import parse
from rulesengine.language.source import read_sources
from rulesengine.plan.check import check_and_lower


@click.command("check", short_help=COMMANDS["check"][1])
@click.argument("plan", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the mistakes as JSON.")
def command(plan: str | None, as_json: bool) -> int:
    """Print every mistake of a plan at once.

    PLAN is a .rules file or a folder of them. Without it: the plan in the current folder, or in
    rules/, or the only one in a folder of rules/. Exits with 1 if there is an error; warnings
    alone exit with 0.
    """
    path = plan_path(plan)
    diagnostics, sources = find_mistakes(path)
    if as_json:
        errors = sum(found.severity is Severity.ERROR for found in diagnostics)
        echo_json(
            {
                "plan": str(path),
                "errors": errors,
                "warnings": len(diagnostics) - errors,
                "diagnostics": [found.as_json() for found in diagnostics],
            }
        )
    else:
        echo_diagnostics(diagnostics, sources)
        if diagnostics:
            click.echo()
        click.echo(f"{path}: {count_phrase(diagnostics)}")
    is_wrong = any(found.severity is Severity.ERROR for found in diagnostics)
    return INPUT_IS_WRONG if is_wrong else DONE


def find_mistakes(path: Path) -> tuple[tuple[Diagnostic, ...], Mapping[str, str]]:
    """Return all errors and warnings of the plan at a path, and the text of its files."""
    sources: Mapping[str, str] = {}
    try:
        sources = read_sources(path)
        checked = check_and_lower(parse(sources))
    except Rejected as rejected:
        return rejected.diagnostics, {**sources, **rejected.sources}
    return tuple(checked.warnings), sources
