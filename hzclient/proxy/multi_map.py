"""MultiMap: keys with several values each, distributed over the members by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic

from hzclient._codec import multi_map as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy._arguments import entries_of, list_of
from hzclient.proxy._map_entries import NO_KEY, NO_VALUE
from hzclient.proxy._map_locks import LockOperations
from hzclient.proxy.base import EntryEventType, Proxy, read_entry_event
from hzclient.proxy.map import EntryEventCallable
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

__all__ = ("AsyncMultiMap", "BlockingMultiMap", "MultiMap", "MultiMapOperations")


class MultiMapOperations(LockOperations[KeyType, ValueType], Generic[KeyType, ValueType]):
    """A distributed map whose keys can have several values.

    The members' configuration determines whether a key can have equal values: with `SET`, the default, it
    cannot; with `LIST` it can. Keys and values are compared by their serialized form and cannot be None.
    """

    _lock_codec: ClassVar[Any] = codec

    # ------------------------------------------------------------------------------------- one key

    @operation
    async def put(self, key: KeyType, value: ValueType) -> bool:
        """Add a value to the values of a key.

        Args:
            key: The key.
            value: The value.

        Returns:
            False if the key already has the value and cannot have it twice.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.PUT.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def get(self, key: KeyType) -> list[ValueType] | None:
        """Return the values of a key.

        Args:
            key: The key.

        Returns:
            The values; an empty list if the map does not have the key.

        Raises:
            UnreadableItemError: A value cannot be deserialized.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._items, partition_id=self._partition_id(key_data))

    @operation
    async def remove(self, key: KeyType, value: ValueType) -> bool:
        """Remove one value of a key.

        Args:
            key: The key.
            value: The value.

        Returns:
            False if the key does not have the value.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REMOVE_ENTRY.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def remove_all(self, key: KeyType) -> list[ValueType]:
        """Remove a key with all its values and return them. Prefer `delete` if you do not need them.

        Args:
            key: The key.

        Returns:
            The removed values.

        Raises:
            UnreadableItemError: A value cannot be deserialized; the values are removed, and the error carries
                them.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._items, partition_id=self._partition_id(key_data))

    @operation
    async def delete(self, key: KeyType) -> None:
        """Remove a key with all its values.

        Args:
            key: The key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.DELETE.encode(self.name, key_data, self._caller_number())
        await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Return whether a key has any value.

        Args:
            key: The key.

        Returns:
            True if the key has a value.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.CONTAINS_KEY.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def contains_entry(self, key: KeyType, value: ValueType) -> bool:
        """Return whether a key has a given value.

        Args:
            key: The key.
            value: The value.

        Returns:
            True if the key has the value.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.CONTAINS_ENTRY.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def value_count(self, key: KeyType) -> int:
        """Return the number of values of a key.

        Args:
            key: The key.

        Returns:
            The number of values; 0 if the map does not have the key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.VALUE_COUNT.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    # -------------------------------------------------------------------------------- the whole map

    @operation
    async def put_all(self, multimap: Mapping[KeyType, Iterable[ValueType]]) -> None:
        """Add values of many keys, in one request for each partition, sent concurrently.

        Args:
            multimap: Keys, with the values to add. Each request succeeds or fails on its own: if one fails,
                others may have been carried out.
        """
        entries: dict[int, list[tuple[bytes, list[bytes]]]] = {}
        for key, values in entries_of(multimap, "a multimap"):
            check_not_none(key, NO_KEY)
            key_data = self._encode(key)
            entry = key_data, list(map(self._encode_value, list_of(values, "the values of a key")))
            entries.setdefault(self._partition_id(key_data), []).append(entry)
        await self._context.runtime.gather(
            self._invoke(codec.PUT_ALL.encode(self.name, batch), partition_id=partition_id)
            for partition_id, batch in entries.items()
        )

    def _encode_value(self, value: ValueType) -> bytes:
        check_not_none(value, NO_VALUE)
        return self._encode(value)

    @operation
    async def contains_value(self, value: ValueType) -> bool:
        """Return whether any key has a given value.

        Args:
            value: The value.

        Returns:
            True if a key has the value.
        """
        request = codec.CONTAINS_VALUE.encode(self.name, self._encode_value(value))
        return await self._invoke(request)

    @operation
    async def size(self) -> int:
        """Return the number of values of all keys."""
        return await self._invoke(codec.SIZE.encode(self.name))

    @operation
    async def clear(self) -> None:
        """Remove all keys and values."""
        await self._invoke(codec.CLEAR.encode(self.name))

    @operation
    async def key_set(self) -> list[KeyType]:
        """Return a snapshot of all keys."""
        return await self._invoke(codec.KEY_SET.encode(self.name), self._items)

    @operation
    async def values(self) -> list[ValueType]:
        """Return a snapshot of all values of all keys."""
        return await self._invoke(codec.VALUES.encode(self.name), self._items)

    @operation
    async def entry_set(self) -> list[tuple[KeyType, ValueType]]:
        """Return a snapshot of all pairs of a key and one of its values."""
        return await self._invoke(codec.ENTRY_SET.encode(self.name), self._entries)

    # ------------------------------------------------------------------------------------ listeners

    @operation
    async def add_entry_listener(
        self,
        include_value: bool = False,
        key: KeyType | None = None,
        added_func: EntryEventCallable[KeyType, ValueType] | None = None,
        removed_func: EntryEventCallable[KeyType, ValueType] | None = None,
        clear_all_func: EntryEventCallable[KeyType, ValueType] | None = None,
    ) -> str:
        """Add functions that are called when values are added or removed.

        The functions, which may be coroutine functions, never block the network. Those of one listener are
        called one after another, in the order of the events.

        Args:
            include_value: True if events carry values.
            key: Restricts the listener to one key.
            added_func: Called when a value is added.
            removed_func: Called when a value is removed.
            clear_all_func: Called when all keys are removed.

        Returns:
            The registration id, for `remove_entry_listener`.
        """
        functions = {
            EntryEventType.ADDED: added_func,
            EntryEventType.REMOVED: removed_func,
            EntryEventType.CLEAR_ALL: clear_all_func,
        }
        local = self._context.invocations.router.all_members
        request: Any
        if key is not None:
            request = codec.ADD_ENTRY_LISTENER_TO_KEY.encode(
                self.name, self._encode(key), include_value, local
            )
        else:
            request = codec.ADD_ENTRY_LISTENER.encode(self.name, include_value, local)

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


class AsyncMultiMap(MultiMapOperations[KeyType, ValueType], AsyncioFace):
    """A distributed multimap whose operations are coroutine methods."""


class MultiMap(Proxy["BlockingMultiMap[KeyType, ValueType]"], MultiMapOperations[KeyType, ValueType]):
    """A distributed multimap whose operations return a `Future`."""


class BlockingMultiMap(BlockingFace, MultiMap[KeyType, ValueType]):
    """A distributed multimap whose operations block until they are done."""
