"""The near cache itself: reservations, invalidation, expiry, eviction, and statistics."""

from __future__ import annotations

import gc
import random
import threading
import tracemalloc
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hzclient.config import EvictionPolicy, InMemoryFormat, NearCacheConfig
from hzclient.config.patterns import find_by_name
from hzclient.errors import InvalidConfigurationError
from hzclient.near_cache import DataRecord, NearCache, NearCacheManager, Reservation
from hzclient.serialization._service import SerializationService
from tests.internals import private

SERVICE = SerializationService()


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make(clock: Clock | None = None, **options: Any) -> NearCache:
    return NearCache("m", SERVICE, NearCacheConfig.from_dict(options), clock or Clock())


def read(cache: NearCache, key: bytes, value: Any, partition_id: int = 0) -> bool:
    """Read a value through the cache without interference."""
    return cache.fill(cache.reserve(key, partition_id), SERVICE.encode_optional(value), value)


def key(number: int) -> bytes:
    return SERVICE.encode(number)


# ------------------------------------------------------------------------------------ reservations


def test_an_invalidation_voids_the_reads_in_flight() -> None:
    cache = make()
    for invalidate in (
        lambda: cache.invalidate(b"k"),
        cache.invalidate_all,
        lambda: cache.invalidate_partition(3),
        cache.clear,
    ):
        reservation = cache.reserve(b"k", 3)
        invalidate()
        assert not cache.fill(reservation, SERVICE.encode(1), 1)
        assert b"k" not in cache


def test_a_read_that_begins_after_the_invalidation_is_kept() -> None:
    cache = make()
    early = cache.reserve(b"k", 3)
    cache.invalidate(b"k")
    late = cache.reserve(b"k", 3)
    assert cache.fill(late, SERVICE.encode("new"), "new")
    assert not cache.fill(early, SERVICE.encode("old"), "old")
    assert cache.get(b"k") == "new"


def test_an_invalidation_of_another_key_or_partition_disturbs_no_read() -> None:
    cache = make()
    reservation = cache.reserve(b"k", 3)
    cache.invalidate(b"l")
    cache.invalidate_partition(4)
    assert cache.fill(reservation, SERVICE.encode(1), 1)


def test_a_read_that_fails_leaves_the_others_their_reservation() -> None:
    cache = make()
    one, other = cache.reserve(b"k", 3), cache.reserve(b"k", 3)
    cache.release(one)
    assert cache.fill(other, SERVICE.encode(1), 1)


def test_reservations_do_not_pile_up() -> None:
    cache = make()
    cache.release(cache.reserve(b"k", 3))
    read(cache, b"l", 1)
    assert not private(cache, "_reservations")


def test_a_closed_near_cache_keeps_nothing() -> None:
    cache = make()
    early = cache.reserve(b"k", 3)
    cache.close()
    assert not cache.fill(early, SERVICE.encode(1), 1)
    assert cache.reserve(b"k", 3) is None
    assert not cache.fill(None, SERVICE.encode(1), 1)


# ------------------------------------------------------------------------------------------ values


def test_binary_makes_a_new_object_for_each_read() -> None:
    cache = make(in_memory_format="BINARY")
    read(cache, b"k", [1, 2])
    assert cache[b"k"] == [1, 2]
    assert cache[b"k"] is not cache[b"k"]


def test_object_shares_one() -> None:
    cache, value = make(in_memory_format="OBJECT"), [1, 2]
    read(cache, b"k", value)
    assert cache[b"k"] is value


@pytest.mark.parametrize("format", ["BINARY", "OBJECT"])
def test_missing_keys_are_cached_too(format: str) -> None:
    cache = make(in_memory_format=format)
    assert cache.has_value(b"k") is None
    read(cache, b"k", None)
    assert b"k" in cache
    assert cache[b"k"] is None
    assert cache.has_value(b"k") is False
    read(cache, b"k", 0)
    assert cache.has_value(b"k") is True


def test_a_mapping() -> None:
    cache = make()
    cache[b"k"] = "v"
    assert cache[b"k"] == "v"
    assert list(cache) == [b"k"]
    assert dict(cache) == {b"k": "v"}
    del cache[b"k"]
    with pytest.raises(KeyError):
        cache[b"k"]
    assert cache != make()
    assert len({cache, make()}) == 2


