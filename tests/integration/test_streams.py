"""Streams of items and messages: `async for` in the asyncio and Future faces, `for` in the blocking one."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.errors import StaleSequenceError
from tests.integration.faces import FACES, Face, end_client, make_client, unique_name


async def test_a_queue_is_taken_item_by_item(face: Face) -> None:
    queue = await face.get("queue")
    await queue.add_all(["a", "b", "c"])
    items = queue.items()
    assert [await anext(items), await anext(items)] == ["a", "b"]
    await items.aclose()
    assert await queue.iterator() == ["c"]  # nothing is taken ahead


async def test_a_ringbuffer_is_read_from_the_oldest(face: Face) -> None:
    ringbuffer = await face.get("ringbuffer", unique_name("ten"))
    await ringbuffer.add_all(list(range(11)))
    items = ringbuffer.items(batch_size=4)
    assert [await anext(items) for _ in range(10)] == list(range(1, 11))
    await ringbuffer.add("new")
    assert await anext(items) == "new"
    await items.aclose()


async def test_a_ringbuffer_tells_of_lost_items(face: Face) -> None:
    ringbuffer = await face.get("ringbuffer", unique_name("ten"))
    await ringbuffer.add_all(list(range(10)))
    strict, tolerant = ringbuffer.items(batch_size=1), ringbuffer.items(batch_size=1, loss_tolerant=True)
    assert [await anext(strict), await anext(tolerant)] == [0, 0]
    await ringbuffer.add_all(["x", "y", "z"])
    with pytest.raises(StaleSequenceError):
        await anext(strict)
    assert await anext(tolerant) == 3
    await tolerant.aclose()


@pytest.mark.parametrize("kind", ["topic", "reliable_topic"])
@pytest.mark.parametrize("face_name", ["asyncio", "future"])
async def test_messages_of_a_topic(request: pytest.FixtureRequest, kind: str, face_name: str) -> None:
    cluster = request.getfixturevalue("hazelcast_cluster")
    async with hzclient.asyncio.HazelcastClient(cluster_members=cluster.addresses) as client:
        if face_name == "future":
            client = request.getfixturevalue("threaded_client")
        topic = (await Face(face_name, client).get(kind)).target
        got: list[Any] = []

        async def listen() -> None:
            async for message in topic:
                got.append(message.message)
                if message.message == "end":
                    return

        listening = asyncio.create_task(listen())
        while not got:  # until it listens
            await topic.publish("begin")
        await topic.publish_all(["a", "b", "end"])
        await asyncio.wait_for(listening, 20)
        assert [message for message in got if message != "begin"] == ["a", "b", "end"]


@pytest.mark.parametrize("kind", ["topic", "reliable_topic"])
def test_a_blocking_loop_over_messages(threaded_client: hzclient.HazelcastClient, kind: str) -> None:
    topic = getattr(threaded_client, f"get_{kind}")(unique_name(kind)).blocking()
    got: list[Any] = []
    began = threading.Event()

    def listen() -> None:
        for message in topic:
            began.set()
            got.append(message.message)
            if message.message == "end":
                return

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    while not began.is_set():
        topic.publish("begin")
    topic.publish_all(["a", "end"])
    listening.join(60)
    assert [message for message in got if message != "begin"] == ["a", "end"]


@pytest.mark.parametrize(
    ("kind", "stream", "put"),
    [
        ("map", "events", "delete"),
        ("queue", "items", "add"),
        ("ringbuffer", "items", "add"),
        ("topic", "messages", "publish"),
        ("reliable_topic", "messages", "publish"),
    ],
)
@pytest.mark.parametrize("face_name", FACES)
async def test_a_stream_ends_with_the_client(
    hazelcast_cluster: Any, face_name: str, kind: str, stream: str, put: str
) -> None:
    client = await make_client(face_name, cluster_members=hazelcast_cluster.addresses)
    try:
        face = Face(face_name, client)
        structure = await face.get(kind)
        began = threading.Event()

        async def listen() -> None:
            async for _ in getattr(structure, stream)():
                began.set()

        listening = asyncio.ensure_future(face.start(listen))
        while not began.is_set():
            assert not listening.done()
            if kind == "map":
                await structure.set("item", "value")
            await getattr(structure, put)("item")
            await asyncio.sleep(0)
    finally:
        await end_client(client)
    await asyncio.wait_for(listening, 20)


async def test_wrong_sizes_are_refused_at_the_call(face: Face) -> None:
    topic, ringbuffer = await face.get("topic"), await face.get("ringbuffer")
    with pytest.raises(ValueError, match="capacity"):
        topic.target.messages(capacity=0)
    with pytest.raises(AssertionError, match="batch"):
        ringbuffer.target.items(batch_size=0)
