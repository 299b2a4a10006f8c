"""The own suites of dogpile.cache, aiocache and cashews pass on our backends; and what they do not test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiocache import Cache
from aiocache.lock import RedLock
from cashews import Cache as Cashews
from cashews.exceptions import CacheBackendInteractionError
from dogpile.cache import make_region

from hzclient.contrib._shared import close_shared_clients, is_unavailable
from hzclient.contrib.aiocache import HazelcastCache
from hzclient.contrib.cashews import install as install_cashews
from hzclient.server import LocalCluster
from tests.integration.faces import eventually, unique_name
from tests.integrations.sdists import source_of
from tests.integrations.suites import Suite
from tests.internals import private

install_cashews()

HERE = Path(__file__).parent

# Two of the classes do without the slow tests of threads, which all three have.
DOGPILE = (
    *("-k", "not test_argument_dictionary_unmodified and (TestMutex or not threaded)"),
    str(HERE / "dogpile_suite.py"),
)
AIOCACHE = (
    *("-o", "asyncio_mode=auto", "-p", "aiocache_plugin"),
    *("-k", "(redis or Redis) and not TestRedisCache and not test_factory", "tests/acceptance"),
)
CASHEWS = (
    *("-o", "asyncio_mode=auto", "-p", "cashews_plugin"),
    # They need an LRU cache in this process, Redis, or a fixture that the distribution lacks ...
    *(
        "-k",
        " and not ".join(
            (
                "not test_lru",
                "test_lru2",
                "separate_backend",
                "big_size",
                "clean_2",
                # ... or times to live of less than a second, or to the half second.
                "test_expire",
                "test_get_set_expire",
                "test_incr_expire",
                "test_set_expire_clean",
            )
        ),
    ),
    *(f"tests/{name}.py" for name in ("test_backend_commands", "test_blooms", "test_tags_feature")),
)
PASSED = {"dogpile.cache": 73, "aiocache": 120, "cashews": 52}


def test_the_own_suites_pass(hazelcast_cluster: LocalCluster) -> None:
    """They mostly sleep, so they run at the same time."""
    dogpile = Suite(
        hazelcast_cluster,
        HERE,
        "-W",
        "ignore",
        "--noconftest",
        *DOGPILE,
        environment={"PYTHONPATH": str(HERE)},
    )
    folder = source_of("aiocache")
    aiocache = Suite(
        hazelcast_cluster, folder, "-W", "ignore", *AIOCACHE, environment={"PYTHONPATH": f"{HERE}:{folder}"}
    )
    folder = source_of("cashews")
    cashews = Suite(
        hazelcast_cluster, folder, "-W", "ignore", *CASHEWS, environment={"PYTHONPATH": str(HERE)}
    )
    dogpile.check(PASSED["dogpile.cache"], timeout=250)
    aiocache.check(PASSED["aiocache"], timeout=250)
    cashews.check(PASSED["cashews"], timeout=250)


@pytest.fixture
def addresses(hazelcast_cluster: LocalCluster) -> Iterator[list[str]]:
    yield hazelcast_cluster.addresses
    close_shared_clients()


def region(addresses: list[str], **arguments: Any) -> Any:
    """Return a region of dogpile.cache."""
    given = {"members": addresses, "deadline": 20.0, **arguments}
    return make_region().configure("hazelcast", expiration_time=60, arguments=given)


def test_one_process_of_several_makes_a_value(addresses: list[str]) -> None:
    """Two regions are to each other as two processes."""
    name, made = unique_name("dogpile"), []
    begun, may_end = threading.Event(), threading.Event()

    def make() -> int:
        made.append(threading.current_thread().name)
        begun.set()
        assert may_end.wait(30)
        return len(made)

    first, second = (region(addresses, map_name=name, distributed_lock=True) for _ in range(2))
    got: list[int] = []
    threads = [
        threading.Thread(target=lambda r=r: got.append(r.get_or_create("k", make))) for r in (first, second)
    ]
    threads[0].start()
    assert begun.wait(30)
    assert second.key_is_locked("k")
    threads[1].start()
    may_end.set()
    for thread in threads:
        thread.join()
    assert got == [1, 1]
    assert len(made) == 1
    assert not second.key_is_locked("k")


def test_a_lock_whose_holder_has_died_becomes_free(addresses: list[str]) -> None:
    name = unique_name("dogpile")
    dead, other = (
        region(addresses, map_name=name, distributed_lock=True, lock_lease=1.0).backend for _ in range(2)
    )
    lost = dead.get_mutex("k")
    assert lost.acquire()
    mutex = other.get_mutex("k")
    assert not mutex.acquire(False)
    assert mutex.acquire()  # when the lease is over
    lost.release()  # only logs that it was too late
    assert mutex.locked()
    mutex.release()


def test_dogpile_without_the_cluster(mortal_cluster: LocalCluster) -> None:
    name = unique_name("dogpile")
    options = {"map_name": name, "failures": 3, "pause": 60.0, "deadline": 1.0, "distributed_lock": True}
    strict, lenient = (
        region(mortal_cluster.addresses, **options, ignore_exceptions=ignores) for ignores in (False, True)
    )
    strict.set("k", 1)
    assert lenient.get("k") == 1
    (member,) = mortal_cluster.members
    member.kill()
    try:
        with pytest.raises(Exception) as failure:
            strict.get("k")
        assert is_unavailable(failure.value)
        assert lenient.get_or_create("k", lambda: 2) == 2
        assert lenient.get_or_create_multi(["k", "l"], lambda *keys: [3] * len(keys)) == [3, 3]
        lenient.delete_multi(["k", "l"])
        assert not lenient.key_is_locked("k")
    finally:
        close_shared_clients()
        member.start()


def test_wrong_arguments_of_dogpile() -> None:
    with pytest.raises(ValueError, match="unknown arguments of the hazelcast backend: mapname"):
        region([], mapname="m")


async def test_what_aiocache_stores(addresses: list[str]) -> None:
    cache = HazelcastCache(addresses, map_name=unique_name("aiocache"), deadline=20)
    values = {"text": "a", "digits": "007", "number": 7, "list": [1, {"a": None}], "real": 1.5, "none": None}
    await cache.multi_set(list(values.items()))
    assert await cache.multi_get(list(values)) == list(values.values())
    assert await cache.increment("number", 3) == 10
    assert await cache.get("number") == 10
    assert await cache.raw("get", "number") == 10  # so others can read it as a number
    await cache.set("short", 5, ttl=30)
    assert await cache.increment("short") == 6


async def test_one_of_two_optimistic_writers_wins(addresses: list[str]) -> None:
    cache = HazelcastCache(addresses, map_name=unique_name("aiocache"), deadline=20)
    await cache.set("k", "old")
    token = await private(cache, "_gets")(cache.build_key("k"))
    outcomes = await asyncio.gather(*(cache.set("k", f"new{n}", _cas_token=token) for n in range(2)))
    assert sorted(outcomes) == [False, True]
    assert await cache.get("k") == f"new{outcomes.index(True)}"


async def test_one_of_many_callers_has_a_lock(addresses: list[str]) -> None:
    """The others wait for it, in whatever order their responses arrive."""
    cache = HazelcastCache(addresses, map_name=unique_name("aiocache"), deadline=20)
    for key in map(str, range(20)):
        made: list[int] = []

        async def make(number: int, key: str = key, made: list[int] = made) -> None:
            async with RedLock(cache, key, lease=60):
                if await cache.get(key) is None:
                    made.append(number)
                    await cache.set(key, number)

        await asyncio.gather(*(make(number) for number in range(5)))
        assert len(made) == 1


async def test_a_url_of_aiocache(addresses: list[str]) -> None:
    cache = Cache.from_url(f"hazelcast://{addresses[0]}/{unique_name('aiocache')}?deadline=20&namespace=n")
    assert isinstance(cache, HazelcastCache)
    assert await cache.set("k", "v")
    assert await cache.get("k") == "v"
    await cache.clear(namespace="n")
    assert await cache.get("k") is None


async def test_a_value_without_a_serializer_for_it(addresses: list[str]) -> None:
    from aiocache.serializers import NullSerializer

    cache = HazelcastCache(addresses, serializer=NullSerializer(), deadline=20)
    with pytest.raises(TypeError, match="stores str, int and bytes, not list: give it a serializer such as"):
        await cache.set("k", [1])


async def cashews_on(addresses: list[str], **options: Any) -> Cashews:
    cache = Cashews()
    options = {"map_name": unique_name("cashews"), "deadline": 20, **options}
    await cache.init(f"hazelcast://{','.join(addresses)}/?cluster_name=dev", **options)
    return cache


async def test_times_to_live_of_cashews(addresses: list[str]) -> None:
    cache = await cashews_on(addresses)
    await cache.set("value", [1], expire=1000)
    assert await cache.set("value", [2], expire=2000, exist=True)
    await cache.incr("number", expire=1000)
    await cache.incr("number", expire=5000)
    await cache.set_add("set", "a", "b", expire=1000)
    await cache.set_remove("set", "a")
    for key, seconds in (("value", 2000), ("number", 1000), ("set", 1000)):
        assert seconds - 300 < await cache.get_expire(key) <= seconds
    await cache.set_add("set", "c", expire=3000)
    assert 2700 < await cache.get_expire("set") <= 3000
    await cache.set("short", 1, expire=1)

    async def is_gone() -> bool:
        return await cache.get("short") is None

    await eventually(is_gone, 20)


async def test_structures_of_cashews_are_changed_atomically(addresses: list[str]) -> None:
    cache = await cashews_on(addresses)
    await asyncio.gather(*(cache.set_add("set", str(n)) for n in range(10)))
    popped = await asyncio.gather(*(cache.set_pop("set", count=3) for _ in range(4)))
    assert sorted(value for values in popped for value in values) == list("0123456789")
    await asyncio.gather(*(cache.incr_bits("bits", 2, size=8) for _ in range(10)))
    assert await cache.get_bits("bits", 1, 2, size=8) == (0, 10)
    counts = await asyncio.gather(*(cache.slice_incr("slice", 0, n, maxvalue=6) for n in range(1, 10)))
    assert max(counts) == 6
    assert await cache.get("set") is None


async def test_one_of_many_callers_has_a_lock_of_cashews(addresses: list[str]) -> None:
    cache = await cashews_on(addresses)
    inside: list[int] = []
    most: list[int] = []

    async def enter(number: int) -> None:
        async with cache.lock("lock", 60):
            inside.append(number)
            most.append(len(inside))
            await cache.ping()
            inside.remove(number)

    await asyncio.gather(*(enter(number) for number in range(5)))
    assert most == [1] * 5
    assert not await cache.unlock("lock", "of somebody else")


async def test_cashews_without_the_cluster() -> None:
    away = {"deadline": 0.2, "failures": 2, "pause": 60.0}
    lenient = await cashews_on(["127.0.0.1:1"], **away)
    strict = await cashews_on(["127.0.0.1:1"], suppress=False, **away)
    try:
        with pytest.raises(CacheBackendInteractionError):
            await strict.get("k")
        assert not await lenient.set("k", 1)
        assert await lenient.get("k", default=2) == 2
        assert await lenient.get_many("k") == (None,)
        assert await lenient.incr("k") == 1
        assert await lenient.get_expire("k") == -2
        assert [key async for key in lenient.scan("*")] == []
        await lenient.set_add("s", "a")
        assert await lenient.set_pop("s") == []
        assert await lenient.ping() is None
        async with lenient.lock("lock", 10):  # goes on without the lock
            await lenient.delete_match("*")
    finally:
        close_shared_clients()


def test_wrong_options_of_cashews() -> None:
    with pytest.raises(ValueError, match="'mapname' is no option of a hazelcast URL"):
        Cashews().setup("hazelcast://127.0.0.1:5701", mapname="m")
