"""Step 1, source: the rows a rule looks at, dated, in order, each judged by itself or by the row
it undoes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY, Draft
from rulesengine.engines.reference.facts import Facts, Missed
from rulesengine.engines.reference.rows import Row
from rulesengine.engines.results import Outcome, Part, Reason
from rulesengine.model.book import Fact
from rulesengine.model.dates import DateRange
from rulesengine.plan import nodes


def rows_of_facts(
    rule: nodes.Rule | nodes.MeasureRows | None,
    source: nodes.FactSource,
    facts: Facts,
    effective: DateRange,
    through: date,
) -> tuple[list[Row], list[Outcome]]:
    """Return the rows of a fact kind that are dated inside `effective`, and why others are not.

    A row that undoes another is dated by its own event date, but never before the row it undoes, and
    is inside when that row is: `effective` judges, so it follows the row undone.
    """
    convert = rule.convert if rule is not None else None
    if not isinstance(rule, nodes.Rule):
        # What moves a measure is told from the rows of the rules that read it.
        rows, _ = _dated_rows(source, facts, effective, through, convert)
        return rows, []
    # Most rules of a plan look at the same rows.
    asked = (source.kind, source.event, effective, through, convert)
    if asked not in facts.rows:
        facts.rows[asked] = _dated_rows(source, facts, effective, through, convert)
    rows, missed = facts.rows[asked]
    outcomes = [
        Outcome(rule=rule.name, fact=fact.kind, fact_id=fact.key, dated=dated, reason=reason, detail=detail)
        for fact, dated, reason, detail in missed
    ]
    return list(rows), outcomes


def _dated_rows(
    source: nodes.FactSource,
    facts: Facts,
    effective: DateRange,
    through: date,
    convert: nodes.Convert | None,
) -> tuple[list[Row], list[Missed]]:
    """Return the rows in order, and the facts that are none with the reason."""
    rows: list[Row] = []
    missed: list[Missed] = []
    for fact, failure in facts.not_counted.get(source.kind, ()):
        missed.append((fact, _date(fact, source.event), Reason.NOT_COUNTED, failure))
    for judged in facts.judged.get(source.kind, ()):
        fact, root = judged.fact, judged.root
        dated, judged_on = _date(fact, source.event), _date(root, source.event)
        if dated is None and judged_on is not None and root is not fact:
            # What undoes a row need not have every date of it; then its own event date counts.
            dated = facts.day(fact)
        if dated is not None and judged_on is not None:
            # Nothing is taken back before it is earned, or a run up to that day would not know it yet.
            dated = max(dated, judged_on)
        if dated is None:
            missed.append((fact, None, Reason.NO_EVENT_DATE, f"{source.event} is empty"))
        elif judged_on is None:
            detail = f"{source.event} of {root.key}, which it undoes, is empty"
            missed.append((fact, dated, Reason.WAITS_FOR_UNDONE, detail))
        elif dated > through:
            missed.append((fact, dated, Reason.AFTER_THROUGH, f"dated {dated}, run through {through}"))
        elif judged_on not in effective:
            detail = f"{judged_on} is outside {effective.start} through {effective.end}"
            missed.append((fact, dated, Reason.OUTSIDE_DATES, detail))
        else:
            rows.append(
                Row(
                    fact=fact,
                    root=root,
                    dated=dated,
                    judged_on=judged_on,
                    counts=judged.counts,
                    order=judged.sort,
                    judged_order=judged.root_sort,
                    convert=convert,
                )
            )
    rows.sort(key=lambda row: (row.dated, row.order))
    return rows, missed


def rows_of_earnings(drafts: Iterable[Draft], rule: nodes.Rule) -> list[Row]:
    """Return one row for each line of another rule, in the order of that rule's lines."""
    rows = []
    for number, draft in enumerate(drafts):
        if draft.part is Part.PRIZE:
            continue
        row, takes_back = draft.row, draft.part is Part.CLAWBACK
        # Also what was earned on a line that takes back or gives back, through any chain of rules.
        is_moved = row is not None and (draft.event_on is not None or row.is_moved)
        judged_on = row.judged_on if row is not None and (row.follows or is_moved) else draft.earned_on
        if judged_on not in rule.effective:
            continue
        order = row.order if row is not None else (-1,)
        if row is not None and row.earning is not None:
            order = order[:-1]  # in the order of that rule's lines, not of those that they were earned on
        # A line that stands on no row comes when all rows of its day have come.
        judged_order = row.judged_order if row is not None else LAST_IN_THE_DAY
        rows.append(
            Row(
                fact=row.fact if row else None,
                root=row.root if row else None,
                dated=draft.earned_on,
                judged_on=judged_on,
                counts=(-row.counts if takes_back else row.counts) if row else 1,
                order=(*order, number),
                judged_order=judged_order,
                subject=row.subject if row else None,
                window=row.window if row else None,
                days=row.days if row else None,
                since=row.since if row else None,
                earning=draft,
                convert=rule.convert,
                takes_back=takes_back is not (row is not None and row.takes_back),
                is_moved=is_moved,
            )
        )
    rows.sort(key=lambda row: (row.dated, row.order))
    return rows


def _date(fact: Fact, name: str) -> date | None:
    value = fact.values.get(name)
    return value if isinstance(value, date) else None
