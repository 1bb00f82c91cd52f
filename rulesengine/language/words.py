"""The words of the language, as messages need them: where they stand, an example, what they are mistaken for.

tests/language/test_words.py holds these tables against the grammar.
"""

from __future__ import annotations

import re

_KEYWORDS = """
    above after against all amend among and any apply as at award band before budget by cap carry choose
    clawback contributor contributors convert count credit credited currency day days decimals deduct
    derive distinct down draw each earnings effective end ends equally event fact far field first
    first_come fiscal flat floor for forfeit forgive from from_crossing from_next full gives goal
    guarantee half_down half_even half_up has highest history hold in in_turn installments interpolated
    into is kept key largest_fraction largest_share last least less level line list marginal max measure
    member members memo minimum missing month months most negative nobody none not nothing of on once
    one optional or order otherwise over own pay pay_out payee per place plan plus present prize
    pro_rata prorate quarter quarters quota rank rates reaches recover recoverable release remainder
    rest revenue_share reverses rounded rounding row segment share signed so spiff split stands start
    started starting starts statement stop sum table take text then through tier tiered ties times title
    to total unearned unless until up week weeks when where whole window with within year years restore
"""
KEYWORDS = frozenset(_KEYWORDS.split())
"""Every word of the language."""

NOT_A_FIELD = frozenset(("all", "credited", "end", "full", "not", "prize", "start"))
"""Words that mean something else where a clause names a field."""

NOT_A_VALUE = frozenset(("count", "max", "nothing", "prize", "sum", "total"))
"""Words that cannot name a table, a segment, a quota or a measure."""

NOT_A_RECORD = frozenset(("all", "earnings", "full", "list", "not", "quota", "started"))
"""Words that cannot name a payee or a fact: a field of that type, or a rule on it, could not be read."""

NOT_A_RULE = frozenset(("statement",))
"""Lines that settle a statement name this rule."""

RULE_KINDS = ("revenue_share", "flat", "tiered", "installments", "spiff")

BLOCK_WORDS = (
    "plan",
    "payee",
    "fact",
    "segment",
    "table",
    "quota",
    "rates",
    "measure",
    *RULE_KINDS,
    "choose",
    "statement",
)

# A header for each kind of block with braces, to read on behind a header that is wrong.
HEADERS = {
    "plan": "plan x",
    "payee": "payee x",
    "fact": "fact x",
    "segment": "segment x of x",
    "table": "table x on x by x",
    "measure": "measure x",
    **{kind: f"{kind} x" for kind in RULE_KINDS},
    "choose": "choose x",
    "statement": "statement",
}

# How a block begins, for hints.
HEADER_SHAPES = {
    "plan": "plan partner_2026 {",
    "payee": "payee partner {",
    "fact": "fact deal {",
    "segment": "segment gold_agencies of partner {",
    "table": "table product_rate on deal by product, payee.tier {",
    "quota": "quota booking_quota by partner per quarter as money",
    "rates": "rates ecb as currency per EUR within 7 days",
    "measure": "measure bookings {",
    **{kind: f"{kind} new_logo {{" for kind in RULE_KINDS},
    "choose": "choose best {",
    "statement": "statement {",
}

# The clauses of a rule, each with an example of its shape.
RULE_SHAPES = {
    "title": 'title "New logo bonus"',
    "effective": "effective from 2026-01-01 through 2026-12-31",
    "rounding": "rounding half_up to 0.01 per line",
    "currency": "currency USD",
    "convert": "convert to EUR at ecb on closed",
    "on": "on deal",
    "where": 'where type is "new"',
    "credit": "credit 60% to ae",
    "award": "award each member of payee.team",
    "memo": "memo",
    "for": "for 12 months from started",
    "measure": "measure sum amount per quarter by payee",
    "apply": "apply marginal",
    "tier": "tier from 250,000 USD pay 3%",
    "pay": "pay 14% of amount",
    "times": 'times 150% when type is "new"',
    "cap": "cap 25,000 USD per deal",
    "floor": "floor 100 USD per month by payee",
    "deduct": "deduct earnings of base_share",
    "prorate": "prorate by days from started through ended",
    "clawback": "clawback 100% on cancelled within 90 days of closed",
    "remainder": "remainder to first",
    "hold": "hold until 30 days after closed",
    "release": "release 75% at closed",
    "split": "split into 6 months starting 1 month after closed",
    "stop": "stop on cancelled then forfeit",
    "window": "window from 2026-07-01 through 2026-09-30",
    "goal": "goal count >= 500 by payee.team",
    "rank": "rank sum amount by payee ties share",
    "place": "place 1 pay 1,000 USD once",
    "budget": "budget 25,000 USD then first_come on closed",
}

