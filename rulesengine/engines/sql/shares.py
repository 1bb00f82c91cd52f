"""Shares that stand in the facts: read, made a whole, and rejected where they are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    ZERO,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.fractions import in_lowest_terms, over_common_bottom, over_one_bottom
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    MOST_IN_128_BITS,
    Number,
    Plain,
    add,
    at_scale,
    compare,
    expr_of,
    fitted,
    is_zero,
    known,
    larger,
    multiply,
    number,
    otherwise,
    subtract,
)
from rulesengine.model.stored_book import FILE, ROW
from rulesengine.plan import nodes

BROKEN = "R1120"


def own_shares(how: nodes.CreditShares, reads: Reads) -> list[Number]:
    """Return each share as it is written or stands in the row; the rest is not below zero."""
    named = [
        None if isinstance(share, nodes.RestOfRow) else otherwise(reads.number(share), number(0))
        for share, _ in how.shares
    ]
    left = number(1)
    for share in named:
        left = left if share is None else subtract(left, share)
    rest = larger(left, number(0))
    return over_one_bottom([rest if share is None else share for share in named])


def shares_in_row(how: nodes.CreditShares, reads: Reads) -> list[Number]:
    """Return each share of a row as a part of one, zero where there is none."""
    own = own_shares(how, reads)
    if not how.are_weights:
        return own
    whole = total_of(own)
    return [otherwise(_part(each, whole), number(0)) for each in own]


def total_of(values: Sequence[Number]) -> Number:
    """Return the sum of some numbers."""
    made = number(0)
    for value in values:
        made = add(made, value)
    return made


def _part(weight: Number, whole: Number) -> Number:
    """Return weight / whole over one denominator for all weights of a row, so that they can be added up.

    Args:
        weight: over the same denominator as all the others and the whole, which drops out.
    """
    scale = max(weight.scale, whole.scale)
    weight, whole = at_scale(weight, scale), at_scale(whole, scale)
    if known(whole) is None:
        top = chosen([(compared(whole.top, "=", integer(0)), null(weight.top.sort))], weight.top)
        return Number(top, 0, weight.most, whole.top, max(whole.most, 1))
    return Number(weight.top, 0, weight.most, whole.top, whole.most)


def shares_in_rows(compilation: Compilation, how: nodes.CreditEach) -> Relation:
    """Return the share rows of a kind with the row that they point at, `link`; `payee`, `share` as a
    part of one; `place` in the order of the rows; `brings`, their share as it stands, and the `whole`
    of the row that they point at."""
    made = ("shares", how.kind, how.link, how.share)
    if made not in compilation.relations:
        name = f"shares_{how.kind}_{how.link}_{how.share or 'equally'}"
        compilation.relations[made] = _shares_in_rows(compilation, how, name)
    return compilation.relations[made]


def _shares_in_rows(compilation: Compilation, how: nodes.CreditEach, name: str) -> Relation:
    from rulesengine.engines.sql.facts import facts_of

    source = From(facts_of(compilation, how.kind))
    source.keep(negated(source.expr("row.undoes")))
    source.keep(is_null(source.expr("row.left_out")))
    link = source.expr(how.link)
    source.keep(is_given(link))
    brings = number(1) if how.share is None else otherwise(source.num(how.share), number(0))
    rows = max(compilation.book.facts[how.kind].rows, 1)
    order = [source[each] for each in ("row.order_by", "fact_id") if each in source.relation]
    place = over("row_number", [], partition=[link], order=list(map(expr_of, order)), sort=Sort.INT)
    below = chosen([(compared(brings.top, "<", ZERO), source.expr("fact_id"))], null(Sort.TEXT))
    source.columns = {
        "fact_id": source["fact_id"],
        "link": Plain(link),
        "payee": source[how.credited],
        "place": Number(Call("-", (place, integer(1)), Sort.INT), 0, rows),
        "brings": brings,
        "is_below": Plain(is_given(below)),
    }
    comment = f"shares that stand in rows of {how.kind} ({how.text})"
    first = compilation.add(f"{name}_rows", comment, source)
    first = over_common_bottom(compilation, first, "brings", ["link"])
    source = From(first)
    source.take_all()
    source.columns["whole"] = sum_over(source.num("brings"), [source.expr("link")], rows)
    source = From(compilation.add(f"{name}_wholes", comment, source))
    source.take_all()
    brings, whole = source.num("brings"), source.num("whole")
    source.columns["share"] = _part(brings, whole) if how.are_weights else brings
    return compilation.add(name, comment, source)


# --- broken shares -------------------------------------------------------------------------------


def without_broken_shares(compilation: Compilation, kind: str, facts: Relation) -> Relation:
    """Return the facts of a kind without those whose shares do not make a whole, nor those that undo
    such a one; they are rejected for all rules. A row that no share at all belongs to is taken."""
    for number_of, how in enumerate(_shared(compilation.plan, kind), start=1):
        suffix = f"_{number_of}" if number_of > 1 else ""
        name = f"broken_shares_{kind}{suffix}"
        if isinstance(how, nodes.CreditShares):
            broken = _broken_in_rows(compilation, how, kind, facts, name)
        else:
            broken = _broken_by_rows(compilation, how, name)
        facts = _without(compilation, kind, facts, broken, suffix)
    return facts


def _shared(plan: nodes.Plan, kind: str) -> Iterator[nodes.CreditShares | nodes.CreditEach]:
    """Yield how rows of a kind are shared by what stands in facts, each way once."""
    seen = [(rule.fact_kind, version.credit) for rule in plan.rules for version in rule.versions]
    seen += [(each.rows.source.kind, each.rows.credit) for each in plan.measures.values() if each.rows]
    found: list[object] = []
    for of, how in seen:
        match how:
            case nodes.CreditEach() if of == kind:
                like: object = (how.kind, how.link, how.share)
            case nodes.CreditShares(shares=shares) if of == kind and any(
                isinstance(share, nodes.FieldRead) for share, _ in shares
            ):
                like = [(share.text, to.path and to.path.text) for share, to in shares]
            case _:
                continue
        if like not in found:
            found.append(like)
            yield how


def _broken_in_rows(
    compilation: Compilation, how: nodes.CreditShares, kind: str, facts: Relation, name: str
) -> Relation:
    source = From(facts)
    source.keep(negated(source.expr("row.undoes")))
    event = compilation.kind(kind).event
    day = first_given([source.expr(event.name), null(Sort.DATE)]) if event else null(Sort.DATE)
    reads = Reads(compilation, source, "", day, kind, key="fact_id")
    shares = own_shares(how, reads)
    whens: list[tuple[Expr, Expr]] = []
    for share, (line, to) in zip(shares, how.shares, strict=True):
        below = compare(share, "<", number(0))
        whens.append((below, joined([f"the share in {line.text} is below zero: ", _shown(share, how)])))
        if to.path is not None and to.path.is_own:
            lacks = all_of([negated(is_zero(share)), is_null(source.expr(to.path.names[0]))])
            words = joined(["the share of ", _shown(share, how), f" in {line.text} is nobody's"])
            whens.append((lacks, words))
    if not how.are_weights:
        whens.append(_no_whole(total_of(shares), how))
    return _broken(compilation, source, "fact_id", chosen(whens, null(Sort.TEXT)), name)


def _broken_by_rows(compilation: Compilation, how: nodes.CreditEach, name: str) -> Relation:
    """Return the rows with broken shares: by the first share row below zero, else by the whole."""
    source = From(shares_in_rows(compilation, how))
    place, whole = source.num("place"), source.num("whole")
    below = chosen([(source.expr("is_below"), place.top)], null(place.top.sort))
    source.take_all()
    first = over("min", [below], partition=[source.expr("link")], sort=Sort.INT)
    source.columns["first_below"] = Number(first, 0, place.most)
    marked = compilation.add(f"{name}_marked", f"the first share below zero in rows of {how.kind}", source)
    source = From(marked)
    place, first_below = source.num("place"), source.num("first_below")
    source.keep(compared(place.top, "=", first_given([first_below.top, integer(0)])))
    words = joined([f"the share in {how.kind} ", source.expr("fact_id"), " is below zero: "])
    whens = [(is_given(first_below.top), joined([words, _shown(source.num("brings"), how)]))]
    whole = source.num("whole")
    if how.are_weights:
        whens.append((is_zero(whole), text("its shares are all zero")))
    else:
        whens.append(_no_whole(whole, how))
    return _broken(compilation, source, "link", chosen(whens, null(Sort.TEXT)), name)


def _no_whole(whole: Number, how: nodes.CreditShares | nodes.CreditEach) -> tuple[Expr, Expr]:
    is_whole = any_of([compare(whole, "=", number(1)), is_zero(whole)])
    return negated(is_whole), joined(["its shares make ", _shown(whole, how), ", not 100 %"])


def _broken(compilation: Compilation, source: From, key: str, reason: Expr, name: str) -> Relation:
    source.columns = {"row.root": source[key], "reason": Plain(reason)}
    made = compilation.add(f"{name}_found", "rows and what is wrong with their shares", source)
    source = From(made)
    source.take_all()
    source.keep(is_given(source.expr("reason")))
    return compilation.add(name, "rows whose shares do not make a whole", source)


def _without(compilation: Compilation, kind: str, facts: Relation, broken: Relation, suffix: str) -> Relation:
    rejected = From(facts)
    found = rejected.join(broken, {"row.root": rejected.expr("row.root")}, is_left=False)
    rejected.keep(is_null(rejected.expr("row.left_out")))
    shape = compilation.kind(kind)
    undoes = shape.reverses
    stored = compilation.stored_facts(kind)
    place = rejected.join(stored, {shape.key.name: rejected.expr("fact_id")}, is_left=False)
    is_own = negated(rejected.expr("row.undoes"))
    rejected.columns = {
        "kind": Plain(text(kind)),
        "file": place[FILE],
        "row": place[ROW],
        "key": rejected["fact_id"],
        "field": Plain(chosen([(is_own, text(""))], text(undoes.name if undoes else ""))),
        "value": Plain(text("")),
        "code": Plain(text(BROKEN)),
        "reason": Plain(chosen([(is_own, found.expr("reason"))], text("the row it undoes"))),
    }
    comment = f"facts {kind} whose shares do not make a whole"
    compilation.rejects.append(compilation.add_written(f"rejects_{kind}{suffix}", comment, rejected))
    kept = From(facts)
    out = kept.join(broken, {"row.root": kept.expr("row.root")})
    kept.take_all()
    kept.keep(any_of([is_null(out.expr("row.root")), is_given(kept.expr("row.left_out"))]))
    return compilation.add(f"shared_{kind}{suffix}", f"facts {kind} with whole shares", kept)


def _shown(share: Number, how: nodes.CreditShares | nodes.CreditEach) -> Expr:
    if not how.are_weights:
        return joined([grouped(multiply(share, number(100))), " %"])
    if share.bottom is None:
        return grouped(share)
    small = in_lowest_terms(share)
    assert small.bottom is not None
    unit = fitted(integer(10**37), MOST_IN_128_BITS)
    rest = Call("mod", (unit, fitted(small.bottom, MOST_IN_128_BITS)), unit.sort)
    ends = compared(rest, "=", ZERO)
    return chosen([(ends, grouped(share))], joined([as_text(small.top), "/", as_text(small.bottom)]))
