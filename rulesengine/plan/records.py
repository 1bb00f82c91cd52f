"""Record kinds: the `field` lines of `payee` and `fact` blocks, with types and flags."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.diagnostics import Related, did_you_mean
from rulesengine.language import syntax
from rulesengine.language.words import NOT_A_FIELD
from rulesengine.model.money import minor_digits as minor_digits_of
from rulesengine.model.schema import Field, RecordKind, Role
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
from rulesengine.plan.context import Context, FieldInfo, KindInfo
from rulesengine.plan.currencies import known_code
from rulesengine.plan.flags import check_flags
from rulesengine.plan.header import stands_twice, whole_number
from rulesengine.plan.names import TYPE_WORDS, Sort, given_twice, word_taken
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.shares import share_kinds
from rulesengine.plan.types import describe

MOST_DECIMALS = 9
_ROLES = {"payee": Role.PAYEE, "fact": Role.FACT}
# Paths such as `payee.tier` and `earning` begin with these words whatever the row is.
_RESERVED = {"payee": "the payee who is credited"}


def read_records(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, KindInfo | None]:
    """Return every record kind by name, its `field` lines read, its `derive` lines only named."""
    kinds: dict[str, KindInfo | None] = {}
    undated = share_kinds(blocks)
    for block in blocks:
        if isinstance(block, syntax.RecordBlock):
            kind = _read_record(context, block, needs_event=block.name.text not in undated)
            kinds.setdefault(block.name.text, kind)
    return kinds


def _read_record(context: Context, block: syntax.RecordBlock, *, needs_event: bool) -> KindInfo:
    role = _ROLES[block.role]
    seen: dict[str, syntax.FieldLine | syntax.Derive] = {}
    infos: dict[str, FieldInfo | None] = {}
    fields: list[Field] = []
    derives: list[str] = []
    for clause in block.clauses:
        match clause:
            case syntax.FieldLine() | syntax.Derive():
                if not context.problems.attempt(_is_new, clause, seen):
                    continue
            case syntax.Where() | syntax.OrderBy():
                continue  # `lower_fact_rows` reads these
        if isinstance(clause, syntax.Derive):
            derives.append(clause.name.text)
            continue
        infos[clause.name.text] = None
        field = context.problems.attempt(_read_field, context, block, role, clause)
        if field is not None:
            fields.append(field)
            infos[field.name] = FieldInfo(
                kind=block.name.text,
                name=field.name,
                type=field.type,
                is_optional=field.is_optional,
                is_derived=False,
                declared=clause.span,
            )
    return KindInfo(
        name=block.name.text,
        role=role,
        declared=block.name.span,
        fields=infos,
        derives=frozenset(derives),
        record=RecordKind(name=block.name.text, role=role, fields=tuple(fields)),
        is_whole=_has_what_it_needs(context, block, role is Role.FACT and needs_event, fields),
    )


def _is_new(
    clause: syntax.FieldLine | syntax.Derive, seen: dict[str, syntax.FieldLine | syntax.Derive]
) -> bool:
    name = clause.name.text
    if name in _RESERVED:
        raise mistake(
            "R0302",
            f"`{name}` always means {_RESERVED[name]} and cannot name a field",
            clause.name.span,
            hint="name the field after what it holds, such as `partner`",
        )
    if name in NOT_A_FIELD:
        raise word_taken(clause.name, "field")
    first = seen.setdefault(name, clause)
    if first is not clause:
        raise given_twice(name, clause.name.span, first.name.span, "a field of this block")
    return True


def _read_field(context: Context, block: syntax.RecordBlock, role: Role, line: syntax.FieldLine) -> Field:
    flags: dict[str, syntax.FieldFlag] = {}
    for flag in line.flags:
        first = flags.setdefault(flag.word, flag)
        if first is not flag:
            raise stands_twice(flag.word, flag.span, first.span)
    type_ = _type_of(context, line.type)
    if line.currency is not None:
        type_ = _in_currency(line, line.currency, type_)
    one_of = flags.get("one of")
    if one_of is not None and isinstance(type_, TextType):
        type_ = TextType(_values_once(one_of))
    check_flags(context, block, role, type_, flags)
    return Field(
        name=line.name.text,
        type=type_,
        is_key="key" in flags,
        is_optional="optional" in flags,
        is_history="history" in flags,
        is_event="event" in flags,
        is_credited="credited" in flags,
        is_signed="signed" in flags,
        is_reverses="reverses" in flags,
        decimals=_decimals(type_, flags, context.header.minor_digits),
        says_decimals="decimals" in flags,
    )


def _type_of(context: Context, name: syntax.Name) -> Type:
    word = name.text
    match word:
        case "text":
            return TextType()
        case "money":
            return MoneyType(context.header.currency)
        case "number":
            return NumberType()
        case "percent":
            return PercentType()
        case "date":
            return DateType()
        case "flag":
            return FlagType()
        case "list of text":
            return TextListType()
        case _:
            return _reference(context, name)


def _in_currency(line: syntax.FieldLine, currency: syntax.Name | syntax.Path, type_: Type) -> MoneyType:
    """Return money in a currency of its own, or in that which a field says for each row."""
    if not isinstance(type_, MoneyType):
        raise mistake(
            "R0258",
            f"only money is in a currency, `{line.name.text}` is {describe(type_)}",
            currency.span,
            hint=f"write `field {line.name.text} money in {currency.text}`",
        )
    if isinstance(currency, syntax.Path):
        return MoneyType("", tuple(name.text for name in currency.names))
    return MoneyType(known_code(currency))


def check_currency_fields(context: Context, blocks: tuple[syntax.Block, ...]) -> None:
    """Keep R0258 for amounts whose currency cannot be read from the field that is said to hold it;
    mark the others, so that intake takes nothing but codes of currencies there."""
    for block in blocks:
        kind = context.kinds.get(block.name.text) if isinstance(block, syntax.RecordBlock) else None
        if not isinstance(block, syntax.RecordBlock) or kind is None:
            continue
        for line in block.clauses:
            if isinstance(line, syntax.FieldLine) and isinstance(line.currency, syntax.Path):
                context.problems.attempt(_check_currency_field, context, kind, line, line.currency)


def _check_currency_field(
    context: Context, kind: KindInfo, line: syntax.FieldLine, path: syntax.Path
) -> None:
    first = kind.fields.get(path.names[0].text)
    owner, last = kind, first
    if first is not None and len(path.names) == 2 and isinstance(first.type, RecordType):
        followed = context.kinds.get(first.type.kind)
        if followed is None:
            raise Mistake
        owner, last = followed, followed.fields.get(path.names[1].text)
    if first is None and path.names[0].text in kind.fields:
        raise Mistake
    declared = owner.record.field(path.names[-1].text)
    if first is None or last is None or declared is None or len(path.names) > 2:
        raise mistake(
            "R0258",
            f"the currency of `{line.name.text}` stands in a field of `{kind.name}`, "
            f"or of a record that it points at; found `{path.text}`",
            path.span,
            hint="add `field currency text`, and write `money in currency`",
        )
    if not isinstance(declared.type, TextType) or declared.is_history:
        found = "may change over time" if declared.is_history else f"is {describe(declared.type)}"
        raise mistake(
            "R0258",
            f"a currency is said by a text that does not change, `{path.text}` {found}",
            path.span,
            related=(Related(last.declared, f"`{path.text}` is declared here"),),
        )
    context.codes.add((owner.name, declared.name))


def _reference(context: Context, name: syntax.Name) -> RecordType:
    declared = context.catalog.entries.get(name.text)
    if declared is None:
        known = [*TYPE_WORDS, *context.catalog.names(Sort.PAYEE, Sort.FACT)]
        raise mistake(
            "R0301",
            f"unknown type `{name.text}`",
            name.span,
            hint=did_you_mean(name.text, known) or f"a type is one of {', '.join(known)}",
        )
    if declared.sort not in (Sort.PAYEE, Sort.FACT):
        raise context.catalog.wrong_sort(name, declared, "a type, a payee kind or a fact kind")
    return RecordType(name.text)


def _values_once(flag: syntax.FieldFlag) -> tuple[str, ...]:
    seen: dict[str, syntax.Text] = {}
    for text in flag.values:
        first = seen.setdefault(text.value, text)
        if first is not text:
            raise mistake(
                "R0302",
                f'"{text.value}" is given twice',
                text.span,
                related=(Related(first.span, "it stands here already"),),
                hint="drop one of the two",
            )
    return tuple(seen)


def _decimals(type_: Type, flags: Mapping[str, syntax.FieldFlag], minor_digits: int) -> int:
    flag = flags.get("decimals")
    if flag is not None and flag.number is not None:
        decimals = whole_number(flag.number)
        if decimals > MOST_DECIMALS:
            raise mistake(
                "R0407", f"a field has at most {MOST_DECIMALS} decimals, found {decimals}", flag.number.span
            )
        return decimals
    match type_:
        case MoneyType(by=(_, *_)):
            # The minor unit of each row's own currency is looked at where the row is read.
            return MOST_DECIMALS
        case MoneyType(currency=currency):
            digits = minor_digits_of(currency)
            return minor_digits if digits is None else digits
        case NumberType() | PercentType():
            return MOST_DECIMALS
        case _:
            return 0


def _has_what_it_needs(
    context: Context, block: syntax.RecordBlock, needs_event: bool, fields: list[Field]
) -> bool:
    # A mistaken field line may well be the key or the event date: what it says is believed.
    lines = [clause for clause in block.clauses if isinstance(clause, syntax.FieldLine)]
    needs = [("key", "field id text key")]
    if needs_event:
        needs.append(("event", "field closed date event"))
    for word, example in needs:
        having = [(line, flag) for line in lines for flag in line.flags if flag.word == word]
        if not having:
            context.problems.add(
                mistake(
                    "R0215",
                    f"`{block.name.text}` has no `{word}` field",
                    block.name.span,
                    hint=f"add a line such as `{example}`",
                )
            )
    for word in ("key", "event", "credited", "reverses"):
        having = [(line, flag) for line in lines for flag in line.flags if flag.word == word]
        for line, flag in having[1:]:
            if line is not having[0][0]:
                context.problems.add(stands_twice(word, flag.span, having[0][1].span))
    has_key = any(field.is_key for field in fields)
    has_event = not needs_event or any(field.is_event for field in fields)
    return has_key and has_event
