"""A database for one run: its memory, its threads, and where it puts what does not fit."""

from __future__ import annotations

import os
import re
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.sql.duckdb_engine import SETTINGS, check_version
from rulesengine.model.limits import Limits, says_no_space
from rulesengine.model.signals import signals_held

if TYPE_CHECKING:
    import duckdb

MEMORY = "1.5GB"
"""If nothing else is asked for: enough for ten million rows of facts without a disk."""
MOST_THREADS = 1_024
"""More than any machine has of use; tens of thousands cannot be started."""
_OF_ASKED = Decimal("0.875")
"""What the database may take of memory that is asked for; rows on their way into files need the rest."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]i?B|%)", re.IGNORECASE)
_WHOLE = 100
_MOST_KILOBYTES = 1024**4
"""Of memory: a number of bytes of 64 bits holds that and more."""


def check_limits(limits: Limits) -> None:
    """Refuse what cannot be asked for.

    Raises:
        Rejected: R1206.
    """
    if limits.memory:
        _check_memory(limits.memory.strip())
    if limits.threads is not None and not 1 <= limits.threads <= MOST_THREADS:
        raise _refused(f"a run cannot have {limits.threads} threads", f"write 1 through {MOST_THREADS:,}")
    if limits.temp is not None and limits.temp.exists() and not limits.temp.is_dir():
        raise _refused(f"`{limits.temp}` is a file, not a folder", "name a folder for temporary files")


def _check_memory(asked: str) -> None:
    hint = "write one like 512MB or 4GB"
    amount = _AMOUNT.fullmatch(asked)
    if not amount:
        raise _refused(f"`{asked}` is no amount of memory", hint)
    number, unit = Decimal(amount[1]), amount[2].upper()
    if unit == "%" and number > _WHOLE:
        raise _refused(f"a run cannot have {asked} of the memory that there is", "write 100% at most")
    if unit != "%" and number * 1024 ** "KMGT".index(unit[0]) > _MOST_KILOBYTES:
        raise _refused(f"no machine has {asked} of memory", hint)


@contextmanager
def workspace(limits: Limits, beside: Path, *, on_disk: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in a folder of its own, which is removed at the end, whatever happens.

    Args:
        limits: what it may take.
        beside: where its folder is made if `limits` name no other.
        on_disk: whether its tables are files; else they are in memory as long as that does.

    Raises:
        Rejected: R1206, the memory or the disk does not do; R1301, DuckDB is too old.
    """
    import duckdb

    check_version()
    check_limits(limits)
    home = limits.temp or beside
    memory = limits.memory.strip() or MEMORY
    with ExitStack() as held, ExitStack() as stack:
        try:
            stack.enter_context(_made(home))
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".rulesengine-", dir=home))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            hint = "name another folder: `--temp DIR`"
            raise _refused(f"temporary files cannot be written to `{home}`: {why}", hint) from error
        stack.enter_context(_faults(memory, home))
        config: dict[str, Any] = {
            "memory_limit": _of_database(limits.memory.strip()) or MEMORY,
            "threads": limits.threads or os.cpu_count() or 1,
            "temp_directory": str(Path(folder) / "spilled"),
            # What is in the file is read once or twice; packing it takes longer than all that is made of it.
            "force_compression": "uncompressed",
            **SETTINGS,
        }
        database = str(Path(folder) / "run.duckdb") if on_disk else ":memory:"
        with duckdb.connect(database, config=config) as connection:
            connection.execute("SET enable_progress_bar = false")
            try:
                with _stopped_by_ctrl_c(connection):
                    yield connection
            finally:
                # Whoever asks to end twice does not want files left behind either.
                held.enter_context(signals_held())


@contextmanager
def _made(home: Path) -> Iterator[None]:
    """Make a folder and those that it lies in; the ones that were not there are removed again, if empty."""
    missing = [each for each in (home, *home.parents) if not each.exists()]
    try:
        home.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for each in missing:
            with suppress(OSError):
                each.rmdir()


@contextmanager
def _stopped_by_ctrl_c(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stop a query at once on Ctrl-C, or when the process is asked to end.

    DuckDB itself looks for signals only between two tasks of the calling thread, which may be never: a
    thread of our own is woken by the signal and interrupts the query from there.
    """
    if threading.current_thread() is not threading.main_thread():
        # Signals are the business of the main thread.
        yield
        return
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    before = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    is_untaken = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if is_untaken:
        # Temporary files are removed then too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    is_over = threading.Event()

    def watch() -> None:
        while (number := woken.recv(1)) and not is_over.is_set():
            if number[0] in (signal.SIGINT, signal.SIGTERM):
                # Again and again: the query may not have begun yet.
                while not is_over.is_set():
                    connection.interrupt()
                    is_over.wait(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        if is_untaken:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        is_over.set()
        wakes.close()
        watcher.join()
        woken.close()


def _of_database(asked: str) -> str:
    """Return what the database may take of an amount of memory; empty if none is asked for."""
    amount = _AMOUNT.fullmatch(asked)
    return f"{Decimal(amount[1]) * _OF_ASKED:f}{amount[2]}" if amount else ""


@contextmanager
def _faults(memory: str, home: Path) -> Iterator[None]:
    """Say what to do where DuckDB finds no room, and turn its interruption into Python's.

    Raises:
        Rejected: R1206.
    """
    import duckdb

    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        # Ctrl-C: the module says it with an error of no class of its own.
        if isinstance(error, RuntimeError) and "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from error
    except duckdb.Error as error:
        if says_no_space(error):
            raise _no_space(home) from error
        if not isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise _refused(
            f"{memory} of memory are not enough for this run",
            "give it more (`--memory 1GB`) or fewer threads (`--threads 1`); nothing was written",
        ) from error


def _no_space(home: Path) -> Rejected:
    return _refused(
        "a disk is full: the one that the run is written to, or that of temporary files",
        f"free some space or name a folder for temporary files on another disk: `--temp DIR`, instead of"
        f" `{home}`; nothing was written",
    )


def _refused(message: str, hint: str) -> Rejected:
    return Rejected([Diagnostic(code="R1206", message=message, hint=hint)])
