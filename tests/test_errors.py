"""Runs the examples of mistakes: every file under `tests/errors/`, the text of `help CODE`.

A file says in a paragraph what the mistake is, then shows it. Of a mistake in a plan:

    --- wrong
    tier from 80 USD pay 15%      #! R0207 80 USD
    --- right
    ...

A marker `#! CODE text` at the end of a line says that a diagnostic with that code points at that
line and covers exactly that text; further markers follow on the same line. What is reported is
marked and what is marked is reported, in `wrong`; in `right` nothing is. Blocks that a snippet
lacks (`plan`, `payee`, `fact`) are taken from `prelude.rules`. In a section `wrong escaped`, `\\xff`
stands for a byte.

Of a mistake in facts, `--- wrong FILE` and `--- right FILE` sections hold the files, `--- FILE` those
that serve both, `--- plan` the plan as far as `prelude_of_facts.rules` does not do, and `--- says`
what is answered to the wrong ones, a line each. `--- wrong command` and `--- right command` are what
is typed instead; then the plan lies in `rules`, the files in `facts`, and each line of `--- says` is
a part of what is printed.
"""

from __future__ import annotations

import codecs
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from rulesengine.cli.entry import main
from rulesengine.diagnostics import CODES, Diagnostic, Rejected, Span
from rulesengine.pipeline import evaluate, load_plan

ERRORS = Path(__file__).parent / "errors"
PRELUDE = ERRORS / "prelude.rules"
PRELUDE_OF_FACTS = ERRORS / "prelude_of_facts.rules"
FILES = sorted(set(ERRORS.rglob("*.rules")) - {PRELUDE, PRELUDE_OF_FACTS})
# What intake reports concerns facts; R12xx are mistakes in asking for a run, R13xx limits of an engine.
FACT_CODES = ("R10", "R11", "R12", "R13")

_HEADER = re.compile(r"^--- (.+)$", re.MULTILINE)
_MARKER = re.compile(r"#! (R\d{4})((?: (?!#!)\S+)*)")


@dataclass(frozen=True)
class Example:
    """An example file: its paragraph, and its sections by what stands after `---`."""

    text: str
    sections: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Example:
        text, *rest = _HEADER.split(path.read_text())
        return cls(
            text.strip(), dict(zip(rest[::2], (body.lstrip("\n") for body in rest[1::2]), strict=True))
        )


def is_about_facts(path: Path) -> bool:
    return path.stem.startswith(FACT_CODES)


@pytest.mark.parametrize("path", [p for p in FILES if not is_about_facts(p)], ids=lambda path: path.stem)
def test_mistake_is_reported_where_it_is(path: Path, tmp_path: Path) -> None:
    sections = Example.read(path).sections
    is_escaped = "wrong escaped" in sections
    wrong = sections["wrong escaped" if is_escaped else "wrong"]
    found = findings(wrong, tmp_path / "wrong", is_escaped=is_escaped)
    assert found == markers(wrong), "found (left) and marked (right) differ"
    if "right" in sections:
        assert findings(sections["right"], tmp_path / "right") == markers(sections["right"])


