"""Selects that name what they read several times, so that it is written, planned and worked out once.

Steps are written as expressions of expressions: what a statement comes to stands in the test of its
cap, in the amount above it, in what is carried forward. Written out in full that doubles with every
step. A select that grew so is cut into layers, each a stage of its own: the first joins and names what is
read twice, the next names what is read twice of that, and the last has the columns as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from rulesengine.engines.sql.relations import Select
from rulesengine.model.change import replace

FEW = 800
"""A select of fewer parts is left as it is: cutting it would cost more than it saves."""
_SMALL = 4
"""Expressions of fewer parts are written again rather than named."""
_MAY_FAIL = frozenset(("raise", "date of", "lcm", "gcd"))


def in_layers(select: Select) -> list[Select]:
    """Return selects of which each reads the one before; the last has the columns of `select`.

    The source of all but the first is empty: whoever names the layers fills it in.
    """
    if select.group_by or not select.source:
        return [select]
    parts = _Parts()
    roots = [parts.of(expr) for _, expr in select.columns]
    if sum(parts.sizes[root] for root in roots) < FEW:
        return [select]
    named = parts.read_twice(roots)
    if not named:
        return [select]
    return _Layers(parts, select, named).made()


@dataclass(slots=True)
class _Parts:
    """The different expressions in a select, numbered so that those within one come before it."""

    found: list[Expr] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """How many parts each has, written out in full."""
    within: list[tuple[int, ...]] = field(default_factory=list)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _seen: dict[int, tuple[Expr, int]] = field(default_factory=dict)
    """By identity: expressions are shared as objects, and comparing them takes as long as writing them."""

    def of(self, expr: Expr) -> int:
        """Return the number of an expression."""
        seen = self._seen.get(id(expr))
        if seen is not None:
            return seen[1]
        within = tuple(map(self.of, parts_of(expr)))
        key = (type(expr), *_own(expr), within)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.found)
            self.found.append(expr)
            self.sizes.append(1 + sum(self.sizes[each] for each in within))
            self.within.append(within)
        self._seen[id(expr)] = (expr, number)
        return number

    def read_twice(self, roots: Sequence[int]) -> list[int]:
        """Return what is worth a name, innermost first."""
        reads = [0] * len(self.found)
        for number in roots:
            reads[number] += 1
        for parts in self.within:
            for each in parts:
                reads[each] += 1
        always = self._always(roots)
        return [
            number
            for number, expr in enumerate(self.found)
            if reads[number] > 1
            and self.sizes[number] >= _SMALL
            and not isinstance(expr, Column | Literal | Aggregate)
            and (number in always or not self._may_fail(number))
        ]

    def _always(self, roots: Sequence[int]) -> set[int]:
        """Return what is worked out for every row: naming it cannot fail where it did not before."""
        found: set[int] = set()
        todo = list(roots)
        while todo:
            number = todo.pop()
            if number in found:
                continue
            found.add(number)
            expr, within = self.found[number], self.within[number]
            guards = isinstance(expr, Case) or (
                isinstance(expr, Call) and expr.name in ("coalesce", "and", "or")
            )
            todo += within[:1] if guards else within
        return found

    def _may_fail(self, number: int) -> bool:
        """Whether working it out for rows that do not ask for it could stop the run."""
        todo, seen = [number], set()
        while todo:
            each = todo.pop()
            if each in seen:
                continue
            seen.add(each)
            if _fails(self.found[each]):
                return True
            todo += self.within[each]
        return False


class _Layers:
    def __init__(self, parts: _Parts, select: Select, named: Sequence[int]) -> None:
        self.parts, self.select = parts, select
        self.names = {number: f"#{place}" for place, number in enumerate(named, 1)}
        self.levels = self._levels()

    def _levels(self) -> list[int]:
        """Return for each part how many layers come before one that can name it."""
        levels: list[int] = []
        for within in self.parts.within:
            levels.append(max((levels[each] + (each in self.names) for each in within), default=0))
        return levels

    def made(self) -> list[Select]:
        """Return the layers."""
        last = 1 + max(self.levels[number] for number in self.names)
        roots = [self.parts.of(expr) for _, expr in self.select.columns]
        made: list[Select] = []
        for layer in range(last):
            named = [number for number in self.names if self.levels[number] == layer]
            later = [number for number in self.names if self.levels[number] > layer]
            columns = [(self.names[number], self._written(number, layer)) for number in named]
            columns = [*self._taken(roots + later, layer), *columns]
            made.append(self._select(layer, columns))
        columns = [
            (name, self._written(root, last))
            for (name, _), root in zip(self.select.columns, roots, strict=True)
        ]
        made.append(self._select(last, columns))
        return made

    def _select(self, layer: int, columns: list[tuple[str, Expr]]) -> Select:
        if layer == 0:
            return replace(self.select, columns=tuple(columns))
        return Select(columns=tuple(columns), alias="r")

    def _taken(self, readers: Sequence[int], layer: int) -> list[tuple[str, Expr]]:
        """Return what the layers behind this one still read of what was there before it."""
        found: dict[str, Expr] = {}
        seen: set[int] = set()
        todo = list(readers)
        while todo:
            number = todo.pop()
            if number in seen:
                continue
            seen.add(number)
            expr = self.parts.found[number]
            if number in self.names and self.levels[number] < layer:
                found[self.names[number]] = self._read(number)
            elif number in self.names and self.levels[number] == layer:
                continue
            elif isinstance(expr, Column):
                found[_through(expr)] = self._column(expr, layer)
            else:
                todo += self.parts.within[number]
        return sorted(found.items())

    def _read(self, number: int) -> Column:
        expr = self.parts.found[number]
        return Column("r", self.names[number], expr.sort, never_null(expr))

    @staticmethod
    def _column(expr: Column, layer: int) -> Column:
        return expr if layer == 0 else Column("r", _through(expr), expr.sort, expr.is_given)

    def _written(self, number: int, layer: int) -> Expr:
        """Return an expression as a layer writes it: what layers before it named is read."""
        made: dict[int, Expr] = {}

        def written(each: int) -> Expr:
            if each not in made:
                expr = self.parts.found[each]
                if each in self.names and self.levels[each] < layer:
                    made[each] = self._read(each)
                elif isinstance(expr, Column):
                    made[each] = self._column(expr, layer)
                else:
                    made[each] = rebuilt(expr, [written(part) for part in self.parts.within[each]])
            return made[each]

        return written(number)


def _fails(expr: Expr) -> bool:
    """Whether an expression may have no value that a database can hold, for values that lines can show.

    Sums, and products with numbers of the plan, outgrow 128 bits only for amounts of more than the 26 digits
    that lines have room for.
    """
    match expr:
        case Call(name="*", sort=Sort.WIDE, args=args):
            return not any(isinstance(arg, Literal) for arg in args)
        case Call(name="div" | "mod", args=(_, by)):
            return not isinstance(by, Literal)
        case Call(name=name):
            return name in _MAY_FAIL
        case Cast(of=of, sort=sort):
            return (of.sort, sort) != (Sort.INT, Sort.WIDE)
        case _:
            return isinstance(expr, Over | Aggregate)


def _through(column: Column) -> str:
    """Return under which name a layer hands a column on."""
    return f"{column.relation}.{column.name}"


def parts_of(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions that one is made of, in the order in which `rebuilt` takes them."""
    match expr:
        case Column() | Literal():
            return ()
        case Cast(of=of):
            return (of,)
        case Case(whens=whens, default=default):
            flat = tuple(part for when in whens for part in when)
            return flat if default is None else (*flat, default)
        case Over(args=args, partition=partition, order=order):
            return (*args, *partition, *order)
        case Aggregate(args=args, order=order):
            return (*args, *order)
        case Call(args=args):
            return args


