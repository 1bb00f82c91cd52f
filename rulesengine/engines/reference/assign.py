"""The last step: drafts become lines, named, ordered, and pointing at the lines they correct."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic
from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY, Draft
from rulesengine.engines.reference.pay_in import paid_in
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.results import Line
from rulesengine.model.change import replace
from rulesengine.model.rounding import minor_zero
from rulesengine.plan import nodes

LineNames = dict[tuple[object, PayeeId], str]
"""The id of the first line of each draft, by its tag and payee."""


def assign(
    drafts: list[Draft], rule: nodes.Rule, reader: Reader, names: LineNames, unpaid: list[Diagnostic]
) -> list[tuple[tuple[object, ...], Line]]:
    """Return the rule's lines, each with its place in the order of all lines.

    Adds the ids of the lines to `names`, where later lines that correct them or are earned on
    them look them up; and to `unpaid` why a line cannot be paid in the statement's currency.
    """
    numbered: dict[str, int] = {}
    placed: list[tuple[tuple[object, ...], Line]] = []
    rank = reader.known.ranks[rule.name]
    zero = minor_zero(rule.minor_unit)
    # INVARIANT: a line keeps its name when more is received later, so the lines of a part's first
    # piece are named before those of its second (tests/properties/test_laws.py, months one by one).
    for position, draft in sorted(enumerate(drafts), key=lambda numbered: numbered[1].piece):
        line = _line(draft, rule, names, draft.amount + zero)
        line = paid_in(line, draft, reader, unpaid)
        name = line.line_id
        count = numbered.get(name, 0)
        numbered[name] = count + 1
        if count:
            line = replace(line, sequence=count)
            name = line.line_id
        names.setdefault((draft.tag, draft.payee), name)
        order = (
            draft.payee,
            draft.payable_on or date.max,
            rank,
            draft.earned_on,
            draft.row.order if draft.row else LAST_IN_THE_DAY,
            position,
        )
        placed.append((order, line))
    return placed


def _line(
    draft: Draft,
    rule: nodes.Rule,
    names: Mapping[tuple[object, PayeeId], str],
    amount: Decimal,
) -> Line:
    converted = draft.converted
    fact = draft.row.fact if draft.row else None
    earning = draft.row.earning if draft.row else None
    return Line(
        payee_kind=draft.payee[0],
        payee=draft.payee[1],
        rule=rule.name,
        kind=rule.kind.value,
        part=draft.part,
        part_number=draft.part_number,
        part_count=draft.part_count,
        fact=fact.kind if fact else "",
        fact_id=fact.key if fact else "",
        earned_on=draft.earned_on,
        payable_on=draft.payable_on,
        window=draft.window,
        scope=draft.scope,
        measure_before=draft.before,
        measure_after=draft.after,
        measure_unit=draft.unit,
        target=draft.target,
        band_from=draft.band_from,
        band_above=draft.band_above,
        towards_next=draft.towards_next,
        base=draft.base,
        base_of=draft.base_of,
        base_how=draft.base_how,
        original=converted.original if converted else None,
        original_currency=converted.currency if converted else "",
        converted=converted.amount if converted else None,
        exchange_rate=converted.quote.rate if converted else None,
        exchange_how=converted.quote.how if converted else "",
        exchange_on=converted.quote.on if converted else None,
        exchange_rates=converted.quote.rates if converted else "",
        share=draft.share,
        level=draft.item.level if draft.item else 0,
        rate=draft.rate,
        rate_before=draft.rate_before,
        units=draft.units,
        times=draft.times,
        days=draft.days.counted if draft.days else 0,
        days_of=draft.days.of if draft.days else 0,
        counted_before=draft.counted.before if draft.counted else None,
        counted_after=draft.counted.after if draft.counted else None,
        counted_above=draft.counted.how.above if draft.counted else None,
        counted_unit=draft.counted.how.unit if draft.counted else "",
        package=draft.counted.how.package if draft.counted else None,
        package_full=draft.counted is not None and draft.counted.how.is_full,
        rounded_from=draft.rounded_from,
        whole=draft.whole,
        shared=draft.shared,
        weight=draft.weight,
        weights=draft.weights,
        left_over=draft.left_over,
        part_share=draft.part_share,
        part_how=draft.part_how,
        exact=draft.exact,
        amount=amount,
        currency=rule.currency,
        corrects=names.get((draft.undoes.tag, draft.payee), "") if draft.undoes else "",
        from_line=names.get((earning.tag, earning.payee), "") if earning else "",
        memo=rule.is_memo,
        prize=draft.prize,
        readings=draft.readings,
        span=str(draft.origin),
        step=draft.step,
    )
