"""What the backend promises beyond Django's own test suite."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache.backends.base import BaseCache

from hzclient.contrib._shared import close_shared_clients, is_unavailable
from hzclient.contrib.django import HazelcastCache
from hzclient.errors import LockOwnershipLostError
from hzclient.server import LocalCluster
from tests.integration.faces import eventually, unique_name
from tests.internals import private


@pytest.fixture
def cache(hazelcast_cluster: LocalCluster) -> Iterator[HazelcastCache]:
    yield make_cache(hazelcast_cluster)
    close_shared_clients()


def make_cache(cluster: LocalCluster, *, prefix: str = "", **options: Any) -> HazelcastCache:
    options = {"map_name": unique_name("django"), "deadline": 10.0, **options}
    return HazelcastCache(",".join(cluster.addresses), {"OPTIONS": options, "KEY_PREFIX": prefix})


def seconds_left(cache: HazelcastCache, key: str) -> float:
    """Return the time to live of an entry that the member keeps; infinity if it does not expire."""
    view = private(cache, "_store").map.call(lambda m: m.get_entry_view(cache.make_key(key))).result()
    assert view is not None
    return float("inf") if view.expiration_time >= 2**63 - 1 else view.expiration_time / 1000 - time.time()


async def test_every_method_has_an_asynchronous_twin_without_threads(
    cache: HazelcastCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cache.aset("k", 1)

    def no_threads(*args: object) -> None:
        raise AssertionError("an asynchronous method used a thread")

    monkeypatch.setattr(asyncio.get_running_loop(), "run_in_executor", no_threads)
    assert await cache.aget("k") == 1
    assert await cache.aget_or_set("new", 5) == 5
    assert await cache.aincr("k") == 2
    assert await cache.adecr("k", 2) == 0
    assert await cache.aget_many(["k", "new"]) == {"k": 0, "new": 5}
    assert await cache.aincr_version("new") == 2
    assert await cache.atouch("k", 5)
    assert await cache.ahas_key("k")
    assert await cache.adelete("k")
    await cache.adelete_many(["x"])
    await cache.aclear()
    own = {name for name in vars(BaseCache) if name.startswith("a") and f"{name[1:]}" in vars(BaseCache)}
    derived = {"aget_or_set", "aincr_version", "adecr_version", "aclose"}  # of other asynchronous methods
    assert own - derived <= vars(HazelcastCache).keys()


class TestIncrement:
    @pytest.mark.parametrize("timeout", [None, 60])
    def test_loses_none_in_threads_and_tasks(self, cache: HazelcastCache, timeout: int | None) -> None:
        cache.set("n", 0, timeout)

        async def count_in_tasks() -> None:
            await asyncio.gather(*(cache.aincr("n") for _ in range(20)))

        work = [lambda: [cache.incr("n") for _ in range(20)], lambda: asyncio.run(count_in_tasks())] * 2
        threads = [threading.Thread(target=each) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert cache.get("n") == 80
        left = seconds_left(cache, "n")
        assert left == float("inf") if timeout is None else 30 < left <= 61

    def test_its_time_out_stays_and_can_be_changed(self, cache: HazelcastCache) -> None:
        cache.set("n", 5, 100)
        assert cache.incr("n") == 6
        assert 90 < seconds_left(cache, "n") <= 101
        assert cache.touch("n", 50)
        assert cache.incr("n") == 7
        assert 40 < seconds_left(cache, "n") <= 51
        assert cache.touch("n", None)
        assert cache.incr("n") == 8
        assert seconds_left(cache, "n") == float("inf")
        assert cache.touch("n", 20)
        assert cache.incr("n") == 9
        assert 10 < seconds_left(cache, "n") <= 21

    def test_an_entry_whose_process_died_in_between_has_expired(self, cache: HazelcastCache) -> None:
        """As if the process had died after the new number was stored and before its time to live was."""
        orphan = [5, int((time.time() - 1) * 1000)]
        for check in (
            lambda: cache.get("n") is None,
            lambda: cache.get_many(["n"]) == {},
            lambda: not cache.touch("n"),
            lambda: cache.add("n", 7),
        ):
            private(cache, "_store").map.call(lambda m: m.set(cache.make_key("n"), orphan)).result()
            assert check()
        assert cache.get("n") == 7
        private(cache, "_store").map.call(lambda m: m.set(cache.make_key("n"), orphan)).result()
        with pytest.raises(ValueError, match="Key 'n' not found"):
            cache.incr("n")

    def test_refuses_what_is_no_counter(self, cache: HazelcastCache) -> None:
        cache.set("text", "5")
        with pytest.raises(TypeError, match="not an int"):
            cache.incr("text")
        cache.set("full", 2**63 - 1)
        with pytest.raises(OverflowError, match="64 bits"):
            cache.incr("full")
        cache.set("larger", 2**70)
        assert cache.get("larger") == 2**70


@pytest.mark.parametrize(
    "value", ["", "ä", 0, -1, True, False, None, 1.5, b"\0", [1, 2], (1, 2), {"a": {1}}, [5, 10**13]]
)
def test_values_come_back_as_they_were(cache: HazelcastCache, value: object) -> None:
    cache.set("v", value)
    read = cache.get("v", "missing")
    assert (read, type(read)) == (value, type(value))


@pytest.mark.filterwarnings("ignore::django.core.cache.CacheKeyWarning")
class TestPatterns:
    KEYS = ("user:1", "user:2", "user:10", "users", "a.b", "axb", "new\nline", "[x]", "q?")

    @pytest.mark.parametrize(
        ("pattern", "matching"),
        [
            ("user:*", {"user:1", "user:2", "user:10"}),
            ("user:?", {"user:1", "user:2"}),
            ("user:[12]", {"user:1", "user:2"}),
            ("user:[!1]", {"user:2"}),
            ("user:[1-3]", {"user:1", "user:2"}),
            ("a.b", {"a.b"}),
            ("new*line", {"new\nline"}),
            ("[[]x]", {"[x]"}),
            ("*", set(KEYS)),
            ("nothing", set()),
        ],
    )
    async def test_choose_keys(
        self, hazelcast_cluster: LocalCluster, cache: HazelcastCache, pattern: str, matching: set[str]
    ) -> None:
        name = unique_name("django")
        first, second = (make_cache(hazelcast_cluster, map_name=name, prefix=each) for each in ("p.x", "pyx"))
        first.set_many(dict.fromkeys(self.KEYS, 1))
        second.set_many(dict.fromkeys(self.KEYS, 2))
        first.set("user:1", 3, version=2)
        assert set(first.iter_keys(pattern)) == matching
        assert {key async for key in first.aiter_keys(pattern)} == matching
        assert await first.adelete_pattern(pattern) == len(matching)
        assert set(first.iter_keys()) == set(self.KEYS) - matching
        assert set(second.iter_keys()) == set(self.KEYS)
        assert first.delete_pattern("*", version=2) == 1

    def test_need_keys_that_begin_with_the_prefix(self, hazelcast_cluster: LocalCluster) -> None:
        params = {"KEY_FUNCTION": lambda key, prefix, version: f"{key}@{version}"}
        with pytest.raises(NotImplementedError, match="KEY_FUNCTION"):
            HazelcastCache(hazelcast_cluster.addresses, params).delete_pattern("*")


class TestLock:
    async def test_has_one_holder_among_threads_and_tasks(self, cache: HazelcastCache) -> None:
        inside, most = 0, 0

        def enter() -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)

        async def task() -> None:
            nonlocal inside
            async with cache.lock("l"):
                enter()
                await asyncio.sleep(0.01)
                inside -= 1

        def thread() -> None:
            nonlocal inside
            with cache.lock("l"):
                enter()
                time.sleep(0.01)
                inside -= 1

        await asyncio.gather(*(task() for _ in range(5)), *(asyncio.to_thread(thread) for _ in range(5)))
        assert (inside, most) == (0, 1)

    async def test_waits_no_longer_than_asked(self, cache: HazelcastCache) -> None:
        with cache.lock("l"):
            assert not cache.lock("l").acquire(0)
            assert not await cache.lock("l").aacquire(0.05)
            with pytest.raises(TimeoutError, match="not free within 0.05 s"), cache.lock("l", 5, 0.05):
                pass
        assert await cache.lock("l").aacquire(0)

    async def test_is_released_by_the_member_when_its_lease_is_over(self, cache: HazelcastCache) -> None:
        lost = cache.lock("l", timeout=1)
        assert lost.acquire()
        async with cache.lock("l", 60) as second:
            with pytest.raises(LockOwnershipLostError, match="lease of 1 s was over"):
                lost.release()
            await second.aextend()
            assert not cache.lock("l").acquire(0)
            with pytest.raises(RuntimeError, match="held by this object already"):
                await second.aacquire()
        with pytest.raises(RuntimeError, match="not held"):
            second.release()

    def test_an_error_in_the_block_is_not_hidden(self, cache: HazelcastCache) -> None:
        with pytest.raises(ZeroDivisionError), cache.lock("l", timeout=60) as lock:
            private(lock, "_locks").call(lambda m: m.clear()).result()
            raise ZeroDivisionError


class TestWithoutCluster:
    async def test_site_goes_on_and_comes_back(
        self, mortal_cluster: LocalCluster, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache = make_cache(mortal_cluster, ignore_exceptions=True, deadline=1.0, failures=3, pause=0.2)
        strict = make_cache(mortal_cluster, deadline=1.0, failures=3, pause=0.2)
        cache.set("k", "v")
        (member,) = mortal_cluster.members
        member.kill()
        with caplog.at_level(logging.WARNING, "hzclient.contrib"):
            for _ in range(5):
                started = time.monotonic()
                assert cache.get("k", "default") == "default"
                assert await cache.aget_many(["k"]) == {}
                assert cache.set_many({"a": 1, "b": 2}) == ["a", "b"]
                assert not cache.add("k", 1)
                assert not await cache.adelete("k")
                assert not cache.touch("k")
                assert cache.get_or_set("k", lambda: 5) == 5
                cache.clear()
                assert list(cache.iter_keys()) == []
                assert cache.delete_pattern("*") == 0
                assert time.monotonic() - started < 30
            for call in (
                lambda: cache.incr("k"),
                cache.lock("l").acquire,
                lambda: strict.get("k"),
                strict.health,
            ):
                with pytest.raises(Exception) as failure:
                    call()
                assert is_unavailable(failure.value)
        logged = [record.getMessage() for record in caplog.records if record.name == "hzclient.contrib"]
        assert len(logged) == 1
        assert "is unavailable, calls fail at once until it is back" in logged[0]
        await asyncio.to_thread(member.start)
        await eventually(lambda: cache.add("k", "again") or cache.get("k") == "again", 30)
        report = await cache.ahealth()
        assert (report["available"], report["members"], report["state"]) == (True, 1, "closed")
        close_shared_clients()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"cluster_name": "x"},
            "unknown OPTIONS of HazelcastCache: cluster_name; options of the client belong",
        ),
        ({"deadline": 0}, "deadline must be more than 0"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        HazelcastCache("127.0.0.1:5701", {"OPTIONS": options})


async def test_a_near_cache_by_option(hazelcast_cluster: LocalCluster) -> None:
    cache = make_cache(hazelcast_cluster, near_cache={"time_to_live": 60})
    cache.set("k", "v")
    for _ in range(3):
        assert await cache.aget("k") == "v"
    statistics = (
        private(cache, "_store")
        .map.call(lambda m: m.size())
        .continue_with(lambda _: private(private(cache, "_store").map, "_ready")[1].near_cache_statistics())
    )
    assert statistics.result()["hits"] >= 1
    cache.set("n", 1, 60)
    assert [await cache.aincr("n") for _ in range(3)] == [2, 3, 4]
    close_shared_clients()