# -------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("policy", ["NONE", "LRU", "LFU", "RANDOM"])
def test_max_idle_counts_from_the_last_read(policy: str) -> None:
    clock = Clock()
    cache = make(clock, max_idle=10, eviction_policy=policy)
    read(cache, b"k", 1)
    clock.now += 9
    assert cache.get(b"k") == 1
    clock.now += 9
    assert cache.get(b"k") == 1
    clock.now += 10
    assert b"k" not in cache
    assert cache.get(b"k") is None
    statistics = cache.get_statistics()
    assert (statistics["hits"], statistics["misses"], statistics["expirations"]) == (2, 1, 1)


def test_time_to_live_counts_from_storing() -> None:
    clock = Clock()
    cache = make(clock, time_to_live=10)
    read(cache, b"k", 1)
    clock.now += 9.9
    assert cache.get(b"k") == 1
    clock.now += 0.1
    assert cache.get(b"k") is None
    assert len(cache) == 0


def test_zero_means_no_limit() -> None:
    clock = Clock()
    cache = make(clock, time_to_live=0, max_idle=0)
    read(cache, b"k", 1)
    clock.now += 1e9
    assert cache.get(b"k") == 1


def test_expiry_of_a_record() -> None:
    record = DataRecord(b"k", b"v", 100.0, 10)
    assert not record.is_expired(None, 109)
    assert record.is_expired(None, 110)
    assert record.is_expired(5, 105)


# ---------------------------------------------------------------------------------------- eviction


def test_lru_evicts_what_was_not_read_for_long() -> None:
    clock = Clock()
    cache = make(clock, eviction_policy="LRU", eviction_max_size=100)
    _fill_and_read_half(cache, clock)
    assert _survivors(cache) > 45


def test_lfu_evicts_what_was_read_least() -> None:
    clock = Clock()
    cache = make(clock, eviction_policy="LFU", eviction_max_size=100)
    _fill_and_read_half(cache, clock)
    assert _survivors(cache) > 45


def _fill_and_read_half(cache: NearCache, clock: Clock) -> None:
    random.seed(1)
    for number in range(100):
        read(cache, key(number), number)
        clock.now += 1
    for number in range(50):
        cache.get(key(number))
        clock.now += 1
    for number in range(1000, 1030):
        read(cache, key(number), number)


def _survivors(cache: NearCache) -> int:
    """Return how many of the entries that were read remain."""
    assert len(cache) == 100
    assert cache.get_statistics()["evictions"] == 30
    return sum(key(number) in cache for number in range(50))


def test_random_evicts_any() -> None:
    cache = make(eviction_policy="RANDOM", eviction_max_size=10)
    for number in range(200):
        read(cache, key(number), number)
    assert len(cache) == 10
    assert key(199) in cache


def test_none_evicts_nothing_and_adds_nothing() -> None:
    clock = Clock()
    cache = make(clock, eviction_policy="NONE", eviction_max_size=3, time_to_live=10)
    stored = [read(cache, key(number), number) for number in range(5)]
    assert stored == [True] * 3 + [False] * 2
    clock.now += 10
    assert read(cache, key(9), 9), "what has expired makes room"


def test_what_has_expired_goes_before_what_has_not() -> None:
    clock = Clock()
    cache = make(clock, eviction_max_size=4, eviction_sampling_count=8, time_to_live=10)
    for number in range(4):
        read(cache, key(number), number)
    clock.now += 10
    read(cache, key(4), 4)
    assert cache.get_statistics()["evictions"] == 0
    assert cache.get_statistics()["expirations"] > 0


