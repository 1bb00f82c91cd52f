"""Sums that are rounded together are sums of a measure."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes

_TOGETHER = (RoundingPlace.WINDOW, RoundingPlace.BAND)


def rounding_has_a_place(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0226 for a rule whose rounding names a window or band that it does not have.

    `per window` and `per band` round the sum of the measure's window, so the rule must have a
    `measure`. Bands have sums of their own only where each row is paid band by band: `whole` and
    `interpolated` move everything from one band to the next.

    Source: language reference, "Rounding".
    """
    for rule in plan.rules:
        place = rule.rounding.place
        if place not in _TOGETHER:
            continue
        rates = [version.rate for version in rule.versions]
        if rule.measure is None:
            yield _refused(rule, f"`{rule.name}` has no measure whose {place} could be summed up", "line")
        elif place is RoundingPlace.BAND:
            bands = [rate for rate in rates if isinstance(rate, nodes.Bands)]
            if len(bands) != len(rates):
                yield _refused(rule, f"`{rule.name}` has no bands", "window")
            elif bands[0].method.trues_up:
                why = f"under `{bands[0].method}` no band has a sum of its own"
                yield _refused(rule, why, "window")


def _refused(rule: nodes.Rule, why: str, place: str) -> Diagnostic:
    rounding = rule.rounding
    return Diagnostic(
        code="R0226",
        message=f"`rounding … per {rounding.place}` has no meaning here: {why}",
        span=rule.origin,
        hint=f"give the rule a line `rounding {rounding.mode} to {rounding.step} per {place}`",
    )
