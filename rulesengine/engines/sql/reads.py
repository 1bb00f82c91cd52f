"""Reading operands of the plan in a select: paths through references, as of a day; tables; constants.

The counterpart of the reference engine's reader. What can go wrong for a row is not raised but noted:
a `Problem` has a condition, and the first problem that a row has is why it earns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.changing import changes_with_days
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Expr,
    Literal,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    is_given,
    is_null,
    joined,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    expr_of,
    multiply,
    number,
    otherwise,
    pick,
)
from rulesengine.model.stored_book import FIRST_DAY, LAST_DAY
from rulesengine.model.types import MoneyType, NumberType, PercentType, RecordType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Root

if TYPE_CHECKING:
    from rulesengine.engines.sql.totals import Moment

UNKNOWN, DIVIDES = "?", "?0"
"""Behind the name of a derived field stands, in columns of their own, why it has no value: a payee that it
reads has none yet, or it divides by zero. Null for the rows that it has a value for."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Which value a row is rejected for, for all rules."""

    code: str
    field: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Division:
    """A derived value that divides by zero."""

    kind: str
    name: str
    """The derived field."""
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row earns nothing, for rows for which `when` holds."""

    when: Expr
    reason: Reason
    detail: Expr
    has_payee: bool = True
    """Whether it is known by then who would be paid."""
    rejects: Rejection | None = None
    """Set where it is the row of the file that has to be mended: an amount has no rate."""
    division: Division | None = None


@dataclass(slots=True)
class Reads:
    """Reads operands for the rows of a select that is being made.

    Args:
        compilation: where stored payees and tables are found.
        source: the select; what is read through references is joined to it.
        prefix: of the columns that hold the fields of the record that is read: `root.` for the row
            that judges, empty for the row itself.
        day: the date that histories are read on.
    """

    compilation: Compilation
    source: From
    prefix: str
    day: Expr
    kind: str
    """Of the record that a path with root ROW starts from."""
    payee_kind: str = ""
    payee: Expr | None = None
    """Key of the credited payee."""
    key: str = ""
    """The column with the record's own key."""
    level: Number | None = None
    row: Relation | None = None
    """Where the fields of the row are that a line of another rule stands on; None where rows are no lines."""
    earner: Expr | None = None
    """Key of the payee of the line, read where nobody is credited yet."""
    kinds: tuple[str, ...] = ()
    """Of the credited payee, or before that of the line's, where it may be one of several."""
    kind_of_payee: Expr | None = None
    """Which of `kinds` it is."""
    earning: Number | None = None
    earned: Expr | None = None
    payable: Expr | None = None
    derived: dict[str, Value] = field(default_factory=dict)
    """Derived fields of the record that are no columns of the relation."""
    no_value: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    """Why these have no value, for the rows that they have none for."""
    problems: list[Problem] = field(default_factory=list)
    """What has been found so far, in the order in which it is read."""
    guards: list[Expr] = field(default_factory=list)
    """What holds where the operand at hand is read at all."""
    now: Moment | None = None
    """Up to when totals count that are decided again; else with the row itself."""
    notes: list[tuple[Expr, Expr]] = field(default_factory=list)
    """Where the totals stood that were read, in words, each with the test that it was read at all."""
    is_on_other_day: bool = False
    """`day` is not the event date of the facts, so that what they derive from payees is derived anew."""
    convert: nodes.Convert | None = None
    """How amounts in another currency become the rule's."""
    rate_days: list[tuple[Expr, Expr]] = field(default_factory=list)
    """The days whose rates were used, each behind the test that it was."""
    converts_at: Reads | None = None
    """Reads the date of the exchange rate, where that is not this one: a row that undoes another has the
    rate of that row."""

    # --- problems ---

    def problem(
        self,
        when: Expr,
        reason: Reason,
        detail: Expr,
        rejects: Rejection | None = None,
        division: Division | None = None,
    ) -> None:
        """Note down that a row earns nothing where a condition holds (and it is asked at all)."""
        has_payee = self.payee is not None
        guarded = all_of([*self.guards, surely(when)])
        found = Problem(guarded, reason, detail, has_payee, rejects, division)
        if found not in self.problems:
            self.problems.append(found)

    def divides(self, when: Expr, name: str, words: str) -> None:
        """Note down that a derived field has no value where a condition holds: it divides by zero."""
        detail = joined([f"{self.kind} ", self.own_key(), f": {name} divides by zero: {words}"])
        division = Division(self.kind, name, words)
        self.problem(when, Reason.DIVIDES_BY_ZERO, detail, division=division)

    def note(self, words: Expr) -> None:
        """Note down where a total stood that is read here."""
        self.notes.append((all_of(self.guards), words))

    def within(self, guard: Expr) -> _Guard:
        """Read what follows only for rows for which a condition holds."""
        return _Guard(self, guard)

    # --- fields ---

    def read(self, read: nodes.FieldRead) -> Value:
        """Return what a path leads to, null where it is missing."""
        if read.currency is not None:
            from rulesengine.engines.sql.convert import in_one_currency

            return in_one_currency(read, self)
        match read.root:
            case Root.LEVEL:
                if self.level is None:
                    raise InternalError(f"{read.text}: no level is known here")
                return self.level
            case Root.LINE:
                return self._of_line(read)
            case Root.PAYEE:
                return self._of_payee(read)
            case Root.ROW:
                return self._of_row(read)
            case _:
                assert_never(read.root)

    def _of_payee(self, read: nodes.FieldRead) -> Value:
        payee = self.payee if self.payee is not None else self.earner
        if payee is None:
            raise InternalError(f"{read.text}: nobody is credited yet")
        if not read.names:
            return Plain(payee)
        if self.payee_kind:
            return self._follow(self.payee_kind, payee, read.names)
        assert self.kind_of_payee is not None
        found: list[tuple[Expr, Value]] = []
        for kind in self.kinds:
            is_one = equal(self.kind_of_payee, text(kind))
            with self.within(is_one):
                key = chosen([(is_one, payee)], null(Sort.TEXT))
                found.append((is_one, self._follow(kind, key, read.names)))
        return one_of(found)

    def _of_line(self, read: nodes.FieldRead) -> Value:
        if read.names == ("earning",) and self.earning is not None:
            return self.earning
        if read.names == ("earned",) and self.earned is not None:
            return Plain(self.earned)
        if read.names == ("payable",) and self.payable is not None:
            return Plain(self.payable)
        raise InternalError(f"{read.text}: there is no line here")

    def _of_row(self, read: nodes.FieldRead) -> Value:
        if not read.names:
            return Plain(self.own_key())
        first, *rest = read.names
        value = self.own_field(first)
        if not rest:
            return value
        assert isinstance(value, Plain)
        return self._follow(self._target(self.kind, first), value.expr, tuple(rest))

    def own_key(self) -> Expr:
        """Return the key of the record itself."""
        return expr_of(self.source[self.key] if self.key in self.source.relation else self.column(self.key))

    def own_field(self, name: str) -> Value:
        """Return a field of the record itself."""
        if name in self.derived:
            for each in self.no_value.get(name, ()):
                self.problem(each.when, each.reason, each.detail, division=each.division)
            return self.derived[name]
        if self.is_on_other_day:
            derived = self._derived(self.kind, name)
            if derived is not None and changes_with_days(self.compilation, self.kind, derived):
                return self.derive(derived, self)
        column = f"{self.prefix}{name}"
        for behind, reason in ((UNKNOWN, Reason.NO_HISTORY), (DIVIDES, Reason.DIVIDES_BY_ZERO)):
            if f"{column}{behind}" in (self.row or self.source.relation):
                detail = expr_of(self.column(f"{column}{behind}"))
                self.problem(is_given(detail), reason, detail)
        return self.column(column)

    def column(self, name: str) -> Value:
        """Return a column of the row: of the select's own relation, or of the row that a line stands on."""
        if self.row is None:
            return self.source[name]
        return self.source.join(self.row, {"fact_id": self.source.expr("fact_id")}, is_left=False)[name]

    def _follow(self, kind: str, key: Expr, names: tuple[str, ...]) -> Value:
        first, *rest = names
        value = self.field(kind, key, first)
        if not rest:
            return value
        assert isinstance(value, Plain)
        with self.within(surely(is_given(value.expr))):
            return self._follow(self._target(kind, first), value.expr, tuple(rest))

    def _target(self, kind: str, name: str) -> str:
        declared = self.compilation.kind(kind).field(name)
        if declared is None or not isinstance(declared.type, RecordType):
            raise InternalError(f"{kind}.{name} is no reference")
        return declared.type.kind

    def field(self, kind: str, key: Expr, name: str) -> Value:
        """Return a field of the record with a key, as of the day."""
        shape = self.compilation.kind(kind)
        derived = self._derived(kind, name)
        if derived is not None:
            from rulesengine.engines.sql.records import record_reads

            return self.derive(derived, record_reads(kind, key, self))
        if kind in self.compilation.book.facts:
            return self.fact(kind, key)[name]
        declared = shape.field(name)
        if declared is None:
            raise InternalError(f"{kind} has no field {name}")
        if not declared.is_history:
            return self.source.join(self.compilation.payees(kind), {shape.key.name: key})[name]
        version = self.version(kind, key)
        if not self.compilation.is_known_since_ever(kind):
            unknown = all_of([is_given(key), is_null(version.expr(shape.key.name))])
            detail = joined([f"{kind} ", key, " has no values on ", as_text(self.day)])
            self.problem(unknown, Reason.NO_HISTORY, detail)
        return version[name]

    def _derived(self, kind: str, name: str) -> nodes.Derived | None:
        found = (each for each in self.compilation.plan.derived.get(kind, ()) if each.name == name)
        return next(found, None)

    def derive(self, derived: nodes.Derived, record: Reads) -> Value:
        """Return a derived field of a record, worked out in this select."""
        from rulesengine.engines.sql.derived import derived_value

        return derived_value(derived, record)

    def fact(self, kind: str, key: Expr) -> Joined:
        """Return the fields of the fact of a kind that has a key, as they stand in its file, joined."""
        shape = self.compilation.kind(kind)
        return self.source.join(self.compilation.stored_facts(kind), {shape.key.name: key})

    def version(self, kind: str, key: Expr) -> Joined:
        """Return the values of a payee as of the day, joined."""
        relation = self.compilation.history(kind)
        name = self.compilation.kind(kind).key.name
        known = (relation.name, "as of", key, self.day)
        if known not in self.source.ranged:
            found = self.source.join_on(relation)
            tests = [equal(found.expr(name), key)]
            tests += [
                compared(found.expr(FIRST_DAY), "<=", self.day),
                compared(self.day, "<=", found.expr(LAST_DAY)),
            ]
            self.source.close(found, all_of(tests))
            self.source.ranged[known] = found
        return self.source.ranged[known]

    # --- operands ---

    def value(self, operand: nodes.Operand) -> Value:
        """Return the value of an operand, null where it is missing."""
        match operand:
            case nodes.Constant():
                return constant(operand)
            case nodes.FieldRead():
                return self.read(operand)
            case nodes.OtherwiseRead(read=read, default=default):
                return self._otherwise(read, default)
            case nodes.TableRead(table=table):
                from rulesengine.engines.sql.tables import table_value

                return table_value(self, self.compilation.plan.tables[table])
            case nodes.ShareOfRead(share=share, of=of):
                return multiply(number(share), self.number(of))
            case nodes.MeasureRead():
                from rulesengine.engines.sql.total_reads import total_read

                return total_read(operand, self)
            case _:
                assert_never(operand)

    def _otherwise(
        self,
        read: nodes.FieldRead,
        default: nodes.Constant | nodes.FieldRead | nodes.OtherwiseRead | nodes.TableRead,
    ) -> Value:
        found = self.read(read)
        is_missing = is_null(expr_of(found))
        with self.within(is_missing):
            instead = self.value(default)
        if isinstance(found, Number) and isinstance(instead, Number):
            return otherwise(found, instead)
        if isinstance(found, Plain) and isinstance(instead, Plain):
            return Plain(chosen([(is_missing, instead.expr)], found.expr))
        raise InternalError(f"{read.text}: a number and something else")

    def number(self, operand: nodes.Operand) -> Number:
        """Return an operand that is a number."""
        found = self.value(operand)
        if not isinstance(found, Number):
            raise InternalError(f"{operand.text} is no number")
        return found

    def expr(self, operand: nodes.Operand) -> Expr:
        """Return an operand that is none."""
        found = self.value(operand)
        if not isinstance(found, Plain):
            raise InternalError(f"{operand.text} is a number")
        return found.expr


