"""Texts of random plans that can be parsed: every block and clause of the language, in any layout.

They need not make sense: names mean nothing and units do not fit. `generated.py` has plans that do.
"""

from __future__ import annotations

import re
from datetime import date

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]

# Names that are words of the language elsewhere are names all the same.
NAMES = st.sampled_from(
    ["a", "amount", "deal", "payee", "net_2", "_x", "tier", "on", "pay", "month", "through"]
)
PIECE = re.compile(r'"[^"]*"|[^\s"]+')


def join(*parts: Texts | str) -> Texts:
    """Return texts of the parts, one behind the other."""
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map(lambda texts: " ".join(text for text in texts if text))


def maybe(*parts: Texts | str) -> Texts:
    return st.one_of(st.just(""), join(*parts))


def listed(items: Texts, most: int = 3) -> Texts:
    return st.lists(items, min_size=1, max_size=most).map(" , ".join)


def words(*choices: str) -> Texts:
    return st.sampled_from(choices)


def chain(items: Texts, operator: str) -> Texts:
    return st.lists(items, min_size=2, max_size=3).map(f" {operator} ".join)


WHOLE = st.integers(min_value=0, max_value=10**9).flatmap(lambda n: st.sampled_from([str(n), f"{n:,}"]))
NUMBER = st.one_of(WHOLE, st.tuples(WHOLE, words("0", "5", "50", "25", "125")).map(".".join))
PERCENT = NUMBER.map(lambda number: number + "%")
AMOUNT = join(NUMBER, words("USD", "EUR"))
DATE = st.dates(min_value=date(1, 1, 1)).map(date.isoformat)
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters='"\n\r', exclude_categories=["Cs", "Zl", "Zp"]),
    max_size=8,
).map(lambda text: f'"{text}"')
PATH = (
    st.lists(NAMES, min_size=1, max_size=3)
    .map(".".join)
    .filter(
        # A path of one word that may begin a longer form in its place is reserved there.
        lambda path: path not in ("on", "pay", "tier", "month", "through")
    )
)
LITERAL = st.one_of(NUMBER, PERCENT, AMOUNT, DATE, TEXT)
SCALAR = st.one_of(NUMBER, PERCENT, AMOUNT, PATH)
OTHERWISE = join(PATH, "otherwise", st.one_of(LITERAL, PATH))
OPERAND = st.one_of(PATH, OTHERWISE)
UNIT = words("day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years")
DURATION = join(st.one_of(NUMBER, PATH), UNIT)
WINDOW = words("day", "half_month", "month", "quarter", "lifetime", "deal")
ANCHOR = st.recursive(
    st.one_of(PATH, DATE),
    lambda inner: st.one_of(
        join(DURATION, "after", inner),
        join("start of", WINDOW, "after", inner),
        join("end of", WINDOW, "of", inner),
    ),
    max_leaves=3,
)
GRANT_TIME = maybe(join("for", NUMBER, UNIT, "from", ANCHOR))
KEYS = st.one_of(st.just("all"), listed(PATH))
BY = maybe("by", KEYS)

TEST = st.one_of(
    PATH,
    join(OPERAND, words(">=", "<=", ">", "<"), st.one_of(SCALAR, ANCHOR, join(PERCENT, "of", PATH))),
    join(OPERAND, words("is", "is not"), st.one_of(LITERAL, PATH)),
    join(OPERAND, words("is one of", "is not one of"), listed(LITERAL)),
    join(PATH, words("is missing", "is present")),
    join(PATH, "in", NAMES),
    join(PATH, words("has all of", "has any of", "has none of"), listed(TEXT)),
)
CONDITION = st.recursive(
    TEST,
    lambda inner: st.one_of(
        chain(st.one_of(TEST, join("(", inner, ")")), "and"),
        chain(st.one_of(TEST, join("(", inner, ")")), "or"),
        join("not (", inner, ")"),
        join("(", inner, ")"),
    ),
    max_leaves=5,
)
EXPRESSION = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        join(SCALAR, words("+", "-", "*", "/"), SCALAR),
        join("(", inner, ")", words("+", "-", "*", "/"), "(", st.one_of(inner, OTHERWISE), ")"),
        join(SCALAR, words("-", "/"), SCALAR, words("+", "*"), SCALAR),
    ),
    max_leaves=5,
)

