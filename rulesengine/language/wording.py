"""The one way to write each clause: a node in, its text on one line out.

Numbers have commas between thousands and no zeros at the end (25,000, 2.5%); an amount with a
fraction has at least two decimals (49.90 USD). Numbers that are compared as they stand rather than
counted (table cells, `is 2026`, the number of a fiscal year) have no commas.
"""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.language import syntax
from rulesengine.model.exact import EXACT, as_text

Item = (
    syntax.PlanClause
    | syntax.RecordClause
    | syntax.RuleClause
    | syntax.TableRow
    | syntax.TakePart
    | syntax.StatementClause
    | syntax.Name
)
"""What stands on a line of its own in a block; a name is an `among` line."""


def header(block: syntax.Block | syntax.Amend) -> str:
    """Return the text of a block before its `{`, all of it for `quota` and `rates`."""
    match block:
        case syntax.PlanBlock(name=name):
            return f"plan {name.text}"
        case syntax.RecordBlock(role=role, name=name):
            return f"{role} {name.text}"
        case syntax.SegmentBlock(name=name, of=of):
            return f"segment {name.text} of {of.text}"
        case syntax.TableBlock(name=name, on=on, keys=keys):
            return f"table {name.text} on {on.text} by {', '.join(map(operand, keys))}"
        case syntax.QuotaBlock(name=name, keys=keys, window=window, type=type_name):
            currency = f" in {block.currency.text}" if block.currency else ""
            return f"quota {name.text} by {_paths(keys)} per {window.text} as {type_name.text}{currency}"
        case syntax.RatesBlock(name=name, base=base, is_per_base=is_per_base, within=within):
            quoted = f"currency per {base.text}" if is_per_base else f"{base.text} per currency"
            return f"rates {name.text} as {quoted} within {_duration(within)}"
        case syntax.MeasureBlock(name=name):
            return f"measure {name.text}"
        case syntax.RuleBlock(kind=kind, name=name):
            return f"{kind} {name.text}"
        case syntax.ChooseBlock(name=name):
            return f"choose {name.text}"
        case syntax.StatementBlock():
            return "statement"
        case syntax.Amend(start=start):
            return f"amend from {start.value.isoformat()}"
        case _:
            assert_never(block)


