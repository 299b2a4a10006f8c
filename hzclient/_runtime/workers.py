"""Daemon threads for callbacks, as many as there are callbacks at once."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

_logger = logging.getLogger("hzclient.runtime")

_IDLE_SECONDS = 10.0
"""Seconds for which a thread waits for work before it ends."""


class Workers:
    """Runs functions in daemon threads, and keeps idle threads for a while.

    Unlike the executors of the standard library, it never makes one function wait for another, since a
    callback that blocks must not delay others, and its threads never keep the process alive.

    Args:
        name: Name of the threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def submit(self, function: Callable[[], object]) -> None:
        """Run `function()` in an idle thread, or in a new one."""
        with self._lock:
            if self._idle:
                self._idle -= 1  # that thread is taken
                self._work.put(function)
                return
        threading.Thread(target=self._run, args=(function,), name=self._name, daemon=True).start()

    def _run(self, function: Callable[[], object]) -> None:
        work: Callable[[], object] | None = function
        while work is not None:
            try:
                work()
            except BaseException:  # SystemExit too: a callback must not end this thread
                _logger.exception("%r raised", work)
            work = self._wait_for_work()

    def _wait_for_work(self) -> Callable[[], object] | None:
        with self._lock:
            self._idle += 1
        try:
            return self._work.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            pass
        with self._lock:
            # `submit()` may have taken this thread in the meantime, and put work for it.
            try:
                return self._work.get_nowait()
            except queue.Empty:
                self._idle -= 1
                return None
