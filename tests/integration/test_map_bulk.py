"""Operations of the map on many entries, and how they are divided into requests, in all faces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hzclient.predicate as p
from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient.proxy._map_bulk import BATCH_BYTES, BATCH_ITEMS, batches
from tests.integration.faces import Face, eventually, unique_name


@pytest.fixture
async def m(face: Face, map_name: str) -> AsyncIterator[Any]:
    """Return a map that is destroyed after the test, because the members cannot hold all of these maps."""
    m = await face.get("map", map_name)
    yield m
    await m.destroy()


@given(st.lists(st.integers(0, 3 * BATCH_BYTES // 2), max_size=20))
def test_batches_are_bounded(sizes: list[int]) -> None:
    items = [bytes(size) for size in sizes]
    cut = list(batches(items))
    assert [item for batch in cut for item in batch] == items
    assert all(batch for batch in cut)
    assert all(len(batch) == 1 or sum(map(len, batch)) <= BATCH_BYTES for batch in cut)


def test_batches_are_bounded_by_count() -> None:
    assert [len(batch) for batch in batches([b"k"] * (2 * BATCH_ITEMS + 1))] == [BATCH_ITEMS, BATCH_ITEMS, 1]


def test_batches_count_keys_and_values() -> None:
    entry = (bytes(BATCH_BYTES // 4), bytes(BATCH_BYTES // 4))
    assert [len(batch) for batch in batches([entry] * 5)] == [2, 2, 1]


async def test_no_request_is_huge(face: Face, m: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    put_all = codec.PUT_ALL
    encode = put_all.encode

    def noted(
        name: str, entries: Iterable[tuple[bytes, bytes]], trigger_map_loader: bool = False
    ) -> Request[None]:
        request = encode(name, entries, trigger_map_loader)
        sizes.append(request.size)
        return request

    # Without a layout, so that the compiled path does not encode by itself.
    monkeypatch.setattr(codec, "PUT_ALL", replace(put_all, encode=noted, request_layout=None))
    entries = {f"k@{i}": bytearray(300_000) for i in range(20)}
    await m.put_all(entries)
    assert max(sizes) < 1.1 * BATCH_BYTES
    assert await m.get_all(list(entries)) == entries


async def test_many_entries(m: Any) -> None:
    entries = {i: str(i) for i in range(100_000)}
    await m.put_all(entries)
    assert await m.size() == 100_000
    assert await m.get_all(range(100_000)) == entries


async def test_nothing_to_do(m: Any) -> None:
    assert await m.put_all({}) is None
    assert await m.get_all([]) == {}


async def test_remove_all(m: Any) -> None:
    await m.put_all({i: i for i in range(10)})
    assert await m.remove_all(p.less("this", 4)) is None
    assert sorted(await m.key_set()) == list(range(4, 10))
    await m.remove_all(p.true())
    assert await m.is_empty()


async def test_evict_all_leaves_locked_entries(face: Face, m: Any) -> None:
    await m.put_all({i: i for i in range(10)})
    await m.lock(3)
    assert await m.evict_all() is None
    assert await m.key_set() == [3]
    await m.unlock(3)


async def test_load_all(face: Face) -> None:
    m = await face.get("map", unique_name("loaded"))
    assert await m.load_all() is None
    await eventually(lambda: _has(m, {"a": "loaded a", "b": "loaded b", "c": "loaded c"}))


async def test_load_all_of_some_keys(face: Face) -> None:
    m = await face.get("map", unique_name("loaded"))
    await m.put_transient("a", "mine")
    await m.load_all(["a", "x"], replace_existing_values=False)
    await eventually(lambda: m.contains_key("x"))
    assert await m.get("a") == "mine"
    await m.load_all(["a"])
    await eventually(lambda: _has(m, {"a": "loaded a"}))


async def test_load_all_of_no_keys_loads_none(face: Face) -> None:
    m = await face.get("map", unique_name("loaded"))
    await m.put_transient("a", "mine")
    await m.load_all([])
    assert await m.get("a") == "mine"


async def _has(m: Any, entries: dict[Any, Any]) -> bool:
    return entries.items() <= dict(await m.entry_set()).items()
