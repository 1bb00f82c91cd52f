"""Who gets an award: the contributors of a total, or members, payees with something in common on a day."""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import in_segment
from rulesengine.engines.sql.contributions import Contributions
from rulesengine.engines.sql.credited_kinds import all_kinds_credited
from rulesengine.engines.sql.expressions import (
    TRUE,
    Literal,
    all_of,
    any_of,
    chosen,
    equal,
    first_given,
    is_given,
    negated,
    text,
)
from rulesengine.engines.sql.measure_course import Course
from rulesengine.engines.sql.member_reads import KEY, MEMBER, MEMBER_KIND, WANTED, WEIGHT
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.values import Plain, compare, number, otherwise
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AwardHow


@dataclass(frozen=True, slots=True)
class Members:
    """The payees of the awards of a rule.

    Args:
        heads: the first draft of each row and payee, by which it is said who gets all of them.
        contributions: what each payee moved the rule's total by; None where there is none.
    """

    compilation: Compilation
    rule: nodes.Rule
    to: nodes.Award
    heads: Relation
    contributions: Contributions | None

    def of_heads(self) -> Relation:
        """Return the members of each head by its `KEY`, each with a weight above zero."""
        parts = [self._contributing()] if isinstance(self.to.whom, nodes.Contributors) else []
        if not parts:
            parts = [self._members(kind) for kind in self._kinds()]
        comment = f"rule {self.rule.name}: who gets an award ({self.to.text})"
        found = self.compilation.add_union(f"{self.rule.name}_members", comment, parts, rule=self.rule)
        if self.to.how is not AwardHow.PRO_RATA:
            return found
        source = From(found)
        source.take_all()
        source.keep(compare(source.num(WEIGHT), ">", number(0)))
        return self.compilation.add(f"{self.rule.name}_weighted", comment, source, rule=self.rule)

    # --- contributors ---

    def _contributing(self) -> From:
        """Return the payees with a counted row by then; where there is none, the payee itself."""
        source = From(self.heads)
        self._take_key(source)
        assert self.contributions is not None
        found = self.contributions.joined(source, is_left=True)
        kind, payee = found.expr("payee_kind"), found.expr("payee")
        source.columns[MEMBER_KIND] = Plain(first_given([kind, source.expr("payee_kind")]))
        source.columns[MEMBER] = Plain(first_given([payee, source.expr("payee")]))
        member = source.columns[MEMBER_KIND], source.columns[MEMBER]
        source.columns[WEIGHT] = number(1)
        if self.to.how is AwardHow.PRO_RATA:
            source.columns[WEIGHT] = otherwise(found.num("moved"), number(0))
            if self.to.by is not None:
                course = Course(self.compilation, self.to.by)
                kinds = self._credited()
                assert isinstance(member[0], Plain) and isinstance(member[1], Plain)
                day = source.expr("earned_on")
                source.columns[WEIGHT] = course.on(source, day, kinds, member[0].expr, member[1].expr)
        return source

    # --- members ---

    def _kinds(self) -> tuple[str, ...]:
        match self.to.whom:
            case nodes.MembersOfPayee(kind=kind) | nodes.MembersOfSegment(kind=kind):
                return (kind,)
            case _:
                return self._credited()

    def _credited(self) -> tuple[str, ...]:
        return all_kinds_credited(self.compilation.plan, self.rule)

    def _members(self, kind: str) -> From:
        source = From(self.heads)
        self._take_key(source)
        day = source.expr("earned_on")
        found = source.join_on(self._on_days(kind))
        tests = [equal(found.expr("day"), day)]
        match self.to.whom:
            case nodes.MembersAlike():
                tests.append(equal(found.expr("attribute"), source.expr(WANTED)))
                if len(self._kinds()) > 1:
                    tests.append(equal(source.expr("payee_kind"), text(kind)))
            case nodes.MembersOfPayee():
                tests.append(equal(found.expr("attribute"), source.expr("payee")))
            case _:
                pass
        source.close(found, all_of(tests), is_left=False)
        source.columns[MEMBER_KIND], source.columns[MEMBER] = Plain(text(kind)), found["member"]
        source.columns[WEIGHT] = number(1)
        if self.to.how is AwardHow.PRO_RATA and self.to.by is not None:
            course = Course(self.compilation, self.to.by)
            source.columns[WEIGHT] = course.on(source, day, [kind], text(kind), found.expr("member"))
        elif self.to.how is AwardHow.PRO_RATA:
            assert self.contributions is not None
            is_one = (text(kind), found.expr("member"))
            source.columns[WEIGHT] = self.contributions.joined(source, is_left=False, payee=is_one).num(
                "moved"
            )
        return source

    def _on_days(self, kind: str) -> Relation:
        """Return the payees of a kind on each day on which something is awarded: all that are in the
        segment, or each with its `attribute`."""
        name = f"{self.rule.name}_{kind}"
        payees, key_of_kind = self.compilation.payees(kind), self.compilation.kind(kind).key.name
        days = From(self.heads)
        day = days.expr("earned_on")
        if isinstance(day, Literal):
            source = From(payees)
            key = source.expr(key_of_kind)
        else:
            days.groups, days.columns["day"] = [day], Plain(day)
            comment = f"rule {self.rule.name}: the days of its awards"
            source = From(self.compilation.add(f"{name}_days", comment, days, rule=self.rule))
            day = source.expr("day")
            each = source.join_on(payees)
            source.close(each, TRUE, is_left=False)
            key = each.expr(key_of_kind)
        reads = Reads(self.compilation, source, "", day, kind, kind, key)
        source.columns["day"], source.columns["member"] = Plain(day), Plain(key)
        match self.to.whom:
            case nodes.MembersAlike(read=read):
                attribute = key_text(reads.read(read))
                unknown = any_of(problem.when for problem in reads.problems)
                source.columns["attribute"] = Plain(chosen([(unknown, text(""))], attribute))
            case nodes.MembersOfPayee(field=field):
                value = reads.field(kind, key, field)
                assert isinstance(value, Plain)
                unknown = any_of(problem.when for problem in reads.problems)
                source.columns["attribute"] = value
                source.keep(negated(unknown))
                source.keep(is_given(value.expr))
            case nodes.MembersOfSegment(segment=segment):
                source.keep(in_segment(key, self.compilation.plan.segments[segment], reads))
                source.keep(negated(any_of(problem.when for problem in reads.problems)))
            case _:
                pass
        comment = f"rule {self.rule.name}: who could get an award on each of these days"
        return self.compilation.add(f"{name}_on_days", comment, source, rule=self.rule)

    def _take_key(self, source: From) -> None:
        for name in KEY:
            source.columns[name] = source[name]
