"""Mistakes as data: where, what was expected, what was found, and what would mend it.

Three kinds of failure are never mixed: a mistake in a rule and a bad row or manifest (both a
`Diagnostic`), and a bug of ours (`InternalError`). A stage collects all its diagnostics and raises
one `Rejected`; only the command line prints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum

from rulesengine.model.change import replace
from rulesengine.model.quick_dataclass import dataclass


class Severity(StrEnum):
    """Errors stop a run; warnings are printed beside it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source file; lines and columns count from 1, the end column is past the end."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def through(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of another in the same file."""
        return Span(self.file, self.line, self.column, other.end_line, other.end_column)


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains the mistake."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake. The message is one line, lower case, without a full stop, names in backticks."""

    code: str
    message: str
    span: Span | None = None
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()
    hint: str = ""
    place: str = ""
    """For facts and manifests: the file, with row or key where known."""

    def as_json(self) -> dict[str, object]:
        """Return the diagnostic as plain data, in the shape that `--json` prints."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "place": str(self.span) if self.span else self.place,
            "span": _span_json(self.span) if self.span else None,
            "related": [
                {"span": _span_json(related.span), "message": related.message} for related in self.related
            ],
            "hint": self.hint,
        }


def _span_json(span: Span) -> dict[str, object]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


class Rejected(Exception):
    """A stage refused its input; carries every diagnostic it found, in source order."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        self.diagnostics = in_order(diagnostics)
        self.sources: Mapping[str, str] = sources or {}
        """Text of each source file named in a span, for printing."""
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))


