"""Numbers in SQL: texts, integers and decimals to whole numbers × 10**scale, never rounded on the way.

A DECIMAL of 18 digits is a machine integer in DuckDB, so that all of this is integer arithmetic; the
wide form has 38 digits. A text is a number only where its cast comes back as it was written, or where
it has the form that `intake.numbers` takes.
"""

from __future__ import annotations

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.numbers import DIGITS


def number_from_text(
    x: str, first: str, second: str, scale: int, is_wide: bool, currency: str
) -> tuple[str, str, str]:
    """Return the expressions of `first`, `second` and the value; the latter is NULL for no number."""
    number = number_form(scale)
    type = _decimal(scale, is_wide)
    branches = [
        f"WHEN CAST({first} AS VARCHAR) = {x} THEN {first}",
        f"WHEN regexp_full_match({x}, {quoting.text(f' *{number} *')}) THEN {first}",
    ]
    if currency:
        form = quoting.text(f" *{number} +{currency} *")
        amount = f"TRY_CAST(rtrim({x}, {quoting.text(' ' + currency)}) AS {type})"
        branches.append(f"WHEN regexp_full_match({x}, {form}) THEN {amount}")
    return (
        f"TRY_CAST({x} AS {type})",
        f"CASE {' '.join(branches)} END",
        _whole(second, scale, is_wide),
    )


def percent_from_text(
    x: str, first: str, second: str, scale: int, is_wide: bool, spelt: str | None
) -> tuple[str, str, str]:
    """Return the expressions of `first`, `second` and the ratio that a percentage is."""
    inner = scale - 2
    number = number_form(inner)
    branches = [f"WHEN regexp_full_match({x}, {quoting.text(f' *{number} *% *')}) THEN rtrim({x}, ' %')"]
    if spelt == "percent":
        branches.append(f"WHEN regexp_full_match({x}, {quoting.text(f' *{number} *')}) THEN {x}")
    percent = f"TRY_CAST(CASE {' '.join(branches)} END AS {_decimal(inner, is_wide)})"
    value = _whole(second, inner, is_wide)
    if spelt != "ratio":
        return "NULL", percent, value
    is_ratio = f"regexp_full_match({x}, {quoting.text(f' *{number_form(scale)} *')})"
    ratio = _whole(first, scale, is_wide)
    return (
        f"TRY_CAST({x} AS {_decimal(scale, is_wide)})",
        percent,
        f"CASE WHEN {is_ratio} THEN {ratio} ELSE {value} END",
    )


def number_from_integer(x: str, scale: int, is_wide: bool) -> str:
    """Return an integer at a scale; NULL where that has too many digits."""
    most = 10**DIGITS - 1 if is_wide else 10 ** (DIGITS - scale) - 1
    type = "HUGEINT" if is_wide else "BIGINT"
    return f"CASE WHEN {x} BETWEEN -{most} AND {most} THEN CAST({x} AS {type}) * {10**scale} END"


def number_from_decimal(x: str, first: str, scale: int, is_wide: bool) -> tuple[str, str]:
    """Return the expressions of `first` and the value, NULL where the scale does not hold it."""
    value = _whole(first, scale, is_wide)
    return f"TRY_CAST({x} AS {_decimal(scale, is_wide)})", f"CASE WHEN {first} = {x} THEN {value} END"


def text_of_number(whole: str, scale: int) -> str:
    """Return whole / 10**scale as text, written as `intake.values.key_text` writes it."""
    unit = 10**scale
    size = f"abs({whole})"
    fraction = f"rtrim(lpad(CAST({size} % {unit} AS VARCHAR), {scale}, '0'), '0')"
    return (
        f"CASE WHEN {whole} < 0 THEN '-' ELSE '' END || CAST({size} // {unit} AS VARCHAR) || "
        f"CASE WHEN {size} % {unit} = 0 THEN '' ELSE '.' || {fraction} END"
    )


def number_form(scale: int) -> str:
    """Return the pattern of a number that has no more decimals, zeros at the end not counted."""
    if scale <= 0:
        return rf"-?[0-9]{{1,{DIGITS}}}(\.0+)?"
    fraction = rf"\.[0-9]{{1,{scale}}}0*"
    return rf"-?([0-9]{{1,{DIGITS}}}({fraction})?|{fraction})"


def _decimal(scale: int, is_wide: bool) -> str:
    return f"DECIMAL({38 if is_wide else DIGITS},{scale})"


def _whole(number: str, scale: int, is_wide: bool) -> str:
    """Return a decimal × 10**scale as an integer.

    A product of two decimals of 18 digits stays in 64 bits, and fails past them; only numbers so small
    that it cannot are taken that way.
    """
    unit = f"CAST({10**scale} AS DECIMAL({scale + 1},0))"
    if is_wide:
        bound = f"{number} > -{10**DIGITS} AND {number} < {10**DIGITS}"
        return f"CASE WHEN {bound} THEN CAST({number} * {unit} AS HUGEINT) END"
    if scale == 0:
        return f"CAST({number} AS BIGINT)"
    wide = f"CAST(CAST({number} AS DECIMAL(38,{scale})) * {unit} AS BIGINT)"
    room = DIGITS - 2 * scale
    if room <= 0:
        return wide
    most = 10**room - 1
    is_small = f"{number} BETWEEN -{most} AND {most}"
    return f"CASE WHEN {is_small} THEN CAST({number} * {unit} AS BIGINT) ELSE {wide} END"
