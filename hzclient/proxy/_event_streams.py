"""Streams of events that members report to listeners: map changes, topic messages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from hzclient._protocol.message import Request
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.proxy._event_buffer import EventBuffer
from hzclient.proxy._releases import parted
from hzclient.proxy.base import ProxyContext, ProxyOperations

E = TypeVar("E")


class _OpenStreams:
    """The open streams of a structure. They end when it is destroyed. Used from any thread.

    Attributes:
        ended: True if the structure was destroyed or the client shut down.
    """

    def __init__(self) -> None:
        self.ended = False
        self._buffers: set[EventBuffer[Any]] = set()

    def add(self, buffer: EventBuffer[Any]) -> bool:
        """Add a stream; False if no event will follow."""
        self._buffers.add(buffer)
        if self.ended:  # checked last, because `end` sets it first
            self._buffers.discard(buffer)
        return not self.ended

    def discard(self, buffer: EventBuffer[Any]) -> None:
        self._buffers.discard(buffer)

    def end(self) -> None:
        self.ended = True
        for buffer in list(self._buffers):
            buffer.end()


class EventStreamOperations(ProxyOperations):
    """Base of structures that offer streams of events.

    Args:
        service_name: The service of the members that holds the structure.
        name: Name of the structure.
        context: What the structure uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._streams = _OpenStreams()

    async def on_destroyed(self) -> None:
        """End the streams."""
        self._streams.end()
        await super().on_destroyed()

    def _event_stream(
        self,
        request: Request[UUID],
        remove: Callable[[UUID], Request[Any]],
        what: str,
        capacity: int,
        read: Callable[[Any], E],
    ) -> AsyncGenerator[E, None]:
        """Yield events one by one, from the first request for one until the structure is destroyed.

        Args:
            request: Registers the listener with one member.
            remove: Makes the request that removes it, given the id that the member returned.
            what: What the listener is, for the log.
            capacity: Maximum number of waiting events.
            read: Converts a decoded event.

        Returns:
            The stream.

        Raises:
            ValueError: `capacity` is less than 1.
        """
        buffer: EventBuffer[Any] = EventBuffer(self._context.runtime, f"{what} of {self!r}", capacity)
        return self._events_of(request, remove, buffer, read)

    async def _events_of(
        self,
        request: Request[UUID],
        remove: Callable[[UUID], Request[Any]],
        buffer: EventBuffer[Any],
        read: Callable[[Any], E],
    ) -> AsyncGenerator[E, None]:
        # Added before the registration, during which the structure may be destroyed.
        if not self._streams.add(buffer):
            return
        listeners = self._context.listeners
        try:
            registration_id = await self._in_time(listeners.register(request, remove, buffer.put))
            try:
                while (event := await buffer.next()) is not None:
                    yield await self._context.dispatcher.decoded(partial(read, event))
            finally:
                await parted(self._context, listeners.deregister(registration_id), "removing a listener")
        except HazelcastClientNotActiveError:
            if not self._streams.ended:
                raise
        finally:
            self._streams.discard(buffer)
