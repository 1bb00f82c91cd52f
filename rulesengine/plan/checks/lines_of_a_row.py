"""A rule on earnings does not pay a share of the deal once more for each line of it."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.plan import nodes


def lines_of_a_row(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0612 for a rule on earnings that pays on a field of the deal where the other rule
    may have several lines on a deal.

    Its rows are lines. A percentage of `earning` adds up over them to that of what was paid; one of the
    deal's amount is paid again for the line of a cap, of a second tier, of a rival chosen instead.

    Source: language reference, "Rules on rules: on earnings of, memo".
    """
    rules = {rule.name: rule for rule in plan.rules}
    for rule in plan.rules:
        several = _several_lines(rule, rules, plan.chooses)
        part = next((part for version in rule.versions for part in _of_deals(version.rate)), None)
        if part is not None and several is not None:
            yield Diagnostic(
                code="R0612",
                severity=Severity.WARNING,
                message=f"`{part.text}` is paid on every line that the other rule has on a deal",
                span=part.origin,
                related=(Related(several.origin, "because of this, a deal may have several"),),
                hint="pay a percentage of `earning`, or write a rule on the deals themselves",
            )


def _of_deals(rate: nodes.Rate | None) -> Iterator[nodes.ShareOf | nodes.PerUnit]:
    """Yield the parts of a pay that are worked out from a field of the deal."""
    if isinstance(rate, nodes.Pay):
        for part in rate.parts:
            match part:
                case nodes.ShareOf(base=base) | nodes.PerUnit(quantity=base):
                    if isinstance(base, nodes.FieldRead) and base.root is nodes.Root.ROW:
                        yield part
                case _:
                    pass


def _several_lines(
    rule: nodes.Rule, rules: dict[str, nodes.Rule], chooses: tuple[nodes.Choose, ...]
) -> nodes.Node | None:
    """Return why a rule on earnings may have several rows of one deal, None where it has one."""
    seen = {rule.name}
    while isinstance(rule.source, nodes.EarningsSource) and rule.source.rule in rules:
        rule = rules[rule.source.rule]
        if rule.name in seen:
            return None
        seen.add(rule.name)
        choose = next((choose for choose in chooses if rule.name in choose.among), None)
        found = choose or rule.budget or next(filter(None, map(_cut, rule.versions)), None)
        if found is not None:
            return found
    return None


def _cut(version: nodes.Version) -> nodes.Node | None:
    """Return what of a version makes several lines of a row."""
    rate = version.rate
    takes_band = (nodes.Method.FROM_CROSSING, nodes.Method.FROM_NEXT)
    if isinstance(rate, nodes.Bands) and len(rate.bands) > 1 and rate.method not in takes_band:
        return rate
    if isinstance(rate, nodes.Pay) and len(rate.parts) > 1:
        return rate
    return next((each for each in version.adjusters if not isinstance(each, nodes.Times)), None)
