"""Code for steps 4 to 6: what the row moves a measure by, the parts of the pay, rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from rulesengine.engines.bands import Bound
from rulesengine.engines.prepared.code import Code, NoCode, product
from rulesengine.engines.prepared.rule_writing import Column, Writing
from rulesengine.engines.results import Part, Reason
from rulesengine.model.exact import ONE, Exact, multiply
from rulesengine.model.rounding import RoundingPlace
from rulesengine.model.types import MoneyType, PercentType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, CreditShareOf, Method


def rate_code(version: nodes.Version, writing: Writing) -> None:
    """Write what the row earns before limits; leaves the rule where that is nothing."""
    if writing.rule.rounding.place not in (RoundingPlace.LINE, RoundingPlace.FACT):
        raise NoCode(f"rounded {writing.rule.rounding.place}")
    if writing.rule.rounding.place is RoundingPlace.FACT:
        writing.source.write("sum_of_row = ZERO")
    if writing.rule.measure is not None:
        _measured(writing.rule.measure, writing)
    leading(version, writing)
    match version.rate:
        case None:
            raise NoCode("places pay")
        case nodes.Pay(parts=parts):
            for part in parts:
                _part(part, "", writing, is_only=len(parts) == 1)
            if len(parts) != 1:
                writing.leave_if(f"len({writing.lines}) == so_far", Reason.ZERO)
        case nodes.Bands():
            if writing.rule.measure is None:
                raise NoCode("bands without a measure")
            _bands(version.rate, writing)
        case _:
            assert_never(version.rate)


# --- the measure --------------------------------------------------------------------------------


def _measured(measure: nodes.Measure, writing: Writing) -> None:
    """Write where the measure stands before and after the row."""
    reads, source = writing.reads, writing.source
    if measure.name is not None or measure.read_by is not None:
        raise NoCode("a named measure is moved")
    if measure.aggregate.kind is AggregateKind.COUNT_DISTINCT:
        raise NoCode("values are counted once")
    target = _target(measure.against, writing)
    place, label = place_code(measure.keys, measure.window, (), writing)
    rule = reads.source.value(f"totals_of_{writing.rule.name}", writing.totals, "where its measure stands")
    moves = _moves(measure.aggregate, writing)
    source.write(f"before = {rule}.before({place}, {writing.moment})")
    if measure.aggregate.kind is AggregateKind.MAX:
        source.write(f"is_first = {rule}.is_first({place}, {writing.moment})")
        source.write(f"after = {moves} if is_first else max(before, {moves})")
    else:
        source.write(f"after = add(before, {moves})")
    writing.columns = {
        "window": Column(f"{label}" if label else "", fixed=""),
        "scope": Column(scope_label(measure.keys, writing)),
        "measure_before": Column("before"),
        "measure_after": Column("after"),
        "measure_unit": Column(fixed=_unit(measure.aggregate.type)),
        "target": Column(target) if target else Column(),
    }
    writing.target = target
    writing.place_of_measure = place


def _unit(kind: object) -> str:
    if isinstance(kind, PercentType):
        return "%"
    return kind.currency if isinstance(kind, MoneyType) else ""


def _moves(aggregate: nodes.Aggregate, writing: Writing) -> str:
    if aggregate.kind is AggregateKind.COUNT or aggregate.read is None:
        return f"Decimal({writing.counts})" if writing.counts != "1" else writing.reads.constant(ONE).text
    amount = quantity(aggregate.read, writing)
    if aggregate.share is CreditShareOf.CREDITED:
        amount = product(amount, writing.share)
    return amount.text


def quantity(operand: nodes.Operand, writing: Writing) -> Code:
    """Return an amount or quantity of the row, zero where it is missing."""
    found = writing.reads.value(operand, writing.where)
    if found.may_be_missing:
        return Code(f"({found.text} or ZERO)", may_be_fraction=found.may_be_fraction)
    return found


def _target(against: nodes.Target | None, writing: Writing) -> str:
    reads, source = writing.reads, writing.source
    match against:
        case None:
            return ""
        case nodes.QuotaTarget(quota=name, keys=keys):
            shape = reads.plan.schema.quotas[name]
            values = [f"as_key({reads.read(key, writing.where).text})" for key in keys]
            start = f"{reads.windows(shape.window)}[{writing.dated}].start"
            quotas = source.value(f"quota_{name}", writing.quotas.get(name, {}), f"the quotas of {name}")
            source.write(f"target = {quotas}.get((({', '.join(values)}{',' * (len(values) == 1)}), {start}))")
            writing.leave_if("target is None", Reason.NO_QUOTA)
        case nodes.FieldRead() | nodes.Constant():
            found = reads.value(against, writing.where)
            source.write(f"target = {found.text}")
            test = "target is None or target <= 0" if found.may_be_missing else "target <= 0"
            writing.leave_if(test, Reason.NO_QUOTA)
        case _:
            raise NoCode("it is held against other totals")
    return "target"


def place_code(
    keys: tuple[nodes.FieldRead, ...], window: nodes.MeasureWindow, names: tuple[str, ...], writing: Writing
) -> tuple[str, str]:
    """Return code of the place that a total runs at, and of what its window is called."""
    reads = writing.reads
    if writing.leave == "continue" and not any(
        key.root is nodes.Root.PAYEE and not key.names for key in keys
    ):
        raise NoCode("the payees of a row move one total after the other")
    values = [*names, *(reads.key(key, writing.where) for key in keys)]
    text = f"({', '.join(values)}{',' * (len(values) == 1)})"
    match window:
        case nodes.PerFact():
            return f"({text}, None, {writing.place})", ""
        case nodes.Anniversary():
            raise NoCode("windows are counted from a date of the payee or row")
        case _:
            inside = reads.variable(
                ("window", window, writing.dated),
                f"{window}_of_{writing.dated}",
                f"{reads.windows(window)}[{writing.dated}]",
            )
            return f"({text}, {inside}.start, '')", f"{inside}.label"


def scope_label(keys: tuple[nodes.FieldRead, ...], writing: Writing) -> str:
    """Return code of the keys of a total as lines show them: `team=north`; empty if it is the payee."""
    named = [
        f"{key.text + '='!r} + {writing.reads.key(key, writing.where)}"
        for key in keys
        if key.names or not (key.root is nodes.Root.PAYEE or key.text == "payee")
    ]
    return " + ', ' + ".join(named) if named else "''"


# --- parts of the pay ---------------------------------------------------------------------------


def leading(version: nodes.Version, writing: Writing) -> None:
    """Write the product of the `times` clauses before any limit."""
    reads, source, name = writing.reads, writing.source, ""
    is_fraction = False
    for adjuster in version.adjusters:
        if not isinstance(adjuster, nodes.Times):
            break
        factor = reads.value(adjuster.factor, writing.where)
        if factor.may_be_missing:
            raise NoCode(f"{adjuster.text}: the factor may be missing")
        is_fraction = is_fraction or factor.may_be_fraction
        test = reads.holds(adjuster.when, writing.where) if adjuster.when is not None else ""
        if not name:
            name = "factor"
            text = factor.text if not test else f"{factor.text} if {test} else None"
            source.write(f"factor = {text}")
            known = not test
            continue
        both = f"multiply(factor, {factor.text})"
        joined = both if known else f"{factor.text} if factor is None else {both}"
        if test:
            with source.block(f"if {test}:"):
                source.write(f"factor = {joined}")
        else:
            source.write(f"factor = {joined}")
            known = True
    if name:
        writing.factor = Code("factor", not known, is_fraction)
        writing.columns["times"] = Column("factor")


def _part(part: nodes.PayPart, cut: str, writing: Writing, *, is_only: bool = False) -> None:
    """Write the line of one part of the pay.

    Args:
        cut: names the part of the row in a band.
        is_only: no other part is paid on the row, so that the rule is left where this one is nothing.
    """
    reads = writing.reads
    columns: dict[str, Column] = {}
    match part:
        case nodes.ShareOf(rate=rate, base=base, above=above, earnings=earnings):
            if earnings:
                raise NoCode("earnings are added to the base")
            found = _required(rate, writing)
            amount = _amount(base, above, None, cut, columns, writing)
            columns["base"] = Column(amount.text)
            if base is not None:
                _converted(base, columns, writing)
        case nodes.PerRow(amount=money):
            found = _required(money, writing)
            counts = Code(f"Decimal({writing.counts})") if writing.counts != "1" else reads.constant(ONE)
            amount = _in_cut(product(counts, writing.share), cut)
            columns |= {"units": Column(amount.text), "base_of": Column(fixed=part.text)}
            _shared(columns, writing)
        case nodes.PerUnit(amount=money, quantity=of, above=above, package=package):
            found = _required(money, writing)
            amount = _amount(of, above, package, cut, columns, writing)
            columns["units"] = Column(amount.text)
        case nodes.PerQuota(amount=money):
            if not cut or not writing.target:
                raise NoCode("it is paid per quota")
            found = _required(money, writing)
            amount = Code(f"divide({cut}.part, target)", may_be_fraction=True)
            columns |= {"units": Column(amount.text), "base_of": Column(fixed="quota")}
        case nodes.Once() | nodes.Prize():
            raise NoCode("it is paid once")
        case _:
            assert_never(part)
    exact = product(found, amount)
    if writing.factor is not None:
        both = product(exact, writing.factor).text
        exact = Code(
            f"({exact.text} if factor is None else {both})" if writing.factor.may_be_missing else both,
            may_be_fraction=exact.may_be_fraction or writing.factor.may_be_fraction,
        )
    _add_line(part, found, amount, exact, columns, cut, writing, is_only=is_only)


def _add_line(
    part: nodes.PayPart,
    rate: Code,
    amount: Code,
    exact: Code,
    columns: Mapping[str, Column],
    cut: str,
    writing: Writing,
    *,
    is_only: bool,
) -> None:
    source = writing.source
    name = "units" if "units" in columns else "base"
    given = dict(columns)
    if not amount.text.isidentifier():
        source.write(f"{name} = {_bare(amount.text)}")
        exact = Code(exact.text.replace(amount.text, name, 1), may_be_fraction=exact.may_be_fraction)
        given[name] = Column(name)
    source.write(f"exact = {_bare(exact.text)}")
    rounded = f"{writing.round_off}(exact)"
    is_summed = writing.rule.rounding.place is RoundingPlace.FACT and not is_only
    if is_summed:
        rounded = f"{writing.round_off}(add(sum_of_row, exact)) - {writing.round_off}(sum_of_row)"
    number = Column(f"len({writing.lines}) - so_far") if not is_only else Column(fixed=0)
    given |= {
        "rate": Column(rate.text),
        "exact": Column("exact"),
        "amount": Column(rounded),
        "step": number,
        "sequence": number,
    }
    if cut:
        given |= {
            "band_from": Column(f"band_from[{cut}.band]"),
            "band_above": Column(f"band_above[{cut}.band]"),
        }
    if is_only:
        writing.leave_if("not exact", Reason.ZERO)
        line = writing.line(Part.BASE, part.origin, given)
        source.write(f"{writing.lines}.append({line})")
        return
    with source.block("if exact:"):
        line = writing.line(Part.BAND if cut else Part.BASE, part.origin, given)
        source.write(f"{writing.lines}.append({line})")
        if is_summed:
            source.write("sum_of_row = add(sum_of_row, exact)")


def _bare(text: str) -> str:
    """Return code without the brackets around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and index < len(text) - 1:
            return text
    return text[1:-1]


