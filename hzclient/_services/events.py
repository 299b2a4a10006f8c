"""Event callbacks, which run outside the network's path.

Each listener has its own queue. Its events are handled one after the other, in order of arrival.
Whatever a callback does (raises, blocks, is a coroutine function), connections, timers and other
listeners go on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from weakref import WeakSet

from hzclient._locks import new_lock
from hzclient._runtime.base import IN_CALLBACK, Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services.drop_oldest import DropOldest
from hzclient._unseen import UNSEEN
from hzclient.errors import HazelcastClientNotActiveError

_logger = logging.getLogger("hzclient.listener")

T = TypeVar("T")

_NOTHING = object()

LONGEST_WAIT: Final = 5.0
"""Seconds that the removal of a listener waits for its callback. A callback that takes longer goes on."""

Handler = Callable[[Any], "Awaitable[object] | object"]


class Decoded(Protocol):
    """The type of `InvocationService.with_schemas`."""

    async def __call__(self, decode: Callable[[], T]) -> T: ...


class _Unfinished(NamedTuple):
    """An event whose handler was called, and what is left to be awaited."""

    awaitable: Awaitable[object]


def _ignore(event: Any) -> None:
    """Take the place of a callback."""


class EventQueue:
    """Events of one listener that wait for its callback.

    Args:
        dispatcher: Where callbacks run.
        name: What the listener is for, for the log.
        handler: Called with each event. If it returns an awaitable, that is awaited.
    """

    def __init__(self, dispatcher: EventDispatcher, name: str, handler: Handler) -> None:
        self._dispatcher = dispatcher
        self._name = name
        self._handler = handler
        self._events: DropOldest[Any] = DropOldest(dispatcher.capacity)
        self._running = False
        self._lock = new_lock()
        self._idle: list[Waiter[None]] = []

    def put(self, event: Any) -> None:
        """Queue one event. If the callback is too slow, drop the oldest event in the queue."""
        with self._lock:
            first_dropped = self._events.put(event)
            idle, self._running = not self._running, True
        if first_dropped:
            _logger.error(
                "The callback of %s is too slow: %s events wait, the oldest are dropped from now on",
                self._name,
                self._events.capacity,
            )
        if idle:
            self._start()

    def _start(self) -> None:
        try:
            self._dispatcher.runtime.run_detached(self._run)
        except RuntimeError:  # the process can start no more threads
            with self._lock:
                self._running = False
            _logger.exception("The callback of %s cannot run before the next event", self._name)

    def handle_first(self, events: Iterable[Any]) -> None:
        """Call the handler with events in the calling thread, before any event that arrives from now on.

        Awaitables that the handler returns are awaited in the background.

        Args:
            events: The events in order.

        Raises:
            RuntimeError: Events have already been put.
        """
        with self._lock:
            if self._running:
                raise RuntimeError("events have already been put")
            self._running = True
        unfinished: list[_Unfinished] = []
        for event in events:
            try:
                result = self._handler(event)
                if isawaitable(result):
                    unfinished.append(_Unfinished(result))
            except Exception:
                _logger.exception("The callback of %s raised", self._name, extra=UNSEEN)
        with self._lock:
            self._running = False
            self._events.put_back(unfinished)
            if not self._events:
                return
            self._running = True
        self._start()

    async def _run(self) -> None:
        inside = IN_CALLBACK.set(True)
        try:
            while (event := self._next()) is not _NOTHING:
                await self._handle(event)
        finally:
            IN_CALLBACK.reset(inside)

    def _next(self) -> Any:
        with self._lock:
            if self._events:
                return self._events.take()
            self._running = False
            idle, self._idle = self._idle, []
            dropped = self._events.caught_up()
        if dropped:
            _logger.error("The callback of %s caught up; %s events were dropped", self._name, dropped)
        for waiter in idle:
            resolve(waiter, None)
        return _NOTHING

    async def _handle(self, event: Any) -> None:
        try:
            if isinstance(event, _Unfinished):
                result: object = event.awaitable
            else:
                result = await self._dispatcher.decoded(lambda: self._handler(event))
            if isawaitable(result):
                await self._dispatcher.runtime.await_foreign(result)
        except HazelcastClientNotActiveError:
            _logger.debug("An event of %s was not handled: the client is shut down", self._name)
        except Exception:
            _logger.exception("The callback of %s raised", self._name, extra=UNSEEN)
        except BaseException:
            if not self._dispatcher.runtime.owned:  # the application's loop or this task is ending
                with self._lock:
                    self._running = False
                raise
            # Our own thread: an exit or an interrupt concerns nobody else.
            _logger.exception("The callback of %s raised", self._name, extra=UNSEEN)

    def __len__(self) -> int:
        return len(self._events)

    def unlink(self) -> None:
        """Forget the callback if it has handled all events: the client is shut down, so no more follow."""
        with self._lock:
            if not self._running:
                self._handler = _ignore

    async def drained(self) -> None:
        """Wait until the queue is empty and no callback runs."""
        waiter = self._dispatcher.runtime.pending()
        with self._lock:
            if not self._running:
                return
            self._idle.append(waiter)
        await waiter

    async def settled(self) -> None:
        """Wait until the callback has handled all events, but not for one that blocks; an operation."""
        if not self._running:
            return
        try:
            await self._dispatcher.runtime.within(LONGEST_WAIT, self.drained(), _BlocksError)
        except _BlocksError:
            _logger.warning(
                "The callback of %s still runs, %s events wait for it; its removal waits no longer",
                self._name,
                len(self._events),
            )


class _BlocksError(Exception):
    """A callback takes longer than the removal of its listener waits."""


class EventDispatcher:
    """Creates the queues of listeners.

    Attributes:
        runtime: Where callbacks run.
        capacity: Number of events of one listener that may wait. Further ones push out the oldest.
        decoded: Runs a function that decodes an event, and again after each schema that it missed
            has been fetched.
        counted: True if `queued()` must count waiting events.

    Args:
        runtime: As the attribute.
        capacity: As the attribute.
        decoded: As the attribute.
    """

    def __init__(self, runtime: Runtime, capacity: int, decoded: Decoded) -> None:
        self.runtime = runtime
        self.capacity = capacity
        self.decoded = decoded
        self.counted = False
        self._queues: WeakSet[EventQueue] = WeakSet()

    def queue(self, name: str, handler: Handler) -> EventQueue:
        """Return a queue for one listener.

        Args:
            name: What the listener is for, for the log.
            handler: Called with each event. If it returns an awaitable, that is awaited.

        Returns:
            The queue.
        """
        queue = EventQueue(self, name, handler)
        if self.counted:
            self._queues.add(queue)
        return queue

    def queued(self) -> int:
        """Return how many events wait; 0 unless they are counted."""
        return sum(map(len, tuple(self._queues)))
