"""Step 1, source, for rules on the earnings of another: one row for each line of it, before it is cut into
parts.

The relation has a row for each line: the columns `fact_id`, `row.root`, `row.counts`, `row.undoes` and
`row.order_by` of the row that the line stands on, as they are seen here; `row.moved` where lines may take
back or give back (following.py); `@dated` and `@judged_on`; `@earning`, its amount, and `@judged_earning`,
the amount that it is judged by; `@payee_kind` and `@payee`.
`line` tells the lines of one row apart, in their order; where a row has one line at most there is no such
column. The fields of the row are joined where they are read (`Reads.row`).
"""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.calendar import PAYEE, rows_of_calendar
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import payee_kinds, rule_named
from rulesengine.engines.sql.due import RATED
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Literal,
    Sort,
    any_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    first_given,
    integer,
    joined,
    negated,
    over,
    text,
)
from rulesengine.engines.sql.facts import ROOT, facts_of, undoes_rows
from rulesengine.engines.sql.following import MOVED
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    absolute,
    expr_of,
    negate,
    number,
    otherwise,
    pick,
)
from rulesengine.plan import nodes

LINE = "line"
LINE_NUMBER = "line_number"
"""Column of the drafts of the other rule: what is `line` in the rows made of them."""
DATED, JUDGED_ON = "@dated", "@judged_on"
EARNING, JUDGED_EARNING = "@earning", "@judged_earning"
EARNER, EARNER_KIND = "@payee", "@payee_kind"


# --- what is known of rules ------------------------------------------------------------------------


def rule_with_rows(plan: nodes.Plan, rule: nodes.Rule) -> nodes.Rule:
    """Return the rule whose rows the lines of a rule stand on, through any chain of earnings."""
    while isinstance(rule.source, nodes.EarningsSource):
        rule = rule_named(plan, rule.source.rule)
    return rule


def is_used(plan: nodes.Plan, rule: nodes.Rule) -> bool:
    """Whether another rule is on the earnings of a rule."""
    sources = (each.source for each in plan.rules)
    return any(isinstance(source, nodes.EarningsSource) and source.rule == rule.name for source in sources)


def undoes_lines(compilation: Compilation, rule: nodes.Rule) -> bool:
    """Whether any row of a rule may undo another: a fact, or what was earned on it."""
    if isinstance(rule.source, nodes.EarningsSource):
        other = rule_named(compilation.plan, rule.source.rule)
        return any(version.clawbacks for version in other.versions) or undoes_lines(compilation, other)
    return isinstance(rule.source, nodes.FactSource) and undoes_rows(compilation, rule.source.kind)


def has_one_line(rule: nodes.Rule, drafts: Relation) -> bool:
    """Whether no row has lines of several payees, given that no payee has more than one on it."""
    is_one = all(isinstance(each.credit, nodes.CreditTo | nodes.CreditNobody) for each in rule.versions)
    return is_one and rule.award is None and LINE not in drafts and "fact" not in drafts


# --- lines as rows -------------------------------------------------------------------------------


def with_line_numbers(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_one: bool
) -> Relation:
    """Return the drafts of a rule that others are on the earnings of with `line_number`, their place among
    those of their row.

    Args:
        is_one: whether no row has more than one draft; then nothing is added.
    """
    if is_one:
        return drafts
    source = From(drafts)
    source.take_all()
    order = ("earned_on", LINE, "payee_kind", "payee", "position", "measure_before", "scope")
    found = [source[name] for name in order if name in drafts]
    place = over(
        "row_number",
        [],
        partition=[source.expr("fact_id")],
        order=[expr_of(each) for each in found if not is_literal(each)],
        sort=Sort.INT,
    )
    source.columns[LINE_NUMBER] = Number(Call("-", (place, integer(1)), Sort.INT), 0, 10**12)
    comment = f"rule {rule.name}: its lines, numbered row by row for rules on its earnings"
    return compilation.add(f"{rule.name}_told", comment, source, rule=rule, is_kept=True)


