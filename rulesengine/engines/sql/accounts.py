"""Accounts: what the rows of a payee under one version of a rule come to in each band, as running sums.

Where the rates of the bands are written in the plan, one sum is enough for all of them. While all rows of an
account have the same rates and factors, and one quantity, a true-up can be shown as one product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rulesengine.engines.sql.award_rows import BUDGET
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    equal,
    integer,
    is_null,
    over,
    surely,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.look_up_limits import LIMIT
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import leading, of_version
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import is_payee, scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import Number, add, compare, multiply, number
from rulesengine.plan import nodes

Quantity = Callable[[PricedPart, From, Items], Number]
"""What a part of the pay is multiplied by, for a row as a whole."""
NTH = "nth_in_scope"
SAME = "account.same"
"""Whether all rows so far have the same rates and factors."""
LIKE = "account.like"
FOLLOWING, FIRST = "account.following", "account.first"
"""The next row of the account in its scope, and the first."""
PAYEE = ("payee_kind", "payee")
OF_ITEM = ("place", "level", "version")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the parts of all bands have in common where a true-up is one product."""

    priced: PricedPart
    """The first of them."""
    rates: tuple[str, ...]
    """Columns of the rate in each band, empty where it pays nothing."""


class Accounts:
    """The accounts of one version of a rule."""

    def __init__(
        self, compilation: Compilation, items: Items, version: VersionItems, quantity: Quantity, rows: int
    ) -> None:
        self.compilation, self.items, self.version, self.rows = compilation, items, version, rows
        self.rule, self.quantity = items.rule, quantity
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands) and self.rule.measure is not None
        self.bands = bands
        keys = self.rule.measure.keys
        self.is_alone = len(items.versions) == 1 and any(map(is_payee, keys))
        """Whether a scope has one account."""
        self.shape = _shape_of(version)
        self.suffix = f"_{version.index + 1}" if len(items.versions) > 1 else ""

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}{self.suffix}", made, source, rule=self.rule)

    def _keys(self, relation: Relation) -> list[str]:
        return [*scope_columns(relation), *(() if self.is_alone else PAYEE)]

    def sums(self, levels: Relation) -> Relation:
        """Return the rows of the version with what the account comes to with each of them."""
        worth = self._worth(levels)
        keys = self._keys(worth)
        for name in [each for each in worth.columns if each.startswith(("worth_", "quantity"))]:
            worth = over_common_bottom(self.compilation, worth, name, keys, self.rule)
        source = From(worth)
        account, order = source.keys(keys), [source.num(NTH).top]
        names = [name for name in worth.columns if name.startswith(("worth_", "quantity"))]
        source.take_all(without=[*names, LIKE])
        for name in names:
            source.columns[name] = sum_over(source.num(name), account, self.rows, order)
        if LIKE in worth:
            like = source.num(LIKE).top
            same = over("min", [like], partition=account, order=order, is_running=True, sort=Sort.INT)
            source.columns[SAME] = Number(same, 0, 1)
        if not self.is_alone:
            following = over("lead", [source.num(NTH).top], partition=account, order=order, sort=Sort.INT)
            source.columns[FOLLOWING] = Number(following, 0, 10**12)
            first = over("min", [source.num(NTH).top], partition=account, sort=Sort.INT)
            source.columns[FIRST] = Number(first, 0, 10**12)
        return self._add("accounts", "what all rows up to each come to in each band", source)

    def _worth(self, levels: Relation) -> Relation:
        """Return the rows of the version with what each is worth in each band."""
        source = of_version(levels, self.items, self.version)
        kept = [*scope_columns(levels), NTH, *PAYEE, *OF_ITEM, "times", "is_multiplied", "days", "days_of"]
        kept += () if self.is_alone else ("fact_id", "line")
        kept += [name for name in levels.columns if name.startswith((LIMIT, BUDGET))]
        if self.shape is not None:
            kept += [name for name in self.shape.rates if name]
        source.columns = {name: source[name] for name in kept if name in levels}
        shape = self.shape
        if shape is not None and self.has_constant_rates(levels):
            source.columns["worth_0"] = leading(source, self.quantity(shape.priced, source, self.items))
        else:
            for index, parts in enumerate(self.version.bands):
                worth = number(0)
                for priced in running(parts):
                    amount = self.quantity(priced, source, self.items)
                    worth = add(worth, multiply(source.num(priced.rate), amount))
                source.columns[f"worth_{index}"] = leading(source, worth)
        if shape is not None:
            amount = self.quantity(shape.priced, source, self.items)
            if amount != source.columns.get("worth_0") or not self.has_constant_rates(levels):
                source.columns["quantity"] = amount
            like = self._like_before(source, levels)
            if like != TRUE:
                source.columns[LIKE] = Number(chosen([(like, integer(1))], integer(0)), 0, 1)
        return self._add("worth", "what each row is worth in each band", source)

    def has_constant_rates(self, relation: Relation) -> bool:
        """Whether the bands differ in rates that are written in the plan, so that one sum will do."""
        shape = self.shape
        return (
            shape is not None
            and all(not name or is_literal(relation.columns[name]) for name in shape.rates)
            and self._counts_alike(From(relation)) == TRUE
        )

    def _like_before(self, source: From, levels: Relation) -> Expr:
        """Return whether a row has the rates and factors of the row before it in its account."""
        assert self.shape is not None
        account, order = source.keys(self._keys(levels)), [source.num(NTH).top]

        def before(value: Expr) -> Expr:
            return over("lag", [value], partition=account, order=order, sort=value.sort)

        def is_like(value: Number) -> Expr:
            bottom = value.bottom
            if bottom is not None and not isinstance(bottom, Literal):
                bottom = before(bottom)
            earlier = Number(before(value.top), value.scale, value.most, bottom, value.bottom_most)
            return surely(compare(value, "=", earlier))

        tests: list[Expr] = []
        for name in (*self.shape.rates, "times"):
            if name and name in levels and not is_literal(levels.columns[name]):
                tests.append(is_like(source.num(name)))
        if "is_multiplied" in levels and not is_literal(levels.columns["is_multiplied"]):
            flag = source.expr("is_multiplied")
            tests.append(surely(equal(flag, before(flag))))
        for name in ("days", "days_of"):
            if name in levels:
                given = source.num(name).top
                both = all_of([is_null(given), is_null(before(given))])
                tests.append(any_of([both, surely(equal(given, before(given)))]))
        shape_is_one = self._counts_alike(source)
        if not tests:
            return shape_is_one
        is_first = is_null(before(source.num(NTH).top))
        return all_of([shape_is_one, any_of([is_first, all_of(tests)])])

    def _counts_alike(self, source: From) -> Expr:
        """Return whether the parts of all bands count a quantity in one way."""
        assert self.shape is not None
        first = self.shape.priced.counting
        tests: list[Expr] = []
        for parts in self.version.bands:
            for priced in running(parts):
                if first is None or priced.counting is None or priced.counting == first:
                    continue
                pairs = ((first.above, priced.counting.above), (first.package, priced.counting.package))
                for name, other in pairs:
                    if name:
                        tests.append(surely(compare(source.num(name), "=", source.num(other))))
                if first.package:
                    full = source.expr(first.full), source.expr(priced.counting.full)
                    tests.append(equal(*full))
        return all_of(tests)


def running(parts: Sequence[PricedPart]) -> list[PricedPart]:
    """Return the parts of a band's pay that are not paid once."""
    return [priced for priced in parts if not priced.is_once]


def _shape_of(version: VersionItems) -> Shape | None:
    """Return what the parts of all bands have in common, None where a true-up is no product."""
    each_band = [running(parts) for parts in version.bands]
    if any(len(parts) > 1 for parts in each_band):
        return None
    found = [priced for parts in each_band for priced in parts]
    shapes = {(each.of_measure, each.of_target, each.base_of, each.is_ratio, _counts(each)) for each in found}
    if len(shapes) != 1:
        return None
    return Shape(found[0], tuple(parts[0].rate if parts else "" for parts in each_band))


def _counts(priced: PricedPart) -> object:
    how = priced.counting
    return None if how is None else (bool(how.above), bool(how.package), how.unit)
