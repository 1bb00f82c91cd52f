"""The compiler on one screen: plan and stored facts in, the stages of the pipeline out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from rulesengine.engines.results import STATEMENT
from rulesengine.engines.sql.accumulate import accumulate
from rulesengine.engines.sql.again import NOT_YET, asks_again
from rulesengine.engines.sql.banded import rate_bands
from rulesengine.engines.sql.budget import budget
from rulesengine.engines.sql.choose import choose
from rulesengine.engines.sql.compilation import Compilation, Refusal
from rulesengine.engines.sql.counting import count_out
from rulesengine.engines.sql.deductions import with_deductions
from rulesengine.engines.sql.earned_rows import LINE, has_one_line, is_used, with_line_numbers
from rulesengine.engines.sql.expressions import Expr, Literal, Over, Sort
from rulesengine.engines.sql.facts import facts_of
from rulesengine.engines.sql.few import with_words
from rulesengine.engines.sql.goals import achieve
from rulesengine.engines.sql.goals_by_named import is_by_named
from rulesengine.engines.sql.items import Items, items_of
from rulesengine.engines.sql.limit import limit
from rulesengine.engines.sql.lines import lines_of
from rulesengine.engines.sql.measured import rate_measured
from rulesengine.engines.sql.most import most_items
from rulesengine.engines.sql.moves import Moves, with_moves, without_moves
from rulesengine.engines.sql.pay_in import pay_in
from rulesengine.engines.sql.rank import rank
from rulesengine.engines.sql.rate import rate_rows
from rulesengine.engines.sql.relations import (
    Body,
    Recursion,
    Relation,
    Rows,
    Select,
    Stage,
    Union,
    sources,
    walk,
)
from rulesengine.engines.sql.rerate import rerate
from rulesengine.engines.sql.schedule import comes_bit_by_bit, schedule
from rulesengine.engines.sql.scopes import is_payee
from rulesengine.engines.sql.share_out import round_shared
from rulesengine.engines.sql.take_back import take_back
from rulesengine.engines.sql.unrated import leave_out_unrated
from rulesengine.engines.sql.with_earnings import Settled, with_earnings
from rulesengine.model.change import replace
from rulesengine.model.stored_book import StoredBook
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages in the order in which they are made, and those whose rows are the answer."""

    stages: tuple[Stage, ...]
    lines: tuple[str, ...]
    """Stages with the columns of lines, one for each rule in plan order."""
    rules: tuple[str, ...]
    """The rules that these are of."""
    outcomes: tuple[str, ...]
    """Stages with the columns of outcomes."""
    rejects: tuple[str, ...]
    """Stages with the columns of rejects."""
    refusals: tuple[Refusal, ...]
    """What keeps the whole run from having an answer, if it turns up."""
    words: tuple[str, ...]
    """The texts of the plan that are columns of lines or outcomes."""
    payees: tuple[tuple[str, str], ...]
    """The stored tables of payees, each with the column of its keys."""


def compile_plan(plan: nodes.Plan, book: StoredBook, through: date) -> Pipeline:
    """Compile a checked plan for facts that are stored.

    Raises:
        Rejected: R1301, the plan has a clause that the batch engine does not carry out.
    """
    compilation = Compilation(plan, book, through)
    for kind in book.facts:
        # Rows that cannot be judged are rejected, whether or not a rule looks at them.
        facts_of(compilation, kind)
    leave_out_unrated(compilation)
    rules = _Rules(compilation)
    drafts = [(rule, *_payable(compilation, rule, rules.told(rule.name))) for rule in plan.rules]
    lines = [lines_of(compilation, made, rule, is_single=is_single) for rule, made, is_single in drafts]
    names = [rule.name for rule in plan.rules]
    if plan.settlement is not None:
        from rulesengine.engines.sql.settle import settle

        settled = settle(compilation, plan.settlement, {rule.name: made for rule, made, _ in drafts})
        lines += settled
        names += [STATEMENT] * len(settled)
    answer = [relation.name for relation in (*lines, *compilation.outcomes)]
    stages = with_words(compilation.stages, answer)
    return Pipeline(
        stages=tuple(_kept_where_shared(stages)),
        lines=tuple(relation.name for relation in lines),
        rules=tuple(names),
        outcomes=tuple(relation.name for relation in compilation.outcomes),
        rejects=tuple(relation.name for relation in compilation.rejects),
        refusals=tuple(compilation.refusals),
        words=_words(stages),
        payees=tuple((table.name, compilation.kind(kind).key.name) for kind, table in book.payees.items()),
    )


