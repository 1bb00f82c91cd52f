"""Why not: which condition failed on a row, or how many rows earned a payee nothing, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rulesengine.engines.results import Reason
from rulesengine.model.exact import total
from rulesengine.statements.assemble import Entry
from rulesengine.statements.besides import PayeeId
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
from rulesengine.statements.explain_line import to_next_band
from rulesengine.statements.find import find_fact, find_payee, find_rule
from rulesengine.statements.numbers import money
from rulesengine.statements.reasons import REASONS
from rulesengine.statements.render_json import entry_json
from rulesengine.statements.render_text import ID_LENGTH
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.terms import RuleTerms

if TYPE_CHECKING:
    import pyarrow as pa

_EXAMPLES = 5
_MOST_ROWS = 1_000

Row = Mapping[str, Any]


def why_not(run: RunFolder, payee: str, rule: str, fact: str | None = None) -> str:
    """Return why a rule paid a payee nothing, for one fact or by reason, as text.

    Raises:
        Rejected: R1204, the run has no such payee, rule or fact.
    """
    data = why_not_data(run, payee, rule, fact)
    found = find_rule(run, rule)
    name = f"{clean(data['payee'])} ({data['payee_kind']})"
    blocks = [[f"{rule} for {name}, {run.period}, facts through {run.through}"]]
    if fact is not None:
        blocks.append(_fact_text(data, found, fact))
    else:
        blocks.append(_counts_text(data))
    if data["next_band"]:
        blocks.append([data["next_band"]])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def why_not_data(run: RunFolder, payee: str, rule: str, fact: str | None = None) -> dict[str, Any]:
    """Return what `why_not` says as plain data.

    `lines` are what the rule did pay, `rows` those that earned the payee nothing, `uncredited`
    those that came to nothing before anybody was credited, `elsewhere` who else was paid or judged
    for the fact, `rejects` why the fact was not taken at all. Of many rows with one reason the
    latest are named, and `rows_by_reason` and `uncredited_by_reason` count all.
    """
    who, terms = find_payee(run, payee), find_rule(run, rule)
    key = None if fact is None else find_fact(run, terms.fact, fact)
    payee_is = {"payee_kind": who[0], "payee": who[1]}
    if key is None:
        own = run.lines_where(rule=rule, **payee_is)
        elsewhere: list[str] = []
        rows = run.rows_where("not_earning", rule=rule, **payee_is)
        uncredited = run.rows_where("not_earning", rule=rule, payee="")
    else:
        entries = run.lines_where(rule=rule, fact_id=key)
        own = tuple(e for e in entries if (e.line.payee_kind, e.line.payee) == who)
        judged = run.rows_where("not_earning", rule=rule, fact_id=key)
        elsewhere = _elsewhere(entries, judged.to_pylist(), who)
        rows = run.rows_where("not_earning", rule=rule, fact_id=key, **payee_is)
        uncredited = run.rows_where("not_earning", rule=rule, fact_id=key, payee="")
    return {
        "payee_kind": who[0],
        "payee": who[1],
        "rule": rule,
        "fact": fact,
        "lines": [entry_json(entry) for entry in own],
        "paid": _paid(own, terms),
        "rows": _latest(rows),
        "rows_by_reason": _by_reason(rows),
        "uncredited": _latest(uncredited),
        "uncredited_by_reason": _by_reason(uncredited),
        "elsewhere": elsewhere,
        "rejects": _rejects(run, terms, key) if key is not None else [],
        "next_band": _next_band(own, terms),
    }


def _latest(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the rows in their order; of more than `_MOST_ROWS` with one reason, the latest."""
    if rows.num_rows <= _MOST_ROWS:
        return [_row_json(row) for row in rows.to_pylist()]
    import pyarrow.compute as compute

    kept = []
    for reason in _by_reason(rows):
        same = rows.filter(compute.equal(rows.column("reason"), reason))
        places = compute.sort_indices(same, [("dated", "descending"), ("fact_id", "descending")])
        kept += same.take(places[:_MOST_ROWS]).to_pylist()[::-1]
    return [_row_json(row) for row in kept]


def _by_reason(rows: pa.Table) -> dict[str, int]:
    """Return how many rows there are with each reason, most first."""
    found = rows.column("reason").value_counts().to_pylist()
    counts = sorted(((each["values"], each["counts"]) for each in found), key=lambda c: (-c[1], c[0]))
    return dict(counts)


