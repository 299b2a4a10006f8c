"""The queue, in all faces."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hzclient.errors import IllegalStateError
from hzclient.proxy.base import ItemEventType
from tests.integration.events import Told
from tests.integration.faces import Face, eventually, unique_name
from tests.integration.interrupts import Interruption, interrupted_after
from tests.internals import async_face_of, private


@pytest.fixture
async def queue(face: Face) -> Any:
    return await face.get("queue")


@pytest.fixture
async def full_queue(face: Face) -> Any:
    """Return a full queue with room for two items (`bounded-*` in hazelcast.yaml)."""
    queue = await face.get("queue", unique_name("bounded"))
    assert await queue.add_all(["a", "b"])
    return queue


async def test_items_leave_in_the_order_they_came(queue: Any) -> None:
    assert await queue.add("a") is True
    assert await queue.offer("b") is True
    assert await queue.put("c") is None
    assert await queue.peek() == "a"
    assert [await queue.poll(), await queue.take(), await queue.poll(1)] == ["a", "b", "c"]


async def test_an_empty_queue(queue: Any) -> None:
    assert await queue.peek() is None
    assert await queue.poll() is None
    assert await queue.poll(0.05) is None
    assert await queue.is_empty() is True
    assert await queue.size() == 0
    assert await queue.iterator() == []


async def test_a_full_queue(full_queue: Any) -> None:
    assert await full_queue.remaining_capacity() == 0
    with pytest.raises(IllegalStateError, match="full"):
        await full_queue.add("c")
    assert await full_queue.offer("c") is False
    assert await full_queue.offer("c", 0.05) is False
    assert await full_queue.iterator() == ["a", "b"]


async def test_put_waits_for_room(face: Face, full_queue: Any) -> None:
    async def put() -> None:
        await full_queue.put("c")

    putting = face.start(put)
    assert [await full_queue.take() for _ in range(3)] == ["a", "b", "c"]
    await putting


async def test_take_waits_for_an_item(face: Face, queue: Any) -> None:
    async def take() -> Any:
        return await queue.take()

    taking = face.start(take)
    await queue.put("late")
    assert await taking == "late"


async def test_drain_to(queue: Any) -> None:
    await queue.add_all(list(range(10)))
    drained: list[Any] = ["before"]
    assert await queue.drain_to(drained, 3) == 3
    assert drained == ["before", 0, 1, 2]
    assert await queue.drain_to(drained) == 7
    assert drained[1:] == list(range(10))
    assert await queue.drain_to(drained) == 0


async def test_the_whole_queue(queue: Any) -> None:
    assert await queue.add_all(["a", "b", "b", "c"]) is True
    assert await queue.size() == 4
    assert await queue.is_empty() is False
    assert await queue.contains("a") is True
    assert await queue.contains("z") is False
    assert await queue.contains_all(["a", "c"]) is True
    assert await queue.contains_all(["a", "z"]) is False
    assert await queue.remove("b") is True
    assert await queue.iterator() == ["a", "b", "c"]
    assert await queue.remove("z") is False
    assert await queue.remove_all(["a", "z"]) is True
    assert await queue.retain_all(["c"]) is True
    assert await queue.iterator() == ["c"]
    assert await queue.retain_all(["c"]) is False
    await queue.clear()
    assert await queue.size() == 0


async def test_listener(queue: Any) -> None:
    told = Told()
    id_ = await queue.add_listener(True, told.add, told.add_later)
    await queue.add("a")
    added = await told.next()
    assert (added.name, added.item, added.event_type) == (queue.name, "a", ItemEventType.ADDED)
    assert added.member is not None
    await queue.poll()
    removed = await told.next()
    assert (removed.item, removed.event_type) == ("a", ItemEventType.REMOVED)
    assert await queue.remove_listener(id_) is True
    assert await queue.remove_listener(id_) is False


async def test_listener_without_values(queue: Any) -> None:
    told = Told()
    await queue.add_listener(item_removed_func=told.add)
    await queue.add("a")
    await queue.poll()
    assert (await told.next()).item is None
    assert told.empty()


async def test_names_with_a_partition_key_share_a_partition(face: Face) -> None:
    key = unique_name("key")
    one = await face.get("queue", f"{unique_name('q')}@{key}")
    await one.add("a")
    assert one.name.endswith(f"@{key}")
    assert await one.take() == "a"


async def test_none_is_refused(queue: Any) -> None:
    for call in (
        *(lambda: queue.add(None), lambda: queue.offer(None), lambda: queue.put(None)),
        *(lambda: queue.add_all(None), lambda: queue.add_all(["a", None]), lambda: queue.contains(None)),
        *(lambda: queue.contains_all([None]), lambda: queue.remove(None), lambda: queue.remove_all(None)),
        *(lambda: queue.retain_all(None), lambda: queue.drain_to(None)),
    ):
        with pytest.raises(AssertionError):
            await call()


async def test_destroy(face: Face, queue: Any) -> None:
    await queue.add("a")
    assert await queue.destroy() is True
    assert await (await face.get("queue", queue.name)).size() == 0


async def test_a_taker_that_gave_up_loses_no_item(face: Face) -> None:
    queue = await face.get("queue")
    safe = queue.target.keeping_late_items()
    if face.name == "blocking":
        with interrupted_after(0.2), pytest.raises(Interruption):
            safe.take()
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await safe.take()
    for item in ("a", "b"):
        await queue.put(item)
    await eventually(lambda: late_items_of(queue))
    assert await face.result(safe.take()) == "a"
    assert await face.result(safe.poll(1)) == "b"
    assert await queue.is_empty() is True


def late_items_of(queue: Any) -> Any:
    target = queue.target
    return private(async_face_of(target), "_late", "_items")
