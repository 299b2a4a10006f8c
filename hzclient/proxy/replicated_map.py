"""ReplicatedMap: a map whose entries are copied to all data members."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Generic

from hzclient._codec import replicated_map as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.predicate import Predicate
from hzclient.proxy._arguments import entries_of
from hzclient.proxy.base import EntryEventType, Proxy, ProxyContext, ProxyOperations, read_entry_event
from hzclient.proxy.map import EntryEventCallable
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

__all__ = ("AsyncReplicatedMap", "BlockingReplicatedMap", "ReplicatedMap", "ReplicatedMapOperations")

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class ReplicatedMapOperations(ProxyOperations, Generic[KeyType, ValueType]):
    """A distributed map that the members replicate to each other in the background.

    Reads are fast but eventually consistent: a single member responds with what it has, which may be outdated
    for a moment. Operations on the whole map always go to the same member until partitions migrate.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        # A random partition per proxy: it spreads proxies over members, and each keeps reading one replica.
        self._replica_partition = random.choice(context.partitions.ids())

    # ------------------------------------------------------------------------------ single entries

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Return the value of a key.

        Args:
            key: The key.

        Returns:
            The value; None if the map does not have the key.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data)
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def put(self, key: KeyType, value: ValueType, ttl: float = 0) -> ValueType | None:
        """Store a value.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds until the entry expires; 0 for never.

        Returns:
            The previous value; None if there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data = self._encode(key)
        request = codec.PUT.encode(self.name, key_data, self._encode(value), to_millis(ttl))
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Remove an entry.

        Args:
            key: The key.

        Returns:
            The removed value; None if there was none.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data)
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Return whether the map has a key.

        Args:
            key: The key.

        Returns:
            True if the map has the key.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.CONTAINS_KEY.encode(self.name, key_data)
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    # ------------------------------------------------------------------------------- the whole map

    @operation
    async def put_all(self, source: Mapping[KeyType, ValueType]) -> None:
        """Store many entries, in one request.

        Args:
            source: Keys and values.
        """
        entries: list[tuple[bytes, bytes]] = []
        for key, value in entries_of(source, "a source"):
            check_not_none(key, _NO_KEY)
            check_not_none(value, _NO_VALUE)
            entries.append((self._encode(key), self._encode(value)))
        await self._invoke(codec.PUT_ALL.encode(self.name, entries))

    @operation
    async def clear(self) -> None:
        """Remove all entries."""
        await self._invoke(codec.CLEAR.encode(self.name))

    @operation
    async def contains_value(self, value: ValueType) -> bool:
        """Return whether any entry has a value.

        Args:
            value: The value.

        Returns:
            True if an entry has the value.
        """
        check_not_none(value, _NO_VALUE)
        request = codec.CONTAINS_VALUE.encode(self.name, self._encode(value))
        return await self._invoke(request, partition_id=self._replica_partition)

    @operation
    async def size(self) -> int:
        """Return the number of entries."""
        return await self._invoke(codec.SIZE.encode(self.name), partition_id=self._replica_partition)

    @operation
    async def is_empty(self) -> bool:
        """Return whether the map has no entries."""
        return await self._invoke(codec.IS_EMPTY.encode(self.name), partition_id=self._replica_partition)

    @operation
    async def key_set(self) -> list[KeyType]:
        """Return a snapshot of all keys."""
        return await self._invoke(
            codec.KEY_SET.encode(self.name), self._items, partition_id=self._replica_partition
        )

    @operation
    async def values(self) -> list[ValueType]:
        """Return a snapshot of all values."""
        return await self._invoke(
            codec.VALUES.encode(self.name), self._items, partition_id=self._replica_partition
        )

    @operation
    async def entry_set(self) -> list[tuple[KeyType, ValueType]]:
        """Return a snapshot of all entries."""
        return await self._invoke(
            codec.ENTRY_SET.encode(self.name), self._entries, partition_id=self._replica_partition
        )

    # ----------------------------------------------------------------------------------- listeners

    @operation
    async def add_entry_listener(
        self,
        key: KeyType | None = None,
        predicate: Predicate | None = None,
        added_func: EntryEventCallable[KeyType, ValueType] | None = None,
        removed_func: EntryEventCallable[KeyType, ValueType] | None = None,
        updated_func: EntryEventCallable[KeyType, ValueType] | None = None,
        evicted_func: EntryEventCallable[KeyType, ValueType] | None = None,
        clear_all_func: EntryEventCallable[KeyType, ValueType] | None = None,
    ) -> str:
        """Add functions that are called when entries change. Events carry values.

        The functions, which may be coroutine functions, never block the network. Those of one listener are
        called one after another, in the order of the events.

        Args:
            key: Restricts the listener to one key.
            predicate: Restricts the listener to entries that match it.
            added_func: Called when an entry is added.
            removed_func: Called when an entry is removed.
            updated_func: Called when an entry is updated.
            evicted_func: Called when an entry expires.
            clear_all_func: Called when all entries are removed.

        Returns:
            The registration id, for `remove_entry_listener`.
        """
        functions = {
            EntryEventType.ADDED: added_func,
            EntryEventType.REMOVED: removed_func,
            EntryEventType.UPDATED: updated_func,
            EntryEventType.EVICTED: evicted_func,
            EntryEventType.CLEAR_ALL: clear_all_func,
        }
        local = self._context.invocations.router.all_members
        request: Any
        if key is not None and predicate is not None:
            request = codec.ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE.encode(
                self.name, self._encode(key), self._encode(predicate), local
            )
        elif key is not None:
            request = codec.ADD_ENTRY_LISTENER_TO_KEY.encode(self.name, self._encode(key), local)
        elif predicate is not None:
            request = codec.ADD_ENTRY_LISTENER_WITH_PREDICATE.encode(
                self.name, self._encode(predicate), local
            )
        else:
            request = codec.ADD_ENTRY_LISTENER.encode(self.name, local)

        def notify(event: Any) -> object:
            function = functions.get(event.event_type)
            return None if function is None else function(read_entry_event(event, self._decode))

        return await self._listen(
            request,
            lambda id_: codec.REMOVE_ENTRY_LISTENER.encode(self.name, id_),
            "an entry listener",
            notify,
        )

    @operation
    async def remove_entry_listener(self, registration_id: str) -> bool:
        """Remove an entry listener.

        Args:
            registration_id: The id that `add_entry_listener` returned.

        Returns:
            False if no listener has this id.
        """
        return await self._unlisten(registration_id)


class AsyncReplicatedMap(ReplicatedMapOperations[KeyType, ValueType], AsyncioFace):
    """A replicated map whose operations are coroutine methods."""


class ReplicatedMap(
    Proxy["BlockingReplicatedMap[KeyType, ValueType]"], ReplicatedMapOperations[KeyType, ValueType]
):
    """A replicated map whose operations return a `Future`."""


class BlockingReplicatedMap(BlockingFace, ReplicatedMap[KeyType, ValueType]):
    """A replicated map whose operations block until they are done."""
