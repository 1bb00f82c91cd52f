"""`choose` blocks and the `statement` block."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.dates import check_word
from rulesengine.plan.header import only, stands_twice
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.sources import RuleInfo

_DEFAULT_PERIOD = WindowKind.MONTH


def lower_chooses(
    context: Context, blocks: tuple[syntax.Block, ...], infos: tuple[RuleInfo, ...]
) -> tuple[nodes.Choose, ...]:
    """Return the choices among rival rules; a rule is a rival in one choice only."""
    rules = {info.name: info for info in reversed(infos)}
    # Rules that add up on purpose (`take all`) may still be rivals of others.
    taken: dict[bool, dict[str, syntax.Name]] = {True: {}, False: {}}
    made: list[nodes.Choose] = []
    for block in blocks:
        if isinstance(block, syntax.ChooseBlock):
            choose = context.problems.attempt(
                _lower_choose, context, block, rules, taken[block.take == nodes.Take.ALL]
            )
            made.extend([choose] if choose else [])
    return tuple(made)


def _lower_choose(
    context: Context, block: syntax.ChooseBlock, rules: dict[str, RuleInfo], taken: dict[str, syntax.Name]
) -> nodes.Choose:
    kind = context.problems.attempt(_kind_of_rows, context, block.per)
    among = context.problems.every(
        lambda name: _lower_rival(context, name, block.per if kind else None, rules, taken), block.among
    )
    if kind is None:
        raise Mistake
    if len(among) < 2:
        raise mistake(
            "R0202",
            f"`{block.name.text}` has one rival only, so there is nothing to choose",
            block.name.span,
            hint="add another `among` line",
        )
    return nodes.Choose(
        origin=block.name.span,
        name=block.name.text,
        take=nodes.Take(block.take),
        kind=kind,
        among=among,
        among_origins=tuple(name.span for name in block.among),
        text=context.texts.of(block.span),
    )


def _kind_of_rows(context: Context, per: syntax.Name) -> str:
    """Return what the rows of the rivals are: a fact kind, or a window of the calendar."""
    if per.text in set(WindowKind):
        return per.text
    return context.catalog.find(per, Sort.FACT).name


def _lower_rival(
    context: Context,
    name: syntax.Name,
    per: syntax.Name | None,
    rules: dict[str, RuleInfo],
    taken: dict[str, syntax.Name],
) -> str:
    context.catalog.find(name, Sort.RULE)
    first = taken.setdefault(name.text, name)
    if first is not name:
        raise mistake(
            "R0302",
            f"`{name.text}` is a rival already",
            name.span,
            related=(Related(first.span, "it is named here first"),),
            hint="a rule can be a rival once",
        )
    rule = rules[name.text]
    if rule.unit and per is not None and rule.unit != per.text:
        raise mistake(
            "R0303",
            f"`{name.text}` pays on `{rule.fact_kind}`, this choice is per `{per.text}`",
            name.span,
            related=(Related(rule.block.name.span, f"`{name.text}` is declared here"),),
        )
    return name.text


def read_period(context: Context, blocks: tuple[syntax.Block, ...]) -> WindowKind:
    """Return what a statement covers: a month if the plan does not say."""
    statements = [block for block in blocks if isinstance(block, syntax.StatementBlock)]
    for again in statements[1:]:
        context.problems.add(stands_twice("statement", again.span, statements[0].span))
    clauses = statements[0].clauses if statements else ()
    per = only(clauses, syntax.StatementPer, "per", context.problems)
    window = context.problems.attempt(_window, per) if per else None
    return window or _DEFAULT_PERIOD


def _window(clause: syntax.StatementPer) -> WindowKind:
    kinds = [kind.value for kind in WindowKind if kind is not WindowKind.LIFETIME]
    check_word(clause.window, "window", kinds)
    return WindowKind(clause.window.text)
