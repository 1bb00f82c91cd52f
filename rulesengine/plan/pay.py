"""What is paid: percentages, money per row, unit or quota, money once, prizes, and tiers of them."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, auto

from rulesengine.diagnostics import Related, did_you_mean
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.dates import WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import MoneyType, NumberType, PercentType
from rulesengine.plan import nodes
from rulesengine.plan.bases import (
    MEASURABLE,
    lower_earnings,
    lower_package,
    lower_portion,
    of_measure,
)
from rulesengine.plan.currencies import check_paid
from rulesengine.plan.dates import check_fact_kind
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import (
    check_not_of_measure,
    lower_literal,
    lower_operand,
    lower_scalar,
    share_of,
)
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, as_money, as_percentage, check_alike, check_is, origins


class Place(Enum):
    """Where pay stands; each place allows other forms."""

    SHARE = auto()
    """`pay` of a revenue share."""
    FLAT = auto()
    AWARD = auto()
    """`pay` of installments, and of a spiff without goal and rank."""
    TIER = auto()
    GOAL = auto()
    """`pay` of a spiff with a goal, and of the places of a rank."""


_SAID = {
    Place.SHARE: "a `revenue_share` pays a percentage of a base",
    Place.FLAT: "a `flat` pays money per {row}, unit or quota",
    Place.AWARD: "this rule pays a percentage of a base, or money per {row} or unit",
    Place.TIER: "",
    Place.GOAL: "a goal or a place pays `… once` or a `prize`",
}


@dataclass(frozen=True, slots=True)
class PayScope:
    """Names, place and measure that decide what pay may say."""

    scope: Scope
    place: Place
    fact_kind: str
    measure: nodes.Measure | None
    has_measure: bool
    """True with `measure` None where the measure's mistake has been reported."""


def lower_pay(at: PayScope, node: syntax.Pay) -> nodes.Pay:
    """Return what is paid; no parts for `nothing`."""
    # The first part is what the kind of rule pays; `plus` may add any form that pays per row.
    rest = replace(at, place=Place.AWARD) if at.place in (Place.SHARE, Place.FLAT) else at
    scopes = (at, *(rest for _ in node.parts[1:]))
    parts = at.scope.context.problems.every(
        lambda pair: _lower_part(*pair), zip(scopes, node.parts, strict=False)
    )
    return nodes.Pay(origin=node.span, parts=parts)


def _lower_part(at: PayScope, node: syntax.PayPart | syntax.PrizePart) -> nodes.PayPart:
    text = at.scope.context.texts.of(node.span)
    if isinstance(node, syntax.PrizePart):
        _check_place(at, node, Place.TIER, Place.GOAL)
        return nodes.Prize(origin=node.span, name=node.text, text=text)
    if node.once:
        _check_place(at, node, Place.TIER, Place.GOAL)
        return _lower_once(at, node, text)
    if node.per is not None:
        return _lower_per(at, node, node.per, text)
    return _lower_share(at, node, text)


def _check_place(at: PayScope, node: syntax.Node, *allowed: Place) -> None:
    if at.place not in allowed:
        said = _SAID[at.place].format(row=at.fact_kind or "deal")
        raise mistake(
            "R0223",
            f"{said}, found `{at.scope.context.texts.of(node.span)}`",
            node.span,
            hint=_kind_hint(at.place, node),
        )


def _kind_hint(place: Place, node: syntax.Node) -> str:
    match place, node:
        case Place.GOAL, syntax.PayPart(once=False, base=None, per=None):
            return "add `once`"
        case Place.SHARE, syntax.PayPart(once=False):
            return "money per deal or unit is a `flat`"
        case Place.FLAT, syntax.PayPart(once=False):
            return "a percentage is a `revenue_share`"
        case ((Place.SHARE | Place.FLAT | Place.AWARD), _):
            return "`once` and `prize` belong in tiers, or in a `spiff` with a goal or rank"
        case _:
            return ""


def _lower_once(at: PayScope, node: syntax.PayPart, text: str) -> nodes.Once:
    value = lower_scalar(at.scope, node.value)
    if node.base is None:
        check_is(value, "money is paid once", MoneyType, hint=_as_money(at, value))
        check_paid(at.scope.context, at.scope.pays, value)
        return nodes.Once(origin=node.span, amount=value.node, rate=None, text=text)
    _check_rate(at, node.value, value)
    base = _money_base(at, node.base)
    return nodes.Once(origin=node.span, amount=base.node, rate=value.node, text=text)


