"""The parts that the awards of one version of a rule are cut into, each with what it is dated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import (
    DUE,
    HOLD,
    SPLIT,
    STOP,
    STOP_PAYS,
    day_of_part,
    first_day,
    released,
)
from rulesengine.engines.sql.expressions import (
    Expr,
    Literal,
    any_of,
    as_text,
    chosen,
    equal,
    integer,
    joined,
    text,
)
from rulesengine.engines.sql.gradual import gradual_parts
from rulesengine.engines.sql.line_columns import FRACTION, show_number, show_numbers, take_number
from rulesengine.engines.sql.parts import (
    AwardPart,
    Pieces,
    ahead_of,
    cut_down,
    each_part,
    place_of,
    with_left_over,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import award_of, running
from rulesengine.engines.sql.values import Number, Plain, Value, absolute, add, number, subtract
from rulesengine.model.exact import HUNDRED, grouped, multiply
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes

CUT = "cut."
AFTER, BEFORE = "after", "before"
"""The drafts of an award are cut as differences of the parts of their running sum."""


class AwardParts:
    """How the awards of one version of a rule are cut.

    Args:
        drafts: with amounts.
        is_single: whether no award has more than one draft.
    """

    def __init__(
        self, compilation: Compilation, rule: nodes.Rule, index: int, drafts: Relation, *, is_single: bool
    ) -> None:
        self.compilation, self.rule, self.index = compilation, rule, index
        self.version = rule.versions[index]
        self.step = rule.rounding.step
        self.is_single = is_single
        self.remainder = self._remainder()
        self.suffix = f"_{index + 1}" if len(rule.versions) > 1 else ""
        self.awards = self._awards(drafts)
        self.hidden = {
            each
            for each in self.awards.columns
            if each.startswith((CUT, f"{FRACTION}{CUT}", DUE)) and each not in (HOLD, STOP, STOP_PAYS)
        }

    def _remainder(self) -> Remainder | None:
        if self.version.split is not None:
            return self.version.split.remainder
        return self.version.release.remainder if self.version.release is not None else None

    @property
    def is_cut(self) -> bool:
        """Whether lines say which part of a whole they are."""
        return self.version.split is not None or self.version.release is not None

    @property
    def totals(self) -> tuple[str, ...]:
        """Which running sums are cut."""
        return (AFTER,) if self.is_single else (AFTER, BEFORE)

    def difference(self, values: list[Number]) -> Number:
        """Return what a draft has of what was worked out for each of `totals`."""
        return values[0] if self.is_single else subtract(values[0], values[1])

    # --- what is worked out once for all parts ---

    def _awards(self, drafts: Relation) -> Relation:
        """Return the drafts with what is worked out once, and not again for every part of them."""
        source = From(drafts)
        if len(self.rule.versions) > 1:
            source.keep(equal(source.num("version").top, integer(self.index)))
        source.take_all()
        pieces = self.pieces(source)
        amount = source.num("amount")
        totals = {AFTER: amount}
        if not self.is_single:
            after = running(amount, award_of(source), [source.num("position").top], 10_000)
            totals = {AFTER: after, BEFORE: subtract(after, amount)}
        for name, total in totals.items():
            floors, rest = cut_down(total, pieces, self.step)
            source.columns[f"{CUT}rest_{name}"] = rest
            sizes = self._sizes(pieces, total, floors)
            for place, floor in enumerate(floors):
                source.columns[f"{CUT}floor_{place}_{name}"] = floor
                if sizes:
                    source.columns[f"{CUT}ahead_{place}_{name}"] = ahead_of(place, sizes, pieces)
        show_numbers(source, without=("amount", "exact"))
        if self.is_cut:
            for place, each in enumerate(pieces):
                show_number(source.columns, "exact", each.of(amount), f"{CUT}exact_{place}")
        else:
            show_number(source.columns, "exact", source.num("exact"), "exact")
        comment = f"rule {self.rule.name}: what is worked out once for all parts of an award"
        name = f"{self.rule.name}_awards{self.suffix}"
        return self.compilation.add(name, comment, source, rule=self.rule)

    def _sizes(self, pieces: list[Pieces], total: Number, floors: list[Number]) -> list[Number]:
        """Return of the parts of each share what decides who gets a step; nothing where their places do."""
        match self.remainder:
            case Remainder.LARGEST_SHARE:
                return [each.of(number(1)) for each in pieces]
            case Remainder.LARGEST_FRACTION:
                cuts = zip(pieces, floors, strict=True)
                return [absolute(subtract(each.of(total), floor)) for each, floor in cuts]
            case _:
                return []

    def pieces(self, source: From) -> list[Pieces]:
        """Return the parts as the plan writes them: of what share, and how many equal ones."""
        if self.version.split is not None:
            return [Pieces(Decimal(1), source.num(f"{SPLIT}_count"))]
        if self.version.release is None:
            return [Pieces(Decimal(1), number(1))]
        return [
            Pieces(
                part.share,
                source.num(f"{released(place)}_count") if isinstance(part.when, nodes.Spread) else number(1),
            )
            for place, part in enumerate(self.version.release.parts)
        ]

    # --- parts ---

    def each(self) -> Iterator[AwardPart]:
        """Yield the parts as the plan writes them, each in a select of its own."""
        for place in range(len(self.pieces(From(self.awards)))):
            yield from self._parts(place)

    def _parts(self, place: int) -> Iterator[AwardPart]:
        release = self.version.release
        if self.version.split is not None:
            yield self._spread(place, SPLIT, self.version.split.span)
        elif release is None:
            source = From(self.awards)
            source.take_all(self.hidden)
            day = first_day(source, self.rule)
            yield AwardPart(source, day, number(0), number(0))
        else:
            match release.parts[place].when:
                case nodes.Spread(span=span):
                    yield self._spread(place, released(place), span)
                case nodes.Reaches() as reaches:
                    yield from gradual_parts(self, place, reaches)
                case _:
                    source = From(self.awards)
                    index = self.cut(source, place, number(0), text(self.percent(place)))
                    yield AwardPart(source, source.expr(f"{released(place)}_on"), index, number(0))

    def _spread(self, place: int, name: str, span: nodes.Length) -> AwardPart:
        """Return equal parts, one for each of their numbers."""
        source = From(self.awards)
        count = self.pieces(source)[place].count
        local = each_part(self.compilation, source, count)
        how = joined(
            [as_text(add(local, number(1)).top), " of ", as_text(count.top), f" of {self.percent(place)}"]
        )
        index = self.cut(source, place, local, how)
        return AwardPart(source, day_of_part(source, name, span.unit, local), index, number(0))

    def percent(self, place: int) -> str:
        """Return the share of a part of a release as lines name it."""
        release = self.version.release
        return f"{grouped(multiply(release.parts[place].share, HUNDRED))} %" if release is not None else ""

    def cut(self, source: From, place: int, local: Number, how: Expr) -> Number:
        """Set the columns of the line of a part, and return its place among all parts.

        Args:
            place: of the part as the plan writes it.
            local: number of the part among equal ones.
            how: what it is, as lines say it.
        """
        source.take_all(self.hidden)
        columns = source.columns
        pieces = self.pieces(source)
        index, count = _index(pieces, place, local)
        columns["part"] = Plain(_instalment(source.expr("part")))
        columns["part_number"], columns["part_count"] = add(index, number(1)), count
        columns["whole"] = source["amount"]
        columns["amount"] = self.difference([self.amount(source, place, name, local) for name in self.totals])
        if self.remainder is not None:
            columns["left_over"] = self._left_over(source)
        take_number(source, f"{CUT}exact_{place}", "exact")
        if self.version.release is not None:
            columns["part_share"], columns["part_how"] = pieces[place].of(number(1)), Plain(how)
        return index

    def amount(self, source: From, place: int, total: str, local: Number) -> Number:
        """Return what a part has of one of the running sums."""
        floor = source.num(f"{CUT}floor_{place}_{total}")
        if self.remainder is Remainder.NOBODY:
            return floor
        ahead = f"{CUT}ahead_{place}_{total}"
        if ahead in source.relation:
            turn = add(source.num(ahead), local)
        else:
            index, count = _index(self.pieces(source), place, local)
            turn = place_of(index, count, self.remainder or Remainder.FIRST)
        return with_left_over(floor, source.num(f"{CUT}rest_{total}"), turn, self.step)

    def _left_over(self, source: From) -> Value:
        if self.remainder is not Remainder.NOBODY:
            return number(0)
        return self.difference([source.num(f"{CUT}rest_{name}") for name in self.totals])


def _index(pieces: list[Pieces], place: int, local: Number) -> tuple[Number, Number]:
    """Return the place of a part among all parts, and how many there are."""
    index, count = local, number(0)
    for before, each in enumerate(pieces):
        count = add(count, each.count)
        index = add(index, each.count) if before < place else index
    return index, count


def _instalment(part: Expr) -> Expr:
    if isinstance(part, Literal):
        return text(Part.INSTALMENT.value) if part.value in (Part.BASE.value, Part.BAND.value) else part
    pays = any_of([equal(part, text(each.value)) for each in (Part.BASE, Part.BAND)])
    return chosen([(pays, text(Part.INSTALMENT.value))], part)
