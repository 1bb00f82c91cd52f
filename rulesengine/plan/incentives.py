"""Goals, ranks, awards and budgets: what belongs to keys and to the whole window of a rule."""

from __future__ import annotations

from datetime import date

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import END, DateRange
from rulesengine.model.rounding import Remainder
from rulesengine.model.types import DateType, MoneyType, PercentType
from rulesengine.plan import nodes
from rulesengine.plan.adjust import remainder_of
from rulesengine.plan.currencies import check_paid
from rulesengine.plan.header import whole_number
from rulesengine.plan.measures import Keys, is_payee, lower_keys, over_window
from rulesengine.plan.operands import lower_scalar
from rulesengine.plan.pay import PayScope, lower_pay
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, as_money, check_alike, check_is


def lower_goal(scope: Scope, node: syntax.Goal) -> nodes.Goal:
    """Return a goal: how far a measure must get within the rule's window."""
    attempt = scope.context.problems.attempt
    measure = attempt(over_window, scope, node.aggregate, node.keys, node)
    least = attempt(lower_scalar, scope, node.value)
    if measure is None or least is None:
        raise Mistake
    if measure.against is None:
        aggregate = measure.aggregate
        shown = nodes.Constant(origin=node.aggregate.span, value="", type=aggregate.type, text=aggregate.text)
        check_alike(Typed(shown, aggregate.origin), least)
    else:
        check_is(least, "a goal of a measure against a target is a percentage of it", PercentType)
    return nodes.Goal(
        origin=node.span,
        measure=measure,
        comparison=nodes.Comparison(node.operator),
        least=least.node,
        text=scope.context.texts.of(node.span),
    )


def check_goals_agree(goals: tuple[nodes.Goal, ...]) -> None:
    """Raise R0224 for goals that are kept by different keys: nobody could reach both at once.

    Named measures are kept in their own order of keys, so two of them have to be in the same one.
    """
    for goal in goals[1:]:
        first = goals[0]
        both_named = goal.measure.name is not None and first.measure.name is not None
        is_other_way = [key.text for key in goal.measure.keys] != [key.text for key in first.measure.keys]
        if ids_of(goal.measure.keys) != ids_of(first.measure.keys) or (both_named and is_other_way):
            raise mistake(
                "R0224",
                f"this goal is by {said(goal.measure.keys)}, the first by {said(first.measure.keys)}",
                goal.origin,
                related=(Related(first.origin, "the first goal is here"),),
                hint="give all goals of a rule the same keys, in one order",
            )


def ids_of(keys: Keys) -> set[tuple[nodes.Root, tuple[str, ...]]]:
    return {(key.root, key.names) for key in keys}


def said(keys: Keys) -> str:
    return ", ".join(f"`{key.text}`" for key in keys) or "`all`"


def lower_rank(
    at: PayScope,
    node: syntax.Rank,
    places: list[syntax.PlaceLine],
    remainder: syntax.RemainderClause | None,
) -> nodes.Rank:
    """Return a rank with its places as written; `checks/places_follow.py` looks at their numbers."""
    scope = at.scope
    measure = scope.context.problems.attempt(over_window, scope, node.aggregate, node.keys, node)
    paid = scope.context.problems.every(lambda line: _lower_place(at, line), places)
    ties = nodes.Ties(node.ties)
    to = None
    if ties is nodes.Ties.SHARE:
        to = scope.context.problems.attempt(_remainder_of_places, remainder, node)
    if measure is None or (ties is nodes.Ties.SHARE and to is None):
        raise Mistake
    if not measure.keys:
        raise mistake("R0218", "a rank by `all` has one place only", node.span, hint="rank by payee")
    return nodes.Rank(
        origin=node.span,
        measure=measure,
        ties=ties,
        places=paid,
        remainder=to,
        text=scope.context.texts.of(node.span),
    )


def _remainder_of_places(clause: syntax.RemainderClause | None, node: syntax.Rank) -> Remainder:
    return remainder_of(clause, node, "shared places", are_even=True, is_once=True)


def _lower_place(at: PayScope, line: syntax.PlaceLine) -> nodes.PlacePay:
    number = whole_number(line.number, least=1)
    pay = lower_pay(at, line.pay)
    return nodes.PlacePay(origin=line.span, place=number, pay=pay, text=at.scope.context.texts.of(line.span))


def check_somebody_is_paid(keys: Keys, what: syntax.Node, award: syntax.Award | None) -> None:
    """Raise R0218 for a goal or rank that is reached by no single payee and awards nobody."""
    if award is None and not any(is_payee(key) for key in keys):
        example = next((f"each member of {key.text}" for key in keys if key.root is nodes.Root.PAYEE), None)
        raise mistake(
            "R0218",
            f"it is reached by {said(keys)}, which is nobody to pay",
            what.span,
            hint=f"add `award {example or 'each contributor'}`",
        )


def lower_budget(
    scope: Scope, node: syntax.Budget, dates: DateRange, remainder: syntax.RemainderClause | None
) -> nodes.Budget:
    """Return the most that a rule pays.

    Args:
        dates: of the rule; a budget in proportion is settled on their last day.
    """
    attempt = scope.context.problems.attempt
    amount = attempt(_budget_amount, scope, node)
    keys: Keys | None = () if node.keys is None else attempt(lower_keys, scope, node.keys, node)
    first_come: nodes.FieldRead | None = None
    ends_on: date | None = None
    owner = None
    if node.first_come_on is not None:
        first_come = attempt(_budget_date, scope, node.first_come_on)
        is_settled = first_come is not None
    else:
        ends_on = attempt(_last_day, node, dates)
        owner = attempt(_remainder_of_awards, remainder, node)
        is_settled = ends_on is not None and owner is not None
    if amount is None or keys is None or not is_settled:
        raise Mistake
    return nodes.Budget(
        origin=node.span,
        amount=amount,
        keys=keys,
        first_come=first_come,
        ends_on=ends_on,
        remainder=owner,
        text=scope.context.texts.of(node.span),
    )


def _remainder_of_awards(clause: syntax.RemainderClause | None, node: syntax.Budget) -> Remainder:
    return remainder_of(clause, node, "awards", is_once=True)


def _budget_amount(scope: Scope, node: syntax.Budget) -> nodes.Constant:
    typed = lower_scalar(scope, node.value)
    hint = as_money(typed, scope.pays.code)
    check_is(typed, "a budget must be money", MoneyType, hint=hint)
    check_paid(scope.context, scope.pays, typed)
    if not isinstance(typed.node, nodes.Constant):
        raise mistake(
            "R0303",
            f"a budget is one amount for all rows, found `{typed.text}`",
            node.value.span,
            hint="write the amount, such as `budget 25,000 USD`",
        )
    return typed.node


def _budget_date(scope: Scope, path: syntax.Path) -> nodes.FieldRead:
    reading = scope.get(path)
    check_is(reading.typed, "expected a date", DateType)
    return reading.read


def _last_day(node: syntax.Budget, dates: DateRange) -> date:
    if dates.end == END:
        raise mistake(
            "R0202",
            "a budget in proportion needs a last day, and the rule has none",
            node.span,
            hint="end the rule with `effective from … through …`, or a `window`",
        )
    return dates.end


def check_remainder_is_used(clause: syntax.RemainderClause | None, is_used: bool) -> None:
    """Raise R0201 for a remainder where nothing is divided."""
    if clause is not None and not is_used:
        raise mistake("R0201", "nothing is divided here, so there is no remainder", clause.span)
