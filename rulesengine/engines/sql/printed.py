"""A plan as SQL to read: every stage with the rule and the clause that it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.nominal import SAYS, nominal_book
from rulesengine.engines.sql.relations import Stage, leading_to
from rulesengine.engines.sql.spark_dialect import Spark
from rulesengine.plan import nodes

DIALECTS: dict[str, type[Dialect]] = {DuckDB.name: DuckDB, Spark.name: Spark}
"""By the name that `show sql --dialect` takes."""


def printed_plan(plan: nodes.Plan, dialect: str, rule: str | None = None) -> str:
    """Return a plan as the SQL of a dialect, for facts of ordinary size.

    Args:
        plan: a checked plan.
        dialect: a name of `DIALECTS`.
        rule: only its stages are printed, and those that lead to them, be they of other rules.

    Raises:
        Rejected: R1301, the plan has a clause that the batch engine does not carry out.
    """
    pipeline = compile_plan(plan, nominal_book(plan.schema), plan.effective.end)
    head = f"-- Plan {plan.name}, through {plan.effective.end}. {SAYS}\n"
    head += "-- The engine compiles it anew for the facts that it finds.\n"
    writer = DIALECTS[dialect]()
    asked = (each.name for each in pipeline.stages if rule is None or each.rule == rule)
    stages = leading_to(asked, pipeline.stages)
    words = writer.words(pipeline.words)
    return head + "\n" + (f"{words};\n\n" if words else "") + printed(stages, writer)


def printed(stages: Sequence[Stage], dialect: Dialect) -> str:
    """Return the statements of stages, in order."""
    return "".join(f"{dialect.stage(stage)};\n\n" for stage in stages).rstrip("\n") + "\n"
