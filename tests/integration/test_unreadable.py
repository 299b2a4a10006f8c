"""Reads of many keys, values, or items of which some cannot be deserialized, in all faces."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import hzclient.predicate as p
from hzclient.errors import HazelcastSerializationError, UnreadableItemError
from hzclient.serialization.data import Data
from hzclient.serialization.serialization_const import JAVA_DEFAULT_TYPE_LOCAL_DATE
from tests.integration.faces import Face, eventually

BAD = Data(struct.pack(">iiibb", 0, JAVA_DEFAULT_TYPE_LOCAL_DATE, 12_000, 1, 31))
"""A date that Java supports and Python does not."""

ENTRIES = {1: "one", 2: BAD, BAD: "three", 4: "four"}
READABLE = {1: "one", 4: "four"}


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    m = await face.get("map", map_name)
    await m.put_all(ENTRIES)
    return m


@pytest.mark.parametrize("predicate", [None, p.true()])
async def test_a_stream_raises_returns_or_skips_what_cannot_be_read(m: Any, predicate: Any) -> None:
    with pytest.raises(UnreadableItemError) as caught:
        _ = [entry async for entry in m.entries(predicate)]
    assert caught.value.data == BAD
    assert dict([entry async for entry in m.entries(predicate, on_error="skip")]) == READABLE
    assert sorted([key async for key in m.keys(predicate, on_error="skip")]) == [1, 2, 4]
    keys = [key async for key in m.keys(predicate, on_error="raw")]
    assert set(keys) == ENTRIES.keys()
    raw = dict([entry async for entry in m.entries(predicate, on_error="raw")])
    if predicate is not None:  # the member has returned one array of key and value
        (array,) = raw.keys() - ENTRIES.keys()
        assert isinstance(array, Data)
        assert raw.pop(array) is None
        raw[BAD] = "three"
    assert raw == ENTRIES


async def test_what_a_stream_returns_raw_is_accepted_as_it_is(m: Any) -> None:
    async for key, value in m.entries(on_error="raw"):
        assert await m.contains_key(key)
        assert await m.replace_if_same(key, value, "replaced") is True
        await m.delete(key)
    assert await m.is_empty()


@pytest.mark.parametrize("wrong", ["ignore", None])
async def test_other_choices_are_refused_at_the_call(face: Face, m: Any, wrong: Any) -> None:
    q, r = await face.get("queue"), await face.get("ringbuffer")
    for stream in (m.target.keys, m.target.entries, q.target.items, r.target.items):
        with pytest.raises(ValueError, match="on_error must be 'raise', 'skip', or 'raw', not"):
            stream(on_error=wrong)


Call = Callable[[Any], Awaitable[Any]]

MAP_READS: dict[str, Call] = {
    "key_set": lambda m: m.key_set(),
    "key_set, matching": lambda m: m.key_set(p.true()),
    "values": lambda m: m.values(),
    "values, matching": lambda m: m.values(p.true()),
    "entry_set": lambda m: m.entry_set(),
    "entry_set, matching": lambda m: m.entry_set(p.true()),
    "entry_set, paging": lambda m: m.entry_set(p.paging(p.instance_of("java.time.LocalDate"), 10)),
    "get_all": lambda m: m.get_all(list(ENTRIES)),
}


@pytest.mark.parametrize("read", MAP_READS)
async def test_a_bulk_read_names_the_entry_and_loses_nothing(m: Any, read: str) -> None:
    call = MAP_READS[read]
    with pytest.raises(UnreadableItemError) as caught:
        await call(m)
    error = caught.value
    assert error.data == BAD
    assert isinstance(error.__cause__, HazelcastSerializationError)
    found = error.items[error.index]
    if isinstance(found, tuple):
        assert error.key == found[0] and BAD in found
        part = "key" if error.key == BAD else "value"
        assert str(error).startswith(f"cannot read the {part} of entry {error.index}")
    else:
        assert (error.key, found) == (None, BAD)
        assert str(error).startswith(f"cannot read item {error.index} of the response: ")
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.data, copied.items, str(copied)) == (error.data, error.items, str(error))


ITEMS: list[Any] = ["one", BAD, "three"]
PAIRS = dict(enumerate(ITEMS))


async def fill_replicas(m: Any) -> None:
    """Put the pairs and wait for the replica that the proxy reads: replication is asynchronous."""
    await m.put_all(PAIRS)

    async def complete() -> bool:
        return await m.size() == len(PAIRS)

    await eventually(complete)


OTHERS: dict[str, tuple[str, Call, Call]] = {
    "MultiMap.get": ("multi_map", lambda m: m.put_all({1: ITEMS}), lambda m: m.get(1)),
    "MultiMap.values": ("multi_map", lambda m: m.put_all({1: ITEMS}), lambda m: m.values()),
    "MultiMap.entry_set": ("multi_map", lambda m: m.put_all({1: ITEMS}), lambda m: m.entry_set()),
    "MultiMap.remove_all": ("multi_map", lambda m: m.put_all({1: ITEMS}), lambda m: m.remove_all(1)),
    "ReplicatedMap.values": ("replicated_map", fill_replicas, lambda m: m.values()),
    "ReplicatedMap.entry_set": ("replicated_map", fill_replicas, lambda m: m.entry_set()),
    "Queue.iterator": ("queue", lambda q: q.add_all(ITEMS), lambda q: q.iterator()),
    "Queue.drain_to": ("queue", lambda q: q.add_all(ITEMS), lambda q: q.drain_to([])),
    "List.get_all": ("list", lambda items: items.add_all(ITEMS), lambda items: items.get_all()),
    "List.sub_list": ("list", lambda items: items.add_all(ITEMS), lambda items: items.sub_list(0, 3)),
    "Set.get_all": ("set", lambda items: items.add_all(ITEMS), lambda items: items.get_all()),
    "Ringbuffer.read_many": ("ringbuffer", lambda r: r.add_all(ITEMS, 0), lambda r: r.read_many(0, 3, 3)),
}
"""Bulk reads of other structures: the kind of structure, a call that fills it, and the read."""


@pytest.mark.parametrize("read", OTHERS)
async def test_bulk_reads_of_other_structures(face: Face, read: str) -> None:
    kind, fill, call = OTHERS[read]
    structure = await face.get(kind)
    await fill(structure)
    with pytest.raises(UnreadableItemError) as caught:
        await call(structure)
    error = caught.value
    assert error.data == BAD
    values = [item[1] if isinstance(item, tuple) else item for item in error.items]
    assert len(values) == 3 and set(values) == set(ITEMS)
    assert values[error.index] == BAD


async def test_items_of_a_queue(face: Face) -> None:
    for on_error, expected in (("raw", ITEMS), ("skip", ["one", "three"])):
        q = await face.get("queue")
        await q.add_all([*ITEMS, "end"])
        taken: list[Any] = []
        async for item in q.items(on_error=on_error):
            if item == "end":
                break
            taken.append(item)
        assert taken == expected
    q = await face.get("queue")
    await q.add_all(ITEMS)
    with pytest.raises(HazelcastSerializationError) as caught:
        _ = [item async for item in q.items()]
    assert caught.value.data == BAD
    assert await q.iterator() == ["three"]


async def test_items_of_a_ringbuffer(face: Face) -> None:
    r = await face.get("ringbuffer")
    await r.add_all([*ITEMS, "end"], 0)
    for on_error, expected in (("raw", ITEMS), ("skip", ["one", "three"])):
        read: list[Any] = []
        async for item in r.items(on_error=on_error):
            if item == "end":
                break
            read.append(item)
        assert read == expected
    with pytest.raises(UnreadableItemError) as caught:
        _ = [item async for item in r.items()]
    assert caught.value.data == BAD


async def test_a_single_read_carries_the_data_too(m: Any) -> None:
    for read in (lambda: m.get(2), lambda: m.get_entry_view(2), lambda: m.remove(2)):
        with pytest.raises(HazelcastSerializationError) as caught:
            await read()
        assert caught.value.data == BAD
    assert not await m.contains_key(2)
