"""How DuckDB writes the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.expressions import Sort


def _call(name: str) -> Callable[..., str]:
    return lambda *args: f"{name}({', '.join(args)})"


def _number(top: str, scale: str) -> str:
    """Return an integer of a scale as a decimal(38, 12); the product is exact."""
    digits = int(scale.removesuffix("::bigint"))
    if digits == 0:
        return f"cast({top} as decimal(38, 12))"
    return f"cast({top} * 0.{'0' * (digits - 1)}1::decimal({digits + 1}, {digits}) as decimal(38, 12))"


class DuckDB(Dialect):
    """DuckDB 2.0 and newer."""

    name: ClassVar[str] = "duckdb"
    sorts: ClassVar[Mapping[Sort, str]] = {
        Sort.TEXT: "varchar",
        Sort.WORD: '"word"',
        Sort.DATE: "date",
        Sort.FLAG: "boolean",
        Sort.INT: "bigint",
        Sort.WIDE: "hugeint",
        Sort.NUMBER: "decimal(38, 12)",
        Sort.TEXTS: "varchar[]",
        Sort.WIDES: "hugeint[]",
    }
    functions: ClassVar[Mapping[str, Callable[..., str]]] = {
        "not": lambda test: f"(not {test})",
        "negate": lambda value: f"(- {value})",
        "is null": lambda value: f"({value} is null)",
        "coalesce": _call("coalesce"),
        "abs": _call("abs"),
        # Towards zero; the pipeline divides magnitudes only.
        "div": lambda top, by: f"({top} // {by})",
        "mod": lambda top, by: f"({top} % {by})",
        "gcd": _call("greatest_common_divisor"),
        "lcm": _call("least_common_multiple"),
        "gathered": lambda value: f"list(distinct {value})",
        "lcm of": lambda values: f"list_reduce({values}, lambda one, other: lcm(one, other))",
        "least": _call("least"),
        "greatest": _call("greatest"),
        # One new text where `||` makes one for each pair.
        "run together": _call("concat"),
        "length": _call("length"),
        "left": lambda value, count: f"left({value}, cast({count} as integer))",
        "rtrim": _call("rtrim"),
        # The code of the letter at a place, counted from 1.
        "letter code": lambda value, place: f"cast(ascii(substr({value}, {place}, 1)) as bigint)",
        "lpad": lambda value, width, filler: f"lpad({value}, cast({width} as integer), {filler})",
        "sha256": _call("sha256"),
        "starts with": _call("starts_with"),
        "grouped": lambda value: f"format('{{:,}}', {value})",
        "contains": _call("list_contains"),
        "list": lambda *values: f"[{', '.join(values)}]",
        "appended": _call("list_append"),
        "among": lambda values, others: f"list_filter({values}, lambda x: list_contains({others}, x))",
        "not among": lambda values, others: (
            f"list_filter({values}, lambda x: not list_contains({others}, x))"
        ),
        "lists joined": _call("list_concat"),
        "first of": lambda values, count: f"list_slice({values}, 1, {count})",
        "place in": lambda values, value: f"cast(list_position({values}, {value}) as bigint)",
        # From 1; null for no place.
        "element": _call("list_extract"),
        "is empty": lambda value: f"(len({value}) = 0)",
        "listed": lambda value, between: f"array_to_string({value}, {between})",
        "days after": lambda day, count: f"({day} + cast({count} as integer))",
        "months after": lambda day, count: f"cast({day} + to_months(cast({count} as integer)) as date)",
        "days between": lambda first, last: f"cast({last} - {first} as bigint)",
        "year": lambda day: f"year({day})",
        "month": lambda day: f"month({day})",
        "day of month": lambda day: f"day({day})",
        "iso year": lambda day: f"isoyear({day})",
        "iso week": lambda day: f"week({day})",
        "iso weekday": lambda day: f"isodow({day})",
        "date of": lambda year, month, day: f"make_date({year}, {month}, {day})",
        "last of month": lambda day: f"last_day({day})",
        "line id": lambda name: f"left(sha256({name}), 20)",
        "trimmed": _call("trim"),
        "number": _number,
        "raise": lambda message: f"error({message})",
    }

    def identifier(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def quoted(self, value: str) -> str:
        if "\0" in value:
            # A text with this character cannot be written as one, and no file can hold it either.
            return "||".join(f"'{part}'" for part in value.replace("'", "''").split("\0"))
        return "'" + value.replace("'", "''") + "'"

    def integer(self, value: int, sort: Sort) -> str:
        written = str(value) if value >= 0 else f"({value})"
        return f"{written}::{self.sorts[sort]}"

    def words(self, words: Sequence[str]) -> str:
        made = ", ".join(map(self.quoted, words))
        comment = "-- the texts of the plan that are columns of lines"
        return f"{comment}\ncreate type {self.sorts[Sort.WORD]} as enum ({made})"

    def written_in(self, name: str, body: str) -> str:
        # Tables are kept where the compiler says so; DuckDB would keep those that are read twice.
        return f"{self.identifier(name)} as not materialized (\n{body}\n)"
