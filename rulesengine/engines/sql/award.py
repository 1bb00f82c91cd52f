"""Step 9, award: made out to the payees of what a row or a key earned, in full or in parts."""

from __future__ import annotations

from rulesengine.engines.field_reads import reads_of
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.award_rows import AWARD, UNDOES
from rulesengine.engines.sql.award_turns import with_turns
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.contributions import Contributions, contributions_of
from rulesengine.engines.sql.earned_rows import may_stand_on_nothing
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    Sort,
    as_text,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    over,
    text,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.measure_moves import most_moves
from rulesengine.engines.sql.member_reads import KEY, MEMBER, MEMBER_KIND, OF, WEIGHT
from rulesengine.engines.sql.members import Members
from rulesengine.engines.sql.other_rows import events_of, in_turns
from rulesengine.engines.sql.parts import with_left_over
from rulesengine.engines.sql.rate import IS_MOVE, NTH
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import AWARD as ONE_AWARD
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    divide,
    expr_of,
    multiply,
    negate,
    negated_integer,
    no_number,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.rounding import Remainder, RoundingMode
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AwardHow

FROM_KIND, FROM, FROM_POSITION = f"{AWARD}from_kind", f"{AWARD}from", f"{AWARD}position"
"""Of whose draft a line is a part, and which of the drafts."""
MOST_OF_ROW = 10**9


def award(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, contributions: Contributions | None
) -> Relation:
    """Return the drafts made out to the payees of the rule's `award`; note down those that nobody gets.

    Who gets what a row earns is said by the first draft of the row and payee; a row that undoes another goes
    to those whom that row went to, in the same parts, and what takes back an award is taken from those who
    got it.

    Args:
        drafts: with amounts, after the limits.
        contributions: what payees moved the rule's total by; None for rules without one.
    """
    if rule.award is None:
        return drafts
    _refuse(rule)
    steps = _Award(compilation, rule, rule.award)
    fresh = steps.marked(drafts)
    members = Members(compilation, rule, rule.award, steps.heads(fresh), contributions).of_heads()
    given = steps.given(fresh, members)
    nobody = [steps.without_anybody(fresh, members)]
    if f"{UNDOES}position" in drafts:
        given, lost = steps.with_taken(drafts, given)
        nobody.append(lost)
    steps.note(nobody)
    return steps.numbered(given)


def _refuse(rule: nodes.Rule) -> None:
    """Refuse dates that are those of whoever is awarded, and not of the payee of the row."""
    for version in rule.versions:
        dates = (version.hold, version.split, version.release, *version.stops, *version.clawbacks)
        for clause in dates:
            if clause is not None and any(read.root is nodes.Root.PAYEE for read in reads_of(clause)):
                raise unsupported("dates of the payee in a rule that awards", clause.origin, rule.name)


def contributions_to(
    compilation: Compilation, rule: nodes.Rule, moved: Relation | None, rows: int
) -> Contributions | None:
    """Return what payees contributed to a rule's total, None where its award does not ask for it.

    Args:
        moved: the rows with the total before or after each; None for rules without one.
    """
    to = rule.award
    if to is None or moved is None:
        return None
    is_divided = to.how is AwardHow.PRO_RATA and to.by is None
    if not is_divided and not isinstance(to.whom, nodes.Contributors):
        return None
    if rule.goals:
        source = From(moved)
        source.take_all()
        source.columns["before"], source.columns["after"] = source["before_0"], source["after_0"]
        comment = f"rule {rule.name}: the total of its first goal"
        moved = compilation.add(f"{rule.name}_first_goal", comment, source, rule=rule)
    if IS_MOVE in moved and rule.measure is not None:
        moved = events_of(compilation, in_turns(compilation, moved, rule), rule)
        rows += most_moves(compilation, rule.measure)
    return contributions_of(compilation, moved, rule, rows, is_over=rule.rank is not None)


