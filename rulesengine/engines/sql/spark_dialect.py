"""How Spark SQL writes the pipeline, with ANSI on and `allowPrecisionLoss` off (spark_session.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.expressions import Aggregate, Call, Case, Cast, Expr, Literal, Over, Sort
from rulesengine.engines.sql.relations import Body, Select, Stage, Union, walk
from rulesengine.model.change import replace

_WIDE = "decimal(38, 0)"
_BINDS: Mapping[str, int] = {
    "or": 10,
    "and": 20,
    "not": 25,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "is null"), 30),
    **dict.fromkeys(("+", "-", "||"), 40),
    "*": 50,
    "negate": 60,
}
"""How strongly an operator binds what stands beside it."""
_EMBEDS = frozenset(("div", "mod", "number"))
"""Functions that put what they are given beside an operator; all others put it between commas."""
_STEPS_IN_64_BITS, _STEPS_IN_38_DIGITS = 92, 184
"""The greatest common divisor of two numbers never takes more (Lamé: 5 for each digit of the smaller)."""


def _call(name: str) -> Callable[..., str]:
    return lambda *args: f"{name}({', '.join(args)})"


def _as_long(name: str) -> Callable[..., str]:
    """Return a function whose answer has 32 bits, as 64."""
    return lambda *args: f"cast({name}({', '.join(args)}) as bigint)"


def _there(values: str) -> str:
    """Return a list, the empty one for none."""
    return f"coalesce({values}, cast(array() as array<string>))"


def _number(top: str, scale: str) -> str:
    """Return an integer of a scale as a decimal(38, 12); the product is exact or an error."""
    digits = int(scale.removesuffix("L"))
    if digits == 0:
        return f"cast({top} as decimal(38, 12))"
    return f"cast({top} * 0.{'0' * (digits - 1)}1BD as decimal(38, 12))"


def _power(exponent: int) -> str:
    return f"{10**exponent}BD"


def _quotient(top: str, by: str, least: int) -> str:
    """Return `top div by` for numbers of up to 38 digits, none below zero, `by` at least `least`.

    Spark's `div` of decimals answers with 64 bits and wraps around beyond them, without an error. So the
    quotient is put together from pieces of 18 digits, of which each fits.
    """

    def div(over: str, under: str) -> str:
        return f"cast({over} div {under} as {_WIDE})"

    if least >= 10**20:
        return div(top, by)
    by_18 = f"({by} * {_power(18)})"
    low = div(f"({top} % {by_18})", by)
    if least >= 100:
        return f"({div(top, by_18)} * {_power(18)} + {low})"
    by_36 = f"({by} * {_power(36)})"
    middle = div(f"({top} % {by_36})", by_18)
    return f"({div(top, by_36)} * {_power(36)} + {middle} * {_power(18)} + {low})"


def _wide_quotient(top: str, by: str) -> str:
    """Return `top div by` of two columns of up to 38 digits."""
    few, some, many = (_quotient("x.top", "x.by", least) for least in (1, 100, 10**20))
    quotient = f"case when x.by < 100 then {few} when x.by < {_power(20)} then {some} else {many} end"
    # A lambda gives both a name, so that they are written and worked out once.
    return f"transform(array(named_struct('top', {top}, 'by', {by})), x -> cast({quotient} as {_WIDE}))[0]"


def _divisor(one: str, other: str, kind: str, steps: int) -> str:
    """Return the greatest common divisor of two numbers, none below zero, by Euclid's algorithm."""
    first = f"named_struct('a', cast({one} as {kind}), 'b', cast({other} as {kind}))"
    step = f"named_struct('a', s.b, 'b', cast(s.a % s.b as {kind}))"
    return f"aggregate(sequence(1, {steps}), {first}, (s, i) -> if(s.b = 0, s, {step}), s -> s.a)"


def _multiple_of(values: str) -> str:
    """Return the least common multiple of a list of numbers above zero."""
    divisor = _divisor("acc", "each", _WIDE, _STEPS_IN_38_DIGITS)
    grown = f"cast({_wide_quotient('acc', divisor)} * each as {_WIDE})"
    return f"aggregate({values}, cast(1 as {_WIDE}), (acc, each) -> {grown})"


