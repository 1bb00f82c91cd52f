"""Expressions of the compiled pipeline: typed trees, printed by a dialect and by nothing else.

Nobody outside a dialect writes SQL text: a name or a value from a plan or a file is a `Column` or a
`Literal`, and both are quoted when they are printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from rulesengine.model.quick_dataclass import dataclass


class Sort(StrEnum):
    """The types of the pipeline; there is none with a floating point."""

    TEXT = "text"
    WORD = "word"
    """A text of the plan, one of few: a number inside the database, and a text where it is written."""
    DATE = "date"
    FLAG = "flag"
    INT = "int"
    """64 bits."""
    WIDE = "wide"
    """An integer of up to 38 digits."""
    NUMBER = "number"
    """decimal(38, 12): how the tables of a run show numbers. Only the last stage makes it."""
    TEXTS = "texts"
    """A list of texts."""
    WIDES = "wides"
    """A list of wide integers."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation in the `from` of the select it stands in."""

    relation: str
    name: str
    sort: Sort
    is_given: bool = False
    """Whether it is known to be null in no row."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; None is null of the sort."""

    value: str | int | bool | date | None
    sort: Sort


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function of `FUNCTIONS`, by name."""

    name: str
    args: tuple[Expr, ...]
    sort: Sort


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first condition that holds, null where none does and there is no default."""

    whens: tuple[tuple[Expr, Expr], ...]
    default: Expr | None
    sort: Sort


@dataclass(frozen=True, slots=True)
class Cast:
    """The same value as another sort; from text only where it is known to fit."""

    of: Expr
    sort: Sort