def clause(node: Item, *, in_measure_block: bool = False) -> str:
    """Return the text of a clause; an `Amend` is for the caller to write."""
    match node:
        case syntax.Title(text=text):
            return f'title "{text}"'
        case syntax.CurrencyClause(code=code):
            return f"currency {code}"
        case syntax.Effective(start=start, end=end):
            return f"effective from {operand(start)}" + _optional(" through ", end)
        case syntax.RoundingClause(mode=mode, step=step, place=place):
            return f"rounding {mode} to {operand(step)} per {place}"
        case syntax.FiscalYearClause(number=number, start=start):
            year = f" {as_text(number.value)}" if number else ""
            return f"fiscal year{year} from {operand(start)}"
        case syntax.FieldLine(name=name, type=type_name, flags=flags):
            currency = [f"in {node.currency.text}"] if node.currency else []
            return " ".join(["field", name.text, type_name.text, *currency, *map(_flag, flags)])
        case syntax.Derive(name=name, expression=expression, least=least, most=most):
            bounds = _optional(" at least ", least) + _optional(" at most ", most)
            return f"derive {name.text} = {_expression(expression)}{bounds}"
        case syntax.OrderBy(path=path):
            return f"order by {path.text}"
        case syntax.Where(condition=test):
            return f"where {condition(test)}"
        case syntax.TableRow(cells=cells, value=value):
            return f"row {', '.join(map(_cell, cells))} gives {operand(value)}"
        case syntax.TakePart(share=share, measure=measure, most=most):
            return f"take {operand(share)} of {measure.text}" + _optional(" at most ", most)
        case syntax.Measure(aggregate=aggregate, window=window, keys=keys, against=against):
            word = "take" if in_measure_block else "measure"
            rest = _optional(" from ", node.anchor) + _keys(keys)
            if isinstance(against, syntax.Before):
                rest += f" against {against.path.text} of {against.unit} before"
            else:
                rest += _optional(" against ", against)
            return f"{word} {_aggregate(aggregate)} per {window.text}{rest}"
        case syntax.UseMeasure(name=name):
            return f"measure {name.text}"
        case syntax.On(source=source, per=syntax.Name(text=window)):
            return f"on {source.text} per {window}"
        case syntax.On(source=source, of_earnings=of_earnings, at=at):
            return f"on {'earnings of ' if of_earnings else ''}{source.text}" + _optional(" at ", at)
        case syntax.CreditTo(path=path):
            return f"credit {path.text}"
        case syntax.CreditShare(share=share, path=path):
            return f"credit {operand(share) if share else 'rest'} to {path.text}"
        case syntax.CreditLevels(path=path, segment=segment, most=most):
            within = f" in {segment.text}" if segment else ""
            return f"credit each level of {path.text}{within} through {operand(most)}"
        case syntax.CreditEach(kind=kind, by=by):
            return f"credit each {kind.text} " + (f"by {by.text}" if by else "equally")
        case syntax.Award(path=path, how="each"):
            return f"award each member of {path.text}" if path else "award each contributor"
        case syntax.Award(path=path, how=how, by=by):
            whom = f"members of {path.text}" if path else "contributors"
            return f"award {whom} {how}" + (f" to {by.text}" if by else "")
        case syntax.Memo():
            return "memo"
        case syntax.ForFirst(count=count, duration=duration, keys=keys):
            if duration is not None:
                return f"for {_duration(duration)} from first{_keys(keys)}"
            return f"for first{_optional(' ', count)}{_keys(keys)}"
        case syntax.Prorate(start=start, end=end):
            return f"prorate by days from {start.text} through {end.text}"
        case syntax.For():
            return _for(node)
        case syntax.Apply(method=method):
            return f"apply {method}"
        case syntax.Tier(side=side, bound=bound, pay=pay):
            return f"tier {side} {operand(bound)} pay {_pay(pay)}"
        case syntax.Pay():
            return f"pay {_pay(node)}"
        case syntax.Times(factor=factor, when=when):
            return f"times {operand(factor)}" + (f" when {condition(when)}" if when else "")
        case syntax.Limit(word=word, value=value, base=base, window=window, keys=keys):
            per = f" per {window.text}{_optional(' from ', node.anchor)}"
            return f"{word} {operand(value)}{_optional(' of ', base)}{per}{_keys(keys)}"
        case syntax.Deduct(own=own, rule=rule):
            return f"deduct {_earnings(own, rule)}"
        case syntax.RemainderClause(to=to):
            return f"remainder to {to}"
        case syntax.Hold(anchor=anchor):
            return f"hold until {_anchor(anchor)}"
        case syntax.Split(duration=duration, anchor=anchor):
            return f"split into {_duration(duration)} starting {_anchor(anchor)}"
        case syntax.Release():
            return _release(node)
        case syntax.Clawback():
            return _clawback(node)
        case syntax.Stop(path=path, then=then):
            return f"stop on {path.text} then {then}"
        case syntax.WindowClause(start=start, end=end):
            return f"window from {operand(start)} through {operand(end)}"
        case syntax.Goal(aggregate=aggregate, operator=operator, value=value, keys=keys):
            return f"goal {_aggregate(aggregate)} {operator} {operand(value)}{_keys(keys)}"
        case syntax.Rank(aggregate=aggregate, keys=keys, ties=ties):
            return f"rank {_aggregate(aggregate)}{_keys(keys)} ties {ties}"
        case syntax.PlaceLine(number=number, pay=pay):
            return f"place {operand(number)} pay {_pay(pay)}"
        case syntax.Budget(value=value, keys=keys, first_come_on=on):
            then = f"first_come on {on.text}" if on else "prorate"
            return f"budget {operand(value)}{_keys(keys)} then {then}"
        case syntax.Convert(to=to, rates=rates, anchor=anchor, mode=mode, step=step):
            rounded = f" rounded {mode}{_optional(' to ', step)}" if mode else ""
            return f"convert to {to.text} at {rates.text} on {_anchor(anchor)}{rounded}"
        case syntax.StatementPer(window=window, and_currency=and_currency):
            return f"per {window.text}" + " and currency" * and_currency
        case syntax.Guarantee(value=value, window=window, whom=whom, time=time):
            return f"guarantee {operand(value)} per {window.text}{_whom(whom, time)}"
        case syntax.Draw(value=value, window=window, how=how, whom=whom, time=time):
            return f"draw {operand(value)} per {window.text} {how}{_whom(whom, time)}"
        case syntax.Recover(rate=rate, above=above):
            return f"recover {operand(rate)} of earnings" + _optional(" above ", above)
        case syntax.StatementCap(value=value, window=window, then=then):
            return f"cap {operand(value)} per {window.text} then {then}"
        case syntax.Negative(then=then):
            return f"negative {then}"
        case syntax.Minimum(value=value):
            return f"minimum {operand(value)} then carry"
        case syntax.StatementRounding(mode=mode, step=step):
            return f"rounding {mode} to {operand(step)}"
        case syntax.Name(text=text):
            return f"among {text}"
        case syntax.Amend():
            raise ValueError("written by the caller")
        case _:
            assert_never(node)


