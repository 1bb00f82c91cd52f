"""True-ups: what earlier rows gain or lose when a row moves the level of their scope.

An account is what a payee's rows under one version of the rule come to in a scope. What it was paid at the
level before the row is the sum of its rows at that level, so a true-up is that sum at the new level less the
same sum at the old one. Only rows that move the level are joined to the accounts, each with the last row of
the account before it: that has the sums, and is the row whose limits and credit the true-up has.
"""

from __future__ import annotations

from rulesengine.engines.measures import unit_of
from rulesengine.engines.results import Part
from rulesengine.engines.sql.accounts import (
    FIRST,
    FOLLOWING,
    NTH,
    OF_ITEM,
    PAYEE,
    SAME,
    Accounts,
    Quantity,
    running,
)
from rulesengine.engines.sql.award_rows import BUDGET
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import has_dates
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    negated,
    over,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.levels_of_bands import Level, level_with
from rulesengine.engines.sql.look_up_limits import DEDUCTS, LIMIT, windows_on
from rulesengine.engines.sql.rate import carried, rounds_sums
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.switches import either, of_another_row, position_of, stands_on
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

POSITION = 200_000
"""Behind a row's own lines, before what is paid once."""


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
        if any(running(parts) for parts in version.bands):
            account = _Gains(compilation, items, version, quantity, rows)
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
    award = [name for name in ("fact_id", "line", "earned_on", *PAYEE) if name in source.relation]
    order = [source.num("position").top, source.num(FIRST).top]
    place = over("row_number", [], partition=source.keys(award), order=order, sort=Sort.INT)
    source.take_all(without=[FIRST, "position"])
    source.columns["position"] = add(source.num("position"), Number(place, 0, 1_000))
    ranked = From(compilation.add(f"{rule.name}_true_ups_in_order", comment, source, rule=rule))
    ranked.take_all()
    return ranked


class _Gains:
    """What the accounts of one version of a rule gain."""

    def __init__(
        self, compilation: Compilation, items: Items, version: VersionItems, quantity: Quantity, rows: int
    ) -> None:
        self.accounts = Accounts(compilation, items, version, quantity, rows)
        self.compilation, self.rule, self.version = compilation, items.rule, version
        self.bands, self.shape, self.is_alone = (
            self.accounts.bands,
            self.accounts.shape,
            self.accounts.is_alone,
        )
        if not self.is_alone:
            _check_dates(self.rule)

    def gains(self, levels: Relation) -> From:
        """Return the true-ups on rows that move the level."""
        accounts = self.accounts.sums(levels)
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
        of_account = [*OF_ITEM, *(() if self.is_alone else PAYEE)]
        windows = windows_on(rule, self.compilation.plan, source.expr("dated"), source, account)
        # What is deducted on the row itself is taken off first, so the award is under its limits.
        tests = [] if self.is_alone else [equal(source.expr(name), account.expr(name)) for name in PAYEE]
        is_own = all_of([*tests, source.expr(DEDUCTS)]) if DEDUCTS in levels else FALSE
        is_on_row = FALSE if self.is_alone else stands_on(source, account)
        for name in account.relation.columns:
            if name in of_account:
                columns[name] = account[name]
            elif name.startswith((LIMIT, BUDGET)):
                there = either(is_on_row, account[name], of_another_row(name, account[name], windows))
                columns[name] = either(is_own, source[name], there)
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
        if shape is not None and self.accounts.has_constant_rates(source.relation):
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
