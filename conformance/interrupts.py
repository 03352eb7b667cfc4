"""Ctrl-C and SIGTERM end a run with clean-up, and with the results that there are.

Python raises a signal's exception wherever the program happens to be. In what the interpreter calls
by itself, such as a callback of the garbage collector, it is printed and lost; a run asks for it
again wherever it could end.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_came = False


def require_none() -> None:
    """Raises KeyboardInterrupt where a signal came within :func:`handled`."""
    if _came:
        raise KeyboardInterrupt


@contextmanager
def handled() -> Iterator[None]:
    """Both signals raise KeyboardInterrupt; SIGTERM once, and a SIGINT that is ignored stays so."""
    global _came
    _came, before = False, {}
    try:
        before[signal.SIGTERM] = signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, _interrupt)
    except ValueError:  # not the main thread: whoever runs us handles signals
        yield
        return
    try:
        yield
    finally:
        _came = False
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _came
    _came = True
    if number == signal.SIGTERM:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
