"""Where a running total runs: the values of its keys, and the window of a date."""

from __future__ import annotations

from datetime import date

from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import EarnsNothing, Key, Row, Scope
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Reason
from rulesengine.engines.standings import Place
from rulesengine.engines.values import as_key
from rulesengine.model.book import Payee
from rulesengine.model.dates import Window, anniversary_of, window_of
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, Root


def scope_of(
    keys: tuple[nodes.FieldRead, ...],
    window: nodes.MeasureWindow,
    row: Row,
    view: View,
    reader: Reader,
    dated: date | None = None,
) -> Scope:
    """Return where a running total runs for a row: its keys, and the window of its own date.

    A window per fact is the row judged by, so a row and those that undo it share one.

    Args:
        dated: the date whose window it is, where that is not the row's own.
    """
    row_key = row.root.key if row.root else ""
    scope = scope_on(keys, window, dated or row.dated, row_key, view, reader)
    if isinstance(window, nodes.Anniversary):
        _counted(window, row.judged_on, view, reader)  # what undoes a row that counts nowhere counts nowhere
    return scope


def counts_in_of(measure: nodes.Measure, row: Row, view: View, reader: Reader) -> Scope | None:
    """Return where a value counts that a row undoes, for a count of distinct ones: the window of the row
    undone; None where it is that of the row itself."""
    if measure.aggregate.kind is not AggregateKind.COUNT_DISTINCT or not row.is_reversal:
        return None
    return scope_of(measure.keys, measure.window, row, view, reader, row.judged_on)


def scope_on(
    keys: tuple[nodes.FieldRead, ...],
    window: nodes.MeasureWindow,
    day: date,
    row_key: str,
    view: View,
    reader: Reader,
) -> Scope:
    """Return where a running total runs on a day: its keys, and the window or the row."""
    values = keys_of(keys, view, reader)
    if isinstance(window, nodes.PerFact):
        return Scope(values, None, row_key)
    if isinstance(window, nodes.Anniversary):
        return Scope(values, _counted(window, day, view, reader))
    return Scope(values, window_of(day, window, reader.plan.fiscal, reader.plan.effective))


def _counted(window: nodes.Anniversary, day: date, view: View, reader: Reader) -> Window:
    """Return the window, counted from a date of the payee or row, that a day lies in."""
    anchor = reader.read(window.anchor, view)
    if not isinstance(anchor, date):
        raise EarnsNothing(Reason.BEFORE_FIRST_WINDOW, f"{window.anchor.text} is missing")
    if day < anchor:
        raise EarnsNothing(Reason.BEFORE_FIRST_WINDOW, f"{day} is before {anchor}, {window.anchor.text}")
    return anniversary_of(day, window.unit, anchor)


def keys_of(keys: tuple[nodes.FieldRead, ...], view: View, reader: Reader) -> Key:
    """Return the values of key fields as text; a missing one is a key of its own."""
    return tuple(_key(key, view, reader) for key in keys)


def place_of(scope: Scope) -> Place:
    """Return where a total runs, without what its window is called."""
    return (scope.keys, scope.window.start if scope.window else None, scope.row)


def scope_label(keys: tuple[nodes.FieldRead, ...], scope: Scope) -> str:
    """Return the keys of a scope as lines show them: `team=north`; empty if it is the payee."""
    named = [f"{key.text}={value}" for key, value in zip(keys, scope.keys, strict=True) if not _is_payee(key)]
    return ", ".join(named)


def _is_payee(key: nodes.FieldRead) -> bool:
    """Whether a key is the payee: who is credited, or, read as `payee`, who the row is."""
    return not key.names and (key.root is Root.PAYEE or key.text == "payee")


def _key(key: nodes.FieldRead, view: View, reader: Reader) -> str:
    if key.root is Root.PAYEE and not key.names and view.payee:
        return "\x1f".join(view.payee)
    if not key.names and isinstance(view.record, Payee):
        return "\x1f".join((view.record.kind, view.record.key))
    return as_key(reader.read(key, view))