def _required(operand: nodes.Operand, writing: Writing) -> Code:
    found = writing.reads.value(operand, writing.where)
    if found.may_be_missing:
        raise NoCode(f"{operand.text} may be missing")
    return found


def _in_cut(amount: Code, cut: str) -> Code:
    """Return the part of an amount of the row that lies in a band."""
    if not cut:
        return amount
    return Code(f"multiply({amount.text}, {cut}.fraction)", may_be_fraction=True)


def _shared(columns: dict[str, Column], writing: Writing) -> None:
    if writing.share.constant != ONE:
        columns["share"] = Column(f"(None if {writing.share.text} == 1 else {writing.share.text})")


def _amount(
    operand: nodes.Operand | None,
    above: nodes.Operand | None,
    package: nodes.Package | None,
    cut: str,
    columns: dict[str, Column],
    writing: Writing,
) -> Code:
    """Return what a part is paid of: an amount of the row, or what the row moves the measure by."""
    if operand is None:
        return _of_measure(above, package, cut, columns, writing)
    columns["base_of"] = Column(fixed=operand.text)
    how = writing.reads.how(operand, writing.where)
    if how:
        columns["base_how"] = Column(how if not cut else f"part_of({how}, {cut}.fraction)")
    _shared(columns, writing)
    found = quantity(operand, writing)
    if above is None and package is None:
        return _in_cut(product(found, writing.share), cut)
    if cut:
        raise NoCode("an amount of the row is counted band by band")
    kind = operand.type if isinstance(operand.type, MoneyType) else None
    _counting(above, package, kind.currency if kind else "", "", columns, writing)
    writing.source.write(f"brings = {found.text}")
    columns |= {"counted_before": Column("ZERO"), "counted_after": Column("brings")}
    counted = Code("counted_of(brings, counting)")
    return product(counted, writing.share)


