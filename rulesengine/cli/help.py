"""`rulesengine help CODE`: the example of a mistake, what is said to it, and how it is mended."""

from __future__ import annotations

import re
from pathlib import Path

import click

from rulesengine.cli.entry import COMMANDS, root
from rulesengine.diagnostics import CODES, did_you_mean

_GROUPS = {
    "R01": "Words and syntax",
    "R02": "Clauses",
    "R03": "Names",
    "R04": "Units and types",
    "R05": "Dates and missing values",
    "R06": "Warnings",
    "R09": "Not yet",
    "R10": "Facts: files and manifest",
    "R11": "Facts: rows",
    "R12": "Runs",
    "R13": "Engines",
}

_SECTIONS = {"wrong escaped": "Wrong", "says": "What is said"}
_MARK = re.compile(r"\s*#! R\d{4}.*$")


@click.command("help", short_help=COMMANDS["help"][1])
@click.argument("code", required=False, metavar="[CODE|WORD]")
def command(code: str | None) -> None:
    """Explain a code such as R0207.

    Prints the example of that mistake: what is wrong in it, and how it is mended. With a WORD such
    as tier: the codes that have to do with it. Without either: a list of all codes.
    """
    if code is None:
        click.echo(_list_of_codes())
        return
    wanted = code.upper()
    if wanted in CODES:
        click.echo(f"{wanted}: {CODES[wanted]}\n\n{_example(wanted)}".rstrip())
    elif code.lower() in COMMANDS:
        root.main(args=[code.lower(), "--help"], prog_name="rulesengine", standalone_mode=False)
    elif found := _codes_about(code):
        click.echo("\n".join(f"{each}  {CODES[each]}" for each in found))
        click.echo(f"\n`rulesengine help {found[0]}` shows an example of the first.")
    else:
        hint = did_you_mean(wanted, CODES)
        raise click.UsageError(f"there is no code and no word `{code}`{f'; {hint}' if hint else ''}")


def errors_folder() -> Path:
    """Return the folder with one example for each code.

    In a wheel it lies beside this file; in a checkout it is `tests/errors/`, whose files the
    tests run.
    """
    inside = Path(__file__).parent / "errors"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "tests" / "errors"


def _example(code: str) -> str:
    """Return an example as a reader wants it: headings for sections, no marks of the tests."""
    lines: list[str] = []
    is_code = False
    text = (errors_folder() / f"{code}.rules").read_text(encoding="utf-8").rstrip()
    for line in text.split("\n"):
        heading = line.removeprefix("--- ")
        if heading != line:
            is_code = True
            lines += ["", f"{_SECTIONS.get(heading, heading.capitalize())}:", ""]
        elif is_code:
            lines.append(f"    {_MARK.sub(_shown_mark, line)}".rstrip())
        else:
            lines.append(line)
    return "\n".join(lines)


def _codes_about(word: str) -> list[str]:
    """Return the codes with a word in their title, then those with it in their example."""
    whole = re.compile(rf"(?<!\w){re.escape(word)}s?(?!\w)", re.IGNORECASE)
    in_title = [code for code, title in CODES.items() if whole.search(title)]
    in_example = [code for code in CODES if code not in in_title and whole.search(_example(code))]
    return in_title + in_example


def _shown_mark(mark: re.Match[str]) -> str:
    codes = ", ".join(re.findall(r"#! (R\d{4})", mark.group()))
    return f"  # {codes}"


def _list_of_codes() -> str:
    lines: list[str] = []
    for prefix, heading in _GROUPS.items():
        lines.append(heading)
        lines += [f"  {code}  {title}" for code, title in CODES.items() if code.startswith(prefix)]
        lines.append("")
    return "\n".join([*lines, "`rulesengine help CODE` shows an example of each."])
