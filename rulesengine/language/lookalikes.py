"""Ways of writing that other tools use and the language does not: `$500`, `01.07.2026`, `==`, `50 %`.

Each is a pattern, a code, and what to write instead. A pattern is tried on the line of a syntax
mistake, and counts if it covers the place of the mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from rulesengine.language.words import KEYWORDS
from rulesengine.model.quick_dataclass import dataclass

Found = re.Match[str]


Say = Callable[[Found], str] | str


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A pattern and what to say; an empty message means that it does not count after all."""

    pattern: re.Pattern[str]
    code: str
    message: Say
    hint: Say


@dataclass(frozen=True, slots=True)
class Sighting:
    """A lookalike on a line: its columns from 0, and what to say."""

    start: int
    end: int
    code: str
    message: str
    hint: str


_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_CURRENCY_WORDS = {"dollar": "USD", "buck": "USD", "euro": "EUR", "pound": "GBP"}
_SCALES = {"k": 3, "m": 6}


def sight(line: str, column: int) -> Sighting | None:
    """Return the lookalike that covers a column of a line, None if there is none.

    Args:
        line: one line, the insides of its texts and comments blanked.
        column: from 0.
    """
    for lookalike in _LOOKALIKES:
        for found in lookalike.pattern.finditer(line):
            if found.start() <= column < found.end():
                message, hint = _say(lookalike.message, found), _say(lookalike.hint, found)
                if message:
                    return Sighting(found.start(), found.end(), lookalike.code, message, hint)
    return None


def _say(words: Say, found: Found) -> str:
    return words if isinstance(words, str) else words(found)


def odd_character(char: str) -> tuple[str, str]:
    """Return message and hint for a character that the language does not use."""
    category = unicodedata.category(char)
    if category.startswith("Z") or category in ("Cf", "Cc"):
        name = unicodedata.name(char, f"character {ord(char):04x}").lower()
        return f"an invisible character, {name}", "delete it, or type a plain blank in its place"
    if category.startswith("L"):
        return f"names do not have the letter `{char}`", "names are made of a to z, 0 to 9 and _"
    return f"the language does not use `{char}`", "remove it"


def _as_written_here(number: str) -> str:
    """Return a number with commas between thousands, from digits and a point."""
    whole, point, decimals = number.partition(".")
    return f"{int(whole):,}{point}{decimals}"


def _from_continental(found: Found) -> str:
    return f"write `{_as_written_here(found.group(1).replace('.', '').replace(',', '.'))}{_tail(found)}`"


def _tail(found: Found) -> str:
    return "%" if found.group().endswith("%") else ""


def _grouped(found: Found) -> str:
    return f"write `{_as_written_here(re.sub('[^0-9.]', '', found.group(1)))}{_tail(found)}`"


def _dotted_date(found: Found) -> str:
    day, month, year = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    if found.group()[-5] == "/" or "/" in found.group():
        if month > 12:
            day, month = month, day
        elif day <= 12 and day != month:
            return f"write year-month-day: `{year}-{month:02}-{day:02}` or `{year}-{day:02}-{month:02}`"
    return f"write year-month-day: `{year}-{month:02}-{day:02}`"


def _padded_date(found: Found) -> str:
    year, month, day = (int(part) for part in found.groups())
    return f"write year-month-day with two digits each: `{year}-{month:02}-{day:02}`"


def _scaled(found: Found) -> str:
    number, _, decimals = found.group(1).replace(",", "").partition(".")
    zeros = _SCALES[found.group(2).lower()]
    return f"write `{int(number + decimals.ljust(zeros, '0')):,}`"


def _symbol_first(found: Found) -> str:
    return f"write `{found.group(2)} {_SYMBOLS[found.group(1)]}`"


def _symbol_last(found: Found) -> str:
    return f"write `{found.group(1)} {_SYMBOLS[found.group(2)]}`"


def _lower_word(found: Found) -> str:
    return f"write `{found.group().lower()}`"


def _lower_word_message(found: Found) -> str:
    word = found.group()
    return f"words of the language are lower case, found `{word}`" if word.lower() in KEYWORDS else ""


def _lower_name(found: Found) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", found.group()).lower()
    return f"write `{snake}`; the columns of a file are mapped to names in facts.yaml"


def _misgrouped(found: Found) -> str:
    if re.fullmatch(_NUMBER + "%?", found.group()):
        return ""
    return f"commas stand between thousands only, found `{found.group()}`"


