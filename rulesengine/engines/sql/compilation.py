"""The state of one compilation: the plan, what is known of the stored facts, and the stages so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rulesengine.diagnostics import InternalError, Span
from rulesengine.engines.sql.expressions import FALSE, Column, Expr, Literal, Sort, null
from rulesengine.engines.sql.once import in_layers
from rulesengine.engines.sql.relations import (
    UNDER,
    Body,
    From,
    Recursion,
    Relation,
    Rows,
    Select,
    Stage,
    Union,
    made,
    sources,
    stored,
    united,
    written,
)
from rulesengine.engines.sql.stage_names import StageNames
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.model.change import replace
from rulesengine.model.schema import RecordKind
from rulesengine.model.stored_book import (
    FILE,
    FIRST_DAY,
    LAST_DAY,
    MOST_IN_64_BITS,
    ROW,
    START,
    StoredBook,
    StoredColumn,
    StoredTable,
)
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
    Type,
)
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows that must not be: with one of them the run is refused, and nothing is paid."""

    name: str
    """The stage, with their messages, `message`, and `nth`, which they are in order by."""
    code: str
    origin: Span | None
    hint: str


@dataclass(slots=True)
class Trial:
    """Stages that look for rows which have no place in the facts: what reads those facts is made once more
    without these rows."""

    suffix: str
    """Behind the names of such stages."""
    reads: set[str]
    """The facts, and the stages that read them."""


@dataclass(slots=True)
class Compilation:
    """What the steps of the compiler share."""

    plan: nodes.Plan
    book: StoredBook
    through: date
    stages: list[Stage] = field(default_factory=list)
    relations: dict[tuple[object, ...], Relation] = field(default_factory=dict)
    """What is made once and used by several rules, by what it is and what it is made for: never by a name
    that is put together, as `a_b` and `c` make the same name as `a` and `b_c`."""
    outcomes: list[Relation] = field(default_factory=list)
    """Relations with the columns of `outcomes`: rows that earn nothing."""
    rejects: list[Relation] = field(default_factory=list)
    """Relations with the columns of `engine_rejects`."""
    refusals: list[Refusal] = field(default_factory=list)
    trial: Trial | None = None
    _names: StageNames = field(init=False)

    def __post_init__(self) -> None:
        self._names = StageNames(table.name for table in self.book.tables())

    def add(
        self,
        name: str,
        comment: str,
        source: From,
        *,
        rule: nodes.Rule | None = None,
        is_kept: bool = False,
        group_by: Sequence[Expr] = (),
    ) -> Relation:
        """Add a stage that is one select, and return what it makes."""
        columns = source.known_columns()
        source.groups += group_by
        select = source.select()
        name = self._named(name, select)
        select = self._cut(name, select, rule)
        self.stages.append(Stage(name, comment, select, is_kept, rule.name if rule else ""))
        return made(name, columns)

    def add_written(
        self, name: str, comment: str, source: From, *, rule: nodes.Rule | None = None
    ) -> Relation:
        """Add a stage whose literals are columns too: what leaves the pipeline."""
        columns = dict(source.columns)
        select = source.select_of(columns, ())
        name = self._named(name, select)
        select = self._cut(name, select, rule)
        self.stages.append(Stage(name, comment, select, False, rule.name if rule else ""))
        return Relation(name, {each: stored(each, value) for each, value in columns.items()})

    def add_union(
        self,
        name: str,
        comment: str,
        parts: Sequence[From],
        *,
        rule: nodes.Rule | None = None,
        is_kept: bool = False,
    ) -> Relation:
        """Add a stage of several selects whose columns are brought together, see `united`."""
        selects, columns = united([(part, part.known_columns()) for part in parts])
        name = self._named(name, Union(tuple(selects)))
        if len(selects) == 1:
            selects = [self._cut(name, selects[0], rule)]
        else:
            selects = [self._cut(f"{name}_{at}", each, rule) for at, each in enumerate(selects, 1)]
        body: Body = selects[0] if len(selects) == 1 else Union(tuple(selects))
        self.stages.append(Stage(name, comment, body, is_kept, rule.name if rule else ""))
        return made(name, columns)

    def add_recursion(
        self,
        name: str,
        comment: str,
        first: From,
        step: Callable[[Relation], From | Sequence[From]],
        *,
        rule: nodes.Rule | None = None,
        kept: Sequence[str] = (),
    ) -> Relation:
        """Add a stage of rows that lead to further rows.

        Args:
            first: the rows to begin with; its columns bound all that follow.
            step: from the rows found last to those that they lead to, with the same columns; several selects
                where each is of the rows of the one before.
            kept: which columns of what is found are kept; empty for all.
        """
        inner = self._names.own(f"{name}{self.trial.suffix if self.trial is not None else ''}_found")
        columns = {each: stored(each, value) for each, value in first.columns.items()}
        found = step(Relation(inner, columns))
        *before, last = [found] if isinstance(found, From) else found
        selects = [*(each.select() for each in before), last.select_of(last.columns, ())]
        written_out = tuple(each for each, _ in written({each: columns[each] for each in kept}))
        body = Recursion(
            inner, first.select_of(first.columns, ()), selects[0], tuple(selects[1:]), written_out
        )
        name = self._named(name, body)
        self.stages.append(Stage(name, comment, body, True, rule.name if rule else ""))
        return Relation(name, {each: columns[each] for each in (kept or columns)})

    def add_rows(
        self, name: str, comment: str, columns: Columns, rows: Sequence[Sequence[Literal]]
    ) -> Relation:
        """Add a stage of literals; a column says of which sort and scale they are."""
        sorts = tuple((each, expr.sort) for each, expr in written(columns))
        nothing = Select(tuple((each, null(sort)) for each, sort in sorts), where=FALSE)
        body: Body = Rows(sorts, tuple(map(tuple, rows))) if rows else nothing
        name = self._named(name, body)
        self.stages.append(Stage(name, comment, body, is_kept=True))
        return Relation(name, {each: stored(each, value) for each, value in columns.items()})

    def _cut(self, name: str, select: Select, rule: nodes.Rule | None) -> Select:
        """Return a select that grew large as the last of its layers; add the others."""
        *before, last = in_layers(select)
        source = ""
        for place, layer in enumerate(before, 1):
            body = replace(layer, source=source) if source else layer
            source = self._names.own(f"{name}_named_{place}")
            comment = f"what {name} reads more than once"
            self.stages.append(Stage(source, comment, body, False, rule.name if rule else ""))
        return replace(last, source=source) if source else last

    def _named(self, name: str, body: Body) -> str:
        """Return the name of a stage: one of its own, with the suffix of a trial where it is made on one."""
        if self.trial is None or self.trial.reads.isdisjoint(sources(body)):
            return self._names.own(name)
        name = self._names.own(name + self.trial.suffix)
        self.trial.reads.add(name)
        return name

    # --- what is stored ---

    def kind(self, name: str) -> RecordKind:
        """Return the schema of a record kind."""
        return self.plan.schema.kinds[name]

    def stored_facts(self, kind: str) -> Relation:
        """Return the facts of a kind as they stand in their file."""
        shape = self.kind(kind)
        return stored_relation(self.book.facts[kind], shape, [each.name for each in shape.fields])

    def payees(self, kind: str) -> Relation:
        """Return the payees of a kind with their fields that have no history."""
        table = self.book.payees[kind]
        return stored_relation(table, self.kind(kind), self._without_history(kind))

    def history(self, kind: str) -> Relation:
        """Return the history of a kind: key, days, and the fields that change."""
        shape = self.kind(kind)
        names = [shape.key.name, *(each.name for each in shape.fields if each.is_history)]
        return stored_relation(self.book.histories[kind], shape, names)

    def is_known_since_ever(self, kind: str) -> bool:
        """Whether every payee of a kind has values on any day, so that none can be missing."""
        return self.book.histories[kind].is_since_ever

    def _without_history(self, kind: str) -> list[str]:
        return [each.name for each in self.kind(kind).fields if not each.is_history]


