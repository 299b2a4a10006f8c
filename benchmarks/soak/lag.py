"""For how long a process did not get to run, on a busy machine."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

_INTERVAL = 0.05
_KEPT = 4_096
"""Delays that are remembered: those of the last 200 seconds, at least."""


class Lag:
    """Measures for how long this process did not get to run. It has a thread of its own.

    Its memory does not grow, since the soak measures how the memory of this process grows.
    """

    def __init__(self) -> None:
        self._times = array("d", bytes(8 * _KEPT))
        self._delays = array("d", bytes(8 * _KEPT))
        self._number = 0
        self._ended = threading.Event()

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure during the block."""
        thread = threading.Thread(target=self._run, name="lag", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _run(self) -> None:
        while True:
            before = time.monotonic()
            if self._ended.wait(_INTERVAL):
                return
            late = time.monotonic() - before - _INTERVAL
            if late > 0.02:
                self.add(before, late)

    def add(self, at: float, late: float) -> None:
        """Note that the process should have run at some time, but ran so many seconds later."""
        place = self._number % _KEPT
        self._delays[place] = 0.0  # `between` may run on another thread
        self._times[place] = at
        self._delays[place] = late
        self._number += 1

    def between(self, began: float, ended: float) -> float:
        """Return for how many seconds of an interval the process was held up."""
        pairs = zip(self._times, self._delays, strict=True)
        return sum(late for at, late in pairs if began - 0.1 <= at <= ended)