AGGREGATE = st.one_of(st.just("count"), join(words("sum", "sum credited", "sum full", "max"), PATH))
PORTION = st.one_of(OPERAND, join(OPERAND, "above", SCALAR))
EARNINGS_OF = join(words("with", "less"), maybe("own"), "earnings of", NAMES)
PAY_BASE = st.one_of(PORTION, join(OPERAND, EARNINGS_OF, maybe(EARNINGS_OF)))
PAY_PART = st.one_of(
    join(
        SCALAR,
        maybe("of", PAY_BASE),
        st.one_of(
            st.just(""),
            st.just("once"),
            join("per", NAMES, maybe("of", PORTION)),
            join("per", words("started", "full"), SCALAR, maybe("of", PORTION)),
            join("per", NAMES, "above", SCALAR),
            join("per", words("started", "full"), SCALAR, "above", SCALAR),
        ),
    ),
    join(SCALAR, "above", SCALAR),
    join("prize", TEXT, "once"),
)
PAY = st.one_of(st.just("nothing"), chain(PAY_PART, "plus"), PAY_PART)

TITLE = join("title", TEXT)
EFFECTIVE = join("effective from", DATE, maybe("through", DATE))
ROUNDING = join(
    "rounding",
    words("half_up", "half_down", "half_even", "up", "down"),
    "to",
    NUMBER,
    words("per line", "per fact", "per band", "per window"),
)
WHERE = join("where", CONDITION)
ON = st.one_of(join("on", NAMES, maybe("at", PATH)), join("on earnings of", NAMES))
CREDIT = st.one_of(join("credit", PATH), join("credit", words("rest", "15%", "ae_share"), "to", PATH))
TAKEN = join(AGGREGATE, "per", WINDOW, BY, maybe("against", SCALAR))
CONVERT = join(
    "convert to",
    st.one_of(words("EUR", "JPY"), PATH),
    "at",
    NAMES,
    "on",
    ANCHOR,
    maybe(join("rounded", words("half_up", "down"), maybe("to", NUMBER))),
)
NOT_YET = st.one_of(
    join("clawback", PERCENT, "on", PATH, maybe("within", DURATION, "of", PATH)),
    join("release rest at", ANCHOR),
    join("where", PATH, words("so far", "in total"), ">=", SCALAR),
    join("credit each", NAMES, "equally"),
    join("for first", NUMBER, "by", PATH),
    join("remainder to", words("in_turn", "largest_share")),
)
CLAUSE = st.one_of(
    TITLE,
    EFFECTIVE,
    ROUNDING,
    ON,
    WHERE,
    CREDIT,
    words("memo", "award each contributor", "award contributors equally"),
    join("award each member of", PATH),
    join("award members of", PATH, "equally"),
    join("for", DURATION, "from", ANCHOR),
    join("measure", TAKEN),
    join("measure", words("bookings", "net_2")),
    join("apply", words("marginal", "whole", "from_crossing", "from_next", "interpolated")),
    join(words("tier from", "tier above"), SCALAR, "pay", PAY),
    join("pay", PAY),
    join("times", SCALAR, maybe("when", CONDITION)),
    join(words("cap", "floor"), SCALAR, maybe("of", OPERAND), "per", WINDOW, BY),
    join("deduct", maybe("own"), "earnings of", NAMES),
    words("remainder to first", "remainder to last"),
    join("hold until", ANCHOR),
    join("split into", DURATION, "starting", ANCHOR),
    join("stop on", PATH, "then", words("forfeit", "pay_out")),
    join("window from", DATE, "through", DATE),
    join("goal", st.one_of(AGGREGATE, PATH), words(">=", ">"), SCALAR, BY),
    join("rank", st.one_of(AGGREGATE, PATH), BY, "ties", words("share", "all", "first")),
    join("place", NUMBER, "pay", PAY),
    join("budget", SCALAR, BY, "then", st.one_of(st.just("prorate"), join("first_come on", PATH))),
    NOT_YET,
    CONVERT,
    words("currency EUR"),
)


def block(header: Texts, lines: Texts, least: int = 0) -> Texts:
    return join(header, "{", st.lists(lines, min_size=least, max_size=5).map(" ".join), "}")


