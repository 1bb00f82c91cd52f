"""Step 3, look up: everything a rule reads for a credited row, as of the row's date.

After this step no rule reads the book again: the later steps are arithmetic on what is here.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from rulesengine.engines.reference.conditions import first_failure, holds
from rulesengine.engines.reference.credit import Credited
from rulesengine.engines.reference.reader import Reader, Scalar, View
from rulesengine.engines.reference.rows import Ceiling, Factor, Item, Key, Priced, Row, Scope
from rulesengine.engines.results import Part, Reason
from rulesengine.model.book import QuotaKey
from rulesengine.model.dates import WindowKind, window_of
from rulesengine.model.exact import ONE, ZERO, Exact, as_text, multiply, negate
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, CreditShareOf, Root


class EarnsNothing(Exception):
    """The credited row earns nothing under the rule, for a named reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason)


def look_up(rule: nodes.Rule, row: Row, credited: Credited, reader: Reader) -> Item:
    """Return the item of a credited row.

    Raises:
        EarnsNothing: a condition fails, the row lies outside `for`, or there is no quota.
        NoHistory: a payee that it reads has no values on the row's date.
    """
    payee, share = credited
    judge, own = views(row, payee)
    version = rule.version_on(row.judged_on)
    failure = first_failure(version.conditions, reader, judge)
    if failure is not None:
        raise EarnsNothing(Reason.CONDITION, failure)
    if version.duration is not None:
        _inside(version.duration, row, judge, reader)
    measure = rule.measure
    scope: Scope | None = None
    moves: Exact = ZERO
    target: Exact | None = None
    if measure is not None:
        scope = scope_of(measure.keys, measure.window, row, judge, reader)
        moves = moves_of(measure.aggregate, row, share, own, reader)
        target = _target(measure, row, judge, reader)
    budget = rule.budget
    return Item(
        row=row,
        payee=payee,
        share=share,
        version=version,
        version_index=next(index for index, each in enumerate(rule.versions) if each is version),
        scope=scope,
        moves=moves,
        target=target,
        bands=tuple(_priced(pay, row, share, judge, own, reader) for pay in _pays(version.rate)),
        adjusters=_adjusters(version.adjusters, row, judge, reader),
        goal_scopes=tuple(
            scope_of(goal.measure.keys, WindowKind.LIFETIME, row, judge, reader) for goal in rule.goals
        ),
        goal_moves=tuple(
            ZERO if goal.measure.rows else moves_of(goal.measure.aggregate, row, share, own, reader)
            for goal in rule.goals
        ),
        goal_least=tuple(reader.quantity(goal.least, judge) for goal in rule.goals),
        budget_keys=keys_of(budget.keys, judge, reader) if budget else (),
        budget_on=_budget_date(budget, row, own, reader),
    )


def views(row: Row, payee: tuple[str, str]) -> tuple[View, View]:
    """Return from where a credited row is judged, and from where its own amounts are read."""
    earning = row.earning.amount if row.earning else None
    judge = View(row.root, row.judged_on, payee, earning, row.dated)
    own = View(row.fact, row.judged_on, payee, earning, row.dated, in_magnitudes=row.is_reversal)
    return judge, own


def own_quantity(operand: nodes.Operand, row: Row, own: View, reader: Reader) -> Exact:
    """Return an amount or quantity of the row itself, zero where it is missing.

    A row that undoes another takes away what it is worth: minus what its magnitudes come to. So
    `derive net = amount - fee at least 0 USD` is undone in full by a row of minus the amount, and
    no sign that a file gives a quantity can turn an undoing row into pay.
    """
    if reader.value(operand, own) is None:
        return ZERO
    quantity = reader.quantity(operand, own)
    # A line of another rule has its sign already.
    return negate(quantity) if row.is_reversal and not _is_of_line(operand) else quantity


