"""One line explained: its numbers, what it goes back to, its award, and its rule as written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rulesengine.engines.results import STATEMENT, Line
from rulesengine.model.exact import ZERO, Exact, absolute, multiply, subtract, total
from rulesengine.statements.assemble import Entry
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean
from rulesengine.statements.find import find_rule
from rulesengine.statements.numbers import money, number, percent
from rulesengine.statements.redo import redo_exchange
from rulesengine.statements.render_json import entry_json
from rulesengine.statements.render_text import ID_LENGTH
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.terms import RuleTerms
from rulesengine.statements.trace_settling import target_of

_MOST_RULE_LINES = 40
_NOT_CODE = re.compile(r'"[^"]*"|#.*')
"""Texts and comments, whose braces open and close nothing."""


def line_text(run: RunFolder, entry: Entry) -> str:
    """Return everything that is known of a line, as text."""
    line = entry.line
    rule = find_rule(run, line.rule)
    blocks = [_what(entry, rule), clean(entry.trace), "\n".join(_numbers(line, rule))]
    distance = to_next_band(line, rule)
    if distance:
        blocks.append(distance)
    blocks += [_linked(run, line, word, name) for word, name in _links(line)]
    siblings = _siblings(run, entry)
    if len(siblings) > 1:
        title = f"All lines of `{line.rule}` for {clean(line.fact_id)}"
        blocks.append("\n".join([title, *_sibling_rows(siblings, entry)]))
    text = _rule_text(run, rule, line.span)
    if text:
        blocks.append("\n".join([f"{rule.name}: {rule.choices}", *text]))
    return "\n\n".join(blocks) + "\n"


def line_data(run: RunFolder, entry: Entry) -> dict[str, Any]:
    """Return everything that is known of a line, as plain data."""
    rule = find_rule(run, entry.line.rule)
    found = {name: run.line(name, entry.line) for _, name in _links(entry.line)}
    return {
        **entry_json(entry),
        "payee_kind": entry.line.payee_kind,
        "payee": entry.line.payee,
        "rounding": rule.rounding,
        "methods": list(rule.methods),
        "next_band": to_next_band(entry.line, rule),
        "award": [each.line_id for each in _siblings(run, entry)],
        "linked": {
            word: entry_json(other) for word, name in _links(entry.line) if (other := found[name]) is not None
        },
        "rule_text": _rule_text(run, rule, entry.line.span),
    }


def _what(entry: Entry, rule: RuleTerms) -> str:
    line = entry.line
    payable = f"payable on {line.payable_on}" if line.payable_on else "waiting for a date"
    fact = f"{line.fact} {clean(line.fact_id)}, " if line.fact_id else ""
    paid = ", memo: not paid" if line.memo else ""
    return (
        f"{line.rule} pays {clean(line.payee)} ({line.payee_kind})"
        f" {money(line.amount, line.currency)} {line.currency}{paid}\n"
        f"{fact}earned on {line.earned_on}, {payable}\n"
        f"line {entry.line_id}, {line.part.value}, {line.span}{f', {rule.title}' if rule.title else ''}"
    )


def _numbers(line: Line, rule: RuleTerms) -> list[str]:
    """Every number of the line with its name, one below the other."""

    def measured(value: Exact) -> str:
        return money(value, line.measure_unit) if line.measure_unit else number(value)

    def paid(value: Exact) -> str:
        return money(value, line.currency)

    def counted(value: Exact) -> str:
        return money(value, line.counted_unit) if line.counted_unit else number(value)

    def rated(value: Exact) -> str:
        return percent(value) if line.base is not None else paid(value)

    def bound(value: Exact) -> str:
        return measured(value) if line.target is None else percent(value)

    settles = line.rule == STATEMENT
    where = "" if settles else ", ".join(word for word in (line.window, line.scope) if word)
    total_of_what = "owed" if settles else "total"
    of = ": ".join(word for word in (line.base_of, line.base_how) if word)
    rows = [
        (f"{total_of_what} before", line.measure_before, measured, where),
        (f"{total_of_what} after", line.measure_after, measured, where),
        (target_of(line) if settles else "against", line.target, measured, ""),
        ("band above" if line.band_above else "band from", line.band_from, bound, ""),
        ("towards next", line.towards_next, percent, "of the way to the next band"),
        ("quantity before", line.counted_before, counted, ""),
        ("quantity after", line.counted_after, counted, ""),
        ("counted above", line.counted_above, counted, ""),
        ("packages of", line.package, counted, "full ones" if line.package_full else "full or started"),
        (
            "original",
            line.original,
            lambda value: money(value, line.original_currency),
            line.original_currency,
        ),
        ("exchange rate", line.exchange_rate, number, _exchange(line)),
        ("converted", line.converted, paid, _rounded_first(line)),
        ("base", line.base, paid, of),
        ("share of credit", line.share, percent, ""),
        ("units", line.units, number, "" if line.base is not None else of),
        ("rate", line.rate, rated, ""),
        ("rate before", line.rate_before, rated, ""),
        ("days", line.days + ZERO if line.days_of else None, number, f"of {line.days_of}"),
        ("times", line.times, percent, ""),
        (
            "cut from",
            line.whole,
            paid,
            f"part {line.part_number} of {line.part_count}" * (line.part_count > 0),
        ),
        ("part", line.weight, number, "of what the award is divided by"),
        ("all parts", line.weights, number, ""),
        ("shared by all", line.shared, paid, "the row's pay, rounded, for all payees together"),
        ("left to nobody", line.left_over or None, paid, ""),
        ("share of it", line.part_share, percent, line.part_how),
        ("exact", line.exact, paid, ""),
        ("sum before", line.rounded_from, paid, "exact; the sum is rounded"),
        ("amount", line.amount, paid, _rounded(line, rule)),
        ("paid rate", line.paid_rate, number, f"{line.paid_how}, {line.paid_rates} of {line.paid_on}"),
        ("paid", line.paid, lambda value: money(value, line.paid_currency), line.paid_currency),
    ]
    shown = [(f"  {name}", form(value), note) for name, value, form, note in rows if value is not None]
    return aligned(shown, (LEFT, RIGHT, LEFT))


def _exchange(line: Line) -> str:
    return f"{line.exchange_how}, {line.exchange_rates} of {line.exchange_on}"


def _rounded_first(line: Line) -> str:
    is_exact = line.original is None or line.exchange_rate is None
    return "" if is_exact or redo_exchange(line) == line.converted else "rounded before it is used"


def _rounded(line: Line, rule: RuleTerms) -> str:
    if line.exact == line.amount:
        return ""
    is_cut = line.whole is not None or line.shared is not None
    return "cut, what is left over placed" if is_cut else f"rounded {rule.rounding}"


def to_next_band(line: Line, rule: RuleTerms) -> str:
    """Return how far the total is from the next band, in words; empty if there is none."""
    if line.measure_after is None or not rule.bands:
        return ""

    def measured(value: Exact) -> str:
        return money(value, line.measure_unit) if line.measure_unit else number(value)

    reached = absolute(line.measure_after)
    where = f" in {line.window}" if line.window else ""
    for band in rule.bands:
        bound = band.start if line.target is None else multiply(band.start, line.target)
        if bound > reached or (bound == reached and not band.is_included):
            gap = measured(subtract(bound, reached))
            more = "" if band.is_included else "more than "
            return f"the total{where} is {measured(line.measure_after)}; {more}{gap} to go to `{band.text}`"
    return f"the total{where} is {measured(line.measure_after)}, in the last band"


def _links(line: Line) -> list[tuple[str, str]]:
    links = (
        ("corrects", line.corrects),
        ("follows from" if line.rule == STATEMENT else "earned on", line.from_line),
    )
    return [(word, name) for word, name in links if name]


def _linked(run: RunFolder, line: Line, word: str, name: str) -> str:
    """The line that a line points at, and the one that this points at, and so on."""
    lines, seen = [f"{word} line {name}"], set()
    while name not in seen and (entry := run.line(name, line)) is not None:
        seen.add(name)
        line = entry.line
        amount = f"{money(line.amount, line.currency)} {line.currency}"
        lines.append(f"  {line.rule} {clean(line.fact_id)} {line.payable_on or 'waits'} {amount}")
        lines.append(f"  {clean(entry.trace)}")
        for further, other in _links(line)[:1]:
            lines.append(f"which {further} line {other}")
            name = other
    return "\n".join(lines)


def _siblings(run: RunFolder, entry: Entry) -> list[Entry]:
    """The lines of one rule for one payee on one fact, in the order of the folder."""
    line = entry.line
    if not line.fact_id:
        return []
    return list(
        run.lines_where(
            rule=line.rule,
            payee_kind=line.payee_kind,
            payee=line.payee,
            fact=line.fact,
            fact_id=line.fact_id,
        )
    )


def _sibling_rows(siblings: Sequence[Entry], entry: Entry) -> list[str]:
    currency = entry.line.currency
    ordered = sorted(siblings, key=lambda each: (each.line.payable_on is None, str(each.line.payable_on)))
    rows = [
        (
            "> " if each.line_id == entry.line_id else "  ",
            each.line_id[:ID_LENGTH],
            str(each.line.payable_on or "waits"),
            money(each.line.amount, currency),
            clean(each.trace),
        )
        for each in ordered
    ]
    whole = money(total([each.line.amount for each in siblings]), currency)
    return aligned([*rows, ("  ", "", "sum", whole, "")], (LEFT, LEFT, LEFT, RIGHT, LEFT))


def _block_end(text: Sequence[str], start: int) -> int:
    """Return the number of the line on which the block that begins on a line is closed."""
    depth = 0
    for at in range(start, len(text) + 1):
        code = _NOT_CODE.sub("", text[at - 1])
        depth += code.count("{") - code.count("}")
        if depth <= 0 and "}" in code:
            return at
    return min(start, len(text))


def _rule_text(run: RunFolder, rule: RuleTerms, span: str) -> list[str]:
    """The rule as it was written, the line of the clause marked; long rules around it only."""
    file, first, _ = rule.span.rsplit(":", 2)
    clause = int(span.rsplit(":", 2)[1]) if span.startswith(f"{file}:") else 0
    text = run.source(file).splitlines()
    start = int(first)
    end = _block_end(text, start)
    if end - start >= _MOST_RULE_LINES:
        start, end = max(start, clause - 10), min(end, clause + 10)
    wide = len(str(end))
    return [
        f"{'>' if at == clause else ' '} {str(at).rjust(wide)} | {clean(text[at - 1])}".rstrip()
        for at in range(start, end + 1)
    ]
