"""What a rule takes of another's earnings on a row is known on that row."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.plan import nodes


def earnings_are_known(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0225 for `with`, `less` and `deduct earnings of` a rule that has none on the same rows, and for
    `on earnings of` one that takes back what is not yet settled; R0260 for one that pays in another currency.

    The lines of both rules must stand on rows of one kind, dated alike: what is earned on payment
    is not there yet when a deal closes. Places of a rank, floors of a window and budgets in
    proportion pay in lines that stand on no row; a total of visits brings true-ups on visits. All
    other lines count where they stand, true-ups on the row that brought them.

    A clawback takes back of what the budget left of an award. Before the last day of a budget in proportion
    that is not known, and the lines of a rule on these earnings are paid by then.

    Source: language reference, "Pay built on other rules".
    """
    rules = {rule.name: rule for rule in plan.rules}
    for rule in plan.rules:
        yield from _taken_back_too_soon(rule, rules)
        for earnings in rule.uses:
            used = rules.get(earnings.rule)
            if used is None or used is rule:
                continue
            if used.currency != rule.currency:
                yield Diagnostic(
                    code="R0260",
                    message=f"`{used.name}` pays in {used.currency}, `{rule.name}` in {rule.currency}",
                    span=earnings.origin,
                    related=(Related(used.origin, f"`{used.name}` is declared here"),),
                    hint="let both pay in one currency, by `convert`",
                )
            for why, span in _unknown(rule, used, rules):
                yield Diagnostic(
                    code="R0225",
                    message=f"what `{used.name}` earned on a row is not known here: {why}",
                    span=earnings.origin,
                    related=(Related(span, "because of this"),),
                    hint="use a rule that pays the same rows, row by row",
                )


def _taken_back_too_soon(rule: nodes.Rule, rules: dict[str, nodes.Rule]) -> Iterator[Diagnostic]:
    below = rules.get(rule.source.rule) if isinstance(rule.source, nodes.EarningsSource) else None
    if below is None or below.budget is None or below.budget.first_come is not None:
        return
    for version in below.versions:
        for clause in version.clawbacks:
            yield Diagnostic(
                code="R0225",
                message=f"what `{below.name}` takes back is not known here: its budget is cut at its end",
                span=rule.source.origin,
                related=(Related(clause.origin, "because of this"),),
                hint="let that budget be `first_come`, or nothing be taken back",
            )
            return


def _unknown(rule: nodes.Rule, used: nodes.Rule, rules: dict[str, nodes.Rule]) -> Iterator[tuple[str, Span]]:
    mine, other = _facts(rule, rules), _facts(used, rules)
    if rule.fact_kind != used.fact_kind:
        yield f"it pays on `{used.fact_kind}`, this rule on `{rule.fact_kind}`", used.source.origin
    elif mine is not None and other is not None and mine.event != other.event:
        yield f"its rows are dated by `{other.event}`, those of this rule by `{mine.event}`", other.origin
    if used.elsewhere:
        yield used.elsewhere, used.origin
    if used.rank is not None:
        yield "its places are paid for no single row", used.rank.origin
    if used.budget is not None and used.budget.first_come is None:
        yield "its budget is cut at its end", used.budget.origin
    for version in used.versions:
        for each in version.adjusters:
            is_floor = isinstance(each, nodes.Limit) and each.is_floor
            if is_floor and isinstance(each, nodes.Limit) and not isinstance(each.window, nodes.PerFact):
                yield f"its floor per {each.window} is paid for no single row", each.origin


def _facts(rule: nodes.Rule, rules: dict[str, nodes.Rule]) -> nodes.FactSource | None:
    """Return the rows that a rule's lines stand on, through any chain of earnings."""
    seen: set[str] = set()
    source = rule.source
    while isinstance(source, nodes.EarningsSource):
        if source.rule in seen or source.rule not in rules:
            return None
        seen.add(source.rule)
        source = rules[source.rule].source
    return source if isinstance(source, nodes.FactSource) else None
