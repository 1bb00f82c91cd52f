"""Limits fit the rule that they limit."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.model.dates import END, WindowKind
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Root


def limits_fit(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0213 for each cap or floor that its rule gives no meaning to.

    - A limit `per deal` under `whole` or `interpolated`: a deal's pay is topped up when a later
      deal moves the rate, so no deal has an amount of its own to limit.
    - A limit or `times` beside a rank: places are paid once, on the last day, as `place` says.
    - A `times` or `prorate` on what `interpolated` tiers pay once: what a row brings is the difference
      between two points of the curve, which have no factor of their own.
    - A `deduct` where a goal is reached or a key's pay is awarded: that is paid for many rows, not
      for the one that it happens to stand on.
    - A floor per window with `times`, a cap, a floor or a `deduct` after it: it is settled on the window's
      last day, when those are long done. So is one whose window has no last day.
    - A limit per window whose amount is a field of the row: each row would set the limit of the
      whole window anew.
    - A floor per window whose key is not the payee: nobody could be said to get it.

    Source: language reference, "times, cap and floor".
    """
    for rule in plan.rules:
        for version in rule.versions:
            if version.prorate is not None:
                yield from _on_a_curve(version.prorate, (), version)
            for position, adjuster in enumerate(version.adjusters):
                yield from _beside_rank(adjuster, rule)
                if isinstance(adjuster, nodes.Times):
                    yield from _on_a_curve(adjuster, version.adjusters[:position], version)
                if isinstance(adjuster, nodes.Deduct):
                    yield from _of_many(adjuster, rule)
                if isinstance(adjuster, nodes.Limit):
                    yield from _per_deal(adjuster, version)
                    yield from _of_the_row(adjuster, rule)
                    yield from _floor(adjuster, version.adjusters[position + 1 :], rule)


def _per_deal(limit: nodes.Limit, version: nodes.Version) -> Iterator[Diagnostic]:
    rate = version.rate
    if isinstance(limit.window, nodes.PerFact) and isinstance(rate, nodes.Bands) and rate.method.trues_up:
        word = _word(limit)
        yield Diagnostic(
            code="R0213",
            message=f"a {word} `per {limit.window.kind}` must not follow `apply {rate.method}`, "
            "which raises earlier pay later on",
            span=limit.origin,
            related=(Related(rate.origin, f"`{rate.method}` is applied here"),),
            hint=f"limit a window, such as `{word} … per quarter`, or apply `marginal`",
        )


def _on_a_curve(
    factor: nodes.Times | nodes.Prorate, before: tuple[nodes.Adjuster, ...], version: nodes.Version
) -> Iterator[Diagnostic]:
    rate = version.rate
    if not isinstance(rate, nodes.Bands) or rate.method is not nodes.Method.INTERPOLATED:
        return
    once = [part for band in rate.bands for part in band.pay.parts if isinstance(part, nodes.Once)]
    # Behind a limit it is a line of its own, which multiplies the difference as it stands.
    if once and all(isinstance(each, nodes.Times) for each in before):
        word = "times" if isinstance(factor, nodes.Times) else "prorate"
        yield Diagnostic(
            code="R0213",
            message=f"`{word}` must not multiply what `interpolated` tiers pay once",
            span=factor.origin,
            related=(Related(once[0].origin, "this moves in a straight line to the next tier's"),),
            hint="write the multiplied amounts in the tiers, or multiply in a rule `on earnings of` this one",
        )


def _of_the_row(limit: nodes.Limit, rule: nodes.Rule) -> Iterator[Diagnostic]:
    amount = limit.amount
    read = amount.of if isinstance(amount, nodes.ShareOfRead) else amount
    if isinstance(read, nodes.OtherwiseRead):
        read = read.read
    is_of_row = isinstance(read, nodes.FieldRead) and read.root is not Root.PAYEE and len(read.names) == 1
    # The row of a calendar is a payee, whose fields are as good as those of `payee`.
    is_of_row = is_of_row and not isinstance(rule.source, nodes.CalendarSource)
    if is_of_row and not isinstance(limit.window, nodes.PerFact):
        yield Diagnostic(
            code="R0213",
            message=f"a {_word(limit)} `per {limit.window}` must be one amount for all rows, "
            f"found `{amount.text}`",
            span=limit.origin,
            hint=f"write an amount of money, a field of the payee, or `per {rule.fact_kind}`",
        )


def _beside_rank(adjuster: nodes.Adjuster, rule: nodes.Rule) -> Iterator[Diagnostic]:
    if rule.rank is not None:
        word = _said(adjuster)
        yield Diagnostic(
            code="R0213",
            message=f"`{word}` must not stand beside a `rank`, whose places pay fixed amounts",
            span=adjuster.origin,
            related=(Related(rule.rank.origin, "the rank pays its places here"),),
            hint="write what each place pays in its `place` line",
        )


def _floor(limit: nodes.Limit, later: tuple[nodes.Adjuster, ...], rule: nodes.Rule) -> Iterator[Diagnostic]:
    if not limit.is_floor or isinstance(limit.window, nodes.PerFact):
        return
    if later:
        yield Diagnostic(
            code="R0213",
            message=f"a floor `per {limit.window}` must be the last of `times`, `cap`, `floor` and "
            f"`deduct`, "
            f"found `{later[0].text}` after it",
            span=limit.origin,
            related=(Related(later[0].origin, "this comes after it"),),
            hint="move the floor down",
        )
    if not any(key.root is Root.PAYEE and not key.names for key in limit.keys):
        yield Diagnostic(
            code="R0213",
            message=f"a floor `per {limit.window}` must be by payee, or nobody is lifted to it",
            span=limit.origin,
            hint="write `by payee`",
        )
    is_endless = limit.window is WindowKind.LIFETIME or (
        limit.window is WindowKind.PLAN and rule.effective.end == END
    )
    if is_endless:
        yield Diagnostic(
            code="R0213",
            message=f"a floor must have a window with a last day, found `per {limit.window}`",
            span=limit.origin,
            hint="it is settled on the last day of its window: name one such as `per quarter`",
        )


def _of_many(deduct: nodes.Deduct, rule: nodes.Rule) -> Iterator[Diagnostic]:
    other: nodes.Goal | nodes.Award | None = rule.goals[0] if rule.goals else rule.award
    if other is not None:
        yield Diagnostic(
            code="R0213",
            message=f"`{deduct.text}` is of one `{rule.fact_kind}`, and `{other.text}` pays for many",
            span=deduct.origin,
            related=(Related(other.origin, "this pays for many rows at once"),),
            hint="deduct in a rule that pays row by row",
        )


def _said(adjuster: nodes.Adjuster) -> str:
    match adjuster:
        case nodes.Limit():
            return _word(adjuster)
        case nodes.Times():
            return "times"
        case nodes.Deduct():
            return "deduct"


def _word(limit: nodes.Limit) -> str:
    return "floor" if limit.is_floor else "cap"
