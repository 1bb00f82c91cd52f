"""Declares every block of the plan under its name, and finds names again.

All blocks share one set of names, so that a name means one thing wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from rulesengine.diagnostics import Related, Span, did_you_mean
from rulesengine.language import syntax
from rulesengine.language.words import NOT_A_RECORD, NOT_A_RULE, NOT_A_VALUE
from rulesengine.model.dates import WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.problems import Mistake, Problems, mistake


class Sort(StrEnum):
    """What a name stands for."""

    PAYEE = "payee kind"
    FACT = "fact kind"
    SEGMENT = "segment"
    TABLE = "table"
    QUOTA = "quota"
    RATES = "table of rates"
    MEASURE = "measure"
    RULE = "rule"
    CHOOSE = "choice"


TYPE_WORDS = ("text", "money", "number", "percent", "date", "flag", "list of text")
NOT_A_RECORD_KIND = NOT_A_RECORD | frozenset((*TYPE_WORDS, *WindowKind, "earning", "earned", "unit"))
_TAKEN = {
    Sort.PAYEE: NOT_A_RECORD_KIND,
    Sort.FACT: NOT_A_RECORD_KIND,
    Sort.RULE: NOT_A_RULE,
    **dict.fromkeys((Sort.TABLE, Sort.SEGMENT, Sort.QUOTA, Sort.MEASURE), NOT_A_VALUE),
}
NamedBlock = (
    syntax.RecordBlock
    | syntax.SegmentBlock
    | syntax.TableBlock
    | syntax.QuotaBlock
    | syntax.RatesBlock
    | syntax.MeasureBlock
    | syntax.RuleBlock
    | syntax.ChooseBlock
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A block under its name."""

    sort: Sort
    name: str
    span: Span
    block: NamedBlock


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every name that a block of the plan declares."""

    entries: Mapping[str, Declared]

    def find(self, name: syntax.Name, *sorts: Sort) -> Declared:
        """Return what the name stands for.

        Raises:
            Mistake: R0301 where nothing has the name, R0303 where it stands for another sort.
        """
        declared = self.entries.get(name.text)
        wanted = " or ".join(sorts)
        if declared is None:
            known = self.names(*sorts)
            hint = did_you_mean(name.text, known)
            if not hint and not known:
                hint = f"the plan has no {wanted} yet"
            raise mistake("R0301", f"unknown {wanted} `{name.text}`", name.span, hint=hint)
        if declared.sort not in sorts:
            raise self.wrong_sort(name, declared, f"a {wanted}")
        return declared

    def names(self, *sorts: Sort) -> list[str]:
        """Return all names of these sorts, in written order."""
        return [entry.name for entry in self.entries.values() if entry.sort in sorts]

    def wrong_sort(self, name: syntax.Name, declared: Declared, expected: str) -> Mistake:
        """Return R0303 for a name that stands for something else than what is expected."""
        hint = ""
        if declared.sort is Sort.MEASURE and expected == "a field":
            hint = f"where its total is meant, write `{name.text} so far`"
        if declared.sort is Sort.PAYEE and expected == f"a {Sort.FACT}":
            hint = f"for a row each month write `on {name.text} per month`"
        return mistake(
            "R0303",
            f"`{name.text}` is a {declared.sort}, expected {expected}",
            name.span,
            hint=hint,
            related=(Related(declared.span, f"`{name.text}` is declared here"),),
        )


def declare_names(blocks: Iterable[syntax.Block], problems: Problems) -> Catalog:
    """Return the names of all blocks; of two with one name the first holds, and R0302 is kept."""
    entries: dict[str, Declared] = {}
    for block in blocks:
        match block:
            case syntax.PlanBlock() | syntax.StatementBlock():
                continue
            case _:
                declared = Declared(
                    sort=_sort_of(block), name=block.name.text, span=block.name.span, block=block
                )
        first = entries.setdefault(declared.name, declared)
        if first is not declared:
            problems.add(given_twice(declared.name, declared.span, first.span, f"a {first.sort}"))
        elif declared.name in _TAKEN.get(declared.sort, ()):
            problems.add(word_taken(syntax.Name(text=declared.name, span=declared.span), declared.sort))
    return Catalog(entries)


def word_taken(name: syntax.Name, what: str) -> Mistake:
    """Return R0302 for a name that would be mistaken for a word of the language."""
    start = "sales" if what in (Sort.PAYEE, Sort.FACT) else "my"
    return mistake(
        "R0302",
        f"`{name.text}` is a word of the language and cannot name a {what}",
        name.span,
        hint=f"choose another name, such as `{start}_{name.text}`",
    )


def given_twice(name: str, again: Span, first: Span, what: str) -> Mistake:
    """Return R0302 for a name that is taken."""
    return mistake(
        "R0302",
        f"`{name}` is already {what}",
        again,
        related=(Related(first, f"`{name}` is declared here first"),),
        hint="give one of them another name",
    )


def _sort_of(block: NamedBlock) -> Sort:
    match block:
        case syntax.RecordBlock(role=role):
            return Sort.PAYEE if role == "payee" else Sort.FACT
        case syntax.SegmentBlock():
            return Sort.SEGMENT
        case syntax.TableBlock():
            return Sort.TABLE
        case syntax.QuotaBlock():
            return Sort.QUOTA
        case syntax.RatesBlock():
            return Sort.RATES
        case syntax.MeasureBlock():
            return Sort.MEASURE
        case syntax.RuleBlock():
            return Sort.RULE
        case syntax.ChooseBlock():
            return Sort.CHOOSE
