"""Basic operations of the map, in all faces."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hzclient.config import BytesType
from hzclient.errors import IllegalMonitorStateError
from hzclient.proxy.base import EntryEventType
from hzclient.server import LocalCluster
from tests.integration.faces import Face, end_client, make_client


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_put_gives_the_value_before(m: Any) -> None:
    assert await m.put("k", "one") is None
    assert await m.put("k", "two") == "one"
    assert await m.get("k") == "two"


async def test_get_of_a_missing_key(m: Any) -> None:
    assert await m.get("missing") is None


@pytest.mark.parametrize(
    "value", [True, 7, 1.5, "text", b"bytes", [1, "two", None], {"a": [1, 2]}, "ü" * 5000]
)
async def test_values_of_the_built_in_types(m: Any, value: Any) -> None:
    await m.set("k", value)
    assert await m.get("k") == value


@pytest.mark.parametrize("key", [True, 7, 1.5, "text", b"bytes", "x" * 5000])
async def test_keys_of_the_built_in_types(m: Any, key: Any) -> None:
    await m.set(key, "v")
    assert await m.get(key) == "v"
    assert await m.contains_key(key)


async def test_set(m: Any) -> None:
    assert await m.set("k", 1) is None
    assert await m.get("k") == 1


async def test_time_to_live(m: Any) -> None:
    await m.set("k", 1, ttl=1)
    await m.put("l", 1, ttl=0.5, max_idle=30)
    await m.set("m", 1, ttl=100)
    while await m.contains_key("k") or await m.contains_key("l"):
        await asyncio.sleep(0.05)
    assert await m.get_all({"k", "l", "m"}) == {"m": 1}


async def test_put_if_absent(m: Any) -> None:
    assert await m.put_if_absent("k", 1) is None
    assert await m.put_if_absent("k", 2, ttl=100, max_idle=100) == 1
    assert await m.get("k") == 1


async def test_replace(m: Any) -> None:
    assert await m.replace("k", 1) is None
    assert not await m.contains_key("k")
    await m.set("k", 1)
    assert await m.replace("k", 2) == 1
    assert await m.get("k") == 2


async def test_remove(m: Any) -> None:
    await m.set("k", 1)
    assert await m.remove("k") == 1
    assert await m.remove("k") is None


async def test_delete(m: Any) -> None:
    await m.set("k", 1)
    assert await m.delete("k") is None
    assert await m.contains_key("k") is False


async def test_evict(m: Any) -> None:
    await m.set("k", 1)
    assert await m.evict("k") is True
    assert await m.evict("k") is False


async def test_many_entries(m: Any) -> None:
    entries = {f"k{i}": i for i in range(1000)}
    await m.put_all(entries)
    assert await m.size() == 1000
    assert await m.get_all([*entries, "missing"]) == entries
    assert await m.get_all([]) == {}


async def test_the_whole_map(m: Any) -> None:
    assert await m.is_empty() is True
    await m.put_all({"a": 1, "b": 2})
    assert await m.is_empty() is False
    assert sorted(await m.key_set()) == ["a", "b"]
    assert sorted(await m.values()) == [1, 2]
    assert sorted(await m.entry_set()) == [("a", 1), ("b", 2)]
    await m.clear()
    assert await m.size() == 0


async def test_lock_keeps_others_away(face: Face, m: Any) -> None:
    await m.lock("k")
    await m.lock("k")  # the lock is reentrant

    async def somebody_else() -> None:
        await m.unlock("k")

    with pytest.raises(IllegalMonitorStateError):
        await face.as_somebody_else(somebody_else)

    async def wait_for_it() -> str:
        await m.lock("k")
        await m.unlock("k")
        return "got it"

    waiting = face.start(wait_for_it)
    await m.unlock("k")
    await m.unlock("k")
    assert await waiting == "got it"


async def test_lock_with_a_lease(face: Face, m: Any) -> None:
    await m.lock("k", lease_time=0.1)

    async def somebody_else() -> None:
        await m.lock("k")
        await m.unlock("k")

    await face.as_somebody_else(somebody_else)
    with pytest.raises(IllegalMonitorStateError):
        await m.unlock("k")  # the lease is over


async def test_a_listener_receives_each_change(m: Any) -> None:
    events: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def on_event(event: Any) -> None:
        loop.call_soon_threadsafe(events.put_nowait, event)

    registration = await m.add_entry_listener(
        include_value=True,
        added_func=on_event,
        updated_func=on_event,
        removed_func=on_event,
        clear_all_func=on_event,
    )
    await m.set("k", 1)
    added = await asyncio.wait_for(events.get(), 10)
    assert (added.key, added.value, added.event_type) == ("k", 1, EntryEventType.ADDED)
    await m.set("k", 2)
    updated = await asyncio.wait_for(events.get(), 10)
    assert (updated.value, updated.old_value, updated.event_type) == (2, 1, EntryEventType.UPDATED)
    await m.remove("k")
    removed = await asyncio.wait_for(events.get(), 10)
    assert (removed.key, removed.old_value, removed.event_type) == ("k", 2, EntryEventType.REMOVED)
    await m.put_all({"a": 1, "b": 2})
    await asyncio.wait_for(events.get(), 10)
    await asyncio.wait_for(events.get(), 10)
    await m.clear()
    cleared = await asyncio.wait_for(events.get(), 10)
    assert (cleared.number_of_affected_entries, cleared.event_type) == (2, EntryEventType.CLEAR_ALL)

    assert await m.remove_entry_listener(registration) is True
    assert await m.remove_entry_listener(registration) is False
    with pytest.raises(AssertionError):
        await m.remove_entry_listener(None)


async def test_listener_of_one_key(m: Any) -> None:
    seen: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def on_event(event: Any) -> None:
        loop.call_soon_threadsafe(seen.put_nowait, event.key)

    await m.add_entry_listener(key="mine", added_func=on_event)
    await m.set("other", 1)
    await m.set("mine", 1)
    assert await asyncio.wait_for(seen.get(), 10) == "mine"
    assert seen.empty()


async def test_destroy(face: Face, m: Any) -> None:
    await m.set("k", 1)
    assert await m.destroy() is True
    assert await m.destroy() is False
    again = await face.get("map", m.name)
    assert await again.size() == 0


async def test_none_is_refused_at_the_call(face: Face, m: Any) -> None:
    for call in (lambda: m.put(None, 1), lambda: m.put(1, None), lambda: m.get(None), lambda: m.set(1, None)):
        with pytest.raises(AssertionError):
            await call()
    if face.name == "future":
        with pytest.raises(AssertionError):
            m.target.get(None)


async def test_one_proxy_for_a_name(face: Face, m: Any) -> None:
    again = await face.get("map", m.name)
    if face.name != "blocking":
        assert again.target is m.target
    assert m.name in repr(m)


@pytest.mark.parametrize("size", [0, 3, 40])
async def test_bytes_as_arrays(face: Face, hazelcast_cluster: LocalCluster, size: int) -> None:
    """The value of a `byte[]` is bytes, like serialized data, and must not be taken for such."""
    client = await make_client(
        face.name,
        cluster_members=[hazelcast_cluster.addresses[0]],
        cluster_name=hazelcast_cluster.cluster_name,
        bytes_type=BytesType.BYTE_ARRAY,
    )
    value = bytes(size)
    try:
        own = Face(face.name, client)
        entries, queue = await own.get("map"), await own.get("queue")
        for _ in range(2):  # the first call of a client may take another path
            await entries.set("k", value)
            assert await entries.get("k") == value
            assert await entries.put("k", value) == value
            await queue.offer(value)
            assert await queue.poll() == value
        assert await entries.values() == [value]
    finally:
        await end_client(client)
