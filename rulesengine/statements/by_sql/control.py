"""The control totals of a run, counted by DuckDB: the same as `statements.control`, with the same proofs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rulesengine.engines.results import STATEMENT, Reason
from rulesengine.model.change import replace
from rulesengine.model.exact import EXACT, ZERO, as_text
from rulesengine.model.schema import RecordKind
from rulesengine.model.stored_book import StoredBook, StoredTable
from rulesengine.model.types import MoneyType, RecordType
from rulesengine.plan.nodes import FactSource, Plan, Rule
from rulesengine.statements.by_sql.lookups import CALENDAR, REASONS, RULES
from rulesengine.statements.by_sql.sql import name, single, sums_that_fit, text
from rulesengine.statements.control import Due, line_totals, same

if TYPE_CHECKING:
    import duckdb

_REJECTED, _EARNING, _FIRST_REASON = 0, 1, 2
"""What became of a row, the most telling first; behind these the reasons in their order."""


def rule_lines(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, Any]:
    """Return lines and amounts of each rule by when they are due, as run.json holds them.

    Raises:
        Rejected: R1205, a sum is too large.
    """
    with sums_that_fit():
        found = connection.execute(
            f"SELECT rule, coalesce(due, '{Due.WAITING}'), count(*), sum(amount)"
            f" FROM lines LEFT JOIN {CALENDAR} ON payable_on = day GROUP BY ALL"
        ).fetchall()
    by_rule: dict[str, dict[Due, tuple[int, Decimal]]] = {}
    for rule, due, count, amount in found:
        by_rule.setdefault(rule, {})[Due(due)] = (count, amount)
    amounts = {
        rule.name: line_totals(rule.is_memo, rule.currency, by_rule.get(rule.name, {})) for rule in plan.rules
    }
    if plan.settlement is not None:
        amounts[STATEMENT] = line_totals(False, plan.pays_in, by_rule.get(STATEMENT, {}))
    return amounts


def rule_rows(connection: duckdb.DuckDBPyConnection, plan: Plan, book: StoredBook) -> dict[str, Any]:
    """Return what became of the rows of each rule's source, as run.json holds it.

    Raises:
        InternalError: a total does not add up.
    """
    found: dict[str, dict[str, Any]] = {}
    kinds = {rule.fact_kind: None for rule in plan.rules}
    for kind in kinds:
        rules = [rule for rule in plan.rules if rule.fact_kind == kind]
        fates = _Fates.of_kind(connection, plan, kind, rules, book)
        for rule in rules:
            found[rule.name] = fates.document(rule)
    return {rule.name: found[rule.name] for rule in plan.rules}


@dataclass(slots=True)
class _Sums:
    """Rows, how many of them are among the facts, and their money by field and currency."""

    rows: int = 0
    known: int = 0
    money: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, rows: int, known: int, money: Mapping[tuple[str, str], Decimal]) -> None:
        self.rows += rows
        self.known += known
        for key, amount in money.items():
            self.money[key] = EXACT.add(self.money.get(key, ZERO), amount)

    def of(self, field_name: str, currency: str) -> Decimal:
        return self.money.get((field_name, currency), ZERO)


@dataclass(frozen=True, slots=True)
class _Fates:
    """What became of the rows of one kind under each of its rules."""

    kind: str
    fields: tuple[_MoneyField, ...]
    accepted: _Sums
    by_rule: Mapping[str, Mapping[int, _Sums]]
    """By rule and fate."""

    @classmethod
    def of_kind(
        cls,
        connection: duckdb.DuckDBPyConnection,
        plan: Plan,
        kind: str,
        rules: Sequence[Rule],
        book: StoredBook,
    ) -> _Fates:
        facts = _Facts.of_kind(plan, kind, book) if kind in book.facts else None
        accepted = _Sums()
        if facts is not None:
            for row in _grouped(connection, facts.fields, "true", facts.source, ""):
                accepted.add(*row[1])
        fates = cls(kind, facts.fields if facts else (), accepted, {})
        for key in ("hash({})", "{}"):
            # Numbers of 64 bits are grouped several times faster than texts; the texts decide where two
            # keys should ever have the same number.
            fates = replace(fates, by_rule=_by_rule(connection, kind, facts, key))
            if all(fates.adds_up(rule) for rule in rules):
                break
        return fates

    def adds_up(self, rule: Rule) -> bool:
        """Return whether every accepted row has one fate, and nothing else has."""
        sums = self.by_rule.get(rule.name, {}).values()
        if not isinstance(rule.source, FactSource):
            return True
        total = _Sums()
        for found in sums:
            total.add(found.rows, found.known, found.money)
        return total.rows == total.known == self.accepted.rows and all(
            total.of(*key) == amount for key, amount in self.accepted.money.items()
        )

    def document(self, rule: Rule) -> dict[str, Any]:
        """Return the totals of a rule; raises `InternalError` where they do not add up."""
        by_fate = self.by_rule.get(rule.name, {})
        earning, rejected = by_fate.get(_EARNING, _Sums()), by_fate.get(_REJECTED, _Sums())
        reasons = {
            reason.value: by_fate[_FIRST_REASON + place]
            for place, reason in enumerate(Reason)
            if _FIRST_REASON + place in by_fate
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


@dataclass(frozen=True, slots=True)
class _MoneyField:
    """A field of money of a fact kind, where it stands and what its currency is."""

    name: str
    scale: int
    currency: str
    """Of each row, as an expression; empty where it is said of the field."""
    join: str = ""

    def currencies(self, accepted: _Sums) -> list[str]:
        """Return the currencies that there are amounts in; one empty one where it is said of the field."""
        if not self.currency:
            return [""]
        return sorted(currency for name, currency in accepted.money if name == self.name)


def _money_fields(
    kind: RecordKind, table: StoredTable, book: StoredBook, plan: Plan
) -> Iterator[_MoneyField]:
    for number, each in enumerate(kind.fields):
        if not isinstance(each.type, MoneyType):
            continue
        scale = table.columns[each.name].scale
        if not each.type.by:
            yield _MoneyField(each.name, scale, "")
        elif len(each.type.by) == 1:
            yield _MoneyField(each.name, scale, f"f.{name(each.type.by[0])}")
        else:
            first, last = each.type.by
            pointer = kind.field(first)
            assert pointer is not None and isinstance(pointer.type, RecordType)
            other = pointer.type.kind
            stored = book.facts.get(other) or book.payees[other]
            key = plan.schema.kinds[other].key.name
            alias = f"other_{number}"
            join = f" LEFT JOIN {name(stored.name)} {alias} ON f.{name(first)} = {alias}.{name(key)}"
            yield _MoneyField(each.name, scale, f"{alias}.{name(last)}", join)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The stored rows of a fact kind, as `f`; rows of a calendar are nowhere stored."""

    source: str
    key: str
    fields: tuple[_MoneyField, ...]

    @classmethod
    def of_kind(cls, plan: Plan, kind: str, book: StoredBook) -> _Facts:
        record, table = plan.schema.kinds[kind], book.facts[kind]
        fields = tuple(_money_fields(record, table, book, plan))
        source = f"{name(table.name)} f" + "".join(each.join for each in fields)
        return cls(source, f"f.{name(record.key.name)}", fields)


