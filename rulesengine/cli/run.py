"""`rulesengine run PLAN --facts DIR --period P --out DIR`: who earned what."""

from __future__ import annotations

from pathlib import Path

import click

from rulesengine.batch import run_folder
from rulesengine.cli.as_json import echo_json
from rulesengine.cli.entry import COMMANDS, DONE, INPUT_IS_WRONG, exit_code
from rulesengine.cli.find_plan import plan_path
from rulesengine.cli.progress import stages
from rulesengine.cli.run_summary import echo_summary, summary_json
from rulesengine.cli.stop import Stop
from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.model.limits import Limits


@click.command("run", short_help=COMMANDS["run"][1])
@click.argument("plan")
@click.option(
    "--facts", required=True, type=click.Path(exists=True), help="Folder or facts.yaml with the input."
)
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False), help="Where the files of facts.yaml lie."
)
@click.option("--period", required=True, help="What is paid: 2026-09, 2026-Q3, 2026-01..2026-09.")
@click.option("--through", metavar="DATE", help="Last day of facts; the last of the period if not given.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the run to.")
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    help="What evaluates the plan: duckdb, reference, spark, or auto: DuckDB, unless it refuses a clause or"
    " the facts are few.",
)
@click.option(
    "--master",
    default="",
    metavar="MASTER",
    help="Where Spark works: local[2], spark://host:7077, yarn, k8s://...; what its own settings say if not"
    " given.",
)
@click.option("--unsorted", is_flag=True, help="Write lines as DuckDB finds them, in half the time.")
@click.option("--memory", default="", metavar="SIZE", help="Most memory DuckDB takes, such as 512MB or 4GB.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of DuckDB; all cores if not given.")
@click.option(
    "--temp",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where temporary files go; beside OUT if not given.",
)
@click.option(
    "--since",
    type=click.Path(exists=True, path_type=Path, file_okay=False),
    metavar="RUN",
    help="Work out only what facts touch that changed since an earlier run.",
)
@click.option("--keep-facts", is_flag=True, help="Keep the facts in OUT, for a later --since.")
@click.option("--allow-rejects", is_flag=True, help="Exit with 0 even if rows were rejected.")
@click.option(
    "--statements",
    "pages",
    type=click.Choice(["all", "none", "auto"]),
    default="auto",
    show_default=True,
    help="Write a page for each payee; auto: unless there are over 100,000 lines.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but mistakes.")
@click.pass_obj
def command(
    stop: Stop,
    plan: str,
    facts: str,
    root: str | None,
    period: str,
    through: str | None,
    out: Path,
    engine: str,
    master: str,
    unsorted: bool,
    memory: str,
    threads: int | None,
    temp: Path | None,
    since: Path | None,
    keep_facts: bool,
    allow_rejects: bool,
    pages: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Evaluate a plan over facts and write a run folder.

    PLAN is a .rules file or a folder of them. A run folder of the same name is replaced. If rows
    of facts are rejected, the folder is still written, so that its rejects can be looked at, but
    the exit code is 1 and nothing should be paid from it; --allow-rejects says otherwise.
    `rulesengine statements OUT` writes the pages later where a run left them out.
    """
    path = plan_path(plan)
    try:
        _check_apart(out, path, Path(facts))
        with stages(quiet=quiet) as said:
            run = run_folder(
                path,
                facts=facts,
                period=period,
                through=through,
                root=root,
                out=out,
                allow_rejects=allow_rejects,
                engine=engine,
                pages=pages,
                is_sorted=not unsorted,
                limits=Limits(memory=memory, threads=threads, temp=temp),
                master=master,
                progress=said,
                since=since,
                keep_facts=keep_facts,
            )
    except Rejected as rejected:
        if as_json:
            echo_json({"ok": False, "diagnostics": [found.as_json() for found in rejected.diagnostics]})
            return exit_code(rejected)
        raise
    stop.left = "the run folder is in place"
    if as_json:
        echo_json(summary_json(run, out))
    else:
        echo_summary(run, out, quiet=quiet)
    return DONE if run.ok else INPUT_IS_WRONG


def _check_apart(out: Path, plan: Path, facts: Path) -> None:
    """Refuse a run folder that would replace the plan or the facts, or stand among the facts.

    Raises:
        Rejected: R1203.
    """
    target = out.resolve()
    homes = {"plan": plan, "facts": facts}
    folders = {what: (path if path.is_dir() else path.parent).resolve() for what, path in homes.items()}
    for what, folder in folders.items():
        if folder.is_relative_to(target):
            what_is = "is" if what == "plan" else "are"
            raise _misplaced(out, f"the {what} {what_is} there, and would be replaced")
    # A project whose facts lie beside its plan has one folder for all.
    is_project = folders["plan"].is_relative_to(folders["facts"])
    if facts.is_dir() and target.is_relative_to(folders["facts"]) and not is_project:
        raise _misplaced(out, "it would stand among the facts")


def _misplaced(out: Path, why: str) -> Rejected:
    message = f"run folder `{out}`: {why}"
    hint = "name a folder of its own, such as `--out out`"
    return Rejected([Diagnostic(code="R1203", message=message, place=str(out), hint=hint)])
