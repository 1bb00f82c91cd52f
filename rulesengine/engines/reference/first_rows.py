"""Step 3b, first rows: of each key only the first rows count, so many or for so long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rulesengine.engines.reference.amounts import views
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
    kept = []
    for item in items:
        clause = item.version.first
        if clause is None:
            kept.append(item)
            continue
        judge, _ = views(item.row, item.payee)
        key = keys_of(clause.keys, judge, reader)
        rows = seen.setdefault((id(item.version), key), {})
        name = item.row.root.key if item.row.root else f"{item.row.order}"
        if not item.row.is_reversal:
            rows.setdefault(name, (len(rows), item.row.judged_on))
        if _counts(clause, name, item, rows, reader):
            kept.append(item)
        else:
            refuse(item, f"{clause.text}: {', '.join(key)}")
    return kept


def _counts(
    clause: nodes.FirstRows, name: str, item: Item, rows: dict[str, tuple[int, date]], reader: Reader
) -> bool:
    if name not in rows:
        return False
    if clause.count is not None:
        return rows[name][0] < clause.count
    assert clause.span is not None
    judge, _ = views(item.row, item.payee)
    count = reader.quantity(clause.span.count, judge)
    _, first = next(iter(rows.values()))
    try:
        return item.row.judged_on < add_span(first, int(count), clause.span.unit)
    except OverflowError:
        return True
