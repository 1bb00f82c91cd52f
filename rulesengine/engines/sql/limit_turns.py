"""The turn of one row under limits that are carried out row by row (limits_in_turn.py): what each limit of
its version asks and leaves, one select after the other, given what the row before it left under each.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.claims import due_back
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.deductions import deducted
from rulesengine.engines.sql.expressions import (
    TRUE,
    Call,
    Cast,
    Expr,
    Sort,
    all_of,
    any_of,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
)
from rulesengine.engines.sql.limit_steps import LimitStep, chain_of, factor_name, is_version, steps_of
from rulesengine.engines.sql.look_up_limits import LIMIT, Slot
from rulesengine.engines.sql.relations import From, Relation, made
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    at_scale,
    compare,
    is_zero,
    larger,
    multiply,
    number,
    otherwise,
    pick,
    rounded,
    smaller,
    subtract,
)
from rulesengine.engines.sql.varying import capped
from rulesengine.plan import nodes

TURN = "turn."
NTH = f"{TURN}nth"
MOST = 10**30
"""Totals are carried in 128 bits; what they do not hold is an error of the database."""
TOTALS = ("total", "paid")
"""What each total keeps: all that was asked, and what of it was let through."""
CLAIMS = ("claimed", "got", "asked_back", "back")
"""What is kept of each claim on a sum that several share: see engines/reference/held.py, `Claim`."""
_PASSING = ("after", "was", "now", "now_asked_back", "through", "due")
"""Columns between the layers of one limit."""


class LimitTurns:
    """How the rows of one rule are carried.

    Args:
        slots: the totals that run along.
        claims: those of them that rows take back of what they got.
        component: columns that rows under one total always have alike.
        scale: of all totals.
    """

    def __init__(
        self,
        rule: nodes.Rule,
        slots: Sequence[Slot],
        claims: Sequence[Slot],
        component: Sequence[str],
        scale: int,
    ) -> None:
        self.rule, self.slots, self.claims = rule, slots, claims
        self.component, self.scale = component, scale

    def carry(self, compilation: Compilation, known: Relation) -> Relation:
        """Return what each row asked of every total, and what was left of it."""
        first = From(known)
        first.keep(equal(first.num(NTH).top, integer(1)))
        columns = first.columns
        for name in self.component:
            columns[name] = first[name]
        columns[NTH] = number(0)
        for name in self._lists():
            columns[name] = Plain(Cast(Call("list", (), Sort.TEXTS), Sort.WIDES))
        for name in self.results():
            columns[name] = self._alike(number(0))

        def step(found: Relation) -> list[From]:
            return self._step(found, known)

        comment = f"rule {self.rule.name}: its limits, row by row"
        kept = [*self.component, NTH, *self.results()]
        name = f"{self.rule.name}_turns_carried"
        return compilation.add_recursion(name, comment, first, step, rule=self.rule, kept=kept)

    def _lists(self) -> list[str]:
        return [_list(slot, each) for slot in self.slots for each in self._kept_of(slot)]

    def _kept_of(self, slot: Slot) -> tuple[str, ...]:
        return (*TOTALS, *CLAIMS) if slot in self.claims else TOTALS

    def results(self) -> list[str]:
        found = ["paid"]
        found += [slot.column(name) for slot in self.slots for name in ("asked", "left", "before", "after")]
        for index, version in enumerate(self.rule.versions):
            for step in steps_of(version, self.slots):
                if isinstance(step.adjuster, nodes.Times):
                    found += [f"{factor_name(index, step)}.asked", f"{factor_name(index, step)}.left"]
        return found

    def _step(self, found: Relation, known: Relation) -> list[From]:
        layers = [self._next(found, known)]
        for index, version in enumerate(self.rule.versions):
            for step in steps_of(version, self.slots):
                source = _next_layer(layers[-1])
                here = is_version(source, self.rule, index)
                match step.adjuster:
                    case nodes.Limit() if step.slot is not None:
                        layers += self._hold(layers[-1], step.slot, here)
                        continue
                    case nodes.Deduct():
                        off = self._rounded(source.num(deducted(step.place)))
                        self._set(source, "paid", here, subtract(source.num("paid"), off))
                    case _:
                        self._multiply(source, index, step, here)
                layers.append(source)
        layers.append(self._counted(layers[-1]))
        return layers

    def _next(self, found: Relation, known: Relation) -> From:
        """Return the rows that come next, with the state of all their totals."""
        source = From(found)
        row = source.join_on(known, is_left=False)
        tests = [equal(row.key(name), source.key(name)) for name in self.component]
        tests.append(equal(row.num(NTH).top, Call("+", (source.num(NTH).top, integer(1)), Sort.INT)))
        source.close(row, all_of(tests), is_left=False)
        columns = source.columns
        for name in known.columns:
            if name.startswith((TURN, LIMIT)) or name in ("version", *self.component):
                columns[name] = row[name]
        for name in self._lists():
            columns[name] = source[name]
        for name in self.results():
            columns[name] = self._alike(number(0))
        columns["paid"] = self._alike(otherwise(row.num("paid"), number(0)))
        for slot in self.slots:
            for each in self._kept_of(slot):
                pointer = "claim_before" if each in CLAIMS else "before"
                place = row.num(of_slot(slot, pointer)).top
                element = Call("element", (source.expr(_list(slot, each)), place), Sort.WIDE)
                value = first_given([element, Cast(integer(0), Sort.WIDE)])
                columns[_now(slot, each)] = Number(value, self.scale, MOST)
        return source

    def _hold(self, before: From, slot: Slot, here: Expr) -> list[From]:
        """Let a limit of the version take its part (Held.let_through, Held.take_back), in three layers."""
        source = _next_layer(before)
        asked, total = source.num("paid"), source.num(_now(slot, "total"))
        amount = otherwise(source.num(slot.column("amount")), number(0))
        after = add(total, asked)
        held = [self._held(source, slot, total, amount, "was"), self._held(source, slot, after, amount, "is")]
        source.columns |= {"after": after, "was": held[0], "now": held[1]}
        if slot in self.claims:
            source.columns["now_asked_back"] = subtract(source.num(_now(slot, "asked_back")), asked)
        layers = [source, _next_layer(source)]
        source = layers[1]
        asked, after, paid = source.num("paid"), source.num("after"), source.num(_now(slot, "paid"))
        through = add(paid, subtract(source.num("now"), source.num("was")))
        if not slot.limit.is_floor:
            zero = number(0)
            through = smaller(larger(through, smaller(after, zero)), larger(after, zero))
        # A limit whose amount is missing lets everything through, and it counts.
        is_missing = is_null(source.num(slot.column("amount")).top)
        source.columns["through"] = pick([(is_missing, add(paid, asked))], through)
        if slot in self.claims:
            claimed, got = source.num(_now(slot, "claimed")), source.num(_now(slot, "got"))
            all_is_paid = compare(source.num(_now(slot, "total")), "=", paid)
            back = source.num("now_asked_back")
            source.columns["due"] = due_back(claimed, got, back, self.rule, all_is_paid=all_is_paid)
        layers.append(_next_layer(source))
        self._settle(layers[-1], slot, here)
        return layers

    def _held(self, source: From, slot: Slot, total: Number, amount: Number, when: str) -> Number:
        """Return what may be paid of a total, rounded (reference/held.py, `clamp`)."""
        if not slot.limit.is_floor:
            return self._rounded(capped(total, amount))
        undone = source.expr(of_slot(slot, f"{when}_undone"))
        lifted = pick([(compared(total.top, ">", integer(0)), larger(total, amount))], total)
        held = pick([(undone, total)], lifted)
        return self._rounded(pick([(is_zero(amount), larger(total, number(0)))], held))

    def _settle(self, source: From, slot: Slot, here: Expr) -> None:
        """Set what a limit has asked and left, and how it stands after the row."""
        asked, total, paid = (
            source.num("paid"),
            source.num(_now(slot, "total")),
            source.num(_now(slot, "paid")),
        )
        after, through = source.num("after"), source.num("through")
        left = subtract(through, paid)
        if slot in self.claims:
            is_back = source.expr(of_slot(slot, "is_back"))
            claimed, got, before, back = (source.num(_now(slot, name)) for name in CLAIMS)
            due, asked_back = source.num("due"), source.num("now_asked_back")
            self._set(source, _now(slot, "claimed"), here, pick([(is_back, claimed)], add(claimed, asked)))
            self._set(source, _now(slot, "got"), here, pick([(is_back, got)], add(got, left)))
            self._set(source, _now(slot, "asked_back"), here, pick([(is_back, asked_back)], before))
            self._set(source, _now(slot, "back"), here, pick([(is_back, due)], back))
            left = pick([(is_back, subtract(back, due))], left)
            through = pick([(is_back, paid)], through)
            after = pick([(is_back, total)], after)
        for name, value in (("asked", asked), ("left", left), ("before", total), ("after", after)):
            self._set(source, slot.column(name), here, value)
        self._set(source, "paid", here, left)
        self._set(source, _now(slot, "total"), here, after)
        self._set(source, _now(slot, "paid"), here, through)
        for name in _PASSING:
            source.columns.pop(name, None)

    def _multiply(self, source: From, index: int, step: LimitStep, here: Expr) -> None:
        factor, paid = source.num(f"{LIMIT}factor_{step.place}"), source.num("paid")
        after = pick([(is_given(factor.top), self._rounded(multiply(paid, factor)))], paid)
        name = factor_name(index, step)
        self._set(source, f"{name}.asked", here, paid)
        self._set(source, f"{name}.left", here, after)
        self._set(source, "paid", here, after)

    def _counted(self, before: From) -> From:
        """Return the rows after their step: what a version leaves counts towards limits that it lacks."""
        source = From(made("", before.columns))
        columns = source.columns
        for name in (*self.component, NTH):
            columns[name] = source[name]
        for name in self._lists():
            columns[name] = source[name]
        for name in self.results():
            columns[name] = source[name]
        paid = source.num("paid")
        for slot in self.slots:
            lacks = any_of(
                is_version(source, self.rule, index)
                for index, version in enumerate(self.rule.versions)
                if slot.index not in chain_of(version, self.slots)
            )
            for each in self._kept_of(slot):
                value = source.num(_now(slot, each))
                if each in TOTALS:
                    value = pick([(lacks, add(value, paid))], value)
                name = _list(slot, each)
                columns[name] = Plain(
                    Call("appended", (source.expr(name), self._alike(value).top), Sort.WIDES)
                )
        return source

    def _set(self, source: From, name: str, here: Expr, value: Number) -> None:
        """Set a column of the rows of a version."""
        before = source.columns[name]
        assert isinstance(before, Number)
        source.columns[name] = self._alike(value if here == TRUE else pick([(here, value)], before))

    def _rounded(self, value: Number) -> Number:
        return rounded(value, self.rule.rounding.step, self.rule.rounding.mode)

    def _alike(self, value: Number) -> Number:
        """Return a number as it is carried."""
        top = at_scale(value, self.scale).top
        return Number(top if top.sort is Sort.WIDE else Cast(top, Sort.WIDE), self.scale, MOST)


def _next_layer(before: From) -> From:
    """Return a select of the rows of another, with all their columns."""
    source = From(made("", before.columns))
    source.take_all()
    return source


def of_slot(slot: Slot, name: str) -> str:
    """Return the column with what is known of a total at a row."""
    return f"{TURN}{slot.index}.{name}"


def _list(slot: Slot, name: str) -> str:
    return f"{TURN}{slot.index}.all_{name}"


def _now(slot: Slot, name: str) -> str:
    return f"{TURN}{slot.index}.now_{name}"
