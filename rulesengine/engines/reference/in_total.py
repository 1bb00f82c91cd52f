"""Step 5, rate, for what is decided again: pay by `bookings in total`.

Rows that ask the same question of the same totals share an account: their amounts added up. What
the question answers is a rate for each part of the pay, zero where a condition does not hold. When
a row moves a total, each account that asks for it gains or loses its amounts times the difference.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from rulesengine.engines.reference.accumulate import Moved
from rulesengine.engines.reference.amounts import judged_from, own_view
from rulesengine.engines.reference.conditions import holds
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.look_up_limits import adjusters_of
from rulesengine.engines.reference.price import price
from rulesengine.engines.reference.rate import Leading, leading_factors, priced_draft
from rulesengine.engines.reference.rows import Days, Factor, Item, Moment, PayeeId, Priced, Row
from rulesengine.engines.reference.totals import Totals
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Part
from rulesengine.engines.standings import Place
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, add, multiply, subtract
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import of_condition, of_operand, rate_of

At = tuple[str, Place]
"""A measure, and where its total runs."""


@dataclass(slots=True)
class _Account:
    """What rows that ask the same have, and what the last answer paid on it."""

    item: Item
    asks: set[At]
    quantities: list[Exact]
    days: Days | None
    rates: list[Exact] = field(default_factory=list)


@dataclass(slots=True)
class _Step:
    """What happens at one moment."""

    items: list[Item] = field(default_factory=list)
    moved: list[tuple[At, Moved]] = field(default_factory=list)


def rate_in_total(items: list[Item], totals: Totals) -> list[Draft]:
    """Return what each row earns by the totals with it, and what later rows change about that."""
    drafts: list[Draft] = []
    accounts: dict[Hashable, _Account] = {}
    asking: dict[At, list[_Account]] = {}
    for moment, step in _steps(items, totals):
        true_ups: list[Draft] = []
        seen: set[int] = set()
        for at, _ in step.moved:
            for account in asking.get(at, ()):
                if id(account) not in seen:
                    seen.add(id(account))
                    true_ups += _true_ups(account, moment, _row_of(account, step), totals)
        for item in step.items:
            if not item.not_yet:
                drafts += [priced_draft(item, part, part.base, part.units) for part in item.bands[0]]
            _join(item, moment, accounts, asking, totals)
        drafts += true_ups
    return drafts


def has_targets(item: Item, totals: Totals) -> None:
    """Look up the target of every total that the row asks for, now or by what holds later.

    Raises:
        EarnsNothing: a total has no target to hold it against.
    """
    judge = _judge(item, item.row.moment)
    for _, reads in _questions(item, totals):
        for read in reads:
            totals.where_read(read, judge)


def _steps(items: list[Item], totals: Totals) -> Iterator[tuple[Moment, _Step]]:
    steps: dict[Moment, _Step] = {}
    for item in items:
        steps.setdefault((item.row.dated, item.row.order), _Step()).items.append(item)
    names = {read.measure for item in items for read in _reads(item, totals)}
    for name in sorted(names):
        for place, moved in totals.moved(name):
            step = steps.setdefault((moved.row.dated, moved.row.order), _Step())
            step.moved.append(((name, place), moved))
    for moment in sorted(steps):
        yield moment, steps[moment]


def _reads(item: Item, totals: Totals) -> Iterator[nodes.MeasureRead]:
    for _, read in _questions(item, totals):
        yield from read


def _join(
    item: Item,
    moment: Moment,
    accounts: dict[Hashable, _Account],
    asking: dict[At, list[_Account]],
    totals: Totals,
) -> None:
    judge = _judge(item, moment)
    asks: set[At] = set()
    asked = tuple(_asked(what, reads, judge, asks, totals) for what, reads in _questions(item, totals))
    days = leading_factors(item).days
    key = (item.payee, item.version_index, asked, days)
    account = accounts.get(key)
    if account is None:
        account = accounts[key] = _Account(item, asks, [ZERO] * len(item.bands[0]), days)
        for at in sorted(asks, key=str):
            asking.setdefault(at, []).append(account)
    account.item = item
    account.quantities = [
        add(before, _quantity(part)) for before, part in zip(account.quantities, item.bands[0], strict=True)
    ]
    account.rates = _answer(item, moment, totals)


def _true_ups(account: _Account, moment: Moment, row: Row, totals: Totals) -> list[Draft]:
    """Return what an account gains by the new answer: a line for each part of the pay that changes."""
    item = account.item
    now = _answer(item, moment, totals)
    drafts = []
    changes = zip(item.bands[0], account.quantities, account.rates, now, strict=True)
    for part, quantity, before, after in changes:
        exact = multiply(quantity, subtract(after, before))
        if exact == 0:
            continue
        drafts.append(
            Draft(
                payee=item.payee,
                part=Part.TRUE_UP,
                row=row,
                item=item,
                earned_on=moment[0],
                exact=Leading(None, account.days).of(exact),
                days=account.days,
                base=quantity if part.base is not None else None,
                units=quantity if part.base is None else None,
                base_of="earlier rows",
                rate=after,
                rate_before=before,
                readings=_said(item, moment, totals),
                origin=part.origin,
            )
        )
    account.rates = now
    return drafts


def _answer(item: Item, moment: Moment, totals: Totals) -> list[Exact]:
    """Return the rate of each part of the pay at a moment, times its factors but for days; zero where a
    condition does not hold."""
    reader, judge = totals.reader, _judge(item, moment)
    later = [test for test in item.version.conditions if any(of_condition(test))]
    if not all(holds(test, reader, judge) for test in later) or not isinstance(item.version.rate, nodes.Pay):
        return [ZERO] * len(item.bands[0])
    factor: Exact = ONE
    for adjuster in adjusters_of(item.version, item.row, item.share, judge, reader):
        if not isinstance(adjuster, Factor):
            break
        if adjuster.days is None:
            factor = multiply(factor, adjuster.factor)
    own = own_view(item.row, judged_from(item.row, item.payee))
    rates = (price(part, item.row, item.share, judge, own, reader).rate for part in item.version.rate.parts)
    return [multiply(rate, factor) for rate in rates]


def _said(item: Item, moment: Moment, totals: Totals) -> str:
    judge = _judge(item, moment)
    for _, reads in _questions(item, totals):
        for read in reads:
            totals.value(read, judge)
    return "; ".join(judge.notes or ())


_Question = tuple[nodes.Condition | nodes.Operand, tuple[nodes.MeasureRead, ...]]


def _questions(item: Item, totals: Totals) -> Iterator[_Question]:
    """Yield everything that decides on the rate, with the totals that it asks for."""
    version, tables = item.version, totals.reader.plan.tables
    for condition in version.conditions:
        reads = tuple(of_condition(condition))
        if reads:
            yield condition, reads
    for adjuster in version.adjusters:
        if isinstance(adjuster, nodes.Limit):
            break
        if isinstance(adjuster, nodes.Times):
            if adjuster.when is not None:
                yield adjuster.when, tuple(of_condition(adjuster.when))
            yield adjuster.factor, tuple(of_operand(adjuster.factor, tables))
    if isinstance(version.rate, nodes.Pay):
        for part in version.rate.parts:
            rate = rate_of(part)
            if rate is not None:
                yield rate, tuple(of_operand(rate, tables))


def _asked(
    what: nodes.Condition | nodes.Operand,
    reads: tuple[nodes.MeasureRead, ...],
    judge: View,
    asks: set[At],
    totals: Totals,
) -> Hashable:
    """Return what two rows must have in common to get one answer at every moment: the totals asked
    for with their targets, and the values of all else."""
    places = []
    for read in reads:
        place, target = totals.where_read(read, judge)
        asks.add((read.measure, place))
        places.append((read.measure, place, target))
    return (tuple(places), _rest(what, judge, totals))


def _rest(what: nodes.Condition | nodes.Operand, judge: View, totals: Totals) -> Hashable:
    reader = totals.reader
    match what:
        case nodes.AllOf(tests=tests) | nodes.AnyOf(tests=tests):
            return tuple(_rest(test, judge, totals) for test in tests)
        case nodes.Not(test=test):
            return _rest(test, judge, totals)
        case nodes.Compare(left=nodes.MeasureRead(in_total=True), right=right):
            is_value = isinstance(right, nodes.FieldRead | nodes.Constant | nodes.ShareOfRead)
            if isinstance(right, nodes.DateRead):
                return reader.value(right.operand, judge)
            return reader.value(right, judge) if is_value else None  # type: ignore[arg-type]
        case nodes.MeasureRead(in_total=True):
            return None
        case nodes.TableRead(table=name):
            table = reader.plan.tables[name]
            given = tuple(_rest(key, judge, totals) for key in table.keys)
            return given, tuple(reader.value(row.value, judge) for row in table.rows)
        case nodes.OtherwiseRead(read=read, default=default):
            found = reader.value(read, judge)
            return _rest(default, judge, totals) if found is None else found
        case nodes.FieldRead() | nodes.Constant() | nodes.ShareOfRead():
            return reader.value(what, judge)
        case nodes.MeasureRead():
            return reader.value(what, judge)
        case _:
            return holds(what, reader, judge)


def _judge(item: Item, moment: Moment) -> View:
    judge = judged_from(item.row, item.payee)
    return replace(judge, now=moment, notes=[])


def _quantity(part: Priced) -> Exact:
    return part.base if part.base is not None else part.units if part.units is not None else ZERO


def _row_of(account: _Account, step: _Step) -> Row:
    """Return the row that a true-up stands on: the rule's own, where it is one.

    It is one row for all true-ups of the moment, whichever total moves: they are one award.
    """
    own: dict[PayeeId, Row] = {item.payee: item.row for item in step.items}
    others = step.items[0].row if step.items else step.moved[0][1].row
    return own.get(account.item.payee, others)
