"""Daemon threads for callbacks, as many as there are callbacks at once."""

from __future__ import annotations

import logging
import queue
import threading
from _queue import SimpleQueue  # gevent and eventlet replace the name in `queue`
from collections.abc import Callable

from hzclient._locks import patched_by
from hzclient._runtime.pending import Pending
from hzclient._runtime.threads import block_until_done, join, launch_thread

_logger = logging.getLogger("hzclient.runtime")

_IDLE_SECONDS = 10.0
"""Seconds for which a thread waits for work before it ends."""

_TAKEN_SECONDS = 10.0
"""Seconds for which a thread waits for work that has been announced."""

_Inbox = SimpleQueue["Callable[[], object] | None"]


class Workers:
    """Runs functions in daemon threads, and keeps idle threads for a while.

    Unlike the executors of the standard library, it never makes one function wait for another, since a
    callback that blocks must not delay others, and its threads never keep the process alive.

    There is no lock and no counter that an interrupt could leave wrong. Each idle thread has an inbox in
    `_idle`, and whoever removes the inbox from that list owns the thread: a caller of `submit()`, who then
    puts work into it, or the thread itself, which then ends.

    Args:
        name: Name of the threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._idle: list[_Inbox] = []
        self._threads: set[threading.Thread] = set()
        self._starting: set[Pending[None]] = set()
        self._closed = False

    def submit(self, function: Callable[[], object]) -> None:
        """Run `function()` in an idle thread, or in a new one.

        The loop calls this, and must not wait for a lock of `threading`, which a thread that waits for the
        loop may hold. So a thread in between starts the new one.

        Args:
            function: What to run.

        Raises:
            RuntimeError: If the process can start no more threads.
        """
        try:
            inbox = self._idle.pop()
        except IndexError:
            started: Pending[None] = Pending()
            self._starting.add(started)

            def run(_: object = None) -> None:
                self._run(function, started)

            try:
                launch_thread(
                    run, self._name, run
                )  # if it cannot be started, the one in between does the work
            except BaseException:
                self._starting.discard(started)
                raise
        else:
            inbox.put(function)

    def close(self) -> None:
        """End idle threads now, and the others as soon as they have finished their work."""
        self._closed = True
        while self._idle:
            try:
                inbox = self._idle.pop()
            except IndexError:  # the thread took it out itself, and ends
                return
            inbox.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the threads to end, after `close()`. A thread whose function blocks is left alone."""
        for started in list(self._starting):
            block_until_done(started, seconds)
        for thread in list(self._threads):
            join(thread, seconds)

    def _run(self, function: Callable[[], object], started: Pending[None]) -> None:
        thread = threading.current_thread() if patched_by() is None else None
        if thread is not None:
            self._threads.add(thread)
        self._starting.discard(started)
        started.set_result(None)
        inbox: _Inbox = SimpleQueue()
        work: Callable[[], object] | None = function
        while work is not None:
            try:
                work()
            except BaseException:  # SystemExit too: a callback must not end this thread
                _logger.exception("%r raised", work)
            work = None  # what it refers to must not wait for the next function
            work = self._wait_for_work(inbox)
        if thread is not None:
            self._threads.discard(thread)

    def _wait_for_work(self, inbox: _Inbox) -> Callable[[], object] | None:
        self._idle.append(inbox)
        if not self._closed:
            try:
                return inbox.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                pass
        try:
            self._idle.remove(inbox)
        except ValueError:
            # A caller of `submit()` or `close()` has taken it, and puts something into it now, unless an
            # interrupt has prevented that.
            try:
                return inbox.get(timeout=_TAKEN_SECONDS)
            except queue.Empty:
                pass
        return None
