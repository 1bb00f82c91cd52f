"""Says what is wrong with a text that cannot be parsed, in the words of its author.

Mistakes are known by example: mistakes.txt pairs a wrong snippet with what to say. A snippet fits if
the clause is the same, the same words could have gone on, and the same thing was found. What none
fits is told from the words that could have gone on, never as a list of tokens.
"""

from __future__ import annotations

import re
from functools import cache

from lark import Lark

from rulesengine.diagnostics import Diagnostic, InternalError, Span, did_you_mean, nearest
from rulesengine.language.lookalikes import odd_character, sight
from rulesengine.language.mistakes import Mistake, mistakes_of
from rulesengine.language.situation import Situation, first_error, situation_of
from rulesengine.language.words import (
    BLOCK_SYNONYMS,
    BLOCK_WORDS,
    CLAUSE_SYNONYMS,
    CLAUSES,
    HEADER_SHAPES,
    KEYWORDS,
    RULE_KINDS,
    blocks_with,
    is_date,
    one_of,
    shape_of,
)
from rulesengine.model.quick_dataclass import dataclass

_NAMING = frozenset({"field", "derive", "on", "among", *HEADER_SHAPES})
_FILLERS = frozenset({"the", "a", "an", "each", "every"})


def explain(parser: Lark, here: Situation) -> Diagnostic:
    """Return the diagnostic for a mistake."""
    return (
        _needs_quotes(here)
        or _quote_inside(here)
        or _quoted_date(here)
        or _needs_brace(here)
        or _for_each(here)
        or _two_words(here)
        or _known_word(parser, here)
        or _filler(here)
        or _lookalike(here)
        or _odd_character(here)
        or _and_beside_or(here)
        or (_wrong_start(here) if here.is_at_start else None)
        or _ran_over(here)
        or _known_kind(parser, here)
        or _reserved(here)
        or _misspelt(here)
        or _unfinished(here)
        or _stray(here)
    )


