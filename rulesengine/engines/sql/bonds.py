"""Which rows of facts are worked out together, read off the stages of a compiled plan.

A stage that looks at each row by itself needs no other row. A window, a group or a join does: all rows with
the same values in its keys. Such keys are a `Bond`. Whoever has all rows that a bond ties to a row, and so
on through all bonds of a rule, has all that the lines of the row depend on.

A relation is *local* while its rows come from one row of facts, those that it refers to and those that
refer to it. Bonds are written over local relations, so that they can be asked of the facts without working
out what anybody earns. Columns of later relations are followed back to these; a key that cannot be followed
is left out, which ties more rows together than need be, and never fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rulesengine.engines.sql.expressions import TRUE, Column, Expr, Literal, Sort
from rulesengine.engines.sql.origins import (
    NOWHERE,
    Known,
    Named,
    Reference,
    Seen,
    Way,
    equality,
    given_in,
    groupings,
    localised,
    tests_of,
    united,
)
from rulesengine.engines.sql.relations import Recursion, Rows, Select, Stage, Union, sources
from rulesengine.model.schema import Schema
from rulesengine.model.stored_book import StoredBook
from rulesengine.model.types import RecordType

FACT = "@fact"
"""The column of a side that names the row of facts."""
MOST_WAYS = 64
"""In which the rows of one relation may come about, before it is given up to follow them."""


def key_column(place: int) -> str:
    """Return the name of a key of a side, counted from 0."""
    return f"@key_{place}"


@dataclass(frozen=True, slots=True)
class Side:
    """Rows of a local relation that a bond ties together."""

    kind: str
    """Of the rows that `FACT` names."""
    rows: Select
    """Columns: `FACT` and one for each key."""


@dataclass(frozen=True, slots=True)
class Bond:
    """Rows with the same keys are worked out together, whichever side they are on; without keys all are."""

    sides: tuple[Side, ...]
    keys: int


@dataclass(frozen=True, slots=True)
class Ties:
    """All that ties rows of facts together below one stage."""

    bonds: frozenset[Bond] = frozenset()
    references: frozenset[Reference] = frozenset()
    """Rows are worked out together with those that they refer to by these."""
    unknown: frozenset[str] = frozenset()
    """Stages of which that cannot be said: what stands on them depends on all facts."""

    def __or__(self, other: Ties) -> Ties:
        return Ties(
            self.bonds | other.bonds, self.references | other.references, self.unknown | other.unknown
        )


@dataclass(slots=True)
class TiesOfStages:
    """What ties rows together, stage by stage; stages are added in the order in which they are made."""

    book: StoredBook
    schema: Schema
    _known: dict[str, Known] = field(default_factory=dict)
    """Of relations that facts go into."""
    _ties: dict[str, Ties] = field(default_factory=dict)
    _now: Ties = field(default_factory=Ties)

    def __post_init__(self) -> None:
        for kind, table in self.book.facts.items():
            shape = self.schema.kinds[kind]
            names = {shape.key.name: Named(kind, frozenset(), True)}
            for each in shape.fields:
                if isinstance(each.type, RecordType) and each.type.kind in self.book.facts:
                    is_given = not table.columns[each.name].has_nulls
                    names[each.name] = Named(each.type.kind, frozenset([(kind, each.name)]), is_given)
            self._known[table.name] = localised(names, table.name, [each.name for each in shape.fields])

    def add(self, stage: Stage) -> None:
        """Look at the stage that is made next."""
        self._now = Ties()
        found = self._of(stage)
        if found is not None:
            self._known[stage.name] = found
        below = Ties()
        for name in sources(stage.body):
            below |= self._ties.get(name, Ties())
        self._ties[stage.name] = below | self._now

    def of(self, stage: str) -> Ties:
        """Return all that ties together the rows that a stage is made from, however far below."""
        return self._ties.get(stage, Ties())

    def reads_facts(self, stage: str) -> bool:
        """Whether any fact goes into a stage."""
        return stage in self._known

    def stands_on_rows(self, stage: str, column: str) -> bool:
        """Whether a column names, in every row of a stage, a row of facts that it stands on."""
        known = self._known.get(stage)
        return known is not None and column in known.names and known.names[column].is_given

    # --- stages ---

    def _of(self, stage: Stage) -> Known | None:
        match stage.body:
            case Rows():
                return None
            case Select() as select:
                return self._select(stage.name, select)
            case Union(parts=parts):
                return self._union(stage.name, [self._select(stage.name, part, True) for part in parts])
            case Recursion(name=name, first=first, step=step):
                begun = self._select(stage.name, first, True)
                if begun is None:
                    return self._give_up(stage.name)
                # The rows found last are no relation that can be asked by itself.
                self._known[name] = Known(begun.names, begun.ways, False, begun.columns)
                further = self._select(stage.name, step, True)
                return self._union(stage.name, [self._known[name], further])

    def _union(self, name: str, parts: list[Known | None]) -> Known | None:
        known = [each for each in parts if each is not None]
        if not known:
            return None
        if len(known) < len(parts):
            # Some rows are there whatever the facts are.
            return NOWHERE
        made = united(known)
        if len(made.ways) > MOST_WAYS:
            return self._give_up(name)
        return localised(made.names, name, made.columns) if made.is_local else made

    def _give_up(self, name: str) -> Known:
        self._now |= Ties(unknown=frozenset([name]))
        return NOWHERE

    # --- selects ---

    def _select(self, name: str, select: Select, is_part: bool = False) -> Known | None:
        """Return what is known of the rows of a select, None if no facts go into it.

        Args:
            is_part: whether the select is but a part of the stage, so that the stage cannot be asked for it.
        """
        seen = Seen(select)
        inputs: list[tuple[str, str, Expr, bool]] = [(select.alias, select.source, TRUE, False)]
        inputs += [(join.alias, join.name, join.on, join.is_left) for join in select.joins]
        for alias, source, on, is_left in inputs:
            known = self._known.get(source)
            if known is None:
                continue
            if known == NOWHERE or (is_left and not seen.inputs):
                # Rows that stand on no row of facts, or not all of them.
                return self._give_up(name)
            if seen.inputs and not self._join(seen, alias, source, known, on):
                return self._give_up(name)
            seen.add(alias, source, known, is_left=is_left)
        if not seen.inputs:
            return None
        if not all(self._group(seen, keys) for keys in groupings(select)):
            return self._give_up(name)
        made = seen.known()
        if len(made.ways) > MOST_WAYS:
            return self._give_up(name)
        return localised(made.names, name, made.columns) if made.is_local and not is_part else made

    def _join(self, seen: Seen, alias: str, source: str, known: Known, on: Expr) -> bool:
        """Note down what a join ties together; return whether that can be said."""
        other = Seen(Select((), source, alias))
        other.add(alias, source, known, is_left=False)
        pairs = [pair for test in tests_of(on) if (pair := equality(test, alias)) is not None]
        for here, there in pairs:
            one, two = seen.named(here), other.named(there)
            if one is not None and two is not None and one.kind == two.kind:
                self._now |= Ties(references=one.through | two.through)
                seen.is_local = seen.is_local and known.is_local
                return True
        left = self._sides(seen, [here for here, _ in pairs], seen.until(alias))
        right = self._sides(other, [there for _, there in pairs], other.select)
        seen.is_local = False
        return self._bind([*left, *right])

    def _group(self, seen: Seen, keys: Iterable[Expr]) -> bool:
        """Note down what a window or a group ties together; return whether that can be said."""
        varying = [key for key in keys if not isinstance(key, Literal)]
        given = given_in(seen.select.where)
        for key in varying:
            found = seen.named(key)
            if found is not None and (found.is_given or key in given):
                self._now |= Ties(references=found.through)
                return True
        sides = self._sides(seen, varying, seen.select)
        seen.is_local = False
        return self._bind(sides)

    def _sides(self, seen: Seen, keys: Sequence[Expr], rows: Select) -> list[list[_Choice]]:
        """Return for each way that rows come about where their keys can be read, as far as they can."""
        if seen.is_local:
            fact = seen.fact()
            every = dict(enumerate(keys))
            return [[] if fact is None else [_Choice(fact[0].kind, fact[1], every, rows)]]
        return [self._choices(way, seen, keys) for way in seen.ways()]

    def _choices(self, way: Way, seen: Seen, keys: Sequence[Expr]) -> list[_Choice]:
        found = []
        for role, relation in way.roles.items():
            known = self._known[relation]
            named = known.fact()
            if named is None:
                continue
            there: dict[int, Expr] = {}
            for place, key in enumerate(keys):
                trace = seen.trace(way, key)
                if trace is not None and trace[0] == role:
                    there[place] = Column("r", trace[1], key.sort)
            fact = Column("r", named, Sort.TEXT)
            found.append(_Choice(known.names[named].kind, fact, there, Select((), relation, "r")))
        return found

    def _bind(self, ways: list[list[_Choice]]) -> bool:
        """Note down a bond between ways that rows come about; return whether each can be asked for."""
        if not all(ways):
            return False
        common: frozenset[int] | None = None
        chosen = []
        for choices in ways:
            best = max(choices, key=lambda each: len(each.places(common)))
            common = best.places(common)
            chosen.append(best)
        places = sorted(common or ())
        sides = {each.side(places) for each in chosen}
        self._now |= Ties(bonds=frozenset([Bond(tuple(sorted(sides, key=repr)), len(places))]))
        return True


@dataclass(frozen=True, slots=True)
class _Choice:
    """A local relation in which some keys of a bond stand, by their place."""

    kind: str
    fact: Expr
    keys: Mapping[int, Expr]
    rows: Select

    def places(self, among: frozenset[int] | None) -> frozenset[int]:
        here = frozenset(self.keys)
        return here if among is None else here & among

    def side(self, places: Iterable[int]) -> Side:
        keys = [(key_column(number), self.keys[place]) for number, place in enumerate(places)]
        rows = self.rows
        columns = ((FACT, self.fact), *keys)
        return Side(self.kind, Select(columns, rows.source, rows.alias, rows.joins, rows.where))
