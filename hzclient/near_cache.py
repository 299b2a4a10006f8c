"""Near caches: values of a map that the client keeps, so that reading them again costs no call."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from operator import attrgetter
from typing import Any, Final, TypeVar

from hzclient._runtime.fork import renew
from hzclient.config import EvictionPolicy, InMemoryFormat, NearCacheConfig
from hzclient.config.patterns import find_by_name
from hzclient.serialization._service import SerializationService

__all__ = (
    "DataRecord",
    "EvictionPolicy",
    "InMemoryFormat",
    "NearCache",
    "NearCacheManager",
    "Reservation",
)

T = TypeVar("T")

_NEVER: Final = float("inf")
_NO_PARTITION: Final = -1
_NOWHERE: Final = -1
_OVERHEAD: Final = 400
"""Bytes that an entry takes beside key and value: its record, its times, its places in the indexes."""

_RANKS: Final[dict[int, Callable[[DataRecord], float]]] = {
    EvictionPolicy.LRU: attrgetter("last_access_time"),
    EvictionPolicy.LFU: attrgetter("access_hit"),
    EvictionPolicy.RANDOM: lambda _: random.random(),
}
"""How long a record should stay, by policy; the lowest goes first."""


class DataRecord:
    """A cached value. Times are seconds of the near cache's clock, which is monotonic.

    Attributes:
        key: The serialized key.
        value: The value in the format of the near cache; None where the map has no such key.
        create_time: When it was stored.
        expiration_time: When its time is over; infinite without a limit.
        last_access_time: When it was read last, or stored.
        access_hit: How often it was read.
        partition_id: The partition of the key; -1 where it was not told.
        cost: Bytes that it takes.
        position: Its place in the near cache's list of records; -1 where it is not there any more.
    """

    __slots__ = (
        "access_hit",
        "cost",
        "create_time",
        "expiration_time",
        "key",
        "last_access_time",
        "partition_id",
        "position",
        "value",
    )

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
        """Whether its time is over, or it was not read for too long.

        Args:
            max_idle_seconds: How long it may stay without being read; None and 0 for ever.
            now: The time by the near cache's clock; by default that of `time.monotonic`.
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
    """A place for a value that is being read from the cluster; void once the key was invalidated.

    Reads of one key at the same time share it.
    """

    __slots__ = ("key", "partition_id", "readers")

    def __init__(self, key: bytes, partition_id: int) -> None:
        self.key = key
        self.partition_id = partition_id
        self.readers = 0


