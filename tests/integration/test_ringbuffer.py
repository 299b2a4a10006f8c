"""The ringbuffer, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import StaleSequenceError
from hzclient.proxy.ringbuffer import MAX_BATCH_SIZE, OVERFLOW_POLICY_FAIL, ReadResult
from tests.integration.faces import Face, unique_name
from tests.integration.twins import Prefixed


@pytest.fixture
async def buffer(face: Face) -> Any:
    """Return a ringbuffer with room for ten items (`ten-*` in hazelcast.yaml)."""
    return await face.get("ringbuffer", unique_name("ten"))


async def test_an_empty_ringbuffer(buffer: Any) -> None:
    assert await buffer.capacity() == 10
    assert await buffer.size() == 0
    assert await buffer.tail_sequence() == -1
    assert await buffer.head_sequence() == 0
    assert await buffer.remaining_capacity() == 10


async def test_items_have_sequence_numbers(buffer: Any) -> None:
    assert [await buffer.add(i) for i in "abc"] == [0, 1, 2]
    assert await buffer.read_one(1) == "b"
    assert await buffer.size() == 3
    assert await buffer.tail_sequence() == 2


async def test_the_oldest_gives_way(buffer: Any) -> None:
    assert await buffer.add_all(list(range(10))) == 9
    assert await buffer.add(10) == 10
    assert await buffer.head_sequence() == 1
    with pytest.raises(StaleSequenceError):
        await buffer.read_one(0)
    result = await buffer.read_many(0, 1, 3)
    assert result == [1, 2, 3]
    assert result.next_sequence_to_read_from == 4


async def test_nothing_is_added_where_it_is_full(buffer: Any) -> None:
    await buffer.add_all(list(range(10)))
    assert await buffer.add("late", OVERFLOW_POLICY_FAIL) == -1
    assert await buffer.add_all(["late", "later"], overflow_policy=OVERFLOW_POLICY_FAIL) == -1
    assert await buffer.read_many(0, 10, 10) == list(range(10))


async def test_read_one_waits_for_its_item(face: Face, buffer: Any) -> None:
    async def read() -> Any:
        return await buffer.read_one(1)

    reading = face.start(read)
    await buffer.add_all(["a", "b"])
    assert await reading == "b"


async def test_read_many_waits_for_enough(face: Face, buffer: Any) -> None:
    async def read() -> Any:
        return await buffer.read_many(0, 2, 10)

    reading = face.start(read)
    await buffer.add_all(["a", "b"])
    assert await reading == ["a", "b"]
    assert await buffer.read_many(2, 0, 10) == []


async def test_read_many_with_a_filter(buffer: Any) -> None:
    await buffer.add_all(["apple", "bean", "avocado", "beet"])
    result = await buffer.read_many(0, 1, 10, Prefixed("a"))
    assert list(result) == ["apple", "avocado"]
    assert (result.size, result.read_count) == (2, 4)
    assert [result.get_sequence(i) for i in range(2)] == [0, 2]
    assert result.next_sequence_to_read_from == 4


async def test_wrong_arguments(buffer: Any) -> None:
    for call in (
        *(lambda: buffer.add(None), lambda: buffer.add_all([]), lambda: buffer.add_all([None])),
        *(lambda: buffer.add_all(["x"] * (MAX_BATCH_SIZE + 1)), lambda: buffer.read_one(-1)),
        *(lambda: buffer.read_many(-1, 0, 1), lambda: buffer.read_many(0, -1, 1)),
        *(lambda: buffer.read_many(0, 2, 1), lambda: buffer.read_many(0, 0, MAX_BATCH_SIZE + 1)),
        lambda: buffer.read_many(0, 0, 11),
    ):
        with pytest.raises(AssertionError):
            await call()


def test_read_result_is_a_sequence() -> None:
    result = ReadResult(5, 9, [4, 6], ["a", "b"])
    assert len(result) == result.size == 2
    assert list(result) == ["a", "b"]
    assert result[1] == "b"
    assert result[:1] == ["a"]
    assert result == ["a", "b"]
    assert result == ("a", "b")
    assert result != ["a"]
    assert result != 7
    assert "a" in result
    assert result.read_count == 5
    assert result.get_sequence(1) == 6
    assert ReadResult(0, 0, None, ["a"]).get_sequence(0) == ReadResult.SEQUENCE_UNAVAILABLE
