"""Every table, quota, segment, measure and table of rates is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from rulesengine.diagnostics import Diagnostic, Severity
from rulesengine.language import syntax

_Spare = syntax.TableBlock | syntax.QuotaBlock | syntax.RatesBlock | syntax.SegmentBlock | syntax.MeasureBlock


def blocks_are_used(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0605, a warning, for a table, quota, segment, measure or rates that no rule leads to.

    A block that is left over costs nothing, but its author mostly believes that it does something:
    a table of new rates that no `pay` line names pays nobody. What another unused block names is
    unused too. A name that is also a field counts as used.

    Source: language reference, "Segments", "Tables", "Measures" and "Quotas".
    """
    spare = {block.name.text: block for block in tree.blocks if isinstance(block, _Spare)}
    if not spare:
        return
    used: set[str] = set()
    waiting: list[syntax.Node] = [block for block in tree.blocks if not isinstance(block, _Spare)]
    while waiting:
        for name in _names_in(waiting.pop()):
            if name in spare and name not in used:
                used.add(name)
                waiting.append(spare[name])
    for name, block in spare.items():
        if name not in used:
            yield Diagnostic(
                code="R0605",
                message=f"no rule uses the {_sort(block)} `{name}`",
                span=block.name.span,
                severity=Severity.WARNING,
                hint=_HINTS[_sort(block)].format(name=name),
            )


_HINTS = {
    "table": "read it in a rule, as in `pay {name} of amount`, or drop it",
    "quota": "measure against it, as in `measure sum amount per quarter against {name}`, or drop it",
    "rates": "convert at it, as in `convert to USD at {name} on closed`, or drop it",
    "segment": "ask for it, as in `where payee in {name}`, or drop it",
    "measure": "use it in a rule with `measure {name}`, or drop it",
}


def _sort(block: _Spare) -> str:
    return type(block).__name__.removesuffix("Block").lower()


def _names_in(block: syntax.Node) -> Iterator[str]:
    """Yield every name that stands in a block, but for its own and the later parts of paths."""
    waiting = [part for name, part in _parts_of(block) if name != "name"]
    while waiting:
        part = waiting.pop()
        match part:
            case syntax.Name(text=text):
                yield text
            case syntax.Path(names=names):
                yield names[0].text
            case tuple():
                waiting.extend(part)
            case syntax.Node():
                waiting.extend(inner for _, inner in _parts_of(part))
            case _:
                continue


def _parts_of(node: syntax.Node) -> Iterator[tuple[str, object]]:
    names = _parts.get(type(node))
    if names is None:
        names = _parts[type(node)] = [part.name for part in fields(node) if part.name != "span"]
    for name in names:
        yield name, getattr(node, name)


_parts: dict[type[syntax.Node], list[str]] = {}  # asking a class each time takes most of the time
