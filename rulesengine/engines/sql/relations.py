"""Relations of the compiled pipeline: selects with typed columns, gathered into named stages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rulesengine.diagnostics import InternalError
from rulesengine.engines.sql.expressions import (
    ONE,
    TRUE,
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Literal,
    Over,
    Sort,
    all_of,
    equal,
    never_null,
    null,
)
from rulesengine.engines.sql.values import Number, Plain, Value, at_scale, expr_of, fitted
from rulesengine.model.change import replace

UNDER = "/"
"""Behind the name of a number stands, in a column of its own, its denominator if it has one."""


@dataclass(frozen=True, slots=True)
class Join:
    """A relation joined to those before it; `is_left` keeps rows without a partner."""

    name: str
    alias: str
    on: Expr
    is_left: bool


@dataclass(frozen=True, slots=True)
class Select:
    """Columns of one relation and what is joined to it; none (`source` empty) for a row of literals."""

    columns: tuple[tuple[str, Expr], ...]
    source: str = ""
    alias: str = ""
    joins: tuple[Join, ...] = ()
    where: Expr = TRUE
    group_by: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of several selects with the same columns."""

    parts: tuple[Select, ...]


@dataclass(frozen=True, slots=True)
class Recursion:
    """The rows of a select, and again and again those of one that reads the rows found last."""

    name: str
    """Under which `step` reads them."""
    first: Select
    step: Select
    layers: tuple[Select, ...] = ()
    """Further selects of the step, each of the rows of the one before: their source is empty."""
    columns: tuple[str, ...] = ()
    """Which columns are kept of the rows found; empty for all."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of literals, such as those of a table of the plan."""

    columns: tuple[tuple[str, Sort], ...]
    rows: tuple[tuple[Literal, ...], ...]


Body = Select | Union | Recursion | Rows


@dataclass(frozen=True, slots=True)
class Stage:
    """One named step of the pipeline: its rows are computed when asked for, or kept in a table."""

    name: str
    comment: str
    """What it does, with the rule and the clause it comes from; may have several lines."""
    body: Body
    is_kept: bool = False
    """Read by more than one later stage, so that it is worth a table."""
    rule: str = ""
    """The rule it belongs to, for errors; empty for what all rules share."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a stage that was made, with the types of its columns."""

    name: str
    columns: Mapping[str, Value]
    """The values as they are in the relation itself; read them through a `From`."""

    def __contains__(self, name: str) -> bool:
        return name in self.columns


def stored(name: str, value: Value, under: str = "") -> Value:
    """Return a value as a column of a relation: what a later stage finds under that name.

    Args:
        under: the column with its denominator, where that is not its own.
    """
    match value:
        case Plain(expr=expr):
            return Plain(Column("", name, expr.sort, never_null(expr)))
        case Number():
            bottom = None
            if value.bottom is not None:
                bottom = Column("", under or name + UNDER, value.bottom.sort, never_null(value.bottom))
            top = Column("", name, value.top.sort, never_null(value.top))
            return Number(top, value.scale, value.most, bottom, value.bottom_most)


def at(value: Value, alias: str, *, is_left: bool = False) -> Value:
    """Return a stored value as it is read through an alias.

    Args:
        is_left: of a relation joined so that rows without a partner stay: there it is null.
    """

    def through(expr: Expr) -> Expr:
        if isinstance(expr, Literal):
            return expr
        if not isinstance(expr, Column):
            raise InternalError("a column of a relation is a column")
        return Column(alias, expr.name, expr.sort, expr.is_given and not is_left)

    match value:
        case Plain(expr=expr):
            return Plain(through(expr))
        case Number():
            bottom = None if value.bottom is None else through(value.bottom)
            return Number(through(value.top), value.scale, value.most, bottom, value.bottom_most)


