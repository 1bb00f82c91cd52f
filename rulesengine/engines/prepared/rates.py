"""Code for steps 4 to 6: what the row moves a measure by, and the pay, whole or band by band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from rulesengine.engines.measures import is_count
from rulesengine.engines.prepared.code import NoCode
from rulesengine.engines.prepared.measures import measured_code
from rulesengine.engines.prepared.pays import Band, factor_code, part_code
from rulesengine.engines.prepared.rule_writing import Writing
from rulesengine.engines.prepared.tiers import Ends
from rulesengine.engines.results import Reason
from rulesengine.model.exact import Exact
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Method


def rate_code(version: nodes.Version, writing: Writing) -> None:
    """Write what the row earns before limits; leaves the rule where that is nothing."""
    if writing.rule.rounding.place not in (RoundingPlace.LINE, RoundingPlace.FACT):
        raise NoCode(f"rounded {writing.rule.rounding.place}")
    if writing.rule.rounding.place is RoundingPlace.FACT and not is_one_part(version):
        writing.source.write("sum_of_row = ZERO")
    if writing.rule.measure is not None:
        measured_code(writing.rule.measure, writing)
    factor_code(version, writing)
    match version.rate:
        case None:
            raise NoCode("places pay")
        case nodes.Pay(parts=parts):
            is_only = is_one_part(version)
            for part in parts:
                part_code(part, None, writing, is_only=is_only)
            if not is_only:
                writing.leave_if(f"len({writing.lines}) == so_far", Reason.ZERO)
        case nodes.Bands():
            _bands(version.rate, writing)
        case _:
            assert_never(version.rate)


def is_one_part(version: nodes.Version) -> bool:
    """Return whether the row is paid once: its award begins with one line."""
    return isinstance(version.rate, nodes.Pay) and len(version.rate.parts) == 1


def _bands(bands: nodes.Bands, writing: Writing) -> None:
    source, measure, target = writing.source, writing.rule.measure, writing.target
    if measure is None:
        raise NoCode("bands without a measure")
    lower = [(band.start, band.is_included) for band in bands.bands]
    if target is not None:
        given = source.value("lower_ends", lower, _shown_ends(lower))
        source.write(f"ends = ends_against(target, {given})")
        ends = "ends"
    else:
        ends = source.value("ends", Ends(lower), _shown_ends(lower))
    source.write(f"cuts = {_cuts(bands.method, ends, writing)}")
    is_fraction = writing.moved.may_be_fraction or (target is not None and target.may_be_fraction)
    pays = [band.pay for band in bands.bands]
    touched = [index for index, pay in enumerate(pays) if pay.parts]
    with source.block("for band, part, low, high, start in cuts:"):
        word = "if"
        for index in touched:
            with source.block(f"{word} band == {index}:"):
                for part in pays[index].parts:
                    part_code(part, Band(*lower[index], is_fraction), writing)
            word = "elif"
        if not touched:
            source.write("pass")
    with source.block(f"if len({writing.lines}) == so_far:"):
        paying = "{" + ", ".join(str(index) for index in touched) + "}" if touched else "()"
        zero, none = writing.reason(Reason.ZERO), writing.reason(Reason.NO_BAND)
        source.write(f"is_in_band = any(cut[0] in {paying} for cut in cuts)")
        source.write(f"nothing.append({zero} if is_in_band else {none})")
        source.write(writing.leave)


def _cuts(how: Method, ends: str, writing: Writing) -> str:
    """Return code of the parts of the row by band."""
    source, measure = writing.source, writing.rule.measure
    assert measure is not None
    counts_rows = is_count(measure)
    match how:
        case Method.INTERPOLATED:
            raise NoCode("bands are interpolated")
        case Method.WHOLE:
            if writing.target is not None or len(writing.rule.versions) > 1:
                raise NoCode("the whole total is held against a target, or amended")
            totals = source.value(
                f"totals_of_{writing.rule.name}", writing.totals, "where its measure stands"
            )
            first = f"{totals}.is_first({writing.place_of_measure}, {writing.moment})"
            return f"whole_cut({ends}, before, after, is_first={first})"
        case Method.MARGINAL if not counts_rows:
            return f"marginal_cuts({ends}, before, after)"
        case _:
            method = source.value("method", how, f"Method.{how.name}")
            return f"cuts_of({method}, {ends}, before, after, is_count={counts_rows})"


def _shown_ends(ends: Sequence[tuple[Exact, bool]]) -> str:
    return "bands " + ", ".join(f"{'from' if included else 'above'} {start}" for start, included in ends)


# --- what the code calls ------------------------------------------------------------------------


def part_of(how: str, fraction: object) -> str:
    """Return how an amount was worked out of which a band has a part."""
    return how if fraction == 1 else f"part of {how}"
