"""The control totals of a run, counted by DuckDB: the same as `statements.control`, with the same proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rulesengine.engines.results import STATEMENT, Reason
from rulesengine.model.change import replace
from rulesengine.model.exact import EXACT, ZERO, as_text
from rulesengine.model.stored_book import StoredBook
from rulesengine.plan.nodes import FactSource, Plan, Rule
from rulesengine.statements.by_sql.fact_sums import FactRows, MoneyField, Sums, grouped
from rulesengine.statements.by_sql.fates import (
    EARNING,
    FIRST_REASON,
    REJECTED,
    Fates,
    fates_by_rule,
    quick_fates,
)
from rulesengine.statements.by_sql.sql import single, sums_that_fit
from rulesengine.statements.by_sql.statements import SUMS
from rulesengine.statements.control import Due, line_totals, same

if TYPE_CHECKING:
    import duckdb


def rule_lines(
    connection: duckdb.DuckDBPyConnection, plan: Plan, known: LinesByRule | None
) -> dict[str, Any]:
    """Return lines and amounts of each rule by when they are due, as run.json holds them.

    Args:
        connection: to the database.
        plan: whose rules.
        known: what they come to, if that need not be added up.

    Raises:
        Rejected: R1205, a sum is too large.
    """
    by_rule = _added_up(connection) if known is None else known
    amounts = {
        rule.name: line_totals(rule.is_memo, rule.currency, by_rule.get(rule.name, {})) for rule in plan.rules
    }
    if plan.settlement is not None:
        amounts[STATEMENT] = line_totals(False, plan.pays_in, by_rule.get(STATEMENT, {}))
    return amounts


def _added_up(connection: duckdb.DuckDBPyConnection) -> LinesByRule:
    with sums_that_fit():
        found = connection.execute(
            f"SELECT rule, due, CAST(sum(lines) AS BIGINT), sum(amount) FROM {SUMS} GROUP BY ALL"
        ).fetchall()
    by_rule: dict[str, dict[Due, tuple[int, Decimal]]] = {}
    for rule, due, count, amount in found:
        by_rule.setdefault(rule, {})[Due(due)] = (count, amount)
    return by_rule


def rule_rows(
    connection: duckdb.DuckDBPyConnection, plan: Plan, book: StoredBook, known: Fates | None
) -> dict[str, Any]:
    """Return what became of the rows of each rule's source, as run.json holds it.

    Args:
        connection: to the database.
        plan: whose rules.
        book: the facts.
        known: what became of them, if that need not be found out.

    Raises:
        InternalError: a total does not add up.
    """
    found: dict[str, dict[str, Any]] = {}
    kinds = {rule.fact_kind: None for rule in plan.rules}
    for kind in kinds:
        rules = [rule for rule in plan.rules if rule.fact_kind == kind]
        fates = _Fates.of_kind(connection, plan, kind, rules, book, known)
        for rule in rules:
            found[rule.name] = fates.document(rule)
    return {rule.name: found[rule.name] for rule in plan.rules}


LinesByRule = Mapping[str, Mapping[Due, tuple[int, Decimal]]]
"""Lines and amounts, by rule and when they are due."""


@dataclass(frozen=True, slots=True)
class _Fates:
    """What became of the rows of one kind under each of its rules."""

    kind: str
    fields: tuple[MoneyField, ...]
    accepted: Sums
    by_rule: Mapping[str, Mapping[int, Sums]]
    """By rule and fate."""

    @classmethod
    def of_kind(
        cls,
        connection: duckdb.DuckDBPyConnection,
        plan: Plan,
        kind: str,
        rules: Sequence[Rule],
        book: StoredBook,
        known: Fates | None,
    ) -> _Fates:
        facts = FactRows.of_kind(plan, kind, book) if kind in book.facts else None
        accepted = Sums()
        if facts is not None:
            for _, sums in grouped(connection, facts.fields, "true", facts.source, "", facts.key):
                accepted.add(sums)
        fates = cls(kind, facts.fields if facts else (), accepted, known or {})
        if known is not None:
            return fates
        if facts is not None and all(isinstance(rule.source, FactSource) for rule in rules):
            by_rule = quick_fates(connection, kind, facts, accepted, len(rules))
            if by_rule is not None:
                return replace(fates, by_rule=by_rule)
        for key in ("hash({})", "{}"):
            # Numbers of 64 bits are grouped several times faster than texts; the texts decide where two
            # keys should ever have the same number.
            fates = replace(fates, by_rule=fates_by_rule(connection, kind, facts, key))
            if all(fates.adds_up(rule) for rule in rules):
                break
        return fates

    def adds_up(self, rule: Rule) -> bool:
        """Return whether every accepted row has one fate, and nothing else has."""
        sums = self.by_rule.get(rule.name, {}).values()
        if not isinstance(rule.source, FactSource):
            return True
        total = Sums()
        for found in sums:
            total.add(found)
        return total.rows == total.known == self.accepted.rows and all(
            total.of(*key) == amount for key, amount in self.accepted.money.items()
        )

    def document(self, rule: Rule) -> dict[str, Any]:
        """Return the totals of a rule; raises `InternalError` where they do not add up."""
        by_fate = self.by_rule.get(rule.name, {})
        earning, rejected = by_fate.get(EARNING, Sums()), by_fate.get(REJECTED, Sums())
        reasons = {
            reason.value: by_fate[FIRST_REASON + place]
            for place, reason in enumerate(Reason)
            if FIRST_REASON + place in by_fate
        }
        rows: dict[str, Any] = {
            "earning": earning.rows,
            "not_earning": {reason: sums.rows for reason, sums in reasons.items()},
            "rejected": rejected.rows,
        }
        everything = sum(sums.rows for sums in by_fate.values())
        if not isinstance(rule.source, FactSource):
            return {"fact": self.kind, "rows": {"accepted": everything - rejected.rows, **rows}}
        same(f"rows of `{rule.name}`", self.accepted.rows, everything)
        same(f"rows of `{rule.name}`", everything, sum(sums.known for sums in by_fate.values()))
        money = {}
        for each in self.fields:
            for currency in each.currencies(self.accepted):
                parts = [sums.of(each.name, currency) for sums in by_fate.values()]
                accepted = self.accepted.of(each.name, currency)
                same(f"`{each.name}` of `{rule.name}`", accepted, _total(parts))
                money[f"{each.name} {currency}".rstrip()] = {
                    "accepted": as_text(accepted),
                    "earning": as_text(earning.of(each.name, currency)),
                    "not_earning": {
                        reason: as_text(sums.of(each.name, currency)) for reason, sums in reasons.items()
                    },
                    "rejected": as_text(rejected.of(each.name, currency)),
                }
        return {"fact": self.kind, "rows": {"accepted": self.accepted.rows, **rows}, "money": money}


def _total(parts: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for part in parts:
        total = EXACT.add(total, part)
    return total


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table has."""
    return int(single(connection, f"SELECT count(*) FROM {table}"))