def stored_relation(table: StoredTable, shape: RecordKind, names: Sequence[str]) -> Relation:
    """Return a stored table of records as a relation."""
    columns: dict[str, Value] = {}
    for name in names:
        declared = shape.field(name)
        if declared is None:
            raise InternalError(f"{shape.name} has no field {name}")
        columns[name] = stored_value(declared.type, table.columns[name])
    columns[FILE] = Plain(Column("", FILE, Sort.TEXT, True))
    columns[ROW] = Number(Column("", ROW, Sort.INT, True), 0, MOST_IN_64_BITS)
    for name in (FIRST_DAY, LAST_DAY, START):
        if name in table.columns:
            columns[name] = Plain(Column("", name, Sort.DATE, True))
    return Relation(table.name, columns)


def stored_value(kind: Type, column: StoredColumn) -> Value:
    """Return a stored column by the type of its field."""
    is_given = not column.has_nulls
    match kind:
        case MoneyType() | NumberType() | PercentType():
            sort = Sort.WIDE if column.is_wide else Sort.INT
            return Number(Column("", column.name, sort, is_given), column.scale, column.most)
        case DateType():
            sort = Sort.DATE
        case FlagType():
            sort = Sort.FLAG
        case TextListType():
            sort = Sort.TEXTS
        case _:
            sort = Sort.TEXT
    return Plain(Column("", column.name, sort, is_given))


def under(name: str) -> str:
    """Return the column with the denominator of a number."""
    return name + UNDER


Columns = Mapping[str, Value]