def _converted(operand: nodes.Operand, columns: dict[str, Column], writing: Writing) -> None:
    """Add how the amount of the whole row became the rule's currency."""
    name = writing.reads.conversion(operand, writing.where)
    if not name:
        return
    shown = {
        "original": "original",
        "original_currency": "currency",
        "converted": "amount",
        "exchange_rate": "quote.rate",
        "exchange_how": "quote.how",
        "exchange_on": "quote.on",
        "exchange_rates": "quote.rates",
    }
    texts = ("original_currency", "exchange_how", "exchange_rates")
    for column, path in shown.items():
        without = "''" if column in texts else None
        columns[column] = Column(f"({without} if {name} is None else {name}.{path})")


def _counting(
    above: nodes.Operand | None,
    package: nodes.Package | None,
    unit: str,
    times: str,
    columns: dict[str, Column],
    writing: Writing,
) -> None:
    """Write how the quantity counts, as `counting`."""
    source, size, bound = writing.source, "None", "None"
    if package is not None:
        size = _required(package.size, writing).text
        writing.leave_if(f"{size} <= 0", Reason.NO_SIZE)
    if above is not None:
        bound = _required(above, writing).text
        bound = f"multiply({bound}, {times})" if times else bound
    is_full = package is not None and package.is_full
    source.write(f"counting = Counting(above={bound}, package={size}, is_full={is_full}, unit={unit!r})")
    columns |= {
        "counted_above": Column("counting.above"),
        "counted_unit": Column(fixed=unit),
        "package": Column("counting.package"),
        "package_full": Column(fixed=is_full),
    }


