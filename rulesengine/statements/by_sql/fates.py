"""What became of each row of facts under each rule: it earned, it did not and why, or it was rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rulesengine.engines.results import Reason
from rulesengine.statements.by_sql.fact_sums import FactRows, Sums, grouped
from rulesengine.statements.by_sql.lookups import REASONS, RULES
from rulesengine.statements.by_sql.sql import single, text

if TYPE_CHECKING:
    import duckdb

REJECTED, EARNING, FIRST_REASON = 0, 1, 2
"""What became of a row, the most telling first; behind these the reasons in their order."""
_MOST_BITS = 60
_EARNING_ROWS = "run_earning"


def quick_fates(
    connection: duckdb.DuckDBPyConnection, kind: str, facts: FactRows, accepted: Sums, rules: int
) -> dict[str, dict[int, Sums]] | None:
    """Return what became of the rows of a kind, where that can be told without gathering them by rule.

    For each row that earns anything it is noted under which rules, one bit each. The rows of the
    outcomes are added up as they are; the hashes of all keys tell whether each accepted row was met once.

    Args:
        connection: to the database.
        kind: of the facts.
        facts: the rows.
        accepted: all of them, added up.
        rules: how many rules look at them.

    Returns None where rows were rejected, where a row earned for one payee and not for another, or where it
    does not add up: `fates_by_rule` finds out.
    """
    named = dict(connection.execute(f"SELECT place, rule FROM {RULES} WHERE fact = {text(kind)}").fetchall())
    if len(named) != rules or max(named, default=0) > _MOST_BITS:
        return None
    if single(connection, f"SELECT count(*) FROM engine_rejects WHERE kind = {text(kind)}"):
        return None
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_EARNING_ROWS} AS"
        " SELECT hash(l.fact_id) AS k, bit_or(CAST(1 AS BIGINT) << r.place) AS bits"
        f" FROM lines l JOIN {RULES} r USING (rule)"
        f" WHERE l.fact = {text(kind)} AND r.fact = {text(kind)} GROUP BY k"
    )
    found: dict[str, dict[int, Sums]] = {rule: {} for rule in named.values()}
    known = f"{facts.key} IS NOT NULL"
    earning = (
        f"{facts.source} JOIN {_EARNING_ROWS} e ON hash({facts.key}) = e.k"
        f" JOIN {RULES} r ON r.fact = {text(kind)} AND (e.bits >> r.place) & 1 = 1"
    )
    for keys, sums in grouped(connection, facts.fields, known, earning, "r.place", facts.key):
        found[named[keys[0]]].setdefault(EARNING, Sums()).add(sums)
    others = (
        f"outcomes o JOIN {RULES} r USING (rule) JOIN {REASONS} s USING (reason)"
        f" LEFT JOIN ({facts.source}) ON hash(o.fact_id) = hash({facts.key})"
        f" WHERE o.fact = {text(kind)} AND r.fact = {text(kind)}"
    )
    for keys, sums in grouped(connection, facts.fields, known, others, "r.place, s.place", "o.fact_id"):
        place, reason = keys
        found[named[place]].setdefault(FIRST_REASON + reason, Sums()).add(sums)
    # Rows that earn and are not among the facts, or two facts of one hash, would make a difference here.
    counted = connection.execute(
        f"SELECT r.place, count(*) FROM {_EARNING_ROWS} e JOIN {RULES} r"
        f" ON r.fact = {text(kind)} AND (e.bits >> r.place) & 1 = 1 GROUP BY ALL"
    ).fetchall()
    earned = {named[place]: rows for place, rows in counted}
    for rule, by_fate in found.items():
        is_one_to_one = by_fate.get(EARNING, Sums()).rows == earned.get(rule, 0)
        if not is_one_to_one or not _are_all(by_fate, accepted):
            return None
    return found


def _are_all(by_fate: dict[int, Sums], accepted: Sums) -> bool:
    """Return whether the rows of a rule are the accepted ones, each once."""
    total = Sums()
    for sums in by_fate.values():
        total.add(sums)
    return (total.rows, total.known, total.keys) == (accepted.rows, accepted.rows, accepted.keys)


Fates = Mapping[str, Mapping[int, Sums]]
"""What became of rows, by rule and fate."""


def fates_of_touched(
    connection: duckdb.DuckDBPyConnection, kind: str, facts: FactRows | None, lines: str, outcomes: str
) -> Fates:
    """Return what became of rows of a kind.

    Args:
        connection: to the database.
        kind: of the facts.
        facts: the rows; none where they are nowhere stored.
        lines: a query for all their lines.
        outcomes: a query for the outcomes of those that earned nothing.
    """
    places = ", ".join(f"('{reason.value}', {place})" for place, reason in enumerate(Reason))
    rule, is_of_kind = "CAST(rule AS VARCHAR) AS rule", f"fact = {text(kind)}"
    fates = (
        "SELECT rule, fact_id AS key, min(fate) AS fate FROM ("
        f"SELECT {rule}, fact_id, {EARNING} AS fate FROM ({lines}) WHERE {is_of_kind}"
        f" UNION ALL SELECT {rule}, fact_id, {FIRST_REASON} + place FROM ({outcomes}) o"
        f" JOIN (VALUES {places}) s (reason, place) ON CAST(o.reason AS VARCHAR) = s.reason"
        f" WHERE {is_of_kind}) GROUP BY ALL"
    )
    source, known = f"({fates}) x", "true"
    if facts is not None:
        source += f" LEFT JOIN ({facts.source}) ON x.key = {facts.key}"
        known = f"{facts.key} IS NOT NULL"
    found: dict[str, dict[int, Sums]] = {}
    for (rule, fate), sums in grouped(
        connection, facts.fields if facts else (), known, source, "x.rule, x.fate"
    ):
        found.setdefault(rule, {}).setdefault(fate, Sums()).add(sums)
    return found


def fates_by_rule(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    facts: FactRows | None,
    key: str,
) -> dict[str, dict[int, Sums]]:
    """Return what became of the rows of a kind, by rule and fate, whatever there may be.

    Args:
        connection: to the database.
        kind: of the facts.
        facts: the rows; none where they are nowhere stored.
        key: how a key is compared, with `{}` for it.
    """
    fact = text(kind)
    fates = f"""
SELECT place, key, min(fate) AS fate FROM (
  SELECT place, {key.format("fact_id")} AS key, {EARNING} AS fate
    FROM lines l JOIN {RULES} r USING (rule) WHERE l.fact = {fact} AND r.fact = {fact}
  UNION ALL
  SELECT r.place, {key.format("o.fact_id")}, {FIRST_REASON} + s.place
    FROM outcomes o JOIN {RULES} r USING (rule) JOIN {REASONS} s USING (reason)
    WHERE o.fact = {fact} AND r.fact = {fact}
  UNION ALL
  SELECT place, {key.format("key")}, {REJECTED}
    FROM (SELECT DISTINCT key FROM engine_rejects WHERE kind = {fact}) CROSS JOIN {RULES} WHERE fact = {fact}
) GROUP BY place, key"""
    source, known, fields = f"({fates}) x", "true", facts.fields if facts else ()
    if facts is not None:
        source += f" LEFT JOIN ({facts.source}) ON x.key = {key.format(facts.key)}"
        known = f"{facts.key} IS NOT NULL"
    found: dict[str, dict[int, Sums]] = {}
    names = dict(connection.execute(f"SELECT place, rule FROM {RULES}").fetchall())
    for keys, sums in grouped(connection, fields, known, source, "x.place, x.fate"):
        place, fate = keys
        found.setdefault(names[place], {}).setdefault(fate, Sums()).add(sums)
    return found
