"""Which clauses a kind of rule may have, which it must have, and which may stand only once."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.plan.context import Context
from rulesengine.plan.header import stands_twice
from rulesengine.plan.nodes import RuleKind
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.types import with_article

_ALL = frozenset(RuleKind)
_R, _F, _T, _I, _S = (
    RuleKind.REVENUE_SHARE,
    RuleKind.FLAT,
    RuleKind.TIERED,
    RuleKind.INSTALLMENTS,
    RuleKind.SPIFF,
)

# The language reference, "Clauses", holds the same table.
_KINDS: dict[str, frozenset[RuleKind]] = {
    "title": _ALL,
    "effective": _ALL,
    "rounding": _ALL,
    "currency": _ALL,
    "convert": _ALL,
    "on": _ALL,
    "where": _ALL,
    "credit": _ALL,
    "memo": _ALL,
    "for": _ALL,
    "prorate": frozenset({_R, _F, _I}),
    "times": _ALL,
    "cap": _ALL,
    "floor": _ALL,
    "deduct": _ALL,
    "remainder": _ALL,
    "hold": _ALL,
    "release": _ALL,
    "stop": _ALL,
    "clawback": _ALL,
    "amend": _ALL,
    "award": frozenset({_R, _F, _T, _S}),
    "measure": frozenset({_T, _F}),
    "apply": frozenset({_T}),
    "tier": frozenset({_T}),
    "pay": frozenset({_R, _F, _I, _S}),
    "split": frozenset({_I}),
    "window": frozenset({_S}),
    "goal": frozenset({_S}),
    "rank": frozenset({_S}),
    "place": frozenset({_S}),
    "budget": frozenset({_S, _R, _F}),
}
_MUST: dict[RuleKind, tuple[str, ...]] = {
    _R: ("on", "pay"),
    _F: ("on", "pay"),
    _T: ("on", "measure", "apply", "tier"),
    _I: ("on", "pay"),
    _S: ("on", "window"),
}
_FORMS = {"on earnings of": frozenset({_R, _F, _I}), "on … per": frozenset({_R, _F, _T, _I})}
_EXAMPLES = {
    "on": "on deal",
    "measure": "measure sum amount per quarter by payee",
    "apply": "apply marginal",
    "tier": "tier from 0 USD pay 2%",
    "split": "split into 6 months starting 1 month after closed",
    "window": "window from 2026-07-01 through 2026-09-30",
    "place": "place 1 pay 1,000 USD once",
    "rank": "rank sum amount by payee ties share",
}
_PAY_EXAMPLES = {
    _R: "pay 10% of amount",
    _F: "pay 500 USD per deal",
    _I: "pay 3% of amount",
    _S: "pay 500 USD once",
}
_MANY = frozenset(
    (
        "where",
        "credit",
        "tier",
        "times",
        "cap",
        "floor",
        "deduct",
        "goal",
        "place",
        "release",
        "stop",
        "clawback",
        "amend",
    )
)
AMENDABLE = (
    *("where", "credit", "for", "prorate", "tier", "pay", "times", "cap", "floor", "deduct"),
    *("hold", "release", "split", "remainder", "stop", "clawback"),
)


def check_clauses(context: Context, block: syntax.RuleBlock) -> None:
    """Keep R0201, R0202, R0203 and R0205 for a rule's clauses and those of its amendments."""
    problems = context.problems
    kind = RuleKind(block.kind)
    for problem in _misplaced(kind, block.clauses):
        problems.add(problem)
    for clause in block.clauses:
        if isinstance(clause, syntax.Amend):
            for problem in _misamended(kind, clause):
                problems.add(problem)
    for problem in (*_missing(kind, block), *_do_not_go_together(block)):
        problems.add(problem)


def word_of(clause: syntax.RuleClause | syntax.Effective) -> str:
    """Return the word that a clause opens with."""
    match clause:
        case syntax.Limit(word=word):
            return word
        case syntax.ForFirst():
            return "for"
        case syntax.CreditTo() | syntax.CreditShare() | syntax.CreditEach() | syntax.CreditLevels():
            return "credit"
        case syntax.Measure() | syntax.UseMeasure():
            return "measure"
        case syntax.RoundingClause():
            return "rounding"
        case syntax.CurrencyClause():
            return "currency"
        case syntax.RemainderClause():
            return "remainder"
        case syntax.WindowClause():
            return "window"
        case syntax.PlaceLine():
            return "place"
        case _:
            return type(clause).__name__.lower()


