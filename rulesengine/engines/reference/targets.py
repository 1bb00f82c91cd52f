"""What a total is held against: a quota, a field or an amount, as of a row."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import EarnsNothing
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Reason
from rulesengine.engines.values import as_key
from rulesengine.model.book import QuotaKey
from rulesengine.model.dates import Window, window_of
from rulesengine.model.exact import ONE, Exact
from rulesengine.plan import nodes


def target_of(
    against: nodes.Target | None,
    dated: date,
    judged_on: date,
    judge: View,
    reader: Reader,
) -> Exact | None:
    """Return the target of a total for a row, None where the total stands by itself.

    Args:
        dated: the row's own date; the quota of its window counts.
        judged_on: the date that the row is judged on, whose quota counts where there is no other.

    Raises:
        EarnsNothing: there is no target, or it is not above zero.
    """
    match against:
        case None:
            return None
        case nodes.QuotaTarget(quota=quota, keys=keys, text=text):
            values = tuple(as_key(reader.read(key, judge)) for key in keys)
            found = _quota(quota, values, dated, reader)
            if found is None:
                # What was paid against a quota is taken back even where none follows it.
                found = _quota(quota, values, judged_on, reader)
            if found is None:
                whose = ", ".join(values)
                window = _quota_window(quota, dated, reader)
                raise EarnsNothing(Reason.NO_QUOTA, f"no {text} for {whose} in {window.label}")
            return found
        case nodes.GrowthTarget():
            found, label = reader.reads_totals().before(against, dated, judge)
            if found <= 0 and judged_on != dated:
                found, label = reader.reads_totals().before(against, judged_on, judge)
            if found <= 0:
                raise EarnsNothing(Reason.NO_QUOTA, f"{against.text}: nothing in {label}")
            return found
        case nodes.WeightedTarget(parts=parts):
            for part in parts:
                target_of(part.against, dated, judged_on, judge, reader)
            return ONE
        case nodes.FieldRead() | nodes.Constant() as operand:
            value = reader.value(operand, judge)
            if value is None or reader.quantity(operand, judge) <= 0:
                raise EarnsNothing(
                    Reason.NO_QUOTA, f"{operand.text} is {'missing' if value is None else value}"
                )
            return reader.quantity(operand, judge)
        case _:
            assert_never(against)


def _quota(name: str, keys: tuple[str, ...], day: date, reader: Reader) -> Exact | None:
    window = _quota_window(name, day, reader)
    return reader.book.quotas.get(name, {}).get(QuotaKey(keys, window.start))


def _quota_window(name: str, day: date, reader: Reader) -> Window:
    shape = reader.plan.schema.quotas[name]
    return window_of(day, shape.window, reader.plan.fiscal, reader.plan.effective)
