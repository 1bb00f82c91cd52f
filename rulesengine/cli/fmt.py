"""`rulesengine fmt PATH`: rules in their one canonical layout."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.cli.entry import COMMANDS, DONE, INPUT_IS_WRONG
from rulesengine.cli.find_plan import plan_path
from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.language.format import format_file
from rulesengine.language.parse import parse_text
from rulesengine.language.source import read_sources


@click.command("fmt", short_help=COMMANDS["fmt"][1])
@click.argument("path", required=False)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if a file would change."
)
def command(path: str | None, only_check: bool) -> int:
    """Write rules in their one canonical layout.

    PATH is a .rules file or a folder of them. There is nothing to choose: one plan, one layout.
    Comments are kept. A file is written only if what is written reads back as the same plan with
    the same comments; if any file has a syntax mistake, none is written.
    """
    sources = read_sources(plan_path(path))
    formatted = _formatted(sources)
    changed = [name for name, text in formatted.items() if Path(name).read_bytes() != text.encode()]
    for name in changed:
        if not only_check:
            Path(name).write_bytes(formatted[name].encode())
        click.echo(f"{'would change' if only_check else 'changed'} {name}")
    same = len(formatted) - len(changed)
    click.echo(f"{same} {'file was' if same == 1 else 'files were'} in their layout already")
    return INPUT_IS_WRONG if only_check and changed else DONE


def _formatted(sources: dict[str, str]) -> dict[str, str]:
    """Return the text of each file in its layout, proved to mean the same.

    Raises:
        Rejected: with the syntax mistakes of all files.
    """
    problems: list[Diagnostic] = []
    formatted: dict[str, str] = {}
    for name, text in sources.items():
        try:
            formatted[name] = format_file(parse_text(text, name))
        except Rejected as rejected:
            problems += rejected.diagnostics
    if problems:
        raise Rejected(problems, sources)
    return formatted
