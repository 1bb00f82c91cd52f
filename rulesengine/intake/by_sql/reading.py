"""How a field is read in SQL: every value that it yields is the one that the reader in Python gives.

An expression need not know all that the reader takes. Where it gives neither a value nor a blank, the
row is read again, by the reader itself, which takes the value or words the reason why not. So what
stands here must be sound, and cover what is usual; it is never the judge of a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.numeric import (
    number_from_decimal,
    number_from_integer,
    number_from_text,
    percent_from_text,
    text_of_number,
)
from rulesengine.intake.by_sql.scans import Raw
from rulesengine.intake.by_sql.slots import Form, Slot
from rulesengine.intake.columns import Cell
from rulesengine.intake.days import FIRST, LAST, MONTHS, layout_pattern
from rulesengine.intake.moments import DAY_NS
from rulesengine.intake.problems import BadValue
from rulesengine.intake.sources import Column
from rulesengine.intake.values import SEPARATOR
from rulesengine.model.book import Value
from rulesengine.model.money import minor_digits
from rulesengine.model.schema import Field, Schema
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    RecordType,
    TextListType,
    TextType,
    Type,
)

_WORD = quoting.text("*[!!-~]*")
_PLAIN = quoting.text("[!-~]([ -~]*[!-~])?")
_CONTROL = quoting.text(r"[\x00-\x1f\x7f-\x{9f}]")
_BLANKS = quoting.text(
    "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B)))) + "\u2028\u2029\u202f\u205f\u3000"
)
_UNMAPPED = (Raw.DECIMAL, Raw.DATE, Raw.TIME, Raw.NANOSECONDS, Raw.TEXTS)
"""What a `map` in facts.yaml, which is of texts, leaves as it is."""
_FLAGS = {True: ("yes", "true"), False: ("no", "false")}


@dataclass(frozen=True, slots=True)
class Reading:
    """Expressions that read one cell; `first` and `second` may be named in what follows them."""

    value: str
    blank: str
    first: str = "NULL"
    second: str = "NULL"


@dataclass(frozen=True, slots=True)
class Context:
    """One cell to be read: of which field, from which column, holding what."""

    schema: Schema
    cell: Cell
    slot: Slot
    column: Column
    raw: Raw
    x: str
    """The raw column."""
    first: str
    second: str

    @property
    def field(self) -> Field:
        """The field it is read for."""
        return self.slot.field


def reading_of(at: Context) -> Reading | None:
    """Return how a cell is read; None where only the reader in Python knows."""
    if at.raw is Raw.NOTHING:
        return _mapped(at, Reading(at.slot.literal(None), "true"))
    is_key_text = at.slot.form is Form.TEXT and not isinstance(at.field.type, (TextType, RecordType))
    plain = key_reading(at, at.field) if is_key_text else _plain(at, at.field.type)
    return None if plain is None else _mapped(at, plain)


def cleaned(x: str) -> str:
    """Return a text without blanks around it; NULL where it holds control characters."""
    return (
        # A pattern of the shell is matched in half the time of a regular expression.
        f"CASE WHEN NOT ({x} GLOB {_WORD}) THEN {x} WHEN regexp_full_match({x}, {_PLAIN}) THEN {x} "
        f"WHEN NOT regexp_matches({x}, {_CONTROL}) THEN trim({x}, {_BLANKS}) END"
    )


def _plain(at: Context, type: Type) -> Reading | None:
    match type:
        case TextType():
            return _text(at, type)
        case RecordType():
            return _reference(at, type)
        case MoneyType() | NumberType() | PercentType():
            return _number(at, type, at.slot.scale, at.slot.is_wide, at.field.decimals)
        case DateType():
            return _date(at)
        case FlagType():
            return _flag(at)
        case TextListType():
            return _list(at)
        case _:
            return None


def _as_text(at: Context) -> Reading | None:
    """Return how the text of a raw value is read."""
    if at.raw is Raw.TEXT:
        blank = f"coalesce({at.first} = '', {at.x} IS NULL)"
        return Reading(f"nullif({at.first}, '')", blank, cleaned(at.x))
    if at.raw is Raw.INTEGER:
        return Reading(f"CAST({at.x} AS VARCHAR)", f"{at.x} IS NULL")
    if at.raw is Raw.FLAG:
        value = f"CASE {at.x} WHEN true THEN 'true' WHEN false THEN 'false' END"
        return Reading(value, f"{at.x} IS NULL")
    return None


def _text(at: Context, type: TextType) -> Reading | None:
    found = _as_text(at)
    if found is None or not (type.one_of or at.field.is_currency):
        return found
    listed = type.one_of or _currencies()
    allowed = [one for one in listed if _read(at, one) == one]
    if at.raw is not Raw.TEXT:
        value = f"CASE WHEN {quoting.among(found.value, allowed)} THEN {found.value} END"
        return Reading(value, found.blank)
    return Reading(
        f"CASE WHEN {quoting.among(at.x, allowed)} THEN {at.x} END", f"coalesce({at.x} = '', true)"
    )


def _currencies() -> tuple[str, ...]:
    from babel.core import get_global

    return tuple(code for code in sorted(get_global("all_currencies")) if minor_digits(code) is not None)


def _reference(at: Context, type: RecordType) -> Reading | None:
    key = at.schema.kinds[type.kind].key
    return key_reading(at, key)


def key_reading(at: Context, key: Field) -> Reading | None:
    """Return how the one spelling of a key is read, as the kind that has it reads its own."""
    if isinstance(key.type, (TextType, RecordType)):
        return _as_text(at)
    found_date = isinstance(key.type, DateType)
    plain: Reading | None
    if found_date:
        plain = _date(at)
    elif isinstance(key.type, FlagType):
        plain = _flag(at)
    elif isinstance(key.type, (NumberType, PercentType)) and not key.is_count:
        plain = _number(at, key.type, key.decimals, True, key.decimals)
        if plain is not None:
            spelt = text_of_number(plain.value, key.decimals)
            return Reading(spelt, plain.blank, plain.first, plain.second)
        return None
    else:
        return None
    if plain is None:
        return None
    if found_date:
        spelt = f"CAST({plain.value} AS VARCHAR)"
    else:
        spelt = f"CASE {plain.value} WHEN true THEN 'yes' WHEN false THEN 'no' END"
    return Reading(spelt, plain.blank, plain.first, plain.second)


def _number(at: Context, type: Type, scale: int, is_wide: bool, decimals: int) -> Reading | None:
    if decimals > 9:
        return None
    if isinstance(type, PercentType):
        return _percent(at, scale, is_wide)
    currency = type.currency if isinstance(type, MoneyType) else ""
    if at.raw is Raw.TEXT:
        first, second, value = number_from_text(at.x, at.first, at.second, scale, is_wide, currency)
        return Reading(value, f"coalesce({at.x} = '', true)", first, second)
    if at.raw is Raw.INTEGER:
        return Reading(number_from_integer(at.x, scale, is_wide), f"{at.x} IS NULL")
    if at.raw is Raw.DECIMAL:
        first, value = number_from_decimal(at.x, at.first, scale, is_wide)
        return Reading(value, f"{at.x} IS NULL", first)
    return None


def _percent(at: Context, scale: int, is_wide: bool) -> Reading | None:
    if at.raw not in (Raw.TEXT, Raw.INTEGER, Raw.DECIMAL):
        return None
    x = at.x if at.raw is Raw.TEXT else f"CAST({at.x} AS VARCHAR)"
    first, second, value = percent_from_text(x, at.first, at.second, scale, is_wide, at.column.spelt)
    return Reading(value, f"coalesce({x} = '', true)", first, second)


def _within(day: str) -> str:
    return f"CASE WHEN {day} BETWEEN DATE '{FIRST}' AND DATE '{LAST}' THEN {day} END"


def _date(at: Context) -> Reading | None:
    drops_time = at.column.drops_time
    if at.raw is Raw.DATE:
        return Reading(_within(at.x), f"{at.x} IS NULL")
    if at.raw is Raw.TIME:
        first = f"CAST({at.x} AS DATE)"
        is_day = "true" if drops_time else f"CAST({at.first} AS TIMESTAMP) = CAST({at.x} AS TIMESTAMP)"
        within = f"{at.first} BETWEEN DATE '{FIRST}' AND DATE '{LAST}'"
        value = f"CASE WHEN {within} THEN CASE WHEN {is_day} THEN {at.first} END END"
        return Reading(value, f"{at.x} IS NULL", first)
    if at.raw is Raw.NANOSECONDS:
        # Counted in integers: a cast to a day rounds to the microsecond, which may be of the next day.
        since, first = (FIRST - date(1970, 1, 1)).days * DAY_NS, f"epoch_ns({at.x})"
        beyond = f"({at.first} % {DAY_NS} + {DAY_NS}) % {DAY_NS}"
        second = f"CASE WHEN {at.first} >= {since} THEN {at.first} - {beyond} END"
        is_day = f"{at.second} IS NOT NULL" if drops_time else f"{at.second} = {at.first}"
        value = f"CASE WHEN {is_day} THEN DATE '1970-01-01' + CAST({at.second} // {DAY_NS} AS INTEGER) END"
        return Reading(value, f"{at.x} IS NULL", first, second)
    if at.raw is not Raw.TEXT:
        return None
    blank = f"coalesce({at.x} = '', true)"
    if at.column.format:
        first, second = _by_layout(at.x, at.column.format, drops_time)
        return Reading(_within(at.second), blank, first, second.replace("@first", at.first))
    time = (
        "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?" if drops_time else "[T ]00:00(:00(\\.0{1,9})?)?"
    )
    # What is cast must come back as it was written: a cast alone takes 2026-1-5, and much else.
    first = f"TRY_CAST({at.x} AS DATE)"
    with_time = f"regexp_full_match({at.x}, {quoting.text('[0-9]{4}-[0-9]{2}-[0-9]{2}' + time)})"
    second = (
        f"CASE WHEN CAST({at.first} AS VARCHAR) = {at.x} THEN {at.first} "
        f"WHEN {with_time} THEN TRY_CAST(left({at.x}, 10) AS DATE) END"
    )
    return Reading(_within(at.second), blank, first, second)


def _by_layout(x: str, layout: str, drops_time: bool) -> tuple[str, str]:
    """Return the parts of a text in a layout, and the day that they name."""
    pattern, letters = layout_pattern(layout)
    form = quoting.text(pattern)
    # Numbered, because the names of fields of a struct do not tell `m` and `M` apart.
    names = ", ".join(f"'part{at}'" for at in range(len(letters)))
    first = f"CASE WHEN regexp_full_match({x}, {form}) THEN regexp_extract({x}, {form}, [{names}]) END"

    def part(letter: str) -> str:
        return f"(@first).part{letters.index(letter)}"

    year = part("Y") if "Y" in letters else f"'20' || {part('y')}"
    if "m" in letters:
        month = part("m")
    elif "b" in letters and "B" in letters:
        month = "CAST(NULL AS VARCHAR)"
    else:
        letter = "b" if "b" in letters else "B"
        spelt = [month if letter == "B" else month[:3] for month in MONTHS]
        branches = " ".join(f"WHEN {quoting.text(name)} THEN '{at}'" for at, name in enumerate(spelt, 1))
        month = f"CASE lower({part(letter)}) {branches} END"
    day = f"TRY_CAST({year} || '-' || lpad({month}, 2, '0') || '-' || lpad({part('d')}, 2, '0') AS DATE)"
    if drops_time:
        return first, day
    zero = [f"trim({part(letter)}, '0') = ''" for letter in letters if letter in "HMSf"]
    if "I" in letters:
        zero.append(
            f"{part('I')} = '12' AND lower({part('p')}) = 'am'" if "p" in letters else f"{part('I')} = '12'"
        )
    return first, f"CASE WHEN {' AND '.join(zero)} THEN {day} END" if zero else day


def _flag(at: Context) -> Reading | None:
    if at.raw is Raw.FLAG:
        return Reading(at.x, f"{at.x} IS NULL")
    if at.raw is Raw.INTEGER:
        return Reading("CAST(NULL AS BOOLEAN)", f"{at.x} IS NULL")
    if at.raw is not Raw.TEXT:
        return None
    spelt = {
        way(word): str(flag).lower() for flag, words in _FLAGS.items() for word in words for way in _CASES
    }
    return Reading(quoting.looked_up(at.x, spelt), f"coalesce({at.x} = '', true)")


_CASES: tuple[Callable[[str], str], ...] = (str.lower, str.capitalize, str.upper)


def _list(at: Context) -> Reading | None:
    if at.raw is Raw.TEXTS:
        entries = at.x
        bad = f"list_filter({at.x}, lambda e: regexp_matches(e, {_CONTROL}))"
        condition = f"len({bad}) = 0"
        blank = f"{at.x} IS NULL"
        first = "NULL"
    elif at.raw is Raw.TEXT:
        first = cleaned(at.x)
        entries = f"string_split({at.first}, {quoting.text(at.column.separator or SEPARATOR)})"
        condition = f"{at.first} <> ''"
        blank = f"coalesce({at.first} = '', {at.x} IS NULL)"
    else:
        return None
    kept = f"list_filter(list_transform({entries}, lambda e: trim(e, {_BLANKS})), lambda e: e <> '')"
    value = f"CASE WHEN {condition} THEN {kept} END"
    if not at.field.is_optional:
        value = f"CASE WHEN {blank} THEN CAST([] AS VARCHAR[]) ELSE {value} END"
    return Reading(value, blank, first)


def _mapped(at: Context, plain: Reading) -> Reading | None:
    """Put other spellings in place: what each is read as is known before any row is."""
    if not at.column.map:
        return plain
    if at.slot.has_named or at.raw in _UNMAPPED:
        return None if at.slot.has_named else plain
    if at.raw is Raw.TEXT:
        text, first = at.first, cleaned(at.x)
        if plain.first not in ("NULL", first):
            return None
        text = f"coalesce({text}, CASE WHEN {at.x} IS NULL THEN '' END)"
    elif at.raw is Raw.NOTHING:
        text, first = "''", plain.first
    else:
        found = _as_text(at)
        assert found is not None
        text, first = f"coalesce({found.value}, '')", plain.first
    values: list[str] = []
    blanks: list[str] = []
    for spelling in at.column.map:
        shown = quoting.text(spelling)
        try:
            value = at.cell.read(spelling)
        except BadValue:
            values.append(f"WHEN {shown} THEN NULL")
            blanks.append(f"WHEN {shown} THEN false")
            continue
        empty = value is None and at.slot.form is Form.LIST and not at.field.is_optional
        values.append(f"WHEN {shown} THEN {at.slot.literal(() if empty else value)}")
        blanks.append(f"WHEN {shown} THEN {str(value is None).lower()}")
    return Reading(
        f"CASE {text} {' '.join(values)} ELSE {plain.value} END",
        f"CASE {text} {' '.join(blanks)} ELSE {plain.blank} END",
        first,
        plain.second,
    )


def _read(at: Context, text: str) -> Value:
    try:
        return at.cell.read(text)
    except BadValue:
        return None
