"""Operations of the map on many entries, and on the map as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from hzclient._codec import map as codec
from hzclient._runtime.faces import operation
from hzclient.predicate import Predicate
from hzclient.proxy._arguments import entries_of, list_of
from hzclient.proxy._map_changes import ChangingOperations
from hzclient.proxy._map_entries import NO_KEY, NO_VALUE
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

BATCH_BYTES: Final = 1 << 20
"""Maximum bytes of keys and values per request, unless a single entry is larger."""

BATCH_ITEMS: Final = 1000
"""Maximum number of keys or entries per request, which also bounds the response."""

T = TypeVar("T", bytes, tuple[bytes, bytes])


def batches(items: list[T]) -> Iterator[list[T]]:
    """Divide keys or entries into batches for one request each.

    Args:
        items: Serialized keys, or pairs of serialized key and value.

    Yields:
        Batches of at most `BATCH_ITEMS` items and `BATCH_BYTES` bytes, or of a single larger item.
    """
    if 0 < len(items) <= BATCH_ITEMS and sum(map(_size, items)) <= BATCH_BYTES:
        yield items  # nearly always: the keys of one partition
        return
    batch: list[T] = []
    filled = 0
    for item in items:
        size = _size(item)
        if batch and (filled + size > BATCH_BYTES or len(batch) == BATCH_ITEMS):
            yield batch
            batch, filled = [], 0
        batch.append(item)
        filled += size
    if batch:
        yield batch


def _size(item: bytes | tuple[bytes, bytes]) -> int:
    return len(item) if isinstance(item, bytes) else len(item[0]) + len(item[1])


class BulkOperations(ChangingOperations, Generic[KeyType, ValueType]):
    """Reads and writes of many entries, in requests of bounded size."""

    @operation
    async def put_all(self, map: Mapping[KeyType, ValueType]) -> None:
        """Store many entries, in requests of bounded size that are sent concurrently.

        Args:
            map: Keys and values. Each request succeeds or fails on its own: if one fails, others may have
                been carried out.
        """
        key_datas: list[bytes] = []
        grouped: dict[int, list[tuple[bytes, bytes]]] = {}
        for key, value in entries_of(map, "a map"):
            if key is None or value is None:
                check_not_none(key, NO_KEY)
                check_not_none(value, NO_VALUE)
            key_data = self._encode(key)
            key_datas.append(key_data)
            grouped.setdefault(self._partition_id(key_data), []).append((key_data, self._encode(value)))
        calls = (
            self._invoke(codec.PUT_ALL.encode(self.name, batch, False), partition_id=partition_id)
            for partition_id, entries in grouped.items()
            for batch in batches(entries)
        )
        await self._changing(key_datas, self._context.runtime.gather(calls))

    @operation
    async def get_all(self, keys: Sequence[KeyType]) -> dict[KeyType, ValueType]:
        """Return the entries of many keys, in requests of bounded size that are sent concurrently.

        Args:
            keys: The keys.

        Returns:
            Those of the keys that the map has, with their values.

        Raises:
            UnreadableItemError: A key or value cannot be deserialized.
        """
        grouped: dict[int, list[bytes]] = {}
        for key_data in self._encoded_keys(list_of(keys, "keys")):
            grouped.setdefault(self._partition_id(key_data), []).append(key_data)
        results = await self._context.runtime.gather(
            self._invoke(codec.GET_ALL.encode(self.name, batch), self._entries, partition_id=partition_id)
            for partition_id, key_datas in grouped.items()
            for batch in batches(key_datas)
        )
        return {key: value for entries in results for key, value in entries}

    @operation
    async def remove_all(self, predicate: Predicate) -> None:
        """Remove all entries that match a predicate.

        Args:
            predicate: The predicate; `hzclient.predicate.true()` matches all entries.
        """
        check_not_none(predicate, "a predicate must not be None")
        request = codec.REMOVE_ALL.encode(self.name, self._encode(predicate))
        await self._changing(None, self._invoke(request))

    @operation
    async def load_all(
        self, keys: Sequence[KeyType] | None = None, replace_existing_values: bool = True
    ) -> None:
        """Let the map's loader load entries. Loading continues after the call has returned.

        Args:
            keys: The keys to load; None for all keys that the loader knows.
            replace_existing_values: Whether to load keys that the map has already.
        """
        if keys is None:
            request = codec.LOAD_ALL.encode(self.name, replace_existing_values)
            await self._changing(None, self._invoke(request))
            return
        key_datas = self._encoded_keys(list_of(keys, "keys"))
        calls = (
            self._invoke(codec.LOAD_GIVEN_KEYS.encode(self.name, batch, replace_existing_values))
            for batch in batches(key_datas)
        )
        await self._changing(key_datas, self._context.runtime.gather(calls))

    @operation
    async def size(self) -> int:
        """Return the number of entries."""
        return await self._invoke(codec.SIZE.encode(self.name))

    @operation
    async def is_empty(self) -> bool:
        """Return whether the map has no entries."""
        return await self._invoke(codec.IS_EMPTY.encode(self.name))

    @operation
    async def contains_value(self, value: ValueType) -> bool:
        """Return whether any entry has a value. Every member searches all its entries.

        Args:
            value: The value. Values are compared by their serialized form, or as objects if the members store
                objects.

        Returns:
            True if an entry has the value.
        """
        check_not_none(value, NO_VALUE)
        return await self._invoke(codec.CONTAINS_VALUE.encode(self.name, self._encode(value)))

    @operation
    async def clear(self) -> None:
        """Remove all entries, also from a map store."""
        await self._changing(None, self._invoke(codec.CLEAR.encode(self.name)))

    @operation
    async def evict_all(self) -> None:
        """Remove all entries that are not locked from memory, but not from a map store."""
        await self._changing(None, self._invoke(codec.EVICT_ALL.encode(self.name)))

    @operation
    async def flush(self) -> None:
        """Let the map store write all pending changes now."""
        await self._invoke(codec.FLUSH.encode(self.name))

    def _encoded_keys(self, keys: Iterable[KeyType]) -> list[bytes]:
        encoded: list[bytes] = []
        for key in keys:
            if key is None:
                check_not_none(key, NO_KEY)
            encoded.append(self._encode(key))
        return encoded
