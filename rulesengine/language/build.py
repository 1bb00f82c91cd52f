"""Turns each production of the grammar into its syntax node, while the parser runs.

The parser calls one method per production with the parts it read: tokens (keywords too, None where
an optional word was left out), nodes, and lists of nodes. No tree of productions is ever built.
"""

from __future__ import annotations

from typing import Any

from rulesengine.language import syntax
from rulesengine.language.build_values import Parts, ValueBuilder, nodes


class Builder(ValueBuilder):
    """The parser's callbacks for blocks and clauses; values and conditions are inherited."""

    rule_kind = rounding_mode = rounding_place = apply_method = ValueBuilder.unit
    remainder_to = stop_then = once = span_end = ValueBuilder.unit

    # --- blocks ----------------------------------------------------------------------------

    def start(self, parts: Parts) -> list[syntax.Block]:
        return parts

    def plan(self, parts: Parts) -> syntax.PlanBlock:
        _, name, _, *clauses, _ = parts
        return syntax.PlanBlock(span=self._span(parts), name=name, clauses=tuple(clauses))

    def payee(self, parts: Parts) -> syntax.RecordBlock:
        role, name, _, *clauses, _ = parts
        span = self._span(parts)
        return syntax.RecordBlock(span=span, role=str(role), name=name, clauses=tuple(clauses))

    fact = payee

    def segment(self, parts: Parts) -> syntax.SegmentBlock:
        _, name, _, of, _, *wheres, _ = parts
        return syntax.SegmentBlock(span=self._span(parts), name=name, of=of, wheres=tuple(wheres))

    def table(self, parts: Parts) -> syntax.TableBlock:
        _, name, _, on, _, keys, _, *rows, _ = parts
        span = self._span(parts)
        return syntax.TableBlock(span=span, name=name, on=on, keys=tuple(keys), rows=tuple(rows))

    def table_keys(self, parts: Parts) -> Parts:
        return parts[::2]

    def quota(self, parts: Parts) -> syntax.QuotaBlock:
        _, name, _, keys, _, window, _, type_name, _, code = parts
        return syntax.QuotaBlock(
            span=self._span(parts),
            name=name,
            keys=tuple(keys),
            window=window,
            type=type_name,
            currency=None if code is None else self.name([code]),
        )

    def rates(self, parts: Parts) -> syntax.RatesBlock:
        _, name, _, (base, is_per_base), _, within = parts
        span = self._span(parts)
        return syntax.RatesBlock(span=span, name=name, base=base, is_per_base=is_per_base, within=within)

    def rates_per_base(self, parts: Parts) -> tuple[syntax.Name, bool]:
        return self.name([parts[2]]), True

    def rates_in_base(self, parts: Parts) -> tuple[syntax.Name, bool]:
        return self.name([parts[0]]), False

    def measure_block(self, parts: Parts) -> syntax.MeasureBlock:
        _, name, _, *clauses, _ = parts
        return syntax.MeasureBlock(span=self._span(parts), name=name, clauses=tuple(clauses))

    def rule(self, parts: Parts) -> syntax.RuleBlock:
        kind, name, _, *clauses, _ = parts
        return syntax.RuleBlock(span=self._span(parts), kind=str(kind), name=name, clauses=tuple(clauses))

    def choose(self, parts: Parts) -> syntax.ChooseBlock:
        _, name, _, _, take, _, per, *among, _ = parts
        span = self._span(parts)
        return syntax.ChooseBlock(span=span, name=name, take=str(take), per=per, among=tuple(among))

    def among(self, parts: Parts) -> syntax.Name:
        return parts[1]  # type: ignore[no-any-return]

    def statement(self, parts: Parts) -> syntax.StatementBlock:
        _, _, *clauses, _ = parts
        return syntax.StatementBlock(span=self._span(parts), clauses=tuple(clauses))

    def statement_per(self, parts: Parts) -> syntax.StatementPer:
        span = self._span(parts)
        return syntax.StatementPer(span=span, window=parts[1], and_currency=parts[2] is not None)

    def guarantee(self, parts: Parts) -> syntax.Guarantee:
        _, value, _, window, _, whom, time = parts
        return syntax.Guarantee(span=self._span(parts), value=value, window=window, whom=whom, time=time)

    def draw(self, parts: Parts) -> syntax.Draw:
        _, value, _, window, how, _, whom, time = parts
        return syntax.Draw(
            span=self._span(parts), value=value, window=window, how=str(how), whom=whom, time=time
        )

    def grant_time(self, parts: Parts) -> syntax.For:
        return self.for_span(parts)

    def recover(self, parts: Parts) -> syntax.Recover:
        _, rate, _, _, _, above = parts
        return syntax.Recover(span=self._span(parts), rate=rate, above=above)

    def statement_cap(self, parts: Parts) -> syntax.StatementCap:
        _, value, _, window, _, then = parts
        return syntax.StatementCap(span=self._span(parts), value=value, window=window, then=str(then))

    def negative(self, parts: Parts) -> syntax.Negative:
        return syntax.Negative(span=self._span(parts), then=str(parts[1]))

    def minimum(self, parts: Parts) -> syntax.Minimum:
        return syntax.Minimum(span=self._span(parts), value=parts[1])

    def statement_rounding(self, parts: Parts) -> syntax.StatementRounding:
        _, mode, _, step = parts
        return syntax.StatementRounding(span=self._span(parts), mode=str(mode), step=step)

    # --- plan ------------------------------------------------------------------------------

    def title(self, parts: Parts) -> syntax.Title:
        return syntax.Title(span=self._span(parts), text=str(parts[1])[1:-1])

    def currency(self, parts: Parts) -> syntax.CurrencyClause:
        return syntax.CurrencyClause(span=self._span(parts), code=str(parts[1]))

    def effective(self, parts: Parts) -> syntax.Effective:
        _, _, start, _, end = parts
        return syntax.Effective(span=self._span(parts), start=start, end=end)

    def rounding(self, parts: Parts) -> syntax.RoundingClause:
        _, mode, _, step, _, place = parts
        span = self._span(parts)
        return syntax.RoundingClause(span=span, mode=str(mode), step=step, place=str(place))

    def convert(self, parts: Parts) -> syntax.Convert:
        _, _, to, _, rates, _, anchor, _, mode, _, step = parts
        mode = "" if mode is None else str(mode)
        span = self._span(parts)
        return syntax.Convert(span=span, to=to, rates=rates, anchor=anchor, mode=mode, step=step)

    def convert_to(self, parts: Parts) -> syntax.Name | syntax.Path:
        return self.name(parts) if isinstance(parts[0], str) else parts[0]

    field_currency = convert_to

    def fiscal_year(self, parts: Parts) -> syntax.FiscalYearClause:
        _, _, number, _, start = parts
        return syntax.FiscalYearClause(span=self._span(parts), number=number, start=start)

    # --- records ---------------------------------------------------------------------------

    def field(self, parts: Parts) -> syntax.FieldLine:
        _, name, type_name, _, currency, *flags = parts
        span = self._span(parts)
        return syntax.FieldLine(span=span, name=name, type=type_name, currency=currency, flags=tuple(flags))

    def field_type(self, parts: Parts) -> syntax.Name:
        return syntax.Name(span=self._span(parts), text=" ".join(parts))

    def field_flag(self, parts: Parts) -> syntax.FieldFlag:
        return syntax.FieldFlag(span=self._span(parts), word=str(parts[0]))

    def flag_one_of(self, parts: Parts) -> syntax.FieldFlag:
        return syntax.FieldFlag(span=self._span(parts), word="one of", values=tuple(parts[2]))

    def flag_decimals(self, parts: Parts) -> syntax.FieldFlag:
        return syntax.FieldFlag(span=self._span(parts), word="decimals", number=parts[1])

    def derive(self, parts: Parts) -> syntax.Derive:
        _, name, _, expression, _, _, least, _, _, most = parts
        return syntax.Derive(span=self._span(parts), name=name, expression=expression, least=least, most=most)

    def binary(self, parts: Parts) -> Any:
        left, operator, right = parts
        node = syntax.Binary(span=self._span(parts), operator=str(operator), left=left, right=right)
        return self._nest(node, parts)

    bracketed = ValueBuilder.in_brackets

    def span_count(self, parts: Parts) -> syntax.SpanCount:
        """A span of time as a number; the words before `from` say what is counted."""
        *words, _, start, side, end = parts
        texts = tuple(word.text if isinstance(word, syntax.Name) else str(word) for word in words)
        return syntax.SpanCount(span=self._span(parts), words=texts, start=start, side=str(side), end=end)

    span_count_cut = span_count_ends = span_count

    def order_by(self, parts: Parts) -> syntax.OrderBy:
        return syntax.OrderBy(span=self._span(parts), path=parts[2])

    def where(self, parts: Parts) -> syntax.Where:
        return syntax.Where(span=self._span(parts), condition=parts[1])

    # --- tables ----------------------------------------------------------------------------

    def row(self, parts: Parts) -> syntax.TableRow:
        _, cells, _, value = parts
        return syntax.TableRow(span=self._span(parts), cells=tuple(cells), value=value)

    def cells(self, parts: Parts) -> list[syntax.Cell]:
        return parts[::2]

    def any_cell(self, parts: Parts) -> syntax.AnyCell:
        return syntax.AnyCell(span=self._span(parts))

    def from_cell(self, parts: Parts) -> syntax.FromCell:
        side, bound = parts
        return syntax.FromCell(span=self._span(parts), side=str(side), bound=bound)

    # --- measures --------------------------------------------------------------------------

    def measure(self, parts: Parts) -> syntax.Measure:
        _, aggregate, _, window, _, anchor, _, keys, _, against = parts
        return syntax.Measure(
            span=self._span(parts),
            aggregate=aggregate,
            window=window,
            keys=keys,
            against=against,
            anchor=anchor,
        )

    def before(self, parts: Parts) -> syntax.Before:
        path, _, unit, _ = parts
        return syntax.Before(span=self._span(parts), path=path, unit=str(unit))

    before_unit = ValueBuilder.unit

    def take_part(self, parts: Parts) -> syntax.TakePart:
        _, share, _, measure, _, _, most = parts
        return syntax.TakePart(span=self._span(parts), share=share, measure=measure, most=most)

    def use_measure(self, parts: Parts) -> syntax.UseMeasure:
        return syntax.UseMeasure(span=self._span(parts), name=parts[1])

    def aggregate(self, parts: Parts) -> syntax.Aggregate:
        word, share, path = str(parts[0]), "", None
        if word == "count":
            path = parts[2]
            word = "count distinct" if path is not None else word
        elif len(parts) == 3:
            share, path = str(parts[1] or ""), parts[2]
        elif len(parts) == 2:
            path = parts[1]
        return syntax.Aggregate(span=self._span(parts), word=word, share=share, path=path)

    def named_measure(self, parts: Parts) -> syntax.Aggregate:
        return syntax.Aggregate(span=self._span(parts), word="measure", share="", path=parts[0])

    def keys(self, parts: Parts) -> syntax.Keys:
        paths = parts[0] if type(parts[0]) is list else []
        return syntax.Keys(span=self._span(parts), paths=tuple(paths), is_all=not paths)

    # --- clauses of rules ------------------------------------------------------------------

    def amend(self, parts: Parts) -> syntax.Amend:
        _, _, start, _, *clauses, _ = parts
        return syntax.Amend(span=self._span(parts), start=start, clauses=tuple(clauses))

    def on(self, parts: Parts) -> syntax.On:
        _, source, _, at = parts
        return syntax.On(span=self._span(parts), source=source, of_earnings=False, at=at)

    def on_earnings(self, parts: Parts) -> syntax.On:
        return syntax.On(span=self._span(parts), source=parts[3], of_earnings=True, at=None)

    def on_calendar(self, parts: Parts) -> syntax.On:
        _, source, _, window = parts
        return syntax.On(span=self._span(parts), source=source, of_earnings=False, at=None, per=window)

    def credit(self, parts: Parts) -> syntax.CreditTo:
        return syntax.CreditTo(span=self._span(parts), path=parts[1])

    def credit_share(self, parts: Parts) -> syntax.CreditShare:
        return syntax.CreditShare(span=self._span(parts), share=parts[1], path=parts[3])

    def credit_each(self, parts: Parts) -> syntax.CreditEach:
        _, _, kind, _, *by = parts
        return syntax.CreditEach(span=self._span(parts), kind=kind, by=by[0] if by else None)

    def credit_levels(self, parts: Parts) -> syntax.CreditLevels:
        _, _, _, _, path, _, segment, _, most = parts
        return syntax.CreditLevels(span=self._span(parts), path=path, segment=segment, most=most)

    def award_each_member(self, parts: Parts) -> syntax.Award:
        return syntax.Award(span=self._span(parts), path=parts[4], how="each", by=None)

    def award_each_contributor(self, parts: Parts) -> syntax.Award:
        return syntax.Award(span=self._span(parts), path=None, how="each", by=None)

    def award_members(self, parts: Parts) -> syntax.Award:
        _, _, _, path, how = parts
        return syntax.Award(span=self._span(parts), path=path, how=how.word, by=how.by)

    def award_contributors(self, parts: Parts) -> syntax.Award:
        _, _, how = parts
        return syntax.Award(span=self._span(parts), path=None, how=how.word, by=how.by)

    def award_how(self, parts: Parts) -> syntax.AwardHow:
        by = parts[2] if len(parts) > 2 else None
        return syntax.AwardHow(span=self._span(parts), word=str(parts[0]), by=by)

    def memo(self, parts: Parts) -> syntax.Memo:
        return syntax.Memo(span=self._span(parts))

    def for_span(self, parts: Parts) -> syntax.For:
        return syntax.For(span=self._span(parts), duration=parts[1], anchor=parts[3])

    def for_first(self, parts: Parts) -> syntax.ForFirst:
        _, _, count, by, paths = parts
        keys = syntax.Keys(span=self._span([by, paths]), paths=tuple(paths), is_all=False)
        return syntax.ForFirst(span=self._span(parts), count=count, duration=None, keys=keys)

    def for_from_first(self, parts: Parts) -> syntax.ForFirst:
        _, duration, _, _, by, paths = parts
        keys = syntax.Keys(span=self._span([by, paths]), paths=tuple(paths), is_all=False)
        return syntax.ForFirst(span=self._span(parts), count=None, duration=duration, keys=keys)

    def prorate(self, parts: Parts) -> syntax.Prorate:
        _, _, _, _, start, _, end = parts
        return syntax.Prorate(span=self._span(parts), start=start, end=end)

    def apply(self, parts: Parts) -> syntax.Apply:
        return syntax.Apply(span=self._span(parts), method=str(parts[1]))

    def tier(self, parts: Parts) -> syntax.Tier:
        _, side, bound, _, pay = parts
        return syntax.Tier(span=self._span(parts), side=str(side), bound=bound, pay=pay)

    def pay(self, parts: Parts) -> syntax.Pay:
        return syntax.Pay(span=self._span(parts), parts=parts[1].parts)

    def pay_parts(self, parts: Parts) -> syntax.Pay:
        return syntax.Pay(span=self._span(parts), parts=nodes(parts))

    def pay_part(self, parts: Parts) -> syntax.PayPart:
        value, _, base, unit = parts
        is_once = isinstance(unit, str)
        return syntax.PayPart(
            span=self._span(parts), value=value, base=base, per=None if is_once else unit, once=is_once
        )

    def with_earnings(self, parts: Parts) -> syntax.WithEarnings:
        of, *earnings = parts
        return syntax.WithEarnings(span=self._span(parts), of=of, earnings=tuple(earnings))

    def earnings_of(self, parts: Parts) -> syntax.EarningsOf:
        word, own, _, _, rule = parts
        return syntax.EarningsOf(span=self._span(parts), word=str(word), own=own is not None, rule=rule)

    def excess(self, parts: Parts) -> syntax.Excess:
        of, _, bound = parts
        return syntax.Excess(span=self._span(parts), of=of, bound=bound)

    def pay_above(self, parts: Parts) -> syntax.PayPart:
        value, _, bound = parts
        base = syntax.Excess(span=self._span(parts[1:]), of=None, bound=bound)
        return syntax.PayPart(span=self._span(parts), value=value, base=base, per=None, once=False)

    def prize(self, parts: Parts) -> syntax.PrizePart:
        return syntax.PrizePart(span=self._span(parts), text=str(parts[1])[1:-1])

    def per_unit(self, parts: Parts) -> syntax.PerUnit:
        _, word, _, of = parts
        return syntax.PerUnit(span=self._span(parts), word=word, of=of)

    def per_package(self, parts: Parts) -> syntax.PerPackage:
        _, word, size, _, of = parts
        return syntax.PerPackage(span=self._span(parts), word=str(word), size=size, of=of)

    def per_unit_above(self, parts: Parts) -> syntax.PerUnit:
        _, word, *above = parts
        of = syntax.Excess(span=self._span(above), of=None, bound=above[1])
        return syntax.PerUnit(span=self._span(parts), word=word, of=of)

    def per_package_above(self, parts: Parts) -> syntax.PerPackage:
        _, word, size, *above = parts
        of = syntax.Excess(span=self._span(above), of=None, bound=above[1])
        return syntax.PerPackage(span=self._span(parts), word=str(word), size=size, of=of)

    def deduct(self, parts: Parts) -> syntax.Deduct:
        _, own, _, _, rule = parts
        return syntax.Deduct(span=self._span(parts), own=own is not None, rule=rule)

    def times(self, parts: Parts) -> syntax.Times:
        _, factor, _, when = parts
        return syntax.Times(span=self._span(parts), factor=factor, when=when)

    def limit(self, parts: Parts) -> syntax.Limit:
        word, value, _, base, _, window, _, anchor, _, keys = parts
        return syntax.Limit(
            span=self._span(parts),
            word=str(word),
            value=value,
            base=base,
            window=window,
            keys=keys,
            anchor=anchor,
        )

    def remainder(self, parts: Parts) -> syntax.RemainderClause:
        return syntax.RemainderClause(span=self._span(parts), to=str(parts[2]))

    def hold(self, parts: Parts) -> syntax.Hold:
        return syntax.Hold(span=self._span(parts), anchor=parts[2])

    def split(self, parts: Parts) -> syntax.Split:
        _, _, duration, _, anchor = parts
        return syntax.Split(span=self._span(parts), duration=duration, anchor=anchor)

    def rest(self, parts: Parts) -> None:
        """What other `release` lines leave has no share of its own."""

    def release(self, parts: Parts) -> syntax.Release:
        _, share, _, anchor = parts
        return syntax.Release(span=self._span(parts), share=share, when=anchor)

    def release_as(self, parts: Parts) -> syntax.Release:
        _, share, _, path, _, target = parts
        reaches = syntax.Reaches(span=self._span(parts[3:]), path=path, target=target)
        return syntax.Release(span=self._span(parts), share=share, when=reaches)

    def release_split(self, parts: Parts) -> syntax.Release:
        _, share, split = parts
        return syntax.Release(span=self._span(parts), share=share, when=split)

    def clawback(self, parts: Parts) -> syntax.Clawback:
        _, share, word, on, _, limit, _, anchor, _, at, restore = parts
        return syntax.Clawback(
            span=self._span(parts),
            share=share,
            unearned=None,
            on=on,
            is_unless=str(word) == "unless",
            limit=limit,
            anchor=anchor,
            at=at,
            restore=restore,
        )

    clawback_unless = clawback

    def clawback_unearned(self, parts: Parts) -> syntax.Clawback:
        _, _, _, unearned, _, anchor, _, on, _, at, restore = parts
        return syntax.Clawback(
            span=self._span(parts),
            share=None,
            unearned=unearned,
            on=on,
            is_unless=False,
            limit=None,
            anchor=anchor,
            at=at,
            restore=restore,
        )

    def unearned(self, parts: Parts) -> syntax.Unearned:
        count, method, unit = parts
        span = self._span(parts)
        duration = syntax.Duration(span=span, count=count, unit=str(unit).removesuffix("s"))
        return syntax.Unearned(span=span, duration=duration, method=str(method))

    def restore(self, parts: Parts) -> syntax.Path:
        return parts[3]  # type: ignore[no-any-return]

    def stop(self, parts: Parts) -> syntax.Stop:
        _, _, path, _, then = parts
        return syntax.Stop(span=self._span(parts), path=path, then=str(then))

    def window(self, parts: Parts) -> syntax.WindowClause:
        _, _, start, _, end = parts
        return syntax.WindowClause(span=self._span(parts), start=start, end=end)

    def goal(self, parts: Parts) -> syntax.Goal:
        _, aggregate, operator, value, _, keys = parts
        span = self._span(parts)
        return syntax.Goal(span=span, aggregate=aggregate, operator=str(operator), value=value, keys=keys)

    def rank(self, parts: Parts) -> syntax.Rank:
        _, aggregate, _, keys, _, ties = parts
        return syntax.Rank(span=self._span(parts), aggregate=aggregate, keys=keys, ties=str(ties))

    def place(self, parts: Parts) -> syntax.PlaceLine:
        _, number, _, pay = parts
        return syntax.PlaceLine(span=self._span(parts), number=number, pay=pay)

    def budget(self, parts: Parts) -> syntax.Budget:
        _, value, _, keys, _, _, _, on = parts
        return syntax.Budget(span=self._span(parts), value=value, keys=keys, first_come_on=on)

    def budget_prorate(self, parts: Parts) -> syntax.Budget:
        _, value, _, keys, _, _ = parts
        return syntax.Budget(span=self._span(parts), value=value, keys=keys, first_come_on=None)
