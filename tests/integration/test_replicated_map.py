"""Operations of the replicated map, in all faces.

Replication is asynchronous, so tests wait until a replica has what they expect.
"""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.predicate import greater
from hzclient.proxy.base import EntryEventType
from tests.integration.events import Told
from tests.integration.faces import Face, eventually


@pytest.fixture
async def m(face: Face) -> Any:
    return await face.get("replicated_map")


async def test_single_entries(m: Any) -> None:
    assert await m.get("k") is None
    assert await m.put("k", "one") is None
    assert await m.put("k", "two") == "one"
    assert await m.get("k") == "two"
    assert await m.contains_key("k") is True
    assert await m.remove("k") == "two"
    assert await m.remove("k") is None
    assert await m.contains_key("k") is False


async def test_time_to_live(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(evicted_func=told.add)
    await m.put("k", 1, ttl=1)
    event = await told.next()
    assert (event.key, event.event_type) == ("k", EntryEventType.EVICTED)

    async def is_gone() -> bool:  # each member removes it by itself
        return await m.get("k") is None

    await eventually(is_gone)


async def test_the_whole_map(m: Any) -> None:
    assert await m.is_empty() is True
    entries = {f"k{i}": i for i in range(100)}
    await m.put_all(entries)

    async def complete() -> bool:
        return await m.size() == 100

    await eventually(complete)
    assert dict(await m.entry_set()) == entries
    assert set(await m.key_set()) == set(entries)
    assert sorted(await m.values()) == list(range(100))
    assert await m.contains_value(99) is True
    assert await m.contains_value(100) is False
    assert await m.is_empty() is False
    await m.clear()
    await eventually(m.is_empty)


async def test_a_listener_receives_each_change(m: Any) -> None:
    told = Told()
    id_ = await m.add_entry_listener(
        added_func=told.add, removed_func=told.add, updated_func=told.add_later, clear_all_func=told.add
    )
    await m.put("k", 1)
    added = await told.next()
    assert (added.key, added.value, added.event_type) == ("k", 1, EntryEventType.ADDED)
    await m.put("k", 2)
    updated = await told.next()
    assert (updated.old_value, updated.value, updated.event_type) == (1, 2, EntryEventType.UPDATED)
    await m.remove("k")
    removed = await told.next()
    assert (removed.key, removed.old_value, removed.event_type) == ("k", 2, EntryEventType.REMOVED)
    await m.put("k", 3)
    await told.next()
    await m.clear()
    cleared = await told.next()
    assert (cleared.event_type, cleared.number_of_affected_entries) == (EntryEventType.CLEAR_ALL, 1)
    assert await m.remove_entry_listener(id_) is True
    assert await m.remove_entry_listener(id_) is False


@pytest.mark.parametrize(
    "filters",
    [{"key": "k"}, {"predicate": greater("this", 5)}, {"key": "k", "predicate": greater("this", 5)}],
)
async def test_listener_with_a_filter(m: Any, filters: dict[str, Any]) -> None:
    told = Told()
    await m.add_entry_listener(added_func=told.add, **filters)
    await m.put("other", 1)
    await m.put("k", 7)
    event = await told.next()
    assert (event.key, event.value) == ("k", 7)
    assert told.empty()


async def test_none_is_refused(m: Any) -> None:
    for call in (
        *(lambda: m.put(None, 1), lambda: m.put(1, None), lambda: m.get(None), lambda: m.remove(None)),
        *(lambda: m.contains_key(None), lambda: m.contains_value(None), lambda: m.put_all(None)),
        *(lambda: m.put_all({"k": None}), lambda: m.remove_entry_listener(None)),
    ):
        with pytest.raises(AssertionError):
            await call()
