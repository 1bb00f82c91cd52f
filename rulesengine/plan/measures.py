"""Measures: what is accumulated, by which keys, over which window, against which target."""

from __future__ import annotations

from rulesengine.diagnostics import Related, did_you_mean
from rulesengine.language import syntax
from rulesengine.language.words import one_of
from rulesengine.model.change import replace
from rulesengine.model.dates import WindowKind
from rulesengine.model.types import MoneyType, NumberType, TextListType
from rulesengine.plan import nodes
from rulesengine.plan.clauses import word_of
from rulesengine.plan.conditions import lower_wheres
from rulesengine.plan.context import Context
from rulesengine.plan.conversions import lower_convert
from rulesengine.plan.credits import check_shares, lower_credit
from rulesengine.plan.currencies import own_currencies, read_paying
from rulesengine.plan.dates import lower_window
from rulesengine.plan.growth import growth_target
from rulesengine.plan.header import lower_range, stands_twice
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import is_table, lower_scalar
from rulesengine.plan.payee_kinds import payee_kinds_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.quotas import quota_target
from rulesengine.plan.readings import read_here
from rulesengine.plan.scope import Scope
from rulesengine.plan.sources import fact_kind, fact_source, row_currencies, row_guards
from rulesengine.plan.types import Typed, check_alike, check_is
from rulesengine.plan.weighted import lower_weighted

Keys = tuple[nodes.FieldRead, ...]


def lower_measures(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, nodes.Measure | None]:
    """Return the named measures; None for one with a mistake."""
    written = [block for block in blocks if isinstance(block, syntax.MeasureBlock)]
    measures: dict[str, nodes.Measure | None] = {}
    # Measures that name others come after those that they may name.
    context = replace(context, measures=measures)
    for block in sorted(written, key=_depth):
        lower = lower_weighted if _depth(block) == 2 else _lower_block
        measures.setdefault(block.name.text, context.problems.attempt(lower, context, block))
    return {block.name.text: measures[block.name.text] for block in written}


def _depth(block: syntax.MeasureBlock) -> int:
    """Return 2 for a measure made of others, 1 for one held against another, 0 for all that are not."""
    if any(isinstance(clause, syntax.TakePart) for clause in block.clauses):
        return 2
    takes = [clause.against for clause in block.clauses if isinstance(clause, syntax.Measure)]
    return int(any(isinstance(against, syntax.Before) for against in takes))


def _lower_block(context: Context, block: syntax.MeasureBlock) -> nodes.Measure:
    first: dict[str, syntax.Node] = {}
    for clause in block.clauses:
        if isinstance(clause, syntax.TakePart):
            continue  # of a measure made of others
        word = "take" if isinstance(clause, syntax.Measure) else word_of(clause)
        if word in ("on", "take", "convert", "effective") and word in first:
            context.problems.add(stands_twice(word, clause.span, first[word].span))
        first.setdefault(word, clause)
    for word, example in (("on", "on deal"), ("take", "take sum amount per quarter")):
        if word not in first:
            raise mistake(
                "R0202",
                f"measure `{block.name.text}` needs `{word}`",
                block.name.span,
                hint=f"add a line such as `{example}`",
            )
    on, take = first["on"], first["take"]
    assert isinstance(on, syntax.On) and isinstance(take, syntax.Measure)
    if on.of_earnings:
        raise mistake("R0201", "a measure block has no `on earnings of`; it runs over facts", on.span)
    if on.per is not None:
        raise mistake("R0201", "a measure block has no rows of a calendar; it runs over facts", on.span)
    kind = fact_kind(context, on)
    source = context.problems.attempt(fact_source, context, kind, on)
    paying = read_paying(context, block.clauses)
    scope = Scope(
        context=context,
        row=kind,
        guards=row_guards(context, source),
        paying=paying,
        known=row_currencies(context, source),
    )
    clauses = tuple(
        clause for clause in block.clauses if not isinstance(clause, syntax.Measure | syntax.TakePart)
    )
    credit = context.problems.attempt(lower_credit, scope, clauses, block, kind.credited)
    has_level = isinstance(credit, nodes.CreditLevels)
    scope = replace(scope, payees=payee_kinds_of(context, (credit,)), has_level=has_level)
    wheres = [clause for clause in block.clauses if isinstance(clause, syntax.Where)]
    conditions, scope = lower_wheres(scope, wheres)
    measure = lower_measure(scope, take, kind.name)
    if source is None or credit is None or len(conditions) != len(wheres):
        raise Mistake
    check_shares(scope, credit)
    dates = first.get("effective")
    effective = None
    if isinstance(dates, syntax.Effective):
        effective = lower_range(dates.start, dates.end, context.header.effective.end)
    made = nodes.MeasureRows(
        origin=block.span,
        source=source,
        conditions=conditions,
        credit=credit,
        convert=lower_convert(scope),
        effective=effective,
    )
    return replace(measure, name=block.name.text, rows=made, origin=block.name.span)