def rows_of_earnings(compilation: Compilation, rule: nodes.Rule, drafts: Relation) -> Relation:
    """Return a row for each line of another rule.

    A line on a row that undoes another, and one that takes back what was earned or gives it back, is judged
    on the date that row is judged on, and so is what was earned on such a line; any other on its own.

    Args:
        drafts: of the other rule, with amounts, after rivals, budget and clawbacks.
    """
    assert isinstance(rule.source, nodes.EarningsSource)
    source = From(drafts)
    columns = source.columns
    amount, earned_on = source.num("amount"), source.expr("earned_on")
    part = source.expr("part")
    takes_back = _is_part(part, Part.CLAWBACK)
    is_moved = any_of([takes_back, _is_part(part, Part.RESTORED)])
    undoes: Expr = first_given([source.expr("row.undoes"), FALSE]) if "row.undoes" in drafts else FALSE
    counts = otherwise(source.num("row.counts"), number(1)) if "row.counts" in drafts else number(1)
    for name in ("fact_id", "row.root", "row.order_by", RATED):
        if name in drafts:
            columns[name] = source[name]
    if may_stand_on_nothing(drafts):
        columns["fact"] = source["fact"]
        # A line that stands on no row is a row of its own.
        alone = joined(["\x1f", as_text(source.num(LINE_NUMBER).top)])
        is_alone = equal(source.expr("fact_id"), text(""))
        root = [source.expr("row.root")] if "row.root" in drafts else []
        columns["row.root"] = Plain(chosen([(is_alone, alone)], first_given([*root, alone])))
    columns["row.counts"] = pick([(takes_back, negate(counts))], counts)
    is_back = chosen([(takes_back, negated(undoes))], undoes)
    columns["row.undoes"] = Plain(is_back)
    columns[DATED] = Plain(earned_on)
    moved = any_of([is_moved, first_given([source.expr(MOVED), FALSE]) if MOVED in drafts else FALSE])
    if moved != FALSE:
        columns[MOVED] = Plain(moved)
    is_earlier = any_of([undoes, moved])
    judged_on = (
        chosen([(is_earlier, source.expr("judged_on"))], earned_on) if is_earlier != FALSE else earned_on
    )
    columns[JUDGED_ON] = Plain(judged_on)
    columns[EARNING] = amount
    judged = pick([(is_back, negate(amount))], amount)
    if "whole" in drafts and is_moved != FALSE:
        whole = source.num("whole")
        judged = pick([(is_moved, absolute(whole))], judged)
    columns[JUDGED_EARNING] = judged
    columns[EARNER_KIND], columns[EARNER] = source["payee_kind"], source["payee"]
    if LINE_NUMBER in drafts:
        columns[LINE] = source[LINE_NUMBER]
    source.keep(negated(_is_part(part, Part.PRIZE)))
    within = rule.effective
    source.keep(compared(judged_on, ">=", day(within.start)))
    source.keep(compared(judged_on, "<=", day(within.end)))
    comment = f"rule {rule.name} ({rule.source.origin}): the lines of `{rule.source.rule}` are its rows"
    return compilation.add(f"{rule.name}_rows", comment, source, rule=rule)


def may_stand_on_nothing(drafts: Relation) -> bool:
    """Whether any of the drafts may stand on no row, which they say in a column `fact`."""
    return "fact" in drafts and (
        not is_literal(drafts.columns["fact"]) or drafts.columns["fact"] == Plain(text(""))
    )


def _is_part(part: Expr, wanted: Part) -> Expr:
    if isinstance(part, Literal):
        return TRUE if part.value == wanted.value else FALSE
    return equal(part, text(wanted.value))


# --- how they are read ---------------------------------------------------------------------------


def line_reads(compilation: Compilation, rule: nodes.Rule, rows: Relation) -> Reads:
    """Return what reads the rows of a rule on earnings as they are judged."""
    source = From(rows)
    judged_on = source.expr(JUDGED_ON)
    base = rule_with_rows(compilation.plan, rule)
    if isinstance(base.source, nodes.CalendarSource):
        reads = Reads(compilation, source, ROOT, judged_on, base.source.kind, key=PAYEE)
        reads.row = rows_of(compilation, base)
    else:
        assert isinstance(base.source, nodes.FactSource)
        reads = Reads(compilation, source, ROOT, judged_on, base.source.kind, key="row.root")
        reads.row = facts_of(compilation, base.source.kind)
        reads.is_on_other_day = True
    other = (
        rule_named(compilation.plan, rule.source.rule)
        if isinstance(rule.source, nodes.EarningsSource)
        else rule
    )
    reads.kinds, reads.kind_of_payee = payee_kinds(compilation.plan, other), source.expr(EARNER_KIND)
    reads.payee_kind = reads.kinds[0] if len(reads.kinds) == 1 else ""
    reads.earner = source.expr(EARNER)
    # What takes a line back is judged by the date of that line, as it is by its amount.
    reads.earning, reads.earned = source.num(JUDGED_EARNING), judged_on
    return reads


def rows_of(compilation: Compilation, rule: nodes.Rule) -> Relation:
    """Return the rows of a calendar that a rule looks at; the stage is made when it is first asked for."""
    made = ("rows", rule.name)
    if made not in compilation.relations:
        compilation.relations[made] = rows_of_calendar(compilation, rule)
    return compilation.relations[made]


def row_key(source: From) -> Value:
    """Return what tells the row of a select from all others whose credit is shared."""
    if EARNING not in source.relation:
        # Facts may have a field of any name, `line` too.
        return source["row.root"]
    if LINE not in source.relation:
        return source["fact_id"]
    return Plain(joined([source.expr("fact_id"), "\x1f", as_text(source.num(LINE).top)]))
