"""`rulesengine new DIR`: a small working project to start from."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.cli.entry import COMMANDS

_PROJECT = Path(__file__).parent / "new_project"


@click.command("new", short_help=COMMANDS["new"][1])
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Write a small working project into an empty folder.

    A plan, facts for it, what it must pay, and a README that says how to go on. Refuses a folder
    that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"`{folder}` is not an empty folder; nothing was written")
    try:
        _write(folder)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise click.UsageError(f"`{folder}` cannot be written: {why}") from error
    click.echo(
        f"A plan and its facts are in {folder}. Try:\n\n"
        f"  cd {folder}\n"
        f"  rulesengine check\n"
        f"  rulesengine run rules --facts facts --period 2026-01 --out out\n"
        f"  rulesengine explain out ana"
    )


def _write(folder: Path) -> None:
    for source in sorted(_PROJECT.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            target = folder / source.relative_to(_PROJECT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