# The clauses of the other blocks.
OTHER_SHAPES = {
    "fiscal": "fiscal year from 2026-02-01",
    "field": "field amount money signed",
    "derive": "derive net = total - tax",
    "order": "order by seq",
    "row": 'row "crm", "platinum" gives 14%',
    "take": "take sum amount per quarter by payee",
    "among": "among saas_share",
    "per": "per month",
    "minimum": "minimum 50 USD then carry",
    "negative": "negative carry",
    "guarantee": "guarantee 3,000 USD per month",
    "draw": "draw 2,000 USD per month recoverable",
    "recover": "recover 50% of earnings above 2,000 USD",
    "amend": "amend from 2026-07-01 {",
}

# Words that mean something else in a rule.
_STATEMENT_SHAPES = {"cap": "cap 50,000 USD per month then carry", "rounding": "rounding half_up to 0.01"}

_SHAPES = RULE_SHAPES | OTHER_SHAPES

# The first words of the clauses of each block, in the order a hint names them.
CLAUSES: dict[str, tuple[str, ...]] = {
    "plan": ("title", "currency", "effective", "rounding", "fiscal", "convert"),
    "payee": ("field", "derive"),
    "fact": ("field", "derive", "where", "order"),
    "segment": ("where",),
    "table": ("row",),
    "measure": ("effective", "on", "where", "credit", "convert", "take"),
    **dict.fromkeys(RULE_KINDS, (*RULE_SHAPES, "amend")),
    "amend": tuple(RULE_SHAPES),
    "choose": ("take", "among"),
    "statement": ("per", "convert", "guarantee", "draw", "recover", "cap", "negative", "minimum", "rounding"),
}

# What other tools and spreadsheets call a clause, and what to write here.
CLAUSE_SYNONYMS = {
    "if": 'conditions begin with `where`: `where type is "new"`',
    "when": 'conditions begin with `where`: `where type is "new"`',
    "unless": "write `where not ({rest})`",
    "filter": 'conditions begin with `where`: `where type is "new"`',
    "only": 'conditions begin with `where`: `where type is "new"`',
    "and": "write another `where` line: lines are and-ed",
    "or": "write one `where` line with `or` in it",
    "then": "conditions stand in `where` lines of their own, without `then`",
    "else": "there is no `else`: write a second rule with the opposite `where`, or a table",
    "max": "the most that is paid is a `cap`: `cap 25,000 USD per month`",
    "maximum": "the most that is paid is a `cap`: `cap 25,000 USD per month`",
    "limit": "the most that is paid is a `cap`: `cap 25,000 USD per month`",
    "min": "the least that is paid is a `floor`: `floor 100 USD per month`",
    "minimum": "the least that is paid is a `floor`: `floor 100 USD per month`",
    "up": "the most that is paid is a `cap`: `cap 25,000 USD per month`",
    "rate": "what is paid is a `pay` line: `pay 10% of amount`",
    "commission": "what is paid is a `pay` line: `pay 10% of amount`",
    "bonus": "what is paid is a `pay` line: `pay 500 USD per deal`",
    "payout": "what is paid is a `pay` line: `pay 10% of amount`",
    "earn": "what is paid is a `pay` line: `pay 10% of amount`",
    "threshold": "bands are `tier` lines: `tier from 250,000 USD pay 3%`",
    "level": "bands are `tier` lines: `tier from 250,000 USD pay 3%`",
    "band": "bands are `tier` lines: `tier from 250,000 USD pay 3%`",
    "bracket": "bands are `tier` lines: `tier from 250,000 USD pay 3%`",
    **dict.fromkeys(
        ("multiplier", "multiply", "multiplied", "boost", "booster", "boosted", "kicker", "uplift", "factor"),
        'what is paid is multiplied by a `times` line: `times 150% when type is "new"`',
    ),
    "accelerator": "multiply with `times 150% when …`, or pay more past a point: `tier from 100% pay 12%`",
    "sum": "what is added up is a `measure` line: `measure sum amount per quarter`",
    "count": "what is counted is a `measure` line: `measure count per quarter`",
    "calculate": "sums are `derive` lines in the fact: `derive net = total - tax`",
    "let": "sums are `derive` lines in the fact: `derive net = total - tax`",
    "set": "sums are `derive` lines in the fact: `derive net = total - tax`",
    "group": "the key of a running total stands in its `measure` line: `measure count per month by payee`",
    "from": "say what begins there: `effective from …`, `window from …` or `tier from …`",
    "start": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "starts": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "valid": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "period": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "dates": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "end": "dates are `effective from 2026-01-01 through 2026-12-31`",
    "name": 'a name for people is a `title "…"`',
    "description": 'a name for people is a `title "…"`; anything else is a comment behind `#`',
    "note": "a note is a comment: it begins with `#`",
    "round": "rounding is written `rounding half_up to 0.01 per line`",
    "installments": "instalments are a `split` line: `split into 6 months starting closed`",
    "instalments": "instalments are a `split` line: `split into 6 months starting closed`",
    "refund": "refunds are rows with a field that `reverses` another row; no clause is needed",
    "target": "a target stands in the `measure` line: `measure sum amount per quarter against my_quota`",
    "monthly": "windows are written `per month`",
    "quarterly": "windows are written `per quarter`",
    "column": "columns are `field` lines: `field amount money`",
    "key": "a key is a flag of a field: `field id text key`",
    "winner": "prizes of a rank are `place` lines: `place 1 pay 1,000 USD once`",
    "date": "a date is a field with its type: `field closed date event`",
}