@dataclass(frozen=True, slots=True)
class _Earned:
    """What a rule earns, in drafts with amounts."""

    drafts: Relation
    is_single: bool
    """Whether no award has more than one draft."""
    moves: Moves | None = None
    """What clawbacks take of it, and give back."""


@dataclass(slots=True)
class _Rules:
    """What rules earn, each made when it is first asked for: one may pay on what others earn."""

    compilation: Compilation
    _earned: dict[str, _Earned] = field(default_factory=dict)
    _chosen: dict[str, _Earned] = field(default_factory=dict)
    _settled: dict[str, _Earned] = field(default_factory=dict)
    _told: dict[str, _Earned] = field(default_factory=dict)
    _lines: dict[str, Relation] = field(default_factory=dict)

    def earned(self, name: str) -> _Earned:
        """Return what a rule earns as if it were alone, rounded and limited."""
        if name not in self._earned:
            rule = self._rule(name)
            self._earned[name] = _earned(
                self.compilation,
                rule,
                lambda other: self.settled(other).drafts,
                self.lines,
            )
        return self._earned[name]

    def settled(self, name: str) -> _Earned:
        """Return what a rule earns after its rivals and its budget, before clawbacks and parts."""
        if name not in self._settled:
            rule = self._rule(name)
            found = self._after_rivals(name)
            rows = most_items(self.compilation, rule)
            if rule.award is not None:
                rows *= max(sum(table.rows for table in self.compilation.book.payees.values()), 1)
            drafts = budget(self.compilation, found.drafts, rule, rows)
            self._settled[name] = _Earned(drafts, found.is_single and rule.budget is None)
        return self._settled[name]

    def told(self, name: str) -> _Earned:
        """Return what becomes the lines of a rule, numbered where other rules are on its earnings."""
        if name not in self._told:
            self._tell(self._rule(name))
        return self._told[name]

    def lines(self, name: str) -> Relation:
        """Return the lines of a rule as other rules see them that are on its earnings: before they are cut
        into parts, and with what clawbacks take and give back."""
        self.told(name)
        return self._lines[name]

    def _tell(self, rule: nodes.Rule) -> None:
        found = self.settled(rule.name)
        rows = most_items(self.compilation, rule)
        moves = take_back(self.compilation, found.drafts, rule, rows)
        if moves is not None:
            found = replace(found, drafts=moves.drafts, moves=moves)
        if is_used(self.compilation.plan, rule):
            lines = with_moves(self.compilation, found.drafts, found.moves, rule)
            is_one = found.is_single and found.moves is None and has_one_line(rule, lines)
            lines = with_line_numbers(self.compilation, lines, rule, is_one=is_one)
            own, numbered = without_moves(self.compilation, lines, found.drafts, found.moves, rule)
            found = replace(found, drafts=own, moves=numbered)
            self._lines[rule.name] = lines
        self._told[rule.name] = found

    def _after_rivals(self, name: str) -> _Earned:
        for choice in self.compilation.plan.chooses:
            if choice.take is nodes.Take.ALL or name not in choice.among or name in self._chosen:
                continue
            rivals = {each: self.earned(each).drafts for each in choice.among}
            for each, drafts in choose(self.compilation, choice, rivals).items():
                self._chosen[each] = _Earned(drafts, is_single=False)
        return self._chosen.get(name) or self.earned(name)

    def _rule(self, name: str) -> nodes.Rule:
        return next(rule for rule in self.compilation.plan.rules if rule.name == name)


def _earned(compilation: Compilation, rule: nodes.Rule, settled: Settled, told: Settled) -> _Earned:
    """Return what a rule earns as if it were alone, rounded and limited.

    Args:
        settled: what other rules earn.
        told: the same, with what rules on their earnings tell their lines apart by.
    """
    items = with_earnings(compilation, items_of(compilation, rule, told), settled)
    items = with_deductions(compilation, count_out(compilation, items), settled)
    rows = most_items(compilation, rule)
    moved: Relation | None = None
    if rule.goals:
        drafts, moved = achieve(compilation, items, rows)
    elif rule.rank is not None:
        drafts, moved = rank(compilation, items, rows)
    elif isinstance(rule.versions[0].rate, nodes.Bands):
        is_shared_out = not rule.versions[0].rate.method.trues_up
        moved = _moved(compilation, items, rows)
        if is_shared_out:
            drafts = rate_bands(compilation, items, moved)
        else:
            drafts = rerate(compilation, items, moved, rows)
    elif rule.measure is not None:
        moved = _moved(compilation, items, rows)
        drafts = rate_measured(compilation, items, moved)
    elif asks_again(rule, compilation.plan):
        from rulesengine.engines.sql.in_total import rate_in_total

        drafts = rate_in_total(compilation, items, rows)
    else:
        drafts = rate_rows(compilation, items)
    is_single = _is_single(items)
    drafts = round_shared(compilation, drafts, rule, is_single=is_single)
    limited = limit(compilation, drafts, items)
    if rule.award is not None:
        from rulesengine.engines.sql.award import award, contributions_to

        contributions = contributions_to(compilation, rule, moved, rows)
        return _Earned(award(compilation, limited.drafts, rule, contributions), is_single=False)
    return _Earned(limited.drafts, is_single and limited.awards is None)


