"""The rows that a named measure runs over, read as those of a rule are."""

from __future__ import annotations

from rulesengine.engines.sql.amounts import own_reads
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import check_conditions
from rulesengine.engines.sql.credit import credit
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.scopes import add_scope
from rulesengine.engines.sql.values import Plain
from rulesengine.model.change import replace
from rulesengine.model.dates import BEGINNING, END, DateRange, WindowKind
from rulesengine.plan import nodes


def read_rows(compilation: Compilation, measure: nodes.Measure, suffix: str = "") -> Reads:
    """Return what reads the rows of a measure, with the columns that a course has of them (course.py) and
    why rows do not count.

    Args:
        suffix: of the stages that are made.
    """
    from rulesengine.engines.sql.items import moves_of_row, read_source

    rule = _as_rule(compilation.plan, measure, suffix)
    judge, dated = read_source(compilation, rule)
    judge.convert = rule.convert
    source = judge.source
    credit(judge, rule.versions[0], rule, 0)
    columns = source.columns
    columns["fact_id"], columns["root_id"] = source["fact_id"], source["root_id"]
    columns["dated"], columns["judged_on"] = Plain(dated), Plain(judge.day)
    columns["counts"], columns["undoes"] = source["counts"], source["undoes"]
    if "order_by" in source.relation:
        columns["order_by"] = source["order_by"]
    own = own_reads(judge, source.expr("undoes"))
    check_conditions(rule.versions[0].conditions, judge)
    add_scope(measure, judge, columns)
    columns["moves"] = moves_of_row(measure, judge, own, rule)
    return judge


def dates_of(plan: nodes.Plan, measure: nodes.Measure) -> DateRange:
    """Return the dates of the rows that a measure counts, whatever rule uses it."""
    if measure.rows is not None and measure.rows.effective is not None:
        return measure.rows.effective
    lifetime = measure.window is WindowKind.LIFETIME
    return DateRange(BEGINNING, END) if lifetime else plan.effective


def unused_name(plan: nodes.Plan, name: str) -> str:
    """Return a name that no stage of a rule begins with."""
    while any(rule.name.startswith(name) for rule in plan.rules):
        name += "_"
    return name


def _as_rule(plan: nodes.Plan, measure: nodes.Measure, suffix: str) -> nodes.Rule:
    """Return a rule that looks at the rows of a measure, and pays nothing."""
    rows = measure.rows
    assert rows is not None and measure.name is not None
    version = nodes.Version(
        start=None,
        conditions=rows.conditions,
        credit=rows.credit,
        duration=None,
        rate=None,
        adjusters=(),
        first=None,
        prorate=None,
        hold=None,
        split=None,
        release=None,
        stops=(),
        clawbacks=(),
        origin=measure.origin,
    )
    return replace(
        plan.rules[0],
        name=unused_name(plan, f"total_{measure.name}{suffix}"),
        source=rows.source,
        fact_kind=rows.source.kind,
        effective=dates_of(plan, measure),
        convert=rows.convert,
        measure=measure,
        goals=(),
        rank=None,
        award=None,
        budget=None,
        versions=(version,),
        text=measure.text,
        origin=measure.origin,
    )
