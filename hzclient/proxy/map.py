"""Map: keys and values, distributed over the members by key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic

from hzclient._codec import map as codec
from hzclient._core.invocation import FOREVER
from hzclient._protocol.message import Request
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.predicate import Predicate
from hzclient.proxy.base import EntryEvent, EntryEventType, Proxy, ProxyOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

__all__ = ("AsyncMap", "BlockingMap", "EntryEventCallable", "Map", "MapOperations")

EntryEventCallable = Callable[[EntryEvent[KeyType, ValueType]], "Awaitable[object] | object"]

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class MapOperations(ProxyOperations, Generic[KeyType, ValueType]):
    """A distributed map from keys to values.

    Keys and values are compared by their serialized form, so `1` as a 32-bit and as a 64-bit
    number are different keys. Neither may be None.
    """

    # ------------------------------------------------------------------------------ single entries

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Returns the value of a key.

        Args:
            key: The key.

        Returns:
            The value; None where the map has no such key.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def put(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> ValueType | None:
        """Stores a value and returns the one before. `set` is quicker where that is not needed.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.

        Returns:
            The value before; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data, value_data, caller = self._encode(key), self._encode(value), self._caller_number()
        if max_idle is None:
            request = codec.PUT.encode(self.name, key_data, value_data, caller, to_millis(ttl))
        else:
            request = codec.PUT_WITH_MAX_IDLE.encode(
                self.name, key_data, value_data, caller, to_millis(ttl), to_millis(max_idle)
            )
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def set(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> None:
        """Stores a value.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data, value_data, caller = self._encode(key), self._encode(value), self._caller_number()
        request: Request[bytes | None]
        if max_idle is None:
            request = codec.SET.encode(self.name, key_data, value_data, caller, to_millis(ttl))
        else:
            request = codec.SET_WITH_MAX_IDLE.encode(
                self.name, key_data, value_data, caller, to_millis(ttl), to_millis(max_idle)
            )
        await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def put_if_absent(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> ValueType | None:
        """Stores a value where the key has none.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.

        Returns:
            The value that was there, which stays; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data, value_data, caller = self._encode(key), self._encode(value), self._caller_number()
        if max_idle is None:
            request = codec.PUT_IF_ABSENT.encode(self.name, key_data, value_data, caller, to_millis(ttl))
        else:
            request = codec.PUT_IF_ABSENT_WITH_MAX_IDLE.encode(
                self.name, key_data, value_data, caller, to_millis(ttl), to_millis(max_idle)
            )
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def replace(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Stores a value where the key has one.

        Returns:
            The value before; None where there was none, and nothing was stored.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data = self._encode(key)
        request = codec.REPLACE.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Whether the map has a key."""
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.CONTAINS_KEY.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Removes an entry and returns its value. `delete` is quicker where that is not needed.

        Returns:
            The value; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def delete(self, key: KeyType) -> None:
        """Removes an entry."""
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.DELETE.encode(self.name, key_data, self._caller_number())
        await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def evict(self, key: KeyType) -> bool:
        """Removes an entry from memory; a map store keeps it.

        Returns:
            False where it is locked or not there.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.EVICT.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    # --------------------------------------------------------------------------------- many entries

    @operation
    async def put_all(self, map: Mapping[KeyType, ValueType]) -> None:
        """Stores many entries; one request for each partition, all at once.

        Args:
            map: Keys and values. What one request holds is stored or not on its own: where one
                fails, the others may have been carried out.
        """
        check_not_none(map, "a map must not be None")
        entries: dict[int, list[tuple[bytes, bytes]]] = {}
        for key, value in map.items():
            check_not_none(key, _NO_KEY)
            check_not_none(value, _NO_VALUE)
            key_data = self._encode(key)
            entries.setdefault(self._partition_id(key_data), []).append((key_data, self._encode(value)))
        await self._context.runtime.gather(
            self._invoke(codec.PUT_ALL.encode(self.name, batch, False), partition_id=partition_id)
            for partition_id, batch in entries.items()
        )

    @operation
    async def get_all(self, keys: Sequence[KeyType]) -> dict[KeyType, ValueType]:
        """Returns the entries of many keys; one request for each partition, all at once.

        Args:
            keys: The keys.

        Returns:
            The keys that the map has, with their values.
        """
        check_not_none(keys, "keys must not be None")
        grouped: dict[int, list[bytes]] = {}
        for key in keys:
            check_not_none(key, _NO_KEY)
            key_data = self._encode(key)
            grouped.setdefault(self._partition_id(key_data), []).append(key_data)
        results = await self._context.runtime.gather(
            self._invoke(codec.GET_ALL.encode(self.name, batch), self._entries, partition_id=partition_id)
            for partition_id, batch in grouped.items()
        )
        return {key: value for entries in results for key, value in entries}

    def _entries(self, entries: Sequence[tuple[bytes, bytes]]) -> list[tuple[Any, Any]]:
        decode = self._decode
        return [(decode(key), decode(value)) for key, value in entries]

    def _items(self, items: Sequence[bytes | None]) -> list[Any]:
        return list(map(self._decode, items))

    # ---------------------------------------------------------------------------------- the whole map

    @operation
    async def size(self) -> int:
        """The number of entries."""
        return await self._invoke(codec.SIZE.encode(self.name))

    @operation
    async def is_empty(self) -> bool:
        """Whether there is no entry."""
        return await self._invoke(codec.IS_EMPTY.encode(self.name))

    @operation
    async def clear(self) -> None:
        """Removes all entries."""
        await self._invoke(codec.CLEAR.encode(self.name))

    @operation
    async def key_set(self) -> list[KeyType]:
        """All keys, at once and as they are now; later changes do not show."""
        return await self._invoke(codec.KEY_SET.encode(self.name), self._items)

    @operation
    async def values(self) -> list[ValueType]:
        """All values, at once and as they are now; later changes do not show."""
        return await self._invoke(codec.VALUES.encode(self.name), self._items)

    @operation
    async def entry_set(self) -> list[tuple[KeyType, ValueType]]:
        """All entries, at once and as they are now; later changes do not show."""
        return await self._invoke(codec.ENTRY_SET.encode(self.name), self._entries)

    # ----------------------------------------------------------------------------------------- locks

    @operation
    async def lock(self, key: KeyType, lease_time: float | None = None) -> None:
        """Takes the lock of a key; waits as long as somebody else has it.

        The lock belongs to the calling thread, in the asyncio client to the calling task. It can
        be taken again by its owner, and must be given back as often. The key need not exist.

        Args:
            key: The key.
            lease_time: Seconds after which the lock goes by itself; None for never.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.LOCK.encode(
            self.name,
            key_data,
            self._caller_number(),
            to_millis(lease_time),
            self._context.next_reference_id(),
        )
        await self._invoke(request, partition_id=self._partition_id(key_data), deadline=FOREVER)

    @operation
    async def unlock(self, key: KeyType) -> None:
        """Gives the lock of a key back.

        Raises:
            IllegalMonitorStateError: The caller does not have it.
        """
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.UNLOCK.encode(
            self.name, key_data, self._caller_number(), self._context.next_reference_id()
        )
        await self._invoke(request, partition_id=self._partition_id(key_data), deadline=FOREVER)

    # ------------------------------------------------------------------------------------- listeners

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
        """Calls functions when entries change.

        The functions run away from the network's path, for one listener one after the other in the
        order of the events. They may be coroutine functions.

        Args:
            include_value: Whether events carry values.
            key: Only events of this key.
            predicate: Only events of entries that it matches.
            added_func: Called when an entry is added.
            removed_func: Called when an entry is removed.
            updated_func: Called when an entry gets another value.
            evicted_func: Called when an entry is evicted.
            evict_all_func: Called when all entries are evicted.
            clear_all_func: Called when all entries are removed.
            merged_func: Called when an entry is merged after a split brain.
            expired_func: Called when the time of an entry is over.
            loaded_func: Called when an entry is loaded by a map loader.

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
        local = self._context.invocations.router.smart
        request: Any
        if key is not None and predicate is not None:
            request = codec.ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE.encode(
                self.name, self._encode(key), self._encode(predicate), include_value, flags, local
            )
        elif key is not None:
            request = codec.ADD_ENTRY_LISTENER_TO_KEY.encode(
                self.name, self._encode(key), include_value, flags, local
            )
        elif predicate is not None:
            request = codec.ADD_ENTRY_LISTENER_WITH_PREDICATE.encode(
                self.name, self._encode(predicate), include_value, flags, local
            )
        else:
            request = codec.ADD_ENTRY_LISTENER.encode(self.name, include_value, flags, local)

        def tell(event: Any) -> object:
            function = functions.get(event.event_type)
            return function(self._entry_event(event)) if function is not None else None

        return await self._listen(
            request,
            lambda id_: codec.REMOVE_ENTRY_LISTENER.encode(self.name, id_),
            "an entry listener",
            tell,
        )

    def _entry_event(self, event: Any) -> EntryEvent[KeyType, ValueType]:
        decode = self._decode
        return EntryEvent(
            decode(event.key),
            decode(event.value),
            decode(event.old_value),
            decode(event.merging_value),
            event.event_type,
            event.uuid,
            event.number_of_affected_entries,
        )

    @operation
    async def remove_entry_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return await self._unlisten(registration_id)


class AsyncMap(MapOperations[KeyType, ValueType], AsyncioFace):
    """A distributed map; its operations are coroutine methods."""


class Map(Proxy["BlockingMap[KeyType, ValueType]"], MapOperations[KeyType, ValueType]):
    """A distributed map; its operations each give a `Future`."""


class BlockingMap(BlockingFace, Map[KeyType, ValueType]):
    """A distributed map; its operations return when they are done."""