class _Columns(ABC):
    """Columns of a relation as they are read in a select."""

    __slots__ = ()

    @abstractmethod
    def __getitem__(self, name: str) -> Value:
        """Return a column."""

    def expr(self, name: str) -> Expr:
        """Return a column that is no number."""
        value = self[name]
        assert isinstance(value, Plain), name
        return value.expr

    def num(self, name: str) -> Number:
        """Return a column that is a number."""
        value = self[name]
        assert isinstance(value, Number), name
        return value

    def key(self, name: str) -> Expr:
        """Return what rows are told apart by in a column: of a number its integer."""
        return expr_of(self[name])

    def keys(self, names: Iterable[str]) -> list[Expr]:
        """Return the same of several columns."""
        return [self.key(name) for name in names]


@dataclass(slots=True)
class From(_Columns):
    """A select in the making: a relation, what is joined to it, and what is kept of it."""

    relation: Relation
    alias: str = "r"
    joins: list[Join] = field(default_factory=list)
    wheres: list[Expr] = field(default_factory=list)
    columns: dict[str, Value] = field(default_factory=dict)
    given: set[Column] = field(default_factory=set)
    """Columns that have a value in every row that is kept."""
    groups: list[Expr] = field(default_factory=list)
    """What rows are grouped by where columns are aggregates."""
    ranged: dict[tuple[object, ...], Joined] = field(default_factory=dict)
    """Joins made with `join_on`, by what they are for, so that each is made once."""
    _joined: dict[tuple[object, ...], Joined] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Value:
        return at(self.relation.columns[name], self.alias)

    def join(
        self, relation: Relation, on: Mapping[str, Expr] | None = None, *, is_left: bool = True
    ) -> Joined:
        """Join a relation where its columns equal what is given; the same join is made once.

        Args:
            relation: what is joined.
            on: an expression over what was joined before, for columns of `relation`.
            is_left: whether rows without a partner stay.
        """
        key: tuple[object, ...] = (relation.name, tuple((on or {}).items()), is_left)
        if key not in self._joined:
            joined = self.join_on(relation, is_left=is_left)
            tests = [equal(joined.key(name), expr) for name, expr in (on or {}).items()]
            self.close(joined, all_of(tests), is_left=is_left)
            self._joined[key] = joined
        return self._joined[key]

    def join_on(self, relation: Relation, *, is_left: bool = True) -> Joined:
        """Begin a join whose condition is given to `close` before the next one begins."""
        return Joined(relation, f"j{len(self.joins) + 1}", is_left)

    def close(self, joined: Joined, on: Expr, *, is_left: bool = True) -> None:
        """Add a join with its condition."""
        self.joins.append(Join(joined.relation.name, joined.alias, on, is_left))

    def keep(self, test: Expr) -> None:
        """Keep the rows for which a test holds."""
        if test != TRUE:
            self.wheres.append(test)
        match test:
            case Call(name="not", args=(Call(name="is null", args=(Column() as column,)),)):
                self.given.add(column)
            case _:
                pass

    def leave_unread_out(self) -> None:
        """Take out joins that nothing is read of, and that keep every row: what was looked up for others."""
        kept: list[Join] = []
        read = _aliases([*(expr for _, expr in written(self.columns)), *self.wheres])
        for join in reversed(self.joins):
            if not join.is_left or join.alias in read:
                kept.append(join)
                read |= _aliases([join.on])
        self.joins = kept[::-1]

    def known_columns(self) -> dict[str, Value]:
        """Return the columns of the select; those of which rows without a value are left out say so."""
        return {name: _given(value, self.given) for name, value in self.columns.items()}

    def take_all(self, without: Iterable[str] = ()) -> None:
        """Take over all columns of the relation."""
        left_out = set(without)
        for name in self.relation.columns:
            if name not in left_out and name not in self.columns:
                self.columns[name] = self[name]

    def select(self) -> Select:
        """Return the select as it stands."""
        return self._select(flat(self.columns))

    def select_of(self, columns: Mapping[str, Value], without: Iterable[str]) -> Select:
        """Return the select with these columns, literals too, but for some."""
        left_out = set(without)
        return self._select(written({name: each for name, each in columns.items() if name not in left_out}))

    def _select(self, columns: tuple[tuple[str, Expr], ...]) -> Select:
        return Select(
            columns=columns,
            source=self.relation.name,
            alias=self.alias,
            joins=tuple(self.joins),
            where=all_of(self.wheres),
            group_by=tuple(self.groups),
        )


