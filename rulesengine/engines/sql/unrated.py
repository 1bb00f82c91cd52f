"""Rows that a rule has no exchange rate for: they are rejected, for all rules, and so is what undoes them.

Each rule that converts reads its rows once to find them, and again without them (the reference engine
evaluates the book anew). Rows that only turn up then, because others are gone, are an error of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation, Refusal, Trial
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_given,
    is_null,
    joined,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import facts_of
from rulesengine.engines.sql.reads import Problem, Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, number
from rulesengine.model.change import replace
from rulesengine.model.stored_book import FILE, ROW
from rulesengine.plan import nodes
from rulesengine.plan.measures_read import converted_measures

TRIAL = "_rates"
"""Behind the names of stages that only look for rates."""
_WHY = ("field", "value", "code", "reason")
_ORDER = ("nth_rule", "dated", "row.order_by", "fact_id", "turn")


def with_rates(problems: Sequence[Problem], rule: nodes.Rule) -> list[Problem]:
    """Return the problems as outcomes say them: rows of facts without rates are not in the facts."""
    if not isinstance(rule.source, nodes.FactSource):
        return list(problems)
    missing = joined([f"rule {rule.name}: without the rows that are rejected others need a rate: "])
    return [
        each
        if each.rejects is None
        else replace(each, detail=Call("raise", (joined([missing, each.detail]),), Sort.TEXT))
        for each in problems
    ]


def refuse_unrated_earnings(
    compilation: Compilation, outcomes: Relation, problems: Sequence[Problem], rule: nodes.Rule
) -> None:
    """Leave a run to the reference engine if an earning cannot be converted: the row that it stands on is
    rejected, for the rule that earned it too, so that everything is worked out once more without it."""
    if not any(each.rejects for each in problems) or not _stands_on_facts(compilation.plan, rule):
        return
    source = From(outcomes)
    source.keep(equal(source.expr("reason"), text(Reason.NO_RATE.value)))
    source.keep(compared(source.expr("fact_id"), "<>", text("")))
    order = [source.key(name) for name in ("dated", "fact_id") if name in outcomes]
    nth = Number(over("row_number", [], partition=[], order=order, sort=Sort.INT), 0, 10**9)
    origin = rule.convert.origin if rule.convert is not None else rule.origin
    refused = unsupported("earnings without an exchange rate", origin, rule.name).diagnostics[0]
    words = [f"{refused.message}: row `", source.expr("fact_id"), "`, ", source.expr("detail")]
    source.columns = {"message": Plain(joined(words)), "nth": nth}
    name = f"{outcomes.name}_unrated"
    comment = f"rule {rule.name}: earnings that there is no exchange rate for"
    found = compilation.add_written(name, comment, source, rule=rule)
    compilation.refusals.append(Refusal(found.name, refused.code, origin, refused.hint))


def _stands_on_facts(plan: nodes.Plan, rule: nodes.Rule) -> bool:
    """Return whether a rule is on the earnings of rows of facts, through any chain of rules."""
    if not isinstance(rule.source, nodes.EarningsSource):
        return False
    of = {each.name: each for each in plan.rules}
    while isinstance(rule.source, nodes.EarningsSource):
        rule = of[rule.source.rule]
    return isinstance(rule.source, nodes.FactSource)


def leave_out_unrated(compilation: Compilation) -> None:
    """Leave out the rows of facts that a rule or a measure that is read has no rate for, and reject them."""
    found: dict[str, list[From]] = {}
    known = set(compilation.relations)
    facts = {facts_of(compilation, kind).name for kind in compilation.book.facts}
    trial = compilation.trial = Trial(TRIAL, facts)
    for place, (kind, reads) in enumerate(_converting(compilation)):
        for each in reads:
            if any(problem.rejects is not None for problem in each.problems):
                found.setdefault(kind, []).append(_without_rate(each, place))
    compilation.trial = None
    # What was made for several, such as totals, counts rows that are about to go.
    for made in compilation.relations.keys() - known:
        if compilation.relations[made].name in trial.reads:
            del compilation.relations[made]
    for kind, parts in found.items():
        _check_shares(compilation, kind)
        unrated = _first_each(compilation, kind, parts)
        _reject(compilation, kind, unrated)
        compilation.relations["facts", kind] = _others(compilation, kind, unrated)


def _converting(compilation: Compilation) -> Iterator[tuple[str, list[Reads]]]:
    """Yield what reads the rows of every rule, and of every named measure that one reads, where it converts,
    with the kind of the rows, in the order in which the reference engine looks at them."""
    from rulesengine.engines.sql.items import read_version
    from rulesengine.engines.sql.measure_moves import dates_of_measure, read_moves

    plan = compilation.plan
    for measure, rows in converted_measures(plan):
        within = dates_of_measure(compilation, measure)
        yield rows.source.kind, [read_moves(compilation, measure, within, f"moves_{measure.name}")]
    for rule in plan.rules:
        if rule.convert is not None and isinstance(rule.source, nodes.FactSource):
            made = []
            for index in range(len(rule.versions)):
                judge, _, here = read_version(compilation, rule, index)
                judge.source.keep(here)
                made.append(judge)
            yield rule.source.kind, made


def _without_rate(judge: Reads, place: int) -> From:
    source = judge.source
    kept = {"row.root", "fact_id", "dated", "row.order_by", "turn"}
    source.columns = {name: value for name, value in source.columns.items() if name in kept}
    source.columns["nth_rule"] = number(place)
    whens: dict[str, list[tuple[Expr, Expr]]] = {name: [] for name in _WHY}
    for problem in judge.problems:
        rejects = problem.rejects
        told: dict[str, Expr] = {name: null(Sort.TEXT) for name in _WHY}
        if rejects is not None:
            told = {"field": text(rejects.field), "value": rejects.value, "code": text(rejects.code)}
            told["reason"] = problem.detail
        for name, value in told.items():
            whens[name].append((problem.when, value))
    for name in _WHY:
        source.columns[name] = Plain(chosen(whens[name], null(Sort.TEXT)))
    source.keep(any_of([each.when for each in judge.problems if each.rejects is not None]))
    return source


def _first_each(compilation: Compilation, kind: str, parts: list[From]) -> Relation:
    """Return the rows without a rate, each once, with the first reason that was found."""
    comment = f"facts {kind}: what rules find no exchange rate for"
    source = From(compilation.add_union(f"unrated_{kind}_found", comment, parts))
    source.take_all()
    source.keep(is_given(source.expr("code")))
    named = [source[name] for name in _ORDER if name in source.relation]
    order = [_expr(value) for value in named if not is_literal(value)]
    place = over("row_number", [], partition=[source.expr("row.root")], order=order, sort=Sort.INT)
    source.columns["nth"] = Number(place, 0, 10**9)
    source = From(compilation.add(f"unrated_{kind}_places", comment, source))
    source.keep(equal(source.num("nth").top, integer(1)))
    source.columns = {name: source[name] for name in ("row.root", *_WHY)}
    comment = f"facts {kind}: rows that a rule has no exchange rate for"
    return compilation.add(f"unrated_{kind}", comment, source, is_kept=True)


def _others(compilation: Compilation, kind: str, unrated: Relation) -> Relation:
    kept = From(facts_of(compilation, kind))
    out = kept.join(unrated, {"row.root": kept.expr("row.root")})
    kept.take_all()
    kept.keep(is_null(out.expr("row.root")))
    return compilation.add(f"rated_{kind}", f"facts {kind} with rates for all that rules read", kept)


def _reject(compilation: Compilation, kind: str, unrated: Relation) -> None:
    source = From(facts_of(compilation, kind))
    found = source.join(unrated, {"row.root": source.expr("row.root")}, is_left=False)
    shape = compilation.kind(kind)
    stored = compilation.stored_facts(kind)
    place = source.join(stored, {shape.key.name: source.expr("fact_id")}, is_left=False)
    undoes = source.expr("row.undoes")
    field = text(shape.reverses.name if shape.reverses is not None else "")
    source.columns = {
        "kind": Plain(text(kind)),
        "file": place[FILE],
        "row": place[ROW],
        "key": source["fact_id"],
        "field": Plain(chosen([(undoes, field)], found.expr("field"))),
        "value": Plain(chosen([(undoes, text(""))], found.expr("value"))),
        "code": found["code"],
        "reason": Plain(chosen([(undoes, text("the row it undoes is rejected"))], found.expr("reason"))),
    }
    comment = f"facts {kind} that a rule has no exchange rate for"
    compilation.rejects.append(compilation.add_written(f"rejects_{kind}_unrated", comment, source))


def _check_shares(compilation: Compilation, kind: str) -> None:
    """Refuse shares that stand in rows which may be rejected: what they make would change with them."""
    for rule in compilation.plan.rules:
        for version in rule.versions:
            if isinstance(version.credit, nodes.CreditEach) and version.credit.kind == kind:
                raise unsupported("shares in rows with amounts in other currencies", version.credit.origin)


def _expr(value: Value) -> Expr:
    return value.expr if isinstance(value, Plain) else value.top
