"""Where the rows of each rule come from, whom they credit, and in which order rules are computed."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.dates import END, WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import DateType
from rulesengine.plan import nodes
from rulesengine.plan.amendments import Draft, drafts_of
from rulesengine.plan.awarded import awarded_kinds
from rulesengine.plan.clauses import check_clauses
from rulesengine.plan.context import Context, Guard, KindInfo
from rulesengine.plan.credits import lower_credit
from rulesengine.plan.currencies import Paying, read_paying
from rulesengine.plan.dates import check_word, lower_date_field
from rulesengine.plan.lines_elsewhere import lines_elsewhere
from rulesengine.plan.names import Sort
from rulesengine.plan.payee_kinds import payee_kinds_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.uses import rules_used

_NOBODY = "nobody is credited, the `award` says who is paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The clauses of one version, and whom they credit; None where that has been reported."""

    draft: Draft
    credit: nodes.Credit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """What must be known of a rule before its clauses, or rules on its earnings, are lowered."""

    block: syntax.RuleBlock
    kind: nodes.RuleKind
    source: nodes.Source | None
    """None where its mistake has been reported."""
    row: KindInfo | None
    """The kind of fact that its lines stand on; None where that has been reported."""
    event: nodes.FactSource | None
    """What dates the fact: a row whose date is missing waits, so for the clauses it is there."""
    no_row: str
    """Why fields of the fact cannot be read, empty if they can."""
    paying: Paying
    earning_in: str
    """What the lines are in whose earnings it uses; empty in a rule on facts."""
    versions: tuple[Version, ...]
    calendar: nodes.CalendarSource | None = None
    """Where the rows are those of a calendar; then `row` is the kind of payee."""
    elsewhere: str = ""
    """Why its lines, where another rule uses them, stand on no row of its own or on some of another kind."""

    @property
    def name(self) -> str:
        return self.block.name.text

    @property
    def fact_kind(self) -> str:
        """What its rows are called on lines: the fact kind, or `partner per month`."""
        if self.calendar is not None:
            return self.calendar.rows
        return self.row.name if self.row else ""

    @property
    def unit(self) -> str:
        """The word for one row behind `per`: the fact kind, or the window of a calendar."""
        if self.calendar is not None:
            return self.calendar.window.value
        return self.row.name if self.row else ""

    def scope(self, context: Context, credits: tuple[nodes.Credit | None, ...]) -> Scope:
        """Return the names in the rule's clauses, where these credits hold."""
        kinds = payee_kinds_of(context, credits)
        return Scope(
            context=context,
            row=None if self.no_row else self.row,
            no_row=self.no_row,
            payees=kinds,
            no_payee=_NOBODY if any(isinstance(credit, nodes.CreditNobody) for credit in credits) else "",
            is_line=isinstance(self.source, nodes.EarningsSource),
            is_calendar=isinstance(self.source, nodes.CalendarSource),
            earning_in=self.earning_in,
            paying=self.paying,
            has_level=bool(credits) and all(isinstance(credit, nodes.CreditLevels) for credit in credits),
            guards=row_guards(context, self.event),
            reads_measures=True,
            known=row_currencies(context, self.event),
        )


def row_guards(context: Context, source: nodes.FactSource | None) -> frozenset[Guard]:
    """Return what is known not to be missing in rows of a source: its date, and what the `where`
    lines of the fact kind say."""
    if source is None:
        return frozenset()
    rows = context.fact_rows.get(source.kind)
    dated: frozenset[Guard] = frozenset({(nodes.Root.ROW, (source.event,))})
    return dated | rows.guards if rows else dated


def row_currencies(context: Context, source: nodes.FactSource | None) -> dict[Guard, str]:
    """Return the currencies that the `where` lines of the fact kind hold its rows to."""
    rows = context.fact_rows.get(source.kind) if source else None
    scope = Scope(context=context, row=None)
    for condition in rows.conditions if rows else ():
        scope = scope.knowing(condition)
    return dict(scope.known)