def _of_measure(
    above: nodes.Operand | None,
    package: nodes.Package | None,
    cut: str,
    columns: dict[str, Column],
    writing: Writing,
) -> Code:
    measure = writing.rule.measure
    if measure is None:
        raise NoCode("it is paid of no measure")
    kind = measure.aggregate
    columns["base_of"] = Column(fixed=kind.read.text if kind.read is not None else kind.text)
    if kind.read is not None:
        _converted(kind.read, columns, writing)
    share = writing.share if kind.share is CreditShareOf.FULL else writing.reads.constant(ONE)
    part, before, after = (
        (f"{cut}.part", f"{cut}.before", f"{cut}.after")
        if cut
        else ("subtract(after, before)", "before", "after")
    )
    if above is None and package is None:
        return product(Code(part, may_be_fraction=True), share)
    unit = kind.type.currency if isinstance(kind.type, MoneyType) else ""
    _counting(above, package, unit, writing.target, columns, writing)
    columns |= {"counted_before": Column(before), "counted_after": Column(after)}
    if share.constant != ONE:
        columns["share"] = Column(f"(None if {share.text} == 1 else {share.text})")
    moved = f"subtract(counted_of({after}, counting), counted_of({before}, counting))"
    return product(Code(moved, may_be_fraction=True), share)


