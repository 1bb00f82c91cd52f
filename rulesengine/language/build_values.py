"""Turns names, literals, dates and conditions into syntax nodes, while the parser runs."""

from __future__ import annotations

import calendar
from datetime import date as Day
from decimal import Decimal
from typing import Any

from rulesengine.diagnostics import Diagnostic, Span
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.exact import EXACT

Parts = list[Any]

_MOST_DIGITS = 18
_MOST_DECIMALS = 12
# Tokens are texts that know their places, ours and those of Lark alike; a type checker sees no places.
_TOKEN: Any = str
_PLACEHOLDER = Day(1, 1, 1)
# What is read by recursion stays well within Python's own bound; nobody can read more either.
_MOST_LEVELS = 100
_MOST_OPERATORS = 300
_CONDITION = (
    _MOST_LEVELS,
    f"a condition that is nested more than {_MOST_LEVELS} levels deep",
    "write several `where` lines, or put parts of it into a `segment`",
)
_DATE = (
    _MOST_LEVELS,
    f"a date that is nested more than {_MOST_LEVELS} levels deep",
    "put the date into a field of the fact",
)
_SUM = (
    _MOST_OPERATORS,
    f"more than {_MOST_OPERATORS} operators in one sum",
    "`derive` parts of it in lines of their own, and add those",
)
# The nodes that stand in others of their sort: how deep they may, and what to say where they go deeper.
_NESTED = {
    syntax.AllOf: _CONDITION,
    syntax.AnyOf: _CONDITION,
    syntax.Not: _CONDITION,
    syntax.After: _DATE,
    syntax.StartAfter: _DATE,
    syntax.StartOf: _DATE,
    syntax.EndOf: _DATE,
    syntax.Binary: _SUM,
}


def nodes(parts: Parts) -> tuple[Any, ...]:
    """Return the parts without tokens: the items of a list without its commas."""
    return tuple(part for part in parts if not isinstance(part, str))


