"""What decides on totals again: the questions of a version, and what rows that ask the same have in common.

Rows that ask the same questions of the same totals, and read the same values for all else, share an account
(engines/reference/in_total.py). Columns of items behind `again.` tell accounts apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.engines.sql.conditions import failure, holds
from rulesengine.engines.sql.due import is_dated
from rulesengine.engines.sql.expressions import Expr, Sort, all_of, chosen, is_given, is_null, negated, null
from rulesengine.engines.sql.fractions import in_lowest_terms
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.targets import target_of
from rulesengine.engines.sql.total_reads import scope_read
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, Value, expr_of, otherwise
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import of_condition, of_operand, rate_of, reads_in_total

AGAIN, NOT_YET = "again.", "not_yet"
Question = tuple[nodes.Condition | nodes.Operand, tuple[nodes.MeasureRead, ...]]


def asks_again(rule: nodes.Rule, plan: nodes.Plan) -> bool:
    """Whether a rule reads a total that is decided again."""
    return any(reads_in_total(version, plan.tables) for version in rule.versions)


def questions_of(version: nodes.Version, plan: nodes.Plan) -> Iterator[Question]:
    """Yield everything that decides on the rate, with the totals that it asks for."""
    for condition in version.conditions:
        reads = tuple(of_condition(condition))
        if reads:
            yield condition, reads
    for adjuster in version.adjusters:
        if not isinstance(adjuster, nodes.Times):
            break
        if adjuster.when is not None:
            yield adjuster.when, tuple(of_condition(adjuster.when))
        yield adjuster.factor, tuple(of_operand(adjuster.factor, plan.tables))
    if isinstance(version.rate, nodes.Pay):
        for part in version.rate.parts:
            rate = rate_of(part)
            if rate is not None:
                yield rate, tuple(of_operand(rate, plan.tables))


def totals_of(version: nodes.Version, plan: nodes.Plan) -> list[nodes.MeasureRead]:
    """Return the totals that a version decides on again, each once."""
    found = {read.text: read for _, reads in questions_of(version, plan) for read in reads}
    return list(found.values())


def conditions_at_once(version: nodes.Version) -> tuple[nodes.Condition, ...]:
    """Return the conditions that a row is judged by once."""
    return tuple(test for test in version.conditions if not any(of_condition(test)))


def add_not_yet(version: nodes.Version, judge: Reads) -> None:
    """Add why a row itself earns nothing, `not_yet`: the first condition on a total that fails, if any."""
    again = [test for test in version.conditions if any(of_condition(test))]
    whens: list[tuple[Expr, Expr]] = []
    held: list[Expr] = []
    for condition in again:
        with judge.within(all_of(held)):
            test = holds(condition, judge)
            noted = len(judge.notes)
            words = failure(condition, judge)
            del judge.notes[noted:]
        whens.append((negated(test), words))
        held.append(test)
    judge.source.columns[NOT_YET] = Plain(chosen(whens, null(Sort.TEXT)))


def add_again(rule: nodes.Rule, version: nodes.Version, judge: Reads) -> None:
    """Add the columns that tell the account of a row."""
    plan, columns = judge.compilation.plan, judge.source.columns
    _refuse(rule, version, plan)
    kept = list(judge.notes)
    for place, read in enumerate(totals_of(version, plan)):
        for name, value in scope_read(read, judge).items():
            if name.startswith("key_") or name == "window_start":
                columns[f"{AGAIN}{place}.{name}"] = value
        target = target_of(read.against, judge, Plain(judge.day))
        for number_of, value in enumerate([] if target is None else _keys(target)):
            columns[f"{AGAIN}{place}.target_{number_of}"] = value
    rest = [value for what, _ in questions_of(version, plan) for value in _rest(what, judge)]
    for place, value in enumerate(each for found in rest for each in _keys(found)):
        columns[f"{AGAIN}rest_{place}"] = value
    judge.notes[:] = kept


def _refuse(rule: nodes.Rule, version: nodes.Version, plan: nodes.Plan) -> None:
    """Refuse what lines on rows of other kinds, or dates read on them, would need."""
    is_plain = isinstance(version.rate, nodes.Pay) and rule.measure is None and rule.rank is None
    others = rule.goals or rule.award or rule.budget or is_dated(rule, plan) or plan.convert is not None
    deducts = any(isinstance(each, nodes.Deduct) for each in version.adjusters)
    if not is_plain or others or deducts or isinstance(rule.source, nodes.EarningsSource):
        read = totals_of(version, plan)[0]
        what = "`in total` beside tiers, goals, awards, budgets, dates, `deduct` or converted statements"
        raise unsupported(what, read.origin, rule.name)


def _rest(what: nodes.Condition | nodes.Operand, reads: Reads) -> list[Value]:
    """Return what two rows must have in common to get one answer at every moment, but for the totals."""
    match what:
        case nodes.AllOf(tests=tests) | nodes.AnyOf(tests=tests):
            return [value for test in tests for value in _rest(test, reads)]
        case nodes.Not(test=test):
            return _rest(test, reads)
        case nodes.Compare(left=nodes.MeasureRead(in_total=True), right=right):
            match right:
                case nodes.FieldRead() | nodes.Constant() | nodes.ShareOfRead():
                    return [reads.value(right)]
                case nodes.DateRead(operand=operand):
                    return [reads.value(operand)]
                case _:
                    return []
        case nodes.MeasureRead(in_total=True):
            return []
        case nodes.TableRead(table=name):
            table = reads.compilation.plan.tables[name]
            given = [value for key in table.keys for value in _rest(key, reads)]
            return given + [reads.value(row.value) for row in table.rows]
        case nodes.OtherwiseRead(read=read, default=default):
            return _otherwise(reads.read(read), _rest(default, reads), is_one=not _is_table(default))
        case nodes.FieldRead() | nodes.Constant() | nodes.ShareOfRead() | nodes.MeasureRead():
            return [reads.value(what)]
        case _:
            return [Plain(holds(what, reads))]


def _is_table(operand: nodes.Operand) -> bool:
    last = operand
    while isinstance(last, nodes.OtherwiseRead):
        last = last.default
    return isinstance(last, nodes.TableRead)


def _otherwise(found: Value, instead: list[Value], *, is_one: bool) -> list[Value]:
    """Return the value that is found, else what stands for the one that is read instead."""
    is_missing = is_null(expr_of(found))
    if is_one and len(instead) == 1:
        (other,) = instead
        if isinstance(found, Number) and isinstance(other, Number):
            return [otherwise(found, other)]
        return [Plain(chosen([(is_missing, expr_of(other))], expr_of(found)))]
    hidden: list[Value] = []
    for value in instead:
        for each in _keys(value):
            expr = expr_of(each)
            kept = chosen([(is_given(expr_of(found)), null(expr.sort))], expr)
            hidden.append(Plain(kept) if isinstance(each, Plain) else Number(kept, each.scale, each.most))
    return [found, *hidden]


def _keys(value: Value) -> list[Value]:
    """Return what tells a value apart from others: of a quotient both its numbers, in lowest terms."""
    if isinstance(value, Plain) or value.bottom is None:
        return [value]
    small = in_lowest_terms(value)
    assert small.bottom is not None
    return [Number(small.top, 0, small.most), Number(small.bottom, 0, small.bottom_most)]
