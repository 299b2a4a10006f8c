"""Near caches, which keep values of a map in the client, so that reading them again costs no call."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hzclient._locks import new_lock
from hzclient._runtime.fork import renew
from hzclient._speed import hot
from hzclient.config import EvictionPolicy, InMemoryFormat, NearCacheConfig
from hzclient.config.patterns import find_by_name
from hzclient.serialization._service import SerializationService

__all__ = (
    "NOT_CACHED",
    "DataRecord",
    "EvictionPolicy",
    "InMemoryFormat",
    "NearCache",
    "NearCacheManager",
    "Reservation",
)

T = TypeVar("T")

_NEVER: Final = float("inf")
NOT_CACHED: Final[Any] = object()
_NO_PARTITION: Final = -1
_NOWHERE: Final = -1
_OVERHEAD: Final = 400 if hot is None else 280
"""Bytes of an entry beside key and value: record, times (objects, unless compiled), places in indexes."""

_RANKS: Final[dict[int, Callable[[DataRecord], float]]] = {
    EvictionPolicy.LRU: attrgetter("last_access_time"),
    EvictionPolicy.LFU: attrgetter("access_hit"),
    EvictionPolicy.RANDOM: lambda _: random.random(),
}
"""Value of a record by policy; the least valuable is evicted first."""


class _CacheRecord:
    """The part of a record that a hit reads and writes."""

    __slots__ = ("access_hit", "expiration_time", "last_access_time", "value")

    access_hit: int
    expiration_time: float
    last_access_time: float
    value: Any


class _NearCacheState:
    """The part of a near cache that a hit reads and writes."""

    _lock: AbstractContextManager[object]
    _records: dict[bytes, Any]
    _clock: Callable[[], float]
    _idle_limit: float
    _hits: int

    def _hit(self, key: bytes, default: T) -> Any | T:
        """Return the value of a record that may be served, and note that it was read."""
        with self._lock:
            record = self._records.get(key)
            if record is None:
                return default
            now = self._clock()
            if now >= record.expiration_time or now - record.last_access_time >= self._idle_limit:
                return default
            record.last_access_time = now
            record.access_hit += 1
            self._hits += 1
            return record.value


if not TYPE_CHECKING and hot is not None:
    _CacheRecord = hot.CacheRecord
    _NearCacheState = hot.NearCacheState


class DataRecord(_CacheRecord):
    """A cached value. Times are seconds of the near cache's monotonic clock.

    Args:
        key: The serialized key.
        value: The value, in the near cache's format.
        create_time: The current time.
        ttl_seconds: Seconds until it expires; infinite for never.

    Attributes:
        key: The serialized key.
        value: The value, in the near cache's format; None if the map does not have the key.
        create_time: Time of storing.
        expiration_time: Time of expiry; infinite for never.
        last_access_time: Time of the last read, or of storing.
        access_hit: Number of reads.
        partition_id: The partition of the key; -1 if unknown.
        cost: Estimated memory in bytes.
        position: Index in the near cache's list of records; -1 once it has been removed.
    """

    __slots__ = ("cost", "create_time", "key", "partition_id", "position")

    def __init__(self, key: bytes, value: Any, create_time: float, ttl_seconds: float = _NEVER) -> None:
        self.key = key
        self.value = value
        self.create_time = create_time
        self.expiration_time = create_time + ttl_seconds
        self.last_access_time = create_time
        self.access_hit = 0
        self.partition_id = _NO_PARTITION
        self.cost = 0
        self.position = 0

    def is_expired(self, max_idle_seconds: float | None, now: float | None = None) -> bool:
        """Return whether the record has expired, or has not been read for too long.

        Args:
            max_idle_seconds: Maximum time without a read; None and 0 for unlimited.
            now: The current time of the near cache's clock; by default that of `time.monotonic`.

        Returns:
            True if it must not be served any more.
        """
        now = time.monotonic() if now is None else now
        return now >= self.expiration_time or now - self.last_access_time >= (max_idle_seconds or _NEVER)

    def __repr__(self) -> str:
        return (
            f"DataRecord(key={self.key!r}, value={self.value!r}, create_time={self.create_time}, "
            f"expiration_time={self.expiration_time}, last_access_time={self.last_access_time}, "
            f"access_hit={self.access_hit})"
        )


class Reservation:
    """Permission to store a value that is being read from the cluster. An invalidation of the key voids it.

    Concurrent reads of one key share a reservation.

    Args:
        key: The serialized key.
        partition_id: The partition of the key.

    Attributes:
        key: The serialized key.
        partition_id: The partition of the key.
        readers: Number of reads that share it.
    """

    __slots__ = ("key", "partition_id", "readers")

    def __init__(self, key: bytes, partition_id: int) -> None:
        self.key = key
        self.partition_id = partition_id
        self.readers = 0


class NearCache(_NearCacheState, MutableMapping[bytes, Any]):
    """Values by serialized key. All methods are safe to call from any thread.

    Theory of reservations. A read that misses asks the cluster and stores the response, which is a race: the
    member may read the old value, another client may change it, and the invalidation may arrive *before* the
    response with the old value does. Storing that value would leave it stale for good, since no further
    invalidation is due. Therefore a miss calls `reserve()` before the request is sent and `fill()` with the
    response. An invalidation removes the cached value and also the key's reservation, and `fill()` stores
    only if its reservation is still the current one. The order of events decides:

    * reserve, invalidate, fill: the value may be old and is not stored. The next read asks again.
    * invalidate, reserve, fill: the member sent the invalidation after the change, so the request, which is
      sent later, reads the new value. It is stored.

    Reads of one key that overlap share a reservation; the first response is stored and removes it, and the
    others store nothing. If all of them fail, the last `release()` removes it. `NearCacheRepair` handles
    invalidations that never arrive.

    Args:
        name: Name of the map.
        serialization_service: Serializes values, if they are kept in serialized form.
        config: The options of the near cache.
        clock: Returns the current time in seconds.

    Attributes:
        name: Name of the map.
        serialization_service: Serializes values, if they are kept in serialized form.
        in_memory_format: Format of the cached values, one of `InMemoryFormat`.
        time_to_live: Maximum age of an entry in seconds; None and 0 for unlimited.
        max_idle: Maximum time in seconds without a read of an entry; None and 0 for unlimited.
        invalidate_on_change: True if members report changes.
        eviction_policy: Selects the entry to evict if the near cache is full, one of `EvictionPolicy`.
        eviction_max_size: Maximum number of entries.
        eviction_sampling_count: Number of entries that are examined to select one for eviction.
        eviction_sampling_pool_size: Number of candidates that are kept from one eviction to the next.
    """

    def __init__(
        self,
        name: str,
        serialization_service: SerializationService,
        config: NearCacheConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        config = config or NearCacheConfig()
        self.name = name
        self.serialization_service = serialization_service
        self.in_memory_format = config.in_memory_format
        self.time_to_live = config.time_to_live
        self.max_idle = config.max_idle
        self.invalidate_on_change = config.invalidate_on_change
        self.eviction_policy = config.eviction_policy
        self.eviction_max_size = config.eviction_max_size
        self.eviction_sampling_count = min(config.eviction_sampling_count, self.eviction_max_size)
        self.eviction_sampling_pool_size = min(config.eviction_sampling_pool_size, self.eviction_max_size)
        self._binary = config.in_memory_format == InMemoryFormat.BINARY
        self._ttl = self.time_to_live or _NEVER
        self._idle_limit = self.max_idle or _NEVER
        self._may_expire = min(self._ttl, self._idle_limit) < _NEVER
        self._rank = _RANKS.get(self.eviction_policy)
        self._clock = clock
        self._encode, self._decode = serialization_service.encode_optional, serialization_service.decode
        self._lock = new_lock()
        self._closed = False
        self._busy = self._spoiled = False
        self._records: dict[bytes, DataRecord] = {}
        self._listed: list[DataRecord] = []  # the same records, to draw samples from
        self._keys_of_partition: dict[int, set[bytes]] = {}
        self._reservations: dict[bytes, Reservation] = {}
        self._pool: list[DataRecord] = []
        self._created = time.time()
        self._cost = 0
        self._hits = self._misses = self._evictions = self._expirations = 0
        self._invalidations = self._invalidation_requests = 0

    # ------------------------------------------------------------------------------------ reading

    def get(self, key: bytes, default: T = None) -> Any | T:  # type: ignore[assignment]
        """Return a cached value, and count a hit or a miss.

        Args:
            key: The serialized key.
            default: Returned if nothing is cached for the key.

        Returns:
            The value; None if the near cache knows that the map does not have the key.
        """
        value = self._hit(key, NOT_CACHED)
        if value is NOT_CACHED:
            self._miss(key)
            return default
        return self._decode(value) if self._binary else value

    def _miss(self, key: bytes) -> None:
        """Count a miss, and remove the record if it has expired."""
        self._misses += 1
        if key in self._records:
            self._change(self._expire, key)

    def _expire(self, key: bytes) -> None:
        record = self._records.get(key)
        if record is not None and record.is_expired(self._idle_limit, self._clock()):
            self._remove(record)
            self._expirations += 1

    def _change(self, work: Callable[..., T], *args: Any) -> T | None:
        """Change the tables under the lock.

        A signal handler or finalizer may interrupt this thread in the midst of a change, when the tables do
        not agree. What it wants to change then is not done; instead the cache is emptied after the change
        that was interrupted, and reads in progress are voided.

        Args:
            work: Changes the tables.
            *args: Its arguments.

        Returns:
            What `work` returns; None if it was not called.
        """
        with self._lock:
            if self._busy:
                self._spoiled = True
                return None
            try:
                self._busy = True
                return work(*args)
            finally:
                self._busy = False
                if self._spoiled:
                    self._spoiled = False
                    self._clear()

    def has_value(self, key: bytes) -> bool | None:
        """Return whether the map has a key, and count a hit or a miss.

        Args:
            key: The serialized key.

        Returns:
            None if nothing is cached for the key.
        """
        value = self.get(key, _NEVER)
        return None if value is _NEVER else value is not None

    def __getitem__(self, key: bytes) -> Any:
        value = self.get(key, _NEVER)
        if value is _NEVER:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        with self._lock:
            record = self._records.get(key)  # type: ignore[call-overload]
            return record is not None and not record.is_expired(self._idle_limit, self._clock())

    def __iter__(self) -> Iterator[bytes]:
        with self._lock:
            return iter(list(self._records))

    def __len__(self) -> int:
        return len(self._records)

    # ------------------------------------------------------------------------------------ storing

    def reserve(self, key: bytes, partition_id: int = _NO_PARTITION) -> Reservation | None:
        """Announce that a value is about to be read from the cluster.

        Call it before the request is sent, and `fill` or `release` afterwards.

        Args:
            key: The serialized key.
            partition_id: Its partition, for `invalidate_partition`.

        Returns:
            The reservation; None if the near cache is closed and keeps nothing.
        """
        return self._change(self._reserve, key, partition_id)

    def _reserve(self, key: bytes, partition_id: int) -> Reservation | None:
        if self._closed:
            return None
        reservation = self._reservations.get(key)
        if reservation is None:
            self._reservations[key] = reservation = Reservation(key, partition_id)
        reservation.readers += 1
        return reservation

    def fill(self, reservation: Reservation | None, data: bytes | None, value: Any) -> bool:
        """Store a value that has been read, unless the key was invalidated in the meantime.

        Args:
            reservation: What `reserve` returned.
            data: The serialized value; None if the map does not have the key.
            value: The value.

        Returns:
            True if the value was stored.
        """
        if reservation is None:
            return False
        return bool(self._change(self._fill, reservation, data, value))

    def _fill(self, reservation: Reservation, data: bytes | None, value: Any) -> bool:
        if self._reservations.get(reservation.key) is not reservation:
            return False
        del self._reservations[reservation.key]
        return self._store(reservation.key, reservation.partition_id, data, value)

    def release(self, reservation: Reservation | None) -> None:
        """Give a reservation back after a read that failed.

        Args:
            reservation: What `reserve` returned.
        """
        if reservation is None:
            return
        self._change(self._release, reservation)

    def _release(self, reservation: Reservation) -> None:
        reservation.readers -= 1
        if not reservation.readers and self._reservations.get(reservation.key) is reservation:
            del self._reservations[reservation.key]

    def __setitem__(self, key: bytes, value: Any) -> None:
        self._change(self._set, key, self._encode(value), value)

    def _set(self, key: bytes, data: bytes | None, value: Any) -> None:
        self._reservations.pop(key, None)
        self._store(key, _NO_PARTITION, data, value)

    def _store(self, key: bytes, partition_id: int, data: bytes | None, value: Any) -> bool:
        try:
            return self._store_whole(key, partition_id, data, value)
        except BaseException:  # an interrupt: the tables may no longer agree, and a cache may be empty
            self._clear()
            raise

    def _store_whole(self, key: bytes, partition_id: int, data: bytes | None, value: Any) -> bool:
        before = self._records.get(key)
        if before is not None:
            self._remove(before)
        now = self._clock()
        if len(self._records) >= self.eviction_max_size and not self._make_room(now):
            return False
        record = DataRecord(key, data if self._binary else value, now, self._ttl)
        record.partition_id = partition_id
        record.cost = _OVERHEAD + sys.getsizeof(key)
        # Measuring an object would mean walking it; its serialized form gives the order of magnitude.
        record.cost += sys.getsizeof(data) if self._binary else max(sys.getsizeof(value), len(data or b""))
        record.position = len(self._listed)
        self._cost += record.cost
        self._records[key] = record
        self._listed.append(record)
        if partition_id != _NO_PARTITION:
            self._keys_of_partition.setdefault(partition_id, set()).add(key)
        return True

    # ------------------------------------------------------------------------------------ removing

    def invalidate(self, key: bytes) -> None:
        """Drop the value of a key, and void reads of it that are in progress.

        Args:
            key: The serialized key.
        """
        self._change(self._invalidate, key)

    def _invalidate(self, key: bytes) -> None:
        self._invalidation_requests += 1
        self._reservations.pop(key, None)
        record = self._records.get(key)
        if record is not None:
            self._invalidations += 1
            self._remove(record)

    def invalidate_all(self) -> None:
        """Drop all values, and void all reads in progress."""
        self._change(self._invalidate_all)

    def _invalidate_all(self) -> None:
        self._invalidation_requests += 1
        self._invalidations += len(self._records)
        self._clear()

    def invalidate_partition(self, partition_id: int) -> None:
        """Drop all values of a partition, and void reads of them that are in progress.

        Args:
            partition_id: The partition.
        """
        self._change(self._invalidate_partition, partition_id)

    def _invalidate_partition(self, partition_id: int) -> None:
        for key in [k for k, each in self._reservations.items() if each.partition_id == partition_id]:
            del self._reservations[key]
        for key in self._keys_of_partition.pop(partition_id, ()):
            self._invalidations += 1
            self._remove(self._records[key])

    def __delitem__(self, key: bytes) -> None:
        self._change(self._delete, key)

    def _delete(self, key: bytes) -> None:
        self._reservations.pop(key, None)
        self._remove(self._records[key])

    def clear(self) -> None:
        """Drop all values and void all reads in progress, without counting invalidations."""
        self._change(self._clear)

    def forget_in_child(self) -> None:
        """Close the near cache in a child process, in which the lock may appear to be held."""
        renew(self._lock)
        self._busy = self._spoiled = False
        self.close()

    def close(self) -> None:
        """Drop all values, and keep none from now on, because the map is destroyed."""
        self._closed = True
        self._change(self._clear)

    def _clear(self) -> None:
        self._records.clear()
        self._listed.clear()
        self._keys_of_partition.clear()
        self._reservations.clear()
        self._pool.clear()
        self._cost = 0

    def _remove(self, record: DataRecord) -> None:
        try:
            self._remove_whole(record)
        except BaseException:  # as in `_store()`
            self._clear()
            raise

    def _remove_whole(self, record: DataRecord) -> None:
        del self._records[record.key]
        last = self._listed.pop()
        if last is not record:
            self._listed[record.position] = last
            last.position = record.position
        record.position = _NOWHERE
        keys = self._keys_of_partition.get(record.partition_id)
        if keys is not None:
            keys.discard(record.key)
        self._cost -= record.cost

    def _make_room(self, now: float) -> bool:
        """Remove what has expired in a sample of entries; if nothing has, evict the least valuable entry.

        The cost is independent of the number of entries.

        Args:
            now: The current time of the clock.

        Returns:
            False if the eviction policy does not allow to evict anything.
        """
        listed, count, chance = self._listed, len(self._listed), random.random
        drawn = [listed[int(chance() * count)] for _ in range(self.eviction_sampling_count)]
        pooled = [record for record in self._pool if record.position != _NOWHERE]
        sample = dict.fromkeys(
            pooled + drawn
        )  # the pool is sorted already, which makes sorting the sample cheaper
        if self._may_expire:
            expired = [record for record in sample if record.is_expired(self._idle_limit, now)]
            for record in expired:
                self._remove(record)
            self._expirations += len(expired)
            if expired:
                return True
        if self._rank is None:
            return False
        worst, *others = sorted(sample, key=self._rank)
        self._pool = others[: self.eviction_sampling_pool_size]
        self._remove(worst)
        self._evictions += 1
        return True

    # ------------------------------------------------------------------------------------ statistics

    def get_statistics(self) -> dict[str, float]:
        """Return statistics since the near cache was created.

        Returns:
            `creation_time` (seconds since 1970), `hits`, `misses`, `evictions`, `expirations`,
            `invalidations` (number of dropped entries), `invalidation_requests`, `owned_entry_count`, and
            `owned_entry_memory_cost`, the memory in bytes that entries take including bookkeeping. For values
            that are kept as objects, it is estimated from their serialized form.
        """
        with self._lock:
            return {
                "creation_time": self._created,
                "evictions": self._evictions,
                "expirations": self._expirations,
                "misses": self._misses,
                "hits": self._hits,
                "invalidations": self._invalidations,
                "invalidation_requests": self._invalidation_requests,
                "owned_entry_count": len(self._records),
                "owned_entry_memory_cost": self._cost,
            }

    def __repr__(self) -> str:
        return f"NearCache(name={self.name!r}, entries={len(self)})"

    # MutableMapping compares entries; near caches are equal only if they are the same object.

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class NearCacheManager:
    """All near caches of a client.

    Args:
        configs: Options by name of a map, or by pattern.
        serialization_service: Serializes values.
    """

    def __init__(
        self, configs: Mapping[str, NearCacheConfig], serialization_service: SerializationService
    ) -> None:
        self._configs = configs
        self._serialization_service = serialization_service
        self._caches: dict[str, NearCache] = {}

    def config_of(self, name: str) -> NearCacheConfig | None:
        """Return the options of a map's near cache.

        Args:
            name: Name of the map.

        Returns:
            The options; None if the map has no near cache.

        Raises:
            InvalidConfigurationError: Several patterns match the name equally well.
        """
        return find_by_name(self._configs, name)

    def get_or_create_near_cache(self, name: str) -> NearCache:
        """Return the near cache of a map, with default options if none are configured.

        Args:
            name: Name of the map.

        Returns:
            The near cache.
        """
        cache = self._caches.get(name)
        if cache is None:
            made = NearCache(name, self._serialization_service, self.config_of(name))
            cache = self._caches.setdefault(name, made)
        return cache

    def clear_near_caches(self) -> None:
        """Drop all values of all near caches."""
        for cache in self.list_near_caches():
            cache.clear()

    def forget_in_child(self) -> None:
        """Drop all values in a child process, which receives no invalidations."""
        for cache in self.list_near_caches():
            cache.forget_in_child()

    def destroy_near_cache(self, name: str) -> None:
        """Close the near cache of a map and forget it.

        Args:
            name: Name of the map.
        """
        cache = self._caches.pop(name, None)
        if cache is not None:
            cache.close()

    def destroy_near_caches(self) -> None:
        """Close all near caches and forget them."""
        for name in list(self._caches):
            self.destroy_near_cache(name)

    def list_near_caches(self) -> list[NearCache]:
        """Return all near caches."""
        return list(self._caches.values())
