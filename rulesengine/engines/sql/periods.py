"""The statement periods that are over, in order."""

from __future__ import annotations

from datetime import date

from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.model.dates import END, SpanUnit, Window, add_span, window_of
from rulesengine.plan import nodes

MOST_PERIODS = 400


def periods_of(plan: nodes.Plan, through: date) -> list[Window]:
    """Return the periods that are over, from the plan's first on: nothing is payable before it is earned."""
    window = window_of(plan.effective.start, plan.period, plan.fiscal, plan.effective)
    windows: list[Window] = []
    while window.end <= through:
        windows.append(window)
        if len(windows) > MOST_PERIODS:
            origin = plan.settlement.origin if plan.settlement is not None else None
            raise unsupported(f"what settles more than {MOST_PERIODS} statements in a row", origin)
        if window.end >= END:
            break
        window = window_of(add_span(window.end, 1, SpanUnit.DAY), plan.period, plan.fiscal, plan.effective)
    return windows
