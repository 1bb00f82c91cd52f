"""The last stage of a rule: its lines, with every column of the table of lines (line_columns.py)."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import UNDOES
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import join_corrected
from rulesengine.engines.sql.earned_rows import is_used
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    chosen,
    integer,
    is_given,
    null,
    over,
    text,
)
from rulesengine.engines.sql.from_lines import earned_from, name_lines
from rulesengine.engines.sql.line_columns import COLUMNS, line_columns, line_name
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import award_of
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    number,
)
from rulesengine.plan import nodes


def lines_of(compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_single: bool) -> Relation:
    """Return the lines of a rule, with all columns.

    Args:
        drafts: with amounts and dates.
        is_single: whether no award has more than one draft.
    """
    source = From(drafts)
    given = given_columns(compilation, source, rule, is_single=is_single)
    if isinstance(rule.source, nodes.EarningsSource):
        given["from_line"] = Plain(earned_from(compilation, source, rule.source.rule))
    if is_used(compilation.plan, rule):
        named = From(drafts)
        name_lines(compilation, named, given_columns(compilation, named, rule, is_single=is_single), rule)
    source.columns = line_columns(source, given)
    comment = f"rule {rule.name}: its lines"
    return compilation.add_written(f"{rule.name}_lines", comment, source, rule=rule)


def given_columns(
    compilation: Compilation, source: From, rule: nodes.Rule, *, is_single: bool
) -> dict[str, Value]:
    """Return the columns of lines that the drafts of a rule have, and those that the rule says."""
    drafts = source.relation
    given: dict[str, Value] = {name: source[name] for name, _ in COLUMNS if name in drafts}
    given |= {
        "rule": Plain(text(rule.name)),
        "kind": Plain(text(rule.kind.value)),
        "currency": Plain(text(rule.currency)),
        "memo": Plain(TRUE if rule.is_memo else FALSE),
    }
    plan = compilation.plan
    if plan.convert is None and plan.pays_in != rule.currency:
        given["paid_currency"] = Plain(text(plan.pays_in))
    given.setdefault("fact", Plain(text(rule.fact_kind)))
    given.setdefault("sequence", number(0))
    if "step" not in given:
        given["step"] = number(0) if is_single else _step(source)
    if f"{UNDOES}position" in drafts:
        given["corrects"] = Plain(_corrected(source, drafts, given))
    return given


def _step(source: From) -> Number:
    """Return the place of a draft among those of its award, from 0."""
    place = over(
        "row_number", [], partition=award_of(source), order=[source.num("position").top], sort=Sort.INT
    )
    return Number(Call("-", (place, integer(1)), Sort.INT), 0, 10**6)


def _corrected(source: From, drafts: Relation, given: dict[str, Value]) -> Expr:
    """Return the name of the line that a line takes back or changes, null where there is none."""
    other = join_corrected(source)
    named = {each: other[each] if each in drafts else value for each, value in given.items()}
    line_id = line_name(named)
    return chosen([(is_given(other.expr("fact_id")), line_id)], null(Sort.TEXT))
