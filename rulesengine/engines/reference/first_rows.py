"""Step 3b, first rows: of each key only the first rows count, so many or for so long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rulesengine.engines.reference.amounts import judged_from
from rulesengine.engines.reference.keys import keys_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import Item, Key
from rulesengine.model.dates import add_span
from rulesengine.plan import nodes

Refuse = Callable[[Item, str], None]


def first_rows(items: list[Item], reader: Reader, refuse: Refuse) -> list[Item]:
    """Return the items whose rows are among the first of their key.

    The rows of a key are those that the rule looks at and whose conditions hold, in the order of
    measures. A row that undoes another counts if that one does.

    Args:
        items: in order.
        refuse: takes an item that does not count, and why.
    """
    seen: dict[tuple[int, Key], dict[str, tuple[int, date]]] = {}
    kept: list[Item] = []
    named = [(item, *_named(item, reader)) for item in items]
    # All are known before one is judged: of one date, a row may stand behind the one that undoes it.
    for item, name, key in named:
        if item.version.first is not None and not item.row.is_reversal:
            rows = seen.setdefault((id(item.version), key), {})
            rows.setdefault(name, (len(rows), item.row.judged_on))
    for item, name, key in named:
        clause = item.version.first
        if clause is None or _counts(clause, name, item, seen.get((id(item.version), key), {}), reader):
            kept.append(item)
        else:
            refuse(item, f"{clause.text}: {', '.join(key)}")
    return kept


def _named(item: Item, reader: Reader) -> tuple[str, Key]:
    """Return the name of the row that an item stands on, and the key that it is counted for."""
    clause = item.version.first
    if clause is None:
        return "", ()
    judge = judged_from(item.row, item.payee)
    name = item.row.root.key if item.row.root else f"{item.row.order}"
    return name, keys_of(clause.keys, judge, reader)


def _counts(
    clause: nodes.FirstRows, name: str, item: Item, rows: dict[str, tuple[int, date]], reader: Reader
) -> bool:
    if name not in rows:
        return False
    if clause.count is not None:
        return rows[name][0] < clause.count
    assert clause.span is not None
    judge = judged_from(item.row, item.payee)
    count = reader.quantity(clause.span.count, judge)
    _, first = next(iter(rows.values()))
    try:
        return item.row.judged_on < add_span(first, int(count), clause.span.unit)
    except OverflowError:
        return True
