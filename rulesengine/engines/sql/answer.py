"""What a pipeline answers: its lines and outcomes, and which of their columns never differ.

Most columns of a line hold one value in all lines of a plan. Storing and sorting them would cost more than
all that is worked out, so they are put beside the others last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.expressions import Column, Expr
from rulesengine.engines.sql.relations import Body, Select, Stage, Union, walk

LINES, OUTCOMES, REJECTS = "lines", "outcomes", "engine_rejects"
"""The tables of an answer."""
PAYEE = "payee"
"""Column with the key of a payee."""
PAYEE_TEXT = "@payee"
"""The same as a text, where it has a type of its own: what is asked of it reaches the rows that lines are
worked out from, as no cast of theirs that might fail stands between."""


def varying(table: str) -> str:
    """Return the name of the table with what differs in the rows of a table of an answer."""
    return f"{table}_varying"


@dataclass(frozen=True, slots=True)
class Answer:
    """A table of an answer: the rows of some stages with the same columns, one after the other."""

    columns: tuple[str, ...]
    constants: Mapping[str, Expr]
    """Of those columns that hold one value in all rows, as written in the plan."""

    @classmethod
    def of(cls, stages: Iterable[Stage], names: Sequence[str]) -> Answer | None:
        """Return the answer that stages give; None where there are none."""
        by_name = {stage.name: stage for stage in stages}
        selects = [select for name in names for select in _selects(by_name[name].body)]
        if not selects:
            return None
        found: dict[str, set[Expr]] = {}
        for select in selects:
            for name, expr in select.columns:
                found.setdefault(name, set()).add(expr)
        constants = {
            name: expr
            for name, exprs in found.items()
            if len(exprs) == 1
            for expr in exprs
            if not any(isinstance(each, Column) for each in walk(expr))
        }
        return cls(tuple(found), constants)

    @property
    def varying(self) -> tuple[str, ...]:
        """The other columns; the first one at least, so that there are rows."""
        return tuple(name for name in self.columns if name not in self.constants) or self.columns[:1]

    def asked(self, dialect: Dialect, *, payees: str = "", with_text: bool = False) -> str:
        """Return the columns that differ, as they are asked of a stage.

        Args:
            dialect: to write them in.
            payees: the type of keys of payees, where they have one of their own.
            with_text: whether these are asked for as texts, too.
        """

        def column(name: str) -> str:
            written = dialect.identifier(name)
            return f"{written}::{payees} as {written}" if payees and name == PAYEE else written

        keys = [f"{dialect.identifier(PAYEE)} as {dialect.identifier(PAYEE_TEXT)}"] if with_text else []
        return ", ".join([*map(column, self.varying), *keys])

    def whole(self, dialect: Dialect, source: str, *, with_text: bool = False) -> str:
        """Return the query of all columns over what has those that differ."""
        varying = set(self.varying)
        asked = ", ".join(
            dialect.identifier(name)
            if name in varying
            else f"{dialect.expr(self.constants[name])} as {dialect.identifier(name)}"
            for name in self.columns
        )
        keys = f", {dialect.identifier(PAYEE_TEXT)}" if with_text else ""
        return f"select {asked}{keys} from {source}"


def _selects(body: Body) -> list[Select]:
    match body:
        case Select():
            return [body]
        case Union(parts=parts):
            return list(parts)
        case _:
            return []