@dataclass(frozen=True, slots=True)
class _Guard:
    reads: Reads
    guard: Expr

    def __enter__(self) -> None:
        self.reads.guards.append(self.guard)

    def __exit__(self, *_: object) -> None:
        self.reads.guards.pop()


def constant(operand: nodes.Constant) -> Value:
    """Return a literal of the plan."""
    value = operand.value
    if isinstance(operand.type, MoneyType | NumberType | PercentType):
        if not isinstance(value, Decimal):
            raise InternalError(f"{operand.text} is no number")
        return number(value)
    if isinstance(value, bool):
        return Plain(Literal(value, Sort.FLAG))
    if isinstance(value, date):
        return Plain(day(value))
    return Plain(text(str(value)))


def one_of(found: list[tuple[Expr, Value]]) -> Value:
    """Return the value of the first condition that holds; all are numbers, or none is."""
    numbers = [(test, value) for test, value in found if isinstance(value, Number)]
    if numbers:
        return pick(numbers[:-1], numbers[-1][1])
    plain = [(test, value.expr) for test, value in found if isinstance(value, Plain)]
    return Plain(chosen(plain[:-1], plain[-1][1]))


def no_value_columns(name: str, problems: Sequence[Problem]) -> dict[str, Value]:
    """Return the columns that say why a derived field has no value, by the first problem of a row."""
    found: dict[str, Value] = {}
    for behind, reason in ((UNKNOWN, Reason.NO_HISTORY), (DIVIDES, Reason.DIVIDES_BY_ZERO)):
        if any(problem.reason is reason for problem in problems):
            whens = [
                (problem.when, problem.detail if problem.reason is reason else null(Sort.TEXT))
                for problem in problems
            ]
            found[f"{name}{behind}"] = Plain(chosen(whens, null(Sort.TEXT)))
    return found


def reason_columns(problems: Iterable[Problem]) -> tuple[Expr, Expr]:
    """Return the reason and the detail of the first problem that a row has; null where it has none."""
    found = [problem for problem in problems if problem.when != Literal(False, Sort.FLAG)]
    reasons = [(problem.when, text(problem.reason.value)) for problem in found]
    details = [(problem.when, problem.detail) for problem in found]
    if not found:
        return null(Sort.TEXT), null(Sort.TEXT)
    return chosen(reasons, null(Sort.TEXT)), chosen(details, null(Sort.TEXT))
