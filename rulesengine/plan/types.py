"""Which values fit together, and what to say where they do not."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.diagnostics import Related, Span
from rulesengine.language.words import is_date
from rulesengine.model.exact import EXACT, as_text
from rulesengine.model.quick_dataclass import dataclass
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
from rulesengine.plan import nodes
from rulesengine.plan.problems import Mistake, mistake

TypeClass = type[
    TextType | MoneyType | NumberType | PercentType | DateType | FlagType | TextListType | RecordType
]


@dataclass(frozen=True, slots=True)
class Typed:
    """An operand, where it stands, and the place that gave it its type."""

    node: nodes.Operand
    declared: Span

    @property
    def type(self) -> Type:
        return self.node.type

    @property
    def text(self) -> str:
        return self.node.text

    @property
    def described(self) -> str:
        """`amount` is money (USD)"""
        return f"`{self.text}` is {describe(self.type)}"


def describe(type_: Type) -> str:
    """Return the type in a sentence: `a number`, `money (USD)`."""
    match type_:
        case TextType():
            return "text"
        case MoneyType():
            return str(type_)
        case NumberType():
            return "a number"
        case PercentType():
            return "a percentage"
        case DateType():
            return "a date"
        case FlagType():
            return "a flag"
        case TextListType():
            return "a list of text"
        case RecordType(kind=kind):
            return with_article(kind)


def with_article(name: str) -> str:
    """Return a name in backticks behind its article: a `deal`, an `agent`."""
    return f"an `{name}`" if name[0] in "aeiou" else f"a `{name}`"


def is_alike(left: Type, right: Type) -> bool:
    """Tell whether values of the two types can be compared; a record is compared by its key."""
    match left, right:
        case RecordType(), RecordType():
            return left == right
        case (RecordType(), TextType()) | (TextType(), RecordType()):
            return True
        case _:
            return type(left) is type(right) and not _are_apart(left, right)


def _are_apart(left: Type, right: Type) -> bool:
    """Tell whether two amounts are not in one currency; one that is mistaken fits every other."""
    if not isinstance(left, MoneyType) or not isinstance(right, MoneyType):
        return False
    if left.by or right.by:
        return left.by != right.by
    return "" not in (left.currency, right.currency) and left.currency != right.currency


def check_alike(left: Typed, right: Typed) -> None:
    """Raise R0401, with both origins, if two values cannot be compared, added or exchanged; R0402 or
    R0257 if they are amounts in two currencies."""
    if is_alike(left.type, right.type):
        return
    check_currencies(left, right)
    raise mistake(
        "R0401",
        f"units do not fit together: {left.described}, {right.described}",
        right.node.origin,
        related=origins(left, right),
        hint=_unit_hint(left, right),
    )


def check_currencies(left: Typed, right: Typed) -> None:
    """Raise R0402, or R0257 where each row has its own, if two amounts are not in one currency."""
    if not _are_apart(left.type, right.type):
        return
    is_own = any(isinstance(typed.type, MoneyType) and typed.type.by for typed in (left, right))
    raise mistake(
        "R0257" if is_own else "R0402",
        f"two currencies in one sum: {left.described}, {right.described}",
        right.node.origin,
        related=origins(left, right),
        hint="add `convert to … at … on …`, so that all amounts of the row are in one currency"
        if isinstance(left.node, nodes.FieldRead)
        else "write both in one currency",
    )


def check_is(typed: Typed, what: str, *wanted: TypeClass, hint: str = "") -> None:
    """Raise R0401 if a value is of none of the types wanted.

    Args:
        what: the place and its need, such as "a rate must be a percentage".
        hint: what to write instead of such a value.
    """
    if not isinstance(typed.type, wanted):
        related = origins(typed)
        raise mistake("R0401", f"{what}, {typed.described}", typed.node.origin, related=related, hint=hint)


def as_money(typed: Typed, currency: str) -> str:
    """Return the hint for a plain number in the place of money, empty for any other value."""
    return f"write `{typed.text} {currency}`" if _is_plain(typed) and currency else ""


def as_percentage(typed: Typed) -> str:
    """Return the hint for a plain number in the place of a percentage: `5`, or `0.05`, is 5%."""
    if not _is_plain(typed):
        return ""
    assert isinstance(typed.node, nodes.Constant) and isinstance(typed.node.value, Decimal)
    value = typed.node.value
    return f"write `{as_text(EXACT.scaleb(value, 2)) if 0 < value < 1 else typed.text}%`"


def _is_plain(typed: Typed) -> bool:
    return isinstance(typed.node, nodes.Constant) and isinstance(typed.type, NumberType)


def origins(*values: Typed) -> tuple[Related, ...]:
    """Return where each value got its type; values that say it themselves are the last's own place."""
    last = values[-1]
    return tuple(
        Related(value.declared, value.described)
        for value in values
        if value is not last or value.declared != value.node.origin
    )


def _unit_hint(left: Typed, right: Typed) -> str:
    match left.type, right.type:
        case MoneyType(currency=currency), NumberType() if isinstance(right.node, nodes.Constant):
            return f"write `{right.text} {currency}`"
        case PercentType(), NumberType() if isinstance(right.node, nodes.Constant):
            return as_percentage(right)
        case DateType(), TextType() if isinstance(right.node, nodes.Constant) and is_date(right.text[1:-1]):
            return f"dates stand without quotes: write `{right.text[1:-1]}`"
        case NumberType(), MoneyType() | PercentType() if isinstance(right.node, nodes.Constant):
            return f"write a plain number, or declare `{left.text}` as {describe(right.type)}"
        case FlagType(), _:
            return f"a flag stands alone: write `{left.text}`, or `not {left.text}`"
        case _:
            return ""


def common(types: tuple[Type, ...]) -> Type | None:
    """Return the type that values of several kinds share, None if they share none.

    Texts with different lists of values share text with all of these values.
    """
    first = types[0]
    if all(type_ == first for type_ in types):
        return first
    values: dict[str, None] = {}
    for type_ in types:
        if not isinstance(type_, TextType):
            return None
        if not type_.one_of:
            return TextType()
        values.update(dict.fromkeys(type_.one_of))
    return TextType(tuple(values))


def unguarded(typed_text: str, span: Span, declared: Span, fix: str) -> Mistake:
    """Return R0501 for an optional value that may be missing here."""
    return mistake(
        "R0501",
        f"`{typed_text}` may be missing here",
        span,
        related=(Related(declared, "declared `optional` here"),),
        hint=fix,
    )
