"""Ctrl-C and SIGTERM, which a scheduler sends, as a command takes them: what was begun is removed."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rulesengine.model.signals import STOPS


class Stop:
    """Whether a command was asked to end."""

    has_come = False
    """Whatever fails from then on fails of it: a library that is stopped may say anything."""
    left = "nothing was written"
    """What there is of the command's work."""

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop what goes on, unless it was too late for that, see `signals_held`."""
        if frame is not None:
            self.has_come = True
            raise KeyboardInterrupt

    def unheard(self, found: Any) -> None:
        """Say what failed where nobody could hear it, unless it is but the stop."""
        if not self.has_come:
            sys.__unraisablehook__(found)


@contextmanager
def stops_taken(stop: Stop) -> Iterator[None]:
    """Let signals that ask to end stop what the block does."""
    if threading.current_thread() is not threading.main_thread():
        # Signals are the business of the main thread.
        yield
        return
    heard = sys.unraisablehook
    before = {each: signal.getsignal(each) for each in STOPS}
    # A process in the background is told to ignore Ctrl-C.
    taken = {each: handler for each, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    for each in taken:
        signal.signal(each, stop)
    sys.unraisablehook = stop.unheard
    try:
        yield
    finally:
        sys.unraisablehook = heard
        for each, handler in taken.items():
            signal.signal(each, handler)
