"""Listeners and event streams of maps, in all faces."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import hzclient.predicate as p
from hzclient.proxy.base import EntryEventType
from tests.integration.events import Told
from tests.integration.faces import Face, eventually, unique_name
from tests.internals import async_face_of, engine_of, private


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_listener_with_a_predicate(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(True, predicate=p.greater("this", 10), added_func=told.add)
    await m.put_all({"small": 1, "large": 11})
    assert (await told.next()).key == "large"
    assert told.empty()


async def test_listener_with_key_and_predicate(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(True, "k", p.greater("this", 10), added_func=told.add, updated_func=told.add)
    await m.set("other", 11)
    await m.set("k", 1)
    await m.set("k", 11)
    event = await told.next()
    assert (event.key, event.value) == ("k", 11)
    assert told.empty()


async def test_listener_without_values(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(added_func=told.add_later)
    await m.set("k", 1)
    event = await told.next()
    assert (event.key, event.value) == ("k", None)


async def test_listener_of_loads(face: Face) -> None:
    m = await face.get("map", unique_name("loaded"))
    told = Told()
    await m.add_entry_listener(True, key="x", loaded_func=told.add)
    await m.load_all(["x"])
    event = await told.next()
    assert (event.event_type, event.key, event.value) == (EntryEventType.LOADED, "x", "loaded x")


async def test_listener_of_evictions_and_expirations(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(True, evicted_func=told.add, expired_func=told.add, evict_all_func=told.add)
    await m.set("k", 1)
    await m.evict("k")
    evicted = await told.next()
    assert (evicted.event_type, evicted.key, evicted.old_value) == (EntryEventType.EVICTED, "k", 1)
    await m.set("l", 1)
    await m.evict_all()
    all_evicted = await told.next()
    assert (all_evicted.event_type, all_evicted.number_of_affected_entries) == (EntryEventType.EVICT_ALL, 1)
    await m.set("m", 1, ttl=0.1)
    while told.empty():  # a member detects expiry when the entry is read
        await m.contains_key("m")
        await asyncio.sleep(0.02)
    while (await told.next()).event_type != EntryEventType.EXPIRED:
        pass  # some versions report an eviction, too


async def test_stream_of_events(face: Face, m: Any) -> None:
    seen: list[Any] = []

    async def read() -> None:
        async for event in m.events():
            seen.append(event)
            if event.key == "k" and event.event_type == EntryEventType.REMOVED:
                return  # events of one key are in order; those of another one may come earlier or later

    reading = face.start(read)
    while not seen:
        await m.put("first", 0)
        await m.remove("first")
        await asyncio.sleep(0.01)
    await m.set("k", 1)
    await m.set("k", 2)
    await m.remove("k")
    await reading
    mine = [event for event in seen if event.key == "k"]
    assert [(event.event_type, event.value, event.old_value) for event in mine] == [
        (EntryEventType.ADDED, 1, None),
        (EntryEventType.UPDATED, 2, 1),
        (EntryEventType.REMOVED, None, 2),
    ]


async def test_stream_of_events_of_one_kind_and_key(face: Face, m: Any) -> None:
    async def read() -> Any:
        async for event in m.events(False, key="k", event_types=[EntryEventType.REMOVED]):
            return event

    reading = asyncio.ensure_future(face.start(read))
    while not reading.done():
        await m.put("other", 1)
        await m.remove("other")
        await m.put("k", 1)
        await m.remove("k")
        await asyncio.sleep(0.01)
    event = await reading
    assert (event.key, event.old_value, event.event_type) == ("k", None, EntryEventType.REMOVED)


async def test_stream_of_events_ends_with_the_map(face: Face, m: Any) -> None:
    core = async_face_of(m.target)

    async def read() -> list[Any]:
        return [event.key async for event in m.events()]

    reading = face.start(read)
    await eventually(lambda: private(core, "_streams", "_buffers"))
    await m.put("k", 0)
    await m.destroy()
    assert await reading in ([], ["k"])


async def test_stream_of_events_drops_the_oldest(
    face: Face, m: Any, caplog: pytest.LogCaptureFixture
) -> None:
    core = async_face_of(m.target)
    seen: list[int] = []

    async def read() -> None:
        async for event in m.events(capacity=10):
            seen.append(event.value)
            if event.value == 99:
                return
            while len(seen) < 2:  # until the test continues
                await asyncio.sleep(0.01)

    with caplog.at_level(logging.WARNING, logger="hzclient"):
        reading = face.start(read)
        while not seen:
            await m.put("k", -1)
            await m.remove("k")
            await asyncio.sleep(0.01)
        for i in range(100):  # of the same key, since only its events are in order
            await m.set("k", i)
        (buffer,) = private(core, "_streams", "_buffers")
        waiting = private(buffer, "_events", "_elements")
        encode = engine_of(face.client).serialization.encode
        await eventually(lambda: waiting[-1].value == encode(99))
        seen.append(-2)
        await reading
    assert seen[1:] == [-2, *range(90, 100)]
    assert "oldest are dropped" in caplog.text


async def test_wrong_capacity_is_refused_at_the_call(m: Any) -> None:
    with pytest.raises(ValueError, match="capacity"):
        m.target.events(capacity=0)


async def test_partition_lost_listener(face: Face, m: Any) -> None:
    registration = await m.add_partition_lost_listener(lambda event: None)
    assert await m.remove_partition_lost_listener(registration) is True
    assert await m.remove_partition_lost_listener(registration) is False
