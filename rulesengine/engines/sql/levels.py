"""Who stands at each level above a row: a reference that is followed again and again."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import in_segment
from rulesengine.engines.sql.earned_rows import row_key
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    any_of,
    chosen,
    compared,
    first_given,
    integer,
    is_given,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Number, Plain, number
from rulesengine.model.change import replace
from rulesengine.plan import nodes


def levels_of(compilation: Compilation, how: nodes.CreditLevels, rule: nodes.Rule, name: str) -> Relation:
    """Return who stands at each level of a row, the nearest first; nobody stands at two.

    The chains are followed once for each day on which somebody begins one, not for each row.
    """
    begun = _begun(compilation, how, rule, f"{name}_begun")
    chain = _chain(compilation, how, rule, begun, f"{name}_chain")
    source = From(begun)
    on = {each: source.expr(each) for each in ("below", "start", "day")}
    found = source.join(chain, on, is_left=False)
    source.keep(found.expr("has_level"))
    level = found.num("level")
    source.columns = {
        "row.root": source["row.root"],
        "payee_kind": Plain(text(how.payee_kind)),
        "payee": found["payee"],
        "share": number(1),
        "place": level,
        "level": level,
    }
    return compilation.add(
        name, f"rule {rule.name}: the levels of each row ({how.origin})", source, rule=rule
    )


def _begun(compilation: Compilation, how: nodes.CreditLevels, rule: nodes.Rule, name: str) -> Relation:
    """Return the rows with who is `below` the first level, its `start`, and the day."""
    from rulesengine.engines.sql.credit import own_rows

    source, reads = own_rows(compilation, rule)
    day = reads.day
    start = reads.read(how.path)
    below = reads.read(replace(how.path, names=how.path.names[:-1]))
    assert isinstance(start, Plain) and isinstance(below, Plain)
    source.keep(surely(compared(start.expr, "<>", below.expr)))
    source.columns = {"row.root": row_key(source), "below": below, "start": start, "day": Plain(day)}
    return compilation.add(name, f"rule {rule.name}: where chains of levels begin", source, rule=rule)


def _chain(
    compilation: Compilation, how: nodes.CreditLevels, rule: nodes.Rule, begun: Relation, name: str
) -> Relation:
    source = From(begun)
    source.take_all(without=["row.root"])
    source.groups = [source.expr(each) for each in source.columns]
    starts = compilation.add(
        f"{name}_starts", f"rule {rule.name}: chains that begin alike", source, rule=rule
    )
    first = From(starts)
    first.take_all()
    met = Call("list", (first.expr("below"), first.expr("start")), Sort.TEXTS)
    _visit(compilation, how, first, first.expr("start"), number(0), met)

    def step(found: Relation) -> From:
        source = From(found)
        for each in ("below", "start", "day"):
            source.columns[each] = source[each]
        met, key = source.expr("met"), source.expr("next")
        source.keep(is_given(key))
        source.keep(negated(source.expr("stops")))
        source.keep(compared(source.num("level").top, "<", integer(how.most)))
        source.keep(negated(surely(Call("contains", (met, key), Sort.FLAG))))
        _visit(compilation, how, source, key, source.num("level"), Call("appended", (met, key), Sort.TEXTS))
        return source

    comment = f"rule {rule.name}: chains of {how.link}, level by level"
    return compilation.add_recursion(name, comment, first, step, rule=rule)


def _visit(
    compilation: Compilation, how: nodes.CreditLevels, source: From, key: Expr, below: Number, met: Expr
) -> None:
    """Set the columns of a payee on a chain: whether it has a level, which, and who is next."""
    day = source.expr("day")
    reads = Reads(compilation, source, "", day, how.payee_kind)
    has_level: Expr = TRUE
    stops: Expr = FALSE
    if how.segment is not None:
        member = in_segment(key, compilation.plan.segments[how.segment], reads)
        # Where a condition cannot be told yet, nothing is known of who would be next either.
        stops = any_of(problem.when for problem in reads.problems)
        has_level = chosen([(stops, FALSE)], member)
    following = reads.field(how.payee_kind, key, how.link)
    assert isinstance(following, Plain)
    up = Call("+", (below.top, integer(1)), Sort.INT)
    source.columns |= {
        "payee": Plain(key),
        "has_level": Plain(first_given([has_level, FALSE])),
        "stops": Plain(first_given([stops, FALSE])),
        "level": Number(chosen([(has_level, up)], below.top), 0, how.most),
        "met": Plain(met),
        "next": following,
    }