class Spark(Dialect):
    """Spark 4.1 and newer."""

    name: ClassVar[str] = "spark"
    sorts: ClassVar[Mapping[Sort, str]] = {
        Sort.TEXT: "string",
        Sort.WORD: "string",
        Sort.DATE: "date",
        Sort.FLAG: "boolean",
        Sort.INT: "bigint",
        Sort.WIDE: _WIDE,
        Sort.NUMBER: "decimal(38, 12)",
        Sort.TEXTS: "array<string>",
        Sort.WIDES: f"array<{_WIDE}>",
    }
    functions: ClassVar[Mapping[str, Callable[..., str]]] = {
        "coalesce": _call("coalesce"),
        "abs": _call("abs"),
        # Towards zero; the pipeline divides magnitudes only. Of 64 bits: see `call` for more.
        "div": lambda top, by: f"({top} div {by})",
        "mod": lambda top, by: f"({top} % {by})",
        "gathered": lambda value: f"collect_set(cast({value} as {_WIDE}))",
        "lcm of": _multiple_of,
        # They pass over nulls, as those of other databases do: used only where there are none.
        "least": _call("least"),
        "greatest": _call("greatest"),
        "run together": _call("concat"),
        "length": _as_long("length"),
        "left": lambda value, count: f"left({value}, cast({count} as int))",
        "rtrim": lambda value, characters: f"trim(trailing {characters} from {value})",
        "lpad": lambda value, width, filler: f"lpad({value}, cast({width} as int), {filler})",
        "sha256": lambda value: f"sha2({value}, 256)",
        "starts with": _call("startswith"),
        "grouped": lambda value: f"format_number({value}, 0)",
        "contains": _call("array_contains"),
        "list": _call("array"),
        "appended": _call("array_append"),
        "among": lambda values, others: f"filter({values}, each -> array_contains({others}, each))",
        "not among": lambda values, others: f"filter({values}, each -> not array_contains({others}, each))",
        "lists joined": lambda one, other: f"concat({_there(one)}, {_there(other)})",
        "first of": lambda values, count: f"slice({values}, 1, cast({count} as int))",
        "place in": _call("array_position"),
        "element": lambda values, place: f"try_element_at({values}, cast({place} as int))",
        "letter code": lambda value, place: (
            f"cast(ascii(substr({value}, cast({place} as int), 1)) as bigint)"
        ),
        "is empty": lambda value: f"(size({value}) = 0)",
        "listed": _call("array_join"),
        "days after": lambda day, count: f"date_add({day}, cast({count} as int))",
        "months after": lambda day, count: f"add_months({day}, cast({count} as int))",
        "days between": lambda first, last: f"cast(datediff({last}, {first}) as bigint)",
        "year": _as_long("year"),
        "month": _as_long("month"),
        "day of month": _as_long("day"),
        "iso year": lambda day: f"cast(extract(yearofweek from {day}) as bigint)",
        "iso week": _as_long("weekofyear"),
        "iso weekday": lambda day: f"cast(weekday({day}) + 1 as bigint)",
        "date of": lambda *parts: f"make_date({', '.join(f'cast({each} as int)' for each in parts)})",
        "last of month": _call("last_day"),
        "line id": lambda name: f"left(sha2({name}, 256), 20)",
        "trimmed": _call("trim"),
        "number": _number,
    }

    def identifier(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def quoted(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\u0000")
        return f"'{escaped}'"

    def literal(self, value: Literal) -> str:
        if value.sort is Sort.WORD and isinstance(value.value, str):
            return self.quoted(value.value)
        return super().literal(value)

    def integer(self, value: int, sort: Sort) -> str:
        if sort is Sort.WIDE:
            return f"cast({value}BD as {_WIDE})"
        return f"{value}L" if value >= 0 else f"({value}L)"

    def call(self, expr: Call) -> str:
        match expr:
            case Call(name="div", args=(top, by), sort=Sort.WIDE):
                if isinstance(by, Literal) and isinstance(by.value, int):
                    return _quotient(self._wide(top), self._wide(by), by.value)
                return _wide_quotient(self._wide(top), self._wide(by))
            case Call(name="mod", args=args, sort=Sort.WIDE):
                return f"cast({' % '.join(map(self._wide, args))} as {_WIDE})"
            case Call(name="gcd", args=(one, other), sort=sort):
                steps = _STEPS_IN_38_DIGITS if sort is Sort.WIDE else _STEPS_IN_64_BITS
                return _divisor(self.expr(one), self.expr(other), self.sorts[sort], steps)
            case Call(name="lcm", args=(one, other)):
                return _multiple_of(f"array({self._wide(one)}, {self._wide(other)})")
            case Call(name="raise", args=(message,), sort=sort):
                return f"cast(raise_error({self.expr(message)}) as {self.sorts[sort]})"
            case Call(name=name) if name in _BINDS:
                return f"({self._open(expr)})"
            case Call(name=name, args=args) if name not in _EMBEDS:
                return self.functions[name](*map(self._open, args))
            case _:
                return super().call(expr)

    def cast(self, expr: Expr, to: Sort) -> str:
        return f"cast({self._open(expr)} as {self.sorts[to]})"

    def _open(self, expr: Expr) -> str:
        """Return an expression without brackets round it: deep ones take Spark's parser long."""
        match expr:
            case Call(name="not", args=(test,)):
                return f"not {self._operand(test, (), 30)}"
            case Call(name="is null", args=(value,)):
                return f"{self._operand(value, (), 40)} is null"
            case Call(name="negate", args=(value,)):
                return f"- {self._operand(value, (), 70)}"
            case Call(name=name, args=args) if name in _BINDS:
                level = _BINDS[name]
                # From left to right; a comparison of comparisons has brackets.
                levels = [level + (level == 30), *([level + 1] * (len(args) - 1))]
                operands = zip(args, levels, strict=True)
                return f" {name} ".join(self._operand(each, args, least) for each, least in operands)
            case _:
                return self.expr(expr)

    def _operand(self, expr: Expr, beside: tuple[Expr, ...], level: int) -> str:
        """Return what stands beside an operator, in brackets if another one would bind it less."""
        if isinstance(expr, Call) and _BINDS.get(expr.name, 0) >= level:
            return self._open(expr)
        return self._beside(expr, beside) if beside else self.expr(expr)

    def _case(self, expr: Case) -> str:
        whens = (f"when {self._open(test)} then {self._open(value)}" for test, value in expr.whens)
        default = f" else {self._open(expr.default)}" if expr.default is not None else ""
        return f"case {' '.join(whens)}{default} end"

    def _wide(self, expr: Expr) -> str:
        return self.expr(expr if expr.sort is Sort.WIDE else _widened(expr))

    def _over(self, expr: Over) -> str:
        if expr.name == "sum" and expr.sort is Sort.WIDE:
            # A sum of 64-bit integers has 64 bits here.
            expr = replace(expr, args=tuple(map(_widened, expr.args)))
        return super()._over(expr)

    def aggregate(self, expr: Aggregate) -> str:
        if expr.name == "sum" and expr.sort is Sort.WIDE:
            expr = replace(expr, args=tuple(map(_widened, expr.args)))
        if expr.name == "list":
            # Lists are gathered in no order: what they are in order by is gathered with them.
            (value,) = map(self.expr, expr.args)
            keys = ", ".join(f"'{place}', {self.expr(each)}" for place, each in enumerate(expr.order))
            rows = f"collect_list(named_struct({keys}, 'value', {value}))"
            return f"transform(sort_array({rows}), each -> each.value)"
        return super().aggregate(expr)

    def stage(self, stage: Stage) -> str:
        """Return the statement that makes a stage; what is kept is cached when it is first read."""
        makes = "cache lazy table" if stage.is_kept else "create or replace temporary view"
        return f"{self.comment(stage)}{makes} {self.identifier(stage.name)} as\n{self.body(stage.body)}"

    def comment(self, stage: Stage) -> str:
        where = "-- all its rows go through one task\n" if is_one_task(stage.body) else ""
        return super().comment(stage) + where


def is_one_task(body: Body) -> bool:
    """Whether a stage looks across all rows there are, so that no number of machines shares its work.

    All other stages are cut by payee, fact, pot or what else their windows and joins are keyed by.
    """
    match body:
        case Select(columns=columns):
            parts = (part for _, expr in columns for part in walk(expr))
            return any(isinstance(part, Over) and _is_whole(part.partition) for part in parts)
        case Union(parts=selects):
            return any(map(is_one_task, selects))
        case _:
            return False


def _is_whole(partition: Sequence[Expr]) -> bool:
    return all(isinstance(each, Literal) for each in partition)


def _widened(expr: Expr) -> Expr:
    if isinstance(expr, Literal):
        return Literal(expr.value, Sort.WIDE)
    return expr if expr.sort is Sort.WIDE else Cast(expr, Sort.WIDE)
