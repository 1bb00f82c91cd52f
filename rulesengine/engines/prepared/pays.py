"""Code for steps 5 and 6: the parts of the pay, each on a line of its own, rounded."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.prepared.code import Code, NoCode, bare, difference, product
from rulesengine.engines.prepared.measures import counted_row, quantity
from rulesengine.engines.prepared.rule_writing import Column, Writing
from rulesengine.engines.results import Part, Reason
from rulesengine.model.exact import ONE, Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingPlace
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import CreditShareOf


@dataclass(frozen=True, slots=True)
class Band:
    """The band that a part of the row lies in. The code has `part`, how much that is, and `low`, `high`
    and `start`: the totals that it lies between, and what those are counted from."""

    start: Exact
    is_included: bool
    may_be_fraction: bool

    @property
    def part(self) -> Code:
        """What the row moves the measure by in the band."""
        return Code("part", may_be_fraction=self.may_be_fraction)

    @property
    def total_before(self) -> str:
        """The band's own total before the row."""
        return difference("low", "start", may_be_fraction=self.may_be_fraction).text

    @property
    def total_after(self) -> str:
        """The band's own total with the row."""
        return difference("high", "start", may_be_fraction=self.may_be_fraction).text


def factor_code(version: nodes.Version, writing: Writing) -> None:
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


def part_code(part: nodes.PayPart, band: Band | None, writing: Writing, *, is_only: bool = False) -> None:
    """Write the line of one part of the pay.

    Args:
        band: the band that it is the pay of.
        is_only: no other part is paid on the row, so that the rule is left where this one is nothing.
    """
    columns: dict[str, Column] = {}
    match part:
        case nodes.ShareOf(rate=rate, base=base, above=above, earnings=earnings):
            if earnings:
                raise NoCode("earnings are added to the base")
            name, found = "base", _required(rate, writing)
            amount = _amount(base, above, None, band, columns, writing)
            if base is not None:
                _converted(base, columns, writing)
        case nodes.PerRow(amount=money):
            name, found = "units", _required(money, writing)
            amount = _in_band(product(counted_row(writing), writing.share), band, writing)
            columns["base_of"] = Column(fixed=part.text)
            _shared(columns, writing)
        case nodes.PerUnit(amount=money, quantity=of, above=above, package=package):
            name, found = "units", _required(money, writing)
            amount = _amount(of, above, package, band, columns, writing)
        case nodes.PerQuota(amount=money):
            if band is None or writing.target is None:
                raise NoCode("it is paid per quota")
            name, found = "units", _required(money, writing)
            amount = Code("divide(part, target)", may_be_fraction=True)
            columns["base_of"] = Column(fixed="quota")
        case nodes.Once() | nodes.Prize():
            raise NoCode("it is paid once")
        case _:
            assert_never(part)
    found, amount = _named("rate", found, writing), _named(name, amount, writing)
    columns |= {"rate": Column.of(found), name: Column.of(amount)}
    exact = product(found, amount)
    if writing.factor is not None:
        both = product(exact, writing.factor).text
        exact = Code(
            f"({exact.text} if factor is None else {both})" if writing.factor.may_be_missing else both,
            may_be_fraction=exact.may_be_fraction or writing.factor.may_be_fraction,
        )
    _add_line(part, exact, columns, band, writing, is_only=is_only)


def _named(name: str, value: Code, writing: Writing) -> Code:
    """Write down under a name what is more than a name."""
    if value.text.isidentifier():
        return value
    writing.source.write(f"{name} = {bare(value.text)}")
    return Code(name, may_be_fraction=value.may_be_fraction)