AMEND = block(join("amend from", DATE), CLAUSE, least=1)
FLAG = st.one_of(
    words("key", "optional", "history", "event", "credited", "signed", "reverses"),
    join("one of", listed(TEXT)),
    join("decimals", NUMBER),
)
FIELD = join(
    "field",
    NAMES,
    words("text", "money", "deal", "list of text"),
    st.lists(FLAG, max_size=2).map(" ".join),
)
DERIVE = join(
    "derive",
    NAMES,
    "=",
    st.one_of(EXPRESSION, OTHERWISE),
    maybe("at least", SCALAR),
    maybe("at most", SCALAR),
)
CELL = st.one_of(
    st.just("any"),
    TEXT,
    NUMBER,
    join(words("from", "above"), st.one_of(NUMBER, PERCENT, AMOUNT, DATE)),
)
BLOCK = st.one_of(
    block(
        join("plan", NAMES),
        st.one_of(
            TITLE,
            st.just("currency USD"),
            EFFECTIVE,
            ROUNDING,
            join("fiscal year", maybe(NUMBER), "from", DATE),
        ),
    ),
    block(join("payee", NAMES), st.one_of(FIELD, DERIVE)),
    block(join("fact", NAMES), st.one_of(FIELD, DERIVE, WHERE, join("order by", PATH))),
    block(join("segment", NAMES, "of", NAMES), WHERE, least=1),
    block(
        join("table", NAMES, "on", NAMES, "by", listed(PATH)),
        join("row", listed(CELL), "gives", SCALAR),
        least=1,
    ),
    join("quota", NAMES, "by", listed(PATH), "per", WINDOW, "as", words("money", "number")),
    block(join("measure", NAMES), st.one_of(ON, WHERE, CREDIT, join("take", TAKEN))),
    block(
        join(words("revenue_share", "flat", "tiered", "installments", "spiff"), NAMES),
        st.one_of(CLAUSE, CLAUSE, CLAUSE, AMEND),
    ),
    join(
        "choose",
        NAMES,
        "{ take",
        words("highest", "first", "all"),
        "per",
        NAMES,
        st.lists(join("among", NAMES), min_size=1, max_size=3).map(" ".join),
        "}",
    ),
    block(
        st.just("statement"),
        st.one_of(
            join("per", WINDOW, words("", "and currency")),
            CONVERT,
            join("guarantee", SCALAR, "per", WINDOW, maybe(join("for", NAMES)), GRANT_TIME),
            join(
                "draw",
                SCALAR,
                "per",
                WINDOW,
                words("recoverable", "kept"),
                maybe(join("for", NAMES)),
                GRANT_TIME,
            ),
            join("recover 50% of earnings", maybe(join("above", SCALAR))),
            join("cap", SCALAR, "per", WINDOW, "then", words("carry", "forfeit")),
            words("negative carry", "negative forgive", "negative stands", "rounding half_up to 0.05"),
            join("minimum", SCALAR, "then carry"),
        ),
    ),
    join("rates", NAMES, words("as currency per EUR", "as EUR per currency"), "within", DURATION),
    block(st.just("segment odd of partner"), st.one_of(WHERE, st.just("where m so far >= 5")), least=1),
)

GAP = st.one_of(
    words(" ", "\n", "  ", "\t", "\n\n", "\n  "),
    st.text(st.sampled_from("ab {}#,"), max_size=5).flatmap(
        lambda text: words(f" # {text}\n", f"\n# {text}\n", f"\n\n  # {text}\n\n")
    ),
)


@st.composite
def plans_text(draw: st.DrawFn) -> str:
    """Return the text of a file: a few blocks, with random blanks, line ends and comments between words."""
    text = " ".join(draw(st.lists(BLOCK, max_size=4)))
    pieces = PIECE.findall(text)
    # A few gaps are enough to find what layout breaks; one each would be slow to draw.
    gaps = draw(st.lists(GAP, min_size=1, max_size=12))
    step = draw(st.integers(min_value=1, max_value=7))
    laid_out = [
        piece + (gaps[index % len(gaps)] if index % step == 0 else " ") for index, piece in enumerate(pieces)
    ]
    return draw(words("", "# first\n", "\n# first\n\n")) + "".join(laid_out)
