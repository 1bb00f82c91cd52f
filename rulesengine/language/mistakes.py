"""Reads mistakes.txt: wrong snippets, each with what to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from rulesengine.language.words import RULE_SHAPES
from rulesengine.model.quick_dataclass import dataclass

_ENTRY = re.compile(
    r"wrong(?: (?P<fits>behind|kind|any))?: (?P<wrong>.*)\nsay: (?P<say>.*)\nhint: (?P<hint>.*)\n"
)
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong snippet, as a block that can be parsed."""

    text: str
    fits: str
    """What else it stands for: `kind` anything of the kind that was found, `behind` that behind the
    same word, `any` anything at all."""
    say: str
    hint: str


@cache
def mistakes_of(word: str) -> tuple[Mistake, ...]:
    """Return the mistakes in clauses or headers that begin with `word`, in the order of the file."""
    return tuple(mistake for start, mistake in _all() if start == word)


@cache
def _all() -> tuple[tuple[str, Mistake], ...]:
    text = (files("rulesengine.language") / "mistakes.txt").read_text(encoding="utf-8")
    return tuple(
        (_clause_word(wrong), Mistake(_as_block(wrong), entry["fits"] or "", entry["say"], entry["hint"]))
        for entry in _ENTRY.finditer(text)
        for wrong in _expand(entry["wrong"])
    )


def _expand(wrong: str) -> Iterator[str]:
    """Yield a snippet once for each of its `{a|b}`."""
    choice = _CHOICE.search(wrong)
    if choice is None:
        yield wrong
        return
    for one in choice[1].split("|"):
        yield from _expand(wrong[: choice.start()] + one + wrong[choice.end() :])


def _clause_word(wrong: str) -> str:
    """Return the first word of the clause that is wrong: the one behind the last block's brace."""
    inside = [part for part in re.split(r"[{}]", wrong) if part.strip()]
    return inside[-1].split()[0]


def _as_block(wrong: str) -> str:
    word = wrong.split()[0]
    if word in RULE_SHAPES and "{" not in wrong:
        return f"flat x {{\n{wrong}\n}}"
    return re.sub(r" \}$", "\n}", wrong)