def scope_of(
    keys: tuple[nodes.FieldRead, ...],
    window: nodes.MeasureWindow,
    row: Row,
    view: View,
    reader: Reader,
) -> Scope:
    """Return where a running total runs for a row: its keys, and the window of its own date.

    A window per fact is the row judged by, so a row and those that undo it share one.
    """
    values = keys_of(keys, view, reader)
    if isinstance(window, nodes.PerFact):
        return Scope(values, None, row.root.key if row.root else "")
    return Scope(values, window_of(row.dated, window, reader.plan.fiscal, reader.plan.effective))


def keys_of(keys: tuple[nodes.FieldRead, ...], view: View, reader: Reader) -> Key:
    """Return the values of key fields as text; a missing one is a key of its own."""
    return tuple(_key(key, view, reader) for key in keys)


def moves_of(aggregate: nodes.Aggregate, row: Row, share: Exact, own: View, reader: Reader) -> Exact:
    """Return what a credited row adds to a measure; for a maximum, the value it brings."""
    if aggregate.kind is AggregateKind.COUNT or aggregate.read is None:
        return ONE * row.counts
    amount = own_quantity(aggregate.read, row, own, reader)
    return multiply(amount, share) if aggregate.share is CreditShareOf.CREDITED else amount


def scope_label(keys: tuple[nodes.FieldRead, ...], scope: Scope) -> str:
    """Return the keys of a scope as lines show them: `team=north`; empty if it is the payee."""
    named = [
        f"{key.text}={value}"
        for key, value in zip(keys, scope.keys, strict=True)
        if not (key.root is Root.PAYEE and not key.names)
    ]
    return ", ".join(named)


def _is_of_line(operand: nodes.Operand) -> bool:
    match operand:
        case nodes.FieldRead(root=root) | nodes.OtherwiseRead(read=nodes.FieldRead(root=root)):
            return root is Root.LINE
        case _:
            return False


def _key(key: nodes.FieldRead, view: View, reader: Reader) -> str:
    if key.root is Root.PAYEE and not key.names and view.payee:
        return "\x1f".join(view.payee)
    return _text(reader.read(key, view))


def _text(value: Scalar | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value) if isinstance(value, str | date) else as_text(value)


def _inside(duration: nodes.ForSpan, row: Row, judge: View, reader: Reader) -> None:
    start = reader.day_of(duration.anchor, judge)
    if start is None:
        raise EarnsNothing(Reason.OUTSIDE_DURATION, f"{duration.text}: the date is missing")
    end = reader.after(duration.anchor, duration.span, judge)
    if row.judged_on < start or (end is not None and row.judged_on >= end):
        until = f", before {end}" if end else ""
        raise EarnsNothing(
            Reason.OUTSIDE_DURATION, f"{duration.text}: {row.judged_on} is not from {start} on{until}"
        )


def _target(measure: nodes.Measure, row: Row, judge: View, reader: Reader) -> Exact | None:
    match measure.against:
        case None:
            return None
        case nodes.QuotaTarget(quota=quota, keys=keys, text=text):
            shape = reader.plan.schema.quotas[quota]
            window = window_of(row.dated, shape.window, reader.plan.fiscal, reader.plan.effective)
            values = tuple(_text(reader.read(key, judge)) for key in keys)
            found = reader.book.quotas.get(quota, {}).get(QuotaKey(values, window.start))
            if found is None:
                whose = ", ".join(values)
                raise EarnsNothing(Reason.NO_QUOTA, f"no {text} for {whose} in {window.label}")
            return found
        case nodes.FieldRead() | nodes.Constant() as operand:
            value = reader.value(operand, judge)
            if value is None or reader.quantity(operand, judge) <= 0:
                raise EarnsNothing(
                    Reason.NO_QUOTA, f"{operand.text} is {'missing' if value is None else value}"
                )
            return reader.quantity(operand, judge)
        case _:
            assert_never(measure.against)


