"""Says what is going on, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def working(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Show `what` with a moving sign while the block runs; nothing where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # loaded here: a pipe never needs it

    with Console(stderr=True).status(what):
        yield


@contextmanager
def stages(*, quiet: bool = False) -> Iterator[Callable[[str, int], None]]:
    """Give a function that shows the stage which goes on and its rows; it is silent as `working` is."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, rows: None  # noqa: ARG005
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda stage, rows: status.update(f"{stage}, {rows:,} rows" if rows else stage)