class _Award:
    """The steps of one award."""

    def __init__(self, compilation: Compilation, rule: nodes.Rule, to: nodes.Award) -> None:
        self.compilation, self.rule, self.to = compilation, rule, to

    def _add(self, name: str, comment: str, source: From, *, is_kept: bool = False) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule, is_kept=is_kept)

    def marked(self, drafts: Relation) -> Relation:
        """Return the drafts that take back none, with what their parts are worked out for."""
        source = From(drafts)
        source.take_all()
        if f"{UNDOES}position" in drafts:
            source.keep(is_null(source.num(f"{UNDOES}position").top))
        of: Expr = source.expr("row.root") if "row.root" in drafts else text("")
        if may_stand_on_nothing(drafts):
            scope = [first_given([source.expr("scope"), text("")])] if "scope" in drafts else []
            pieces = [as_text(source.expr("earned_on")), as_text(source.num("position").top), *scope]
            alone = joined(piece for each in pieces for piece in ("\x1f", each))
            of = chosen([(equal(source.expr("fact_id"), text("")), alone)], of)
        source.columns[OF] = Plain(of)
        return self._add("to_award", "what is awarded", source)

    def heads(self, drafts: Relation) -> Relation:
        """Return the first draft of each row and payee, of the row itself rather than of what undoes it."""
        source = From(drafts)
        source.take_all()
        order = [
            source[name]
            for name in ("earned_on", "row.order_by", "fact_id", "line", "position")
            if name in drafts
        ]
        keys = [expr_of(each) for each in order if not is_literal(each)]
        is_later = follows(source)
        if is_later != FALSE:
            keys.insert(0, chosen([(is_later, integer(1))], integer(0)))
        place = over(
            "row_number",
            [],
            partition=[expr_of(source[name]) for name in KEY],
            order=keys,
            sort=Sort.INT,
        )
        source.columns["nth_of_row"] = Number(place, 0, MOST_OF_ROW)
        placed = self._add("award_places", "the drafts of each row, in order", source)
        source = From(placed)
        source.take_all(without=["nth_of_row"])
        source.keep(equal(source.num("nth_of_row").top, integer(1)))
        return self._add("heads", "what says who gets an award", source)

    def given(self, drafts: Relation, members: Relation) -> Relation:
        """Return each draft once for each of those who get it."""
        source = From(drafts)
        found = source.join(members, {name: expr_of(source[name]) for name in KEY}, is_left=False)
        source.take_all(without=[OF, "payee_kind", "payee"])
        columns = source.columns
        columns["payee_kind"], columns["payee"] = found[MEMBER_KIND], found[MEMBER]
        columns[FROM_KIND], columns[FROM] = source["payee_kind"], source["payee"]
        columns[FROM_POSITION] = source["position"]
        if self.to.how is AwardHow.EACH:
            return self._add("given", f"all of it to each ({self.to.text})", source)
        columns[WEIGHT] = found[WEIGHT]
        columns[OF] = source[OF]
        each = self._add("given_to", "who gets a part of each", source)
        return self._cut(each)

    # --- parts ---

    def _cut(self, each: Relation) -> Relation:
        """Return the drafts cut into parts by the weights; what is left over goes where the award says."""
        to = self.to.remainder or Remainder.FIRST
        one = [name for name in ONE_AWARD if name in each and name not in ("payee_kind", "payee")]
        one += [OF, FROM_KIND, FROM, FROM_POSITION]
        each = over_common_bottom(self.compilation, each, WEIGHT, one, self.rule)
        source = From(each)
        source.take_all()
        draft = [expr_of(source[name]) for name in one if not is_literal(each.columns[name])]
        members = max(sum(table.rows for table in self.compilation.book.payees.values()), 1)
        weight, amount = source.num(WEIGHT), source.num("amount")
        weights = sum_over(weight, draft, members)
        exact = divide(multiply(amount, weight), weights)
        floor = rounded(exact, self.rule.rounding.step, RoundingMode.DOWN)
        columns = source.columns
        columns["whole"], columns["exact"], columns[f"{AWARD}floor"] = amount, exact, floor
        if self.to.how is AwardHow.PRO_RATA:
            columns["weight"], columns["weights"] = weight, weights
        by_key = [expr_of(source[name]) for name in ("payee_kind", "payee") if not is_literal(source[name])]
        place = _number(draft, by_key)
        columns[f"{AWARD}place"] = place
        columns[f"{AWARD}count"] = Number(
            over("count", [integer(1)], partition=draft, sort=Sort.INT), 0, members
        )
        cut = self._add("award_parts", f"parts by weight ({self.to.text})", source)
        source = From(cut)
        source.take_all()
        draft = [expr_of(source[name]) for name in one if not is_literal(cut.columns[name])]
        floor = source.num(f"{AWARD}floor")
        rest = subtract(source.num("amount"), sum_over(floor, draft, members))
        # What is cut off of all parts is no more than the whole.
        rest = Number(rest.top, rest.scale, max(source.num("whole").most * 10**rest.scale, 1))
        source.columns[f"{AWARD}rest"] = rest
        place = source.num(f"{AWARD}place")
        order: list[Expr] = [place.top]
        match to:
            case Remainder.LARGEST_SHARE:
                order = [negated_integer(source.num(WEIGHT).top), place.top]
            case Remainder.LARGEST_FRACTION:
                left = absolute(subtract(source.num("exact"), floor))
                order = [negated_integer(left.top), place.top]
            case _:
                pass
        turn = subtract(_number(draft, order), number(1))
        if to is Remainder.LAST:
            turn = subtract(source.num(f"{AWARD}count"), place)
        if to is not Remainder.IN_TURN:
            source.columns[f"{AWARD}turn"] = turn
        turned = self._add("award_turns", f"what is left over, to {to.value}", source)
        if to is Remainder.IN_TURN:
            turned = with_turns(self.compilation, turned, self.rule)
        source = From(turned)
        made = [WEIGHT, *(f"{AWARD}{name}" for name in ("floor", "rest", "place", "count", "turn"))]
        source.take_all(without=[*made, OF])
        floor, rest, turn = (source.num(f"{AWARD}{name}") for name in ("floor", "rest", "turn"))
        if to is Remainder.NOBODY:
            source.columns["amount"], source.columns["left_over"] = floor, rest
        else:
            source.columns["amount"] = with_left_over(floor, rest, turn, self.rule.rounding.step)
            source.columns["left_over"] = number(0)
        if "prize" in turned:
            # A thing is not cut: each of them gets it.
            is_prize = compared(source.expr("prize"), "<>", text(""))
            for name in ("whole", "weight", "weights"):
                if name in source.columns:
                    source.columns[name] = pick([(is_prize, no_number())], source.num(name))
        return self._add("given", f"what each gets ({self.to.text})", source)

    # --- what is taken back ---

    def with_taken(self, drafts: Relation, given: Relation) -> tuple[Relation, From]:
        """Return the lines with those that take back what was awarded, from those who got it; and the drafts
        that take back what nobody got."""
        source = From(drafts)
        source.keep(is_given(source.num(f"{UNDOES}position").top))
        on = {
            "fact_id": source.expr(f"{UNDOES}fact_id"),
            "earned_on": source.expr(f"{UNDOES}on"),
            FROM_KIND: source.expr("payee_kind"),
            FROM: source.expr("payee"),
            FROM_POSITION: source.num(f"{UNDOES}position").top,
        }
        got = source.join(given, on, is_left=False)
        source.take_all()
        columns = source.columns
        columns["payee_kind"], columns["payee"] = got["payee_kind"], got["payee"]
        columns[FROM_KIND], columns[FROM] = source["payee_kind"], source["payee"]
        columns[FROM_POSITION] = source["position"]
        for name in ("exact", "amount", "whole", "left_over"):
            if name in given:
                columns[name] = negate(got.num(name))
        for name in ("weight", "weights"):
            if name in given:
                columns[name] = got[name]
        kept = From(given)
        kept.take_all()
        comment = f"rule {self.rule.name}: what is awarded, and what is taken back of it"
        both = self.compilation.add_union(
            f"{self.rule.name}_awarding", comment, [kept, source], rule=self.rule
        )
        lost = From(drafts)
        lost.keep(is_given(lost.num(f"{UNDOES}position").top))
        none = lost.join(
            given,
            {
                "fact_id": lost.expr(f"{UNDOES}fact_id"),
                "earned_on": lost.expr(f"{UNDOES}on"),
                FROM_KIND: lost.expr("payee_kind"),
                FROM: lost.expr("payee"),
                FROM_POSITION: lost.num(f"{UNDOES}position").top,
            },
        )
        lost.keep(is_null(none.expr("fact_id")))
        return both, lost

    # --- order ---

    def numbered(self, given: Relation) -> Relation:
        """Return the lines with their position: of several payees of a row for whom somebody is awarded the
        lines stand one behind the other."""
        is_one = not any(map(_pays_several, self.rule.versions))
        undoes = f"{UNDOES}position" in given
        if is_one and not undoes and not may_stand_on_nothing(given):
            source = From(given)
            source.take_all(without=[name for name in given.columns if name.startswith(AWARD)])
            return self._add("awarded", "made out", source)
        source = From(given)
        source.take_all()
        award = [expr_of(source[name]) for name in ONE_AWARD if name in given]
        order = [source[name] for name in (FROM_KIND, FROM, FROM_POSITION, "scope") if name in given]
        place = over(
            "row_number",
            [],
            partition=award,
            order=[expr_of(each) for each in order if not is_literal(each)],
            sort=Sort.INT,
        )
        source.columns["position"] = Number(place, 0, MOST_OF_ROW)
        made = self._add("made_out", "made out, in order", source, is_kept=undoes)
        source = From(made)
        if undoes:
            whose = {
                "fact_id": source.expr(f"{UNDOES}fact_id"),
                "earned_on": source.expr(f"{UNDOES}on"),
                "payee_kind": source.expr("payee_kind"),
                "payee": source.expr("payee"),
                FROM_KIND: source.expr(FROM_KIND),
                FROM: source.expr(FROM),
                FROM_POSITION: source.num(f"{UNDOES}position").top,
            }
            source.columns[f"{UNDOES}position"] = source.join(made, whose)["position"]
        source.take_all(without=[NTH, *(name for name in made.columns if name.startswith(AWARD))])
        return self._add("awarded", "made out", source)

    # --- nobody ---

    def without_anybody(self, drafts: Relation, members: Relation) -> From:
        """Return the drafts that nobody gets."""
        source = From(drafts)
        found = source.join(members, {name: expr_of(source[name]) for name in KEY})
        source.keep(is_null(found.expr(MEMBER)))
        return source

    def note(self, nobody: list[From]) -> None:
        """Note down what nobody gets, each row and payee once."""
        by = f" by {self.to.by.name}" if self.to.by is not None else ""
        has = "has a part" if self.to.how is AwardHow.PRO_RATA else "is one of them"
        for source in nobody:
            source.columns = {
                "payee_kind": source["payee_kind"],
                "payee": source["payee"],
                "fact": Plain(
                    source.expr("fact") if "fact" in source.relation else text(self.rule.fact_kind)
                ),
                "fact_id": source["fact_id"],
                "dated": source["earned_on"],
            }
        comment = f"rule {self.rule.name}: what nobody is awarded"
        name = f"{self.rule.name}_awarded_nobody"
        found = self.compilation.add_union(f"{name}_drafts", comment, nobody, rule=self.rule)
        source = From(found)
        source.take_all()
        source.groups = [expr_of(value) for value in source.columns.values() if not is_literal(value)]
        day = as_text(source.expr("dated"))
        columns = dict(source.columns)
        source.columns = {
            "rule": Plain(text(self.rule.name)),
            **columns,
            "reason": Plain(text(Reason.NOBODY_AWARDED.value)),
            "detail": Plain(joined([f"{self.to.text}: nobody {has}{by} on ", day])),
        }
        self.compilation.outcomes.append(self.compilation.add_written(name, comment, source, rule=self.rule))


def _pays_several(version: nodes.Version) -> bool:
    """Whether several payees may have lines on one row: shares of it, or what earlier rows gain by it."""
    if not isinstance(version.credit, nodes.CreditTo | nodes.CreditNobody):
        return True
    return isinstance(version.rate, nodes.Bands) and version.rate.method.trues_up


def _number(partition: list[Expr], order: list[Expr]) -> Number:
    return Number(over("row_number", [], partition=partition, order=order, sort=Sort.INT), 0, MOST_OF_ROW)
