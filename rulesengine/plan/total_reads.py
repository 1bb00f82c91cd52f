"""Which clauses read totals that are decided again: `bookings in total`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulesengine.plan import nodes

Tables = Mapping[str, nodes.Table]


def reads_in_total(version: nodes.Version, tables: Tables) -> tuple[nodes.MeasureRead, ...]:
    """Return every total that a version decides again on each row that moves it."""
    found = [read for condition in version.conditions for read in of_condition(condition)]
    for adjuster in version.adjusters:
        if isinstance(adjuster, nodes.Times):
            found += of_condition(adjuster.when) if adjuster.when is not None else ()
            found += of_operand(adjuster.factor, tables)
    if isinstance(version.rate, nodes.Pay):
        found += [read for part in version.rate.parts for read in of_operand(rate_of(part), tables)]
    elif isinstance(version.rate, nodes.Bands):
        parts = [part for band in version.rate.bands for part in band.pay.parts]
        found += [read for part in parts for read in of_operand(rate_of(part), tables)]
    return tuple(found)


def rate_of(part: nodes.PayPart) -> nodes.Operand | None:
    """Return the rate of a part of the pay, None where it has none."""
    match part:
        case nodes.ShareOf(rate=rate) | nodes.Once(rate=nodes.Node() as rate):
            return rate
        case nodes.PerRow(amount=amount) | nodes.PerUnit(amount=amount) | nodes.PerQuota(amount=amount):
            return amount
        case _:
            return None


def of_operand(operand: nodes.Operand | None, tables: Tables) -> Iterator[nodes.MeasureRead]:
    """Yield the totals that an operand decides again."""
    match operand:
        case nodes.MeasureRead(in_total=True):
            yield operand
        case nodes.OtherwiseRead(default=default):
            yield from of_operand(default, tables)
        case nodes.TableRead(table=name) if name in tables:
            for key in tables[name].keys:
                if isinstance(key, nodes.MeasureRead) and key.in_total:
                    yield key
        case _:
            return


def of_condition(condition: nodes.Condition) -> Iterator[nodes.MeasureRead]:
    """Yield the totals that a condition decides again."""
    match condition:
        case nodes.AllOf(tests=tests) | nodes.AnyOf(tests=tests):
            for test in tests:
                yield from of_condition(test)
        case nodes.Not(test=test):
            yield from of_condition(test)
        case nodes.Compare(left=nodes.MeasureRead(in_total=True) as read):
            yield read
        case _:
            return