def lower_measure(scope: Scope, node: syntax.Measure, fact_kind: str) -> nodes.Measure:
    """Return a measure over the rows that the scope reads; the key is the payee if none is said."""
    attempt = scope.context.problems.attempt
    aggregate = attempt(lower_aggregate, scope, node.aggregate)
    window = attempt(lower_window, scope, node.window, fact_kind, node.anchor)
    keys = attempt(lower_keys, scope, node.keys, node)
    if aggregate is None or window is None or keys is None:
        raise Mistake
    measure = nodes.Measure(
        origin=node.span,
        name=None,
        rows=None,
        aggregate=aggregate,
        window=window,
        keys=keys,
        against=None,
        text=scope.context.texts.of(node.span),
    )
    if node.against is None:
        return measure
    if isinstance(node.against, syntax.Before):
        return replace(measure, against=growth_target(scope, node.against, measure))
    return replace(measure, against=_lower_target(scope, node.against, measure))


def lower_aggregate(scope: Scope, node: syntax.Aggregate) -> nodes.Aggregate:
    """Return what is added up; a sum takes a payee's share unless it says `full`."""
    text = scope.context.texts.of(node.span)
    share = nodes.CreditShareOf.FULL if node.share == "full" else nodes.CreditShareOf.CREDITED
    if node.word == "count":
        return nodes.Aggregate(
            origin=node.span,
            kind=nodes.AggregateKind.COUNT,
            share=share,
            read=None,
            type=NumberType(),
            text=text,
        )
    assert node.path is not None
    reading = scope.get(node.path)
    if node.word == "count distinct":
        return nodes.Aggregate(
            origin=node.span,
            kind=nodes.AggregateKind.COUNT_DISTINCT,
            share=share,
            read=_lower_key(scope, node.path),
            type=NumberType(),
            text=text,
        )
    check_is(reading.typed, f"`{node.word}` takes money or a number", MoneyType, NumberType)
    if isinstance(reading.read.type, MoneyType) and reading.read.type.by:
        raise own_currencies(reading.typed, scope.pays)
    return nodes.Aggregate(
        origin=node.span,
        kind=nodes.AggregateKind(node.word),
        share=share,
        read=reading.read,
        type=reading.read.type,
        text=text,
    )


def lower_keys(scope: Scope, node: syntax.Keys | None, clause: syntax.Node) -> Keys:
    """Return the keys of a total: the payee where none are said, none for `by all`."""
    if node is None:
        name = syntax.Name(text="payee", span=clause.span)
        return (scope.read(syntax.Path(names=(name,), span=clause.span)).read,)
    if node.is_all:
        return ()
    keys = scope.context.problems.every(lambda path: _lower_key(scope, path), node.paths)
    first: dict[tuple[nodes.Root, tuple[str, ...]], nodes.FieldRead] = {}
    for key in keys:
        before = first.setdefault((key.root, key.names), key)
        if before is not key:
            raise mistake(
                "R0302",
                f"`{key.text}` is given twice",
                key.origin,
                related=(Related(before.origin, "it stands here already"),),
                hint="drop one of the two",
            )
    return keys


