"""Readers of ringbuffers and reliable topics during a restart of the whole cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from hzclient._codec import client as client_codec
from hzclient._codec import ringbuffer as codec
from hzclient.errors import StaleSequenceError
from hzclient.proxy.reliable_topic import ReliableMessageListener
from hzclient.serialization._service import SerializationService
from hzclient.serialization.data import Data
from hzclient.serialization.objects import ReliableTopicMessage
from tests.integration.events import Told
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, soon, until

SERVICE = SerializationService()


class Buffer:
    """The ringbuffer of a cluster that can be restarted.

    Args:
        cluster: The cluster.

    Attributes:
        items: Its items, serialized.
        capacity: Its capacity.
    """

    def __init__(self, cluster: ScriptedCluster) -> None:
        self._cluster = cluster
        self._changed = asyncio.Event()
        self.items: list[bytes] = []
        self.capacity = 100
        cluster.on(codec.CAPACITY, self._capacity)
        cluster.on(codec.HEAD_SEQUENCE, lambda *_: 0)
        cluster.on(codec.TAIL_SEQUENCE, lambda *_: len(self.items) - 1)
        cluster.on(codec.READ_MANY, self._read_many)

    def add(self, *items: bytes) -> None:
        self.items += items
        self._changed.set()

    def _capacity(self, name: str) -> int:
        return self.capacity

    async def _read_many(self, *request: Any) -> codec.ReadManyResponse:
        _, start, _, max_count, _ = request
        assert max_count <= self.capacity
        while start >= len(self.items):
            self._changed.clear()
            await self._changed.wait()
        read = self.items[start : start + max_count]
        return codec.ReadManyResponse(len(read), read, None, start + len(read))

    async def restart_with(self, *items: bytes) -> None:
        """End the cluster and start another one at its address, to which these items are added."""
        (member,) = self._cluster.members
        await member.stop()
        self.items = list(items)
        self._cluster.view.cluster_id = uuid4()
        await member.start(member.address.port)


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(client_codec.DESTROY_PROXY, lambda *_: None)
        yield cluster


@pytest.fixture
def buffer(cluster: ScriptedCluster) -> Buffer:
    return Buffer(cluster)


def item(value: Any) -> bytes:
    return SERVICE.encode(value)


def message(value: Any) -> bytes:
    return SERVICE.encode(ReliableTopicMessage(1.0, None, Data(SERVICE.encode(value))))


OLD = ["old-0", "old-1", "old-2"]
NEW = ["new-0", "new-1", "new-2", "new-3", "new-4"]


async def test_items_begin_at_the_head_of_the_new_cluster(cluster: ScriptedCluster, buffer: Buffer) -> None:
    buffer.add(*map(item, OLD))
    async with client_of(cluster) as client:
        items = (await client.get_ringbuffer("r")).items(loss_tolerant=True)
        assert [await soon(anext(items)) for _ in OLD] == OLD
        buffer.capacity = 4  # less than the reader asks for at once
        await buffer.restart_with(*map(item, NEW))
        assert [await soon(anext(items)) for _ in NEW] == NEW
        await items.aclose()


async def test_items_that_may_be_lost_are_an_error(cluster: ScriptedCluster, buffer: Buffer) -> None:
    buffer.add(*map(item, OLD))
    async with client_of(cluster) as client:
        items = (await client.get_ringbuffer("r")).items()
        assert [await soon(anext(items)) for _ in OLD] == OLD
        await buffer.restart_with(*map(item, NEW))
        with pytest.raises(StaleSequenceError, match="cluster was restarted.*from 3 on may be lost"):
            await soon(anext(items))


async def test_messages_begin_at_the_head_of_the_new_cluster(
    cluster: ScriptedCluster, buffer: Buffer
) -> None:
    buffer.add(*map(message, OLD))
    async with client_of(cluster) as client:
        messages = (await client.get_reliable_topic("t")).messages(0, loss_tolerant=True)
        assert [(await soon(anext(messages))).message for _ in OLD] == OLD
        await buffer.restart_with(*map(message, NEW))
        assert [(await soon(anext(messages))).message for _ in NEW] == NEW
        await messages.aclose()


class Listener(ReliableMessageListener[Any]):
    def __init__(self, tolerant: bool) -> None:
        self.told, self.cancelled = Told(), Told()
        self._tolerant = tolerant

    def on_message(self, message: Any) -> None:
        self.told.add(message.message)

    def retrieve_initial_sequence(self) -> int:
        return 0

    def store_sequence(self, sequence: int) -> None:
        """Store nothing."""

    def is_loss_tolerant(self) -> bool:
        return self._tolerant

    def is_terminal(self, error: Exception) -> bool:
        return True

    def on_cancel(self) -> None:
        self.cancelled.add("cancelled")


async def test_a_tolerant_listener_begins_at_the_head_of_the_new_cluster(
    cluster: ScriptedCluster, buffer: Buffer
) -> None:
    buffer.add(*map(message, OLD))
    async with client_of(cluster) as client:
        listener = Listener(tolerant=True)
        await (await client.get_reliable_topic("t")).add_listener(listener)
        assert [await listener.told.next() for _ in OLD] == OLD
        await buffer.restart_with(*map(message, NEW))
        assert [await listener.told.next() for _ in NEW] == NEW


async def test_a_listener_that_tolerates_no_loss_ends_and_the_log_says_why(
    cluster: ScriptedCluster, buffer: Buffer, caplog: pytest.LogCaptureFixture
) -> None:
    buffer.add(*map(message, OLD))
    async with client_of(cluster) as client:
        listener = Listener(tolerant=False)
        await (await client.get_reliable_topic("t")).add_listener(listener)
        assert [await listener.told.next() for _ in OLD] == OLD
        await buffer.restart_with(*map(message, NEW))
        assert await listener.cancelled.next() == "cancelled"
        await until(lambda: "the cluster was restarted" in caplog.text)


async def test_a_reader_goes_on_where_it_was_after_a_reconnect_to_the_same_cluster(
    cluster: ScriptedCluster, buffer: Buffer
) -> None:
    buffer.add(*map(item, OLD))
    (member,) = cluster.members
    async with client_of(cluster) as client:
        items = (await client.get_ringbuffer("r")).items()
        assert [await soon(anext(items)) for _ in OLD] == OLD
        await member.stop()
        buffer.add(item("one more"))
        await member.start(member.address.port)
        assert await soon(anext(items)) == "one more"
        await items.aclose()
