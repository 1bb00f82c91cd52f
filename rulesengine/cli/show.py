"""`rulesengine show STAGE`: a plan as a letter, or what a stage makes of a plan or a run, as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE
from rulesengine.cli.find_plan import plan_path


@click.group("show", short_help=COMMANDS["show"][1])
def command() -> None:
    """Print a plan as a letter, or what a stage makes of a plan or a run, as JSON.

    Exact numbers are text, so that no reader of the JSON turns them into floats.
    """


@command.command("tree")
@click.argument("plan", required=False)
def tree(plan: str | None) -> int:
    """Print the syntax tree of PLAN: what was written."""
    from rulesengine.language.parse import parse
    from rulesengine.language.source import read_sources

    files = parse(read_sources(plan_path(plan))).files
    echo_json([{"path": file.path, "blocks": file.blocks, "comments": file.comments} for file in files])
    return DONE


@command.command("plan")
@click.argument("plan", required=False)
@click.option("--json", "in_json", is_flag=True, help="the letter's sections and sentences as JSON")
@click.option("--nodes", is_flag=True, help="the checked plan itself as JSON: names resolved, units typed")
def checked_plan(plan: str | None, in_json: bool, nodes: bool) -> int:
    """Print PLAN as the letter a payee could be sent: numbered plain sentences."""
    from rulesengine.letter import as_text, letter_of
    from rulesengine.pipeline import load_plan

    checked = load_plan(plan_path(plan)).plan
    if nodes:
        echo_json(checked)
    elif in_json:
        echo_json(letter_of(checked))
    else:
        click.echo(as_text(letter_of(checked)), nl=False)
    return DONE


@command.command("trace")
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("which", required=False, metavar="[PAYEE|LINE]")
def trace(out: Path, which: str | None) -> int:
    """Print the lines of the run folder OUT with all their numbers, those payable later included.

    PAYEE keeps one payee's lines (written partner:ana if two kinds have an ana); LINE is the
    beginning of a line's id.
    """
    from rulesengine.statements.assemble import Entry
    from rulesengine.statements.find import find
    from rulesengine.statements.run_folder import read_run

    run = read_run(out)
    if which is None:
        shown = (*run.entries, *(entry for entry, _ in run.other_entries))
    else:
        found = find(run, which)
        if isinstance(found, Entry):
            shown = (found,)
        else:
            shown = run.lines_where(payee_kind=found[0], payee=found[1])
    echo_json([{"line_id": each.line_id, "trace": each.trace, "line": each.line} for each in shown])
    return DONE


@command.command("sql")
@click.argument("plan", required=False)
@click.option("--dialect", default="duckdb", show_default=True, help="whose SQL: duckdb or spark")
@click.option("--rule", "rule_name", help="only the stages of this rule, and those that lead to them")
def sql(plan: str | None, dialect: str, rule_name: str | None) -> int:
    """Print PLAN as the SQL that the batch engine runs: named stages, each with its rule and clause."""
    from rulesengine.engines.sql.printed import DIALECTS, printed_plan
    from rulesengine.pipeline import load_plan

    if dialect not in DIALECTS:
        raise click.UsageError(f"there is no dialect `{dialect}`; there is {' and '.join(sorted(DIALECTS))}")
    checked = load_plan(plan_path(plan)).plan
    if rule_name is not None and all(rule.name != rule_name for rule in checked.rules):
        raise click.UsageError(f"the plan has no rule `{rule_name}`")
    click.echo(printed_plan(checked, dialect, rule_name), nl=False)
    return DONE
