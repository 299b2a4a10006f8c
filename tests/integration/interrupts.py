"""Interruptions of a thread that waits in a blocking call."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Interruption(BaseException):
    """Raised by a signal handler in the middle of whatever the thread does, as Ctrl-C is."""


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Interrupt the calling thread, as a signal handler that raises does."""

    def interrupt(*_: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