class NearCache(MutableMapping[bytes, Any]):
    """Values by serialized key. May be used from any thread.

    A read that misses takes a reservation before it asks the cluster, and stores by it what it got.
    An invalidation voids the reservation, so a value that was read before the change it tells of
    is never stored after it.

    Attributes:
        name: Name of the map.
        serialization_service: Turns values into bytes and back, where they are kept as bytes.
        in_memory_format: How values are kept, one of `InMemoryFormat`.
        time_to_live: Seconds that an entry stays at most; None and 0 for ever.
        max_idle: Seconds without a read after which an entry goes; None and 0 for never.
        invalidate_on_change: Whether members tell of changes.
        eviction_policy: Which entry goes when it is full, one of `EvictionPolicy`.
        eviction_max_size: Number of entries at most.
        eviction_sampling_count: Entries that are looked at to find the one to evict.
        eviction_sampling_pool_size: Candidates that are remembered from one eviction to the next.
    """

    def __init__(
        self,
        name: str,
        serialization_service: SerializationService,
        config: NearCacheConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Makes an empty near cache.

        Args:
            name: Name of the map.
            serialization_service: Turns values into bytes and back.
            config: Its options.
            clock: Gives the time in seconds.
        """
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
        self._lock = threading.Lock()
        self._closed = False
        self._records: dict[bytes, DataRecord] = {}
        self._listed: list[DataRecord] = []  # the same records; where a sample is drawn from
        self._keys_of_partition: dict[int, set[bytes]] = {}
        self._reservations: dict[bytes, Reservation] = {}
        self._pool: list[DataRecord] = []
        self._created = time.time()
        self._cost = 0
        self._hits = self._misses = self._evictions = self._expirations = 0
        self._invalidations = self._invalidation_requests = 0

    # ------------------------------------------------------------------------------------ reading

    def get(self, key: bytes, default: T = None) -> Any | T:  # type: ignore[assignment]
        """Returns a cached value, and counts a hit or a miss.

        Args:
            key: The serialized key.
            default: What to return where nothing is cached.

        Returns:
            The value; None where it is cached that the map has no such key.
        """
        with self._lock:
            record = self._records.get(key)
            if record is None:
                self._misses += 1
                return default
            now = self._clock()
            if now >= record.expiration_time or now - record.last_access_time >= self._idle_limit:
                self._remove(record)
                self._expirations += 1
                self._misses += 1
                return default
            record.last_access_time = now
            record.access_hit += 1
            self._hits += 1
            value = record.value
        return self._decode(value) if self._binary else value

    def has_value(self, key: bytes) -> bool | None:
        """Whether the map has a key, as far as is cached; counts a hit or a miss.

        Returns:
            None where nothing is cached about it.
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
        """Announces that a value is going to be read from the cluster.

        Must be called before the request is sent, and be followed by `fill` or `release`.

        Args:
            key: The serialized key.
            partition_id: Its partition, for `invalidate_partition`.

        Returns:
            The reservation; None where the value would not be kept.
        """
        with self._lock:
            if self._closed:
                return None
            reservation = self._reservations.get(key)
            if reservation is None:
                self._reservations[key] = reservation = Reservation(key, partition_id)
            reservation.readers += 1
            return reservation

    def fill(self, reservation: Reservation | None, data: bytes | None, value: Any) -> bool:
        """Stores what has been read, unless the key was invalidated meanwhile.

        Args:
            reservation: As `reserve` gave it.
            data: The serialized value; None where the map has no such key.
            value: The value.

        Returns:
            Whether it was stored.
        """
        if reservation is None:
            return False
        with self._lock:
            if self._reservations.get(reservation.key) is not reservation:
                return False
            del self._reservations[reservation.key]
            return self._store(reservation.key, reservation.partition_id, data, value)

    def release(self, reservation: Reservation | None) -> None:
        """Gives a reservation back: the read failed."""
        if reservation is None:
            return
        with self._lock:
            reservation.readers -= 1
            if not reservation.readers and self._reservations.get(reservation.key) is reservation:
                del self._reservations[reservation.key]

    def __setitem__(self, key: bytes, value: Any) -> None:
        data = self._encode(value)
        with self._lock:
            self._reservations.pop(key, None)
            self._store(key, _NO_PARTITION, data, value)

    def _store(self, key: bytes, partition_id: int, data: bytes | None, value: Any) -> bool:
        before = self._records.get(key)
        if before is not None:
            self._remove(before)
        now = self._clock()
        if len(self._records) >= self.eviction_max_size and not self._make_room(now):
            return False
        record = DataRecord(key, data if self._binary else value, now, self._ttl)
        record.partition_id = partition_id
        record.cost = _OVERHEAD + sys.getsizeof(key)
        # What an object takes cannot be told without walking it; its serialized form gives the order.
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
        """Drops the value of a key, and voids what is being read of it."""
        with self._lock:
            self._invalidation_requests += 1
            self._reservations.pop(key, None)
            record = self._records.get(key)
            if record is not None:
                self._invalidations += 1
                self._remove(record)

    def invalidate_all(self) -> None:
        """Drops all values, and voids all that is being read."""
        with self._lock:
            self._invalidation_requests += 1
            self._invalidations += len(self._records)
            self._clear()

    def invalidate_partition(self, partition_id: int) -> None:
        """Drops the values of a partition, and voids what is being read of it."""
        with self._lock:
            for key in [k for k, each in self._reservations.items() if each.partition_id == partition_id]:
                del self._reservations[key]
            for key in self._keys_of_partition.pop(partition_id, ()):
                self._invalidations += 1
                self._remove(self._records[key])

    def __delitem__(self, key: bytes) -> None:
        with self._lock:
            self._reservations.pop(key, None)
            self._remove(self._records[key])

    def clear(self) -> None:
        """Drops all values, and voids all that is being read, without counting invalidations."""
        with self._lock:
            self._clear()

    def forget_in_child(self) -> None:
        """As `close`, in a child process, where a thread of the parent may seem to hold the lock."""
        renew(self._lock)
        self.close()

    def close(self) -> None:
        """Drops all values, and keeps none from now on: the map is destroyed."""
        with self._lock:
            self._closed = True
            self._clear()

    def _clear(self) -> None:
        self._records.clear()
        self._listed.clear()
        self._keys_of_partition.clear()
        self._reservations.clear()
        self._pool.clear()
        self._cost = 0

    def _remove(self, record: DataRecord) -> None:
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
        """Removes what has expired of a sample; if nothing has, evicts the entry that is worth least.

        Its cost does not depend on the number of entries.

        Returns:
            False where nothing may go.
        """
        listed, count, chance = self._listed, len(self._listed), random.random
        drawn = [listed[int(chance() * count)] for _ in range(self.eviction_sampling_count)]
        pooled = [record for record in self._pool if record.position != _NOWHERE]
        sample = dict.fromkeys(pooled + drawn)  # the pool is in order already, which spares sorting
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
        """What it holds and what has happened since it was made.

        Returns:
            `creation_time` (seconds since 1970), `hits`, `misses`, `evictions`, `expirations`,
            `invalidations` (entries that were dropped), `invalidation_requests`,
            `owned_entry_count`, and `owned_entry_memory_cost`: bytes that entries take with all
            that is kept about them. Of values kept as objects it is an estimate by their
            serialized form.
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

    # By identity, as two near caches are never the same for having the same entries.

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class NearCacheManager:
    """The near caches of one client."""

    def __init__(
        self, configs: Mapping[str, NearCacheConfig], serialization_service: SerializationService
    ) -> None:
        """Args:
        configs: Options by name of the map, or by pattern.
        serialization_service: Turns values into bytes and back.
        """
        self._configs = configs
        self._serialization_service = serialization_service
        self._caches: dict[str, NearCache] = {}

    def config_of(self, name: str) -> NearCacheConfig | None:
        """The options of a map's near cache; None where it is to have none.

        Raises:
            InvalidConfigurationError: More than one pattern matches the name equally well.
        """
        return find_by_name(self._configs, name)

    def get_or_create_near_cache(self, name: str) -> NearCache:
        """The near cache of a map; with default options where none are configured."""
        cache = self._caches.get(name)
        if cache is None:
            made = NearCache(name, self._serialization_service, self.config_of(name))
            cache = self._caches.setdefault(name, made)
        return cache

    def clear_near_caches(self) -> None:
        """Drops all values of all near caches."""
        for cache in self.list_near_caches():
            cache.clear()

    def forget_in_child(self) -> None:
        """Drops all values in a child process, to which nobody reports changes."""
        for cache in self.list_near_caches():
            cache.forget_in_child()

    def destroy_near_cache(self, name: str) -> None:
        """Forgets the near cache of a map, which keeps no value from now on."""
        cache = self._caches.pop(name, None)
        if cache is not None:
            cache.close()

    def destroy_near_caches(self) -> None:
        """Forgets all near caches."""
        for name in list(self._caches):
            self.destroy_near_cache(name)

    def list_near_caches(self) -> list[NearCache]:
        """All near caches."""
        return list(self._caches.values())