def condition(node: syntax.Condition) -> str:
    """Return the text of a condition, with no more brackets than it needs."""
    match node:
        case syntax.AllOf(tests=tests):
            return " and ".join(map(_test, tests))
        case syntax.AnyOf(tests=tests):
            return " or ".join(map(_test, tests))
        case syntax.Not(test=test):
            return f"not {_test(test)}"
        case syntax.Flag(path=path):
            return path.text
        case syntax.Compare(left=left, operator=operator, right=right):
            return f"{operand(left)} {operator} {_right(right)}"
        case syntax.Is(left=left, values=values, negated=negated):
            texts = ", ".join(map(_as_it_stands, values))
            one_of = "one of " if len(values) > 1 else ""
            return f"{operand(left)} is {'not ' if negated else ''}{one_of}{texts}"
        case syntax.Missing(path=path, negated=negated):
            return f"{path.text} is {'present' if negated else 'missing'}"
        case syntax.InSegment(path=path, segment=segment):
            return f"{path.text} in {segment.text}"
        case syntax.Has(path=path, quantifier=quantifier, values=values):
            return f"{path.text} has {quantifier} of {', '.join(map(operand, values))}"
        case syntax.Starts(left=left, values=values):
            any_of = "any of " if len(values) > 1 else ""
            return f"{operand(left)} starts with {any_of}{', '.join(map(operand, values))}"
        case _:
            assert_never(node)


def operand(node: syntax.Literal | syntax.Operand) -> str:
    """Return the text of a value or a field."""
    match node:
        case syntax.Number(value=value):
            return _number(value)
        case syntax.Percent(value=value):
            return f"{_number(EXACT.scaleb(value, 2))}%"
        case syntax.Amount(value=value, currency=currency):
            return f"{_money(value)} {currency}"
        case syntax.Date(value=day):
            return day.isoformat()
        case syntax.Text(value=text):
            return f'"{text}"'
        case syntax.Path():
            return node.text
        case syntax.MeasureReading(path=path, before=unit) if unit:
            return f"{path.text} of {unit} before"
        case syntax.MeasureReading(path=path, in_total=in_total):
            return f"{path.text} {'in total' if in_total else 'so far'}"
        case syntax.Otherwise(path=path, default=default):
            return f"{path.text} otherwise {operand(default)}"
        case _:
            assert_never(node)


def _number(value: Decimal) -> str:
    whole, point, decimals = as_text(value).partition(".")
    return f"{int(whole):,}{point}{decimals}"


def _money(value: Decimal) -> str:
    text = _number(value)
    return text + "0" if text[-2:-1] == "." else text


def _as_it_stands(node: syntax.Literal | syntax.Path) -> str:
    """Numbers that are compared rather than counted have no commas."""
    return as_text(node.value) if isinstance(node, syntax.Number) else operand(node)


def _optional(lead: str, node: syntax.Literal | syntax.Operand | None) -> str:
    return "" if node is None else lead + operand(node)


def _whom(name: syntax.Name | None, time: syntax.For | None) -> str:
    whom = "" if name is None else f" for {name.text}"
    return whom if time is None else f"{whom} {_for(time)}"


def _for(node: syntax.For) -> str:
    return f"for {_duration(node.duration)} from {_anchor(node.anchor)}"


def _paths(paths: tuple[syntax.Path, ...]) -> str:
    return ", ".join(path.text for path in paths)


def _keys(keys: syntax.Keys | None) -> str:
    if keys is None:
        return ""
    return " by all" if keys.is_all else f" by {_paths(keys.paths)}"


def _flag(flag: syntax.FieldFlag) -> str:
    if flag.values:
        return f"{flag.word} {', '.join(map(operand, flag.values))}"
    return flag.word if flag.number is None else f"{flag.word} {operand(flag.number)}"


def _expression(node: syntax.Expression) -> str:
    if isinstance(node, syntax.SpanCount):
        return f"{' '.join(node.words)} from {_anchor(node.start)} {node.side} {_anchor(node.end)}"
    if not isinstance(node, syntax.Binary):
        return operand(node)
    left, right = _expression(node.left), _expression(node.right)
    is_product = node.operator in "*/"
    if isinstance(node.left, syntax.Otherwise) or (is_product and _is_sum(node.left)):
        left = f"({left})"
    # The right side of a chain is bracketed: a - (b - c) is not a - b - c.
    is_chain = is_product and isinstance(node.right, syntax.Binary)
    if isinstance(node.right, syntax.Otherwise) or _is_sum(node.right) or is_chain:
        right = f"({right})"
    return f"{left} {node.operator} {right}"


