"""Streams of keys and entries of maps, also while members join and leave, in all faces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hzclient
import hzclient.asyncio
import hzclient.predicate as p
from hzclient.errors import UnsupportedOperationError
from hzclient.proxy.base import EntryEventType
from hzclient.server import LocalCluster
from tests.integration.faces import Face, unique_name


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_keys_and_entries(m: Any) -> None:
    entries = {i: str(i) for i in range(3000)}
    await m.put_all(entries)
    assert sorted([key async for key in m.keys()]) == sorted(entries)
    assert sorted([entry async for entry in m.entries()]) == sorted(entries.items())


async def test_nothing(m: Any) -> None:
    assert [key async for key in m.keys()] == []
    assert [entry async for entry in m.entries(p.true())] == []


async def test_small_pages_of_what_a_predicate_matches(m: Any) -> None:
    await m.put_all({i: str(i) for i in range(1000)})
    few = p.between("__key", 100, 199)
    assert sorted([key async for key in m.keys(few, page_size=2)]) == list(range(100, 200))
    entries = [entry async for entry in m.entries(few, page_size=2)]
    assert sorted(entries) == [(i, str(i)) for i in range(100, 200)]


async def test_wrong_arguments_are_refused_at_the_call(m: Any) -> None:
    for stream in (m.target.keys, m.target.entries):
        with pytest.raises(ValueError, match="page_size"):
            stream(page_size=0)
        with pytest.raises(AssertionError):
            stream(p.paging(None, 5))


async def test_a_stream_may_be_left(m: Any) -> None:
    await m.put_all({i: i for i in range(100)})
    stream = m.keys(page_size=1)
    async for key in stream:
        assert 0 <= key < 100
        break
    await stream.aclose()
    assert await m.size() == 100


@pytest.fixture(scope="module")
def blocking_map(threaded_client: hzclient.HazelcastClient) -> Any:
    return threaded_client.get_map(unique_name("map")).blocking()


_CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1000, 1999)),
        st.tuples(st.just("remove"), st.integers(1000, 1999)),
        st.tuples(st.just("update"), st.integers(0, 99)),
    ),
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(page_size=st.integers(1, 40), every=st.integers(1, 10), changes=_CHANGES, of_entries=st.booleans())
def test_what_stays_comes_once_whatever_else_changes(
    blocking_map: Any, page_size: int, every: int, changes: list[tuple[str, int]], of_entries: bool
) -> None:
    """Model: keys 0 to 99 exist all the time; higher keys are added and removed during the stream."""
    blocking_map.clear()
    blocking_map.put_all(dict.fromkeys(range(100), 0))
    todo: Iterator[tuple[str, int]] = iter(changes)
    ever = set(range(100)) | {key for what, key in changes if what == "put"}
    seen: list[int] = []
    stream = (
        blocking_map.entries(page_size=page_size) if of_entries else blocking_map.keys(page_size=page_size)
    )
    for item in stream:
        seen.append(item[0] if of_entries else item)
        if len(seen) % every == 0 and (change := next(todo, None)) is not None:
            what, key = change
            if what == "remove":
                blocking_map.delete(key)
            else:
                blocking_map.set(key, len(seen))
    stay = [key for key in seen if key < 100]
    assert sorted(stay) == list(range(100))
    assert set(seen) <= ever


@pytest.mark.parametrize("name", ["blocking", "asyncio"])
async def test_no_entry_is_lost_when_partitions_move(name: str, server_version: str) -> None:
    entries = {i: i for i in range(20_000)}
    graceful = {"hazelcast.shutdownhook.policy": "GRACEFUL"}
    with LocalCluster(members=1, version=server_version, properties=graceful) as cluster:
        options: dict[str, Any] = {"cluster_members": cluster.addresses}
        if name == "asyncio":
            client: Any = await hzclient.asyncio.HazelcastClient.create_and_start(**options)
        else:
            client = hzclient.HazelcastClient(**options)
        face = Face(name, client)
        m = await face.get("map")
        await m.put_all(entries)
        seen: list[int] = []
        async for key, value in m.entries(page_size=5):
            assert key == value
            seen.append(key)
            if len(seen) == 5000:
                await asyncio.to_thread(cluster.start_member)
            if len(seen) == 12_000:
                await asyncio.to_thread(cluster.members[0].stop)
        assert sorted(seen) == sorted(entries)
        await face.result(client.shutdown())


async def test_journal(face: Face) -> None:
    m = await face.get("map", unique_name("journaled"))
    await m.set("k", 1)
    await m.set("k", 2)
    await m.delete("k")
    await m.set("other", [1])
    seen: dict[str, list[Any]] = {"k": [], "other": []}
    sequences: list[int] = []
    async for event in m.journal(page_size=2):
        seen[event.key].append((event.event_type, event.old_value, event.value))
        if event.key == "k":
            sequences.append(event.sequence)
        if sum(map(len, seen.values())) == 4:
            break
    assert seen["k"] == [
        (EntryEventType.ADDED, None, 1),
        (EntryEventType.UPDATED, 1, 2),
        (EntryEventType.REMOVED, 2, None),
    ]
    assert seen["other"] == [(EntryEventType.ADDED, None, [1])]
    assert sequences == [0, 1, 2]


async def test_journal_from_now_on(face: Face) -> None:
    m = await face.get("map", unique_name("journaled"))
    await m.set("before", 1)
    seen: list[Any] = []

    async def read() -> None:
        async for event in m.journal(from_oldest=False):
            seen.append(event)
            if event.value == "last":
                return

    reading = face.start(read)
    while not seen:
        await m.set("k", 1)
        await asyncio.sleep(0.01)
    await m.set("k", "last")
    await reading
    assert {event.key for event in seen} == {"k"}


async def test_a_map_without_a_journal(m: Any) -> None:
    with pytest.raises(UnsupportedOperationError):
        async for _ in m.journal():
            pass
