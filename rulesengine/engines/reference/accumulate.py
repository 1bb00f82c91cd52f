"""Step 4, accumulate: the running total of a measure before and after each credited row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import field

from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY
from rulesengine.engines.reference.rows import Item, Moment, Parts, PayeeId, Row, Scope
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, add
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.nodes import AggregateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A credited row that moves a measure."""

    row: Row
    payee: PayeeId
    turn: int
    scope: Scope
    amount: Exact
    value: str = ""
    """What is counted once, for a count of distinct values."""
    counts_in: Scope | None = None
    """Where that value counts: of a row that undoes another, where it counted for that one."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Position in the running total: date, order in the day, turn of the payee."""
        return (self.row.dated, self.row.order, self.turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A measure before and after one credited row.

    `item` is None where the row moves a named measure without being a row of the rule; before
    and after are the same where it is a row of the rule that the measure does not count.
    """

    row: Row
    payee: PayeeId
    turn: int
    scope: Scope
    before: Exact
    after: Exact
    item: Item | None
    deal: Moved | None = None
    """Of a row that undoes another: that one, where its bands decide what is taken back."""

    @property
    def stands_on(self) -> Row:
        """The row that lines stand on: the rule's own, where it is one."""
        return self.item.row if self.item is not None else self.row

    @property
    def by(self) -> Exact:
        """What the row moves the measure by."""
        return add(self.after, -self.before)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Position in the running total: date, order in the day, turn of the payee."""
        return (self.row.dated, self.row.order, self.turn)


@dataclasses.dataclass(slots=True)
class Contributions:
    """What each payee moved a total by, and who had a counted row."""

    moved: dict[PayeeId, Exact] = field(default_factory=dict)
    counted: dict[PayeeId, None] = field(default_factory=dict)

    def add(self, moved: Moved) -> None:
        """Note down one row."""
        if moved.by != 0:
            self.moved[moved.payee] = add(self.moved.get(moved.payee, ZERO), moved.by)
        if moved.item is not None and moved.row.counts > 0:
            self.counted[moved.item.payee] = None

    def parts(self) -> Parts:
        """Return the payees with a counted row, by key, each with what they moved the total by."""
        return tuple((payee, self.moved.get(payee, ZERO)) for payee in sorted(self.counted))


@dataclasses.dataclass(slots=True)
class Running:
    """A running total; a maximum keeps what each row brings, so that it can be undone.

    A count of distinct values keeps how many rows have each, window by window: a value counts while that
    is above zero. The row that undoes the last one takes it off the total of its own window.
    """

    kind: AggregateKind
    total: Exact = ZERO
    brought: dict[tuple[object, ...], Exact] = field(default_factory=dict)

    def move(self, move: Move) -> tuple[Exact, Exact]:
        """Take a move in and return the total before and after it."""
        before = self.total
        if self.kind is AggregateKind.MAX:
            root = move.row.root
            key = (root.kind, root.key, move.payee) if root else (move.row.order, move.payee)
            self.brought[key] = add(self.brought.get(key, ZERO), move.amount)
            self.total = max(self.brought.values())
        elif self.kind is AggregateKind.COUNT_DISTINCT:
            value = (move.counts_in or move.scope, move.value)
            rows = self.brought.get(value, ZERO)
            self.brought[value] = now = add(rows, move.amount)
            self.total = add(before, ONE * ((now > 0) - (rows > 0)))
        else:
            self.total = add(before, move.amount)
        return before, self.total


def accumulate(items: Iterable[Item], moves: Iterable[Move] | None, kind: AggregateKind) -> list[Moved]:
    """Return the totals before and after every row, in (date, order, payee) order.

    Args:
        items: the rule's credited rows.
        moves: what moves the measure, where it has rows of its own; None if the items do.
        kind: count and sum add up, a maximum keeps the largest.
    """
    own = {_identity(item.row, item.payee): item for item in items}
    if moves is None:
        moves = [
            Move(
                row=item.row,
                payee=item.payee,
                turn=item.turn,
                scope=item.scope,
                amount=item.moves,
                value=item.counted,
                counts_in=item.counts_in,
            )
            for item in own.values()
            if item.scope is not None
        ]
    events: list[tuple[tuple[object, ...], Move | None, Item | None]] = []
    moved_items = set()
    for move in moves:
        identity = _identity(move.row, move.payee)
        moved_items.add(identity)
        events.append((move.sort_key, move, own.get(identity)))
    events += [(item.sort_key, None, item) for key, item in own.items() if key not in moved_items]
    events.sort(key=lambda event: event[0])
    totals: dict[Scope, Running] = {}
    rows_with: dict[tuple[object, ...], Exact] = {}
    result = []
    for _, moving, item in events:
        scope = moving.scope if moving else item.scope if item else None
        row = moving.row if moving else item.row if item else None
        payee = moving.payee if moving else item.payee if item else None
        turn = moving.turn if moving else item.turn if item else 0
        if scope is None or row is None or payee is None:
            continue
        if scope not in totals:
            # Rows of one window may take values off those of another.
            totals[scope] = Running(kind, brought=rows_with if kind is AggregateKind.COUNT_DISTINCT else {})
        running = totals[scope]
        before, after = running.move(moving) if moving else (running.total, running.total)
        result.append(
            Moved(row=row, payee=payee, turn=turn, scope=scope, before=before, after=after, item=item)
        )
    return result


def accumulate_windows(items: Iterable[Item], at: Callable[[Scope, Moment], Exact]) -> list[Moved]:
    """Return what each row of a calendar brings: what a named measure moved by since the row before.

    Each payee's rows run on a total of their own, whoever else the measure's keys hold.

    Args:
        items: the rule's credited rows.
        at: the total of the measure at a moment.
    """
    result = []
    for item in sorted(items, key=lambda item: item.sort_key):
        row, scope = item.row, item.scope
        if scope is None or row.since is None or row.subject is None:
            continue
        before = at(scope, (row.since, LAST_IN_THE_DAY))
        after = at(scope, row.moment)
        own = replace(scope, row=row.subject.key)
        result.append(
            Moved(row=row, payee=item.payee, turn=item.turn, scope=own, before=before, after=after, item=item)
        )
    return result


def with_deals(moved: list[Moved], kind: AggregateKind) -> list[Moved]:
    """Return the totals with the deal of each row that takes back in the bands in which its deal was paid.

    Such are rows that leave the total where it stands, or whose deal did, and all where the measure is
    no sum of what its rows bring. Other rows that undo one go back along the total.
    """
    deals = {_deal(move.item.row, move.payee): move for move in moved if move.item and not _undoes(move)}
    is_sum = kind in (AggregateKind.SUM, AggregateKind.COUNT)
    result = []
    for move in moved:
        deal = deals.get(_deal(move.item.row, move.payee)) if move.item and _undoes(move) else None
        goes_back = is_sum and deal is not None and move.by != 0 and deal.by != 0
        result.append(move if deal is None or goes_back else replace(move, deal=deal))
    return result


def _undoes(move: Moved) -> bool:
    return move.item is not None and move.item.row.is_reversal


def _deal(row: Row, payee: PayeeId) -> tuple[object, ...]:
    """Return what a row and those that undo it have in common, for each payee."""
    return (row.root.kind, row.root.key, payee) if row.root is not None else (id(row), payee)


def _identity(row: Row, payee: PayeeId) -> tuple[object, ...]:
    """Return what makes a row of the rule and a row of the measure the same one.

    The date is part of it: a measure that counts deals when they are paid has not moved yet when
    the rule pays on their closing date.
    """
    if row.earning is not None or row.fact is None:
        return (id(row), payee)
    return (row.fact.kind, row.fact.key, row.dated, payee)