def _is_sum(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Binary) and node.operator in "+-"


def _cell(cell: syntax.Cell) -> str:
    match cell:
        case syntax.AnyCell():
            return "any"
        case syntax.FromCell(side=side, bound=bound):
            return f"{side} {operand(bound)}"
        case syntax.Text() | syntax.Number():
            return _as_it_stands(cell)
        case _:
            assert_never(cell)


def _aggregate(aggregate: syntax.Aggregate) -> str:
    path = aggregate.path.text if aggregate.path else ""
    word = "" if aggregate.word == "measure" else aggregate.word
    return " ".join(part for part in (word, aggregate.share, path) if part)


def _pay(pay: syntax.Pay) -> str:
    return " plus ".join(map(_pay_part, pay.parts)) or "nothing"


def _pay_part(part: syntax.PayPart | syntax.PrizePart) -> str:
    if isinstance(part, syntax.PrizePart):
        return f'prize "{part.text}" once'
    unit = " once" if part.once else ""
    if part.per is not None:
        unit = f" per {_per(part.per)}" + _of(part.per.of)
    return operand(part.value) + _of(part.base) + unit


def _per(per: syntax.PerUnit | syntax.PerPackage) -> str:
    return per.word.text if isinstance(per, syntax.PerUnit) else f"{per.word} {operand(per.size)}"


def _of(base: syntax.PayBase | None) -> str:
    match base:
        case None:
            return ""
        case syntax.Excess(of=of, bound=bound):
            return f"{_optional(' of ', of)} above {operand(bound)}"
        case syntax.WithEarnings(of=of, earnings=earnings):
            others = (f" {each.word} {_earnings(each.own, each.rule)}" for each in earnings)
            return f" of {operand(of)}{''.join(others)}"
        case _:
            return f" of {operand(base)}"


def _earnings(own: bool, rule: syntax.Name) -> str:
    return f"{'own ' if own else ''}earnings of {rule.text}"


def _test(node: syntax.Condition) -> str:
    text = condition(node)
    return f"({text})" if isinstance(node, syntax.AllOf | syntax.AnyOf) else text


def _right(
    node: syntax.Number
    | syntax.Amount
    | syntax.Percent
    | syntax.ShareOf
    | syntax.MeasureReading
    | syntax.Anchor,
) -> str:
    match node:
        case syntax.ShareOf(share=share, of=of):
            return f"{operand(share)} of {operand(of)}"
        case syntax.Number() | syntax.Amount() | syntax.Percent() | syntax.MeasureReading():
            return operand(node)
        case _:
            return _anchor(node)


def _clawback(node: syntax.Clawback) -> str:
    at = f" at {_anchor(node.at)}" if node.at else ""
    tail = at + (f" then restore on {node.restore.text}" if node.restore else "")
    anchor = _anchor(node.anchor) if node.anchor else ""
    if node.unearned is not None:
        number, _, unit = _duration(node.unearned.duration).rpartition(" ")
        over = f"{number} {node.unearned.method} {unit}"
        return f"clawback unearned over {over} from {anchor} on {node.on.text}{tail}"
    word = "unless" if node.is_unless else "on"
    within = f" within {_duration(node.limit)} of {anchor}" if node.limit else ""
    assert node.share is not None
    return f"clawback {operand(node.share)} {word} {node.on.text}{within}{tail}"


def _release(node: syntax.Release) -> str:
    share = operand(node.share) if node.share else "rest"
    match node.when:
        case syntax.Split():
            return f"release {share} {clause(node.when)}"
        case syntax.Reaches(path=path, target=target):
            return f"release {share} as {path.text} reaches {operand(target)}"
        case anchor:
            return f"release {share} at {_anchor(anchor)}"


def _anchor(anchor: syntax.Anchor) -> str:
    match anchor:
        case syntax.Path() | syntax.Date():
            return operand(anchor)
        case syntax.After(duration=duration, anchor=inner):
            return f"{_duration(duration)} after {_anchor(inner)}"
        case syntax.StartAfter(window=window, anchor=inner):
            return f"start of {window} after {_anchor(inner)}"
        case syntax.StartOf(window=window, anchor=inner):
            return f"start of {window} of {_anchor(inner)}"
        case syntax.EndOf(window=window, anchor=inner):
            return f"end of {window} of {_anchor(inner)}"
        case _:
            assert_never(anchor)


def _duration(duration: syntax.Duration) -> str:
    is_one = isinstance(duration.count, syntax.Number) and duration.count.value == 1
    return f"{operand(duration.count)} {duration.unit}{'' if is_one else 's'}"
