"""Step 2, credit: who is paid on a row, and for which share of it.

Where a row may credit several, they are a relation of their own, with a row for each row that judges
and each payee: `row.root`, `payee_kind`, `payee`, `share`; `place`, as the rule or its share rows name
them; `turn`, by their keys; `payees`, how many there are; `level` in rules that credit levels.
"""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.calendar import DAY, PAYEE
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import kinds_credited
from rulesengine.engines.sql.earned_rows import (
    EARNER,
    EARNER_KIND,
    line_reads,
    row_key,
    rows_of,
    undoes_lines,
)
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Call,
    Expr,
    Sort,
    any_of,
    chosen,
    integer,
    is_given,
    is_null,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.levels import levels_of
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.shares import shares_in_row, shares_in_rows
from rulesengine.engines.sql.values import Number, Plain, fitted, is_zero, number
from rulesengine.model.change import replace
from rulesengine.plan import nodes

_SEVERAL = (nodes.CreditShares, nodes.CreditEach, nodes.CreditLevels)


def credit(judge: Reads, version: nodes.Version, rule: nodes.Rule, index: int) -> None:
    """Set who is credited with the rows of a version; rows that nobody is credited with earn nothing.

    Sets `payee_kind`, `payee` and `turn` of the items; `share`, `place` and `level` where credit has them.
    """
    source, columns = judge.source, judge.source.columns
    match version.credit:
        case nodes.CreditTo(path=path, payee_kind=payee_kind) if path is not None:
            value = judge.read(path)
            assert isinstance(value, Plain)
            judge.problem(is_null(value.expr), Reason.NOBODY_CREDITED, text(""))
            judge.payee, judge.payee_kind = value.expr, payee_kind
            columns["payee_kind"], columns["payee"] = Plain(text(payee_kind)), value
            columns["turn"] = number(0)
        case nodes.CreditNobody():
            judge.payee, judge.payee_kind = text(""), ""
            columns["payee_kind"] = columns["payee"] = Plain(text(""))
            columns["turn"] = number(0)
        case nodes.CreditShares() | nodes.CreditEach() | nodes.CreditLevels():
            _credit_several(judge, version.credit, rule, index)
        case nodes.CreditTo():
            # The payee of the line; who it is was said where the line was read.
            earner, kind = source.expr(EARNER), source[EARNER_KIND]
            judge.payee = earner
            columns["payee_kind"], columns["payee"] = kind, Plain(earner)
            columns["turn"] = number(0)
    if any(isinstance(each.credit, _SEVERAL) for each in rule.versions):
        # Who is credited alone has all of it, where another version of the rule shares the row.
        columns.setdefault("share", number(1))


def _credit_several(
    judge: Reads,
    how: nodes.CreditShares | nodes.CreditEach | nodes.CreditLevels,
    rule: nodes.Rule,
    index: int,
) -> None:
    columns, source = judge.source.columns, judge.source
    _note_what_is_unknown(judge, how)
    credited = _credited(judge.compilation, how, rule, index)
    # Rows that have another reason are found once, not once for each payee.
    is_out = any_of(problem.when for problem in judge.problems)
    key = row_key(source)
    assert isinstance(key, Plain)
    found = source.join(credited, {"row.root": chosen([(is_out, null(Sort.TEXT))], key.expr)})
    payee = found.expr("payee")
    judge.problem(is_null(payee), Reason.NOBODY_CREDITED, text(""))
    _set_payee(judge, payee, found.expr("payee_kind"), kinds_credited(judge.compilation.plan, rule, how))
    for name in ("payee_kind", "payee", "share", "place", "level"):
        if name in credited:
            columns[name] = found[name]
    turn = found.num("turn")
    columns["turn"] = turn
    if undoes_lines(judge.compilation, rule):
        # A shared row is undone payee by payee the way it was built up, last one first.
        last = Call("-", (found.num("payees").top, integer(1)), Sort.INT)
        back = Call("-", (last, turn.top), Sort.INT)
        columns["turn"] = Number(chosen([(source.expr("row.undoes"), back)], turn.top), 0, turn.most)
    if "level" in credited:
        judge.level = found.num("level")


def _set_payee(judge: Reads, payee: Expr, kind: Expr, kinds: tuple[str, ...]) -> None:
    judge.payee, judge.payee_kind = payee, kinds[0] if len(kinds) == 1 else ""
    judge.kinds, judge.kind_of_payee = kinds, kind


def _note_what_is_unknown(judge: Reads, how: nodes.Credit) -> None:
    """Note down the rows of which nobody can tell yet who is credited: a payee on the way has no values."""
    if not isinstance(how, nodes.CreditShares | nodes.CreditLevels):
        return
    trial = From(judge.source.relation, judge.source.alias)
    reads = replace(judge, source=trial, problems=[], guards=[])
    _read_all(reads, how)
    if reads.problems:
        _read_all(judge, how)


def _read_all(reads: Reads, how: nodes.Credit) -> None:
    match how:
        case nodes.CreditShares():
            shares = shares_in_row(how, reads)
            for share, (_, to) in zip(shares, how.shares, strict=True):
                if to.path is not None:
                    with reads.within(negated(is_zero(share))):
                        reads.read(to.path)
        case nodes.CreditLevels(path=path):
            reads.read(path)
        case _:
            return


