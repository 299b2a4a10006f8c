"""Operations of the multimap, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import IllegalMonitorStateError
from hzclient.proxy.base import EntryEventType
from tests.integration.events import Told
from tests.integration.faces import Face


@pytest.fixture
async def m(face: Face) -> Any:
    return await face.get("multi_map")


async def test_a_key_has_values(m: Any) -> None:
    assert await m.get("k") == []
    assert await m.put("k", 1) is True
    assert await m.put("k", 2) is True
    assert await m.put("k", 2) is False
    assert sorted(await m.get("k")) == [1, 2]
    assert await m.value_count("k") == 2
    assert await m.contains_key("k") is True
    assert await m.contains_entry("k", 1) is True
    assert await m.contains_entry("k", 3) is False


async def test_values_are_removed(m: Any) -> None:
    await m.put_all({"k": [1, 2, 3], "l": [4], "m": (5,)})
    assert await m.remove("k", 1) is True
    assert await m.remove("k", 1) is False
    assert sorted(await m.remove_all("k")) == [2, 3]
    assert await m.remove_all("k") == []
    assert await m.delete("l") is None
    assert await m.key_set() == ["m"]


async def test_the_whole_map(m: Any) -> None:
    await m.put_all({f"k{i}": [i, -i] for i in range(1, 101)})
    assert await m.size() == 200
    assert sorted(await m.key_set()) == sorted(f"k{i}" for i in range(1, 101))
    assert sorted(await m.values()) == [i for i in range(-100, 101) if i]
    assert sorted(await m.entry_set()) == sorted((f"k{abs(i)}", i) for i in range(-100, 101) if i)
    assert await m.contains_value(-100) is True
    assert await m.contains_value(0) is False
    await m.clear()
    assert await m.size() == 0
    await m.put_all({})


async def test_locks(face: Face, m: Any) -> None:
    await m.lock("k")
    assert await m.is_locked("k") is True

    async def somebody_else() -> None:
        assert await m.try_lock("k") is False
        with pytest.raises(IllegalMonitorStateError):
            await m.unlock("k")

    await face.as_somebody_else(somebody_else)
    await m.unlock("k")
    assert await m.is_locked("k") is False
    assert await m.try_lock("k", lease_time=60, timeout=1) is True
    await m.force_unlock("k")
    assert await m.is_locked("k") is False


async def test_a_lock_for_a_block(face: Face, m: Any) -> None:
    with pytest.raises(ValueError, match="on purpose"):
        async with face.entered(m.lock_context("k")):
            assert await m.is_locked("k") is True
            raise ValueError("on purpose")
    assert await m.is_locked("k") is False


async def test_a_listener_receives_each_change_once(m: Any) -> None:
    told = Told()
    id_ = await m.add_entry_listener(True, None, told.add, told.add, told.add_later)
    for i in range(10):
        await m.put(i, i)
    events = await told.some(10)
    assert sorted(e.value for e in events) == list(range(10))
    assert {e.event_type for e in events} == {EntryEventType.ADDED}
    await m.remove(3, 3)
    removed = await told.next()
    assert (removed.key, removed.old_value, removed.event_type) == (3, 3, EntryEventType.REMOVED)
    await m.clear()
    cleared = await told.next()
    assert cleared.event_type == EntryEventType.CLEAR_ALL
    assert told.empty()
    assert await m.remove_entry_listener(id_) is True
    assert await m.remove_entry_listener(id_) is False


async def test_listener_of_one_key(m: Any) -> None:
    told = Told()
    await m.add_entry_listener(key="mine", added_func=told.add)
    await m.put("other", 1)
    await m.put("mine", 2)
    event = await told.next()
    assert (event.key, event.value) == ("mine", None)
    assert told.empty()


async def test_none_is_refused(m: Any) -> None:
    for call in (
        *(lambda: m.put(None, 1), lambda: m.put(1, None), lambda: m.get(None), lambda: m.remove(1, None)),
        *(lambda: m.remove_all(None), lambda: m.contains_key(None), lambda: m.contains_value(None)),
        *(lambda: m.contains_entry(None, 1), lambda: m.value_count(None), lambda: m.put_all(None)),
        *(lambda: m.put_all({"k": [None]}), lambda: m.lock(None), lambda: m.delete(None)),
    ):
        with pytest.raises(AssertionError):
            await call()
