"""Where the rows and columns of a relation come from: for `bonds`, which rows are worked out together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from rulesengine.engines.sql.expressions import (
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Literal,
    Over,
    Sort,
    never_null,
)
from rulesengine.engines.sql.relations import Select, walk

Reference = tuple[str, str]
"""A fact kind and a field of it that refers to rows of facts."""
_SAME_VALUE = ({Sort.TEXT, Sort.WORD}, {Sort.TEXT}, {Sort.INT, Sort.WIDE})
"""Sorts between which a cast changes no value."""
_ONE_OF = ("min", "max", "first", "last", "any_value", "lag", "lead")
"""Aggregates and windows whose value is that of one row of theirs."""
Trace = tuple[str, str]
"""A role, and a column of the relation that plays it."""


@dataclass(frozen=True, slots=True)
class Named:
    """Said of a column whose values are keys of rows of facts, tied to the row that the value stands in."""

    kind: str
    through: frozenset[Reference]
    """The references that these rows were found by."""
    is_given: bool
    """Whether there is a value in every row."""


@dataclass(frozen=True, slots=True)
class Way:
    """How rows of a relation come about: from a row of each of some local relations."""

    roles: Mapping[str, str]
    """The local relation that plays each role."""
    columns: Mapping[str, Trace]
    """Columns whose value stands in the row of a role."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a relation that facts go into."""

    names: Mapping[str, Named]
    ways: tuple[Way, ...]
    is_local: bool
    columns: tuple[str, ...]

    def fact(self) -> str | None:
        """Return the column that tells best which row of facts a row stands on."""
        given = [name for name, named in self.names.items() if named.is_given]
        return min(given, key=lambda name: (bool(self.names[name].through), name), default=None)


NOWHERE = Known({}, (), False, ())
"""Of rows that do not all stand on a row of facts."""


def localised(names: Mapping[str, Named], relation: str, columns: Iterable[str]) -> Known:
    """Return what is known of a local relation, which stands for itself."""
    every = tuple(columns)
    return Known(names, (Way({"": relation}, {name: ("", name) for name in every}),), True, every)


def united(parts: Sequence[Known]) -> Known:
    """Return what is known of the rows of several relations with the same columns."""
    names = {}
    for name, named in parts[0].names.items():
        others = [part.names[name] for part in parts if name in part.names]
        if len(others) == len(parts) and {other.kind for other in others} == {named.kind}:
            through = frozenset(each for other in others for each in other.through)
            names[name] = Named(named.kind, through, all(other.is_given for other in others))
    ways: list[Way] = []
    for part in parts:
        ways += [way for way in part.ways if way not in ways]
    return Known(names, tuple(ways), all(part.is_local for part in parts), parts[0].columns)