def has_clause(kind: RuleKind, clause: syntax.RuleClause) -> bool:
    """Tell whether a kind of rule has such a clause; the others have been reported."""
    return kind in _KINDS.get(word_of(clause), frozenset())


def _misplaced(kind: RuleKind, clauses: tuple[syntax.RuleClause, ...]) -> Iterator[Mistake]:
    first: dict[str, syntax.RuleClause] = {}
    for clause in clauses:
        word = word_of(clause)
        if kind not in _KINDS[word]:
            yield _kind_has_no(kind, word, clause)
        elif word not in _MANY and word in first:
            yield stands_twice(word, clause.span, first[word].span)
        else:
            first.setdefault(word, clause)
            if isinstance(clause, syntax.On) and clause.of_earnings and kind in (_T, _S):
                yield _kind_has_no(kind, "on earnings of", clause)
            if isinstance(clause, syntax.On) and clause.per is not None and kind is _S:
                yield _kind_has_no(kind, "on … per", clause)


def _kind_has_no(kind: RuleKind, word: str, clause: syntax.Node) -> Mistake:
    kinds = _FORMS.get(word) or _KINDS[word]
    having = [other.value for other in RuleKind if other in kinds]
    if len(having) == 1:
        others = f"{with_article(having[0])} does"
    else:
        quoted = [f"`{other}`" for other in having]
        others = f"{', '.join(quoted[:-1])} and {quoted[-1]} do"
    hint = "write `pay` in its `tier` lines" if (kind, word) == (_T, "pay") else ""
    return mistake("R0201", f"`{kind}` has no `{word}`; {others}", clause.span, hint=hint)


def _misamended(kind: RuleKind, amend: syntax.Amend) -> Iterator[Mistake]:
    first: dict[str, syntax.RuleClause] = {}
    for clause in amend.clauses:
        word = word_of(clause)
        if word not in AMENDABLE:
            yield mistake(
                "R0205",
                f"`{word}` cannot be amended",
                clause.span,
                hint=f"end this rule with `effective … through`, and start another from {amend.start.value}",
            )
        elif kind not in _KINDS[word]:
            yield _kind_has_no(kind, word, clause)
        elif word not in _MANY and word in first:
            yield stands_twice(word, clause.span, first[word].span)
        else:
            first.setdefault(word, clause)


def _missing(kind: RuleKind, block: syntax.RuleBlock) -> Iterator[Mistake]:
    words = {word_of(clause) for clause in block.clauses}
    for word in _MUST[kind]:
        if word not in words:
            example = _PAY_EXAMPLES[kind] if word == "pay" else _EXAMPLES[word]
            yield _needs(block, f"`{kind}` needs `{word}`", f"add a line such as `{example}`")
    if kind is _I and not words & {"split", "release"}:
        hint = f"add a line such as `{_EXAMPLES['split']}`"
        yield _needs(block, "`installments` needs `split`, or `release` lines", hint)
    if kind is _S and not words & {"pay", "rank", "place"}:
        yield _needs(block, "`spiff` needs `pay`, or a `rank` with `place` lines", "add `pay 500 USD once`")
    if kind is _S and "rank" in words and "place" not in words:
        yield _needs(block, "`rank` needs `place` lines", f"add a line such as `{_EXAMPLES['place']}`")
    if kind is _S and "place" in words and "rank" not in words:
        yield _needs(block, "`place` needs a `rank`", f"add a line such as `{_EXAMPLES['rank']}`")


def _needs(block: syntax.RuleBlock, message: str, hint: str) -> Mistake:
    return mistake("R0202", message, block.name.span, hint=hint)


def _do_not_go_together(block: syntax.RuleBlock) -> Iterator[Mistake]:
    if block.kind != _S:
        return
    first: dict[str, syntax.RuleClause] = {}
    for clause in block.clauses:
        first.setdefault(word_of(clause), clause)
    for word, other in (("pay", "rank"), ("goal", "rank")):
        if word in first and other in first:
            hint = "its `place` lines say what is paid" if word == "pay" else "make two rules of it"
            yield mistake(
                "R0201",
                f"a `spiff` with a `{other}` has no `{word}`",
                first[word].span,
                related=(Related(first[other].span, f"the `{other}` is here"),),
                hint=hint,
            )