# What other tools call a block.
BLOCK_SYNONYMS = {
    "rule": "a rule begins with its kind: `revenue_share`, `flat`, `tiered`, `installments` or `spiff`",
    "commission": "a rule that pays a percentage begins with `revenue_share`",
    "percentage": "a rule that pays a percentage begins with `revenue_share`",
    "bonus": "a rule that pays fixed money begins with `flat`, one that pays for a goal with `spiff`",
    "contest": "a rule that pays for a goal or a rank begins with `spiff`",
    "fixed": "a rule that pays fixed money begins with `flat`",
    "tiers": "a rule with bands begins with `tiered`",
    "tier": "a rule with bands begins with `tiered`",
    "deal": "the rows of a file are described by `fact deal {`",
    "event": "the rows of a file are described by `fact deal {`",
    "record": "the rows of a file are described by `fact deal {`",
    "rep": "who is paid is described by `payee rep {`",
    "partner": "who is paid is described by `payee partner {`",
    "agent": "who is paid is described by `payee agent {`",
    "employee": "who is paid is described by `payee employee {`",
    "group": "a group of payees or facts is a `segment`: `segment gold of partner {`",
    "lookup": "rates by product or tier are a `table`: `table product_rate on deal by product {`",
    "policy": "the plan begins with `plan`: `plan partner_2026 {`",
    "programme": "the plan begins with `plan`: `plan partner_2026 {`",
    "program": "the plan begins with `plan`: `plan partner_2026 {`",
    "import": "all `.rules` files of a folder are one plan; nothing is imported",
    "include": "all `.rules` files of a folder are one plan; nothing is included",
}


def shape_of(block: str, word: str) -> str:
    """Return an example of the clause or, outside of a block, of the header that begins with `word`."""
    if block == "choose" and word == "take":
        return "take highest per deal"
    if block == "statement" and word in _STATEMENT_SHAPES:
        return _STATEMENT_SHAPES[word]
    return (_SHAPES if block else HEADER_SHAPES).get(word, "")


def blocks_with(word: str) -> tuple[str, ...]:
    """Return the kinds of blocks that have a clause beginning with `word`."""
    return tuple(block for block, words in CLAUSES.items() if word in words)


def is_date(text: str) -> bool:
    """Tell whether a text looks like a date of the language, such as `2026-07-01`."""
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None


def one_of(words: tuple[str, ...] | list[str]) -> str:
    """Return "`a`, `b` or `c`"."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
