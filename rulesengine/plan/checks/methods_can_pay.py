"""A tier method can pay what its tiers say."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.plan import nodes


def methods_can_pay(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0212 for tiers whose pay cannot be cut, or moved to the next tier's, as the method does.

    Between two tiers each rate or amount moves in a straight line to the next tier's. That needs
    the same parts on both sides, and parts of which there can be a fraction: a prize has none,
    and money `per deal` would be another amount on every deal. A tier that pays nothing is flat,
    and so is the last. Packages come whole: under `interpolated` there are none, and a row that
    `marginal` cuts at a bound has packages of the measure only, counted band by band. In the same
    way what lies above a bound of a row is found on the whole row.

    Source: language reference, "The five methods" and "Packages".
    """
    for rule in plan.rules:
        for version in rule.versions:
            rate = version.rate
            if isinstance(rate, nodes.Bands) and rate.method is nodes.Method.INTERPOLATED:
                yield from _unmoving(rate)
                yield from _unlike(rate)
                yield from _at_one_bound(rate)
            if isinstance(rate, nodes.Bands) and rate.method is nodes.Method.MARGINAL:
                yield from _uncut(rate)


def _unmoving(rate: nodes.Bands) -> Iterator[Diagnostic]:
    for band in rate.bands:
        for part in band.pay.parts:
            is_whole = isinstance(part, nodes.PerUnit) and part.package is not None
            if is_whole or isinstance(part, nodes.PerRow | nodes.Prize):
                yield Diagnostic(
                    code="R0212",
                    message=f"`interpolated` cannot pay `{part.text}`, which does not move between two tiers",
                    span=part.origin,
                    hint="pay a percentage or an amount `once`, or choose another method",
                )


def _uncut(rate: nodes.Bands) -> Iterator[Diagnostic]:
    for part in (part for band in rate.bands for part in band.pay.parts):
        is_packed = isinstance(part, nodes.PerUnit) and part.package and part.quantity is not None
        if is_packed or (isinstance(part, nodes.PerUnit | nodes.ShareOf) and part.above):
            what = "packages of another quantity" if is_packed else "what lies above a bound"
            yield Diagnostic(
                code="R0212",
                message=f"`marginal` cuts a row at the bounds of tiers, and {what} cannot be cut",
                span=part.origin,
                hint="leave `of …` out to count packages of the measure, or choose another method"
                if is_packed
                else "begin a tier at the bound, or choose another method",
            )


def _unlike(rate: nodes.Bands) -> Iterator[Diagnostic]:
    for band, following in zip(rate.bands, rate.bands[1:], strict=False):
        if not band.pay.parts or [_shape(p) for p in band.pay.parts] == [
            _shape(p) for p in following.pay.parts
        ]:
            continue
        yield Diagnostic(
            code="R0212",
            message="`interpolated` must find the same parts in the next tier, "
            f"found `{_text(following.pay)}` after `{_text(band.pay)}`",
            span=following.pay.origin,
            related=(Related(band.pay.origin, "the rate moves from here"),),
            hint="let both tiers pay the same way, part for part, or choose another method",
        )


def _at_one_bound(rate: nodes.Bands) -> Iterator[Diagnostic]:
    """Two tiers `from` and `above` one bound leave no way for the rate to move along."""
    for band, following in zip(rate.bands, rate.bands[1:], strict=False):
        if band.start == following.start:
            yield Diagnostic(
                code="R0212",
                message="`interpolated` must move from one bound to a higher one, "
                f"found `{following.text}` after `{band.text}`",
                span=following.origin,
                related=(Related(band.origin, "the tier before starts at the same bound"),),
                hint="leave out one of the two",
            )


def _shape(part: nodes.PayPart) -> tuple[str, str]:
    """Return what two parts must have in common for one to move to the other."""
    match part:
        case nodes.ShareOf(base=base, above=above, earnings=earnings):
            others = "".join(each.text for each in earnings) + (above.text if above else "")
            return ("share", (base.text if base else "") + others)
        case nodes.PerUnit(quantity=quantity, above=above):
            return ("per unit", (quantity.text if quantity else "") + (above.text if above else ""))
        case nodes.Once(rate=rate, amount=amount):
            return ("once", amount.text if rate else "")
        case nodes.PerQuota():
            return ("per quota", "")
        case nodes.PerRow():
            return ("per row", "")
        case nodes.Prize(name=name):
            return ("prize", name)


def _text(pay: nodes.Pay) -> str:
    return " plus ".join(part.text for part in pay.parts) or "nothing"