def rebuilt(expr: Expr, parts: Sequence[Expr]) -> Expr:
    """Return an expression with other parts."""
    match expr:
        case Column() | Literal():
            return expr
        case Cast():
            return replace(expr, of=parts[0])
        case Case(whens=whens, default=default):
            count = 2 * len(whens)
            pairs = tuple(zip(parts[:count:2], parts[1:count:2], strict=True))
            return replace(expr, whens=pairs, default=None if default is None else parts[-1])
        case Over(args=args, partition=partition):
            first, second = len(args), len(args) + len(partition)
            return replace(
                expr,
                args=tuple(parts[:first]),
                partition=tuple(parts[first:second]),
                order=tuple(parts[second:]),
            )
        case Aggregate(args=args):
            return replace(expr, args=tuple(parts[: len(args)]), order=tuple(parts[len(args) :]))
        case Call():
            return replace(expr, args=tuple(parts))


def _own(expr: Expr) -> tuple[object, ...]:
    """Return what an expression is, besides its parts."""
    match expr:
        case Column():
            return (expr.relation, expr.name, expr.sort, expr.is_given)
        case Literal():
            return (type(expr.value), expr.value, expr.sort)
        case Cast():
            return (expr.sort,)
        case Case():
            return (len(expr.whens), expr.default is None, expr.sort)
        case Over():
            shape = (len(expr.args), len(expr.partition))
            return (expr.name, shape, expr.is_running, expr.sort)
        case Aggregate():
            return (expr.name, len(expr.args), expr.sort)
        case Call():
            return (expr.name, expr.sort)
