# kombu has no types: its event loop cannot be checked.
"""What wakes a consumer: a thread that waits, or kombu's event loop, on which Celery's workers run.

Messages are reported by threads of the client. A thread that waits for messages waits for an event. An event
loop waits for descriptors only, so each report also makes a socket readable. The loop then delivers messages
when it reads the socket, as the transport of Redis does, and not at a tick: ticks have no order, and the pool
of processes passes tasks on at a tick, which may come first. A task would then wait for whatever wakes the
loop next. After 10 messages, the others of the loop go on first: results of the pool, timers and remote
control.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

MESSAGES_AT_ONCE: Final = 10


class Wakeup:
    """Wakes whoever consumes when there may be messages."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._loop: _OnLoop | None = None

    def set(self) -> None:
        """Wake the consumer. May be called in any thread."""
        if not self._event.is_set():
            self._event.set()
            loop = self._loop
            if loop is not None:
                loop.notify()

    def clear(self) -> None:
        """Forget that it was set, before looking for messages: what comes from now on sets it again."""
        self._event.clear()

    def wait(self, seconds: float) -> None:
        """Wait until it is set."""
        self._event.wait(seconds)

    def register(self, loop: Any, deliver: Callable[[], bool], interval: float) -> None:
        """Deliver messages on an event loop from now on, instead of the one before.

        Args:
            loop: kombu's event loop.
            deliver: Delivers a message; returns False if there is none.
            interval: Seconds after which it looks for messages even if it was not set.
        """
        self.unregister()
        self._loop = _OnLoop(self, loop, deliver, interval)
        self.set()
        self._loop.notify()  # it may have been set before

    def unregister(self) -> None:
        """Leave the event loop."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()

    def take(self) -> bool:
        """Return whether it was set, and forget it."""
        was_set = self._event.is_set()
        self._event.clear()
        return was_set


class _OnLoop:
    """The place of a consumer on an event loop."""

    def __init__(self, wakeup: Wakeup, loop: Any, deliver: Callable[[], bool], interval: float) -> None:
        self._wakeup = wakeup
        self._hub = loop
        self._deliver = deliver
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        loop.add_reader(self._reader.fileno(), self._readable)
        self._timer = loop.call_repeatedly(interval, wakeup.set)

    def notify(self) -> None:
        """Let the loop deliver messages."""
        with suppress(OSError):  # full, so that it does anyway, or closed
            self._writer.send(b"\0")

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass
        if not self._wakeup.take():
            return
        for _ in range(MESSAGES_AT_ONCE):
            if not self._deliver():
                return
        self._wakeup.set()

    def close(self) -> None:
        """Leave the loop."""
        self._timer.cancel()
        self._hub.remove(self._reader.fileno())
        self._reader.close()
        self._writer.close()
