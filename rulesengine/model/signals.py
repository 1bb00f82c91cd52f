"""Holding Ctrl-C and SIGTERM back while something is done that must not be left half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object] | int
STOPS = (signal.SIGINT, signal.SIGTERM)
"""What asks a process to end, and may be held back."""


@contextmanager
def signals_held() -> Iterator[None]:
    """Let signals that ask to end wait until the block is done.

    Whoever handles them is told then, without a frame: they came when nothing could be stopped any more.
    The block should be short, and nothing that it calls may take signals for itself.
    """
    if threading.current_thread() is not threading.main_thread():
        # Signals are the business of the main thread.
        yield
        return
    came: list[int] = []
    before: dict[int, Handler] = {}
    for each in STOPS:
        handler = signal.getsignal(each)
        # One that is not Python's could not be put back.
        if handler is not None:
            before[each] = handler
            signal.signal(each, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in dict.fromkeys(came):
            handler = before[number]
            if callable(handler):
                handler(number, None)
            else:
                signal.raise_signal(number)
