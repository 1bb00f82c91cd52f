"""Runs the `console` blocks of a document as a reader would type them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

import pytest

from rulesengine.cli import main


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Return each command after a `$` (a backslash goes on to the next line) with its output."""
    for part in ("\n" + body).split("\n$ ")[1:]:
        joined = part.replace("\\\n", "\0")
        command, _, output = joined.partition("\n")
        yield command.replace("\0", "\\\n"), output.replace("\0", "\\\n")


def replay(body: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the block with what the commands print now.

    `cd` changes the folder; everything else must be a call of `rulesengine` that exits with 0,
    unless a line `exit code N` ends its output.
    """
    out = []
    for command, output in commands(body):
        printed = ""
        for word in command.replace("\\\n", " ").split(" && "):
            name, *arguments = shlex.split(word, comments=True)
            if name == "cd":
                os.chdir(arguments[0])
                continue
            assert name == "rulesengine", f"cannot run `{word}`"
            code = main(arguments)
            captured = capsys.readouterr()
            printed += captured.out + captured.err
            if code:
                printed += f"exit code {code}\n"
        out.append(f"$ {command}\n{printed}" if printed or output else f"$ {command}\n")
    return "".join(out)
