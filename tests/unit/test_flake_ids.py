"""Callers of an id generator who share a fetch and differ in patience, against a scripted member."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hzclient._codec import flake_id_generator as codec
from hzclient.errors import NodeIdOutOfRangeError, OperationTimeoutError
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, soon


class Server:
    """Assigns ids from 1 on, once its gate is open."""

    def __init__(self, cluster: ScriptedCluster) -> None:
        self.gate = asyncio.Event()
        self.failure: Failure | None = None
        self.member = cluster.members[0]
        self.member.on(codec.NEW_ID_BATCH, self._batch)
        self._next = 1

    async def _batch(self, name: str, batch_size: int) -> codec.NewIdBatchResponse | Failure:
        await self.gate.wait()
        if self.failure is not None:
            return self.failure
        base, self._next = self._next, self._next + batch_size
        return codec.NewIdBatchResponse(base, 1, batch_size)

    def fetches(self) -> int:
        return len(self.member.requests_of(codec.NEW_ID_BATCH))


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        yield cluster


async def test_an_error_reaches_all_callers(cluster: ScriptedCluster) -> None:
    server = Server(cluster)
    server.failure = Failure(NodeIdOutOfRangeError.error_code or 0)
    async with client_of(cluster) as client:
        ids = await soon(client.get_flake_id_generator("ids"))
        calls = [asyncio.create_task(ids.new_id()) for _ in range(3)]
        await soon(server.member.received(codec.NEW_ID_BATCH))
        server.gate.set()
        outcomes = await soon(asyncio.gather(*calls, return_exceptions=True))
        assert [type(outcome) for outcome in outcomes] == [NodeIdOutOfRangeError] * 3
        assert server.fetches() == 1
        server.failure = None
        assert await soon(ids.new_id()) == 1


@pytest.mark.parametrize("how", ["out of time", "cancelled"])
async def test_who_fetched_and_gives_up_leaves_the_others_alone(cluster: ScriptedCluster, how: str) -> None:
    server = Server(cluster)
    async with client_of(cluster) as client:
        ids = await soon(client.get_flake_id_generator("ids"))
        hurried = asyncio.create_task(ids.with_timeout(0.05 if how == "out of time" else 20).new_id())
        await soon(server.member.received(codec.NEW_ID_BATCH))
        patient = asyncio.create_task(ids.new_id())
        if how == "cancelled":
            hurried.cancel()
        with pytest.raises((OperationTimeoutError, asyncio.CancelledError)):
            await soon(hurried)
        assert not patient.done()
        server.gate.set()
        assert await soon(patient) == 1
        assert server.fetches() == 1, "what was asked for is used"


async def test_who_waits_for_what_another_fetches_has_a_time_limit_too(cluster: ScriptedCluster) -> None:
    server = Server(cluster)
    async with client_of(cluster) as client:
        ids = await soon(client.get_flake_id_generator("ids"))
        patient = asyncio.create_task(ids.new_id())
        await soon(server.member.received(codec.NEW_ID_BATCH))
        started = time.monotonic()
        with pytest.raises(OperationTimeoutError):
            await soon(ids.with_timeout(0.05).new_id())
        assert time.monotonic() - started < 10
        server.gate.set()
        assert await soon(patient) == 1


async def test_the_ids_of_a_parent_are_forgotten_whatever_the_time_limit(cluster: ScriptedCluster) -> None:
    server = Server(cluster)
    server.gate.set()
    async with client_of(cluster) as client:
        ids: Any = await soon(client.get_flake_id_generator("ids"))
        limited = ids.with_timeout(10)
        assert await soon(limited.new_id()) == 1
        ids.forget_in_child()
        assert await soon(limited.new_id()) == 101
