"""What the plan reads: payees, facts, their fields; groups and tables."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.conditions import condition
from rulesengine.letter.derive import derived
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import of_one_another, operand, the_field
from rulesengine.letter.words import article, human, listed, plural, sentence, type_words, value_of
from rulesengine.model.schema import Field, RecordKind, Role
from rulesengine.plan import nodes


def record(kind: RecordKind, plan: nodes.Plan) -> Item:
    """Return the sentence on a sort of payee or fact, with what is read of it below."""
    noun = human(kind.name)
    below = (
        *items(sentence(f"read of each: {', '.join(_field(field, plan.currency) for field in kind.fields)}")),
        *items(
            *(sentence(derived(each, article(noun) + " " + noun)) for each in plan.derived.get(kind.name, ()))
        ),
        *items(
            *(
                sentence(f"{article(noun)} {noun} counts only if {condition(each, noun)}")
                for each in plan.filters.get(kind.name, ())
            )
        ),
        *_facts_own(kind, plan),
    )
    match kind.role:
        case Role.PAYEE:
            return Item(text=sentence(f"{plural(noun)} can be paid"), below=below)
        case Role.FACT:
            role = "can earn" if kind.event is not None else "are read beside them"
            return Item(text=sentence(f"{plural(noun)} {role}"), below=below)
        case _:
            assert_never(kind.role)


def _facts_own(kind: RecordKind, plan: nodes.Plan) -> tuple[Item, ...]:
    noun = human(kind.name)
    order = plan.order_by.get(kind.name)
    undoes = kind.reverses
    return items(
        sentence(f"{plural(noun)} of one day are taken in the order of {the_field(order, noun)}")
        if order
        else "",
        sentence(
            f"{article(noun)} {noun} with {human(undoes.name)} filled in undoes the {noun} named there: "
            f"it takes back what that one earned, by the rules that held for it"
        )
        if undoes
        else "",
    )


def _field(field: Field, currency: str) -> str:
    notes = [
        note
        for note, holds in (
            (type_words(field.type, currency), True),
            ("its key", field.is_key),
            ("the date it counts on", field.is_event),
            ("who is paid", field.is_credited),
            ("as it was on the day that counts", field.is_history),
            ("may be below zero", field.is_signed),
            ("may be empty", field.is_optional),
        )
        if holds and note
    ]
    return human(field.name) + (f" ({', '.join(notes)})" if notes else "")


def table(node: nodes.Table) -> Item:
    """Return the sentence on a table, with its rows below it."""
    row = human(node.kind)
    keys = [operand(key, row) for key in node.keys]
    below = tuple(
        Item(
            text=f"{', '.join(_cell(cell, key) for cell, key in zip(each.cells, node.keys, strict=True))}: "
            f"{operand(each.value, row)}"
        )
        for each in node.rows
    )
    return Item(
        text=f"The table {human(node.name)} gives, for {listed(keys)} "
        "(the first row that fits; of several lower ends, the nearest):",
        below=below,
    )


def _cell(cell: nodes.Cell, key: nodes.FieldRead | nodes.MeasureRead) -> str:
    match cell:
        case nodes.AnyCell():
            return f"any {of_one_another(key) if isinstance(key, nodes.FieldRead) else 'total'}"
        case nodes.EqualsCell(value=value):
            return value_of(value, key.type)
        case nodes.FromCell(start=start, is_included=is_included):
            return f"{'from' if is_included else 'above'} {value_of(start, key.type)}"
        case _:
            assert_never(cell)


def group(node: nodes.Segment) -> Item:
    """Return the sentence on a segment."""
    kind = human(node.kind)
    held = "; and ".join(condition(each, kind) for each in node.conditions)
    return Item(text=sentence(f"the group {human(node.name)} is made of the {plural(kind)} for which {held}"))
