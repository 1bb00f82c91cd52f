"""Which kinds of payee a rule credits and pays."""

from __future__ import annotations

from rulesengine.plan import nodes


def rule_named(plan: nodes.Plan, name: str) -> nodes.Rule:
    """Return the rule of a name."""
    return next(rule for rule in plan.rules if rule.name == name)


def payee_kinds(plan: nodes.Plan, rule: nodes.Rule) -> tuple[str, ...]:
    """Return the kinds of payee that the lines of a rule may go to."""
    match rule.award:
        case nodes.Award(whom=nodes.MembersOfPayee(kind=kind) | nodes.MembersOfSegment(kind=kind)):
            return (kind,)
        case _:
            pass
    return all_kinds_credited(plan, rule)


def all_kinds_credited(plan: nodes.Plan, rule: nodes.Rule) -> tuple[str, ...]:
    """Return the kinds of payee that rows of a rule are credited to, in whatever version of it."""
    found = (kinds_credited(plan, rule, version.credit) for version in rule.versions)
    return tuple(dict.fromkeys(kind for kinds in found for kind in kinds))


def kinds_credited(plan: nodes.Plan, rule: nodes.Rule, credit: nodes.Credit) -> tuple[str, ...]:
    """Return the kinds of payee that rows of a rule are credited to."""
    match credit:
        case nodes.CreditTo(path=None) if isinstance(rule.source, nodes.EarningsSource):
            return payee_kinds(plan, rule_named(plan, rule.source.rule))
        case nodes.CreditShares(shares=shares):
            each = (kinds_credited(plan, rule, to) for _, to in shares)
            return tuple(dict.fromkeys(kind for kinds in each for kind in kinds))
        case nodes.CreditNobody():
            return ()
        case _:
            return (credit.payee_kind,)
