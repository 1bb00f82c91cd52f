"""Books that differ a little: facts taken away, with what refers to them, and amounts changed."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from rulesengine.model.book import Book, Fact
from rulesengine.model.change import replace
from rulesengine.model.money import Money
from rulesengine.model.schema import Schema
from rulesengine.model.types import DateType, MoneyType, RecordType


def without_some(schema: Schema, book: Book, random: Random, share: float) -> Book:
    """Return the book without some of its facts, and without those that refer to one that is gone."""
    gone = {
        (kind, fact.key) for kind, facts in book.facts.items() for fact in facts if random.random() < share
    }
    before = -1
    while before != len(gone):
        before = len(gone)
        gone |= {
            (kind, fact.key)
            for kind, facts in book.facts.items()
            for fact in facts
            for field in schema.kinds[kind].fields
            if isinstance(field.type, RecordType) and (field.type.kind, fact.values[field.name]) in gone
        }
    facts = {
        kind: tuple(fact for fact in rows if (kind, fact.key) not in gone)
        for kind, rows in book.facts.items()
    }
    return replace(book, facts=facts)


def with_changes(schema: Schema, book: Book, random: Random, share: float) -> Book:
    """Return the book with other amounts in some of its facts, and other dates in some."""
    facts = {
        kind: tuple(_changed(schema, fact, random) if random.random() < share else fact for fact in rows)
        for kind, rows in book.facts.items()
    }
    return replace(book, facts=facts)


def _changed(schema: Schema, fact: Fact, random: Random) -> Fact:
    values = dict(fact.values)
    for field in schema.kinds[fact.kind].fields:
        value = values[field.name]
        if isinstance(field.type, MoneyType) and random.random() < 0.7:
            factor = random.choice([Decimal(2), Decimal("0.5"), Decimal(10)])
            if isinstance(value, Money):
                values[field.name] = replace(value, amount=value.amount * factor)
            elif isinstance(value, Decimal):
                values[field.name] = value * factor
        elif isinstance(field.type, DateType) and value is not None and random.random() < 0.2:
            month = random.randint(1, 12)
            values[field.name] = value.replace(month=month, day=min(value.day, 28))  # type: ignore[union-attr]
    return replace(fact, values=values)
