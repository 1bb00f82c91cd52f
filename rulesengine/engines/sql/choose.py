"""Step 10, choose: of rival rules, one pays per row and payee; the others give theirs back."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import award_rows, carried_of, fact_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    equal,
    integer,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    aligned,
    compare,
    fitted,
    is_zero,
    negate,
    number,
    pick,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Take

BEHIND = 3 * 10**12
"""Lines that give back stand behind all others of their award."""


def choose(
    compilation: Compilation, choice: nodes.Choose, rivals: Mapping[str, Relation]
) -> dict[str, Relation]:
    """Return the drafts of the rivals, with lines that give back what a rival pays instead.

    Rivals ran as if alone. `highest` compares what they pay on the row, rounded; the first named wins a
    tie. `first` is the first named that pays anything. A row that undoes another follows the choice
    made on that row; where no rival earned anything there, the first named that takes anything back does so.

    Args:
        rivals: the drafts of each rule in the choice, with amounts.
    """
    rules = {rule.name: rule for rule in compilation.plan.rules}
    awards = {
        name: award_rows(compilation, rivals[name], rules[name], carried_of(rivals[name]), f"_{choice.name}")
        for name in choice.among
    }
    winners = _winners(compilation, choice, awards)
    return {
        name: _without_losers(compilation, choice, rules[name], rivals[name], awards[name], winners)
        for name in choice.among
    }


def _winners(compilation: Compilation, choice: nodes.Choose, awards: Mapping[str, Relation]) -> Relation:
    """Return which rule pays, `winner` as its place in the choice, for each row judged by and payee."""
    parts = []
    for place, name in enumerate(choice.among):
        source = From(awards[name])
        source.keep(negated(equal(source.expr("fact_id"), text(""))))
        is_later, asked = follows(source), source.num("asked")
        for column in ("row.root", "payee_kind", "payee"):
            source.columns[column] = source[column]
        source.columns["asked"] = pick([(is_later, number(0))], asked)
        source.columns["rival"] = number(place)
        is_taken = all_of([is_later, negated(is_zero(asked))])
        takes_back = chosen([(is_taken, integer(place))], integer(len(choice.among)))
        source.columns["takes"] = Number(takes_back, 0, len(choice.among))
        parts.append(source)
    comment = f"{choice.name} ({choice.origin}): what each rival pays on a row"
    source = From(compilation.add_union(f"{choice.name}_rivals", comment, parts))
    source.groups = [source.expr(name) for name in ("row.root", "payee_kind", "payee")]
    for column in ("row.root", "payee_kind", "payee"):
        source.columns[column] = source[column]
    for place in range(len(choice.among)):
        source.columns[f"paid_{place}"] = _paid(source, place)
    takes = source.num("takes")
    source.columns["takes"] = Number(Aggregate("min", (takes.top,), (), Sort.INT), 0, takes.most)
    paid = compilation.add(f"{choice.name}_paid", comment, source)
    source = From(paid)
    for column in ("row.root", "payee_kind", "payee"):
        source.columns[column] = source[column]
    amounts = [source.num(f"paid_{place}") for place in range(len(choice.among))]
    winner = _winner(choice, amounts, source.num("takes").top)
    source.columns["winner"] = Number(winner, 0, len(amounts))
    return compilation.add(f"{choice.name}_winners", f"{choice.name}: {choice.text}", source)


def _paid(source: From, place: int) -> Number:
    asked = source.num("asked")
    is_mine = equal(source.num("rival").top, integer(place))
    most = asked.most * 1000
    total = Aggregate("sum", (chosen([(is_mine, asked.top)], integer(0)),), (), fitted(asked.top, most).sort)
    return Number(total, asked.scale, most)


def _winner(choice: nodes.Choose, amounts: list[Number], takes: Expr) -> Expr:
    """Return the place of the rival that pays; of one that takes back where none earned anything."""
    whens: list[tuple[Expr, Expr]] = []
    for place, amount in enumerate(amounts):
        tests = [negated(is_zero(amount))]
        if choice.take is Take.HIGHEST:
            for other in amounts[place + 1 :]:
                tests.append(_is_no_less(amount, other))
        whens.append((all_of(tests), integer(place)))
    return chosen(whens, takes)


def _is_no_less(amount: Number, other: Number) -> Expr:
    """Return whether a rival pays at least as much as a later one; one that pays nothing is none."""
    left, right = aligned(amount, other)
    return any_of([is_zero(other), compare(left, ">=", right)])


def _without_losers(
    compilation: Compilation,
    choice: nodes.Choose,
    rule: nodes.Rule,
    drafts: Relation,
    awards: Relation,
    winners: Relation,
) -> Relation:
    kept = From(drafts)
    kept.take_all()
    kept.columns.setdefault("fact", Plain(text(rule.fact_kind)))
    source = From(awards)
    on = {name: source.expr(name) for name in ("row.root", "payee_kind", "payee")}
    winner = source.join(winners, on, is_left=False).num("winner")
    own = choice.among.index(rule.name)
    source.keep(negated(equal(winner.top, integer(own))))
    # Where nobody wins, all keep what they have: lines that come to nothing together.
    source.keep(negated(equal(winner.top, integer(len(choice.among)))))
    source.keep(negated(is_zero(source.num("asked"))))
    names = [(equal(winner.top, integer(place)), text(name)) for place, name in enumerate(choice.among)]
    amount = negate(source.num("asked"))
    for name in carried_of(awards):
        source.columns[name] = source[name]
    source.columns |= {
        "fact": fact_of(source, rule),
        "part": Plain(text(Part.CHOSEN_OTHER.value)),
        "position": number(BEHIND),
        "exact": amount,
        "amount": amount,
        "scope": Plain(joined([f"{choice.name}: ", chosen(names, text("")), " pays"])),
        "span": Plain(text(str(choice.origin))),
    }
    comment = f"rule {rule.name}: without what a rival pays instead ({choice.name})"
    return compilation.add_union(f"{rule.name}_{choice.name}", comment, [kept, source], rule=rule)
