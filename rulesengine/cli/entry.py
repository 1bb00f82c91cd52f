"""The command `rulesengine`: finds the file of a sub-command, and turns failures into exit codes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from rulesengine import __version__
from rulesengine.cli.print_diagnostics import echo_diagnostics
from rulesengine.cli.stop import Stop, stops_taken
from rulesengine.diagnostics import Rejected, did_you_mean

DONE, INPUT_IS_WRONG, COMMAND_LINE_IS_WRONG, OUR_BUG, STOPPED = 0, 1, 2, 3, 130

# What the command line got wrong rather than the plan or the facts.
_COMMAND_LINE_CODES = frozenset({"R1201", "R1203", "R1204", "R1206"})

# The first lines of the commands' help, here so that `--help` loads none of them
# (tests/cli/test_help.py keeps the two the same).
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("new", "Write a small working project into an empty folder."),
    "check": ("check", "Print every mistake of a plan at once."),
    "run": ("run", "Evaluate a plan over facts and write a run folder."),
    "verify": ("verify", "Work a run out again by another engine and compare every row."),
    "statements": ("statements", "Write the statements of a run as pages: text, JSON, CSV and HTML."),
    "explain": ("explain", "Show how a statement or a line of a run came about."),
    "why-not": ("why_not", "Show why a rule paid a payee nothing for a fact."),
    "show": ("show", "Print a plan as a letter, or what a stage makes of a plan or a run, as JSON."),
    "help": ("help", "Explain a code such as R0207."),
    "fmt": ("fmt", "Write rules in their one canonical layout."),
}


class LazyCommands(click.Group):
    """A group that imports the file of a command only when that command is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the words begin with; one that there is not, with the nearest."""
        hint = did_you_mean(args[0], COMMANDS)
        if args[0] not in COMMANDS and hint:
            ctx.fail(f"there is no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"rulesengine.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rulesengine")
def root() -> None:
    """Commission plans as code: check a plan, run it over facts, explain every number.

    Exit codes: 0 done, 1 the plan or the data is wrong, 2 the command line is wrong, 3 a bug of
    this program.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises.

    Args:
        arguments: the words after `rulesengine`; those of the process if not given.
    """
    stop = Stop()
    with stops_taken(stop):
        try:
            code = root.main(args=arguments, prog_name="rulesengine", standalone_mode=False, obj=stop)
            return code if isinstance(code, int) else DONE
        except BaseException as error:
            return _stopped(stop) if stop.has_come else _exit_code_of(error)


def _exit_code_of(error: BaseException) -> int:
    """Say what made a command fail, and return its exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return _stopped(Stop())
        case click.ClickException():
            error.show()
            return COMMAND_LINE_IS_WRONG
        case Rejected():
            echo_diagnostics(error.diagnostics, error.sources, to_stderr=True)
            return exit_code(error)
        case BrokenPipeError():
            # The reader of our output has gone (`| head`); nothing is left to say to it.
            sys.stderr.close()
            return DONE
        case OSError():
            # A file or folder that the command line names, and that cannot be read or written.
            name = f"`{error.filename}`: " if error.filename else ""
            click.echo(f"Error: {name}{(error.strerror or str(error)).lower()}", err=True)
            return COMMAND_LINE_IS_WRONG
        case Exception():
            _apologise(error)
            return OUR_BUG
        case _:
            raise error


def _stopped(stop: Stop) -> int:
    click.echo(f"stopped; {stop.left}", err=True)
    return STOPPED


def exit_code(rejected: Rejected) -> int:
    """Return 2 where only the command line is wrong (a period, a run folder, a name), else 1."""
    codes = {diagnostic.code for diagnostic in rejected.diagnostics}
    return COMMAND_LINE_IS_WRONG if codes and codes <= _COMMAND_LINE_CODES else INPUT_IS_WRONG


def _apologise(bug: Exception) -> None:
    traceback.print_exc(file=sys.stderr)
    click.echo(
        f"\nrulesengine {__version__} failed: this is a bug of ours, not of your plan or facts.\n"
        f"Nothing should be paid from this run. Please report the lines above, and the plan if you can;\n"
        f"the last one says: {type(bug).__name__}: {bug}",
        err=True,
    )
