"""Limit of calls in flight, and a member that stops reading."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest

import hzclient
from hzclient._codec import map as codec
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastOverloadError,
    OperationTimeoutError,
)
from hzclient.server import LocalCluster
from tests.integration.faces import end_client, eventually, make_client
from tests.internals import engine_of
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster

LIMIT = 5


@asynccontextmanager
async def limited(cluster: ScriptedCluster, **options: Any) -> AsyncIterator[Any]:
    options = {"max_in_flight_invocations": LIMIT, "backup_ack_to_client_enabled": False} | options
    client = await make_client("asyncio", cluster_members=cluster.addresses, **options)
    try:
        yield client
    finally:
        await end_client(client)


class Gate:
    """Member that responds when the test releases it."""

    def __init__(self, cluster: ScriptedCluster) -> None:
        self.open = asyncio.Event()
        self.most = self.now = 0

        async def answer(*_: Any) -> int:
            self.now += 1
            self.most = max(self.most, self.now)
            await self.open.wait()
            self.now -= 1
            return 0

        cluster.on(codec.SIZE, answer)


async def test_calls_beyond_the_limit_wait() -> None:
    async with ScriptedCluster() as cluster, limited(cluster) as client:
        gate = Gate(cluster)
        m = await client.get_map("m")
        calls = [asyncio.create_task(m.size()) for _ in range(20)]
        await cluster.members[0].received(codec.SIZE, LIMIT)
        gate.open.set()
        assert await asyncio.gather(*calls) == [0] * 20
        assert gate.most <= LIMIT


async def test_calls_beyond_the_limit_fail_where_they_may_not_wait() -> None:
    async with ScriptedCluster() as cluster, limited(cluster, in_flight_policy="RAISE") as client:
        gate = Gate(cluster)
        m = await client.get_map("m")
        calls = [asyncio.create_task(m.size()) for _ in range(LIMIT)]
        await cluster.members[0].received(codec.SIZE, LIMIT)
        with pytest.raises(HazelcastOverloadError, match="5 calls"):
            await m.size()
        gate.open.set()
        await asyncio.gather(*calls)
        assert await m.size() == 0


async def test_calls_that_are_cancelled_give_their_places_back() -> None:
    async with ScriptedCluster() as cluster, limited(cluster) as client:
        cluster.on(codec.SIZE, lambda *_: Silence)
        m = await client.get_map("m")
        sent = [asyncio.create_task(m.size()) for _ in range(LIMIT)]
        await cluster.members[0].received(codec.SIZE, LIMIT)
        waiting = [asyncio.create_task(m.size()) for _ in range(3)]
        await asyncio.sleep(0)
        for call in (*waiting, *sent):
            call.cancel()
        await asyncio.gather(*waiting, *sent, return_exceptions=True)
        cluster.on(codec.SIZE, lambda *_: 7)
        assert await asyncio.gather(*(m.size() for _ in range(20))) == [7] * 20


async def test_waiting_ends_with_the_invocation_timeout() -> None:
    async with ScriptedCluster() as cluster, limited(cluster, invocation_timeout=0.1) as client:
        cluster.on(codec.SIZE, lambda *_: Silence)
        m = await client.get_map("m")
        calls = [asyncio.create_task(m.size()) for _ in range(LIMIT)]
        await cluster.members[0].received(codec.SIZE, LIMIT)
        with pytest.raises(OperationTimeoutError, match="max_in_flight_invocations"):
            await m.size()
        for call in calls:
            call.cancel()


async def test_waiting_ends_with_the_client() -> None:
    async with ScriptedCluster() as cluster:
        async with limited(cluster) as client:
            cluster.on(codec.SIZE, lambda *_: Silence)
            m = await client.get_map("m")
            calls = [asyncio.create_task(m.size()) for _ in range(LIMIT + 3)]
            await cluster.members[0].received(codec.SIZE, LIMIT)
        for error in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(error, HazelcastClientNotActiveError)


async def test_threads_are_held_at_the_call() -> None:
    async with ScriptedCluster() as cluster:
        gate = Gate(cluster)
        options: dict[str, Any] = {
            "max_in_flight_invocations": LIMIT,
            "backup_ack_to_client_enabled": False,
        }
        client = await asyncio.to_thread(
            lambda: hzclient.HazelcastClient(cluster_members=cluster.addresses, **options)
        )
        m = await asyncio.to_thread(client.get_map, "m")
        begun: list[Any] = []
        thread = threading.Thread(target=lambda: begun.extend(m.size() for _ in range(20)))
        thread.start()
        await cluster.members[0].received(codec.SIZE, LIMIT)
        assert thread.is_alive()
        gate.open.set()
        await asyncio.to_thread(thread.join)
        assert [await future for future in begun] == [0] * 20
        assert gate.most <= LIMIT
        await asyncio.to_thread(client.shutdown)


@pytest.fixture(scope="module")
def own_cluster(server_version: str) -> Iterator[LocalCluster]:
    with LocalCluster(members=2, version=server_version) as cluster:
        yield cluster


PIPELINE = 200_000
BOUND = 64 * 1024 * 1024
"""Bytes by which the memory of the process may grow. Without back-pressure it grows by 500 MB."""


@pytest.fixture
def stuck(own_cluster: LocalCluster) -> Iterator[Any]:
    """Pause a member, so that it reads nothing, and yield its port."""
    member = own_cluster.members[1]
    yield member
    if member.is_paused:
        member.resume()


async def keys_of(client: Any, port: int) -> list[int]:
    """Return keys whose partitions belong to the member with this port."""
    service = client.partition_service
    partitions = engine_of(client).partitions
    encode = engine_of(client).serialization.encode

    def owned() -> list[int]:
        members = client.cluster_service.get_members()
        uuids = [member.uuid for member in members if member.address.port == port]
        keys = range(1000)
        return [
            key for key in keys if service.get_partition_owner(partitions.partition_id(encode(key))) in uuids
        ]

    return (await eventually(lambda: len(owned()) > 100 and owned()))[:10]


def grown(before: int) -> int:
    return psutil.Process().memory_info().rss - before


async def test_a_stuck_member_takes_no_memory_in_the_future_face(
    own_cluster: LocalCluster, stuck: Any
) -> None:
    with hzclient.HazelcastClient(
        cluster_members=own_cluster.addresses, max_in_flight_invocations=1000
    ) as client:
        m = client.get_map("pressure")
        m.blocking().clear()  # partitions have owners from the first use on
        await eventually(lambda: len(engine_of(client).manager.connections()) == 2)
        there = await keys_of(client, stuck.port)
        here = await keys_of(client, own_cluster.members[0].port)
        before = psutil.Process().memory_info().rss
        stuck.pause()
        ends: list[BaseException] = []

        def pipeline() -> None:
            try:
                for number in range(PIPELINE):
                    m.set(there[number % 10], "v" * 1000)
            except BaseException as error:
                ends.append(error)

        thread = threading.Thread(target=pipeline)
        thread.start()
        for number in range(2000):  # continues during that
            m.blocking().contains_key(here[number % 10])
        assert thread.is_alive()
        assert grown(before) < BOUND
        stuck.resume()
        await asyncio.to_thread(thread.join)
        assert not ends
        assert grown(before) < BOUND


async def test_a_stuck_member_takes_no_memory_in_asyncio(own_cluster: LocalCluster, stuck: Any) -> None:
    client = await make_client(
        "asyncio",
        cluster_members=own_cluster.addresses,
        max_in_flight_invocations=1000,
        in_flight_policy="RAISE",
    )
    m = await client.get_map("pressure")
    await m.clear()  # partitions have owners from the first use on
    await eventually(lambda: len(engine_of(client).manager.connections()) == 2)
    there = await keys_of(client, stuck.port)
    here = await keys_of(client, own_cluster.members[0].port)
    before = psutil.Process().memory_info().rss
    stuck.pause()
    running: set[asyncio.Task[Any]] = set()
    refused = 0

    def ended(task: asyncio.Task[Any]) -> None:
        nonlocal refused
        running.discard(task)
        refused += isinstance(task.exception(), HazelcastOverloadError)

    for number in range(PIPELINE):
        task = asyncio.create_task(m.set(there[number % 10], "v" * 1000))
        running.add(task)
        task.add_done_callback(ended)
        if number % 1000 == 0:
            await m.contains_key(here[number % 10])
    assert await m.contains_key(here[0]) is False
    assert refused >= PIPELINE - 2000
    assert len(running) <= 1000
    assert grown(before) < BOUND
    stuck.resume()
    await asyncio.gather(*running)
    await end_client(client)
