"""The reliable topic, in all faces."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hzclient.config import TopicOverloadPolicy
from hzclient.errors import OperationTimeoutError, StaleSequenceError, TopicOverloadError
from hzclient.proxy.reliable_topic import ReliableMessageListener
from hzclient.proxy.ringbuffer import MAX_BATCH_SIZE
from hzclient.server import LocalCluster
from tests.integration.events import Told
from tests.integration.faces import FACES, Face, Seen, end_client, make_client, unique_name
from tests.internals import async_face_of, private

ROOM = 10
"""How many messages topics named `ten-*` have room for (hazelcast.yaml)."""


class Listener(ReliableMessageListener[Any]):
    """Records what it receives; its decisions are given."""

    def __init__(self, initial: int = -1, loss_tolerant: bool = False, terminal: bool = False) -> None:
        self.messages, self.cancelled = Told(), Told()
        self.stored: list[int] = []
        self.initial, self.loss_tolerant, self.terminal = initial, loss_tolerant, terminal

    def on_message(self, message: Any) -> None:
        self.messages.add(message.message)
        if message.message == "raise":
            raise ValueError("on purpose")

    def retrieve_initial_sequence(self) -> int:
        return self.initial

    def store_sequence(self, sequence: int) -> None:
        self.stored.append(sequence)

    def is_loss_tolerant(self) -> bool:
        return self.loss_tolerant

    def is_terminal(self, error: Exception) -> bool:
        return self.terminal

    def on_cancel(self) -> None:
        self.cancelled.add("cancelled")


class AsyncListener(Listener):
    async def on_message(self, message: Any) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        self.messages.add(message.message)


@pytest.fixture
async def topic(face: Face) -> Any:
    return await face.get("reliable_topic")


async def test_a_function_as_listener(topic: Any) -> None:
    told = Told()
    await topic.publish("before")
    id_ = await topic.add_listener(told.add)
    await topic.publish("a")
    await topic.publish_all(["b", "c"])
    await topic.publish_all([])
    messages = await told.some(3)
    assert [m.message for m in messages] == ["a", "b", "c"]
    assert {m.name for m in messages} == {topic.name}
    assert messages[0].publish_time <= messages[2].publish_time
    assert await topic.remove_listener(id_) is True
    assert await topic.remove_listener(id_) is False


async def test_a_coroutine_function_as_listener(topic: Any) -> None:
    told = Told()
    await topic.add_listener(told.add_later)
    await topic.publish_all(list(range(100)))
    assert [m.message for m in await told.some(100)] == list(range(100))


@pytest.mark.parametrize("kind", [Listener, AsyncListener])
async def test_a_listener_starts_where_it_says(topic: Any, kind: type[Listener]) -> None:
    await topic.publish_all(["a", "b", "c", "d"])
    everything, later, new = kind(0), kind(2), kind(-1)
    for listener in (everything, later, new):
        await topic.add_listener(listener)
    await topic.publish("e")
    assert await everything.messages.some(5) == list("abcde")
    assert await later.messages.some(3) == list("cde")
    assert await new.messages.next() == "e"
    assert everything.stored == [0, 1, 2, 3, 4]
    assert later.stored == [2, 3, 4]
    assert new.stored == [4]


async def test_a_removed_listener_is_told(topic: Any) -> None:
    listener = Listener()
    id_ = await topic.add_listener(listener)
    assert await topic.remove_listener(id_) is True
    assert await listener.cancelled.next() == "cancelled"
    await topic.publish("late")
    assert listener.messages.empty()


async def test_a_listener_that_raises(topic: Any) -> None:
    patient, impatient = Listener(), Listener(terminal=True)
    for listener in (patient, impatient):
        await topic.add_listener(listener)
    await topic.publish_all(["raise", "next"])
    assert await patient.messages.some(2) == ["raise", "next"]
    await impatient.cancelled.next()
    assert await impatient.messages.next() == "raise"
    assert impatient.messages.empty()
    assert patient.cancelled.empty()


async def test_lost_messages(face: Face) -> None:
    topic = await face.get("reliable_topic", unique_name("ten"))
    ringbuffer = await face.get("ringbuffer", f"_hz_rb_{topic.name}")
    await topic.publish_all(list(range(ROOM)))
    copies = [await ringbuffer.read_one(i) for i in range(ROOM)]
    await ringbuffer.add_all(copies[:4])  # the first four are overwritten
    strict, tolerant = Listener(1), Listener(1, loss_tolerant=True)
    await topic.add_listener(strict)
    await topic.add_listener(tolerant)
    await strict.cancelled.next()
    assert strict.messages.empty()
    assert await tolerant.messages.some(ROOM) == [4, 5, 6, 7, 8, 9, 0, 1, 2, 3]
    assert tolerant.stored == list(range(4, 14))


@pytest.fixture
async def full_topic(face: Face, hazelcast_cluster: LocalCluster, request: pytest.FixtureRequest) -> Any:
    """Return a topic without room, of a client whose overload policy is the fixture's parameter."""
    name = unique_name("ten")
    client = await make_client(
        face.name,
        cluster_members=hazelcast_cluster.addresses,
        reliable_topics={name: {"overload_policy": request.param}},
    )
    topic = await Face(face.name, client).get("reliable_topic", name)
    await topic.publish_all(list(range(ROOM)))
    yield topic
    await end_client(client)


