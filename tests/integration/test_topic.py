"""The topic, in all faces."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.events import Told
from tests.integration.faces import Face


@pytest.fixture
async def topic(face: Face) -> Any:
    return await face.get("topic")


async def test_messages_arrive_in_order(topic: Any) -> None:
    told = Told()
    id_ = await topic.add_listener(told.add)
    await topic.publish("first")
    await topic.publish_all(["second", "third"])
    first, second, third = await told.some(3)
    assert [m.message for m in (first, second, third)] == ["first", "second", "third"]
    assert first.name == topic.name
    assert first.member is not None
    assert abs(first.publish_time - time.time()) < 60
    await topic.publish_all(iter(["fourth", "fifth"]))
    assert [m.message for m in await told.some(2)] == ["fourth", "fifth"]
    assert await topic.remove_listener(id_) is True
    assert await topic.remove_listener(id_) is False


async def test_a_listener_may_be_a_coroutine_function(topic: Any) -> None:
    told = Told()
    await topic.add_listener(told.add_later)
    await topic.publish_all(list(range(100)))
    assert [m.message for m in await told.some(100)] == list(range(100))


async def test_a_listener_that_raises_gets_the_next_message(topic: Any) -> None:
    told = Told()

    def listen(message: Any) -> None:
        told.add(message)
        raise ValueError("on purpose")

    await topic.add_listener(listen)
    await topic.publish_all(["a", "b"])
    assert [m.message for m in await told.some(2)] == ["a", "b"]


async def test_none_is_refused(topic: Any) -> None:
    for call in (
        *(lambda: topic.publish(None), lambda: topic.publish_all(None), lambda: topic.publish_all([None])),
        *(lambda: topic.add_listener(), lambda: topic.remove_listener(None)),
    ):
        with pytest.raises(AssertionError):
            await call()