def _pays(rate: nodes.Rate | None) -> tuple[nodes.Pay, ...]:
    match rate:
        case None:
            return ()
        case nodes.Pay():
            return (rate,)
        case nodes.Bands(bands=bands):
            return tuple(band.pay for band in bands)
        case _:
            assert_never(rate)


def _priced(
    pay: nodes.Pay, row: Row, share: Exact, judge: View, own: View, reader: Reader
) -> tuple[Priced, ...]:
    return tuple(price(part, row, share, judge, own, reader) for part in pay.parts)


def price(part: nodes.PayPart, row: Row, share: Exact, judge: View, own: View, reader: Reader) -> Priced:
    """Read the operands of one part of the pay: rates as judged, amounts and quantities its own."""
    match part:
        case nodes.ShareOf(rate=rate, base=base):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(rate, judge),
                base=None if base is None else multiply(own_quantity(base, row, own, reader), share),
                of_measure=base is None,
                is_ratio=True,
                base_of=base.text if base else "",
                base_how=reader.how(base, own) if base else "",
                origin=part.origin,
            )
        case nodes.PerRow(amount=amount):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                units=multiply(ONE * row.counts, share),
                is_ratio=False,
                base_of=part.text,
                origin=part.origin,
            )
        case nodes.PerUnit(amount=amount, quantity=quantity):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                units=None if quantity is None else multiply(own_quantity(quantity, row, own, reader), share),
                of_measure=quantity is None,
                is_ratio=False,
                base_of=quantity.text if quantity else "",
                base_how=reader.how(quantity, own) if quantity else "",
                origin=part.origin,
            )
        case nodes.PerQuota(amount=amount):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                of_target=True,
                is_ratio=False,
                base_of="quota",
                origin=part.origin,
            )
        case nodes.Once(amount=amount, rate=rate):
            money = reader.quantity(amount, judge)
            return Priced(
                part=Part.ONCE,
                rate=money if rate is None else reader.quantity(rate, judge),
                units=ONE if rate is None else None,
                base=None if rate is None else money,
                is_ratio=rate is not None,
                base_of=amount.text,
                origin=part.origin,
            )
        case nodes.Prize(name=name):
            return Priced(
                part=Part.PRIZE, rate=ZERO, is_ratio=False, base_of="", prize=name, origin=part.origin
            )
        case _:
            assert_never(part)


def _adjusters(
    adjusters: tuple[nodes.Adjuster, ...], row: Row, judge: View, reader: Reader
) -> tuple[Factor | Ceiling, ...]:
    found: list[Factor | Ceiling] = []
    for index, adjuster in enumerate(adjusters):
        match adjuster:
            case nodes.Times(factor=factor, when=when):
                if when is None or holds(when, reader, judge):
                    found.append(Factor(factor=reader.quantity(factor, judge), origin=adjuster.origin))
            case nodes.Limit(is_floor=is_floor, amount=amount, window=window, keys=keys):
                scope = scope_of(keys, window, row, judge, reader)
                # Tells the totals of two caps apart; an amendment that adds a `times` before
                # them does not.
                word = "floor" if is_floor else "cap"
                number = sum(
                    isinstance(other, nodes.Limit) and other.is_floor == is_floor
                    for other in adjusters[:index]
                )
                numbered = Scope((f"{word} {number}", *scope.keys), scope.window, scope.row)
                found.append(
                    Ceiling(
                        is_floor=is_floor,
                        amount=reader.quantity(amount, judge),
                        scope=numbered,
                        label=scope_label(keys, scope),
                        origin=adjuster.origin,
                    )
                )
            case _:
                assert_never(adjuster)
    return tuple(found)


def _budget_date(budget: nodes.Budget | None, row: Row, own: View, reader: Reader) -> date | None:
    if budget is None or budget.first_come is None:
        return None
    found = reader.read(budget.first_come, own)
    return found if isinstance(found, date) else row.dated