@pytest.mark.parametrize("path", [p for p in FILES if is_about_facts(p)], ids=lambda path: path.stem)
def test_mistake_in_facts_is_answered(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sections = Example.read(path).sections
    said = sections["says"].strip().splitlines()
    for mood in ("wrong", "right"):
        home = tmp_path / mood
        lay_out(sections, mood, home)
        if "wrong command" not in sections:
            assert answers(home) == (said if mood == "wrong" else [])
            continue
        monkeypatch.chdir(home)
        codes = [main(shlex.split(line)[1:]) for line in sections[f"{mood} command"].strip().splitlines()]
        printed = "".join(capsys.readouterr())
        assert codes[:-1] == [0] * (len(codes) - 1), printed
        if mood == "right":
            assert codes[-1] == 0, printed
        else:
            assert codes[-1] != 0 and path.stem in printed
            assert [line for line in said if line not in printed] == [], printed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_example_is_complete(path: Path) -> None:
    example = Example.read(path)
    names = {header.split()[0] for header in example.sections}
    assert example.text and example.text.endswith(".")
    assert {"wrong", "right"} <= names
    if is_about_facts(path):
        assert f"{path.stem}" in example.sections["says"]
    elif path.parent == ERRORS:
        codes = {line.split()[1] for line in markers(next(iter(example.sections.values())))}
        assert codes == {path.stem}, "an example shows its own code and no other"


def test_every_code_has_an_example() -> None:
    assert {path.stem for path in FILES if path.parent == ERRORS} == set(CODES)


def markers(text: str) -> list[str]:
    """Return what the markers of a snippet say, as `findings` words it."""
    return sorted(
        f"{number:>3} {code}{covered}"
        for number, line in enumerate(text.splitlines(), start=1)
        for code, covered in _MARKER.findall(line)
    )


def findings(text: str, folder: Path, *, is_escaped: bool = False) -> list[str]:
    """Return line, code and covered text of everything that `check` reports of a snippet.

    What it reports of the prelude beside it, or of no place, is worded with the message.
    """
    content = "\n".join(line.split("#! ")[0].rstrip() for line in text.splitlines()) + "\n"
    folder.mkdir()
    data = codecs.escape_decode(content)[0] if is_escaped else content.encode()
    assert isinstance(data, bytes)
    (folder / "snippet.rules").write_bytes(data)
    (folder / "prelude.rules").write_text(prelude_for(content, PRELUDE))
    lines = data.decode(errors="surrogateescape").split("\n")
    return sorted(_worded(diagnostic, lines) for diagnostic in reported(folder))


def prelude_for(text: str, prelude: Path) -> str:
    """Return the blocks of a prelude of which the snippet has none of that sort."""
    blocks = prelude.read_text().strip().split("\n\n")
    return "\n\n".join(b for b in blocks if not re.search(rf"^\s*{b.split()[0]}\b", text, re.MULTILINE))


def reported(folder: Path) -> tuple[Diagnostic, ...]:
    """Return errors and warnings of a plan folder."""
    try:
        return load_plan(folder).warnings
    except Rejected as rejected:
        return rejected.diagnostics


def lay_out(sections: dict[str, str], mood: str, home: Path) -> None:
    """Write the plan of an example into `rules`, and its facts of one mood into `facts`."""
    rules, facts = home / "rules", home / "facts"
    rules.mkdir(parents=True)
    facts.mkdir()
    plan = sections.get("plan", "")
    (rules / "plan.rules").write_text(plan)
    (rules / "prelude.rules").write_text(prelude_for(plan, PRELUDE_OF_FACTS))
    for header, text in sections.items():
        words = header.split()
        name = words[1] if words[0] == mood and len(words) > 1 else words[0]
        if "." in name:
            data = codecs.escape_decode(text)[0] if words[-1] == "escaped" else text.encode()
            assert isinstance(data, bytes)
            (facts / name).write_bytes(data)


def answers(home: Path) -> list[str]:
    """Return what is said to facts: `deal.csv:3 R1102 amount: reason`, or `deal.csv R1003: message`."""
    try:
        run = evaluate(home / "rules", facts=home / "facts", period="2026-01..2026-12")
    except Rejected as rejected:
        return [f"{_place(found)} {found.code}: {found.message}" for found in rejected.diagnostics]
    return [
        f"{reject.file}:{reject.row} {f'{reject.code} {reject.field}'.rstrip()}: {reject.reason}"
        for reject in run.reject_values
    ]


def _place(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    return f"{Path(span.file).name}:{span.line}" if span else diagnostic.place


def _worded(diagnostic: Diagnostic, lines: list[str]) -> str:
    span = diagnostic.span
    if span is None or not span.file.endswith("snippet.rules"):
        return f"{span or diagnostic.place}: {diagnostic.code} {diagnostic.message}"
    covered = _covered(span, lines).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"{span.line:>3} {diagnostic.code} {covered}".rstrip()


def _covered(span: Span, lines: list[str]) -> str:
    """Return the covered text; of a span over several lines what stands on the first."""
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    return line[span.column - 1 : end].strip()