def _lower_share(at: PayScope, node: syntax.PayPart, text: str) -> nodes.ShareOf:
    value = lower_scalar(at.scope, node.value)
    if node.base is not None and not _is_of_measure(node.base):
        _check_place(at, node, Place.SHARE, Place.AWARD, Place.TIER)
        _check_rate(at, node.value, value)
        return _share_of_base(at, node, value.node, text)
    if isinstance(value.type, MoneyType):
        raise _no_unit(at, node, value)
    check_is(value, "expected a percentage, or money per something", PercentType, hint=as_percentage(value))
    if at.place is not Place.TIER:
        raise mistake(
            "R0223",
            f"`{value.text}` of what?",
            node.span,
            hint=f"write `{value.text} of amount`, with a field of money",
        )
    _check_measure(at, node, MoneyType(at.scope.pays.code), f"{value.text} of amount")
    assert not isinstance(node.base, syntax.WithEarnings)
    above = lower_portion(at.scope, node.base, at.measure).above
    return nodes.ShareOf(origin=node.span, rate=value.node, base=None, above=above, text=text)


def _is_of_measure(node: syntax.PayBase | None) -> bool:
    """Tell whether pay names no field of its own: `5%`, `5 USD per unit above 50`."""
    return node is None or (isinstance(node, syntax.Excess) and node.of is None)


def _share_of_base(at: PayScope, node: syntax.PayPart, rate: nodes.Operand, text: str) -> nodes.ShareOf:
    if isinstance(node.base, syntax.WithEarnings):
        earnings = at.scope.context.problems.every(
            lambda each: lower_earnings(at.scope, each), node.base.earnings
        )
        base = _money_base(at, node.base.of)
        return nodes.ShareOf(origin=node.span, rate=rate, base=base.node, earnings=earnings, text=text)
    portion = lower_portion(at.scope, node.base, at.measure)
    check_is(portion.of, "a percentage is paid of money", MoneyType)
    check_paid(at.scope.context, at.scope.pays, portion.of)
    return nodes.ShareOf(origin=node.span, rate=rate, base=portion.of.node, above=portion.above, text=text)


def _check_rate(at: PayScope, node: syntax.Rate, value: Typed) -> None:
    if isinstance(value.type, PercentType):
        return
    raise mistake(
        "R0401",
        f"a rate must be a percentage, {value.described}",
        value.node.origin,
        related=origins(value),
        hint=_as_rate(at, node, value) if isinstance(value.type, NumberType) else "",
    )


def _as_rate(at: PayScope, node: syntax.Rate, value: Typed) -> str:
    """Return how a number becomes a percentage."""
    if not isinstance(node, syntax.Path):
        return as_percentage(value)
    owners = at.scope.read(node).owners if isinstance(value.node, nodes.FieldRead) else ()
    if not owners:
        return "let its rows give percentages, such as 15%"
    name = owners[0].name
    if not owners[0].is_derived:
        return f"declare `{name}` as `percent`, or make it a percentage: `derive rate = {name} * 100%`"
    hint = f"make it a percentage: `derive {name} = … * 100%`"
    return hint + "; money for each 100% of a quota is paid `per quota`" if owners[0].is_ratio else hint


def _as_money(at: PayScope, value: Typed) -> str:
    return as_money(value, at.scope.pays.code)


def _no_unit(at: PayScope, node: syntax.PayPart, value: Typed) -> Mistake:
    row = at.fact_kind or "deal"
    units = f"`{value.text} per {row}`"
    if at.place is Place.TIER:
        units += f" or `{value.text} once`"
    elif at.place is Place.GOAL:
        units = f"`{value.text} once`"
    return mistake("R0223", f"`{value.text}` for what?", node.span, hint=f"write {units}")


def _money_base(at: PayScope, node: syntax.PayBase) -> Typed:
    base = lower_operand(at.scope, _plain(at, node))
    check_is(base, "a percentage is paid of money", MoneyType)
    check_not_of_measure(at.scope, base)
    check_paid(at.scope.context, at.scope.pays, base)
    return base


