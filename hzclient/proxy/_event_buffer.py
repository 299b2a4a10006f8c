"""A bounded buffer between the network thread and a loop that takes events one by one."""

from __future__ import annotations

import logging
from typing import Generic, TypeVar

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services.drop_oldest import DropOldest

E = TypeVar("E")

_logger = logging.getLogger("hzclient.listener")


class EventBuffer(Generic[E]):
    """Events that wait to be taken. If too many wait, the oldest are dropped.

    Events are put by one thread and taken by another.

    Args:
        runtime: Creates what the taker waits for.
        name: What the events are for, for the log.
        capacity: Maximum number of waiting events.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    def __init__(self, runtime: Runtime, name: str, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"the capacity must be at least 1, not {capacity!r}")
        self._runtime = runtime
        self._name = name
        self._events: DropOldest[E] = DropOldest(capacity)
        self._lock = runtime.lock
        self._ended = False
        self._waiter: Waiter[None] | None = None

    def put(self, event: E) -> None:
        """Add an event. Must be quick, since it runs on the network thread."""
        with self._lock:
            first_dropped = self._events.put(event)
            waiter, self._waiter = self._waiter, None
        _wake(waiter)
        if first_dropped:
            _logger.warning(
                "%s is read too slowly: %s events wait, the oldest are dropped from now on",
                self._name,
                self._events.capacity,
            )

    def end(self) -> None:
        """Note that no event follows. Waiting events can still be taken."""
        with self._lock:
            self._ended = True
            waiter, self._waiter = self._waiter, None
        _wake(waiter)

    async def next(self) -> E | None:
        """Take the oldest event, waiting for one if necessary; None at the end. An operation."""
        while True:
            # Created before the lock is taken: creating an object may start the garbage collector, and
            # what that closes (another stream, say) may need the lock, too.
            waiter: Waiter[None] | None = None if self._events or self._ended else self._runtime.pending()
            with self._lock:
                event = self._events.take() if self._events else None
                ended = self._ended
                dropped = 0
                if event is None:
                    dropped = self._events.caught_up()
                    self._waiter = waiter
            if dropped:
                _logger.warning("%s is read to its end; %s events were dropped", self._name, dropped)
            if event is not None or ended:
                return event
            if waiter is not None:
                await waiter


def _wake(waiter: Waiter[None] | None) -> None:
    if waiter is not None:
        resolve(waiter, None)