def _signed(found: Found) -> str:
    before = re.search(r"(\w+|[)%])\s+$", found.string[: found.start()])
    if before and before[1] not in KEYWORDS and re.match(r"-\s", found.group()):
        return ""  # Behind a value, with blanks around it, this is a difference rather than a sign.
    return f"numbers have no sign, found `{found.group()}`"


def _not_a_number(found: Found) -> str:
    return f"`{found.group()}` is not how numbers are written"


def _not_a_date(found: Found) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found.group()):
        return ""
    return f"`{found.group()}` is not how dates are written"


def _named_currency(found: Found) -> str:
    word = found.group(2)
    code = word.upper() if len(word) == 3 else _CURRENCY_WORDS[word.rstrip("s")]
    return f"write `{found.group(1)} {code}`"


def _is(
    code: str, pattern: str, message: Callable[[Found], str] | str, hint: Callable[[Found], str] | str
) -> Lookalike:
    return Lookalike(re.compile(pattern), code, message, hint)


def _quoted(found: Found) -> str:
    inside = found.group().strip(f"'`{_CURLY}").strip()
    return f'write `"{inside}"`' if inside else 'texts stand in straight double quotes: `"won"`'


_CURLY = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"  # quotes that word processors type
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_EDGE = r"(?<![\w.,])"