def _plain(at: PayScope, node: syntax.PayBase) -> syntax.Operand:
    """Return a base that is a field and nothing else."""
    if isinstance(node, syntax.Excess | syntax.WithEarnings):
        raise mistake(
            "R0223",
            f"`{at.scope.context.texts.of(node.span)}` can be paid by a percentage of each row only",
            node.span,
            hint="write `pay 5% of …`, without `once` or `per`",
        )
    return node


def _lower_per(
    at: PayScope, node: syntax.PayPart, per: syntax.PerUnit | syntax.PerPackage, text: str
) -> nodes.PerRow | nodes.PerUnit | nodes.PerQuota:
    _check_place(at, node, Place.FLAT, Place.AWARD, Place.TIER)
    if isinstance(per, syntax.PerPackage):
        return _lower_packages(at, node, per, text)
    if per.word.text not in ("unit", "quota"):
        _check_row(at, per.word)
    if per.of is not None and per.word.text != "unit":
        raise mistake(
            "R0223",
            f"`per {per.word.text}` counts rows or quotas, not `{at.scope.context.texts.of(per.of.span)}`",
            per.of.span,
            hint="write `per unit of f`",
        )
    amount = _amount(at, node)
    match per.word.text:
        case "unit":
            if _is_of_measure(per.of):
                _check_units_of_measure(at, node, per, "unit", NumberType())
            portion = lower_portion(at.scope, per.of, at.measure)
            check_is(portion.of, "units are counted by a number", NumberType)
            return nodes.PerUnit(
                origin=node.span, amount=amount, quantity=portion.node, above=portion.above, text=text
            )
        case "quota":
            _check_target(at, node)
            return nodes.PerQuota(origin=node.span, amount=amount, text=text)
        case _:
            return nodes.PerRow(origin=node.span, amount=amount, text=text)


def _amount(at: PayScope, node: syntax.PayPart) -> nodes.Operand:
    if node.base is None:
        value = lower_scalar(at.scope, node.value)
        check_is(value, "expected an amount of money", MoneyType, hint=_as_money(at, value))
        check_paid(at.scope.context, at.scope.pays, value)
        return value.node
    if not isinstance(node.value, syntax.Percent):
        raise mistake(
            "R0223",
            "a percentage of a base per row must be written as a number such as 10%",
            node.value.span,
            hint="write `pay rate of base`, without `per`",
        )
    share = share_of(at.scope, node.value, _plain(at, node.base))
    check_is(share, "expected an amount of money", MoneyType)
    check_paid(at.scope.context, at.scope.pays, share)
    return share.node


def _check_row(at: PayScope, word: syntax.Name) -> None:
    if at.scope.is_line:
        raise mistake(
            "R0223",
            f"a line is no {word.text}: one {word.text} may have several lines, or one that takes back",
            word.span,
            hint="pay a percentage of `earning`",
        )
    catalog = at.scope.context.catalog
    declared = catalog.entries.get(word.text)
    if not at.fact_kind:
        raise Mistake
    if at.scope.is_calendar and word.text in set(WindowKind):
        # The row of a calendar is called by its window: `pay 3,000 USD per month`.
        check_fact_kind(word, at.fact_kind)
        return
    if declared is None:
        known = [at.fact_kind, "unit", "quota"]
        raise mistake(
            "R0301",
            f"unknown unit `{word.text}`",
            word.span,
            hint=did_you_mean(word.text, known) or f"write `per {known[0]}`, `per unit of f` or `per quota`",
        )
    if declared.sort is not Sort.FACT:
        raise catalog.wrong_sort(word, declared, "the fact kind of the rule, `unit` or `quota`")
    check_fact_kind(word, at.fact_kind)


def _lower_packages(at: PayScope, node: syntax.PayPart, per: syntax.PerPackage, text: str) -> nodes.PerUnit:
    amount = _amount(at, node)
    if _is_of_measure(per.of):
        said = at.scope.context.texts.of(per.size.span)
        _check_units_of_measure(at, node, per, f"{per.word} {said}", None)
    portion = lower_portion(at.scope, per.of, at.measure)
    check_is(portion.of, "packages are counted of a number or of money", *MEASURABLE)
    return nodes.PerUnit(
        origin=node.span,
        amount=amount,
        quantity=portion.node,
        above=portion.above,
        package=lower_package(at.scope, per, portion.of),
        text=text,
    )


