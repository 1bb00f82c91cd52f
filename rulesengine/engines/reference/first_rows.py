"""Step 3b, first rows: of each key only the first rows count, so many or for so long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rulesengine.engines.first_keys import list_of, lists_of_keys
from rulesengine.engines.reference.amounts import judged_from
from rulesengine.engines.reference.keys import keys_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import Item, Key
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.values import as_key
from rulesengine.model.dates import add_span
from rulesengine.plan import nodes

Refuse = Callable[[Item, str], None]


def first_keys(rule: nodes.Rule, version: nodes.Version, judge: View, reader: Reader) -> tuple[Key, ...]:
    """Return the keys that a row takes a place for, one for each list of keys that the rule counts for.

    Raises:
        NoValue: the row's own version counts for a key that has no values on its date.
    """
    if all(each.first is None for each in rule.versions):
        return ()
    if version.first is not None:
        keys_of(version.first.keys, judge, reader)
    return tuple(tuple(_key(key, judge, reader) for key in keys) for keys in lists_of_keys(rule))


def _key(key: nodes.FieldRead, judge: View, reader: Reader) -> str:
    try:
        return keys_of((key,), judge, reader)[0]
    except NoValue:
        return ""  # of a version that does not ask for it


def first_rows(items: list[Item], rule: nodes.Rule, reader: Reader, refuse: Refuse) -> list[Item]:
    """Return the items whose rows are among the first of their key.

    The rows of a key are those that the rule looks at and whose conditions hold, in the order of
    measures, in whatever version of the rule. A row that undoes another counts if that one does.

    Args:
        items: in order.
        refuse: takes an item that does not count, and why.
    """
    if all(version.first is None for version in rule.versions):
        return items
    seen: dict[tuple[int, Key], dict[object, tuple[int, date]]] = {}
    kept: list[Item] = []
    # All are known before one is judged: of one date, a row may stand behind the one that undoes it.
    for item in items:
        if not item.row.is_reversal:
            for place_and_key in enumerate(item.first_keys):
                rows = seen.setdefault(place_and_key, {})
                rows.setdefault(_name(item), (len(rows), item.row.judged_on))
    for item in items:
        clause = item.version.first
        if clause is None:
            kept.append(item)
            continue
        place = list_of(clause, rule)
        if _counts(clause, item, seen.get((place, item.first_keys[place]), {}), reader):
            kept.append(item)
        else:
            judge = judged_from(item.row, item.payee)
            shown = [as_key(reader.read(key, judge)) for key in clause.keys]
            refuse(item, f"{clause.text}: {', '.join(shown)}")
    return kept


def _name(item: Item) -> object:
    """Return what tells the row that an item is judged by: lines of another rule may stand on rows of several
    kinds."""
    root = item.row.root
    return (root.kind, root.key) if root else item.row.order


def _counts(
    clause: nodes.FirstRows, item: Item, rows: dict[object, tuple[int, date]], reader: Reader
) -> bool:
    name = _name(item)
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