class ValueBuilder:
    """The parser's callbacks. `begin` says which file and line the next text stands at.

    `problems` collects what only a look at a value shows: dates and numbers that cannot be.
    """

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []
        self._file = ""
        self._lines_before = 0
        self._levels: dict[int, int] = {}  # of each nested node, by its id, how deep it goes

    def begin(self, file: str, lines_before: int) -> None:
        """Prepare for a text that starts after `lines_before` lines of `file`."""
        self._file = file
        self._lines_before = lines_before
        self._levels.clear()

    def _span(self, parts: Parts) -> Span:
        """Return the span from the first part to the last that is there."""
        first: Any = parts[0]
        while type(first) is list:
            first = first[0]
        last: Any = parts[-1]
        if last is None:
            last = next(part for part in reversed(parts) if part is not None)
        while type(last) is list:
            last = last[-1]
        if isinstance(first, _TOKEN):
            line, column = first.line + self._lines_before, first.column
        else:
            line, column = first.span.line, first.span.column
        if isinstance(last, _TOKEN):
            return Span(self._file, line, column, last.end_line + self._lines_before, last.end_column)
        return Span(self._file, line, column, last.span.end_line, last.span.end_column)

    def _problem(self, code: str, span: Span, message: str, hint: str) -> None:
        self.problems.append(Diagnostic(code=code, message=message, span=span, hint=hint))

    def _nest(self, node: Any, inner: Parts) -> Any:
        """Return a node with others of its sort inside, having counted how deep they go."""
        most, message, hint = _NESTED[type(node)]
        level = 1 + max((self._level(part) for part in inner), default=0)
        self._levels[id(node)] = level
        if level == most + 1:
            self._problem("R0108", node.span, message, hint)
        return node

    def _level(self, part: Any) -> int:
        # Of these nodes each is counted when it is made; the id of any other may have been one of them.
        return self._levels[id(part)] if type(part) in _NESTED else 0

    # --- values ----------------------------------------------------------------------------

    def name(self, parts: Parts) -> syntax.Name:
        return syntax.Name(span=self._span(parts), text=str(parts[0]))

    def path(self, parts: Parts) -> syntax.Path:
        names = tuple([self.name([part]) for part in parts[::2]])
        return syntax.Path(span=self._span(parts), names=names)

    def _decimal(self, token: str, span: Span) -> Decimal:
        text = str(token).removesuffix("%").replace(",", "")
        whole, _, decimals = text.partition(".")
        if len(whole.lstrip("0")) > _MOST_DIGITS or len(decimals) > _MOST_DECIMALS:
            self._problem(
                "R0106",
                span,
                f"`{token}` has more digits than a plan can hold",
                f"at most {_MOST_DIGITS} digits before the point and {_MOST_DECIMALS} after it",
            )
            return Decimal(0)
        return Decimal(text)

    def number(self, parts: Parts) -> syntax.Number:
        span = self._span(parts)
        return syntax.Number(span=span, value=self._decimal(parts[0], span))

    def percent(self, parts: Parts) -> syntax.Percent:
        span = self._span(parts)
        return syntax.Percent(span=span, value=EXACT.scaleb(self._decimal(parts[0], span), -2))

    def amount(self, parts: Parts) -> syntax.Amount:
        span = self._span(parts)
        return syntax.Amount(span=span, value=self._decimal(parts[0], span), currency=str(parts[1]))

    def date(self, parts: Parts) -> syntax.Date:
        span, text = self._span(parts), str(parts[0])
        try:
            value = Day.fromisoformat(text)
        except ValueError:
            self._problem("R0107", span, f"there is no date `{text}`", _why_no_date(text))
            value = _PLACEHOLDER
        return syntax.Date(span=span, value=value)

    def text(self, parts: Parts) -> syntax.Text:
        return syntax.Text(span=self._span(parts), value=str(parts[0])[1:-1])

    def paths(self, parts: Parts) -> list[syntax.Path]:
        return parts[::2]

    def texts(self, parts: Parts) -> list[syntax.Text]:
        return parts[::2]

    def otherwise(self, parts: Parts) -> syntax.Otherwise:
        path, _, default = parts
        return syntax.Otherwise(span=self._span(parts), path=path, default=default)

    # --- dates -----------------------------------------------------------------------------

    def unit(self, parts: Parts) -> str:
        """The token of a word that stands for a choice."""
        return parts[0]  # type: ignore[no-any-return]

    def duration(self, parts: Parts) -> syntax.Duration:
        count, unit = parts
        return syntax.Duration(span=self._span(parts), count=count, unit=str(unit).removesuffix("s"))

    def plain_duration(self, parts: Parts) -> syntax.Duration:
        return self.duration(parts)

    def after(self, parts: Parts) -> Any:
        duration, _, anchor = parts
        return self._nest(syntax.After(span=self._span(parts), duration=duration, anchor=anchor), parts)

    def start_after(self, parts: Parts) -> Any:
        _, _, window, _, anchor = parts
        node = syntax.StartAfter(span=self._span(parts), window=window.text, anchor=anchor)
        return self._nest(node, parts)

    def start_of(self, parts: Parts) -> Any:
        _, _, window, _, anchor = parts
        node = syntax.StartOf(span=self._span(parts), window=window.text, anchor=anchor)
        return self._nest(node, parts)

    def end_of(self, parts: Parts) -> Any:
        _, _, window, _, anchor = parts
        node = syntax.EndOf(span=self._span(parts), window=window.text, anchor=anchor)
        return self._nest(node, parts)

    # --- conditions ------------------------------------------------------------------------

    def all_of(self, parts: Parts) -> Any:
        return self._nest(syntax.AllOf(span=self._span(parts), tests=tuple(parts[::2])), parts)

    def any_of(self, parts: Parts) -> Any:
        return self._nest(syntax.AnyOf(span=self._span(parts), tests=tuple(parts[::2])), parts)

    def negation(self, parts: Parts) -> Any:
        return self._nest(syntax.Not(span=self._span(parts), test=parts[1]), parts)

    def in_brackets(self, parts: Parts) -> Any:
        """The condition or expression inside, its span widened to the brackets."""
        node = replace(parts[1], span=self._span(parts))
        if type(node) in _NESTED:
            self._levels[id(node)] = self._level(parts[1])
        return node

    def flag(self, parts: Parts) -> syntax.Flag:
        return syntax.Flag(span=self._span(parts), path=parts[0])

    def compare(self, parts: Parts) -> syntax.Compare:
        left, operator, right = parts
        return syntax.Compare(span=self._span(parts), left=left, operator=str(operator), right=right)

    def so_far(self, parts: Parts) -> syntax.MeasureReading:
        return syntax.MeasureReading(span=self._span(parts), path=parts[0], in_total=False)

    def in_total(self, parts: Parts) -> syntax.MeasureReading:
        return syntax.MeasureReading(span=self._span(parts), path=parts[0], in_total=True)

    def of_before(self, parts: Parts) -> syntax.MeasureReading:
        path, _, unit, _ = parts
        return syntax.MeasureReading(span=self._span(parts), path=path, in_total=False, before=str(unit))

    def share_of(self, parts: Parts) -> syntax.ShareOf:
        share, _, of = parts
        return syntax.ShareOf(span=self._span(parts), share=share, of=of)

    def is_values(self, parts: Parts) -> list[syntax.Literal | syntax.Path]:
        return list(nodes(parts))

    def equality(self, parts: Parts) -> syntax.Is:
        left, _, negated, values = parts
        return syntax.Is(span=self._span(parts), left=left, values=tuple(values), negated=negated is not None)

    def missing(self, parts: Parts) -> syntax.Missing:
        left, _, word = parts
        if isinstance(left, syntax.Otherwise | syntax.MeasureReading):
            is_total = isinstance(left, syntax.MeasureReading)
            what = "the total of a measure" if is_total else "a value with `otherwise`"
            hint = "compare it" if is_total else f"test the field alone: `{left.path.text} is {word}`"
            self._problem("R0101", left.span, f"{what} is never missing", hint)
            left = left.path
        return syntax.Missing(span=self._span(parts), path=left, negated=word == "present")

    def in_segment(self, parts: Parts) -> syntax.InSegment:
        path, _, segment = parts
        return syntax.InSegment(span=self._span(parts), path=path, segment=segment)

    def has(self, parts: Parts) -> syntax.Has:
        path, _, quantifier, _, values = parts
        return syntax.Has(span=self._span(parts), path=path, quantifier=str(quantifier), values=tuple(values))

    def starts(self, parts: Parts) -> syntax.Starts:
        left, *_, values = parts
        several = values if isinstance(values, list) else [values]
        return syntax.Starts(span=self._span(parts), left=left, values=tuple(several))


def _why_no_date(text: str) -> str:
    year, month, _ = (int(part) for part in text.split("-"))
    if year == 0:
        return "years begin with 0001"
    if not 1 <= month <= 12:
        return "dates are written year-month-day, months from 01 to 12"
    return f"{calendar.month_name[month]} {year} has {calendar.monthrange(year, month)[1]} days"