# In the order they are tried: what is longer and more certain comes first.
_LOOKALIKES: tuple[Lookalike, ...] = (
    # dates
    _is(
        "R0107",
        rf"{_EDGE}(\d{{1,2}})[./](\d{{1,2}})[./](\d{{4}}|\d{{2}})(?![\d.,%])",
        _not_a_date,
        _dotted_date,
    ),
    _is(
        "R0107",
        rf"{_EDGE}(\d{{4}})[-./](\d{{1,2}})[-./](\d{{1,2}})(?![\d.,%])",
        _not_a_date,
        _padded_date,
    ),
    _is(
        "R0107",
        rf"\b(?:\d{{1,2}}(?:st|nd|rd|th|\.)?\s+)?{_MONTH}\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?,?)?(?:\s+\d{{4}})?\b",
        _not_a_date,
        "write year-month-day: `2026-07-01`",
    ),
    _is(
        "R0107",
        r"\b(?:[QH][1-4]\b(?:\s+\d{4}\b)?|\d{4}-?[QH][1-4]\b)",
        _not_a_date,
        "write its first and last day: `from 2026-07-01 through 2026-09-30`",
    ),
    # comments
    _is(
        "R0102",
        r"(?://|/\*|--|<!--).*?(?=\s*$)",
        lambda found: f"comments do not begin with `{re.match(r'[/*<!-]+', found.group())[0]}`",  # type: ignore[index]
        "comments begin with `#` and end with the line",
    ),
    # numbers
    _is(
        "R0106",
        rf"{_EDGE}(\d{{1,3}}(?:\.\d{{3}})+,\d+)%?",
        _not_a_number,
        _from_continental,
    ),
    _is(
        "R0106",
        rf"{_EDGE}(\d{{1,3}}(?:\.\d{{3}}){{2,}})%?",
        _not_a_number,
        _from_continental,
    ),
    _is(
        "R0106",
        rf"{_EDGE}(\d{{1,3}}(?:['\u2019 ]\d{{3}})+(?:\.\d+)?)(?![\d,])%?",
        _not_a_number,
        _grouped,
    ),
    _is(
        "R0106",
        rf"{_EDGE}(\d+,\d{{1,2}})%?(?![\d,])",
        lambda found: f"the decimal sign is a point, found `{found.group()}`",
        _from_continental,
    ),
    _is(
        "R0106",
        rf"{_EDGE}(\d+(?:,\d+)+(?:\.\d+)?)%?",
        _misgrouped,
        _grouped,
    ),
    _is(
        "R0106",
        r"(?<![\w.])\.\d+%?",
        lambda found: f"`{found.group()}` has no digit before the point",
        lambda found: f"write `0{found.group()}`",
    ),
    _is(
        "R0106",
        rf"{_EDGE}\d+(?:\.\d+)?[eE][+-]?\d+",
        _not_a_number,
        "write all of its digits",
    ),
    _is(
        "R0106",
        rf"{_EDGE}({_NUMBER})([kKmM])\b(?!\w)",
        _not_a_number,
        _scaled,
    ),
    _is(
        "R0106",
        rf"{_EDGE}({_NUMBER})(?:\s+%|\s*(?:percent|per cent|pct)\b)",
        "a percentage is a number with `%` right behind it",
        lambda found: f"write `{found.group(1)}%`",
    ),
    _is(
        "R0106",
        rf"(?<!\d ){_EDGE}([A-Z]{{3}})\s*({_NUMBER})",
        lambda found: f"the currency stands behind the number, found `{found.group()}`",
        lambda found: f"write `{found.group(2)} {found.group(1)}`",
    ),
    _is(
        "R0102",
        rf"([$€£¥])\s*({_NUMBER})",
        lambda found: f"currencies are written as codes, found `{found.group()}`",
        _symbol_first,
    ),
    _is(
        "R0102",
        rf"{_EDGE}({_NUMBER})\s*([$€£¥])",
        lambda found: f"currencies are written as codes, found `{found.group()}`",
        _symbol_last,
    ),
    _is(
        "R0106",
        rf"{_EDGE}({_NUMBER})\s*(dollars?|bucks|usd|euros?|eur|pounds?|gbp|chf|cad|aud|jpy)\b",
        lambda found: f"`{found.group(2)}` is not how currencies are written",
        _named_currency,
    ),
    _is(
        "R0106",
        rf"(?<![\w)%])-\s?(?>{_NUMBER})%?(?!-)",
        _signed,
        "amounts in a plan are zero or more; money is taken back by a row with a field that `reverses` "
        "another, or an amount that is `signed`",
    ),
    # signs of other languages
    _is("R0102", r"!==?|<>|≠", lambda f: f"`{f.group()}` is not used", 'write `is not`: `type is not "new"`'),
    _is(
        "R0102",
        r"=>|=<|≥|≤",
        lambda f: f"`{f.group()}` is not used",
        "write `>=` for at least, `<=` for at most",
    ),
    _is(
        "R0102",
        r"[<>]\s+=",
        lambda found: f"`{found.group()}` is one sign",
        lambda found: f"write `{found.group()[0]}=`",
    ),
    _is(
        "R0102",
        r"={1,3}",
        lambda found: f"`{found.group()}` is not used here",
        "conditions are written with `is` for equal, `>=` for at least",
    ),
    _is("R0102", r"&+", lambda f: f"`{f.group()}` is not used", "write `and`, or a `where` line of its own"),
    _is("R0102", r"\|+", lambda f: f"`{f.group()}` is not used", "write `or`"),
    _is("R0102", r"!", "`!` is not used", "write `not`"),
    _is("R0102", r"'[^']*'?|`[^`]*`?", "texts stand in double quotes", _quoted),
    _is("R0102", f"[{_CURLY}][^{_CURLY}]*[{_CURLY}]?", "texts stand in straight double quotes", _quoted),
    _is("R0103", r'"[^"]*$', "this text has no closing quote", 'end it with `"` on the same line'),
    _is("R0102", r";", "lines end without `;`", "remove it"),
    _is("R0101", r",(?=\s*$)", "lines end without a comma", "remove it"),
    _is("R0102", r":", "no colon is needed", "remove it"),
    _is(
        "R0102",
        r"[\[\]]",
        lambda f: f"`{f.group()}` is not used",
        "lists have no brackets, only commas between their items",
    ),
    _is(
        "R0101",
        r"(?<![\w-])[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+",
        lambda found: f"names have no hyphens, found `{found.group()}`",
        lambda found: f"write `{found.group().replace('-', '_')}`",
    ),
    _is("R0101", r"\b[A-Z][A-Za-z_]*\b", _lower_word_message, _lower_word),
    _is(
        "R0101",
        r"(?<=\bis )[A-Za-z]*[A-Z]\w*|(?<=\bis not )[A-Za-z]*[A-Z]\w*",
        lambda found: f"texts stand in double quotes, found `{found.group()}`",
        _quoted,
    ),
    _is(
        "R0101",
        r"(?<=\d )(?:[A-Z]{1,2}|[A-Z]{4,})\b",
        lambda found: f"currencies have three letters, found `{found.group()}`",
        "write `500 USD`",
    ),
    _is(
        "R0101",
        r"\b\w*[A-Z]\w*\b(?<!\b[A-Z]{3})",
        lambda found: f"names are lower case, found `{found.group()}`",
        _lower_name,
    ),
    _is(
        "R0101",
        r"(?<=\s)[*/+](?=\s)|(?<=\s)-(?=\s)",
        lambda found: f"`{found.group()}` does not fit here",
        "sums stand in a `derive` line of the fact: `derive net = total - tax`",
    ),
)
