"""What tiers pay once is paid by the same tiers after an amendment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.plan import nodes


def once_keeps_its_places(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0265 for each amendment that pays `once` in other tiers, counted from the first one.

    Totals run on across an amendment, and what was paid on entering a tier was paid. The tiers of both
    versions are matched by their places, so that a bound can be moved: were a tier put in below, one that
    was paid would be paid again, and one that is gone would be taken back from who is still above it.
    `interpolated` tiers pay the way between them, whatever their places.

    Source: language reference, "When a rule holds: effective, amend".
    """
    for rule in plan.rules:
        for before, after in pairwise(rule.versions):
            if isinstance(before.rate, nodes.Bands) and isinstance(after.rate, nodes.Bands):
                yield from _moved(before.rate, after.rate)


def _moved(before: nodes.Bands, after: nodes.Bands) -> Iterator[Diagnostic]:
    was, now = _paying_once(before), _paying_once(after)
    if was.keys() == now.keys() or after.method is nodes.Method.INTERPOLATED:
        return
    is_new = bool(now.keys() - was.keys())
    here, there = (now, was) if is_new else (was, now)
    place = min(here.keys() - there.keys())
    when = "before the amendment" if is_new else "after the amendment"
    yield Diagnostic(
        code="R0265",
        message=f"tier {place + 1} pays `{here[place].text}`, and it pays nothing `once` {when}",
        span=here[place].origin,
        related=tuple(Related(part.origin, f"this is paid once {when}") for part in there.values()),
        hint="keep what is paid once in the same place, counted from the first tier; "
        "or end this rule with `effective … through` and start another",
    )


def _paying_once(bands: nodes.Bands) -> dict[int, nodes.PayPart]:
    """Return the first part that is paid once of each tier that has one, by the tier's place from 0."""
    return {
        place: part
        for place, band in enumerate(bands.bands)
        for part in reversed(band.pay.parts)
        if isinstance(part, nodes.Once | nodes.Prize)
    }
