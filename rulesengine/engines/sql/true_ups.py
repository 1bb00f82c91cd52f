"""True-ups: what earlier rows gain or lose when a row moves the level of their scope.

An account is what a payee's rows under one version of the rule come to in a scope. What it was paid at the
level before the row is the sum of its rows at that level, so a true-up is that sum at the new level less the
same sum at the old one. Only rows that move the level are joined to the accounts, each with the last row of
the account before it: that has the sums, and is the row whose limits and credit the true-up has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import BUDGET
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import has_dates
from rulesengine.engines.sql.expressions import (
    TRUE,
    Call,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    negated,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.levels_of_bands import Level, level_with
from rulesengine.engines.sql.look_up_limits import LIMIT, windows_on
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import carried, leading, of_version, rounds_sums, unit_of
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.scopes import is_payee, scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.switches import position_of
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    compare,
    is_zero,
    multiply,
    no_number,
    number,
    pick,
    subtract,
)
from rulesengine.plan import nodes

Quantity = Callable[[PricedPart, From, Items], Number]
NTH = "nth_in_scope"
POSITION = 200_000
"""Behind a row's own lines, before what is paid once."""
SAME = "account.same"
LIKE = "account.like"
FOLLOWING, FIRST = "account.following", "account.first"
_OF_ITEM = ("place", "level", "version")
_PAYEE = ("payee_kind", "payee")


def true_ups(
    compilation: Compilation, items: Items, levels: Relation, quantity: Quantity, rows: int
) -> list[From]:
    """Return the true-ups of a rule.

    Args:
        levels: items with where the total stands with and without each of them.
        quantity: what a part of the pay is multiplied by.
        rows: how many items there are at most.
    """
    made = []
    for version in items.versions:
        if any(_running(parts) for parts in version.bands):
            account = _Accounts(compilation, items, version, quantity, rows)
            made.append(account.gains(levels))
    if len(made) < 2:
        for source in made:
            source.columns.pop(FIRST, None)
        return made
    return [_ranked(compilation, items, made)]


