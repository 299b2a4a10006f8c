"""Operations of the map on many entries, and on the map as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from hzclient._codec import map as codec
from hzclient._runtime.faces import operation
from hzclient.predicate import Predicate
from hzclient.proxy._map_changes import ChangingOperations
from hzclient.proxy._map_entries import NO_KEY, NO_VALUE
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

BATCH_BYTES: Final = 1 << 20
"""How many bytes of keys and values a request holds at most, unless one entry alone has more."""

BATCH_ITEMS: Final = 1000
"""How many keys or entries a request holds at most: what a member answers is bounded by it too."""

T = TypeVar("T", bytes, tuple[bytes, bytes])


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Cuts keys or entries into pieces for one request each.

    Args:
        items: Serialized keys, or pairs of serialized key and value.
    """
    batch: list[T] = []
    filled = 0
    for item in items:
        size = len(item) if isinstance(item, bytes) else len(item[0]) + len(item[1])
        if batch and (filled + size > BATCH_BYTES or len(batch) == BATCH_ITEMS):
            yield batch
            batch, filled = [], 0
        batch.append(item)
        filled += size
    if batch:
        yield batch


class BulkOperations(ChangingOperations, Generic[KeyType, ValueType]):
    """Reads and writes of many entries, sent in pieces of bounded size."""

    @operation
    async def put_all(self, map: Mapping[KeyType, ValueType]) -> None:
        """Stores many entries, in requests of bounded size to each partition, all at the same time.

        Args:
            map: Keys and values. What one request holds is stored or not on its own: where one
                fails, the others may have been carried out.
        """
        check_not_none(map, "a map must not be None")
        key_datas: list[bytes] = []
        grouped: dict[int, list[tuple[bytes, bytes]]] = {}
        for key, value in map.items():
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
        """Returns the entries of many keys, by requests of bounded size, all at the same time.

        Args:
            keys: The keys.

        Returns:
            The keys that the map has, with their values.
        """
        check_not_none(keys, "keys must not be None")
        grouped: dict[int, list[bytes]] = {}
        for key_data in self._encoded_keys(keys):
            grouped.setdefault(self._partition_id(key_data), []).append(key_data)
        results = await self._context.runtime.gather(
            self._invoke(codec.GET_ALL.encode(self.name, batch), self._entries, partition_id=partition_id)
            for partition_id, key_datas in grouped.items()
            for batch in batches(key_datas)
        )
        return {key: value for entries in results for key, value in entries}

    @operation
    async def remove_all(self, predicate: Predicate) -> None:
        """Removes the entries that a predicate matches.

        Args:
            predicate: The condition; `hzclient.predicate.true()` for all entries.
        """
        check_not_none(predicate, "a predicate must not be None")
        request = codec.REMOVE_ALL.encode(self.name, self._encode(predicate))
        await self._changing(None, self._invoke(request))

    @operation
    async def load_all(
        self, keys: Sequence[KeyType] | None = None, replace_existing_values: bool = True
    ) -> None:
        """Has the map's loader load entries. Loading goes on after the call has returned.

        Args:
            keys: The keys to load; None for all that the loader knows.
            replace_existing_values: Whether keys that the map has are loaded too.
        """
        if keys is None:
            request = codec.LOAD_ALL.encode(self.name, replace_existing_values)
            await self._changing(None, self._invoke(request))
            return
        key_datas = self._encoded_keys(keys)
        calls = (
            self._invoke(codec.LOAD_GIVEN_KEYS.encode(self.name, batch, replace_existing_values))
            for batch in batches(key_datas)
        )
        await self._changing(key_datas, self._context.runtime.gather(calls))

    @operation
    async def size(self) -> int:
        """The number of entries."""
        return await self._invoke(codec.SIZE.encode(self.name))

    @operation
    async def is_empty(self) -> bool:
        """Whether there is no entry."""
        return await self._invoke(codec.IS_EMPTY.encode(self.name))

    @operation
    async def contains_value(self, value: ValueType) -> bool:
        """Whether any entry has a value. All members search all their entries.

        Args:
            value: The value; compared by its serialized form, or as objects where the members store these.
        """
        check_not_none(value, NO_VALUE)
        return await self._invoke(codec.CONTAINS_VALUE.encode(self.name, self._encode(value)))

    @operation
    async def clear(self) -> None:
        """Removes all entries, from a map store too."""
        await self._changing(None, self._invoke(codec.CLEAR.encode(self.name)))

    @operation
    async def evict_all(self) -> None:
        """Removes all entries from memory, except locked ones; a map store keeps them."""
        await self._changing(None, self._invoke(codec.EVICT_ALL.encode(self.name)))

    @operation
    async def flush(self) -> None:
        """Has the map store write at once what it has put off."""
        await self._invoke(codec.FLUSH.encode(self.name))

    def _encoded_keys(self, keys: Iterable[KeyType]) -> list[bytes]:
        encoded: list[bytes] = []
        for key in keys:
            check_not_none(key, NO_KEY)
            encoded.append(self._encode(key))
        return encoded
