"""Near caches on real members: hits, invalidations, and consistency after lost events and connections."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import hzclient
import hzclient.predicate as p
from hzclient.errors import HazelcastError
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, end_client, eventually, make_client, unique_name
from tests.integration.twins import AppendSuffix, RemoveEntry, SetValue
from tests.internals import async_face_of, engine_of, private, set_private
from tests.map_operations import OPERATIONS

KEYS = range(30)
PERIOD = 0.5
"""Seconds between checks for lost invalidations."""
TOLERANCE = 2.0
"""Maximum delay of a timer on a busy machine, in seconds."""


@pytest.fixture(params=FACES)
async def near(request: pytest.FixtureRequest, hazelcast_cluster: LocalCluster) -> AsyncIterator[Face]:
    """Return a client whose maps have near caches with frequent checks."""
    options = {"reconciliation_interval": PERIOD}
    client = await make_client(
        request.param,
        cluster_members=hazelcast_cluster.addresses,
        near_caches={
            "*": options,
            "small-*": {**options, "eviction_max_size": 5},
            "*alone-*": {"invalidate_on_change": False},
        },
    )
    yield Face(request.param, client)
    await end_client(client)


async def test_a_hit_makes_no_call(near: Face) -> None:
    m = await near.get("map")
    await m.put_all({key: str(key) for key in KEYS})
    assert await m.get_all(list(KEYS)) == {key: str(key) for key in KEYS}
    before = await m.near_cache_statistics()
    for key in KEYS:
        assert await m.get(key) == str(key)
        assert await m.contains_key(key) is True
    after = await m.near_cache_statistics()
    assert after["hits"] - before["hits"] == 2 * len(KEYS)
    assert after["misses"] == before["misses"]


async def test_a_hit_is_there_at_once(near: Face) -> None:
    m = await near.get("map")
    await m.set("k", "v")
    await m.get("k")
    call = m.target.get
    if near.name == "future":
        assert call("k").done()
    elif near.name == "asyncio":
        with pytest.raises(StopIteration) as stop:
            call("k").send(None)
        assert stop.value.value == "v"


async def test_get_all_mixes_hits_and_misses(near: Face) -> None:
    m = await near.get("map")
    await m.put_all({key: str(key) for key in range(10)})
    for key in (1, 3, 99):
        await m.get(key)
    assert await m.get_all([1, 2, 3, 3, 2, 98, 99]) == {1: "1", 2: "2", 3: "3"}
    assert await m.get_all([1, 2, 3, 98, 99]) == {1: "1", 2: "2", 3: "3"}
    assert await m.get_all([]) == {}


async def test_get_all_of_more_than_fits_evicts_nothing_of_its_own(near: Face) -> None:
    m = await near.get("map", unique_name("small"))
    entries = {key: str(key) for key in range(20)}
    await m.put_all(entries)
    assert await m.get_all(list(entries)) == entries
    statistics = await m.near_cache_statistics()
    assert (statistics["owned_entry_count"], statistics["evictions"]) == (5, 0)
    assert await m.get_all(list(entries)) == entries


CHANGES: dict[str, tuple[Any, Callable[[Any], Any], Any]] = {
    "put": ("old", lambda m: m.put("k", "new"), "new"),
    "set": ("old", lambda m: m.set("k", "new"), "new"),
    "put_transient": ("old", lambda m: m.put_transient("k", "new"), "new"),
    "put_if_absent": (None, lambda m: m.put_if_absent(value="new", key="k"), "new"),
    "try_put": ("old", lambda m: m.try_put("k", "new", 1), "new"),
    "replace": ("old", lambda m: m.replace("k", "new"), "new"),
    "replace_if_same": ("old", lambda m: m.replace_if_same("k", "old", "new"), "new"),
    "set_ttl": ("old", lambda m: m.set_ttl("k", 0.01), None),
    "remove": ("old", lambda m: m.remove("k"), None),
    "remove_if_same": ("old", lambda m: m.remove_if_same("k", "old"), None),
    "delete": ("old", lambda m: m.delete("k"), None),
    "try_remove": ("old", lambda m: m.try_remove("k", 1), None),
    "evict": ("old", lambda m: m.evict("k"), None),
    "execute_on_key": ("old", lambda m: m.execute_on_key("k", SetValue("new")), "new"),
    "put_all": (None, lambda m: m.put_all({"k": "new"}), "new"),
    "load_all": ("old", lambda m: m.load_all(key for key in ["k"]), "loaded k"),
    "execute_on_keys": ("old", lambda m: m.execute_on_keys(["k"], RemoveEntry()), None),
    "clear": ("old", lambda m: m.clear(), None),
    "evict_all": ("old", lambda m: m.evict_all(), None),
    "remove_all": ("old", lambda m: m.remove_all(p.equal("this", "old")), None),
    "execute_on_entries": ("old", lambda m: m.execute_on_entries(SetValue("new")), "new"),
    "add_interceptor": ("old", lambda m: m.add_interceptor(AppendSuffix("!")), "old"),
    "remove_interceptor": ("old", lambda m: m.remove_interceptor("none"), "old"),
}
"""For each operation that changes entries: the value of "k" before, the call, and the value after it."""


def test_the_table_has_every_operation_that_changes_entries() -> None:
    sources = {name: inspect.getsource(member.function) for name, member in OPERATIONS.items()}
    assert {name for name, source in sources.items() if "self._chang" in source} == CHANGES.keys()


@pytest.mark.parametrize("operation", CHANGES)
async def test_a_change_is_seen_at_once(
    near: Face, threaded_client: hzclient.HazelcastClient, operation: str
) -> None:
    """Members do not report changes to this near cache, so only the call itself can invalidate it."""
    before, change, after = CHANGES[operation]
    m = await near.get("map", unique_name("loaded-alone" if operation == "load_all" else "alone"))
    theirs = threaded_client.get_map(m.target.name)
    if before is not None:
        await m.set("k", before)
    assert await m.get("k") == before
    assert (await m.near_cache_statistics())["owned_entry_count"] == 1
    await change(m)
    assert (await m.near_cache_statistics())["owned_entry_count"] == 0

    async def carried_out() -> bool:  # loading and expiry happen after the call
        return bool(await theirs.get("k") == after)

    await eventually(carried_out)
    assert await m.get("k") == after
    assert await m.contains_key("k") is (after is not None)


async def test_changes_by_others_arrive(near: Face, threaded_client: hzclient.HazelcastClient) -> None:
    m = await near.get("map", unique_name("map"))
    theirs = threaded_client.get_map(m.target.name)
    await m.set("k", "old")
    assert await m.get("k") == "old"
    await theirs.set("k", "new")
    await eventually(lambda: _reads(m, "k", "new"))
    await theirs.clear()
    await eventually(lambda: _reads(m, "k", None))


async def _reads(m: Any, key: Any, value: Any) -> bool:
    return bool(await m.get(key) == value)


async def test_a_destroyed_map_is_not_near_any_more(near: Face) -> None:
    m = await near.get("map")
    await m.set("k", "v")
    await m.get("k")
    listeners = engine_of(near.client).listeners
    assert len(listeners) == 1
    await m.destroy()
    await eventually(lambda: len(listeners) == 0)
    assert engine_of(near.client).near_caches.list_near_caches() == []
    assert await m.get("k") is None
    assert (await m.near_cache_statistics())["owned_entry_count"] == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_traffic_ends_in_the_truth(
    near: Face, threaded_client: hzclient.HazelcastClient, seed: int
) -> None:
    """After concurrent traffic, lost events, and lost connections, one check leaves nothing stale."""
    m = await near.get("map", unique_name("map"))
    theirs = threaded_client.get_map(m.target.name)
    chance = random.Random(seed)
    core = async_face_of(m.target)
    repair = private(core, "_repair")
    invalidated, check = private(repair, "_invalidated"), repair.check
    checks: list[tuple[float, float]] = []
    written: list[int] = []

    async def noted_check(*, strict: bool) -> bool:
        begin = time.monotonic()
        complete: bool = await check(strict=strict)
        if complete:
            checks.append((begin, time.monotonic()))
        return complete

    repair.check = noted_check

    def lose_most(*event: Any) -> None:
        if chance.random() < 0.1:
            invalidated(*event)

    set_private(repair, "_invalidated", lose_most)

    async def read() -> None:
        for _ in range(300):
            key = chance.choice(KEYS)
            match chance.randrange(4):
                case 0:
                    await m.get_all([key, chance.choice(KEYS)])
                case 1:
                    assert isinstance(await m.contains_key(key), bool)
                case _:
                    await m.get(key)

    async def write(target: Any) -> None:
        for number in range(60):
            key = chance.choice(KEYS)
            match chance.randrange(8):
                case 0:
                    await target.remove(key)
                case 1:
                    await target.put_all({key: number, chance.choice(KEYS): number})
                case 2 if number == 30:
                    await target.clear()
                case _:
                    await target.set(key, number)
            written.append(number)

    async def disturb() -> None:
        engine = engine_of(near.client)
        for number in (40, 80):
            while len(written) < number:
                await asyncio.sleep(0.001)
            for connection in engine.manager.connections()[:1]:
                engine.runtime.post(connection.close, "disturbed by the test", HazelcastError("disturbed"))
                while connection.alive:  # otherwise it might be closed after the traffic
                    await asyncio.sleep(0.001)

    async def retried(work: Any, *args: Any) -> None:
        while True:
            try:
                return await work(*args)
            except HazelcastError:
                await asyncio.sleep(0.01)  # a write on a lost connection may fail

    traffic = [near.start(lambda: retried(read)) for _ in range(3)]
    traffic += [near.start(lambda: retried(write, m)), asyncio.ensure_future(write(theirs))]
    await asyncio.gather(*traffic, disturb())

    await m.get_all(list(KEYS))
    await theirs.put_all(dict.fromkeys(KEYS, "last"))

    end = time.monotonic()
    truth = dict(await theirs.entry_set())

    def first_check_since() -> list[tuple[float, float]]:
        return [each for each in checks if each[0] >= end][:1]

    ((begin, _),) = await eventually(first_check_since)
    assert {key: await m.get(key) for key in KEYS} == truth
    # The period starts when the last check before the end was finished, which may have taken a while.
    before = max((over for begun, over in checks if begun < end), default=end)
    assert begin - max(before, end) < PERIOD + TOLERANCE