def read_sources(context: Context, blocks: tuple[syntax.Block, ...]) -> tuple[RuleInfo, ...]:
    """Return what is known of each rule; each after the rules whose earnings it uses, otherwise as
    written.

    Rules that use each other in a circle have no rows; `checks/rules_form_no_circle.py` reports it.
    """
    rules = [block for block in blocks if isinstance(block, syntax.RuleBlock)]
    ons: dict[int, syntax.On | None] = {}
    for block in rules:
        check_clauses(context, block)
        ons[id(block)] = next((clause for clause in block.clauses if isinstance(clause, syntax.On)), None)
    infos: dict[int, RuleInfo] = {}
    used = {name.text for block in rules for name in rules_used(block)}
    for block in rules:
        for link in _with_those_used(context, block, infos, set()):
            info = _read_source(context, link, ons[id(link)], infos)
            if info.name in used:
                info = replace(info, elsewhere=info.no_row or _elsewhere(context, info))
            infos[id(link)] = info
    return tuple(infos.values())


def _with_those_used(
    context: Context, block: syntax.RuleBlock, infos: dict[int, RuleInfo], seen: set[int]
) -> list[syntax.RuleBlock]:
    """Return the rule behind the rules whose earnings it uses, and so on, as far as they are not read."""
    if id(block) in infos or id(block) in seen:
        return []
    seen.add(id(block))
    found: list[syntax.RuleBlock] = []
    for name in rules_used(block):
        declared = context.catalog.entries.get(name.text)
        if declared is not None and isinstance(declared.block, syntax.RuleBlock):
            found += _with_those_used(context, declared.block, infos, seen)
    return [*found, block]


def _read_source(
    context: Context, block: syntax.RuleBlock, on: syntax.On | None, infos: dict[int, RuleInfo]
) -> RuleInfo:
    unknown = RuleInfo(
        block=block,
        kind=nodes.RuleKind(block.kind),
        source=None,
        row=None,
        event=None,
        no_row="",
        paying=read_paying(context, block.clauses),
        earning_in="",
        versions=tuple(Version(draft=draft, credit=None) for draft in drafts_of(block)),
    )
    if on is None:
        return unknown
    reader = _on_earnings if on.of_earnings else _on_calendar if on.per is not None else _on_facts
    return context.problems.attempt(reader, context, unknown, on, infos) or unknown


def _on_facts(context: Context, rule: RuleInfo, on: syntax.On, _: dict[int, RuleInfo]) -> RuleInfo:
    kind = fact_kind(context, on)
    # Who is credited can be said even if the date of `on deal at …` is mistaken.
    source = context.problems.attempt(fact_source, context, kind, on)
    scope = Scope(context=context, row=kind, no_payee="nobody is credited before `credit` has been read")
    return _with_credits(context, replace(rule, source=source, row=kind, event=source), scope, kind.credited)


def _on_calendar(context: Context, rule: RuleInfo, on: syntax.On, _: dict[int, RuleInfo]) -> RuleInfo:
    source = calendar_source(context, on)
    kind = context.kinds.get(source.kind)
    if kind is None:
        raise Mistake
    scope = Scope(
        context=context,
        row=kind,
        no_payee="nobody is credited before `credit` has been read",
        is_calendar=True,
    )
    return _with_credits(context, replace(rule, source=source, row=kind, calendar=source), scope, None)


def _on_earnings(context: Context, rule: RuleInfo, on: syntax.On, infos: dict[int, RuleInfo]) -> RuleInfo:
    declared = context.catalog.find(on.source, Sort.RULE)
    base = infos.get(id(declared.block))
    if base is None or base.source is None:
        raise Mistake
    no_row = base.elsewhere or _why_no_row(base)
    source = nodes.EarningsSource(origin=on.span, rule=base.name)
    rule = replace(rule, source=source, row=base.row, event=base.event, no_row=no_row)
    rule = replace(rule, calendar=base.calendar, earning_in=base.paying.code)
    scope = rule.scope(context, tuple(version.credit for version in base.versions))
    awards = (clause for clause in base.block.clauses if isinstance(clause, syntax.Award))
    awarded = awarded_kinds(context, next(awards, None))
    if awarded is not None:
        scope = replace(scope, payees=awarded)
    return _with_credits(context, rule, scope, None)


