"""The types a value can have, from a column of a file to an operand of a rule."""

from __future__ import annotations

from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TextType:
    """Text; `one_of` lists the values allowed, empty where any is."""

    one_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True, slots=True)
class MoneyType:
    """An amount of one currency, or of the one that a field says for each row."""

    currency: str
    """Empty where each row has its own."""
    by: tuple[str, ...] = ()
    """The path to the field that says it, from the record or, where it is read, from the row."""

    def __str__(self) -> str:
        return f"money in `{'.'.join(self.by)}`" if self.by else f"money ({self.currency})"


@dataclass(frozen=True, slots=True)
class NumberType:
    """A plain number: a count or a quantity."""

    def __str__(self) -> str:
        return "number"


@dataclass(frozen=True, slots=True)
class PercentType:
    """A ratio; 15% is held as 0.15."""

    def __str__(self) -> str:
        return "percent"


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar date."""

    def __str__(self) -> str:
        return "date"


@dataclass(frozen=True, slots=True)
class FlagType:
    """Yes or no."""

    def __str__(self) -> str:
        return "flag"


@dataclass(frozen=True, slots=True)
class TextListType:
    """A list of texts, such as tags."""

    def __str__(self) -> str:
        return "list of text"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A reference to a record of a payee kind or a fact kind, by its key."""

    kind: str

    def __str__(self) -> str:
        return self.kind


Type = TextType | MoneyType | NumberType | PercentType | DateType | FlagType | TextListType | RecordType
