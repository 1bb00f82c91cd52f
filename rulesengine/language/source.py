"""Reads the `.rules` files of a plan from disk."""

from __future__ import annotations

from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Rejected, Span

_BYTE_ORDER_MARK = "\ufeff"
_RUN = "run.json"  # marks a run folder, whose `plan/` is a copy of what was run


def plain_text(text: str) -> str:
    """Return a text without byte-order mark and with `\\n` at its line ends; positions stay as they are."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def read_sources(path: str | Path) -> dict[str, str]:
    """Return the text of each file of a plan, by the path that spans print.

    Args:
        path: a `.rules` file, or a folder; of a folder all files that `rules_files` finds. A
            relative path stays relative.

    Raises:
        Rejected: there is no such path, it holds no `.rules` file (R0204), or a file is not
            UTF-8 (R0105).
    """
    root = Path(path)
    if root.is_dir():
        files = rules_files(root)
        if not files:
            raise _no_plan(root, f"no `.rules` file in `{root.as_posix()}`")
    elif root.is_file():
        if root.suffix != ".rules":
            raise _no_plan(root, f"`{root.as_posix()}` is not a `.rules` file")
        files = [root]
    else:
        raise _no_plan(root, f"there is no file or folder `{root.as_posix()}`")
    sources: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for file in files:
        name = file.as_posix()
        content = _content(file)
        try:
            sources[name] = plain_text(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            problems.append(_not_utf8(name, content, error.start))
    if problems:
        raise Rejected(problems, sources)
    return sources


def rules_files(root: Path) -> list[Path]:
    """Return the `*.rules` files of a folder and its subfolders, in the order of their relative paths.

    Run folders below it are passed over: the plans in them are copies.
    """
    runs = [file.parent for file in root.rglob(_RUN) if file.parent != root]
    found = [
        file
        for file in root.rglob("*.rules")
        if file.is_file() and not any(run in file.parents for run in runs)
    ]
    return sorted(found, key=lambda file: file.relative_to(root).as_posix())


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise _no_plan(file, f"`{file.as_posix()}` cannot be read: {reason.lower()}") from error


def _no_plan(path: Path, message: str) -> Rejected:
    hint = "name a `.rules` file, or a folder that holds some"
    return Rejected([Diagnostic(code="R0204", message=message, place=path.as_posix(), hint=hint)])


def _not_utf8(name: str, content: bytes, offset: int) -> Diagnostic:
    before = content[:offset].decode("utf-8")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Diagnostic(
        code="R0105",
        message=f"byte {offset} of the file (0x{content[offset]:02x}) is not UTF-8 text",
        span=Span(name, line, column, line, column + 1),
        hint="save the file as UTF-8; editors and spreadsheets offer it under `encoding`",
    )
