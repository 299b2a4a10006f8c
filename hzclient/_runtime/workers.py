"""Daemon threads for callbacks, as many as are busy at once."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

_logger = logging.getLogger("hzclient.runtime")

_IDLE_SECONDS = 10.0
"""How long a thread without work waits for some before it ends."""


class Workers:
    """Runs functions in daemon threads, and keeps those for a while.

    Unlike the executors of the standard library it never makes one function wait for another (a
    callback that blocks must hold up nobody else), and its threads never keep the process alive.
    """

    def __init__(self, name: str) -> None:
        """Args:
        name: Names the threads.
        """
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def submit(self, function: Callable[[], object]) -> None:
        """Runs `function()` in a thread that is idle, or in a new one."""
        with self._lock:
            if self._idle:
                self._idle -= 1  # that one is spoken for
                self._work.put(function)
                return
        threading.Thread(target=self._run, args=(function,), name=self._name, daemon=True).start()

    def _run(self, function: Callable[[], object]) -> None:
        work: Callable[[], object] | None = function
        while work is not None:
            try:
                work()
            except BaseException:  # an exit too: it is the application's thread to end, not ours
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
            # Work that was put in the meantime counts on this thread.
            try:
                return self._work.get_nowait()
            except queue.Empty:
                self._idle -= 1
                return None