def _credited(
    compilation: Compilation,
    how: nodes.CreditShares | nodes.CreditEach | nodes.CreditLevels,
    rule: nodes.Rule,
    index: int,
) -> Relation:
    suffix = f"_{index + 1}" if len(rule.versions) > 1 else ""
    name = f"{rule.name}_credited{suffix}"
    match how:
        case nodes.CreditShares():
            named = _named_in_rows(compilation, how, rule, f"{rule.name}_named{suffix}")
        case nodes.CreditEach():
            named = _named_by_rows(compilation, how, rule, f"{rule.name}_named{suffix}")
        case nodes.CreditLevels():
            named = levels_of(compilation, how, rule, f"{rule.name}_levels{suffix}")
    if not isinstance(how, nodes.CreditLevels):
        named = _each_once(compilation, named, rule, f"{rule.name}_payees{suffix}")
    source = From(named)
    source.take_all()
    of_row = [source.expr("row.root")]
    source.columns["place"] = _number(of_row, [source.num("place").top])
    source.columns["turn"] = _number(of_row, [source.expr("payee_kind"), source.expr("payee")])
    count = over("count", [source.expr("row.root")], partition=of_row, sort=Sort.INT)
    source.columns["payees"] = Number(count, 0, 10**9)
    comment = f"rule {rule.name}: who is credited with a row ({how.origin})"
    return compilation.add(name, comment, source, rule=rule, is_kept=True)


def _number(partition: list[Expr], order: list[Expr]) -> Number:
    """Return the place of a row in its partition, from 0."""
    found = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
    return Number(Call("-", (found, integer(1)), Sort.INT), 0, 10**9)


def own_rows(compilation: Compilation, rule: nodes.Rule) -> tuple[From, Reads]:
    """Return the rows that judge others or themselves, and what reads them as of their date."""
    if isinstance(rule.source, nodes.EarningsSource):
        reads = line_reads(compilation, rule, compilation.relations["rows", rule.name])
        return reads.source, reads
    if isinstance(rule.source, nodes.CalendarSource):
        source = From(rows_of(compilation, rule))
        reads = Reads(compilation, source, ROOT, source.expr(DAY), rule.source.kind, key=PAYEE)
        return source, reads
    source = From(facts_of(compilation, rule.source.kind))
    source.keep(negated(source.expr("row.undoes")))
    source.keep(is_null(source.expr("row.left_out")))
    judged_on = source.expr(ROOT + rule.source.event)
    reads = Reads(compilation, source, ROOT, judged_on, rule.source.kind, key="row.root")
    event = compilation.kind(rule.source.kind).event
    reads.is_on_other_day = event is None or event.name != rule.source.event
    return source, reads


def _named_in_rows(
    compilation: Compilation, how: nodes.CreditShares, rule: nodes.Rule, name: str
) -> Relation:
    parts = []
    for place, (_, to) in enumerate(how.shares):
        source, reads = own_rows(compilation, rule)
        share = shares_in_row(how, reads)[place]
        payee = reads.read(to.path) if to.path is not None else source[EARNER]
        kind = Plain(text(to.payee_kind)) if to.path is not None else source[EARNER_KIND]
        assert isinstance(payee, Plain)
        source.keep(negated(is_zero(share)))
        source.keep(is_given(payee.expr))
        source.columns = {
            "row.root": row_key(source),
            "payee_kind": kind,
            "payee": payee,
            "share": share,
            "place": number(place),
        }
        parts.append(source)
    return compilation.add_union(name, f"rule {rule.name}: the shares of a row", parts, rule=rule)


def _named_by_rows(compilation: Compilation, how: nodes.CreditEach, rule: nodes.Rule, name: str) -> Relation:
    shares = shares_in_rows(compilation, how)
    if isinstance(rule.source, nodes.EarningsSource):
        source, _ = own_rows(compilation, rule)
        found: From | Joined = source.join(shares, {"link": source.expr("row.root")}, is_left=False)
        key = row_key(source)
    else:
        found = source = From(shares)
        key = source["link"]
    share = found.num("share")
    source.keep(negated(is_zero(share)))
    source.columns = {
        "row.root": key,
        "payee_kind": Plain(text(how.payee_kind)),
        "payee": found["payee"],
        "share": share,
        "place": found["place"],
    }
    return compilation.add(name, f"rule {rule.name}: the shares of a row", source, rule=rule)


def _each_once(compilation: Compilation, named: Relation, rule: nodes.Rule, name: str) -> Relation:
    """Return the payees of each row, each once: one who is named twice has both shares in one."""
    source = From(named)
    share = source.num("share")
    # The shares of a row make a whole, so no sum of some of them is more.
    most = max(share.most, share.bottom_most * 10**share.scale)
    total = Aggregate("sum", (share.top,), (), fitted(share.top, most).sort)
    bottom = None if share.bottom is None else Aggregate("max", (share.bottom,), (), share.bottom.sort)
    source.groups = [source.expr("row.root"), source.expr("payee_kind"), source.expr("payee")]
    place = source.num("place")
    source.columns = {
        "row.root": source["row.root"],
        "payee_kind": source["payee_kind"],
        "payee": source["payee"],
        "share": Number(total, share.scale, most, bottom, share.bottom_most),
        "place": Number(Aggregate("min", (place.top,), (), Sort.INT), 0, place.most),
    }
    return compilation.add(name, f"rule {rule.name}: each payee of a row once", source, rule=rule)