def _rejects(run: RunFolder, terms: RuleTerms, key: str) -> list[dict[str, Any]]:
    names = ("file", "row", "field", "value", "code", "reason")
    rows = run.rows_where("rejects", kind=terms.fact, key=key).to_pylist()
    return [{name: row[name] for name in names} for row in rows]


def _row_json(row: Row) -> dict[str, Any]:
    reason = Reason(row["reason"])
    return {
        "fact": row["fact"],
        "fact_id": row["fact_id"],
        "dated": row["dated"].isoformat() if row["dated"] else None,
        "reason": reason.value,
        "sentence": REASONS[reason],
        "detail": row["detail"],
    }


def _paid(own: Sequence[Entry], terms: RuleTerms) -> str:
    if not own:
        return ""
    amount = money(total([entry.line.amount for entry in own]), terms.currency)
    memo = " as a memo, which is not paid" if terms.is_memo else ""
    return f"{amount} {terms.currency}{memo}"


def _elsewhere(entries: Sequence[Entry], rows: Sequence[Row], who: PayeeId) -> list[str]:
    others = {(entry.line.payee_kind, entry.line.payee) for entry in entries}
    others |= {(row["payee_kind"], row["payee"]) for row in rows if row["payee"]}
    return [f"{kind}:{payee}" for kind, payee in sorted(others - {who})]


def _next_band(own: Sequence[Entry], terms: RuleTerms) -> str:
    measured = [
        entry.line
        for entry in own
        if entry.line.measure_after is not None and entry.line.band_from is not None
    ]
    if not measured:
        return ""
    last = max(measured, key=lambda line: (line.earned_on, abs(line.measure_after or 0)))
    return to_next_band(last, terms)


# --- text ----------------------------------------------------------------------------------------


def _fact_text(data: dict[str, Any], rule: RuleTerms, fact: str) -> list[str]:
    name = f"{rule.fact} {clean(fact)}"
    lines = []
    for row in (*data["rows"], *data["uncredited"]):
        dated = f", dated {row['dated']}" if row["dated"] else ""
        lines.append(f"{name}{dated}: {row['sentence']}")
        if row["detail"]:
            lines.append(f"  {clean(row['detail'])}")
    for reject in data["rejects"]:
        field = f" {reject['field']}" if reject["field"] else ""
        lines.append(f"{name} was rejected: {reject['file']}:{reject['row']} {reject['code']}{field}:")
        lines.append(f"  {clean(reject['reason'])}")
    if data["lines"]:
        lines.append(f"{name} did earn something: {data['paid']}")
        rows = [
            (
                f"  {line['line_id'][:ID_LENGTH]}",
                str(line["payable_on"] or "waits"),
                line["amount"],
                line["trace"],
            )
            for line in data["lines"]
        ]
        lines += aligned(rows, (LEFT, LEFT, RIGHT, LEFT))
    if not lines and data["elsewhere"]:
        lines.append(f"{name} is not credited to this payee, but to {', '.join(data['elsewhere'])}")
    return lines or [f"{name} is not credited to this payee under this rule"]


def _counts_text(data: dict[str, Any]) -> list[str]:
    lines = []
    if data["lines"]:
        count = len(data["lines"])
        lines += [f"it did pay: {count} line{'s' * (count > 1)}, {data['paid']}, all periods together", ""]
    for title, name in (
        ("rows that earned this payee nothing", "rows"),
        ("rows that came to nothing before anybody was credited", "uncredited"),
    ):
        if data[name]:
            lines += [title, *_reasons(data[name], data[f"{name}_by_reason"]), ""]
    if not lines:
        return ["no row credits this payee under this rule"]
    return lines[:-1]


def _reasons(rows: Sequence[dict[str, Any]], counts: Mapping[str, int]) -> list[str]:
    lines = []
    for reason, count in counts.items():
        lines.append(f"  {count:,} × {REASONS[Reason(reason)]}")
        same = [row for row in rows if row["reason"] == reason]
        # The latest rows: those are what people ask about.
        latest = sorted(same, key=lambda row: (row["dated"] or "", row["fact_id"]), reverse=True)
        shown = [
            (f"      {clean(row['fact_id'])}", row["dated"] or "no date", clean(row["detail"]))
            for row in latest[:_EXAMPLES]
        ]
        lines += aligned(shown, (LEFT, LEFT, LEFT))
        if count > _EXAMPLES:
            lines.append(f"      and {count - _EXAMPLES:,} more")
    return lines
