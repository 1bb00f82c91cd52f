"""Writes the Python function that pays rows of one kind: one turn of a loop for each rule, in order.

A turn is left with `break` as soon as its rule earns nothing. What several rules read of a row is read
once, above all of them. `prepared.source` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rulesengine.engines.counting import Counting, counted_of
from rulesengine.engines.prepared import credits, parts, rates, records, runtime, tiers
from rulesengine.engines.prepared.code import NoCode, Seen, Where
from rulesengine.engines.prepared.credits import credits_code
from rulesengine.engines.prepared.paid import Note
from rulesengine.engines.prepared.reads import Reads
from rulesengine.engines.prepared.rivals import Rival, payers_of, rivals_code
from rulesengine.engines.prepared.rule_writing import Writing
from rulesengine.engines.prepared.rules import conditions_code, rule_code
from rulesengine.engines.prepared.stateless import moved_by, parts_of
from rulesengine.engines.prepared.writing import Names, Source
from rulesengine.engines.results import Line, Part, Reason
from rulesengine.engines.spent import told
from rulesengine.engines.standings import Standings
from rulesengine.engines.values import as_key, shown_amount
from rulesengine.model.book import Book
from rulesengine.model.exact import ONE, ZERO, add, divide, multiply, subtract
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes

MOST = 10**18
"""Derived values stay below it, or their row is rejected."""

PayRow = Callable[..., tuple[list[Line], list[Note], list[str]]]
"""Takes the values of a row by field; returns lines, rules without one, and rules left to the judge."""

_HELPERS: dict[str, Any] = {
    "Counting": Counting,
    "DatedPart": parts.DatedPart,
    "Decimal": Decimal,
    "LeftToJudge": runtime.LeftToJudge,
    "ONE": ONE,
    "ZERO": ZERO,
    "CAP": Part.CAP,
    "FLOOR": Part.FLOOR,
    "TIMES": Part.TIMES,
    "LAST_DAY": date.max,
    "MOST": MOST,
    "add": add,
    "as_key": as_key,
    "as_of": records.as_of,
    "cap_row": runtime.cap_row,
    "cap_window": runtime.cap_window,
    "told": told,
    "count_of": parts.count_of,
    "counted_of": counted_of,
    "cut_award": parts.cut_award,
    "cuts_of": tiers.cuts_of,
    "days_after": runtime.days_after,
    "divide": divide,
    "due": parts.due,
    "ends_against": tiers.ends_against,
    "floor_row": runtime.floor_row,
    "fraction_of": tiers.fraction_of,
    "in_turn": credits.in_turn,
    "levels_of": credits.levels_of,
    "marginal_cuts": tiers.marginal_cuts,
    "months_after": runtime.months_after,
    "multiply": multiply,
    "number_of": parts.number_of,
    "part_of": rates.part_of,
    "parts_of_row": credits.parts_of_row,
    "payable": parts.payable,
    "payers_of": payers_of,
    "shown_amount": shown_amount,
    "subtract": subtract,
    "sum_of": parts.sum_of,
    "whole_cut": tiers.whole_cut,
}
_VARIABLES = (
    "lines nothing judged order counts before after is_first target factor ends cuts cut band low high start"
    " earning award so_far number counting brings rate units base exact sum_of_row paid bound left before_cap"
    " after_cap held payable_on count part parts is_in_band line len sum max min range int str any True False"
    " None"
)


@dataclass(frozen=True)
class Compiled:
    """The function for rows of a kind, and what it leaves to the judge."""

    pay: PayRow
    source: str
    left: Mapping[str, str]
    """Rules that no code is written for, with the reason."""
    is_in_order: bool
    """Its lines come in the order of a run: all rules pay the same payee on the same day."""


def compile_kind(
    plan: nodes.Plan, kind: str, book: Book, known: records.Records, standings: Standings, through: date
) -> Compiled:
    """Write and compile the function that pays rows of a kind.

    Raises:
        NoCode: a row of the kind cannot be judged by code at all.
    """
    return _Kind(plan, kind, book, known, standings, through).compiled()


@dataclass(frozen=True, slots=True)
class Earning:
    """Where the lines of a rule on the row are kept for rules that are paid on them."""

    keeps: str = ""
    """The variable; empty if nobody asks for them."""
    day: str = ""
    """The day that all of them are earned on."""
    kind: str = ""
    """The kind of their payees."""


def _payee_kinds(credit: nodes.Credit) -> set[str]:
    match credit:
        case nodes.CreditShares(shares=shares):
            return {to.payee_kind for _, to in shares}
        case nodes.CreditNobody():
            return {""}
        case _:
            return {credit.payee_kind}


class _Kind:
    """The code of one kind of facts in the making."""

    def __init__(
        self,
        plan: nodes.Plan,
        kind: str,
        book: Book,
        known: records.Records,
        standings: Standings,
        through: date,
    ) -> None:
        self.plan, self.kind, self.book, self.standings = plan, kind, book, standings
        self.through = through
        self.names = Names()
        for name in (*_HELPERS, *_VARIABLES.split()):
            self.names.reserve(name)
        self.function = self.names.of("function", f"pay_{kind}")
        self.source = Source(self.names)
        self.reads = Reads(plan, self.source, known, book.rates, through)
        self.shape = plan.schema.kinds[kind]
        self.fields = {
            field.name: self.names.of(("own", field.name), field.name) for field in self.shape.fields
        }
        self.row = Seen(kind, self.fields[self.shape.key.name])
        self.quotas = {
            name: {(key.keys, key.start): value for key, value in values.items()}
            for name, values in book.quotas.items()
        }
        self.left: dict[str, str] = {}
        self.sources = {r.source.rule for r in plan.rules if isinstance(r.source, nodes.EarningsSource)}
        self.earned: dict[str, Earning] = {}
        """Rules whose lines on the row are kept for others that are paid on them."""
        self.chosen: set[str] = set()
        """Rivals of a choice that is written already."""
        self.orders: set[tuple[str, str] | None] = set()
        """Who is paid and on which day, rule by rule; None where that differs from line to line."""

    def compiled(self) -> Compiled:
        self._before_all_rules()
        for rule in self.plan.rules:
            self._rule(rule)
        self.source.write("return lines, nothing, judged")
        text = self._text()
        known = {**_HELPERS, **self.source.values}
        exec(compile(text, f"<prepared {self.kind}>", "exec"), known)
        is_in_order = len(self.orders) <= 1 and None not in self.orders
        return Compiled(known[self.function], text, self.left, is_in_order)

    def _text(self) -> str:
        notes = [f"# {name}: {shown}" for name, shown in sorted(self.source.shown.items())]
        head = f"def {self.function}({', '.join(self.fields.values())}):"
        above = ["    " + line for line in self.source.head]
        return "\n".join([*notes, "", head, *above, *self.source.lines, ""])

    # --- the row ---

    def _before_all_rules(self) -> None:
        """Write what decides for the row as a whole: whether it can be judged, and whether it counts."""
        write, shape = self.source.write, self.shape
        event = self.fields[shape.event.name] if shape.event is not None else "LAST_DAY"
        if shape.event is not None and shape.event.is_optional:
            event = self.reads.variable("day of the row", "day", f"{event} or LAST_DAY")
        where = Where(self.row, event)
        if shape.reverses is not None:
            with self.source.block(f"if {self.fields[shape.reverses.name]} is not None:"):
                write("raise LeftToJudge('it undoes another row')")
        for derived in self.plan.derived.get(self.kind, ()):
            found = self.reads.field(self.row, derived.name, event)
            test = f"not -MOST < {found.text} < MOST"
            with self.source.block(f"if {found.text} is not None and {test}:"):
                write("raise LeftToJudge('a derived value is too large')")
        self._check_shares(where)
        self.counts = self._counts()
        by = self.plan.order_by.get(self.kind)
        first = self.reads.read(by, where).text if by is not None else "None"
        index = list(self.plan.schema.kinds).index(self.kind)
        write(
            f"order = ({index}, ({first} is not None, {first} or 0), {self.row.key})"
            if by is not None
            else f"order = ({index}, (False, 0), {self.row.key})"
        )
        write("lines, nothing, judged = [], [], []")
        self._filter(where)

    def _check_shares(self, where: Where) -> None:
        """Write the check of shares in the row, whoever uses them: rows without a whole are rejected."""
        rules = [
            version.credit
            for rule in self.plan.rules
            for version in rule.versions
            if rule.fact_kind == self.kind
        ]
        measures = [
            m.rows.credit for m in self.plan.measures.values() if m.rows and m.rows.source.kind == self.kind
        ]
        for credit in dict.fromkeys([*rules, *measures]):
            if isinstance(credit, nodes.CreditShares) and any(
                isinstance(share, nodes.FieldRead) for share, _ in credit.shares
            ):
                credits_code(credit, self.reads, where)

    def _counts(self) -> str:
        """Return code of what the row adds to counts: nothing where it takes money away."""
        money = [field for field in self.shape.fields if isinstance(field.type, MoneyType)]
        if not any(field.is_signed for field in money):
            return "1"
        names = [self.fields[field.name] for field in money]
        optional = {self.fields[field.name] for field in money if field.is_optional}

        def any_of(sign: str) -> str:
            tests = [f"{n} is not None and {n} {sign} 0" if n in optional else f"{n} {sign} 0" for n in names]
            return " or ".join(tests)

        self.source.write(f"counts = 0 if ({any_of('<')}) and not ({any_of('>')}) else 1")
        return "counts"

    def _filter(self, where: Where) -> None:
        filters = self.plan.filters.get(self.kind, ())
        if not filters:
            return
        tests = " and ".join(self.reads.holds(condition, where) for condition in filters)
        name = self.source.value("NOT_COUNTED", Reason.NOT_COUNTED, "Reason.NOT_COUNTED")
        rules = [rule.name for rule in self.plan.rules if isinstance(rule.source, nodes.FactSource)]
        own = [rule.name for rule in self.plan.rules if rule.name in rules and rule.fact_kind == self.kind]
        with self.source.block(f"if not ({tests}):"):
            self.source.write(f"return lines, [(rule, '', '', {name}) for rule in {own!r}], judged")

    # --- the rules ---

    def _rule(self, rule: nodes.Rule) -> None:
        choices = [
            choice
            for choice in self.plan.chooses
            if rule.name in choice.among and choice.take is not nodes.Take.ALL
        ]
        if choices and rule.fact_kind == self.kind:
            self._choice(choices)
            return
        is_moved = moved_by(self.plan, rule, self.kind)
        if isinstance(rule.source, nodes.CalendarSource) or rule.fact_kind != self.kind:
            if is_moved:
                self._leave(rule, "rows of this kind move a total that it is paid by", gated=False)
            return
        mark = len(self.source.lines)
        try:
            self._refuse(rule)
            self._turn(rule)
        except NoCode as problem:
            del self.source.lines[mark:]
            self._leave(rule, problem.why, gated=not is_moved)

    def _choice(self, choices: list[nodes.Choose]) -> None:
        """Write all rivals of a choice together, or leave all of them to the judge."""
        rules = [rule for rule in self.plan.rules if rule.name in choices[0].among]
        if self.chosen.issuperset(rule.name for rule in rules):
            return
        self.chosen.update(rule.name for rule in rules)
        mark, is_moved = len(self.source.lines), any(moved_by(self.plan, rule, self.kind) for rule in rules)
        try:
            if len(choices) > 1 or is_moved:
                raise NoCode("rivals are in several choices, or read totals with a name")
            rivals_code(choices[0], [self._rival(rule) for rule in rules])
        except NoCode as problem:
            del self.source.lines[mark:]
            for rule in rules:
                self._leave(rule, problem.why, gated=not is_moved)

    def _rival(self, rule: nodes.Rule) -> Rival:
        """Write a turn that keeps the award of a rival."""
        self._refuse(rule)
        source, version = rule.source, rule.versions[0]
        why = "a rival is amended, paid on earnings, or goes by a date that may be empty"
        if not isinstance(source, nodes.FactSource) or len(rule.versions) > 1:
            raise NoCode(why)
        day = self.fields[source.event]
        if self._uncertain(day):
            raise NoCode(why)
        keeps = self.names.fresh(f"award_of_{rule.name}")
        self.source.write("")
        self.source.write(f"{keeps} = []")
        with self.source.block(f"while True:{self.source.note(f'{rule.name}, {rule.origin}')}"):
            self._dates(rule, source, day)
            where = Where(self.row, day)
            credit = credits_code(version.credit, self.reads, where)
            if credit.loop or credit.nobody:
                raise NoCode("a rival is shared, or may be nobody's")
            writing = self._writing(rule, version, where, credit, "break")
            writing.rival = keeps
            rule_code(version, writing)
            self.source.write("break")
        self.orders.add(None)
        return Rival(rule, version, writing)

    def _refuse(self, rule: nodes.Rule) -> None:
        """Refuse what concerns the rule as a whole."""
        if isinstance(rule.source, nodes.EarningsSource):
            self._refuse_on_earnings(rule, rule.source)
        if rule.goals or rule.rank is not None or rule.award is not None or rule.budget is not None:
            raise NoCode("it has a goal, rank, award or budget")
        if self.plan.convert is not None:
            raise NoCode("lines are converted for the statement")
        for version in rule.versions:
            for node in parts_of(version, self.plan):
                if isinstance(node, nodes.MeasureRead):
                    raise NoCode(f"{node.text} is read")

    def _refuse_on_earnings(self, rule: nodes.Rule, source: nodes.EarningsSource) -> None:
        """Refuse what runs on from one line of the other rule to the next on the same row."""
        if source.rule not in self.earned:
            raise NoCode(f"no code keeps the lines of {source.rule}")
        if rule.measure is not None:
            raise NoCode("earnings move a measure")
        for version in rule.versions:
            if any(isinstance(each, nodes.Limit) for each in version.adjusters):
                raise NoCode("earnings are limited")
            if version.split is not None or version.release is not None:
                raise NoCode("what is paid on earnings is cut into parts")
            for part in parts_of(version.rate, self.plan):
                if isinstance(part, nodes.ShareOf | nodes.PerUnit) and part.above is not None:
                    raise NoCode("earnings count above a bound")
                if isinstance(part, nodes.Package):
                    raise NoCode("earnings are counted in packages")

    def _leave(self, rule: nodes.Rule, why: str, *, gated: bool) -> None:
        """Write that the judge answers for a rule, where the row can earn under it at all."""
        self.left[rule.name] = why
        mark = len(self.source.lines)
        source = rule.source
        if gated and isinstance(source, nodes.FactSource):
            try:
                self._gate(rule, source)
                return
            except NoCode:
                del self.source.lines[mark:]
        self.source.write(f"judged.append({rule.name!r}){self.source.note(why)}")

    def _gate(self, rule: nodes.Rule, source: nodes.FactSource) -> None:
        day = self.fields[source.event]
        with self.source.block("while True:"), self.reads.depending_on(*self._uncertain(day)):
            self._dates(rule, source, day)
            if len(rule.versions) == 1 and isinstance(rule.versions[0].credit, nodes.CreditTo):
                version, where = rule.versions[0], Where(self.row, day)
                if not any(
                    isinstance(node, nodes.MeasureRead) for node in parts_of(version.conditions, self.plan)
                ):
                    mark = len(self.source.lines)
                    try:
                        self._conditions(rule, version, where)
                    except NoCode:
                        del self.source.lines[mark:]
            note = self.source.note(self.left[rule.name])
            self.source.write(f"judged.append({rule.name!r}){note}")
            self.source.write("break")

    def _conditions(self, rule: nodes.Rule, version: nodes.Version, where: Where) -> None:
        credit = credits_code(version.credit, self.reads, where)
        if credit.nobody:
            self._leave_if(credit.nobody, rule, Reason.NOBODY_CREDITED)
        with self.reads.depending_on(*credit.depends):
            conditions_code(version, self._writing(rule, version, where, credit, "break"))

    def _turn(self, rule: nodes.Rule) -> None:
        source = rule.source
        self.source.write("")
        if isinstance(source, nodes.EarningsSource):
            self._on_earnings(rule, self.earned[source.rule])
            return
        assert isinstance(source, nodes.FactSource)
        day = self.fields[source.event]
        keeps = self.names.fresh(f"earned_by_{rule.name}") if rule.name in self.sources else ""
        if keeps:
            self.source.write(f"{keeps} = []")
        with (
            self.source.block(f"while True:{self.source.note(f'{rule.name}, {rule.origin}')}"),
            self.reads.depending_on(*self._uncertain(day)),
        ):
            self._dates(rule, source, day)
            self._versions(rule, day, Earning(keeps=keeps))
        kinds = {kind for version in rule.versions for kind in _payee_kinds(version.credit)}
        is_whole = all(version.split is None and version.release is None for version in rule.versions)
        if keeps and is_whole and len(kinds) == 1:
            self.earned[rule.name] = Earning(keeps, day, *kinds)

    def _on_earnings(self, rule: nodes.Rule, earning: Earning) -> None:
        """Write a turn for each line of the other rule on the row, before any parts."""
        start = self.reads.constant(rule.effective.start).text
        end = self.reads.constant(rule.effective.end).text
        self.orders.add(None)
        with (
            self.source.block(
                f"for earning in {earning.keeps}:{self.source.note(f'{rule.name}, {rule.origin}')}"
            ),
            # The day may be empty until the other rule has asked for it.
            self.reads.depending_on("earning", *self._uncertain(earning.day)),
        ):
            with self.source.block(f"if not {start} <= {earning.day} <= {end}:"):
                self.source.write("continue")
            self._versions(rule, earning.day, earning)

    def _versions(self, rule: nodes.Rule, day: str, earning: Earning) -> None:
        """Write each version, the last one first: the first that has begun holds."""
        for version in reversed(rule.versions):
            if version.start is None:
                self._version(rule, version, day, earning)
            else:
                start = self.reads.constant(version.start).text
                with self.source.block(f"if {day} >= {start}:"), self.reads.depending_on():
                    self._version(rule, version, day, earning)

    def _uncertain(self, day: str) -> tuple[str, ...]:
        """Return the variable of the date that a rule goes by, if it may be empty."""
        optional = (self.fields[field.name] for field in self.shape.fields if field.is_optional)
        return (day,) if day in optional else ()

    def _dates(self, rule: nodes.Rule, source: nodes.FactSource, day: str) -> None:
        """Write the tests of the row's date; where all is as it mostly is, one test is enough."""
        field = self.shape.field(source.event)
        if field is not None and field.is_optional:
            self._leave_if(f"{day} is None", rule, Reason.NO_EVENT_DATE)
        through = self.source.value("through", self.through, repr(self.through))
        start = self.reads.constant(rule.effective.start).text
        end = self.reads.constant(rule.effective.end).text
        is_in = f"{start} <= {day} <= {end}"
        if self.through < rule.effective.end:
            is_in = f"{start} <= {day} <= {through}"
        in_time = self.reads.variable(("in time", is_in), "is_in_time", is_in)
        with self.source.block(f"if not {in_time}:"):
            late = self.source.value("AFTER_THROUGH", Reason.AFTER_THROUGH, "Reason.AFTER_THROUGH")
            out = self.source.value("OUTSIDE_DATES", Reason.OUTSIDE_DATES, "Reason.OUTSIDE_DATES")
            reason = f"{late} if {day} > {through} else {out}"
            self.source.write(f"nothing.append(({rule.name!r}, '', '', {reason}))")
            self.source.write("break")

    def _leave_if(self, test: str, rule: nodes.Rule, reason: Reason, leave: str = "break") -> None:
        name = self.source.value(reason.name, reason, f"Reason.{reason.name}")
        with self.source.block(f"if {test}:"):
            self.source.write(f"nothing.append(({rule.name!r}, '', '', {name}))")
            self.source.write(leave)

    def _version(self, rule: nodes.Rule, version: nodes.Version, day: str, earning: Earning) -> None:
        where, leave = Where(self.row, day), "break"
        if earning.day:
            earner = Seen(earning.kind, "earning.payee", is_looked_up=False)
            where, leave = Where(self.row, day, earner, "", "earning.amount", "earning.earned_on"), "continue"
        credit = credits_code(version.credit, self.reads, where)
        is_whole = version.split is None and version.release is None and version.hold is None
        self.orders.add((credit.payee.key, day) if is_whole and not credit.loop else None)
        if credit.loop and earning.day:
            raise NoCode("a line of a rule is shared")
        if credit.nobody:
            self._leave_if(credit.nobody, rule, Reason.NOBODY_CREDITED, leave)
        keeps = "" if earning.day else earning.keeps
        if not credit.loop:
            with self.reads.depending_on(*credit.depends):
                rule_code(version, self._writing(rule, version, where, credit, leave, keeps))
        else:
            with self.source.block(credit.loop), self.reads.depending_on(*credit.depends):
                rule_code(version, self._writing(rule, version, where, credit, "continue", keeps))
        self.source.write(leave)

    def _writing(
        self,
        rule: nodes.Rule,
        version: nodes.Version,
        where: Where,
        credit: credits.Credit,
        leave: str,
        keeps: str = "",
    ) -> Writing:
        return Writing(
            rule=rule,
            version=version,
            reads=self.reads,
            where=replace(where, payee=credit.payee, level=credit.level, convert=rule.convert),
            keeps=keeps,
            dated=where.day,
            leave=leave,
            place=self.row.key,
            own_fields=tuple(self.fields.values()),
            share=credit.share,
            counts=self.counts,
            pays_in=self.plan.pays_in,
            moment=f"({where.day}, order)",
            totals=runtime.TotalsOf(self.standings.measured.get(rule.name, {})),
            quotas=self.quotas,
            clamped=self.standings.clamped.get(rule.name, {}),
        )
