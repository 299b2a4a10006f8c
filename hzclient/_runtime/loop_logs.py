"""Log records of loop threads, which must not wait for the application's logging.

Theory. A handler of `logging` holds a lock while it emits. A thread of the application may be in it, for
example in a handler that writes to a map, or in one that a signal handler has interrupted, and may wait for
the client's loop there. If the loop logged something itself, it would wait for that lock, and both would wait
for ever. So another thread emits the loop's records, and the loop waits for it no longer than a second. As
long as records are behind, it does not wait at all.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from typing import Any

from hzclient._locks import original
from hzclient._runtime.identity import calling
from hzclient._runtime.threads import launch_thread

_PATIENCE_SECONDS = 1.0
"""Seconds for which the loop waits until a record has been emitted."""

_MOST_RECORDS = 10_000
"""Number of records that may be behind. Further ones push out the oldest."""


class _Emitter(logging.Filter):
    """Takes records of loop threads out of their loggers, and gives them back on a thread of its own.

    It is a filter because `logging` offers no other place between a logger and its handlers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.renew()

    def renew(self) -> None:
        """Begin anew, also if this is a child process, in which the thread does not run."""
        # Loop threads and the emitting thread take this lock, and no thread of the application.
        self._lock = original("_thread", "allocate_lock")()
        self._records: deque[tuple[logging.LogRecord, Any]] = deque(maxlen=_MOST_RECORDS)
        self._running = False
        self._behind = False
        self._ident = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False if the record was taken from a loop thread."""
        if not calling.thread.on_loop or threading.get_ident() == self._ident or sys.is_finalizing():
            return True
        try:
            self._take(record)
        except RuntimeError:  # the process can start no more threads
            self._running = False
            return True
        return False

    def _take(self, record: logging.LogRecord) -> None:
        gate = original("_thread", "allocate_lock")()
        gate.acquire()
        with self._lock:
            self._records.append((record, gate))
            start, self._running = not self._running, True
        if start:
            launch_thread(self._emit_all, "hzclient-logs", lambda _: self._emit_all())
        if not self._behind and not gate.acquire(timeout=_PATIENCE_SECONDS):
            self._behind = True

    def _emit_all(self) -> None:
        calling.thread.on_loop = True  # a handler that waits for the client here would delay the loop
        while (entry := self._next()) is not None:
            record, gate = entry
            try:
                logging.getLogger(record.name).handle(record)
            finally:
                gate.release()
        calling.thread.on_loop = False

    def _next(self) -> tuple[logging.LogRecord, Any] | None:
        with self._lock:
            if self._records:
                self._ident = threading.get_ident()
                return self._records.popleft()
            self._running = self._behind = False
            self._ident = 0
        return None


_emitter = _Emitter()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_emitter.renew)


def emit_elsewhere() -> None:
    """Let another thread emit what loop threads log with the loggers of this package that exist."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.startswith("hzclient") and isinstance(logger, logging.Logger):
            logger.addFilter(_emitter)