class InternalError(Exception):
    """A bug of ours: something that the checks should have made impossible."""


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return diagnostics by file and position, each once."""

    def position(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
        span = diagnostic.span
        if span is None:
            return (diagnostic.place, 0, 0, diagnostic.code, diagnostic.message)
        return (span.file, span.line, span.column, diagnostic.code, diagnostic.message)

    return tuple(sorted(dict.fromkeys(diagnostics), key=position))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to a misspelt one, None if none is near."""
    matches = difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint such as "did you mean `amount`?", empty if no known word is near."""
    match = nearest(word, known)
    return f"did you mean `{match}`?" if match else ""


def as_warning(diagnostic: Diagnostic) -> Diagnostic:
    """Return the diagnostic as a warning."""
    return replace(diagnostic, severity=Severity.WARNING)


# Every code there is, with its title. Each has one file under tests/errors/, which
# `rulesengine help CODE` shows and the tests run. Codes are never given a second meaning.
CODES: dict[str, str] = {
    # R01 words and syntax
    "R0101": "a word that does not fit here",
    "R0102": "a character that the language does not use",
    "R0103": "a block or text that is not closed",
    "R0104": "`and` beside `or` without brackets",
    "R0105": "a file that is not UTF-8 text",
    "R0106": "a number that is not written as numbers are",
    "R0107": "a date that does not exist, or is not written year-month-day",
    "R0108": "nesting that is too deep",
    # R02 the logic of clauses
    "R0201": "a clause that this kind of rule does not have",
    "R0202": "a clause that is missing",
    "R0203": "a clause that may stand only once",
    "R0204": "no plan block, or more than one",
    "R0205": "a clause that an amendment cannot change",
    "R0206": "the first tier does not start at zero",
    "R0207": "tiers do not ascend",
    "R0208": "credits do not make 100%",
    "R0209": "a table row that can never be reached",
    "R0210": "a table that does not cover every input",
    "R0211": "rules that wait for each other",
    "R0212": "a tier method that cannot pay this way",
    "R0213": "a limit that does not fit its rule",
    "R0214": "a rival whose pay may change later",
    "R0215": "a record kind without what it needs",
    "R0216": "a divided amount whose remainder has no owner",
    "R0217": "places of a rank that do not follow each other",
    "R0218": "an award that has nobody to go to",
    "R0219": "a split credit whose measure does not say `credited` or `full`",
    "R0220": "a flag that its field cannot have",
    "R0221": "a segment that is chosen by itself",
    "R0222": "a table row with more or fewer cells than its table has keys",
    "R0223": "pay in a form that does not fit its rule",
    "R0224": "goals of one rule with different keys",
    "R0225": "earnings of a rule that are not known on the row",
    "R0226": "a rounding whose window or band the rule does not have",
    "R0230": "rows of a window that has no last day",
    "R0231": "a measure whose windows are not made of whole rows of the calendar",
    "R0232": "the total of a measure where there is no row to read it at",
    "R0233": "the total of a measure whose keys the row does not have",
    "R0234": "growth over a time of which nothing is counted",
    "R0235": "weights that do not make 100%",
    "R0236": "measures that do not fit together",
    "R0237": "a total that is decided again where pay is settled at once",
    "R0244": "a span of time that does not say how it is counted",
    "R0245": "parts of an award that do not make 100%",
    "R0246": "an award that is cut in two ways",
    "R0247": "a clawback that cannot be meant",
    "R0248": "rows that do not say what they belong to",
    "R0249": "rows without days to be prorated by",
    "R0251": "a statement clause that needs another one",
    "R0252": "an amount of another window than the statements",
    "R0253": "amounts of the statement block that contradict each other",
    "R0254": "a draw or guarantee for nobody, or for whom is not said",
    "R0255": "a recovery that pays less to who earns more",
    "R0238": "a remainder that says nothing",
    "R0239": "shares in rows that do not say whose they are",
    "R0240": "an award pro rata to what no payee has a part of",
    "R0241": "members of what has none",
    "R0257": "amounts of which each row has its own currency",
    "R0258": "a currency that cannot be said so",
    "R0259": "a `convert` that does not fit where it stands",
    "R0260": "rules in different currencies that meet",
    "R0261": "a statement that does not say how it converts",
    "R0262": "a `convert` that has nothing to convert",
    "R0263": "rates that do not say how long they are good",
    "R0264": "a `credit rest` with nothing that it is the rest of",
    "R0265": "an amendment that pays `once` in other tiers",
    "R0242": "levels of what has none",
    # R03 names
    "R0301": "an unknown name",
    "R0302": "a name given twice",
    "R0303": "a name that is of the wrong sort here",
    # R04 units and types
    "R0401": "units that do not fit together",
    "R0402": "two currencies in one sum",
    "R0403": "an unknown currency",
    "R0404": "a value that its field cannot have",
    "R0405": "a rounding step that cannot be paid",
    "R0406": "a quota whose window or keys are not those of the measure",
    "R0407": "a number that must be whole or above zero",
    # R05 dates and missing values
    "R0501": "an optional value that may be missing",
    "R0502": "a rule outside the plan's dates",
    "R0503": "a range that ends before it begins",
    "R0504": "amendments that do not follow each other",
    "R0505": "a fiscal year that does not begin on the first of a month",
    # R06 warnings
    "R0601": "a whole tier where earning more can pay less",
    "R0602": "two rules that pay the same fact to the same payees",
    "R0603": "a condition that can never hold",
    "R0604": "a `where` that reads like a condition of `times`",
    "R0605": "a block that nothing uses",
    "R0606": "a cap or floor that can never change anything",
    "R0607": "a cap or floor that changes every amount",
    "R0608": "a budget that is not enough for one award",
    "R0609": "a budget that can never be used up",
    "R0610": "a tier that can never be reached",
    "R0611": "a rival that never meets the others of its choice",
    "R0612": "a share of a deal that is paid on each of several lines of it",
    "R0613": "a total that changes for rows that were paid, when another gets its exchange rate",
    # R10 facts: files and manifest
    "R1001": "a facts.yaml that cannot be read",
    "R1002": "a file of facts that is missing",
    "R1003": "a column that is missing",
    "R1004": "a file of facts that cannot be read",
    "R1005": "facts for nothing in the plan",
    # R11 facts: rows
    "R1101": "a required value that is blank",
    "R1102": "a value that cannot be read as its type",
    "R1103": "a value with too many digits",
    "R1104": "a value that is not one of those allowed",
    "R1105": "a key that occurs twice",
    "R1106": "a reference to a record that is not there",
    "R1107": "an amount in another currency",
    "R1108": "a negative value in a field that is not signed",
    "R1109": "a row that undoes what it cannot undo",
    "R1110": "a row with more or fewer values than its header",
    "R1111": "a history that contradicts itself",
    "R1112": "a quota that is zero or less",
    "R1113": "a derived value that divides by zero",
    "R1114": "a text that is not the code of a currency",
    "R1115": "an amount that there is no exchange rate for",
    "R1116": "an amount whose last exchange rate is too old",
    "R1117": "an exchange rate that cannot be one",
    "R1118": "an amount whose currency is not known",
    "R1119": "a line that there is no exchange rate to pay it at",
    "R1120": "shares of a row that do not make a whole",
    # R12 runs
    "R1201": "a period that cannot be read",
    "R1202": "rows were rejected",
    "R1203": "a run folder that cannot be read or written",
    "R1204": "a name that the run does not have",
    "R1205": "an amount that is too large",
    "R1206": "memory, threads or disk space that do not do",
    "R1207": "an earlier run that cannot be continued by this engine",
    "R1208": "a run that is not what its plan and facts make",
    # R13 engines
    "R1301": "what the batch engine cannot carry out",
    "R1302": "Spark cannot be used",
}
