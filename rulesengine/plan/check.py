"""The whole stage on one screen: from the syntax tree to the checked plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rulesengine.diagnostics import Diagnostic, InternalError, Rejected, Severity, in_order
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.collector import collector_held
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RecordKind, Schema
from rulesengine.plan import nodes
from rulesengine.plan.checks import CHECKS, WRITTEN_CHECKS
from rulesengine.plan.choices import lower_chooses, read_statement
from rulesengine.plan.context import Context
from rulesengine.plan.currencies import read_rates
from rulesengine.plan.derive import lower_derived
from rulesengine.plan.header import read_header
from rulesengine.plan.measures import lower_measures
from rulesengine.plan.names import declare_names
from rulesengine.plan.problems import Problems
from rulesengine.plan.quotas import lower_quotas
from rulesengine.plan.records import check_currency_fields, read_records
from rulesengine.plan.rules import lower_rules
from rulesengine.plan.segments import lower_fact_rows, lower_segments
from rulesengine.plan.settling import lower_settlement
from rulesengine.plan.sources import read_sources
from rulesengine.plan.tables import lower_tables
from rulesengine.plan.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A plan that has passed, with what its author should look at all the same."""

    plan: nodes.Plan
    warnings: tuple[Diagnostic, ...]


def check_and_lower(tree: syntax.Tree) -> Checked:
    """Return the checked plan of a syntax tree.

    Raises:
        Rejected: with every error found, and the sources to print them from. Warnings are given
            for plans without errors only, because an error can bring a warning about.
    """
    problems = Problems()
    with collector_held():
        plan = _lower(tree, problems)
        found = [*problems.found, *_run_checks(tree, plan)]
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        raise Rejected(errors, tree.sources)
    if plan is None:
        raise InternalError("a plan without errors could not be put together")
    _check_is_whole(tree, plan)
    return Checked(plan=plan, warnings=in_order(found))


def _check_is_whole(tree: syntax.Tree, plan: nodes.Plan) -> None:
    """Fail where a block has come to nothing and no mistake was found in it: it would never pay."""
    made: dict[type[syntax.Block], Collection[str]] = {
        syntax.RuleBlock: {rule.name for rule in plan.rules},
        syntax.ChooseBlock: {choose.name for choose in plan.chooses},
        syntax.MeasureBlock: plan.measures,
        syntax.TableBlock: plan.tables,
        syntax.SegmentBlock: plan.segments,
        syntax.QuotaBlock: plan.schema.quotas,
        syntax.RatesBlock: plan.schema.rates,
    }
    for block in tree.blocks:
        if isinstance(block, syntax.StatementBlock) or type(block) not in made:
            continue
        if block.name.text not in made[type(block)]:
            raise InternalError(f"`{block.name.text}` has come to nothing, and no mistake was found in it")


def _lower(tree: syntax.Tree, problems: Problems) -> nodes.Plan | None:
    """Put the plan together from everything that could be lowered; the mistakes are kept."""
    blocks = tree.blocks
    header = read_header(tree, problems)
    catalog = declare_names(blocks, problems)
    context = Context(problems=problems, texts=Texts(tree.sources), header=header, catalog=catalog)
    context = replace(context, kinds=read_records(context, blocks))
    check_currency_fields(context, blocks)
    derived, kinds = lower_derived(context, blocks)
    context = replace(context, kinds=kinds, rates=read_rates(context, blocks))
    context = replace(context, fact_rows=lower_fact_rows(context, blocks))
    segments = lower_segments(context, blocks)
    context = replace(context, quotas=lower_quotas(context, blocks))
    context = replace(context, measures=lower_measures(context, blocks))
    context = replace(context, tables=lower_tables(context, blocks))
    infos = read_sources(context, blocks)
    rules = lower_rules(context, infos)
    chooses = lower_chooses(context, blocks, infos)
    statement = read_statement(context, blocks, infos)
    settlement = lower_settlement(context, blocks, statement)
    if not header.currency or not all(kind is not None and kind.is_whole for kind in context.kinds.values()):
        # The checks rely on keys, event dates and amounts whose smallest unit is known.
        return None
    lowered = {rule.name for rule in rules}
    return nodes.Plan(
        origin=header.span,
        name=header.name,
        title=header.title,
        currency=header.currency,
        minor_unit=header.minor_unit,
        effective=header.effective,
        rounding=header.rounding,
        fiscal=header.fiscal,
        schema=_schema(context),
        derived=derived,
        filters={name: rows.conditions for name, rows in context.fact_rows.items() if rows.conditions},
        order_by={
            name: rows.order_by for name, rows in context.fact_rows.items() if rows.order_by is not None
        },
        segments=segments,
        tables={name: table for name, table in context.tables.items() if table is not None},
        measures={name: measure for name, measure in context.measures.items() if measure is not None},
        rules=rules,
        chooses=tuple(choose for choose in chooses if lowered.issuperset(choose.among)),
        period=statement.period,
        pays_in=statement.pays_in,
        convert=statement.convert,
        settlement=settlement,
        sources=tree.sources,
    )


def _schema(context: Context) -> Schema:
    kinds: dict[str, RecordKind] = {}
    for name, kind in context.kinds.items():
        if kind is not None:
            fields = tuple(
                replace(
                    field,
                    is_count=(name, field.name) in context.counts,
                    is_currency=(name, field.name) in context.codes,
                )
                for field in kind.record.fields
            )
            kinds[name] = replace(kind.record, fields=fields)
    return Schema(
        currency=context.header.currency,
        fiscal=context.header.fiscal,
        effective=context.header.effective,
        kinds=kinds,
        quotas={name: quota.shape for name, quota in context.quotas.items() if quota is not None},
        rates={name: rates for name, rates in context.rates.items() if rates is not None},
    )


def _run_checks(tree: syntax.Tree, plan: nodes.Plan | None) -> Iterator[Diagnostic]:
    for written_check in WRITTEN_CHECKS:
        yield from written_check(tree)
    if plan is not None:
        for check in CHECKS:
            yield from check(plan)