def _add_line(
    part: nodes.PayPart,
    exact: Code,
    columns: dict[str, Column],
    band: Band | None,
    writing: Writing,
    *,
    is_only: bool,
) -> None:
    source = writing.source
    source.write(f"exact = {bare(exact.text)}")
    rounded = writing.rounded(Code("exact", may_be_fraction=exact.may_be_fraction))
    is_summed = writing.rule.rounding.place is RoundingPlace.FACT and not is_only
    if is_summed:
        rounded = f"{writing.round_off}(add(sum_of_row, exact)) - {writing.round_off}(sum_of_row)"
    number = Column("number") if not is_only else Column(fixed=0)
    given = columns | {
        "exact": Column("exact"),
        "amount": Column(rounded),
        "step": number,
        "sequence": number,
    }
    if band is not None:
        given |= {"band_from": Column(fixed=band.start), "band_above": Column(fixed=not band.is_included)}
    if is_only:
        writing.leave_if("not exact", Reason.ZERO)
        line = writing.line(Part.BASE, part.origin, given)
        source.write(f"{writing.lines}.append({line})")
        return
    with source.block("if exact:"):
        source.write(f"number = len({writing.lines}) - so_far")
        line = writing.line(Part.BAND if band is not None else Part.BASE, part.origin, given)
        source.write(f"{writing.lines}.append({line})")
        if is_summed:
            source.write("sum_of_row = add(sum_of_row, exact)")


def _required(operand: nodes.Operand, writing: Writing) -> Code:
    found = writing.reads.value(operand, writing.where)
    if found.may_be_missing:
        raise NoCode(f"{operand.text} may be missing")
    return found


def _in_band(amount: Code, band: Band | None, writing: Writing) -> Code:
    """Return the part of an amount of the row that lies in a band."""
    if band is None:
        return amount
    return Code(f"multiply({amount.text}, {_fraction(writing)})", may_be_fraction=True)


def _fraction(writing: Writing) -> str:
    """Return code of the share of the row that lies in a band."""
    return f"fraction_of(part, {bare(writing.moved.text)})"


def _shared(columns: dict[str, Column], writing: Writing) -> None:
    if writing.share.constant != ONE:
        columns["share"] = Column(f"(None if {writing.share.text} == 1 else {writing.share.text})")


def _amount(
    operand: nodes.Operand | None,
    above: nodes.Operand | None,
    package: nodes.Package | None,
    band: Band | None,
    columns: dict[str, Column],
    writing: Writing,
) -> Code:
    """Return what a part is paid of: an amount of the row, or what the row moves the measure by."""
    if operand is None:
        return _of_measure(above, package, band, columns, writing)
    columns["base_of"] = Column(fixed=operand.text)
    how = writing.reads.how(operand, writing.where)
    if how:
        columns["base_how"] = Column(how if band is None else f"part_of({how}, {_fraction(writing)})")
    _shared(columns, writing)
    found = quantity(operand, writing)
    if above is None and package is None:
        return _in_band(product(found, writing.share), band, writing)
    if band is not None:
        raise NoCode("an amount of the row is counted band by band")
    kind = operand.type if isinstance(operand.type, MoneyType) else None
    _counting(above, package, kind.currency if kind else "", "", columns, writing)
    writing.source.write(f"brings = {found.text}")
    columns |= {"counted_before": Column("ZERO"), "counted_after": Column("brings")}
    counted = Code("counted_of(brings, counting)", may_be_fraction=above is not None)
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
    band: Band | None,
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
    if above is None and package is None:
        return product(writing.moved if band is None else band.part, share)
    before, after = ("before", "after") if band is None else (band.total_before, band.total_after)
    unit = kind.type.currency if isinstance(kind.type, MoneyType) else ""
    _counting(above, package, unit, writing.target.text if writing.target else "", columns, writing)
    columns |= {"counted_before": Column(before), "counted_after": Column(after)}
    if share.constant != ONE:
        columns["share"] = Column(f"(None if {share.text} == 1 else {share.text})")
    moved = f"subtract(counted_of({after}, counting), counted_of({before}, counting))"
    return product(Code(moved, may_be_fraction=True), share)
