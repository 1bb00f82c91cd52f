"""Texts that are one of a few on their way to the answer: words in every stage that they pass.

A text of the plan is a number inside the database where it is of sort `word`. Whether a column of lines or
outcomes has nothing but such texts is only known when all stages are made: they are written down in one,
handed on by others, and taken together by unions. What reads such a column for anything else than to hand
it on reads a text, as before.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence

from rulesengine.engines.sql.expressions import Call, Case, Cast, Column, Expr, Literal, Sort
from rulesengine.engines.sql.once import parts_of, rebuilt
from rulesengine.engines.sql.relations import Body, Recursion, Rows, Select, Stage, Union, sources
from rulesengine.model.change import replace

_TEXTS = (Sort.TEXT, Sort.WORD)
MOST_ROWS = 200
"""Tables of more rows may have more texts than is good for each part of a file to list."""
_Place = tuple[str, str]
"""A stage, and a column of it."""


def with_words(stages: Sequence[Stage], last: Iterable[str]) -> list[Stage]:
    """Return the stages with columns of sort `word` wherever that is known of them.

    Args:
        stages: of a pipeline, in order.
        last: the names of those that are the answer: what leads to a text of theirs is looked at.
    """
    few = _Few(stages)
    for name in last:
        few.follow(name)
    words = few.words
    stages_of_words = {name for name, _ in words}
    return [
        _written(stage, words)
        if stage.name in stages_of_words or not stages_of_words.isdisjoint(sources(stage.body))
        else stage
        for stage in stages
    ]


class _Few:
    """Which columns have nothing but texts of the plan."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = {stage.name: stage for stage in stages}
        # A recursion has one type for what it begins with and for what it finds.
        self._carried = {
            name for stage in stages if isinstance(stage.body, Recursion) for name in sources(stage.body)
        }
        self._columns: dict[str, list[tuple[dict[str, Expr], Select]]] = {}
        self._known: dict[_Place, bool] = {}
        self.words: set[_Place] = set()
        """Columns that become words, and with them what they are taken from."""

    def follow(self, name: str) -> None:
        """Note down the columns of a stage that are one of a few, and those that lead to them."""
        for select in _selects(self._stages[name].body):
            for column, expr in select.columns:
                if expr.sort is Sort.TEXT and self._is_few((name, column)):
                    self._note((name, column))

    def _is_few(self, place: _Place) -> bool:
        if place not in self._known:
            # No stage reads itself but a recursion, and that is none of few.
            self._known[place] = False
            found = self._written(place)
            self._known[place] = bool(found) and all(self._is_few_text(*each) for each in found)
        return self._known[place]

    def _note(self, place: _Place) -> None:
        if place in self.words:
            return
        self.words.add(place)
        for expr, select in self._written(place):
            for column in _handed_on(expr):
                self._note(_place(column, select))

    def _written(self, place: _Place) -> list[tuple[Expr, Select]]:
        """Return what stands in a column, in each select of its stage; nothing for what is stored."""
        name, column = place
        if name not in self._columns:
            stage = self._stages.get(name)
            selects = () if stage is None or name in self._carried else _selects(stage.body)
            self._columns[name] = [(dict(select.columns), select) for select in selects]
        return [(columns[column], select) for columns, select in self._columns[name]]

    def _is_few_text(self, expr: Expr, select: Select) -> bool:
        if isinstance(expr, Literal):
            return expr.sort in _TEXTS
        if isinstance(expr, Column):
            return expr.sort is Sort.WORD or (expr.sort is Sort.TEXT and self._is_few(_place(expr, select)))
        inner = _choices(expr)
        return bool(inner) and all(self._is_few_text(each, select) for each in inner)


def _choices(expr: Expr) -> list[Expr]:
    """Return the expressions of which one is the value of another; none where it is a value of its own."""
    match expr:
        case Case(whens=whens, default=default):
            return [value for _, value in whens] + ([] if default is None else [default])
        case Call(name="coalesce", args=args):
            return list(args)
        case Cast(of=of, sort=Sort.TEXT) if of.sort in _TEXTS:
            return [of]
        case _:
            return []


