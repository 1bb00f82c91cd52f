"""Which line of another rule a line was earned on: the first that the other's draft became."""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import TURN
from rulesengine.engines.sql.earned_rows import LINE, LINE_NUMBER
from rulesengine.engines.sql.expressions import Expr, Sort, equal, integer, over, text
from rulesengine.engines.sql.line_columns import line_name
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.plan import nodes


def name_lines(compilation: Compilation, source: From, given: dict[str, Value], rule: nodes.Rule) -> None:
    """Keep the ids of the lines of a rule that others are on the earnings of: that of the first line of each
    of its drafts.

    Args:
        source: the drafts, cut into parts, and numbered.
        given: what their lines are named by.
    """
    drafts = source.relation
    keys = [name for name in ("fact_id", LINE_NUMBER) if name in drafts]
    source.columns = {name: source[name] for name in keys}
    source.columns["line_id"] = Plain(line_name(given))
    order: list[Expr] = [source.num("piece").top] if "piece" in drafts else []
    if TURN in drafts:
        order, partition = [source.num(TURN).top], source.keys(keys)
        place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
        source.columns["nth"] = Number(place, 0, 10**6)
    elif "part_number" in drafts or "piece" in drafts:
        # What a part forfeits is said behind what is paid of it.
        order += [equal(source.expr("part"), text(Part.FORFEITED.value))]
        order += [source.num("part_number").top] if "part_number" in drafts else []
        partition = [source.key(name) for name in keys]
        place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
        source.columns["nth"] = Number(place, 0, 10**6)
    comment = f"rule {rule.name}: the ids of its lines, for rules on its earnings"
    named = compilation.add(f"{rule.name}_named_lines", comment, source, rule=rule)
    if order:
        source = From(named)
        source.take_all(without=["nth"])
        source.keep(equal(source.num("nth").top, integer(1)))
        named = compilation.add(f"{rule.name}_first_lines", comment, source, rule=rule)
    compilation.relations["line ids", rule.name] = named


def earned_from(compilation: Compilation, source: From, other: str) -> Expr:
    """Return the id of the line of another rule that a draft was earned on."""
    named = compilation.relations["line ids", other]
    on = {"fact_id": source.expr("fact_id")}
    if LINE in source.relation and LINE_NUMBER in named:
        on[LINE_NUMBER] = source.num(LINE).top
    return source.join(named, on).expr("line_id")