@dataclass(frozen=True, slots=True)
class Joined(_Columns):
    """A relation that was joined, by its alias."""

    relation: Relation
    alias: str
    is_left: bool

    def __getitem__(self, name: str) -> Value:
        return at(self.relation.columns[name], self.alias, is_left=self.is_left)


def is_literal(value: Value) -> bool:
    """Whether a value is written in the plan: it needs no column, later stages write it again."""
    match value:
        case Plain(expr=expr):
            return isinstance(expr, Literal)
        case Number():
            return isinstance(value.top, Literal) and isinstance(value.bottom, Literal | None)


def flat(columns: Mapping[str, Value]) -> tuple[tuple[str, Expr], ...]:
    """Return the columns of a select: numbers with their denominators beside them, no literals.

    A denominator that several numbers share is one column, so that they are known to share it.
    """
    shared = {_under(each, columns) for each in columns}
    found = written({name: value for name, value in columns.items() if not is_literal(value)})
    return tuple((name, expr) for name, expr in found if not name.endswith(UNDER) or name in shared)


def _under(name: str, columns: Mapping[str, Value]) -> str:
    """Return the column with the denominator of a number: of the first one that has the same."""
    value = columns[name]
    bottom = value.bottom if isinstance(value, Number) else None
    if bottom is None or isinstance(bottom, Literal):
        return name + UNDER
    return next(
        first + UNDER
        for first, other in columns.items()
        if isinstance(other, Number) and other.bottom == bottom and not is_literal(other)
    )


def written(columns: Mapping[str, Value]) -> tuple[tuple[str, Expr], ...]:
    """Return the columns of a select, literals too."""
    found: list[tuple[str, Expr]] = []
    for name, value in columns.items():
        match value:
            case Plain(expr=expr):
                found.append((name, expr))
            case Number():
                found.append((name, value.top))
                if value.bottom is not None:
                    found.append((name + UNDER, value.bottom))
    return tuple(found)


def _given(value: Value, given: set[Column]) -> Value:
    match value:
        case Plain(expr=Column() as column) if column in given:
            return Plain(replace(column, is_given=True))
        case Number(top=Column() as column) if column in given:
            return replace(value, top=replace(column, is_given=True))
        case _:
            return value


def made(name: str, columns: Mapping[str, Value]) -> Relation:
    """Return the relation that a stage with these columns makes."""
    return Relation(
        name,
        {
            each: value if is_literal(value) else stored(each, value, _under(each, columns))
            for each, value in columns.items()
        },
    )


def united(parts: Sequence[tuple[From, Mapping[str, Value]]]) -> tuple[list[Select], dict[str, Value]]:
    """Return selects with the same columns, and what these are: for a union of unlike parts.

    A column that a part lacks is null in it; numbers are brought to one scale and width. What is the
    same literal in all of them stays one.
    """
    names: dict[str, None] = {}
    for _, columns in parts:
        names.update(dict.fromkeys(columns))
    together: dict[str, Value] = {name: _common(name, [columns for _, columns in parts]) for name in names}
    selects = []
    for source, columns in parts:
        alike = {name: _as_common(columns.get(name), together[name]) for name in names}
        selects.append(source.select_of(alike, [name for name in names if is_literal(together[name])]))
    return selects, together


