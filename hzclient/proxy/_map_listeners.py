"""Listeners of the map: functions that are called for each event, and streams of events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic
from uuid import UUID

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import operation, stream
from hzclient._slots import fields_text
from hzclient.predicate import Predicate
from hzclient.proxy._event_streams import EventStreamOperations
from hzclient.proxy.base import EntryEvent, EntryEventType, read_entry_event
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

EntryEventCallable = Callable[[EntryEvent[KeyType, ValueType]], "Awaitable[object] | object"]

_ALL_TYPES: Final = (
    EntryEventType.ADDED,
    EntryEventType.REMOVED,
    EntryEventType.UPDATED,
    EntryEventType.EVICTED,
    EntryEventType.EXPIRED,
    EntryEventType.EVICT_ALL,
    EntryEventType.CLEAR_ALL,
    EntryEventType.MERGED,
    EntryEventType.LOADED,
)


@dataclass(frozen=True, slots=True, repr=False)
class MapPartitionLostEvent:
    """A partition and all its backups were lost, and with them the entries that the map had there.

    Attributes:
        partition_id: The partition.
        uuid: The member that reported the loss.
    """

    partition_id: int
    uuid: UUID

    def __repr__(self) -> str:
        return fields_text(self, "partition_id", "uuid")


class ListenerOperations(EventStreamOperations, Generic[KeyType, ValueType]):
    """Listeners for changes of the map's entries and for lost partitions."""

    @operation
    async def add_entry_listener(
        self,
        include_value: bool = False,
        key: KeyType | None = None,
        predicate: Predicate | None = None,
        added_func: EntryEventCallable[KeyType, ValueType] | None = None,
        removed_func: EntryEventCallable[KeyType, ValueType] | None = None,
        updated_func: EntryEventCallable[KeyType, ValueType] | None = None,
        evicted_func: EntryEventCallable[KeyType, ValueType] | None = None,
        evict_all_func: EntryEventCallable[KeyType, ValueType] | None = None,
        clear_all_func: EntryEventCallable[KeyType, ValueType] | None = None,
        merged_func: EntryEventCallable[KeyType, ValueType] | None = None,
        expired_func: EntryEventCallable[KeyType, ValueType] | None = None,
        loaded_func: EntryEventCallable[KeyType, ValueType] | None = None,
    ) -> str:
        """Add functions that are called when entries change.

        The functions, which may be coroutine functions, never block the network. Those of one listener are
        called one after another, in the order of the events.

        Args:
            include_value: True if events carry values.
            key: Restricts the listener to one key.
            predicate: Restricts the listener to entries that match it.
            added_func: Called when an entry is added.
            removed_func: Called when an entry is removed.
            updated_func: Called when an entry is updated.
            evicted_func: Called when an entry is evicted.
            evict_all_func: Called when all entries are evicted.
            clear_all_func: Called when all entries are removed.
            merged_func: Called when an entry is merged after a split brain.
            expired_func: Called when an entry expires.
            loaded_func: Called when a map loader loads an entry.

        Returns:
            The registration id, for `remove_entry_listener`.
        """
        functions = {
            EntryEventType.ADDED: added_func,
            EntryEventType.REMOVED: removed_func,
            EntryEventType.UPDATED: updated_func,
            EntryEventType.EVICTED: evicted_func,
            EntryEventType.EVICT_ALL: evict_all_func,
            EntryEventType.CLEAR_ALL: clear_all_func,
            EntryEventType.MERGED: merged_func,
            EntryEventType.EXPIRED: expired_func,
            EntryEventType.LOADED: loaded_func,
        }
        flags = sum(event_type for event_type, function in functions.items() if function is not None)
        request = self._listener_request(key, predicate, include_value, flags)

        def notify(event: Any) -> object:
            function = functions.get(event.event_type)
            return function(read_entry_event(event, self._decode)) if function is not None else None

        return await self._listen(request, self._remove_listener_request, "an entry listener", notify)

    @operation
    async def remove_entry_listener(self, registration_id: str) -> bool:
        """Remove an entry listener.

        Args:
            registration_id: The id that `add_entry_listener` returned.

        Returns:
            False if no listener has this id.
        """
        return await self._unlisten(registration_id)

    @stream
    def events(
        self,
        include_value: bool = True,
        key: KeyType | None = None,
        predicate: Predicate | None = None,
        event_types: Collection[int] = _ALL_TYPES,
        capacity: int = 10_000,
    ) -> AsyncGenerator[EntryEvent[KeyType, ValueType], None]:
        """Iterate over changes of entries as they happen: `async for event in m.events():`.

        The listener is registered when the first event is requested. The iteration ends when the map is
        destroyed or the client shut down; closing the iterator removes the listener. Events that arrive
        faster than they are consumed are queued. When `capacity` events are waiting, each new event replaces
        the oldest one, and a warning is logged.

        Args:
            include_value: True if events carry values.
            key: Restricts the stream to one key.
            predicate: Restricts the stream to entries that match it.
            event_types: The kinds of events to return, from `EntryEventType`.
            capacity: Maximum number of waiting events.

        Returns:
            An iterator over the events.

        Raises:
            ValueError: `capacity` is less than 1.
        """
        return self._event_stream(
            self._listener_request(key, predicate, include_value, sum(set(event_types))),
            self._remove_listener_request,
            "an event stream",
            capacity,
            partial(read_entry_event, decode=self._decode),
        )

    def _listener_request(
        self, key: KeyType | None, predicate: Predicate | None, include_value: bool, flags: int
    ) -> Request[UUID]:
        name, local = self.name, self._context.invocations.router.all_members
        if key is not None and predicate is not None:
            return codec.ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE.encode(
                name, self._encode(key), self._encode(predicate), include_value, flags, local
            )
        if key is not None:
            return codec.ADD_ENTRY_LISTENER_TO_KEY.encode(
                name, self._encode(key), include_value, flags, local
            )
        if predicate is not None:
            return codec.ADD_ENTRY_LISTENER_WITH_PREDICATE.encode(
                name, self._encode(predicate), include_value, flags, local
            )
        return codec.ADD_ENTRY_LISTENER.encode(name, include_value, flags, local)

    def _remove_listener_request(self, id_: UUID) -> Request[bool]:
        return codec.REMOVE_ENTRY_LISTENER.encode(self.name, id_)

    @operation
    async def add_partition_lost_listener(
        self, listener_func: Callable[[MapPartitionLostEvent], Awaitable[object] | object]
    ) -> str:
        """Add a function that is called when a partition is lost because all members that held it are gone.

        Args:
            listener_func: Called with each event; it may be a coroutine function.

        Returns:
            The registration id, for `remove_partition_lost_listener`.
        """
        check_not_none(listener_func, "a listener must not be None")
        return await self._listen(
            codec.ADD_PARTITION_LOST_LISTENER.encode(self.name, self._context.invocations.router.all_members),
            lambda id_: codec.REMOVE_PARTITION_LOST_LISTENER.encode(self.name, id_),
            "a partition lost listener",
            lambda event: listener_func(MapPartitionLostEvent(event.partition_id, event.uuid)),
        )

    @operation
    async def remove_partition_lost_listener(self, registration_id: str) -> bool:
        """Remove a partition lost listener.

        Args:
            registration_id: The id that `add_partition_lost_listener` returned.

        Returns:
            False if no listener has this id.
        """
        return await self._unlisten(registration_id)