def _by_rule(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    facts: _Facts | None,
    key: str,
) -> dict[str, dict[int, _Sums]]:
    fact = text(kind)
    fates = f"""
SELECT place, key, min(fate) AS fate FROM (
  SELECT place, {key.format("fact_id")} AS key, {_EARNING} AS fate
    FROM lines JOIN {RULES} USING (rule, fact) WHERE fact = {fact}
  UNION ALL
  SELECT r.place, {key.format("o.fact_id")}, {_FIRST_REASON} + s.place
    FROM outcomes o JOIN {RULES} r USING (rule, fact) JOIN {REASONS} s USING (reason) WHERE o.fact = {fact}
  UNION ALL
  SELECT place, {key.format("key")}, {_REJECTED}
    FROM (SELECT DISTINCT key FROM engine_rejects WHERE kind = {fact}) CROSS JOIN {RULES} WHERE fact = {fact}
) GROUP BY place, key"""
    source, known, fields = f"({fates}) x", "true", facts.fields if facts else ()
    if facts is not None:
        source += f" LEFT JOIN ({facts.source}) ON x.key = {key.format(facts.key)}"
        known = f"{facts.key} IS NOT NULL"
    found: dict[str, dict[int, _Sums]] = {}
    names = dict(connection.execute(f"SELECT place, rule FROM {RULES}").fetchall())
    for keys, sums in _grouped(connection, fields, known, source, "x.place, x.fate"):
        place, fate = keys
        found.setdefault(names[place], {}).setdefault(fate, _Sums()).add(*sums)
    return found


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[_MoneyField],
    known: str,
    source: str,
    keys: str,
) -> Iterator[tuple[tuple[Any, ...], tuple[int, int, dict[tuple[str, str], Decimal]]]]:
    """Count rows and add up their money by keys and by the currencies of each field that has its own."""
    own = [each for each in fields if each.currency]
    by = ", ".join([*([keys] if keys else []), *(f"{each.currency}" for each in own)])
    asked = [
        *([keys] if keys else []),
        *(each.currency for each in own),
        "count(*)",
        f"count(*) FILTER ({known})",
        *(f"sum(f.{name(each.name)})" for each in fields),
    ]
    grouped = f" GROUP BY {by}" if by else ""
    width = len(keys.split(",")) if keys else 0
    for row in connection.execute(f"SELECT {', '.join(asked)} FROM {source}{grouped}").fetchall():
        currencies = dict(zip((each.name for each in own), row[width:], strict=False))
        rows, found = row[width + len(own) : width + len(own) + 2]
        money = {
            (each.name, currencies.get(each.name) or ""): EXACT.scaleb(Decimal(int(top)), -each.scale)
            for each, top in zip(fields, row[width + len(own) + 2 :], strict=True)
            if top is not None
        }
        yield row[:width], (rows, found, money)


def _total(parts: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for part in parts:
        total = EXACT.add(total, part)
    return total


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table has."""
    return int(single(connection, f"SELECT count(*) FROM {table}"))