@dataclass(slots=True)
class Seen:
    """A select, looked at relation by relation."""

    select: Select
    inputs: dict[str, Known] = field(default_factory=dict)
    """By alias, those that facts go into."""
    is_local: bool = True
    _left: set[str] = field(default_factory=set)
    """Aliases of which a row may be missing."""

    def add(self, alias: str, source: str, known: Known, *, is_left: bool) -> None:
        """Add a relation that was joined; what the join ties together is known by then."""
        del source
        self.inputs[alias] = known
        self.is_local = self.is_local and known.is_local
        if is_left:
            self._left.add(alias)

    def until(self, alias: str) -> Select:
        """Return the select as it is before a relation is joined."""
        joins = self.select.joins
        before = joins[: next(place for place, join in enumerate(joins) if join.alias == alias)]
        return Select((), self.select.source, self.select.alias, before)

    def named(self, expr: Expr) -> Named | None:
        """Return which rows of facts an expression names, None if it is none of these."""
        match expr:
            case Column(relation=alias, name=name) if alias in self.inputs:
                found = self.inputs[alias].names.get(name)
                is_given = never_null(expr) or (
                    found is not None and found.is_given and alias not in self._left
                )
                return found and Named(found.kind, found.through, is_given)
            case Cast(of=of, sort=Sort.TEXT):
                return self.named(of)
            case Call(name="coalesce", args=args):
                return self._any_of(args, expr)
            case Aggregate(name=function, args=(of,)) | Over(name=function, args=(of,)) if (
                function in _ONE_OF
            ):
                # One of the rows of a group, which are tied together; a window may be empty.
                found = self.named(of)
                is_given = found is not None and found.is_given and isinstance(expr, Aggregate)
                return found and Named(found.kind, found.through, is_given)
            case Case(whens=whens, default=default):
                values = [value for _, value in whens] + ([default] if default is not None else [])
                return self._any_of(values, expr)
            case _:
                return None

    def _any_of(self, values: Iterable[Expr], expr: Expr) -> Named | None:
        given = [each for each in values if not (isinstance(each, Literal) and each.value is None)]
        found = [self.named(each) for each in given]
        names = [each for each in found if each is not None]
        if not names or len(names) < len(found) or len({each.kind for each in names}) > 1:
            return None
        through = frozenset(each for name in names for each in name.through)
        if isinstance(expr, Case):
            is_given = len(given) == len(expr.whens) + 1 and all(each.is_given for each in names)
        else:
            is_given = any(each.is_given for each in names)
        return Named(names[0].kind, through, is_given)

    def fact(self) -> tuple[Named, Expr] | None:
        """Return what tells best which row of facts a row of the select stands on."""
        for alias, known in self.inputs.items():
            name = known.fact()
            if name is not None and alias not in self._left:
                return known.names[name], Column(alias, name, Sort.TEXT)
        return None

    def ways(self) -> Iterator[Way]:
        """Yield how rows of the select come about, with the columns of its inputs behind their alias."""
        there = {alias: known for alias, known in self.inputs.items() if alias not in self._left}
        for combined in product(*(known.ways for known in there.values())):
            roles: dict[str, str] = {}
            columns: dict[str, Trace] = {}
            for alias, way in zip(there, combined, strict=True):
                roles |= {f"{alias}.{role}": relation for role, relation in way.roles.items()}
                columns |= {
                    f"{alias}.{name}": (f"{alias}.{role}", column)
                    for name, (role, column) in way.columns.items()
                }
            yield Way(roles, columns)

    def trace(self, way: Way, expr: Expr) -> Trace | None:
        """Return where the value of an expression stands, None if it is worked out."""
        match expr:
            case Column(relation=alias, name=name):
                return way.columns.get(f"{alias}.{name}")
            case Cast(of=of, sort=sort) if {of.sort, sort} in _SAME_VALUE:
                return self.trace(way, of)
            case _:
                return None

    def known(self) -> Known:
        """Return what is known of the rows of the select."""
        given = given_in(self.select.where)
        names = {}
        for column, expr in self.select.columns:
            found = self.named(expr)
            if found is not None:
                names[column] = Named(found.kind, found.through, found.is_given or expr in given)
        ways: list[Way] = []
        for way in self.ways():
            traced = {column: self.trace(way, expr) for column, expr in self.select.columns}
            columns = {column: trace for column, trace in traced.items() if trace is not None}
            passed = Way(way.roles, columns)
            if passed not in ways:
                ways.append(passed)
        return Known(names, tuple(ways), self.is_local, tuple(column for column, _ in self.select.columns))


# --- what a select asks --------------------------------------------------------------------------


def tests_of(test: Expr) -> tuple[Expr, ...]:
    """Return the tests that all hold where one does."""
    return test.args if isinstance(test, Call) and test.name == "and" else (test,)


def equality(test: Expr, alias: str) -> tuple[Expr, Expr] | None:
    """Return the two sides of an equation between what was joined before and a relation, None if it is no
    such equation."""
    match test:
        case Call(name="=", args=(left, right)):
            for here, there in ((left, right), (right, left)):
                if _aliases(there) == {alias} and alias not in _aliases(here) and _aliases(here):
                    return here, there
            return None
        case _:
            return None


def given_in(where: Expr) -> set[Expr]:
    """Return what has a value in every row that a condition keeps."""
    return {
        test.args[0].args[0]
        for test in tests_of(where)
        if isinstance(test, Call)
        and test.name == "not"
        and isinstance(test.args[0], Call)
        and test.args[0].name == "is null"
    }


def groupings(select: Select) -> Iterator[tuple[Expr, ...]]:
    """Yield the keys of each window of a select, and of its groups."""
    parts = [part for _, expr in select.columns for part in walk(expr)]
    yield from dict.fromkeys(part.partition for part in parts if isinstance(part, Over))
    if select.group_by or any(isinstance(part, Aggregate) for part in parts):
        yield select.group_by


def _aliases(expr: Expr) -> set[str]:
    return {part.relation for part in walk(expr) if isinstance(part, Column)}
