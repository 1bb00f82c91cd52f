"""Where the total of a named measure stood at the end of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesengine.engines.sql.accumulate import accumulate
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
)
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.measure_moves import as_rule, dates_of_measure, most_moves, moves_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import add_window, in_order, scope_columns
from rulesengine.engines.sql.values import Number, Plain, Value, expr_of, number, otherwise
from rulesengine.plan import nodes


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
        tests = [equal(found.expr("key_1"), self._key(kind, payee))]
        for name in ("window_start", "key_window"):
            if name in days and name in columns:
                tests.append(equal(expr_of(found[name]), expr_of(columns[name])))
        until = found.expr("until")
        tests.append(compared(found.expr("dated"), "<=", day))
        tests.append(any_of([is_null(until), compared(until, ">", day)]))
        tests += [negated(problem.when) for problem in reads.problems]
        source.close(found, all_of(tests))
        return otherwise(found.num("after"), number(0))

    def _key(self, kind: Expr, payee: Expr) -> Expr:
        """Return the key of a payee as `scopes.key_of` makes it for the measure."""
        credit = self.measure.rows.credit if self.measure.rows is not None else None
        is_several = (
            isinstance(credit, nodes.CreditShares) and len({to.payee_kind for _, to in credit.shares}) > 1
        )
        return joined([kind, "\x1f", payee]) if is_several else payee

    def _days(self) -> Relation:
        """Return the total at the end of each day on which something moved it, `until` the next such day."""
        measure = self.measure
        name = f"course_{measure.name}"
        compilation = self.compilation
        if name in compilation.relations:
            return compilation.relations[name]
        moves = moves_of(compilation, measure, dates_of_measure(compilation, measure))
        rule = as_rule(compilation.plan, measure, dates_of_measure(compilation, measure), name)
        moved = accumulate(compilation, Items(rule, moves, ()), most_moves(compilation, measure))
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
        compilation.relations[name] = compilation.add(
            name, f"measure {measure.name}: its total at the end of each day", source, is_kept=True
        )
        return compilation.relations[name]
