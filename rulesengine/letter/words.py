"""Words and numbers as a letter writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.model import types
from rulesengine.model.exact import HUNDRED, multiply
from rulesengine.statements.numbers import money as amount_of
from rulesengine.statements.numbers import number


def human(name: str) -> str:
    """Return a name of the plan as words: `list_price` is `list price`."""
    return name.strip("_").replace("_", " ") or name


def plural(noun: str) -> str:
    """Return the plural of a noun, by the common rules of English; `sales` is one already."""
    if noun.endswith("person"):
        return f"{noun.removesuffix('person')}people"
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is")):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} {last} {all_words[-1]}"


def count_of(how_many: str, noun: str) -> str:
    """Return `1 month`, `6 months`, `number of parts months`."""
    return f"{how_many} {noun if how_many == '1' else plural(noun)}"


def sentence(text: str) -> str:
    """Return the text with a capital at its beginning and a point at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ":", "?")) else ".")


def quoted(text: str) -> str:
    """Return a text of the plan between quotes."""
    return f'"{text}"'


def money(value: Decimal, currency: str) -> str:
    """Return `250,000.00 USD`."""
    return f"{amount_of(value, currency)} {currency}"


def percent(ratio: Decimal) -> str:
    """Return `3%` for 0.03."""
    return f"{number(multiply(ratio, HUNDRED))}%"


def value_of(value: Decimal | str | date | bool, kind: types.Type) -> str:
    """Return a literal with its unit: `500.00 USD`, `3%`, `"new"`, `2026-09-30`, `yes`."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return quoted(value)
        case date():
            return value.isoformat()
        case Decimal():
            return decimal_of(value, kind)
        case _:
            assert_never(value)


def decimal_of(value: Decimal, kind: types.Type) -> str:
    """Return an exact number with the unit that its type says."""
    match kind:
        case types.MoneyType(currency=currency):
            return money(value, currency)
        case types.PercentType():
            return percent(value)
        case (
            types.NumberType()
            | types.TextType()
            | types.DateType()
            | types.FlagType()
            | types.TextListType()
            | types.RecordType()
        ):
            return number(value)
        case _:
            assert_never(kind)


def type_words(kind: types.Type, usual: str) -> str:
    """Return what a field holds, in a word or two; empty for text that may be anything.

    Args:
        kind: its type.
        usual: the plan's currency, which is not said of each amount.
    """
    match kind:
        case types.TextType(one_of=allowed):
            return f"one of {listed(map(quoted, allowed), 'or')}" if allowed else ""
        case types.MoneyType(by=(_, *_) as by):
            return f"an amount in the currency that {' of the '.join(map(human, reversed(by)))} says"
        case types.MoneyType(currency=currency):
            return "an amount" if currency == usual else f"an amount in {currency}"
        case types.NumberType():
            return "a number"
        case types.PercentType():
            return "a percentage"
        case types.DateType():
            return "a date"
        case types.FlagType():
            return "yes or no"
        case types.TextListType():
            return "any number of texts"
        case types.RecordType(kind=name):
            return f"{article(human(name))} {human(name)}"
        case _:
            assert_never(kind)


def article(noun: str) -> str:
    """Return `a` or `an`."""
    if noun.startswith(("uni", "use", "usa", "uti", "eu", "one")):
        return "a"
    return "an" if noun[:1] in tuple("aeiou") else "a"


def ordinal(place: int) -> str:
    """Return `1st`, `2nd`, `11th`."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def steps_in_order(count: int) -> Sequence[str]:
    """Return how the first, second, … of several steps begins."""
    return tuple(("then", "after that")[min(index, 1)] for index in range(count))