# --- bands --------------------------------------------------------------------------------------


def _bands(bands: nodes.Bands, writing: Writing) -> None:
    source = writing.source
    measure = writing.rule.measure
    assert measure is not None
    is_count = measure.aggregate.kind is AggregateKind.COUNT
    ends = [(band.start, band.is_included) for band in bands.bands]
    if writing.target:
        given = source.value("ends_of_bands", ends, _shown_ends(ends))
        source.write(f"bounds = bounds_against(target, {given})")
    else:
        bounds = tuple(Bound(start, is_included) for start, is_included in ends)
        source.write(f"bounds = {source.value('bounds', bounds, _shown_ends(ends))}")
    starts = source.value("band_from", tuple(start for start, _ in ends), _shown_ends(ends))
    closed = source.value("band_above", tuple(not inc for _, inc in ends), _shown_ends(ends))
    source.write(f"band_from, band_above = {starts}, {closed}")
    if bands.method is Method.INTERPOLATED:
        raise NoCode("bands are interpolated")
    if bands.method is Method.WHOLE:
        if writing.target or len(writing.rule.versions) > 1:
            raise NoCode("the whole total is held against a target, or amended")
        totals = source.value(f"totals_of_{writing.rule.name}", writing.totals, "where its measure stands")
        first = f"{totals}.is_first({writing.place_of_measure}, {writing.moment})"
        source.write(f"cuts = whole_cut(bounds, before, after, is_first={first})")
    else:
        method = source.value("method", bands.method, f"Method.{bands.method.name}")
        source.write(f"cuts = cuts_of({method}, bounds, before, after, is_count={is_count})")
    pays = [band.pay for band in bands.bands]
    touched = [index for index, pay in enumerate(pays) if pay.parts]
    with source.block("for cut in cuts:"):
        word = "if"
        for index in touched:
            with source.block(f"{word} cut.band == {index}:"):
                for part in pays[index].parts:
                    _part(part, "cut", writing)
            word = "elif"
        if not touched:
            source.write("pass")
    with source.block(f"if len({writing.lines}) == so_far:"):
        paying = "{" + ", ".join(str(index) for index in touched) + "}" if touched else "()"
        zero, none = writing.reason(Reason.ZERO), writing.reason(Reason.NO_BAND)
        source.write(f"is_in_band = any(cut.band in {paying} for cut in cuts)")
        source.write(f"nothing.append({zero} if is_in_band else {none})")
        source.write(writing.leave)


Ends = Sequence[tuple[Exact, bool]]


def _shown_ends(ends: Ends) -> str:
    return "bands " + ", ".join(f"{'from' if included else 'above'} {start}" for start, included in ends)


# --- what the code calls ------------------------------------------------------------------------


def bounds_against(target: Exact, ends: Ends) -> tuple[Bound, ...]:
    """Return the lower ends of bands as multiples of a target."""
    return tuple(Bound(multiply(start, target), is_included) for start, is_included in ends)


def part_of(how: str, fraction: object) -> str:
    """Return how an amount was worked out of which a band has a part."""
    return how if fraction == 1 else f"part of {how}"