def _ranked(compilation: Compilation, items: Items, made: list[From]) -> From:
    """Return true-ups for rows of several versions: of one payee the account that began first comes first."""
    rule = items.rule
    comment = f"rule {rule.name}: what earlier rows of each version gain"
    source = From(compilation.add_union(f"{rule.name}_true_ups", comment, made, rule=rule))
    award = [name for name in ("fact_id", "line", "earned_on", *_PAYEE) if name in source.relation]
    order = [source.num("position").top, source.num(FIRST).top]
    place = over("row_number", [], partition=source.keys(award), order=order, sort=Sort.INT)
    source.take_all(without=[FIRST, "position"])
    source.columns["position"] = add(source.num("position"), Number(place, 0, 1_000))
    ranked = From(compilation.add(f"{rule.name}_true_ups_in_order", comment, source, rule=rule))
    ranked.take_all()
    return ranked


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the parts of all bands have in common where a true-up is one product."""

    priced: PricedPart
    """The first of them."""
    rates: tuple[str, ...]
    """Columns of the rate in each band, empty where it pays nothing."""


class _Accounts:
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
        self.shape = _shape(version)
        self.suffix = f"_{version.index + 1}" if len(items.versions) > 1 else ""
        if not self.is_alone:
            _check_dates(self.rule)

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}{self.suffix}", made, source, rule=self.rule)

    def _keys(self, relation: Relation) -> list[str]:
        return [*scope_columns(relation), *(() if self.is_alone else _PAYEE)]

    # --- what rows come to ---

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
        kept = [*scope_columns(levels), NTH, *_PAYEE, *_OF_ITEM, "times", "is_multiplied", "days", "days_of"]
        kept += [name for name in levels.columns if name.startswith((LIMIT, BUDGET))]
        if self.shape is not None:
            kept += [name for name in self.shape.rates if name]
        source.columns = {name: source[name] for name in kept if name in levels}
        shape = self.shape
        if shape is not None and self._has_constant_rates(levels):
            source.columns["worth_0"] = leading(source, self.quantity(shape.priced, source, self.items))
        else:
            for index, parts in enumerate(self.version.bands):
                worth = number(0)
                for priced in _running(parts):
                    amount = self.quantity(priced, source, self.items)
                    worth = add(worth, multiply(source.num(priced.rate), amount))
                source.columns[f"worth_{index}"] = leading(source, worth)
        if shape is not None:
            amount = self.quantity(shape.priced, source, self.items)
            if amount != source.columns.get("worth_0") or not self._has_constant_rates(levels):
                source.columns["quantity"] = amount
            like = self._like_before(source, levels)
            if like != TRUE:
                source.columns[LIKE] = Number(chosen([(like, integer(1))], integer(0)), 0, 1)
        return self._add("worth", "what each row is worth in each band", source)

    def _has_constant_rates(self, relation: Relation) -> bool:
        """Whether the rates of the bands are written in the plan, so that one sum is enough for all bands."""
        shape = self.shape
        return shape is not None and all(
            not name or is_literal(relation.columns[name]) for name in shape.rates
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
            for priced in _running(parts):
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

    # --- what they gain ---

    def gains(self, levels: Relation) -> From:
        """Return the true-ups on rows that move the level."""
        accounts = self.sums(levels)
        source = From(levels)
        now, was = (level_with(source, self.version.index, self.bands, was=each) for each in (False, True))
        moves = [negated(equal(now.band.top, was.band.top))]
        if now.way is not None and was.way is not None:
            moves.append(compare(now.way, "<>", was.way))
        source.keep(is_given(was.band.top))
        source.keep(any_of(moves))
        account = self._join(source, accounts)
        self._columns(source, account, now, was)
        return source

    def _join(self, source: From, accounts: Relation) -> Joined:
        """Join the last row of each account before a row."""
        account = source.join_on(accounts, is_left=False)
        scope = [name for name in scope_columns(accounts) if not is_literal(accounts.columns[name])]
        tests: list[Expr] = [equal(account.key(name), source.key(name)) for name in scope]
        here, there = source.num(NTH).top, account.num(NTH).top
        if self.is_alone:
            tests.append(equal(here, Call("+", (there, integer(1)), Sort.INT)))
        else:
            until = account.num(FOLLOWING).top
            tests.append(compared(there, "<", here))
            tests.append(compared(here, "<=", first_given([until, here])))
        source.close(account, all_of(tests), is_left=False)
        return account

    def _columns(self, source: From, account: Joined, now: Level, was: Level) -> None:
        rule, columns, levels = self.rule, source.columns, source.relation
        for name in carried(source):
            if name in levels:
                columns[name] = source[name]
        of_account = [*_OF_ITEM, *(() if self.is_alone else _PAYEE)]
        for name in account.relation.columns:
            if name in of_account or name.startswith((LIMIT, BUDGET)):
                columns[name] = account[name]
        dated = source.expr("dated")
        columns |= windows_on(rule, self.compilation.plan, dated)
        if rounds_sums(rule):
            columns |= {name: source[name] for name in scope_columns(levels)}
        columns |= {
            "part": Plain(text(Part.TRUE_UP.value)),
            "earned_on": source["dated"],
            "position": position_of(source, POSITION),
            "window": source["window_label"],
            "scope": source["scope_label"],
            "measure_before": source["before"],
            "measure_after": source["after"],
            "measure_unit": Plain(text(unit_of(rule.measure))),
            "span": Plain(text(str(self.bands.origin))),
            **now.shown(),
        }
        if "target" in levels:
            columns["target"] = source["target"]
        if FIRST in account.relation:
            columns[FIRST] = account[FIRST]
        self._amounts(source, account, now, was)

    def _amounts(self, source: From, account: Joined, now: Level, was: Level) -> None:
        shape, columns = self.shape, source.columns
        rates = [] if shape is None else [account.num(name) if name else number(0) for name in shape.rates]
        if shape is not None and self._has_constant_rates(source.relation):
            total = account.num("worth_0")
            exact = multiply(subtract(now.of(rates), was.of(rates)), total)
            worth = multiply(now.of(rates), total)
            base = account.num("quantity") if "quantity" in account.relation else total
        else:
            sums = [account.num(f"worth_{index}") for index in range(len(self.version.bands))]
            worth = now.of(sums)
            exact = subtract(worth, was.of(sums))
            base = account.num("quantity") if shape is not None else worth
        columns["exact"] = exact
        source.keep(negated(is_zero(exact)))
        earlier = text("earlier rows")
        if shape is None:
            columns["base"], columns["base_of"] = worth, Plain(earlier)
            return
        same: Expr = TRUE
        if SAME in account.relation:
            same = equal(account.num(SAME).top, integer(1))
        nothing = no_number()
        if shape.priced.is_ratio:
            columns["base"] = _where(same, base, worth)
        else:
            columns["units"] = _where(same, base, nothing)
            columns["base"] = _where(same, nothing, worth)
        of = text("quota") if shape.priced.of_target else earlier
        columns["base_of"] = Plain(chosen([(same, of)], earlier))
        columns["rate"] = _where(same, now.of(rates), nothing)
        columns["rate_before"] = _where(same, was.of(rates), nothing)
        if "times" in account.relation:
            given = all_of([same, account.expr("is_multiplied")])
            columns["times"] = _where(given, account.num("times"), nothing)
        for name in ("days", "days_of"):
            if name in account.relation:
                columns[name] = _where(same, account.num(name), nothing)


def _where(test: Expr, value: Number, other: Number) -> Number:
    return value if test == TRUE else pick([(test, value)], other)


def _running(parts: Sequence[PricedPart]) -> list[PricedPart]:
    return [priced for priced in parts if not priced.is_once]


def _shape(version: VersionItems) -> _Shape | None:
    """Return what the parts of all bands have in common, None where a true-up is no product."""
    running = [_running(parts) for parts in version.bands]
    if any(len(parts) > 1 for parts in running):
        return None
    found = [priced for parts in running for priced in parts]
    shapes = {(each.of_measure, each.of_target, each.base_of, each.is_ratio, _counts(each)) for each in found}
    if len(shapes) != 1:
        return None
    return _Shape(found[0], tuple(parts[0].rate if parts else "" for parts in running))


def _counts(priced: PricedPart) -> object:
    how = priced.counting
    return None if how is None else (bool(how.above), bool(how.package), how.unit)


def _check_dates(rule: nodes.Rule) -> None:
    """Refuse dates of payees, or of one version, for what is paid to others than those whose row it is."""
    for version in rule.versions:
        if not has_dates(version):
            continue
        clauses = (version.split, version.hold, version.release, *version.stops, *version.clawbacks)
        if len(rule.versions) > 1 or any(map(_reads_payee, clauses)):
            raise unsupported("true-ups with dates that are read on another row", version.origin, rule.name)


def _reads_payee(clause: object) -> bool:
    """Whether a clause of the plan reads a field of the payee."""
    if isinstance(clause, nodes.FieldRead):
        return clause.root is nodes.Root.PAYEE
    if isinstance(clause, tuple):
        return any(map(_reads_payee, clause))
    names = getattr(type(clause), "__dataclass_fields__", ())
    return any(_reads_payee(getattr(clause, name)) for name in names)