def _handed_on(expr: Expr) -> Iterable[Column]:
    """Yield the columns, no words yet, of which one is the value of an expression that is one of a few."""
    if isinstance(expr, Column) and expr.sort is Sort.TEXT:
        yield expr
    for each in _choices(expr):
        yield from _handed_on(each)


def _place(column: Column, select: Select) -> _Place:
    return _relations(select)[column.relation], column.name


def _relations(select: Select) -> Mapping[str, str]:
    """Return the relations of a select by what they are called in it."""
    return {select.alias: select.source} | {join.alias: join.name for join in select.joins}


def _selects(body: Body) -> tuple[Select, ...]:
    match body:
        case Select():
            return (body,)
        case Union(parts=parts):
            return parts
        case Rows(columns=columns, rows=rows) if len(rows) <= MOST_ROWS:
            names = [name for name, _ in columns]
            return tuple(Select(tuple(zip(names, row, strict=True))) for row in rows)
        case _:
            return ()


# --- writing stages again ------------------------------------------------------------------------


def _written(stage: Stage, words: set[_Place]) -> Stage:
    match stage.body:
        case Select() as select:
            return replace(stage, body=_select(stage.name, select, words))
        case Union(parts=parts):
            return replace(stage, body=Union(tuple(_select(stage.name, each, words) for each in parts)))
        case Rows(columns=columns, rows=rows):
            are = [(stage.name, name) in words for name, _ in columns]
            made = tuple(
                (name, Sort.WORD if is_one else sort)
                for (name, sort), is_one in zip(columns, are, strict=True)
            )
            return replace(stage, body=Rows(made, tuple(_row(row, are) for row in rows)))
        case _:
            return stage


def _row(row: Sequence[Literal], are_words: Sequence[bool]) -> tuple[Literal, ...]:
    return tuple(
        replace(each, sort=Sort.WORD) if is_one else each for each, is_one in zip(row, are_words, strict=True)
    )


def _select(stage: str, select: Select, words: set[_Place]) -> Select:
    writing = _Writing(_relations(select), words)
    return replace(
        select,
        columns=tuple(
            (name, writing.as_word(expr) if (stage, name) in words else writing.read(expr))
            for name, expr in select.columns
        ),
        joins=tuple(replace(join, on=writing.read(join.on)) for join in select.joins),
        where=writing.read(select.where),
        # What is grouped by may be handed on as it is.
        group_by=tuple(map(writing.plain, select.group_by)),
    )


class _Writing:
    """Writes the expressions of a select again, where columns that it reads are words now."""

    def __init__(self, relations: Mapping[str, str], words: set[_Place]) -> None:
        self._relations, self._words = relations, words
        self._made: dict[int, Expr] = {}
        """By identity: expressions share what they have in common."""

    def as_word(self, expr: Expr) -> Expr:
        """Return a text that is one of a few as a word."""
        match expr:
            case Case(whens=whens, default=default):
                made = tuple((self.read(test), self.as_word(value)) for test, value in whens)
                return Case(made, None if default is None else self.as_word(default), Sort.WORD)
            case Call(args=args):
                return replace(expr, args=tuple(map(self.as_word, args)), sort=Sort.WORD)
            case Cast(of=of):
                return self.as_word(of)
            case _:
                return replace(expr, sort=Sort.WORD)

    def plain(self, expr: Expr) -> Expr:
        """Return an expression of the same values, of which one that is a column stays one."""
        return replace(expr, sort=Sort.WORD) if self._is_word(expr) else self.read(expr)

    def read(self, expr: Expr) -> Expr:
        """Return the same expression, of the same sort."""
        if id(expr) not in self._made:
            self._made[id(expr)] = self._read(expr)
        return self._made[id(expr)]

    def _read(self, expr: Expr) -> Expr:
        if self._is_word(expr):
            return Cast(replace(expr, sort=Sort.WORD), Sort.TEXT)
        parts = parts_of(expr)
        made = list(map(self.read, parts))
        return rebuilt(expr, made) if any(map(operator.is_not, parts, made)) else expr

    def _is_word(self, expr: Expr) -> bool:
        if not isinstance(expr, Column) or expr.sort is not Sort.TEXT:
            return False
        return (self._relations.get(expr.relation, ""), expr.name) in self._words
