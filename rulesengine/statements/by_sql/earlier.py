"""The figures of a run that continues another: what those of that run and of touched rows come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rulesengine.engines.results import Reason
from rulesengine.model.change import replace
from rulesengine.model.exact import EXACT, ZERO, from_text
from rulesengine.model.stored_book import StoredBook, StoredTable
from rulesengine.statements.by_sql.control import LinesByRule
from rulesengine.statements.by_sql.fact_sums import FactRows, Sums
from rulesengine.statements.by_sql.fates import EARNING, FIRST_REASON, Fates, fates_of_touched
from rulesengine.statements.by_sql.found_again import Found
from rulesengine.statements.by_sql.sql import single
from rulesengine.statements.control import Due, due_on
from rulesengine.statements.heading import Heading
from rulesengine.statements.run_folder import RunFolder

_REASONS = {reason.value: FIRST_REASON + place for place, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What is added up over all rows of a run that continues another."""

    run: RunFolder
    counts: Mapping[str, int]
    """Rows by table of the run folder, but for statements."""
    lines: LinesByRule
    """Lines and amounts, by rule and when they are due."""
    paid: Mapping[str, Decimal]
    """What is paid in the period, by currency."""
    fates: Fates

    @property
    def statements(self) -> int:
        """How many there were."""
        return int(self.run.document["counts"]["statements"])


def figures(
    heading: Heading,
    run: RunFolder,
    lines: Found,
    outcomes: Found,
    book: StoredBook,
    was: Mapping[str, StoredTable],
) -> Earlier | None:
    """Return the figures of a run; None where all rows have to be looked at: rows were rejected, for one.

    Args:
        heading: of the run.
        run: the one before.
        lines: of touched rows.
        outcomes: of touched rows.
        book: the facts.
        was: the tables of facts of before, by kind.
    """
    document, connection, plan = run.document, lines.connection, heading.plan
    rejected = "SELECT count(*) FROM engine_rejects"
    if single(connection, rejected) or any(
        each["rows"]["rejected"] for each in document["control"]["rules"].values()
    ):
        return None
    by_rule = {rule: _lines_of(found) for rule, found in document["control"]["lines"].items()}
    paid = {each["currency"]: _number(each["amount"]) for each in document["totals"]}
    fates = {rule: _fates_of(rows) for rule, rows in document["control"]["rules"].items()}
    for sign, own, others, facts in (
        (1, lines.whole(lines.now), outcomes.whole(outcomes.now), book.facts),
        (-1, lines.whole(lines.was), outcomes.whole(outcomes.was), was),
    ):
        for rule, day, is_memo, shown_in, *sums in connection.execute(_SUMS.format(own)).fetchall():
            due = due_on(day, heading.days, heading.through)
            count, amount, settles = sums
            had, came_to = by_rule[rule][due]
            by_rule[rule][due] = (had + sign * count, EXACT.add(came_to, sign * amount))
            if due is Due.IN_PERIOD and not is_memo:
                paid[shown_in] = EXACT.add(paid.get(shown_in, ZERO), sign * settles)
        for kind in {rule.fact_kind: None for rule in plan.rules}:
            stored = replace(book, facts={**book.facts, **facts})
            rows = FactRows.of_kind(plan, kind, stored) if kind in facts else None
            for rule, by_fate in fates_of_touched(connection, kind, rows, own, others).items():
                if document["control"]["rules"][rule]["fact"] == kind:
                    _add(fates[rule], by_fate, sign)
    more = {**lines.more, **outcomes.more}
    still_paid = _still_paid(heading, paid, by_rule)
    if still_paid is None:
        return None
    return Earlier(
        run=run,
        counts={table: document["counts"][table] + rows for table, rows in more.items()},
        lines=by_rule,
        paid=still_paid,
        fates=fates,
    )


def _still_paid(
    heading: Heading, paid: Mapping[str, Decimal], lines: LinesByRule
) -> Mapping[str, Decimal] | None:
    """Return what is paid by currency, in those in which there are lines; None where that cannot be told."""
    if heading.terms.pays_in:
        return paid
    rules = [rule for rule in heading.plan.rules if not rule.is_memo]
    there = {rule.currency for rule in rules if lines[rule.name][Due.IN_PERIOD][0]}
    if not there <= paid.keys() <= {rule.currency for rule in rules}:
        return None
    return {currency: paid[currency] for currency in sorted(there)}


def _add(by_fate: dict[int, Sums], more: Mapping[int, Sums], sign: int) -> None:
    for fate, sums in more.items():
        here = by_fate.setdefault(fate, Sums())
        here.add(sums if sign > 0 else _negated(sums))
        if not here.rows:
            del by_fate[fate]


_SUMS = """
SELECT CAST(rule AS VARCHAR), payable_on, memo,
  CAST(CASE WHEN paid IS NULL THEN currency ELSE paid_currency END AS VARCHAR) AS shown_in,
  count(*), sum(amount), sum(coalesce(paid, amount)) FROM ({}) GROUP BY ALL"""


def _lines_of(found: Mapping[str, Any]) -> dict[Due, tuple[int, Decimal]]:
    return {due: (found[due.value]["lines"], _number(found[due.value]["amount"])) for due in Due}


def _fates_of(found: Mapping[str, Any]) -> dict[int, Sums]:
    """Return what became of the rows of a rule, as run.json tells it."""
    rows, money = found["rows"], found.get("money", {})
    by_fate = {EARNING: Sums(rows["earning"], rows["earning"])}
    by_fate |= {_REASONS[reason]: Sums(count, count) for reason, count in rows["not_earning"].items()}
    for key, amounts in money.items():
        name, _, currency = key.partition(" ")
        by_fate[EARNING].money[name, currency] = _number(amounts["earning"])
        for reason, amount in amounts["not_earning"].items():
            by_fate[_REASONS[reason]].money[name, currency] = _number(amount)
    return by_fate


def _negated(sums: Sums) -> Sums:
    money = {key: EXACT.minus(amount) for key, amount in sums.money.items()}
    return Sums(-sums.rows, -sums.known, 0, money)


def _number(text: str) -> Decimal:
    found = from_text(text)
    assert isinstance(found, Decimal)
    return found