def _common(name: str, parts: Sequence[Mapping[str, Value]]) -> Value:
    found = [columns[name] for columns in parts if name in columns]
    if len(found) == len(parts) and is_literal(found[0]) and all(value == found[0] for value in found):
        return found[0]
    numbers = [value for value in found if isinstance(value, Number)]
    if not numbers:
        if len(found) == len(parts) and all(map(_is_word, found)):
            return Plain(Column("", name, Sort.WORD, True))
        sorts = {value.expr.sort for value in found if isinstance(value, Plain)}
        if sorts == {Sort.TEXT, Sort.WORD}:
            sorts = {Sort.TEXT}
        if len(sorts) != 1:
            raise InternalError(f"column {name} is of several sorts: {sorted(sorts)}")
        is_given = len(found) == len(parts) and all(
            never_null(value.expr) for value in found if isinstance(value, Plain)
        )
        return Plain(Column("", name, sorts.pop(), is_given))
    scale = max(value.scale for value in numbers)
    most = max(at_scale(value, scale).most for value in numbers)
    bottoms = [value for value in numbers if value.bottom is not None]
    bottom_most = max((value.bottom_most for value in bottoms), default=1)
    is_given = len(found) == len(parts) and all(never_null(value.top) for value in numbers)
    top = Column("", name, fitted(null(Sort.INT), most).sort, is_given)
    under = Column("", name + UNDER, fitted(null(Sort.INT), bottom_most).sort) if bottoms else None
    return Number(top, scale, most, under, bottom_most)


def _is_word(value: Value) -> bool:
    """Whether a value is a text of the plan, one of those that several parts of a union bring."""
    expr = value.expr if isinstance(value, Plain) else None
    if isinstance(expr, Literal):
        return expr.value is not None and expr.sort in (Sort.TEXT, Sort.WORD)
    return expr is not None and expr.sort is Sort.WORD and never_null(expr)


def _as_common(value: Value | None, common: Value) -> Value:
    if isinstance(common, Plain):
        if value is None:
            return Plain(null(common.expr.sort))
        assert isinstance(value, Plain)
        if isinstance(value.expr, Literal) and value.expr.sort is not common.expr.sort:
            return Plain(Literal(value.expr.value, common.expr.sort))
        return value if value.expr.sort is common.expr.sort else Plain(Cast(value.expr, common.expr.sort))
    if value is None:
        nothing = null(common.top.sort)
        under = null(common.bottom.sort) if common.bottom is not None else None
        return Number(nothing, common.scale, common.most, under, common.bottom_most)
    assert isinstance(value, Number)
    raised = at_scale(value, common.scale)
    bottom = raised.bottom
    if common.bottom is not None:
        bottom = fitted(bottom if bottom is not None else ONE, common.bottom_most)
    return Number(fitted(raised.top, common.most), common.scale, common.most, bottom, common.bottom_most)


def sources(body: Body) -> list[str]:
    """Return the names of the relations that a stage reads."""
    match body:
        case Select(source=source, joins=joins):
            return [source, *(join.name for join in joins)]
        case Union(parts=parts):
            return [name for part in parts for name in sources(part)]
        case Recursion(first=first, step=step, layers=layers):
            joined = [join.name for layer in layers for join in layer.joins]
            return [*sources(first), *sources(step), *joined]
        case _:
            return []


def leading_to(names: Iterable[str], stages: Sequence[Stage]) -> list[Stage]:
    """Return the stages of some names and all that they are made from, in the order of the pipeline."""
    needed = set(names)
    found = []
    for stage in reversed(stages):
        if stage.name in needed:
            needed.update(sources(stage.body))
            found.append(stage)
    return found[::-1]


def _aliases(exprs: Iterable[Expr]) -> set[str]:
    """Return the relations that expressions read of."""
    found: set[str] = set()
    todo = list(exprs)
    while todo:
        for part in walk(todo.pop()):
            match part:
                case Column(relation=relation):
                    found.add(relation)
                case Over(partition=partition, order=order):
                    todo += [*partition, *order]
                case Aggregate(order=order):
                    todo += order
                case _:
                    pass
    return found


def walk(expr: Expr) -> Iterable[Expr]:
    """Yield an expression and all in it."""
    yield expr
    match expr:
        case Case(whens=whens, default=default):
            for test, value in whens:
                yield from walk(test)
                yield from walk(value)
            if default is not None:
                yield from walk(default)
        case Cast(of=of):
            yield from walk(of)
        case Column() | Literal():
            return
        case _:
            for arg in expr.args:
                yield from walk(arg)
