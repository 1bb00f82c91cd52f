"""Step 3a, for `deduct`: what another rule earned on a row, taken off the pay of it.

Columns of items behind `limit.`: `limit.deduct_2`, what adjuster 2 of a version takes off the row, null where
the version lacks it; `limit.deduct_2_share`, the payee's share of it, null where it is all; `limit.deducts`,
whether anything is taken off.
"""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    any_of,
    equal,
    integer,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.look_up_limits import DEDUCTS, LIMIT
from rulesengine.engines.sql.rate import carried
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    compare,
    is_zero,
    multiply,
    negate,
    no_number,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.engines.sql.with_earnings import Settled, earned_on_row
from rulesengine.model.change import replace
from rulesengine.plan import nodes


def deducted(place: int) -> str:
    """Return the column with what an adjuster takes off."""
    return f"{LIMIT}deduct_{place}"


def deductions_of(version: nodes.Version) -> list[tuple[int, nodes.Deduct]]:
    """Return the deductions of a version with their places among its adjusters."""
    return [(place, each) for place, each in enumerate(version.adjusters) if isinstance(each, nodes.Deduct)]


def with_deductions(compilation: Compilation, items: Items, settled: Settled) -> Items:
    """Return the items with what other rules earned on their rows, where that is taken off."""
    rule = items.rule
    if not any(map(deductions_of, rule.versions)):
        return items
    source = From(items.relation)
    source.take_all()
    columns = source.columns
    share = source.num("share") if "share" in items.relation else None
    some: list[Expr] = []
    found: dict[int, list[tuple[Expr, Number, Number]]] = {}
    for index, version in enumerate(rule.versions):
        here = equal(source.num("version").top, integer(index)) if len(rule.versions) > 1 else TRUE
        for place, deduct in deductions_of(version):
            amount, part = earned_on_row(source, compilation, deduct.earnings, settled), no_number()
            if share is not None and not deduct.earnings.is_own:
                amount = multiply(amount, share)
                part = pick([(compare(share, "<>", number(1)), share)], no_number())
            found.setdefault(place, []).append((here, amount, part))
    for place, whens in found.items():
        amount = _of_version([(here, each) for here, each, _ in whens])
        columns[deducted(place)] = amount
        columns[f"{deducted(place)}_share"] = _of_version([(here, each) for here, _, each in whens])
        some.append(surely(negated(is_zero(amount))))
    columns[DEDUCTS] = Plain(any_of(some))
    comment = f"rule {rule.name}: with what other rules earned on the row, to be taken off"
    relation = compilation.add(f"{rule.name}_with_deductions", comment, source, rule=rule)
    return replace(items, relation=relation)


def _of_version(whens: list[tuple[Expr, Number]]) -> Number:
    return whens[0][1] if whens[0][0] == TRUE else pick(whens, no_number())


def nothing_yet(items: Items) -> From:
    """Return a draft of nothing for each row that something is deducted on: it is, where the row earns
    nothing as well."""
    source = From(items.relation)
    source.keep(source.expr(DEDUCTS))
    for name in carried(source):
        if name in items.relation:
            source.columns[name] = source[name]
    source.columns |= {
        "part": Plain(text(Part.DEDUCT.value)),
        "earned_on": source["dated"],
        "position": number(0),
        "exact": number(0),
        "amount": number(0),
    }
    return source


def take_off(source: From, place: int, here: Expr, rule: nodes.Rule) -> None:
    """Take a deduction off what is `paid` of awards and off what they earned exactly."""
    amount = source.num(deducted(place))
    for name, off in (("paid", _rounded(amount, rule)), ("earned", amount)):
        before = source.num(name)
        source.columns[name] = pick([(here, subtract(before, off))], before)


def deduct_line(source: From, place: int, deduct: nodes.Deduct, rule: nodes.Rule) -> None:
    """Set the columns of the line that takes off what another rule earned on the row."""
    amount = source.num(deducted(place))
    source.keep(negated(is_zero(amount)))
    source.columns |= {
        "part": Plain(text(Part.DEDUCT.value)),
        "exact": negate(amount),
        "amount": negate(_rounded(amount, rule)),
        "base": amount,
        "base_of": Plain(text(deduct.earnings.rule)),
        "share": source[f"{deducted(place)}_share"],
    }


def _rounded(amount: Number, rule: nodes.Rule) -> Number:
    return rounded(amount, rule.rounding.step, rule.rounding.mode)
