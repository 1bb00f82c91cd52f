"""Which flags a field may have, by its type and the kind of record it is in."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.language import syntax
from rulesengine.model.schema import Role
from rulesengine.model.types import DateType, MoneyType, NumberType, PercentType, RecordType, TextType, Type
from rulesengine.plan.context import Context
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.types import describe

Flags = Mapping[str, syntax.FieldFlag]
_NUMERIC = (MoneyType, NumberType, PercentType)


def check_flags(context: Context, block: syntax.RecordBlock, role: Role, type_: Type, flags: Flags) -> None:
    """Raise R0220 for a flag that does not fit the field's type, its record, or another flag."""
    for word, flag in flags.items():
        problem = _misfit(context, block, role, type_, word)
        if problem:
            raise mistake("R0220", problem[0], flag.span, hint=problem[1])
    _check_pairs(flags)


def _misfit(
    context: Context, block: syntax.RecordBlock, role: Role, type_: Type, word: str
) -> tuple[str, str] | None:
    found = f"this field is {describe(type_)}"
    match word:
        case "key" if not isinstance(type_, TextType):
            return f"a `key` must be text, {found}", "write `text`: a number is a text of digits here"
        case "one of" if not isinstance(type_, TextType):
            return f"`one of` lists texts, {found}", "write `text one of …`"
        case "decimals" if not isinstance(type_, _NUMERIC):
            return f"only money, numbers and percents have decimals, {found}", "drop `decimals`"
        case "signed" if not isinstance(type_, _NUMERIC):
            return f"only money, numbers and percents are `signed`, {found}", "drop `signed`"
        case "event" | "credited" | "reverses" if role is Role.PAYEE:
            return f"a field of a `payee` cannot be `{word}`; a field of a `fact` can", f"drop `{word}`"
        case "history" if role is Role.FACT:
            return (
                "a field of a `fact` cannot be `history`; a field of a `payee` can",
                "a fact holds one value: drop `history`",
            )
        case "event" if not isinstance(type_, DateType):
            return f"an `event` must be a date, {found}", "write `date event`"
        case "credited" if not _is_payee(context, type_):
            kinds = context.catalog.names(Sort.PAYEE)
            example = kinds[0] if kinds else "a payee kind"
            return f"`credited` must be a payee, {found}", f"write `{example}` as its type"
        case "reverses" if type_ != RecordType(block.name.text):
            return (
                f"`reverses` must point at another `{block.name.text}`, {found}",
                f"write `{block.name.text} optional reverses`",
            )
        case _:
            return None


def _is_payee(context: Context, type_: Type) -> bool:
    if not isinstance(type_, RecordType):
        return False
    return context.catalog.entries[type_.kind].sort is Sort.PAYEE


def _check_pairs(flags: Flags) -> None:
    for word in ("optional", "history"):
        if "key" in flags and word in flags:
            raise _cannot_both("key", word, flags[word])
    if "event" in flags and "history" in flags:
        raise _cannot_both("event", "history", flags["history"])
    if "reverses" in flags and "optional" not in flags:
        raise mistake(
            "R0220",
            "a `reverses` field must be `optional`: most rows undo nothing",
            flags["reverses"].span,
            hint="write `optional reverses`",
        )


def _cannot_both(first: str, second: str, flag: syntax.FieldFlag) -> Mistake:
    return mistake("R0220", f"a `{first}` cannot be `{second}`", flag.span, hint=f"drop `{second}`")
