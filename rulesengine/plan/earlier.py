"""What must be so for the total of a measure to be read one unit earlier: `bookings of year before`."""

from __future__ import annotations

from rulesengine.diagnostics import Related, Span
from rulesengine.model.dates import MONTHS_OF, SpanUnit, WindowKind, add_span, months_in, window_of
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.problems import mistake


def check_has_rows(earlier: nodes.Measure, span: Span) -> None:
    """Raise R0236 for a measure that is made of other measures, or held against an earlier one."""
    if earlier.rows is None or isinstance(earlier.against, nodes.GrowthTarget):
        raise mistake(
            "R0236",
            f"`{earlier.name}` adds up no rows that could be compared with those of another year",
            span,
            related=(Related(earlier.origin, f"`{earlier.name}` is declared here"),),
            hint="name a measure of a sum or a count",
        )


def check_is_told_earlier(context: Context, earlier: nodes.Measure, unit: SpanUnit, span: Span) -> None:
    """Raise R0234 where a measure has no window one unit earlier, or counts nothing before the plan."""
    assert earlier.rows is not None
    kind = _checked_window(earlier.window, unit, span)
    header = context.header
    first = window_of(header.effective.start, kind, header.fiscal, header.effective)
    since = add_span(first.start, -1, unit)
    counted = earlier.rows.effective or header.effective
    if counted.start > since:
        raise mistake(
            "R0234",
            f"`{earlier.name}` counts from {counted.start} on, so nothing is known of the {unit} before",
            span,
            related=(Related(earlier.origin, f"`{earlier.name}` is declared here"),),
            hint=f"add `effective from {since}` to it: earlier rows count then, and never earn",
        )


def _checked_window(window: nodes.MeasureWindow, unit: SpanUnit, span: Span) -> WindowKind:
    months = MONTHS_OF.get(window) if isinstance(window, WindowKind) else None
    if not isinstance(window, WindowKind) or months is None or (months_in(unit) or 0) % months:
        fitting = [kind.value for kind, length in MONTHS_OF.items() if (months_in(unit) or 0) % length == 0]
        said = window.kind if isinstance(window, nodes.PerFact) else str(window)
        raise mistake(
            "R0234",
            f"the {unit} before cannot be told for a measure per {said}",
            span,
            hint=f"measure per {' or '.join(fitting)}",
        )
    return window
