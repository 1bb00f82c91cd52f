"""A cap or floor can change what is paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.model.dates import WindowKind
from rulesengine.model.exact import ONE, Exact, add, multiply
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import Path, path_of
from rulesengine.plan.checks.ranges import Range, Step, bound_of, is_each_payees_own, steps_of

_INSIDE: dict[tuple[WindowKind, WindowKind], int] = {
    (WindowKind.HALF_MONTH, WindowKind.MONTH): 2,
    (WindowKind.HALF_MONTH, WindowKind.QUARTER): 6,
    (WindowKind.HALF_MONTH, WindowKind.HALF): 12,
    (WindowKind.HALF_MONTH, WindowKind.YEAR): 24,
    (WindowKind.MONTH, WindowKind.QUARTER): 3,
    (WindowKind.MONTH, WindowKind.HALF): 6,
    (WindowKind.MONTH, WindowKind.YEAR): 12,
    (WindowKind.QUARTER, WindowKind.HALF): 2,
    (WindowKind.QUARTER, WindowKind.YEAR): 4,
    (WindowKind.HALF, WindowKind.YEAR): 2,
}
"""How many windows of the first sort make up one of the second."""


@dataclass(frozen=True, slots=True)
class _Top:
    """The most that an earlier cap leaves for each key and window."""

    cap: nodes.Limit
    keys: tuple[Path, ...]
    value: Exact


def limits_change_something(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0606 for a cap that nothing can reach, or a floor that nothing stays below.

    Said only where the plan's own literals show it: a rule that pays 5% of an amount under a cap
    of 10% of it for each deal, 500 USD per deal under a cap of 600 USD, or a cap of 12,000 USD a
    year behind one of 1,000 USD a month. Such a line reads as if it held something back, and
    mostly has the wrong number or the wrong window in it.

    Source: language reference, "times, cap and floor".
    """
    for rule in plan.rules:
        for version in rule.versions:
            for step in steps_of(version, rule):
                yield from _per_row(step, rule)
            # The total of a window runs on across amendments, so an older version may have filled it.
            if version is rule.versions[0]:
                yield from _behind_others(version)


def _per_row(step: Step, rule: nodes.Rule) -> Iterator[Diagnostic]:
    limit, before = step.adjuster, step.before
    if not isinstance(limit, nodes.Limit) or before is None or not is_each_payees_own(limit):
        return
    bound = bound_of(limit)
    if bound is None or bound.of != before.of or not before.text:
        return
    if _is_idle(limit, before, bound.value, rule.rounding.step):
        what = "lift" if limit.is_floor else "cut"
        never = "less" if limit.is_floor else "more"
        yield Diagnostic(
            code="R0606",
            message=f"`{limit.text}` can never {what} anything: `{before.text}` never pays {never}",
            span=limit.origin,
            severity=Severity.WARNING,
            hint="leave it out, or look for the amount that was meant",
        )


def _is_idle(limit: nodes.Limit, before: Range, value: Exact, step: Decimal) -> bool:
    if limit.is_floor:
        # A floor of zero is there for what other clauses take off.
        if value == 0:
            return False
        return before.low > value if before.of else before.low >= value
    if before.high is None:
        return False
    if before.of is not None:
        return before.high < value
    return before.high == value or add(before.high, step) <= value


def _behind_others(version: nodes.Version) -> Iterator[Diagnostic]:
    tops: list[_Top] = []
    for adjuster in version.adjusters:
        match adjuster:
            case nodes.Times(factor=nodes.Constant(value=Decimal() as factor), when=when):
                most = factor if when is None else max(factor, ONE)
                tops = [_Top(top.cap, top.keys, multiply(top.value, most)) for top in tops]
            case nodes.Limit(is_floor=False, amount=nodes.Constant(value=Decimal() as value)):
                keys = tuple(path_of(key) for key in adjuster.keys)
                idle = next((top for top in tops if _covers(top, adjuster, keys, value)), None)
                if idle is not None:
                    yield _behind(adjuster, idle)
                tops.append(_Top(adjuster, keys, value))
            case nodes.Limit(is_floor=False):
                continue
            case _:
                tops = []


def _covers(top: _Top, cap: nodes.Limit, keys: tuple[Path, ...], value: Exact) -> bool:
    if top.keys != keys:
        return False
    times = 1 if top.cap.window == cap.window else _windows_inside(top.cap.window, cap.window)
    return times is not None and multiply(top.value, Decimal(times)) <= value


def _windows_inside(inner: nodes.MeasureWindow, outer: nodes.MeasureWindow) -> int | None:
    if isinstance(inner, WindowKind) and isinstance(outer, WindowKind):
        return _INSIDE.get((inner, outer))
    if isinstance(inner, nodes.PerFact) and isinstance(outer, nodes.PerFact):
        return 1 if inner.kind == outer.kind else None
    return None


def _behind(cap: nodes.Limit, top: _Top) -> Diagnostic:
    return Diagnostic(
        code="R0606",
        message=f"`{cap.text}` can never cut anything: `{top.cap.text}` before it leaves no more",
        span=cap.origin,
        severity=Severity.WARNING,
        related=(Related(top.cap.origin, "this cap comes first"),),
        hint="leave one of the two out, or look for the amount that was meant",
    )
