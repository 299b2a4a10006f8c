"""Event callbacks, away from the network's path.

Each listener has a queue of its own: its events are handled one after the other, in the order in
which they arrived, and whatever a callback does (raises, blocks, is a coroutine function), the
connections, the timers and the other listeners go on.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol, TypeVar

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient._unseen import UNSEEN
from hzclient.errors import HazelcastClientNotActiveError

_logger = logging.getLogger("hzclient.listener")

T = TypeVar("T")

_NOTHING = object()

Handler = Callable[[Any], "Awaitable[object] | object"]


class Decoded(Protocol):
    """The type of `InvocationService.with_schemas`."""

    async def __call__(self, decode: Callable[[], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """An event whose handler was called, and what is left to be awaited."""

    awaitable: Awaitable[object]


class EventQueue:
    """The events of one listener that wait for its callback."""

    def __init__(self, dispatcher: EventDispatcher, name: str, handler: Handler) -> None:
        """Args:
        dispatcher: Where callbacks run.
        name: What the listener is for, for the log.
        handler: Called with each event. What it returns is awaited if it can be.
        """
        self._dispatcher = dispatcher
        self._name = name
        self._handler = handler
        self._events: deque[Any] = deque()
        self._dropped = 0
        self._running = False
        self._lock = threading.Lock()
        self._idle: list[Waiter[None]] = []

    def put(self, event: Any) -> None:
        """Queues one event. Where the callback is too slow the oldest one that waits is dropped."""
        with self._lock:
            if len(self._events) >= self._dispatcher.capacity:
                self._drop_oldest()
            self._events.append(event)
            if self._running:
                return
            self._running = True
        self._start()

    def _start(self) -> None:
        try:
            self._dispatcher.runtime.run_detached(self._run)
        except RuntimeError:  # the process may have no more threads now
            with self._lock:
                self._running = False
            _logger.exception("The callback of %s cannot be called until the next event", self._name)

    def handle_first(self, events: Iterable[Any]) -> None:
        """Call the handler with events in the calling thread, before any event that arrives from now on.

        What the handler returns to be awaited is awaited in the background.
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
            self._events.extendleft(reversed(unfinished))
            if not self._events:
                return
            self._running = True
        self._start()

    def _drop_oldest(self) -> None:
        if not self._dropped:
            _logger.error(
                "The callback of %s is too slow: %s events wait, the oldest are dropped from now on",
                self._name,
                self._dispatcher.capacity,
            )
        self._dropped += 1
        self._events.popleft()

    async def _run(self) -> None:
        while (event := self._next()) is not _NOTHING:
            await self._handle(event)

    def _next(self) -> Any:
        with self._lock:
            if self._events:
                return self._events.popleft()
            self._running = False
            idle, self._idle = self._idle, []
        if self._dropped:
            _logger.error("The callback of %s caught up; %s events were dropped", self._name, self._dropped)
            self._dropped = 0
        for waiter in idle:
            if not waiter.done():
                waiter.set_result(None)
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
            _logger.debug("An event of %s was not handled, the client is shut down", self._name)
        except Exception:
            _logger.exception("The callback of %s raised", self._name, extra=UNSEEN)
        except BaseException:
            if not self._dispatcher.runtime.owned:  # the application's loop: it ends, or this task does
                with self._lock:
                    self._running = False
                raise
            # A thread of ours: neither its exit nor an interrupt is for anybody else.
            _logger.exception("The callback of %s raised", self._name, extra=UNSEEN)

    async def drained(self) -> None:
        """Waits until no event waits and no callback runs."""
        waiter = self._dispatcher.runtime.pending()
        with self._lock:
            if not self._running:
                return
            self._idle.append(waiter)
        await waiter


class EventDispatcher:
    """Makes the queues of listeners.

    Attributes:
        runtime: Where callbacks run.
        capacity: How many events of one listener may wait; more push the oldest out.
        decoded: Runs a function that decodes an event, and again after each schema that it missed
            has been fetched.

    Args:
        runtime: As the attribute.
        capacity: As the attribute.
        decoded: As the attribute.
    """

    def __init__(self, runtime: Runtime, capacity: int, decoded: Decoded) -> None:
        self.runtime = runtime
        self.capacity = capacity
        self.decoded = decoded

    def queue(self, name: str, handler: Handler) -> EventQueue:
        """A queue for one listener."""
        return EventQueue(self, name, handler)