def _moved(compilation: Compilation, items: Items, rows: int) -> Relation:
    """Return the items with the total of the rule's measure."""
    measure = items.rule.measure
    if measure is not None and measure.name is not None:
        from rulesengine.engines.sql.named import accumulate_named

        return accumulate_named(compilation, items)
    return accumulate(compilation, items, rows)


def _payable(compilation: Compilation, rule: nodes.Rule, earned: _Earned) -> tuple[Relation, bool]:
    """Return what becomes the lines of a rule, and whether no award has more than one draft."""
    is_single = earned.is_single
    drafts = schedule(compilation, earned.drafts, rule, earned.moves, is_single=is_single)
    drafts = pay_in(compilation, drafts, rule)
    is_numbered = is_single and not comes_bit_by_bit(rule) and LINE not in drafts and earned.moves is None
    return _numbered(compilation, drafts, rule, is_single=is_numbered), is_single


def _is_single(items: Items) -> bool:
    """Whether no award of a rule has more than one draft."""
    keys = [key for goal in items.rule.goals[:1] for key in goal.measure.keys]
    # Of what several reach together, one payee's turn may bring another's drafts.
    is_own = not items.rule.goals or (any(map(is_payee, keys)) and not is_by_named(items.rule))
    return (
        is_own
        and NOT_YET not in items.relation
        and items.rule.rank is None
        and items.rule.measure is None
        and all(sum(len(band) for band in version.bands) <= 1 for version in items.versions)
    )


def _numbered(compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_single: bool) -> Relation:
    """Return the drafts with `sequence`, which tells apart lines of one name."""
    if is_single:
        return drafts
    from rulesengine.engines.sql.sequence import numbered

    return numbered(compilation, drafts, rule)


def _kept_where_shared(stages: list[Stage]) -> list[Stage]:
    """Return the stages; those that cost something and are read more than once are kept as tables.

    A stage costs something if it joins or looks across rows, or reads one that does and is not kept.
    """
    readers: dict[str, int] = {}
    for stage in stages:
        for name in sources(stage.body):
            readers[name] = readers.get(name, 0) + 1
    costly: set[str] = set()
    made = []
    for stage in stages:
        costs = _costs(stage.body) or not costly.isdisjoint(sources(stage.body))
        is_kept = stage.is_kept or (costs and readers.get(stage.name, 0) > 1)
        if costs and not is_kept:
            costly.add(stage.name)
        made.append(replace(stage, is_kept=is_kept))
    return made


def _words(stages: list[Stage]) -> tuple[str, ...]:
    """Return every text of sort `word` in the stages."""
    found = {
        part.value
        for stage in stages
        for expr in _expressions(stage.body)
        for part in walk(expr)
        if isinstance(part, Literal) and part.sort is Sort.WORD and isinstance(part.value, str)
    }
    return tuple(sorted(found))


def _expressions(body: Body) -> Iterable[Expr]:
    match body:
        case Select(columns=columns, joins=joins, where=where):
            yield from (expr for _, expr in columns)
            yield from (join.on for join in joins)
            yield where
        case Union(parts=parts):
            for part in parts:
                yield from _expressions(part)
        case Recursion(first=first, step=step, layers=layers):
            for select in (first, step, *layers):
                yield from _expressions(select)
        case Rows(rows=rows):
            for row in rows:
                yield from row


def _costs(body: Body) -> bool:
    """Whether a stage joins or looks across rows, so that doing it twice is dear."""
    match body:
        case Select(columns=columns, joins=joins, group_by=group_by):
            return bool(joins or group_by) or any(
                isinstance(each, Over) for _, expr in columns for each in walk(expr)
            )
        case Union(parts=parts):
            return any(map(_costs, parts))
        case _:
            return False
