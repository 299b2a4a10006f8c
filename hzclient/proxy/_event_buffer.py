"""Events on their way from the network's path to a loop that takes them one by one."""

from __future__ import annotations

import logging
from typing import Generic, TypeVar

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services.drop_oldest import DropOldest

E = TypeVar("E")

_logger = logging.getLogger("hzclient.listener")


class EventBuffer(Generic[E]):
    """Events that wait to be taken. Where too many wait, the oldest are dropped.

    Events are put from one thread and taken from another.
    """

    def __init__(self, runtime: Runtime, name: str, capacity: int) -> None:
        """Args:
        runtime: Makes what the taker waits for.
        name: What the events are for, for the log.
        capacity: How many may wait.

        Raises:
            ValueError: `capacity` is less than 1.
        """
        if capacity < 1:
            raise ValueError(f"the capacity must be at least 1, not {capacity!r}")
        self._runtime = runtime
        self._name = name
        self._events: DropOldest[E] = DropOldest(capacity)
        self._lock = runtime.lock
        self._ended = False
        self._waiter: Waiter[None] | None = None

    def put(self, event: E) -> None:
        """Adds an event; must not be slow, as it is called on the network's path."""
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
        """No event follows; those that wait can still be taken."""
        with self._lock:
            self._ended = True
            waiter, self._waiter = self._waiter, None
        _wake(waiter)

    async def next(self) -> E | None:
        """Takes the oldest event, and waits for one; None at the end. To be awaited inside an operation."""
        while True:
            # Made without the lock: the garbage collector may look whenever something is made, and
            # what it ends (another stream, say) may need the lock too.
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