def _check_units_of_measure(
    at: PayScope, node: syntax.PayPart, per: syntax.Node, said: str, wanted: NumberType | None
) -> None:
    """Without a quantity of its own, units are those of the measure: in a tier, or a `flat` with one."""
    if at.place is not Place.TIER and not at.has_measure:
        raise mistake(
            "R0223",
            f"`per {said}` of what?",
            per.span,
            hint=f"write `per {said} of quantity`, with a field of numbers",
        )
    if wanted is not None:
        paid = at.scope.context.texts.of(node.value.span)
        _check_measure(at, node, wanted, f"{paid} per {said} of f")


def _check_measure(at: PayScope, node: syntax.PayPart, wanted: MoneyType | NumberType, fix: str) -> None:
    """Without a base of its own, pay inside a tier is of the measure, so its unit must fit."""
    if at.measure is None:
        raise Mistake
    aggregate = at.measure.aggregate
    if isinstance(aggregate.type, MoneyType) and isinstance(wanted, MoneyType):
        shown = nodes.Constant(origin=node.span, value="", type=aggregate.type, text=aggregate.text)
        check_paid(at.scope.context, at.scope.pays, Typed(shown, aggregate.origin))
    elif aggregate.type != wanted:
        needed = "money" if isinstance(wanted, MoneyType) else "a number"
        found = "money" if isinstance(aggregate.type, MoneyType) else "a number"
        raise mistake(
            "R0401",
            f"`{at.scope.context.texts.of(node.span)}` is paid of {needed}, `{aggregate.text}` is {found}",
            node.span,
            related=(Related(aggregate.origin, f"the measure is {found}"),),
            hint=f"write `{fix}`, or pay in another unit",
        )


def _check_target(at: PayScope, node: syntax.PayPart) -> None:
    if at.measure is None and at.has_measure:
        raise Mistake
    if at.measure is None or at.measure.against is None:
        related = (Related(at.measure.origin, "the measure is here"),) if at.measure else ()
        raise mistake(
            "R0202",
            "`per quota` needs a `measure … against` a quota",
            node.span,
            related=related,
            hint="add `measure sum amount per quarter against q`",
        )


def lower_bands(at: PayScope, apply: syntax.Apply | None, tiers: list[syntax.Tier]) -> nodes.Bands:
    """Return the tiers of a rule in written order; `checks/tiers_ascend.py` looks at their order."""
    bands = at.scope.context.problems.every(lambda tier: _lower_tier(at, tier), tiers)
    if not bands or apply is None:
        raise Mistake
    origin = tiers[0].span.through(tiers[-1].span)
    return nodes.Bands(origin=origin, method=nodes.Method(apply.method), bands=bands)


def _lower_tier(at: PayScope, tier: syntax.Tier) -> nodes.Band:
    start = at.scope.context.problems.attempt(_lower_bound, at, tier.bound)
    pay = at.scope.context.problems.attempt(lower_pay, at, tier.pay)
    if start is None or pay is None:
        raise Mistake
    return nodes.Band(
        origin=tier.span,
        start=start,
        is_included=tier.side == "from",
        pay=pay,
        text=at.scope.context.texts.of(tier.span),
    )


def _lower_bound(at: PayScope, bound: syntax.Scalar) -> Decimal:
    if isinstance(bound, syntax.Path):
        raise mistake(
            "R0401",
            f"a tier begins at an amount, a number or a percentage, found `{bound.text}`",
            bound.span,
            hint="write the value; to compare with a field, use `measure … against` it",
        )
    typed = lower_literal(at.scope.context, bound)
    if at.measure is None:
        raise Mistake
    measure = at.measure
    if measure.against is None:
        check_alike(of_measure(measure), typed)
    elif not isinstance(typed.type, PercentType):
        raise mistake(
            "R0401",
            f"a tier against a target begins at a percentage of it, found `{typed.text}`",
            bound.span,
            related=(Related(measure.against.origin, "the target is here"),),
            hint="write `tier from 100% pay …`",
        )
    return bound.value
