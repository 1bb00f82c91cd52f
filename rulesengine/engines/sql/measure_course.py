"""Where the total of a named measure stood at the end of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesengine.engines.sql.accumulate import accumulate, with_before
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    any_of,
    compared,
    equal,
    is_null,
    joined,
    negated,
    over,
    text,
)
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.measure_moves import as_rule, dates_of_measure, most_moves, moves_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import add_window, in_order, scope_columns
from rulesengine.engines.sql.totals import NTH
from rulesengine.engines.sql.values import Number, Plain, Value, expr_of, number, otherwise
from rulesengine.plan import nodes


def running_total(compilation: Compilation, measure: nodes.Measure) -> Relation:
    """Return what moves a named measure, in order, with `before` and `after`, its total without and with
    each; `nth_move`, its place among those of its scope, from 1; and `at_kind`, the place of its kind of
    row, with `order_by_KIND`, what that is in order by, as totals.py asks for them."""
    assert measure.name is not None
    # The measure as it is written: rules on rows of a calendar read its keys in a way of their own.
    measure = compilation.plan.measures[measure.name]
    made, name = ("total", measure.name), f"total_{measure.name}"
    if made not in compilation.relations:
        if isinstance(measure.against, nodes.WeightedTarget):
            from rulesengine.engines.sql.weighted import weighted_total

            compilation.relations[made] = weighted_total(compilation, measure, name)
        else:
            compilation.relations[made] = _running_total(compilation, measure, name)
    return compilation.relations[made]


def _running_total(compilation: Compilation, measure: nodes.Measure, name: str) -> Relation:
    assert measure.rows is not None
    within = dates_of_measure(compilation, measure)
    moves = moves_of(compilation, measure, within)
    rule = as_rule(compilation.plan, measure, within, name)
    moved = accumulate(compilation, Items(rule, moves, ()), most_moves(compilation, measure))
    source = From(with_before(compilation, moved, rule))
    source.take_all()
    kind = measure.rows.source.kind
    source.columns["fact"] = Plain(text(kind))
    source.columns["at_kind"] = number(list(compilation.plan.schema.kinds).index(kind))
    if "row.order_by" in moved:
        source.columns[f"order_by_{kind}"] = source["row.order_by"]
    place = over("row_number", [], partition=in_scope(source), order=in_order(source), sort=Sort.INT)
    source.columns[NTH] = Number(place, 0, 10**12)
    comment = f"measure {measure.name}: its total with each row"
    return compilation.add(name, comment, source, is_kept=True)


def in_scope(source: From) -> list[Expr]:
    """Return what makes one total of a measure."""
    found = [source[each] for each in scope_columns(source.relation)]
    return [expr_of(each) for each in found if not is_literal(each)]


@dataclass(frozen=True, slots=True)
class Course:
    """The totals of a measure that is kept by payee, day by day."""

    compilation: Compilation
    measure: nodes.Measure

    def on(self, source: From, day: Expr, kinds: Sequence[str], kind: Expr, payee: Expr) -> Number:
        """Join what a payee has of the measure at the end of a day, in the window of that day; zero where
        nothing moved it.

        Args:
            kinds: which kinds of payee there may be.
        """
        days = self._days()
        columns: dict[str, Value] = {"dated": Plain(day)}
        reads = Reads(self.compilation, source, "", day, kinds[0], payee=payee, kinds=tuple(kinds))
        reads.payee_kind, reads.kind_of_payee = kinds[0] if len(kinds) == 1 else "", kind
        add_window(self.measure.window, day, reads, columns)
        found = source.join_on(days)
        tests = [equal(found.expr("key_1"), joined([kind, "\x1f", payee]))]
        for name in ("window_start", "key_window"):
            if name in days and name in columns:
                tests.append(equal(expr_of(found[name]), expr_of(columns[name])))
        until = found.expr("until")
        tests.append(compared(found.expr("dated"), "<=", day))
        tests.append(any_of([is_null(until), compared(until, ">", day)]))
        tests += [negated(problem.when) for problem in reads.problems]
        source.close(found, all_of(tests))
        return otherwise(found.num("after"), number(0))

    def _days(self) -> Relation:
        """Return the total at the end of each day on which something moved it, `until` the next such day."""
        measure = self.measure
        made, name = ("course", measure.name), f"course_{measure.name}"
        compilation = self.compilation
        if made in compilation.relations:
            return compilation.relations[made]
        moved = running_total(compilation, measure)
        source = From(moved)
        keys = [each for each in scope_columns(moved) if not is_literal(moved.columns[each])]
        for each in (*keys, "dated", "after"):
            source.columns[each] = source[each]
        partition = [expr_of(source[each]) for each in keys]
        next_day = over(
            "lead", [source.expr("dated")], partition=partition, order=in_order(source), sort=Sort.DATE
        )
        source.columns["until"] = Plain(next_day)
        comment = f"measure {measure.name}: its total with each row"
        each_row = compilation.add(f"{name}_rows", comment, source)
        source = From(each_row)
        source.take_all()
        until = source.expr("until")
        source.keep(any_of([is_null(until), compared(until, ">", source.expr("dated"))]))
        compilation.relations[made] = compilation.add(
            name, f"measure {measure.name}: its total at the end of each day", source, is_kept=True
        )
        return compilation.relations[made]
