"""Printing: the one place where expressions and stages become SQL text.

A dialect says how each function of the pipeline is written and how names and values are quoted.
Everything is written with brackets round it where an operator could bind otherwise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import ClassVar

from rulesengine.engines.sql.expressions import (
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
)
from rulesengine.engines.sql.relations import Body, Recursion, Rows, Select, Stage, Union

_INFIX = {"*", "+", "-", "=", "<>", "<", "<=", ">", ">=", "and", "or", "||"}
_ARITHMETIC = {"div", "mod"}


class Dialect(ABC):
    """How one database writes what the pipeline says."""

    name: ClassVar[str]
    sorts: ClassVar[Mapping[Sort, str]]
    functions: ClassVar[Mapping[str, Callable[..., str]]]
    """By name, from printed arguments to a call."""

    @abstractmethod
    def identifier(self, name: str) -> str:
        """Return a name, quoted."""

    def literal(self, value: Literal) -> str:
        """Return a value, quoted."""
        match value.value:
            case None:
                return f"cast(null as {self.sorts[value.sort]})"
            case bool():
                return "true" if value.value else "false"
            case int():
                return self.integer(value.value, value.sort)
            case date():
                return f"date '{value.value.isoformat()}'"
            case str():
                quoted = self.quoted(value.value)
                return f"{quoted}::{self.sorts[Sort.WORD]}" if value.sort is Sort.WORD else quoted

    @abstractmethod
    def integer(self, value: int, sort: Sort) -> str:
        """Return an integer of exactly that sort."""

    @abstractmethod
    def quoted(self, value: str) -> str:
        """Return a text, quoted."""

    def words(self, words: Sequence[str]) -> str:
        """Return the statement that makes the sort `word`; empty where it is a text like others."""
        del words
        return ""

    def cast(self, expr: Expr, to: Sort) -> str:
        """Return a cast."""
        return f"cast({self.expr(expr)} as {self.sorts[to]})"

    # --- expressions ---

    def expr(self, expr: Expr) -> str:
        """Return an expression."""
        match expr:
            case Column(relation=relation, name=name):
                return f"{relation}.{self.identifier(name)}" if relation else self.identifier(name)
            case Literal():
                return self.literal(expr)
            case Cast(of=of, sort=sort):
                return self.cast(of, sort)
            case Case():
                return self._case(expr)
            case Over():
                return self._over(expr)
            case Aggregate():
                return self.aggregate(expr)
            case Call():
                return self.call(expr)

    def call(self, expr: Call) -> str:
        """Return an operator or a function."""
        name, args = expr.name, expr.args
        if name in _INFIX:
            return "(" + f" {name} ".join(self._beside(arg, args) for arg in args) + ")"
        if name in _ARITHMETIC:
            return self.functions[name](*(self._beside(arg, args) for arg in args))
        return self.functions[name](*map(self.expr, args))

    def _beside(self, arg: Expr, args: tuple[Expr, ...]) -> str:
        """Return an operand; a whole number beside one that is no literal takes the width of that one."""
        beside_others = any(not isinstance(each, Literal) for each in args)
        if isinstance(arg, Literal) and arg.sort is Sort.INT and type(arg.value) is int and beside_others:
            return str(arg.value) if arg.value >= 0 else f"({arg.value})"
        return self.expr(arg)

    def _case(self, expr: Case) -> str:
        whens = " ".join(f"when {self.expr(test)} then {self.expr(value)}" for test, value in expr.whens)
        default = f" else {self.expr(expr.default)}" if expr.default is not None else ""
        return f"case {whens}{default} end"

    def _over(self, expr: Over) -> str:
        args = ", ".join(map(self.expr, expr.args))
        inside = []
        if expr.partition:
            inside.append("partition by " + ", ".join(map(self.expr, expr.partition)))
        if expr.order:
            inside.append("order by " + ", ".join(f"{self.expr(each)} nulls first" for each in expr.order))
        if expr.is_running:
            inside.append("rows between unbounded preceding and current row")
        if expr.name == "lcm":
            gathered = f"{self.functions['gathered'](args)} over ({' '.join(inside)})"
            return f"cast({self.functions['lcm of'](gathered)} as {self.sorts[expr.sort]})"
        called = (
            self.functions[expr.name](*map(self.expr, expr.args))
            if expr.name in self.functions
            else (f"{expr.name}({args})")
        )
        made = f"{called} over ({' '.join(inside)})"
        # A sum of 64-bit integers is wider in some databases; the compiler knows what it needs.
        return f"cast({made} as {self.sorts[expr.sort]})" if expr.sort in (Sort.INT, Sort.WIDE) else made

    def aggregate(self, expr: Aggregate) -> str:
        """Return an aggregate of a group."""
        args = ", ".join(map(self.expr, expr.args))
        order = ""
        if expr.order:
            order = " order by " + ", ".join(f"{self.expr(each)} nulls first" for each in expr.order)
        made = f"{expr.name}({args}{order})"
        return f"cast({made} as {self.sorts[expr.sort]})" if expr.sort in (Sort.INT, Sort.WIDE) else made

    # --- stages ---

    def stage(self, stage: Stage) -> str:
        """Return the statement that makes a stage, with its comment above it."""
        what = "temp table" if stage.is_kept else "temp view"
        name, body = self.identifier(stage.name), self.body(stage.body)
        return f"{self.comment(stage)}create or replace {what} {name} as\n{body}"

    def comment(self, stage: Stage) -> str:
        """Return what a stage says of itself, as lines of comment."""
        return "".join(f"-- {_one_line(line)}\n" for line in stage.comment.split("\n") if line)

    def body(self, body: Body) -> str:
        """Return a select, a union or rows of literals."""
        match body:
            case Select():
                return self._select(body)
            case Union(parts=parts):
                return "\nunion all\n".join(map(self._select, parts))
            case Recursion():
                return f"with recursive {self.recursion(body)}\n{self.found_by(body)}"
            case Rows(columns=columns, rows=rows):
                names = ", ".join(self.identifier(name) for name, _ in columns)
                made = ",\n".join("  (" + ", ".join(map(self.literal, row)) + ")" for row in rows)
                return f"select * from (values\n{made}\n) as v({names})"

    def recursion(self, body: Recursion) -> str:
        """Return rows that lead to further rows, as they stand in the `with` of a statement."""
        step = self._select(body.step)
        for layer in body.layers:
            step = self._select(layer, f"(\n{step}\n)")
        inner = f"{self._select(body.first)}\nunion all\n{step}"
        return f"{self.identifier(body.name)} as (\n{inner}\n)"

    def found_by(self, body: Recursion) -> str:
        """Return the query for all rows that a recursion found."""
        columns = ", ".join(map(self.identifier, body.columns)) or "*"
        return f"select {columns} from {self.identifier(body.name)}"

    def written_in(self, name: str, body: str) -> str:
        """Return a stage that is no table as it stands in the `with` of a statement."""
        return f"{self.identifier(name)} as (\n{body}\n)"

    def table(self, name: str, query: str) -> str:
        """Return the statement that keeps the rows of a query for the rest of the run."""
        return f"create or replace temp table {self.identifier(name)} as\n{query}"

    def view(self, name: str, query: str) -> str:
        """Return the statement that names a query: whoever reads it has its rows worked out."""
        return f"create or replace temp view {self.identifier(name)} as\n{query}"

    def _select(self, select: Select, rows: str = "") -> str:
        written = [f"{self.expr(expr)} as {self.identifier(name)}" for name, expr in select.columns]
        lines = ["select", ",\n".join(f"  {each}" for each in written)]
        if select.source or rows:
            lines.append(f"from {rows or self.identifier(select.source)} as {select.alias}")
        for join in select.joins:
            kind = "left join" if join.is_left else "join" if join.on != TRUE else "cross join"
            on = "" if kind == "cross join" else f"\n  on {self._tests(join.on)}"
            lines.append(f"{kind} {self.identifier(join.name)} as {join.alias}{on}")
        if select.where != TRUE:
            lines.append(f"where {self._tests(select.where)}")
        if select.group_by:
            lines.append("group by " + ", ".join(map(self.expr, select.group_by)))
        return "\n".join(lines)

    def _tests(self, test: Expr) -> str:
        if isinstance(test, Call) and test.name == "and":
            return "\n  and ".join(map(self.expr, test.args))
        return self.expr(test)


def _one_line(line: str) -> str:
    # A comment ends with its line: what a plan calls something must not leave it.
    return "".join(character if character.isprintable() else " " for character in line)
