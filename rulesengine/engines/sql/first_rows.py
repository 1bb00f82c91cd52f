"""Step 3b, first rows: of each key only the first rows count, so many or for so long."""

from __future__ import annotations

from rulesengine.engines.first_keys import list_of, lists_of_keys
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.award_rows import fact_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.dates import after, count_of
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import in_order, key_of
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.values import Number, Plain
from rulesengine.plan import nodes

KEY = "first."
"""Before the names of columns that tell of which rows a row may be among the first."""


def add_first(rule: nodes.Rule, version: nodes.Version, judge: Reads) -> None:
    """Add the keys that a row takes a place for, those of its own version as text too, and how long rows
    count."""
    clause, columns = version.first, judge.source.columns
    if clause is not None:
        pieces: list[Expr | str] = []
        for key in clause.keys:
            pieces += [", " if pieces else "", key_text(judge.read(key))]
        columns[f"{KEY}key"] = Plain(joined(pieces))
        if clause.span is not None:
            columns[f"{KEY}span"] = Number(count_of(clause.span, judge), 0, 10**9)
    # Rows take a place in all versions, though what others ask for keeps nobody from being paid.
    with judge.within(FALSE):
        for index, keys in enumerate(lists_of_keys(rule)):
            for place, key in enumerate(keys):
                columns[f"{_of(index)}key_{place}"] = Plain(key_of(key, judge, rule))


def _of(index: int) -> str:
    """Return what the columns of a list of keys begin with."""
    return f"{KEY}{index}_"


def first_rows(compilation: Compilation, items: Relation, rule: nodes.Rule) -> Relation:
    """Return the items whose rows are among the first of their key, and note down the others.

    The rows of a key are those that the rule looks at and whose conditions hold, in the order of
    measures, in whatever version of the rule. A row that undoes another counts if that one does.
    """
    if all(version.first is None for version in rule.versions):
        return items
    numbered = items
    for index in range(len(lists_of_keys(rule))):
        numbered = _numbered(compilation, numbered, rule, index)
    test = From(numbered)
    counts = _counts(test, rule)
    _note(compilation, numbered, rule)
    test.take_all(without=[name for name in numbered.columns if name.startswith(KEY)])
    test.keep(counts)
    comment = f"rule {rule.name}: rows that are among the first of their key"
    return compilation.add(f"{rule.name}_first", comment, test, rule=rule)


def _keys(relation: Relation, index: int) -> list[str]:
    return [name for name in relation.columns if name.startswith(f"{_of(index)}key_")]


def _numbered(compilation: Compilation, items: Relation, rule: nodes.Rule, index: int) -> Relation:
    """Return the items with the place of their row among those of the key, `rank` from 1, and the date of the
    first of them, `on`, for one list of keys."""
    of, suffix = _of(index), f"_{index + 1}" if index else ""
    comment = f"rule {rule.name}: the rows of each key, in order"
    source = From(items)
    source.take_all()
    keys = source.keys(_keys(items, index))
    place = over("row_number", [], partition=keys, order=in_order(source), sort=Sort.INT)
    source.columns[f"{of}place"] = Number(place, 0, 10**15)
    placed = compilation.add(f"{rule.name}_keyed{suffix}", comment, source, rule=rule)
    source = From(placed)
    source.take_all()
    # Lines of another rule may stand on rows of several kinds.
    kind = ["fact"] if "fact" in items else []
    of_row = source.keys([*_keys(items, index), *kind, "row.root"])
    own = chosen([(negated(source.expr("row.undoes")), source.num(f"{of}place").top)], null(Sort.INT))
    source.columns[f"{of}head"] = Number(over("min", [own], partition=of_row, sort=Sort.INT), 0, 10**15)
    headed = compilation.add(f"{rule.name}_keyed_heads{suffix}", comment, source, rule=rule)
    source = From(headed)
    source.take_all()
    keys = source.keys(_keys(items, index))
    head = source.num(f"{of}head").top
    # A row credited to several payees is one row; the first of its items stands for it.
    rank = over("dense_rank", [], partition=keys, order=[is_null(head), head], sort=Sort.INT)
    first = over("min", [head], partition=keys, sort=Sort.INT)
    source.columns[f"{of}first"] = Number(first, 0, 10**15)
    source.columns[f"{of}rank"] = Number(rank, 0, 10**15)
    ranked = compilation.add(f"{rule.name}_keyed_ranks{suffix}", comment, source, rule=rule)
    source = From(ranked)
    source.take_all()
    keys = source.keys(_keys(items, index))
    is_first = surely(equal(source.num(f"{of}place").top, source.num(f"{of}first").top))
    on = chosen([(is_first, source.expr("judged_on"))], null(Sort.DATE))
    source.columns[f"{of}on"] = Plain(over("max", [on], partition=keys, sort=Sort.DATE))
    return compilation.add(f"{rule.name}_keyed_rows{suffix}", comment, source, rule=rule)


def _counts(source: From, rule: nodes.Rule) -> Expr:
    tests: list[tuple[Expr, Expr]] = []
    for index, version in enumerate(rule.versions):
        here = equal(source.num("version").top, integer(index)) if len(rule.versions) > 1 else TRUE
        counts = TRUE if version.first is None else _counts_in(source, version.first, rule)
        tests.append((here, counts))
    return chosen(tests, TRUE)


def _counts_in(source: From, clause: nodes.FirstRows, rule: nodes.Rule) -> Expr:
    of = _of(list_of(clause, rule))
    is_there = is_given(source.num(f"{of}head").top)
    if clause.count is not None:
        return all_of([is_there, compared(source.num(f"{of}rank").top, "<=", integer(clause.count))])
    assert clause.span is not None
    end = after(source.expr(f"{of}on"), source.num(f"{KEY}span").top, clause.span.unit)
    # An end that no calendar has is far away.
    return all_of([is_there, first_given([compared(source.expr("judged_on"), "<", end), TRUE])])


def _note(compilation: Compilation, numbered: Relation, rule: nodes.Rule) -> None:
    source = From(numbered)
    source.keep(negated(_counts(source, rule)))
    clauses = [
        (
            equal(source.num("version").top, integer(index)) if len(rule.versions) > 1 else TRUE,
            text(version.first.text if version.first is not None else ""),
        )
        for index, version in enumerate(rule.versions)
    ]
    source.columns = {
        "rule": Plain(text(rule.name)),
        "payee_kind": source["payee_kind"],
        "payee": source["payee"],
        "fact": fact_of(source, rule),
        "fact_id": source["fact_id"],
        "dated": source["dated"],
        "reason": Plain(text(Reason.OUTSIDE_DURATION.value)),
        "detail": Plain(joined([chosen(clauses, text("")), ": ", source.expr(f"{KEY}key")])),
    }
    comment = f"rule {rule.name}: rows that are not among the first of their key"
    relation = compilation.add_written(f"{rule.name}_not_first", comment, source, rule=rule)
    compilation.outcomes.append(relation)
