"""For how long a process did not get to run, on a busy machine."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_INTERVAL = 0.05
_KEPT = 20_000


class Lag:
    """Measures for how long this process did not get to run. It has a thread of its own."""

    def __init__(self) -> None:
        self._delays: deque[tuple[float, float]] = deque(maxlen=_KEPT)
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
                self._delays.append((before, late))

    def between(self, began: float, ended: float) -> float:
        """Return for how many seconds of an interval the process was held up."""
        return sum(late for at, late in list(self._delays) if began - 0.1 <= at <= ended)
