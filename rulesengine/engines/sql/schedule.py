"""Step 7, schedule: when each award is payable, whole or in dated parts, held or stopped."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_parts import CUT, AwardParts
from rulesengine.engines.sql.cancel import apply_clawbacks
from rulesengine.engines.sql.cancelled_lines import DUE_ON, LOST, STOPPED
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import (
    DUE,
    STOP,
    STOP_PAYS,
    due_on,
    earned_day,
    first_day,
    has_dates,
    later,
    not_before_budget,
    not_before_rates,
)
from rulesengine.engines.sql.earned_rows import LINE
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_given,
    is_null,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.first_of_award import dated_as_first
from rulesengine.engines.sql.line_columns import show_number
from rulesengine.engines.sql.moves import Moves
from rulesengine.engines.sql.parts import AwardPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import award_of
from rulesengine.engines.sql.sequence import with_steps
from rulesengine.engines.sql.values import Number, Plain, no_number, number
from rulesengine.model.schema import MOST_PARTS
from rulesengine.plan import nodes

ON, EARNED = f"{CUT}on", f"{CUT}earned"


def schedule(
    compilation: Compilation,
    drafts: Relation,
    rule: nodes.Rule,
    moves: Moves | None = None,
    *,
    is_single: bool,
) -> Relation:
    """Return the drafts with the dates they are payable on, cut into the parts that the rule says.

    Args:
        drafts: with amounts.
        moves: what clawbacks take and give back.
        is_single: whether no award has more than one draft.
    """
    if not any(map(has_dates, rule.versions)):
        source = From(drafts)
        source.take_all()
        source.columns["payable_on"] = Plain(earned_day(source))
        if compilation.plan.convert is not None:
            # What is paid in another currency is converted at the dates of the row that judges.
            source.columns["due_on"] = Plain(first_day(source, rule))
        comment = f"rule {rule.name}: when it is payable"
        lines = compilation.add(f"{rule.name}_payable", comment, source, rule=rule)
        return not_before_rates(compilation, lines, rule)
    if not is_single:
        drafts = with_steps(compilation, dated_as_first(compilation, drafts, rule), rule)
    made: list[From] = []
    for index in range(len(rule.versions)):
        parts = AwardParts(compilation, rule, index, drafts, is_single=is_single)
        made += _lines(parts, is_clawed=moves is not None)
    if any("left_over" in source.columns for source in made):
        for source in made:
            source.columns.setdefault("left_over", number(0))
    if comes_bit_by_bit(rule):
        for source in made:
            source.columns.setdefault("piece", number(0))
    if is_single and (moves is not None or comes_bit_by_bit(rule) or LINE in drafts):
        # Lines are numbered later, which takes the parts of a draft for drafts unless it is told.
        for source in made:
            source.columns["step"] = number(0)
    words = dict.fromkeys(word for version in rule.versions for word in _words(version))
    comment = f"rule {rule.name}: when it is payable: {'; '.join(words)}"
    lines = compilation.add_union(f"{rule.name}_payable", comment, made, rule=rule)
    lines = lines if moves is None else apply_clawbacks(compilation, lines, moves, rule)
    return not_before_rates(compilation, not_before_budget(compilation, lines, rule), rule)


def comes_bit_by_bit(rule: nodes.Rule) -> bool:
    """Whether a part of an award may be several lines."""
    releases = [version.release for version in rule.versions if version.release is not None]
    return any(isinstance(part.when, nodes.Reaches) for release in releases for part in release.parts)


def _words(version: nodes.Version) -> Iterator[str]:
    if version.hold is not None:
        yield "held"
    if version.split is not None:
        yield version.split.text
    for part in version.release.parts if version.release is not None else ():
        yield part.text
    for stop in version.stops:
        yield stop.text


def _lines(parts: AwardParts, *, is_clawed: bool) -> list[From]:
    """Return the selects of the lines of one version: what is paid, and what is forfeited.

    Args:
        is_clawed: whether clawbacks ask when they are due.
    """
    name, rule = f"{parts.rule.name}_parts{parts.suffix}", parts.rule.name
    dated = [_dated(parts, part) for part in parts.each()]
    comment = f"rule {rule}: the parts of each award, and when they are due"
    source = From(parts.compilation.add_union(name, comment, dated, rule=parts.rule))
    made = [_paid(source)]
    if STOP in parts.awards and _forfeits(From(parts.awards)) != FALSE:
        made.append(_forfeited(parts, is_clawed=is_clawed))
    if is_clawed:
        for source in made:
            source.columns.setdefault(DUE_ON, source.columns["due_on"])
            source.columns.setdefault(STOPPED, Plain(FALSE))
            source.columns.setdefault(LOST, number(0))
    return made


def _dated(parts: AwardParts, part: AwardPart) -> From:
    """Return a part of the awards with its place, and the day that it is due on."""
    source = part.source
    columns = source.columns
    columns[f"{CUT}index"], columns[f"{CUT}piece"] = part.index, part.piece
    first = first_day(source, parts.rule)
    columns[ON] = Plain(due_on(parts.version, source, part.day, first))
    columns[EARNED] = Plain(earned_day(source))
    return source


def _paid(source: From) -> From:
    """Return what is paid of a part, when it is; after a `stop` nothing is, or all of it on that day."""
    _take(source)
    columns = source.columns
    on, earned_on = source.expr(ON), source.expr(EARNED)
    # INVARIANT: nothing is payable before it is earned.
    columns["payable_on"], columns["due_on"] = Plain(later(on, earned_on)), Plain(on)
    if "piece" in columns:
        columns["piece"] = _nth_piece(source)
    if STOP in source.relation:
        stop, pays = source.expr(STOP), source.expr(STOP_PAYS)
        is_open = _is_open(on, stop)
        is_paid_out = all_of([is_open, pays])
        columns["payable_on"] = Plain(chosen([(is_paid_out, _last_chance(source))], later(on, earned_on)))
        columns["due_on"] = Plain(chosen([(is_paid_out, stop)], on))
        source.keep(any_of([negated(is_open), pays]))
    return source


def _nth_piece(source: From) -> Number:
    """Return the place of a line among the pieces of its part, from 0: of a part for which nothing came in,
    what waits is the first."""
    part = [*award_of(source), source.num("position").top, source.num(f"{CUT}index").top]
    place = over("row_number", [], partition=part, order=[source.num("piece").top], sort=Sort.INT)
    return Number(Call("-", (place, integer(1)), Sort.INT), 0, 10**9)


def _take(source: From) -> None:
    """Take what lines have of the parts, without what decided when they are due."""
    source.take_all(name for name in source.relation.columns if name.startswith((CUT, DUE)))


def _forfeits(source: From) -> Expr:
    return negated(source.expr(STOP_PAYS))


def _is_open(on: Expr, stop: Expr) -> Expr:
    """Return whether a part is still to come on the day of a `stop`."""
    return all_of([is_given(stop), any_of([is_null(on), surely(compared(on, ">=", stop))])])


def _last_chance(source: From) -> Expr:
    return later(source.expr(STOP), source.expr("earned_on"))


def _forfeited(parts: AwardParts, *, is_clawed: bool) -> From:
    """Return a line for each draft that says which parts of it are not paid."""
    compilation, rule = parts.compilation, parts.rule
    opened = From(_stopped(parts))
    opened.keep(_is_open(opened.expr(ON), opened.expr(STOP)))
    opened.take_all()
    draft = [*award_of(opened), *([] if parts.is_single else [opened.num("position").top])]
    order = [opened.num(f"{CUT}index").top, opened.num(f"{CUT}piece").top]
    place = over("row_number", [], partition=draft, order=order, sort=Sort.INT)
    opened.columns[f"{CUT}place"] = Number(place, 0, 10**6)
    amount = opened.num("amount")
    lost = over("sum", [amount.top], partition=draft, sort=Sort.WIDE)
    # No part is more than the award, and there are no more parts than a plan may say.
    opened.columns[f"{CUT}lost"] = Number(lost, amount.scale, amount.most * MOST_PARTS)
    comment = f"rule {rule.name}: what is forfeited in all of each"
    name = f"{rule.name}_lost{parts.suffix}"
    source = From(compilation.add(name, comment, opened, rule=rule))
    source.keep(equal(source.num(f"{CUT}place").top, integer(1)))
    _take(source)
    columns = source.columns
    columns["part"] = Plain(text(Part.FORFEITED.value))
    columns["amount"] = number(0)
    lost_here = source.num(f"{CUT}lost")
    show_number(columns, "exact", lost_here, "exact")
    if is_clawed:
        columns[STOPPED], columns[LOST], columns[DUE_ON] = Plain(TRUE), lost_here, source[STOP]
    columns["payable_on"], columns["due_on"] = Plain(_last_chance(source)), Plain(null(Sort.DATE))
    columns["part_share"], columns["part_how"] = no_number(), Plain(text(""))
    if "piece" in columns:
        columns["piece"] = number(0)
    return source


def _stopped(parts: AwardParts) -> Relation:
    """Return the parts of awards that a `stop` forfeits what is still to come of."""
    made = []
    for part in parts.each():
        source = part.source
        source.keep(all_of([is_given(source.expr(STOP)), _forfeits(source)]))
        _dated(parts, part)
        if parts.is_cut:
            source.columns["whole"] = source["amount"]
        else:
            # What an award was a part of is shown already, on the lines that are paid.
            show_number(source.columns, "whole", source.num("amount"), "whole")
        source.columns["left_over"] = source["left_over"] if "left_over" in source.relation else number(0)
        made.append(source)
    comment = f"rule {parts.rule.name}: parts of awards that a `stop` forfeits"
    name = f"{parts.rule.name}_stopped{parts.suffix}"
    return parts.compilation.add_union(name, comment, made, rule=parts.rule)
