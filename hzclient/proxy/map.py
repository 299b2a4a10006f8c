"""Map: keys and values, distributed over the members by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic

from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate
from hzclient.proxy._map_bulk import BulkOperations
from hzclient.proxy._map_entries import EntryOperations
from hzclient.proxy._map_journal import JournalEvent, JournalOperations
from hzclient.proxy._map_listeners import EntryEventCallable, ListenerOperations, MapPartitionLostEvent
from hzclient.proxy._map_locks import LockOperations
from hzclient.proxy._map_processing import ProcessingOperations
from hzclient.proxy._map_queries import QueryOperations
from hzclient.proxy._map_streams import StreamOperations
from hzclient.proxy.base import Proxy
from hzclient.types import KeyType, ValueType

__all__ = (
    "AsyncMap",
    "BlockingMap",
    "EntryEventCallable",
    "JournalEvent",
    "Map",
    "MapOperations",
    "MapPartitionLostEvent",
)


class MapOperations(
    EntryOperations[KeyType, ValueType],
    ProcessingOperations[KeyType, ValueType],
    QueryOperations[KeyType, ValueType],
    StreamOperations[KeyType, ValueType],
    BulkOperations[KeyType, ValueType],
    LockOperations[KeyType, ValueType],
    ListenerOperations[KeyType, ValueType],
    JournalOperations[KeyType, ValueType],
    Generic[KeyType, ValueType],
):
    """A distributed map from keys to values.

    Keys and values are compared by their serialized form, so the number 1 as a 32-bit and as a 64-bit integer
    are two keys. Keys and values cannot be None.
    """

    @immediate
    def near_cache_statistics(self) -> dict[str, float] | None:
        """Return statistics of the map's near cache.

        Returns:
            What `hzclient.near_cache.NearCache.get_statistics` returns; None if the map has no near cache.
        """
        return None


class AsyncMap(MapOperations[KeyType, ValueType], AsyncioFace):
    """A distributed map whose operations are coroutine methods."""


class Map(Proxy["BlockingMap[KeyType, ValueType]"], MapOperations[KeyType, ValueType]):
    """A distributed map whose operations return a `Future`."""


class BlockingMap(BlockingFace, Map[KeyType, ValueType]):
    """A distributed map whose operations block until they are done.

    It supports the syntax of a dict: `m[k]`, `m[k] = v`, `del m[k]`, `k in m`, `len(m)`, and `for k in m`,
    which fetches the keys page by page. Its truth value is always True, even if it is empty.
    """

    def __getitem__(self, key: KeyType) -> ValueType:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: KeyType, value: ValueType) -> None:
        self.set(key, value)

    def __delitem__(self, key: KeyType) -> None:
        if self.remove(key) is None:
            raise KeyError(key)

    def __contains__(self, key: KeyType) -> bool:
        return self.contains_key(key)

    def __len__(self) -> int:
        return self.size()

    def __iter__(self) -> Iterator[KeyType]:
        return self.keys()

    def __bool__(self) -> bool:
        # Without this, `if m:` would call the cluster, and an empty map would look like a missing one.
        return True
