"""Tiers: the bands, and how their rates are applied."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.measures import bound, total_name
from rulesengine.letter.pay import pay
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.words import plural, sentence
from rulesengine.plan import nodes


def bands(node: nodes.Bands, measure: nodes.Measure, row: str) -> tuple[Item, ...]:
    """Return the sentence with the bands below it, and those on how they are applied."""
    of, within = _shares(node.method, row)
    listed = tuple(
        Item(text=f"{_bounds(node, index, measure)}: {pay(band.pay, row, of, within)}")
        for index, band in enumerate(node.bands)
    )
    return (
        Item(text=f"What you earn depends on {total_name(measure)}:", below=listed),
        *items(*_applied(node.method, total_name(measure), row), _once(node)),
    )


def _bounds(node: nodes.Bands, index: int, measure: nodes.Measure) -> str:
    band = node.bands[index]
    start = bound(measure, band.start)
    lower = f"from {start}" if band.is_included else f"above {start}"
    if index + 1 == len(node.bands):
        return f"{lower} on" if band.is_included else lower
    above = node.bands[index + 1]
    end = bound(measure, above.start)
    return f"{lower} to below {end}" if above.is_included else f"{lower}, up to and including {end}"


def _shares(method: nodes.Method, row: str) -> tuple[str, str]:
    """What a bare percentage is of, and what is said behind a base of its own."""
    match method:
        case nodes.Method.MARGINAL:
            return "the part in this band", f", as far as the {row} lies in this band"
        case nodes.Method.WHOLE | nodes.Method.INTERPOLATED:
            return "all of it", ""
        case nodes.Method.FROM_CROSSING | nodes.Method.FROM_NEXT:
            return f"what the {row} adds to it", ""
        case _:
            assert_never(method)


def _applied(method: nodes.Method, total: str, row: str) -> tuple[str, ...]:
    match method:
        case nodes.Method.MARGINAL:
            return (sentence(f"each rate applies to its own part of {total} and to no other part"),)
        case nodes.Method.WHOLE:
            return (
                sentence(f"the rate of the band that {total} is in applies to all of it"),
                sentence(f"when the band changes, earlier {plural(row)} are trued up to the new rate"),
            )
        case nodes.Method.FROM_CROSSING:
            return (
                sentence(
                    f"each {row} gets the rate of the band that {total} is in after it, for all of the {row}"
                ),
                sentence(f"earlier {plural(row)} keep their rate"),
            )
        case nodes.Method.FROM_NEXT:
            return (
                sentence(
                    f"each {row} gets the rate of the band that {total} was in before it, "
                    f"for all of the {row}: the {row} that reaches a band still gets the lower rate"
                ),
                sentence(f"earlier {plural(row)} keep their rate"),
            )
        case nodes.Method.INTERPOLATED:
            return (
                sentence(
                    f"between the lower ends of two bands the rate or amount moves with {total} "
                    f"in a straight line"
                ),
                sentence("the last band, and one that pays nothing, is flat"),
                sentence(f"when the rate changes, earlier {plural(row)} are trued up to it"),
            )
        case _:
            assert_never(method)


def _once(node: nodes.Bands) -> str:
    parts = [part for band in node.bands for part in band.pay.parts]
    if not any(isinstance(part, nodes.Once | nodes.Prize) for part in parts):
        return ""
    match node.method:
        case nodes.Method.MARGINAL | nodes.Method.FROM_CROSSING | nodes.Method.FROM_NEXT:
            return sentence(
                "what is paid once is paid when the total enters the band, "
                "kept while it is there or higher, and taken back if it falls below"
            )
        case nodes.Method.WHOLE | nodes.Method.INTERPOLATED:
            return sentence("of what is paid once, only that of the band which the total is in stands")
        case _:
            assert_never(node.method)
