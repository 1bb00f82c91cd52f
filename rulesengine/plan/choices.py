"""`choose` blocks and the `statement` block."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.conversions import lower_statement_convert
from rulesengine.plan.currencies import Paying
from rulesengine.plan.dates import check_word
from rulesengine.plan.header import only, stands_twice
from rulesengine.plan.names import Sort
from rulesengine.plan.payee_kinds import payee_kinds_of
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
    first = rules.get(block.among[0].text)
    in_one = first.paying if first is not None and block.take == nodes.Take.HIGHEST else None
    among = context.problems.every(
        lambda name: _lower_rival(context, name, block.per if kind else None, rules, taken, in_one),
        block.among,
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
    in_one: Paying | None,
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
    if in_one is not None and rules[name.text].paying.code != in_one.code:
        raise mistake(
            "R0260",
            f"`{name.text}` pays in {rules[name.text].paying.code}, its rivals in {in_one.code}: "
            "which is higher cannot be said",
            name.span,
            related=(Related(in_one.declared, f"the first rival pays in {in_one.code}"),),
            hint="let all rivals pay in one currency, by `convert`",
        )
    return name.text


@dataclass(frozen=True, slots=True)
class StatementTerms:
    """What the `statement` block says."""

    period: WindowKind
    """What a statement covers: a month if the plan does not say."""
    pays_in: str
    """The one currency of the statements; empty where it is said for each payee or line."""
    convert: nodes.StatementConvert | None


def read_statement(
    context: Context, blocks: tuple[syntax.Block, ...], infos: tuple[RuleInfo, ...]
) -> StatementTerms:
    """Return what the `statement` block says, and which currency statements are in."""
    statements = [block for block in blocks if isinstance(block, syntax.StatementBlock)]
    for again in statements[1:]:
        context.problems.add(stands_twice("statement", again.span, statements[0].span))
    clauses = statements[0].clauses if statements else ()
    per = only(clauses, syntax.StatementPer, "per", context.problems)
    window = context.problems.attempt(_window, per) if per else None
    line = only(clauses, syntax.Convert, "convert", context.problems)
    convert = None
    if line is not None:
        credits = tuple(version.credit for info in infos for version in info.versions)
        payees = payee_kinds_of(context, credits)
        convert = context.problems.attempt(lower_statement_convert, context, line, payees)
    by_currency = per is not None and per.and_currency
    pays_in = ""
    if line is None and not by_currency:
        pays_in = context.problems.attempt(_one_currency, context, infos) or context.header.currency
    elif convert is not None and isinstance(convert.to, str):
        pays_in = convert.to
    return StatementTerms(window or _DEFAULT_PERIOD, pays_in, convert)


def _one_currency(context: Context, infos: tuple[RuleInfo, ...]) -> str:
    """Return the one currency that all rules pay in; R0260 where they pay in several.

    Memo rules are never paid: they may count in any.
    """
    paid = [
        info for info in infos if not any(isinstance(clause, syntax.Memo) for clause in info.block.clauses)
    ]
    for info in paid[1:]:
        if info.paying.code != paid[0].paying.code:
            raise mistake(
                "R0260",
                f"`{info.name}` pays in {info.paying.code}, `{paid[0].name}` in {paid[0].paying.code}, "
                "and a statement is in one currency",
                info.paying.declared,
                related=(Related(paid[0].paying.declared, f"`{paid[0].name}` pays in this"),),
                hint="write `statement { per month and currency }` for a statement in each, "
                "or `convert to payee.currency at … on payable rounded half_up` in it",
            )
    return paid[0].paying.code if paid else context.header.currency


def _window(clause: syntax.StatementPer) -> WindowKind:
    kinds = [kind.value for kind in WindowKind if kind is not WindowKind.LIFETIME]
    check_word(clause.window, "window", kinds)
    return WindowKind(clause.window.text)