def _diagnostic(code: str, span: Span, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(code=code, span=span, message=message, hint=hint)


def _at_found(here: Situation, message: str, hint: str = "", code: str = "R0101") -> Diagnostic:
    return _diagnostic(code, here.span(here.start, here.end), message, hint)


# --- characters and spellings ------------------------------------------------------------------


def _needs_quotes(here: Situation) -> Diagnostic | None:
    """A title or prize without quotes: all of its line is meant."""
    if here.wanted != {"STRING"} or here.is_cut_short or here.clause not in ("title", "pay prize"):
        return None
    end = here.where.line_end(here.start)
    text = here.text[here.start : end].strip().removesuffix(" once").strip("'")
    once = " once" if here.clause == "pay prize" else ""
    return _at_found(here, "a text stands in double quotes", f'write `{here.clause} "{text}"{once}`')


def _quote_inside(here: Situation) -> Diagnostic | None:
    """A text that goes on behind its second quote: `"a\\"b"`, `"a""b"`."""
    line_end = here.where.line_end(here.start)
    end = here.text.rfind('"', here.start, line_end) + 1
    is_inside = here.is_word or here.kind in ("", "NUMBER", "PERCENT", "STRING")
    is_behind_text = is_inside and here.text[: here.clause_end].endswith('"')
    is_meant = here.clause_word == "title" or here.start == here.clause_end
    if not is_behind_text or not is_meant or end <= here.start or "#" in here.hidden[here.start : end]:
        return None
    start = here.text.rfind('"', here.clause_start, here.clause_end - 1)
    span = here.span(start, end)
    return _diagnostic("R0102", span, 'a text cannot have a `"` inside', "leave it out, or write `'` instead")


def _quoted_date(here: Situation) -> Diagnostic | None:
    """A date in quotes where a date may stand and a text may not."""
    inside = here.found.strip('"')
    if here.kind != "STRING" or "DATE" not in here.wanted or not is_date(inside):
        return None
    return _at_found(here, "dates stand without quotes", f"write `{inside}`")


def _needs_brace(here: Situation) -> Diagnostic | None:
    """A header that ends with a colon, as blocks of other languages begin."""
    if here.block or here.found != ":" or "LBRACE" not in here.wanted:
        return None
    return _at_found(here, "a block stands in braces, found `:`", f"write `{here.clause} {{ … }}`", "R0102")


def _for_each(here: Situation) -> Diagnostic | None:
    """`pay 500 USD for each deal`: read as a clause of its own, `for`."""
    before = here.hidden[here.where.line_start(here.clause_start) : here.clause_start]
    is_for = re.fullmatch(r"for (?:each|every|a|an)", here.clause) and here.kind == "NAME"
    if not is_for or not re.search(r"\bpay\b", before):
        return None
    span = here.span(here.clause_start, here.end)
    return _diagnostic("R0101", span, "money is paid `per` something", f"write `per {here.found}`")


def _two_words(here: Situation) -> Diagnostic | None:
    """A name of two words or in quotes, where a block's header expects its brace or its name."""
    if here.block or not here.clause or here.clause_word not in HEADER_SHAPES:
        return None
    if here.kind == "STRING" and "NAME" in here.wanted:
        name = "_".join(here.found.strip('"').lower().split()) or "new_logo"
        return _at_found(here, "names have no quotes", f"write `{here.clause} {name} {{`")
    if here.kind == "NAME" and "LBRACE" in here.wanted and not here.is_first_on_line:
        words = here.clause.split()
        name = "_".join([words[-1], here.found])
        if len(words) > 1 and here.clause_word not in ("segment", "table"):
            return _at_found(
                here, f"names are one word, found `{here.found}` behind `{words[-1]}`", f"write `{name}`"
            )
    return None


def _filler(here: Situation) -> Diagnostic | None:
    """A word such as `the`, read as a name because a name may stand there."""
    word = here.clause.rpartition(" ")[2]
    is_read_as_name = word in _FILLERS and here.clause_word not in ("award", "credit", word)
    if not is_read_as_name or _kind(here) != "NAME":
        return None
    span = here.span(here.clause_end - len(word), here.clause_end)
    return _diagnostic("R0101", span, f"`{word}` is not needed", "remove it")


def _lookalike(here: Situation) -> Diagnostic | None:
    line_start = here.where.line_start(here.start)
    line = here.hidden[line_start : here.where.line_end(here.start)]
    found = sight(line, here.start - line_start)
    if found is None:
        return None
    span = here.span(line_start + found.start, line_start + found.end)
    return _diagnostic(found.code, span, found.message, found.hint)


def _odd_character(here: Situation) -> Diagnostic | None:
    if here.kind:
        return None
    message, hint = odd_character(here.found[0])
    return _diagnostic("R0102", here.span(here.start, here.start + 1), message, hint)


def _and_beside_or(here: Situation) -> Diagnostic | None:
    other = {"AND": "or", "OR": "and"}.get(here.kind)
    if other is None or f" {other} " not in f" {here.clause} ":
        return None
    return _at_found(
        here,
        "`and` beside `or` needs brackets",
        "write `a and (b or c)` or `(a and b) or c`, whichever is meant",
        "R0104",
    )


# --- the first word of a block or clause -------------------------------------------------------


def _wrong_start(here: Situation) -> Diagnostic | None:
    """A word where a clause or a block should begin."""
    if here.kind == "$END":
        return None
    if here.kind == "RBRACE" and not here.block:
        hint = "remove it, or add the `{` that it should close"
        return _at_found(here, "this `}` closes nothing", hint, "R0103")
    if here.kind == "RBRACE":
        needed = f"it needs a `{CLAUSES[here.block][0]}` line"
        if here.block == "segment":
            needed += "; everybody meets `where id is present`, with the field that is the key"
        return _at_found(here, f"the `{here.block}` block is empty", needed)
    return _wrong_clause(here) if here.block else _wrong_block(here)


def _wrong_block(here: Situation) -> Diagnostic:
    word = here.found
    if word in BLOCK_SYNONYMS and nearest(word, BLOCK_WORDS) is None:
        return _at_found(here, f"no block begins with `{word}`", BLOCK_SYNONYMS[word])
    if blocks_with(word):
        hint = "a `}` before it may be one too many, or the block's first line is missing"
        return _at_found(here, f"`{word}` stands outside of any block", hint)
    hint = _meant(word, BLOCK_WORDS) or BLOCK_SYNONYMS.get(word, "")
    kinds = "`plan`, `payee`, `fact`, `segment`, `table`, a kind of rule such as `flat`, and a few more"
    return _at_found(here, f"no block begins with `{word}`", hint or f"blocks begin with {kinds}")


def _wrong_clause(here: Situation) -> Diagnostic:
    word, block, known = here.found, here.block, CLAUSES[here.block]
    place = _place(block)
    if not here.is_word:
        return _at_found(here, f"a line of {place} begins with a word, found `{word}`", _shapes(block))
    if word in known:
        return _at_found(here, f"a `{block}` block begins with its `{known[0]}` line", "put it first")
    near = nearest(word, known)
    if near is None and word in CLAUSE_SYNONYMS and block in (*RULE_KINDS, "amend", "measure", "segment"):
        return _at_found(here, f"`{word}` is not a line of {place}", _synonym(here))
    elsewhere = blocks_with(word)
    if word == "amend":
        return _at_found(here, "`amend` cannot stand inside `amend`", "close the one before it first")
    if elsewhere:
        where = "rules" if elsewhere[0] in RULE_KINDS else f"{one_of(elsewhere)} blocks"
        return _at_found(here, f"{place} has no `{word}` lines", f"`{word}` belongs in {where}")
    if word in BLOCK_WORDS:
        hint = "is the `}` of the block before it missing?"
        return _at_found(here, f"a `{word}` block cannot stand inside {place}", hint)
    hint = _meant(word, known) or _synonym(here) or _shapes(block)
    return _at_found(here, f"no line of {place} begins with `{word}`", hint)


def _meant(word: str, known: tuple[str, ...]) -> str:
    """Return the hint for a misspelt word."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else ""


def _synonym(here: Situation) -> str:
    """Return what to write for a word of other tools, empty if it is not known."""
    rest = here.text[here.end : here.where.line_end(here.start)].partition("#")[0].strip()
    return _filled(CLAUSE_SYNONYMS.get(here.found, ""), {"rest": rest.rstrip("} ") or "…"})


def _place(block: str) -> str:
    return f"an `{block}` block" if block == "amend" else f"a `{block}` block"


def _shapes(block: str) -> str:
    """Return a hint with what a block's lines look like."""
    if block in RULE_KINDS or block == "amend":
        return "lines begin with words such as `on`, `where`, `measure`, `tier`, `pay` or `cap`"
    return f"its lines begin with {one_of(CLAUSES[block])}"


# --- inside a clause ---------------------------------------------------------------------------


def _known_word(parser: Lark, here: Situation) -> Diagnostic | None:
    """A mistake that is known by the very word that was found."""
    ends_line = not here.hidden[here.end : here.where.line_end(here.start)].strip()
    if (here.is_complete and here.is_first_on_line) or (here.found == "," and ends_line):
        return None
    return _say(_known_mistakes(parser, here.clause_word).get(_exactly(here)), here)


def _known_kind(parser: Lark, here: Situation) -> Diagnostic | None:
    """A mistake that is known by the kind of thing that was found."""
    if here.is_cut_short:
        return None
    known = _known_mistakes(parser, here.clause_word)
    mistake = known.get(_behind_word(here))
    if mistake is None and not _is_near(here):
        mistake = known.get(_by_kind(here)) or known.get(_by_place(here))
    return _say(mistake, here)


def _say(mistake: Mistake | None, here: Situation) -> Diagnostic | None:
    if mistake is None:
        return None
    words = here.clause.split() or [""]
    rest = here.text[here.end : here.where.line_end(here.start)].partition("#")[0].rstrip("} ").strip()
    fill = {"found": here.found, "clause": here.clause, "first": words[0], "last": words[-1], "rest": rest}
    message, hint = _filled(mistake.say, fill), _filled(mistake.hint, fill)
    if here.is_cut_short:
        return _diagnostic("R0101", here.span(here.clause_start, here.clause_end), message, hint)
    return _at_found(here, message, hint)


def _filled(text: str, fill: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: fill[match[1]], text)


_Key = tuple[str, frozenset[str], str]


def _exactly(here: Situation) -> _Key:
    found = "cut short" if here.is_cut_short else f"={here.found}"
    return (here.clause_word, here.wanted, found)


def _kind(here: Situation) -> str:
    if not here.is_word or here.kind in ("", "$END"):
        return here.kind
    return "a word of the language" if here.found in KEYWORDS else "NAME"


def _behind_word(here: Situation) -> _Key:
    return (here.clause_word, here.wanted, f"{here.clause.rpartition(' ')[2]} {_kind(here)}")


def _by_kind(here: Situation) -> _Key:
    return (here.clause_word, here.wanted, _kind(here))


def _by_place(here: Situation) -> _Key:
    return (here.clause_word, here.wanted, "")


@cache
def _known_mistakes(parser: Lark, clause_word: str) -> dict[_Key, Mistake]:
    """Return the mistakes known of a clause by what they are recognised by; each is parsed once."""
    known: dict[_Key, Mistake] = {}
    for mistake in mistakes_of(clause_word):
        error = first_error(parser, mistake.text, "mistakes.txt", 0)
        if error is None:
            raise InternalError(f"not a mistake: {mistake.text}")
        there = situation_of(error, mistake.text, "mistakes.txt", 0)
        if not mistake.fits or there.is_cut_short:
            known.setdefault(_exactly(there), mistake)
        for fits, key in (
            ("behind", _behind_word),
            ("kind", _by_kind),
            ("any", _by_kind),
            ("any", _by_place),
        ):
            if mistake.fits == fits and not there.is_cut_short:
                known.setdefault(key(there), mistake)
    return known


def _for_example(here: Situation) -> str:
    shape = shape_of(here.block, here.clause_word)
    return f"for example `{shape}`" if shape else ""


def _ran_over(here: Situation) -> Diagnostic | None:
    """A line end inside the clause: the line before is not finished, or this one begins with a wrong word."""
    first = here.first_word_of_line
    if not first or not here.block or here.is_first_on_line:
        return None
    start, word = first
    if word in CLAUSES[here.block]:
        end = len(here.hidden[:start].rstrip())
        message = "this line is not finished"
        return _diagnostic("R0101", here.span(here.clause_start, end), message, _for_example(here))
    hint = "" if word in KEYWORDS else did_you_mean(word, CLAUSES[here.block])
    if not hint:
        return None
    message = f"no line of {_place(here.block)} begins with `{word}`"
    return _diagnostic("R0101", here.span(start, start + len(word)), message, hint)


def _keywords(here: Situation) -> list[str]:
    """Return the words that could go on here."""
    return sorted(word.lower() for word in here.wanted if word.lower() in KEYWORDS)


def _is_near(here: Situation) -> bool:
    words = _keywords(here) + (list(CLAUSES.get(here.block, ())) if here.is_complete else [])
    is_known = here.found in KEYWORDS or here.found in CLAUSE_SYNONYMS
    return here.is_word and not is_known and nearest(here.found, words) is not None


def _reserved(here: Situation) -> Diagnostic | None:
    """A word of the language where something is named."""
    is_name = "NAME" in here.wanted and here.found in KEYWORDS and not here.is_cut_short
    if not is_name or here.clause_word not in _NAMING:
        return None
    hint = f"choose another name, such as `sales_{here.found}`"
    return _at_found(here, f"`{here.found}` is a word of the language here", hint)


def _misspelt(here: Situation) -> Diagnostic | None:
    """A word that is nearly one that could stand here."""
    if not here.is_word or here.is_first_on_line or (here.is_complete and here.found == "unless"):
        return None
    inside = did_you_mean(here.found, _keywords(here))
    if inside:
        return _at_found(here, f"`{here.found}` does not fit behind `{here.clause}`", inside)
    is_known = here.found in KEYWORDS or here.found in CLAUSE_SYNONYMS
    if here.is_complete and here.block and not is_known and nearest(here.found, CLAUSES[here.block]):
        return _wrong_clause(here)
    return None


def _unfinished(here: Situation) -> Diagnostic | None:
    """A clause that ends, or goes wrong, before it is complete."""
    if here.is_complete:
        return None
    hint = _for_example(here)
    expected = _expected(here)
    bracket = here.hidden.rfind("(", here.clause_start, here.start)
    if "RPAR" in here.wanted and bracket >= 0 and here.is_cut_short:
        return _diagnostic("R0103", here.span(bracket, bracket + 1), "this `(` is never closed", "add a `)`")
    if here.is_cut_short:
        span = here.span(here.clause_start, here.clause_end)
        return _diagnostic("R0101", span, f"this line is not finished: {expected} is missing", hint)
    return _at_found(here, f"expected {expected} behind `{here.clause}`, found `{here.found}`", hint)


def _stray(here: Situation) -> Diagnostic:
    """Something behind a clause that was complete."""
    hint = _synonym(here) or _for_example(here)
    if not here.clause:
        return _at_found(here, f"`{here.found}` does not fit here", hint)
    return _at_found(here, f"`{here.found}` does not fit behind `{here.clause}`", hint)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of value, by the terminals that begin it."""

    begins_with: frozenset[str]
    name: str


_SORTS = (
    _Sort(frozenset({"NUMBER", "PERCENT", "STRING", "NAME"}), "a value or a field"),
    _Sort(frozenset({"NUMBER", "PERCENT", "NAME", "DATE"}), "an amount, a number, a date or a field"),
    _Sort(frozenset({"NUMBER", "PERCENT", "NAME"}), "an amount, a percentage or a field"),
    _Sort(frozenset({"NUMBER", "PERCENT", "DATE"}), "an amount, a number or a date"),
    _Sort(frozenset({"NUMBER", "NAME", "DATE"}), "a date or a field"),
    _Sort(frozenset({"PERCENT", "NAME"}), "a percentage or a field"),
    _Sort(frozenset({"NUMBER", "NAME"}), "a number or a field"),
    _Sort(frozenset({"DAYS", "MONTHS"}), "a unit of time such as `months`"),
    _Sort(frozenset({"AT_LEAST"}), "a comparison such as `>=`"),
    _Sort(frozenset({"CURRENCY_CODE"}), "a currency such as `USD`"),
    _Sort(frozenset({"DATE"}), "a date such as `2026-07-01`"),
    _Sort(frozenset({"NAME"}), "a name"),
    _Sort(frozenset({"NUMBER"}), "a number"),
    _Sort(frozenset({"PERCENT"}), "a percentage"),
    _Sort(frozenset({"STRING"}), "a text in double quotes"),
    _Sort(frozenset({"LBRACE"}), "`{`"),
    _Sort(frozenset({"LPAR"}), "`(`"),
    _Sort(frozenset({"RPAR"}), "`)`"),
    _Sort(frozenset({"EQUAL"}), "`=`"),
    _Sort(frozenset({"COMMA"}), "`,`"),
)
_VALUES = frozenset({"NAME", "NUMBER", "PERCENT", "STRING", "DAYS"})
_PROLONG = frozenset({"otherwise", "of", "and", "or", "by", "against"})
_MOST_WORDS = 3


def _expected(here: Situation) -> str:
    """Return what could go on, as a phrase."""
    words = _keywords(here)
    sort = next((sort for sort in _SORTS if sort.begins_with <= here.wanted), None)
    if sort is not None and (not words or sort.begins_with & _VALUES):
        return sort.name
    if not words:
        return "something"
    # Of words that only prolong what is there (`by`, `of`, `otherwise`), the one that must come is last.
    must = [word for word in words if word not in _PROLONG] or words
    return one_of(must[:_MOST_WORDS])