@dataclass(frozen=True, slots=True)
class Over:
    """A window function: an aggregate or a position over rows of a partition in an order."""

    name: str
    args: tuple[Expr, ...]
    partition: tuple[Expr, ...]
    order: tuple[Expr, ...]
    """Ascending, nulls first."""
    is_running: bool
    """Over the rows up to this one, itself included; else over the whole partition."""
    sort: Sort


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of a select with `group by`; `order` for those that depend on one."""

    name: str
    args: tuple[Expr, ...]
    order: tuple[Expr, ...]
    sort: Sort


Expr = Column | Literal | Call | Case | Cast | Over | Aggregate

TRUE = Literal(True, Sort.FLAG)
FALSE = Literal(False, Sort.FLAG)
ZERO = Literal(0, Sort.INT)
ONE = Literal(1, Sort.INT)


# --- literals ------------------------------------------------------------------------------------


def text(value: str) -> Literal:
    """Return a text."""
    return Literal(value, Sort.TEXT)


def word(value: str) -> Literal:
    """Return a text of the plan that is a column of lines."""
    return Literal(value, Sort.WORD)


def day(value: date) -> Literal:
    """Return a date."""
    return Literal(value, Sort.DATE)


def integer(value: int) -> Literal:
    """Return an integer, as wide as it needs to be."""
    return Literal(value, Sort.INT if abs(value) < 2**63 else Sort.WIDE)


def null(sort: Sort) -> Literal:
    """Return nothing of a sort."""
    return Literal(None, sort)


# --- logic ---------------------------------------------------------------------------------------


def all_of(tests: Iterable[Expr]) -> Expr:
    """Return whether all hold; true for none."""
    kept: list[Expr] = []
    for test in tests:
        if test == FALSE:
            return FALSE
        if test != TRUE and test not in kept:
            kept += test.args if isinstance(test, Call) and test.name == "and" else (test,)
    kept = list(dict.fromkeys(kept))
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Call("and", tuple(kept), Sort.FLAG)


def any_of(tests: Iterable[Expr]) -> Expr:
    """Return whether any holds; false for none."""
    kept: list[Expr] = []
    for test in tests:
        if test == TRUE:
            return TRUE
        if test != FALSE and test not in kept:
            kept += test.args if isinstance(test, Call) and test.name == "or" else (test,)
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Call("or", tuple(kept), Sort.FLAG)


def negated(test: Expr) -> Expr:
    """Return whether it does not hold."""
    if isinstance(test, Literal):
        return FALSE if test.value else TRUE
    if isinstance(test, Call) and test.name == "not":
        return test.args[0]
    return Call("not", (test,), Sort.FLAG)


_MAY_LACK = frozenset(("raise", "days after", "months after"))
"""Functions whose value may be missing although their arguments are there."""


def never_null(value: Expr) -> bool:
    """Whether an expression is known to have a value in every row."""
    match value:
        case Column(is_given=is_given):
            return is_given
        case Literal(value=found):
            return found is not None
        case Cast(of=of):
            return never_null(of)
        case Case(whens=whens, default=default):
            return default is not None and all(map(never_null, (default, *(each for _, each in whens))))
        case Over(name="sum", args=args):
            return all(map(never_null, args))
        case Over(name="row_number" | "count"):
            return True
        case Call(name="is null"):
            return True
        case Call(name="coalesce" | "least" | "greatest", args=args):
            return any(map(never_null, args))
        case Call(name=name, args=args):
            return name not in _MAY_LACK and all(map(never_null, args))
        case _:
            return False


def is_null(value: Expr) -> Expr:
    """Return whether it is missing."""
    if isinstance(value, Literal):
        return TRUE if value.value is None else FALSE
    return FALSE if never_null(value) else Call("is null", (value,), Sort.FLAG)


def is_given(value: Expr) -> Expr:
    """Return whether it is not missing."""
    return negated(is_null(value))


def compared(left: Expr, operator: str, right: Expr) -> Expr:
    """Return a comparison, null where either side is; operator is one of `= <> < <= > >=`."""
    return Call(operator, (left, right), Sort.FLAG)


def equal(left: Expr, right: Expr) -> Expr:
    """Return whether two values are equal, null where either is missing."""
    return compared(left, "=", right)


def later(one: Expr, other: Expr) -> Expr:
    """Return the later of two dates that are both given."""
    return one if one == other else Call("greatest", (one, other), Sort.DATE)


def surely(test: Expr) -> Expr:
    """Return the test, false where it is null."""
    return test if never_null(test) else first_given([test, FALSE])


def chosen(whens: Iterable[tuple[Expr, Expr]], default: Expr | None = None) -> Expr:
    """Return the value of the first condition that holds."""
    kept: list[tuple[Expr, Expr]] = []
    for test, value in whens:
        if test == TRUE:
            default = value
            break
        if test != FALSE:
            kept.append((test, value))
    sort = _common([value for _, value in kept] + ([default] if default is not None else []))
    if not kept:
        return default if default is not None else null(sort)
    return Case(tuple(kept), default, sort)


def first_given(values: Iterable[Expr]) -> Expr:
    """Return the first value that is not missing."""
    kept: list[Expr] = []
    for value in values:
        if isinstance(value, Literal) and value.value is None:
            continue
        kept.append(value)
        if never_null(value):
            break
    if not kept:
        return next(iter(values))
    return kept[0] if len(kept) == 1 else Call("coalesce", tuple(kept), _common(kept))


def _common(values: list[Expr]) -> Sort:
    sorts = {value.sort for value in values if not (isinstance(value, Literal) and value.value is None)}
    if sorts == {Sort.INT, Sort.WIDE}:
        return Sort.WIDE
    if sorts == {Sort.TEXT, Sort.WORD}:
        return Sort.TEXT
    if len(sorts) > 1:
        raise TypeError(f"values of different sorts: {sorted(sorts)}")
    return sorts.pop() if sorts else (values[0].sort if values else Sort.TEXT)


# --- text ----------------------------------------------------------------------------------------


def joined(parts: Iterable[Expr | str]) -> Expr:
    """Return texts one behind the other; null where one is."""
    kept: list[Expr] = []
    for part in parts:
        each = text(part) if isinstance(part, str) else part
        if isinstance(each, Literal) and each.value == "":
            continue
        last = kept[-1] if kept else None
        if isinstance(each, Literal) and isinstance(last, Literal):
            kept[-1] = text(f"{last.value}{each.value}")
        else:
            kept.append(each)
    if not kept:
        return text("")
    return kept[0] if len(kept) == 1 else Call("||", tuple(kept), Sort.TEXT)


def run_together(parts: Iterable[Expr | str]) -> Expr:
    """Return texts one behind the other, none of which is ever null: cheaper than `joined`."""
    made = joined(parts)
    if isinstance(made, Call) and made.name == "||" and all(map(never_null, made.args)):
        return Call("run together", made.args, Sort.TEXT)
    return made


def as_text(value: Expr) -> Expr:
    """Return a date (ISO) or an integer as text."""
    if value.sort is Sort.TEXT:
        return value
    if isinstance(value, Literal) and isinstance(value.value, int | date):
        return text(str(value.value))
    return Cast(value, Sort.TEXT)


# --- rows ----------------------------------------------------------------------------------------


def over(
    name: str,
    args: Iterable[Expr],
    *,
    partition: Iterable[Expr],
    order: Iterable[Expr] = (),
    is_running: bool = False,
    sort: Sort,
) -> Over:
    """Return a window function."""
    return Over(name, tuple(args), tuple(partition), tuple(order), is_running, sort)