async def published(face: Face, topic: Any) -> list[Any]:
    listener = Listener(0, loss_tolerant=True)
    await (await face.get("reliable_topic", topic.name)).add_listener(listener)
    return await listener.messages.some(ROOM)


@pytest.mark.parametrize("full_topic", [TopicOverloadPolicy.ERROR], indirect=True)
async def test_no_room_is_an_error(face: Face, full_topic: Any) -> None:
    with pytest.raises(TopicOverloadError):
        await full_topic.publish("late")
    with pytest.raises(TopicOverloadError):
        await full_topic.publish_all(["late", "later"])
    assert await published(face, full_topic) == list(range(ROOM))


@pytest.mark.parametrize("full_topic", [TopicOverloadPolicy.DISCARD_NEWEST], indirect=True)
async def test_the_newest_is_discarded(face: Face, full_topic: Any) -> None:
    assert await full_topic.publish("late") is None
    assert await published(face, full_topic) == list(range(ROOM))


@pytest.mark.parametrize("full_topic", [TopicOverloadPolicy.DISCARD_OLDEST], indirect=True)
async def test_the_oldest_is_discarded(face: Face, full_topic: Any) -> None:
    assert await full_topic.publish_all(["late", "later"]) is None
    assert await published(face, full_topic) == [*range(2, ROOM), "late", "later"]


@pytest.mark.parametrize("full_topic", [TopicOverloadPolicy.BLOCK], indirect=True)
async def test_waiting_for_room_has_the_time_limit_of_the_call(full_topic: Any) -> None:
    hurried = Seen(full_topic.target.with_timeout(0.25))
    with pytest.raises(OperationTimeoutError):
        await hurried.publish("late")
    with pytest.raises(OperationTimeoutError):
        await hurried.publish_all(["late", "later"])


async def test_publishing_waits_for_room(face: Face) -> None:
    """Topics named `brief-*` have room for two messages, which live for two seconds."""
    topic = await face.get("reliable_topic", unique_name("brief"))
    told = Told()
    await topic.add_listener(told.add)
    for i in range(4):
        await topic.publish(i)
    assert [m.message for m in await told.some(4)] == [0, 1, 2, 3]


async def test_destroying_ends_listeners(face: Face, topic: Any) -> None:
    listener = Listener()
    await topic.add_listener(listener)
    await topic.publish("a")
    assert await listener.messages.next() == "a"
    assert await topic.destroy() is True
    await listener.cancelled.next()
    again = await face.get("reliable_topic", topic.name)
    everything = Listener(0)
    await again.add_listener(everything)
    await again.publish("b")
    assert await everything.messages.next() == "b"


async def test_wrong_arguments(topic: Any) -> None:
    for call in (
        *(lambda: topic.publish(None), lambda: topic.publish_all(None), lambda: topic.publish_all([None])),
        *(lambda: topic.publish_all(["x"] * (MAX_BATCH_SIZE + 1)), lambda: topic.add_listener(None)),
    ):
        with pytest.raises(AssertionError):
            await call()
    with pytest.raises(TypeError):
        await topic.add_listener("not a function")


async def test_a_stream_raises_where_messages_were_lost(face: Face) -> None:
    topic = await face.get("reliable_topic", unique_name("ten"))
    ringbuffer = await face.get("ringbuffer", f"_hz_rb_{topic.name}")
    await topic.publish_all(list(range(ROOM)))
    await ringbuffer.add(await ringbuffer.read_one(0))
    with pytest.raises(StaleSequenceError):
        async for _ in topic.messages(0):
            pass
    messages = topic.messages(0, loss_tolerant=True)
    assert [(await anext(messages)).message for _ in range(ROOM)] == [*range(1, ROOM), 0]
    await messages.aclose()


@pytest.mark.parametrize("face_name", FACES)
async def test_order_is_kept_when_the_owner_is_killed(face_name: str) -> None:
    count = 300
    with LocalCluster(2, cluster_name="topic-owner") as cluster:
        client = await make_client(
            face_name, cluster_members=cluster.addresses, cluster_name="topic-owner", redo_operation=True
        )
        try:
            topic = await Face(face_name, client).get("reliable_topic")
            listener = Listener()
            await topic.add_listener(listener)
            for i in range(count):
                await topic.publish(i)
                if i == count // 3:
                    core = async_face_of(topic.target)
                    owner = client.partition_service.get_partition_owner(private(core, "_partition"))
                    address = private(core, "_context").members.members[owner].address.to_string()
                    next(m for m in cluster.members if m.address == address).kill()
            messages = []
            while count - 1 not in messages:
                messages.append(await listener.messages.next())
            # A message published while the connection was lost may be there twice.
            assert sorted(set(messages)) == list(range(count))
            assert messages == sorted(messages)
            assert listener.stored == list(range(len(messages)))
        finally:
            await end_client(client)