def _with_credits(context: Context, rule: RuleInfo, scope: Scope, default: str | None) -> RuleInfo:
    versions = tuple(
        replace(
            version,
            credit=context.problems.attempt(lower_credit, scope, version.draft.clauses, rule.block, default),
        )
        for version in rule.versions
    )
    return replace(rule, versions=versions)


def calendar_source(context: Context, on: syntax.On) -> nodes.CalendarSource:
    """Return the rows of a calendar: payees of a kind, and windows that have a last day."""
    assert on.per is not None
    find = context.problems.attempt(context.catalog.find, on.source, Sort.PAYEE)
    ending = [kind.value for kind in WindowKind if kind is not WindowKind.LIFETIME]
    check_word(on.per, "window", ending)
    window = WindowKind(on.per.text)
    if window is WindowKind.PLAN and context.header.effective.end == END:
        raise mistake(
            "R0230",
            "the rows are dated the last day of their window, and the plan has none",
            on.per.span,
            related=(Related(context.header.span, "the plan has no last day"),),
            hint="end the plan with `effective from … through …`, or name a window such as `year`",
        )
    if find is None:
        raise Mistake
    return nodes.CalendarSource(origin=on.span, kind=find.name, window=window)


def fact_kind(context: Context, on: syntax.On) -> KindInfo:
    """Return the kind of fact whose rows are asked for."""
    context.catalog.find(on.source, Sort.FACT)
    kind = context.kinds.get(on.source.text)
    if kind is None:
        raise Mistake
    return kind


def fact_source(context: Context, kind: KindInfo, on: syntax.On) -> nodes.FactSource:
    """Return the rows of a fact kind, dated by its event date or by the date after `at`."""
    if on.at is None:
        event = kind.record.event
        if event is None:
            raise Mistake
        return nodes.FactSource(origin=on.span, kind=kind.name, event=event.name)
    scope = Scope(context=context, row=kind, no_payee="rows are dated before anybody is credited")
    reading = lower_date_field(scope, on.at, waits=True)
    if len(reading.read.names) != 1:
        raise mistake(
            "R0303",
            f"rows are dated by a field of `{kind.name}` itself, `{on.at.text}` follows a reference",
            on.at.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    assert isinstance(reading.read.type, DateType)
    return nodes.FactSource(origin=on.span, kind=kind.name, event=reading.read.names[0])


def _elsewhere(context: Context, base: RuleInfo) -> str:
    """Say why lines of a rule stand on rows of another kind too, empty if they do not."""
    own = base.row.name if base.row and base.calendar is None else ""
    for version in base.versions:
        measure, other = lines_elsewhere(context, version.draft.clauses, own)
        if other:
            return f"`{measure}` brings lines of `{base.name}` on rows of `{other}` too"
    return ""


def _why_no_row(base: RuleInfo) -> str:
    """Say why lines of a rule stand on no row that could be read, empty if they do."""
    for clause in (clause for version in base.versions for clause in version.draft.clauses):
        match clause:
            case syntax.Rank():
                return f"lines of `{base.name}` are for places of a rank, not for one `{_row_name(base)}`"
            case syntax.Limit(word="floor", window=window) if window.text != _row_name(base):
                return f"`{base.name}` has a `floor` per {window.text}, whose line stands on no fact"
            case syntax.Budget(first_come_on=None):
                return f"the budget of `{base.name}` is cut at its end, in lines that stand on no fact"
            case _:
                continue
    return ""


def _row_name(base: RuleInfo) -> str:
    return base.row.name if base.row else ""
