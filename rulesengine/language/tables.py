"""What Lark works out from the grammar, as plain numbers and texts: all that reading a right text takes.

Loading Lark and its own form of these takes longer than reading most plans does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule

Taken = list[tuple[int, bool, int]]
"""Of the parts of a production, those that its node takes: which one, whether it is a list whose
items are taken, and how many None stand before it for optional words that were left out."""

END = "$END"
FORMAT = "1"
"""Of what `tables_of` returns: another form needs another number, since tables are kept in files."""


class Tables(TypedDict):
    """The tables of an LALR parser. A shift is the next state; a reduction is -1 minus its number."""

    pattern: str
    """Matches the next terminal, as the group of that name."""
    words: dict[str, str]
    """The terminal of each word of the language; elsewhere than where it may stand, it is a name."""
    ignored: list[str]
    start: int
    actions: list[dict[str, int]]
    """For each state: what each terminal does, and which state each production leads to."""
    reductions: list[tuple[str, str, int, Taken | None, int, bool]]
    """For each alternative of a production: its origin, the method that makes its node (empty where
    it makes a list or is passed on), how many parts it has, which are taken (None: all), how many
    None follow them, and whether a single part stands for itself."""


def tables_of(parser: Lark) -> Tables:
    """Return the tables of a parser with a contextual lexer that accepts a NAME anywhere."""
    machine: Any = parser.parser
    table = machine.parser._parse_table
    lexer = machine.lexer.lexer.root_lexer
    words = {each.pattern.value: each.name for each in lexer.terminals if _is_word(each)}
    patterns = [
        f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in lexer.terminals if not _is_word(each)
    ]
    numbers = {rule: number for number, rule in enumerate(parser.rules)}
    places = {state: place for place, state in enumerate(table.states)}

    def action(what: Any, argument: Any) -> int:
        return places[argument] if str(what) == "Shift" else -1 - numbers[argument]

    actions = [{symbol: action(*step) for symbol, step in steps.items()} for steps in table.states.values()]
    end = places[table.end_states["start"]]
    actions[end][END] = end  # all is read
    return {
        "pattern": "|".join(patterns),
        "words": words,
        "ignored": sorted(lexer.ignore_types),
        "start": places[table.start_states["start"]],
        "actions": actions,
        "reductions": [_reduction(rule) for rule in parser.rules],
    }


def _is_word(terminal: Any) -> bool:
    return bool(terminal.pattern.type == "str" and terminal.pattern.value[0].isalpha())


def _reduction(rule: Rule) -> tuple[str, str, int, Taken | None, int, bool]:
    origin = rule.origin.name
    # One flag for each optional part that was left out, between those for the parts that are there.
    left_out = rule.options.empty_indices or [False] * len(rule.expansion)
    gaps = [0]
    for is_left_out in left_out:
        if is_left_out:
            gaps[-1] += 1
        else:
            gaps.append(0)
    *before, after = gaps
    lists = [not part.is_term and part.name.startswith("_") for part in rule.expansion]
    taken = list(zip(range(len(before)), lists, before, strict=True))
    may_stand_for_itself = rule.options.expand1 and not rule.alias
    is_passed_on = may_stand_for_itself and lists == [False]
    return (
        origin,
        "" if origin.startswith("_") or is_passed_on else rule.alias or origin,
        len(rule.expansion),
        taken if any(lists) or any(gaps) else None,
        after,
        may_stand_for_itself,
    )