@pytest.mark.parametrize("size", [100, 10_000])
def test_storing_looks_at_a_sample_only(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = make(eviction_max_size=size, time_to_live=1000)
    for number in range(size):
        read(cache, key(number), number)
    looked_at: list[DataRecord] = []
    is_expired = DataRecord.is_expired

    def noted(self: DataRecord, *args: Any) -> bool:
        looked_at.append(self)
        return is_expired(self, *args)

    monkeypatch.setattr(DataRecord, "is_expired", noted)
    for number in range(50):
        looked_at.clear()
        read(cache, key(size + number), number)
        assert 1 <= len(looked_at) <= 8 + 16


def test_what_was_removed_is_no_candidate_any_more() -> None:
    """Candidates in the pool are invalidated and read again before the next eviction."""
    cache = make(Clock(), eviction_max_size=4, eviction_sampling_count=4)
    for number in range(5):
        read(cache, key(number), number)
    for number in range(5):
        cache.invalidate(key(number))
    for number in range(20):
        read(cache, key(number), number)
        assert len(cache) == min(number + 1, 4)
        assert key(number) in cache


# -------------------------------------------------------------------------------------- statistics


def test_statistics() -> None:
    cache = make()
    read(cache, b"k", 1)
    read(cache, b"l", 1)
    cache.get(b"k")
    cache.get(b"x")
    cache.invalidate(b"k")
    cache.invalidate(b"x")
    cache.invalidate_all()
    statistics = cache.get_statistics()
    assert statistics.pop("creation_time") > 1e9
    assert statistics == {
        "evictions": 0,
        "expirations": 0,
        "hits": 1,
        "misses": 1,
        "invalidations": 2,
        "invalidation_requests": 3,
        "owned_entry_count": 0,
        "owned_entry_memory_cost": 0,
    }


@pytest.mark.parametrize("value_size", [10, 1000])
def test_the_memory_cost_is_close_to_the_memory_used(value_size: int) -> None:
    count = 5000
    cache = make(eviction_max_size=count)
    pairs = [(key(number), b"\0" * value_size) for number in range(count)]
    gc.collect()
    tracemalloc.start()
    for number, (_, data) in enumerate(pairs):
        # Separate copies, like values that come from the network.
        copy = bytes(bytearray(key(number)))
        cache.fill(cache.reserve(copy, number % 271), bytes(bytearray(data)), None)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    told = cache.get_statistics()["owned_entry_memory_cost"]
    assert 0.75 * taken < told < 1.25 * taken, f"{told / count} told, {taken / count} taken for each entry"


# ----------------------------------------------------------------------------------------- managing


def test_a_manager_makes_one_for_each_name() -> None:
    manager = NearCacheManager({"m": NearCacheConfig.from_dict({"eviction_max_size": 7})}, SERVICE)
    cache = manager.get_or_create_near_cache("m")
    assert manager.get_or_create_near_cache("m") is cache
    assert cache.eviction_max_size == 7
    assert cache.eviction_sampling_count == 7, "more than all cannot be looked at"
    assert manager.list_near_caches() == [cache]
    read(cache, b"k", 1)
    manager.clear_near_caches()
    assert len(cache) == 0
    manager.destroy_near_cache("m")
    assert not read(cache, b"k", 1)
    assert manager.get_or_create_near_cache("m") is not cache
    manager.destroy_near_caches()
    assert manager.list_near_caches() == []


def test_configurations_by_name_and_pattern() -> None:
    options = {"a": 1, "a*": 2, "a*z": 3, "*": 4}
    names = {"a": 1, "ab": 2, "abz": 3, "b": 4}
    assert {name: find_by_name(options, name) for name in names} == names
    assert find_by_name({"ab*ba": 1}, "aba") is None, "beginning and end must not overlap"
    with pytest.raises(InvalidConfigurationError, match=r"several patterns: \*b, a\*"):
        find_by_name({"a*": 1, "*b": 2}, "ab")


# ------------------------------------------------------------------------------------------- model


class Model(RuleBasedStateMachine):
    """Any sequence of reads, writes by others, invalidations, and passing time, checked against plain dicts.

    The map is what the members have. Every write is followed, at once or later, by its invalidation. A read
    may return any value that the key has had since the last invalidation of it that arrived.
    """

    keys = st.integers(0, 2)

    @initialize(
        policy=st.sampled_from(["NONE", "LRU", "LFU", "RANDOM"]),
        format=st.sampled_from(["BINARY", "OBJECT"]),
        size=st.integers(1, 4),
        ttl=st.sampled_from([None, 5]),
        max_idle=st.sampled_from([None, 3]),
    )
    def start(self, policy: str, format: str, size: int, ttl: float | None, max_idle: float | None) -> None:
        self.clock = Clock()
        options: dict[str, Any] = {"eviction_policy": policy, "in_memory_format": format}
        options |= {"eviction_max_size": size, "eviction_sampling_count": 3, "eviction_sampling_pool_size": 2}
        options |= {"time_to_live": ttl} if ttl else {}
        options |= {"max_idle": max_idle} if max_idle else {}
        self.cache = make(self.clock, **options)
        self.map: dict[int, int] = {}
        self.allowed: dict[int, set[int | None]] = {}
        self.on_their_way: list[int] = []
        self.reads: list[tuple[int, Reservation | None, int | None]] = []
        self.stored_at: dict[int, float] = {}
        self.version = 0

    def allowed_of(self, number: int) -> set[int | None]:
        return self.allowed.setdefault(number, {self.map.get(number)})

    @rule(number=keys)
    def write(self, number: int) -> None:
        self.allowed_of(number)
        self.version += 1
        self.map[number] = self.version
        self.allowed[number].add(self.version)
        self.on_their_way.append(number)

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data())
    def invalidation_arrives(self, data: st.DataObject) -> None:
        number = self.on_their_way.pop(0)
        self.cache.invalidate(key(number))
        self.allowed[number] = {self.map.get(number)} | (self.allowed[number] & self.later_than(number))

    def later_than(self, number: int) -> set[int | None]:
        """Return the values whose invalidation, or that of a later value, has not arrived yet."""
        waiting = self.on_their_way.count(number)
        versions = sorted(value for value in self.allowed[number] if value is not None)
        return set(versions[-waiting - 1 :])

    @rule(number=keys)
    def read_through(self, number: int) -> None:
        self.allowed_of(number)
        value = self.map.get(number)
        if read(self.cache, key(number), value, number % 2):
            self.stored_at[number] = self.clock.now

    @rule(number=keys)
    def begin_to_read(self, number: int) -> None:
        self.allowed_of(number)
        if self.cache.get(key(number), "nothing") == "nothing":
            self.reads.append((number, self.cache.reserve(key(number), number % 2), self.map.get(number)))

    @precondition(lambda self: self.reads)
    @rule(data=st.data(), fails=st.booleans())
    def end_to_read(self, data: st.DataObject, fails: bool) -> None:
        number, reservation, value = self.reads.pop(data.draw(st.integers(0, len(self.reads) - 1)))
        if fails:
            self.cache.release(reservation)
        elif self.cache.fill(reservation, SERVICE.encode_optional(value), value):
            self.stored_at[number] = self.clock.now

    @rule(partition_id=st.integers(0, 1))
    def drop_partition(self, partition_id: int) -> None:
        self.cache.invalidate_partition(partition_id)
        assert not any(number % 2 == partition_id and key(number) in self.cache for number in range(3))

    @rule()
    def drop_all(self) -> None:
        self.cache.invalidate_all()
        assert len(self.cache) == 0

    @rule(seconds=st.sampled_from([0.5, 2, 4]))
    def time_goes_by(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(number=keys)
    def read_near(self, number: int) -> None:
        allowed = self.allowed_of(number)
        value = self.cache.get(key(number), "nothing")
        if value == "nothing":
            return
        assert value in allowed
        if self.cache.time_to_live:
            assert self.clock.now - self.stored_at[number] < self.cache.time_to_live

    @invariant()
    def books_are_in_order(self) -> None:
        if not hasattr(self, "cache"):
            return
        cache = self.cache
        assert len(cache) <= cache.eviction_max_size
        assert [record.position for record in private(cache, "_listed")] == list(range(len(cache)))
        listed = private(cache, "_listed")
        assert {record.key for record in listed} == set(cache)
        assert set().union(*private(cache, "_keys_of_partition").values()) == set(cache)
        assert cache.get_statistics()["owned_entry_memory_cost"] == sum(r.cost for r in listed)

    def teardown(self) -> None:
        """Check that nothing stale is left when all invalidations have arrived, despite reads in progress."""
        if not hasattr(self, "cache"):
            return
        for number in self.on_their_way:
            self.cache.invalidate(key(number))
        for _, reservation, value in self.reads:
            self.cache.fill(reservation, SERVICE.encode_optional(value), value)
        for number in range(3):
            assert self.cache.get(key(number), "nothing") in ("nothing", self.map.get(number))


Model.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestModel = Model.TestCase


# ----------------------------------------------------------------------------------------- threads


@pytest.mark.parametrize("policy", [EvictionPolicy.LRU, EvictionPolicy.LFU, EvictionPolicy.RANDOM])
def test_threads_keep_its_books_in_order(policy: int) -> None:
    cache = make(eviction_policy=policy, eviction_max_size=50, in_memory_format=InMemoryFormat.OBJECT)
    failures: list[BaseException] = []
    map: dict[int, int] = dict.fromkeys(range(100), 0)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(3000):
                number = chance.randrange(100)
                match chance.randrange(10):
                    case 0:
                        map[number] += 1
                        cache.invalidate(key(number))
                    case 1:
                        cache.invalidate_partition(number % 7)
                    case _:
                        if cache.get(key(number)) is None:
                            reservation = cache.reserve(key(number), number % 7)
                            value = map[number]
                            cache.fill(reservation, b"", value)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {record.key for record in private(cache, "_listed")} == set(cache)
    assert [record.position for record in private(cache, "_listed")] == list(range(len(cache)))
    for number in range(100):
        assert cache.get(key(number)) in (None, map[number])