def _lower_key(scope: Scope, path: syntax.Path) -> nodes.FieldRead:
    reading = scope.get(path)
    if isinstance(reading.read.type, TextListType):
        raise mistake(
            "R0401",
            f"totals cannot be kept by a list, {reading.typed.described}",
            path.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    return reading.read


def is_payee(key: nodes.FieldRead) -> bool:
    """Tell whether a key is the payee itself."""
    return key.root is nodes.Root.PAYEE and not key.names


def _lower_target(
    scope: Scope, node: syntax.Scalar, measure: nodes.Measure
) -> nodes.QuotaTarget | nodes.FieldRead | nodes.Constant:
    shown = Typed(
        nodes.Constant(
            origin=measure.aggregate.origin,
            value="",
            type=measure.aggregate.type,
            text=measure.aggregate.text,
        ),
        measure.aggregate.origin,
    )
    if isinstance(node, syntax.Path) and _is_quota(scope, node):
        target, quota = quota_target(scope, node, measure.window, measure.keys)
        value = nodes.Constant(origin=node.span, value="", type=quota.shape.type, text=node.text)
        check_alike(shown, Typed(value, quota.declared))
        return target
    if isinstance(node, syntax.Path) and is_table(scope, node):
        raise mistake(
            "R0303",
            f"`{node.text}` is a table, a measure runs against a quota, a field or an amount",
            node.span,
        )
    try:
        typed = lower_scalar(scope, node)
    except Mistake as problem:
        raise _unknown_target(scope, node, problem) from None
    check_alike(shown, typed)
    assert isinstance(typed.node, nodes.FieldRead | nodes.Constant)
    if isinstance(typed.node, nodes.Constant) and typed.node.value == 0:
        raise mistake("R0407", "a target must be above zero", node.span)
    return typed.node


def _unknown_target(scope: Scope, node: syntax.Scalar, problem: Mistake) -> Mistake:
    """Return the mistake; of a name that nothing has, with the quotas that there are."""
    found = problem.diagnostic
    entries = scope.context.catalog.entries
    is_name = isinstance(node, syntax.Path) and len(node.names) == 1 and node.text not in entries
    if found is None or found.code != "R0301" or not is_name or found.hint.startswith("did you mean"):
        return problem
    assert isinstance(node, syntax.Path)
    quotas = [name for name, entry in entries.items() if entry.sort is Sort.QUOTA]
    hint = did_you_mean(node.text, quotas)
    if not hint and quotas:
        hint = f"the plan has the quota{'s' if len(quotas) > 1 else ''} {one_of(quotas)}"
    hint = hint or f"declare it: `quota {node.text} by partner per quarter as money`"
    return Mistake(replace(found, hint=hint))


def _is_quota(scope: Scope, path: syntax.Path) -> bool:
    if len(path.names) != 1 or (scope.row is not None and path.text in scope.row.fields):
        return False
    declared = scope.context.catalog.entries.get(path.text)
    return declared is not None and declared.sort is Sort.QUOTA


def use_measure(scope: Scope, name: syntax.Name) -> nodes.Measure:
    """Return a named measure for a rule whose rows have the keys that it is kept by."""
    declared = scope.context.catalog.find(name, Sort.MEASURE)
    measure = scope.context.measures.get(name.text)
    if measure is None:
        raise Mistake
    if isinstance(measure.against, nodes.WeightedTarget):
        for part in measure.against.parts:
            use_measure(scope, replace(name, text=part.measure))
    if scope.is_calendar:
        keys, against = read_here(scope, measure, name.span)
        return replace(measure, read_by=keys, against=against)
    if measure.rows is None:
        return measure
    related = (Related(declared.span, f"`{name.text}` is declared here"),)
    row_kind = measure.rows.source.kind
    if any(key.root is nodes.Root.ROW for key in measure.keys) and (
        scope.row is None or scope.row.name != row_kind
    ):
        if scope.row is None and not scope.no_row:
            raise Mistake
        raise mistake(
            "R0303",
            f"measure `{name.text}` is kept by fields of `{row_kind}`, which this rule does not read",
            name.span,
            related=related,
        )
    used = payee_kinds_of(scope.context, (measure.rows.credit,))
    if any(key.root is nodes.Root.PAYEE for key in measure.keys) and scope.payees:
        others = [kind for kind in scope.payees if kind not in used]
        if others:
            raise mistake(
                "R0303",
                f"measure `{name.text}` has no totals for `{others[0].name}`, whom this rule pays",
                name.span,
                related=related,
            )
    return measure


def over_window(
    scope: Scope, node: syntax.Aggregate, keys: syntax.Keys | None, clause: syntax.Node
) -> nodes.Measure:
    """Return the measure of a goal or rank. Its window is the whole life of the rule's rows, which
    the rule's dates bound; a named measure keeps its own rows and, unless others are said, keys."""
    if node.word == "measure":
        assert node.path is not None
        measure = use_measure(scope, node.path.names[0])
        if isinstance(measure.against, nodes.GrowthTarget | nodes.WeightedTarget):
            raise mistake(
                "R0236",
                f"`{measure.name}` is held against the totals of its own windows, not of this rule's",
                node.span,
                hint=f"write a rule `on … per {measure.window}` with `{measure.name} so far`",
            )
        window_keys = lower_keys(scope, keys, clause) if keys else measure.keys
        return replace(measure, keys=window_keys, window=WindowKind.LIFETIME, origin=clause.span)
    attempt = scope.context.problems.attempt
    aggregate = attempt(lower_aggregate, scope, node)
    lowered = attempt(lower_keys, scope, keys, clause)
    if aggregate is None or lowered is None:
        raise Mistake
    return nodes.Measure(
        origin=clause.span,
        name=None,
        rows=None,
        aggregate=aggregate,
        window=WindowKind.LIFETIME,
        keys=lowered,
        against=None,
        text=scope.context.texts.of(node.span),
    )
