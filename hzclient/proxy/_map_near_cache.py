"""The map with a near cache."""

from __future__ import annotations

import itertools
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import immediate, operation
from hzclient._services.near_cache_repair import NearCacheRepair
from hzclient.near_cache import NOT_CACHED
from hzclient.proxy._map_bulk import batches
from hzclient.proxy._map_entries import NO_KEY
from hzclient.proxy.base import ProxyContext
from hzclient.proxy.map import AsyncMap
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

T = TypeVar("T")


class NearCachedMap(AsyncMap[KeyType, ValueType]):
    """A distributed map that keeps values near the client once they have been read.

    Reading a cached key makes no call. Theory of its writes, in two steps around each call:

    1. *Before* the request is sent, the keys that it may change are invalidated. From then on the member may
       have carried out the change, so this client must not serve the old value any more.
    2. *After* the call has ended, however it ended, the keys are invalidated again. A read that started in
       between may have been served by the member before the change, and would otherwise keep the old value
       until the member's own invalidation event arrives, or for good if members do not send any.

    Reads in flight need no further care: an invalidation voids their reservations (see `NearCache`). What
    changes entries without passing through this map, such as transactions, SQL, other clients, and expiry, is
    reported by the members (see `NearCacheRepair`).
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._near_cache = context.near_caches.get_or_create_near_cache(name)
        self._repair: NearCacheRepair | None = None

    async def on_created(self) -> None:
        """Subscribe to the members' invalidations."""
        await super().on_created()
        config = self._context.near_caches.config_of(self.name)
        if config is None or not config.invalidate_on_change:
            return
        context = self._context
        self._repair = NearCacheRepair(
            self.name,
            self._near_cache,
            runtime=context.runtime,
            invocations=context.invocations,
            listeners=context.listeners,
            members=context.members,
            partition_id=context.partitions.partition_id,
            name_data=self._encode(self.name),
            interval=config.reconciliation_interval,
            max_tolerated_misses=config.max_tolerated_misses,
        )
        await self._repair.start(local_only=context.invocations.router.all_members)

    async def on_destroyed(self) -> None:
        """Drop all values and unsubscribe."""
        self._near_cache.close()
        self._context.near_caches.destroy_near_cache(self.name)
        if self._repair is not None:
            self._repair.stop()
        await super().on_destroyed()

    @immediate
    def near_cache_statistics(self) -> dict[str, float] | None:
        """Return statistics of the near cache, as `NearCache.get_statistics` does."""
        return self._near_cache.get_statistics()

    # ----------------------------------------------------------------------------------------- reading

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Return the value of a key, from the near cache if possible."""
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        cache = self._near_cache
        value: ValueType | None = cache.get(key_data, NOT_CACHED)
        if value is not NOT_CACHED:
            return value
        partition_id = self._partition_id(key_data)
        request = codec.GET.encode(self.name, key_data, self._caller_number())
        reservation = cache.reserve(key_data, partition_id)
        try:
            data, value = await self._invoke(request, self._with_data, partition_id=partition_id)
        except BaseException:
            cache.release(reservation)
            raise
        cache.fill(reservation, data, value)
        return value

    def _with_data(self, data: bytes | None) -> tuple[bytes | None, Any]:
        return data, self._decode(data)

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Return whether the map has a key, from the near cache if possible."""
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        known = self._near_cache.has_value(key_data)
        return await self._contains_key(key_data) if known is None else known

    @operation
    async def get_all(self, keys: Sequence[KeyType]) -> dict[KeyType, ValueType]:
        """Return the entries of many keys, fetching only those that are not cached."""
        check_not_none(keys, "keys must not be None")
        cache = self._near_cache
        found: dict[KeyType, ValueType] = {}
        missing: dict[bytes, int] = {}
        for key in keys:
            check_not_none(key, NO_KEY)
            key_data = self._encode(key)
            if key_data in missing:
                continue
            value = cache.get(key_data, NOT_CACHED)
            if value is NOT_CACHED:
                missing[key_data] = self._partition_id(key_data)
            elif value is not None:
                found[key] = value
        if missing:
            found.update(await self._read_through(missing))
        return found

    async def _read_through(self, partitions: dict[bytes, int]) -> Iterable[tuple[Any, Any]]:
        """Fetch entries from the cluster, and cache as many of them as there is room for.

        Args:
            partitions: Serialized keys, with their partitions.

        Returns:
            Keys and values of the entries that the map has.
        """
        cache = self._near_cache
        grouped: dict[int, list[bytes]] = {}
        for key_data, partition_id in partitions.items():
            grouped.setdefault(partition_id, []).append(key_data)
        # Storing more than fits would only evict what has just been stored.
        kept = itertools.islice(partitions.items(), cache.eviction_max_size)
        reserved = {key_data: cache.reserve(key_data, id_) for key_data, id_ in kept}
        try:
            responses = await self._context.runtime.gather(
                self._invoke(codec.GET_ALL.encode(self.name, batch), self._with_datas, partition_id=id_)
                for id_, key_datas in grouped.items()
                for batch in batches(key_datas)
            )
            for key_data, data, _, value in (entry for response in responses for entry in response):
                cache.fill(reserved.pop(key_data, None), data, value)
        finally:
            for reservation in reserved.values():
                cache.release(reservation)
        return ((key, value) for response in responses for _, _, key, value in response)

    def _with_datas(self, entries: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes, Any, Any]]:
        decoded = self._entries(entries)
        return [(*data, *entry) for data, entry in zip(entries, decoded, strict=True)]

    # ----------------------------------------------------------------------------------------- writing

    def _change(self, key_data: bytes, request: Request[Any], result: Any = None) -> Coroutine[Any, Any, Any]:
        return self._changing((key_data,), super()._change(key_data, request, result))

    async def _changing(self, key_datas: Iterable[bytes] | None, call: Coroutine[Any, Any, T]) -> T:
        self._invalidate(key_datas)
        try:
            return await call
        finally:
            self._invalidate(key_datas)

    def _invalidate(self, key_datas: Iterable[bytes] | None) -> None:
        if key_datas is None:
            self._near_cache.invalidate_all()
        else:
            for key_data in key_datas:
                self._near_cache.invalidate(key_data)

    def __repr__(self) -> str:
        return f'Map(name="{self.name}")'


def make_map(service_name: str, name: str, context: ProxyContext) -> AsyncMap[Any, Any]:
    """Return a map, with a near cache if the client's configuration has one for its name."""
    has_near_cache = context.near_caches.config_of(name) is not None
    return (NearCachedMap if has_near_cache else AsyncMap)(service_name, name, context)
