"""What is known of the code that is written: expressions, records, and from where a rule reads."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rulesengine.model.exact import ONE
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes


class NoCode(Exception):
    """No code is written for a clause: its rule goes the general road."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression, and what is known of its value."""

    text: str
    may_be_missing: bool = False
    may_be_fraction: bool = False
    constant: object = None
    """Its value, where that is known beforehand."""

    def or_none(self, text: str) -> Code:
        """Return an expression worked out of this one, which is missing where this one is."""
        shown = f"(None if {self.text} is None else {text})" if self.may_be_missing else text
        return replace(self, text=shown, constant=None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that paths start from."""

    kind: str
    key: str
    """Code of its key."""
    values: str = ""
    """Code of its values by field; empty for the row itself, whose fields are variables."""
    may_be_missing: bool = False
    is_looked_up: bool = True
    """Else its values are looked up as soon as one of them is read."""


@dataclass(frozen=True, slots=True)
class Where:
    """From where a rule reads: the record at hand, the credited payee, the day, a line."""

    row: Seen
    day: str
    payee: Seen | None = None
    level: str = ""
    earning: str = ""
    earned: str = ""
    convert: nodes.Convert | None = None
    """How the rule converts amounts in other currencies."""


def product(left: Code, right: Code) -> Code:
    """Return the product of two numbers; that with one is the other."""
    for one, other in ((left, right), (right, left)):
        if one.constant == ONE and isinstance(one.constant, Decimal):
            return other
    is_fraction = left.may_be_fraction or right.may_be_fraction
    text = f"multiply({left.text}, {right.text})" if is_fraction else f"({left.text} * {right.text})"
    return Code(text, may_be_fraction=is_fraction)


def total(left: Code, right: Code) -> Code:
    """Return the sum of two numbers."""
    is_fraction = left.may_be_fraction or right.may_be_fraction
    text = f"add({left.text}, {right.text})" if is_fraction else f"({left.text} + {right.text})"
    return Code(text, may_be_fraction=is_fraction)


def difference(left: str, right: str, *, may_be_fraction: bool) -> Code:
    """Return a number less another."""
    text = f"subtract({left}, {right})" if may_be_fraction else f"({left} - {right})"
    return Code(text, may_be_fraction=may_be_fraction)


def bare(text: str) -> str:
    """Return code without the brackets around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and index < len(text) - 1:
            return text
    return text[1:-1]
