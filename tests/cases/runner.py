"""Runs case files: a plan, facts, and the whole outcome they must have.

A case is a text file. Its first line says in a sentence what it shows. Sections follow, each under
a heading that begins with `---`:

    --- plan                      the rules
    --- partner                   CSV of a payee kind or fact kind
    --- quota booking_quota       CSV of a quota
    --- file facts.yaml           any other file, by its name
    --- run 2026-01 [through D]   what is run; all below is what must come out
    --- statement ana 2026-01     a whole statement; every one that the run makes must be here
    --- earned nothing            rule fact payee reason: detail, for every row without a line
    --- rejects                   file:row code field: reason; required where there are any
    --- refused                   code and message, where the plan or the files are not taken at all
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import rulesengine
from rulesengine.diagnostics import Rejected
from rulesengine.statements import compact_statement
from rulesengine.statements.tables import entries_of

_OUTCOMES = ("statement", "earned nothing", "rejects", "refused")


class BadCase(Exception):
    """The case file itself is not written as cases are."""


@dataclass(frozen=True)
class Section:
    """A heading without its dashes, and the text under it with one line end."""

    heading: str
    body: str

    @property
    def text(self) -> str:
        return f"--- {self.heading}\n{self.body}"


@dataclass(frozen=True)
class Case:
    """A case file, read: what it shows, what goes in, what must come out."""

    title: str
    given: tuple[Section, ...]
    run: Section
    expected: tuple[Section, ...]

    @property
    def names_outcomes(self) -> bool:
        """Whether the rows that earned nothing are part of what it shows."""
        return any(section.heading == "earned nothing" for section in self.expected)

    @property
    def expected_text(self) -> str:
        return "".join(section.text for section in self.expected)


def read_case(text: str) -> Case:
    """Return the case that a text holds.

    Raises:
        BadCase: no first sentence, no plan, no run, or a section in the wrong place.
    """
    title, *lines = text.split("\n")
    if not title.strip() or title.startswith("---"):
        raise BadCase("a case begins with a sentence that says what it shows")
    sections: list[Section] = []
    body: list[str] = []
    heading = ""
    for line in [*lines, "--- end"]:
        if line.startswith("--- "):
            if heading:
                sections.append(Section(heading, _one_line_end(body)))
            elif any(part.strip() for part in body):
                title += "\n" + "\n".join(body).rstrip()
            heading, body = line[4:].strip(), []
        else:
            body.append(line)
    runs = [number for number, section in enumerate(sections) if section.heading.startswith("run ")]
    if len(runs) != 1:
        raise BadCase(f"a case has one `--- run` section, this one has {len(runs)}")
    given, run, expected = sections[: runs[0]], sections[runs[0]], sections[runs[0] + 1 :]
    if "plan" not in [section.heading for section in given]:
        raise BadCase("a case has a `--- plan` section above `--- run`")
    for section in expected:
        if not section.heading.startswith(_OUTCOMES):
            raise BadCase(f"`--- {section.heading}` stands below `--- run` and is no outcome")
    return Case(title, tuple(given), run, tuple(expected))


def write_inputs(case: Case, folder: Path) -> Path:
    """Write the plan and the facts of a case under a folder; returns the folder of the facts."""
    facts = folder / "facts"
    facts.mkdir(parents=True)
    for section in case.given:
        match section.heading.split():
            case ["plan"]:
                (folder / "plan.rules").write_text(section.body, encoding="utf-8")
            case ["quota", name] | ["facts", name] | [name]:
                (facts / f"{name}.csv").write_text(section.body, encoding="utf-8")
            case ["file", name]:
                (facts / name).write_text(section.body, encoding="utf-8")
            case _:
                raise BadCase(f"`--- {section.heading}` is no section of a case")
    return facts


def outcome(case: Case) -> str:
    """Return all that comes out when the case is run, in the sections of a case file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        facts = write_inputs(case, folder)
        try:
            return _outcome(case, folder, facts)
        except Rejected as rejected:
            lines = [f"{found.code} {found.message}" for found in rejected.diagnostics]
            return Section("refused", "\n".join(lines).replace(name, "") + "\n").text


def _outcome(case: Case, folder: Path, facts: Path) -> str:
    words = case.run.heading.split()
    match words:
        case ["run", period]:
            through = None
        case ["run", period, "through", through]:
            pass
        case _:
            raise BadCase(f"`--- {case.run.heading}`: write `run PERIOD` or `run PERIOD through DATE`")
    plan = rulesengine.load_plan(folder / "plan.rules")
    run = rulesengine.evaluate(plan, facts=facts, period=period, through=through)
    # The tables hold the lines in full, whatever a case shows.
    assert tuple(entries_of(run.lines)) == run.entries
    assert tuple(entries_of(run.other_lines)) == run.other_entries
    out = io.StringIO()
    payees = [(statement.payee_kind, statement.payee) for statement in run.statement_values]
    for statement in run.statement_values:
        shared = any(name == statement.payee and kind != statement.payee_kind for kind, name in payees)
        out.write(compact_statement(statement, with_kind=shared))
    if case.names_outcomes:
        out.write("--- earned nothing\n")
        for found in run.outcomes:
            who = found.payee or "-"
            detail = f": {found.detail}" if found.detail else ""
            out.write(f"{found.rule} {found.fact_id} {who} {found.reason.value}{detail}\n")
    if run.reject_values:
        out.write("--- rejects\n")
        for reject in run.reject_values:
            field = f" {reject.field}" if reject.field else ""
            out.write(f"{reject.file}:{reject.row} {reject.code}{field}: {reject.reason}\n")
    return out.getvalue()


def accepted(text: str) -> str:
    """Return the text of a case file with what comes out now as what must come out."""
    case = read_case(text)
    before, run, _ = text.partition(f"--- {case.run.heading}\n")
    return f"{before}{run}{outcome(case)}"


def _one_line_end(lines: list[str]) -> str:
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""
