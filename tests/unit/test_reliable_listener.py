"""Listeners of reliable topics in situations that a real member does not produce on demand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

import hzclient
from hzclient._codec import ringbuffer as codec
from hzclient.errors import StaleSequenceError
from hzclient.proxy.reliable_topic import ReliableMessageListener
from hzclient.serialization._service import SerializationService
from hzclient.serialization.data import Data
from hzclient.serialization.objects import ReliableTopicMessage
from tests.integration.events import Told
from tests.member.answers import Failure, Silence
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, options, soon

SERVICE = SerializationService()


class Listener(ReliableMessageListener[Any]):
    """Tolerates losses; raises what messages ask for."""

    def __init__(self) -> None:
        self.told, self.cancelled = Told(), Told()

    def on_message(self, message: Any) -> None:
        self.told.add(message.message)
        raise {"exit": SystemExit, "interrupt": KeyboardInterrupt}[message.message]

    def retrieve_initial_sequence(self) -> int:
        return 0

    def store_sequence(self, sequence: int) -> None:
        """Store nothing."""

    def is_loss_tolerant(self) -> bool:
        return True

    def on_cancel(self) -> None:
        self.cancelled.add("cancelled")


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(codec.CAPACITY, lambda name: 10)
        yield cluster


def item(message: Any) -> bytes:
    return SERVICE.encode(ReliableTopicMessage(1.0, None, Data(SERVICE.encode(message))))


@pytest.mark.parametrize("message", ["exit", "interrupt"])
async def test_a_listener_that_exits_its_thread_ends(
    cluster: ScriptedCluster, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = codec.ReadManyResponse(1, [item(message)], [0], 1)
    cluster.on(codec.READ_MANY, lambda name, start, *_: Silence if start else first)
    with caplog.at_level(logging.CRITICAL, logger="hzclient"):
        client = await asyncio.to_thread(lambda: hzclient.HazelcastClient(**options(cluster)))
        try:
            topic = await asyncio.to_thread(client.get_reliable_topic, "topic")
            listener = Listener()
            id_ = await soon(topic.add_listener(listener))
            assert await listener.told.next() == message
            assert await listener.cancelled.next() == "cancelled"
            assert await soon(topic.remove_listener(id_)) is False
        finally:
            await asyncio.to_thread(client.shutdown)


async def test_a_listener_can_be_removed_while_a_member_does_not_answer(cluster: ScriptedCluster) -> None:
    cluster.on(codec.READ_MANY, lambda *_: Failure(StaleSequenceError.error_code or 0))
    cluster.on(codec.HEAD_SEQUENCE, lambda name: Silence)
    async with client_of(cluster) as client:
        topic = await soon(client.get_reliable_topic("topic"))
        listener = Listener()
        id_ = await soon(topic.add_listener(listener))
        await soon(cluster.members[0].received(codec.HEAD_SEQUENCE))
        assert await soon(topic.remove_listener(id_)) is True
        assert await listener.cancelled.next() == "cancelled"
