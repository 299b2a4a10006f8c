"""Blocks and releases end in time, even if no member responds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

import hzclient
from hzclient._codec import cp_group as cp_group_codec
from hzclient._codec import cp_session as session_codec
from hzclient._codec import fenced_lock as fenced_lock_codec
from hzclient._codec import map as map_codec
from hzclient._codec import multi_map as multi_map_codec
from hzclient._codec import semaphore as semaphore_codec
from hzclient._codec import topic as topic_codec
from hzclient.asyncio import HazelcastClient
from hzclient.errors import OperationTimeoutError
from hzclient.protocol import RaftGroupId
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import options, soon

IN_TIME = 12.0
"""What a release may take that has 0.3 s: generous, for slow machines, and far below any other limit."""

RELEASES: tuple[Any, ...] = (
    map_codec.UNLOCK,
    map_codec.FORCE_UNLOCK,
    multi_map_codec.UNLOCK,
    fenced_lock_codec.UNLOCK,
    semaphore_codec.RELEASE,
    topic_codec.REMOVE_MESSAGE_LISTENER,
    map_codec.REMOVE_ENTRY_LISTENER,
)

TRIES: tuple[Any, ...] = (
    map_codec.TRY_LOCK,
    multi_map_codec.TRY_LOCK,
    fenced_lock_codec.TRY_LOCK,
    semaphore_codec.ACQUIRE,
)


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(cp_group_codec.CREATE_CP_GROUP, lambda *_: RaftGroupId("default", 0, 1))
        cluster.on(
            session_codec.CREATE_SESSION, lambda *_: session_codec.CreateSessionResponse(1, 60_000, 60_000)
        )
        cluster.on(session_codec.CLOSE_SESSION, lambda *_: True)
        cluster.on(semaphore_codec.GET_SEMAPHORE_TYPE, lambda *_: False)
        cluster.on(map_codec.LOCK, lambda *_: None)
        cluster.on(multi_map_codec.LOCK, lambda *_: None)
        cluster.on(fenced_lock_codec.LOCK, lambda *_: 1)
        cluster.on(semaphore_codec.ACQUIRE, lambda *_: True)
        cluster.on(topic_codec.ADD_MESSAGE_LISTENER, lambda *_: uuid4())
        cluster.on(map_codec.ADD_ENTRY_LISTENER, lambda *_: uuid4())
        yield cluster


def fall_silent(member: ScriptedMember, *methods: Any) -> None:
    for method in (*RELEASES, *methods):
        member.on(method, lambda *_: Silence())


# ------------------------------------------------------------------------------------------------ blocks


async def in_lock_context(client: Any) -> None:
    async with (await client.get_map("m")).lock_context("k"):
        await asyncio.Event().wait()


async def in_multi_map_lock_context(client: Any) -> None:
    async with (await client.get_multi_map("m")).lock_context("k"):
        await asyncio.Event().wait()


async def in_fenced_lock(client: Any) -> None:
    async with await client.cp_subsystem.get_lock("l"):
        await asyncio.Event().wait()


async def in_permits(client: Any) -> None:
    async with (await client.cp_subsystem.get_semaphore("s")).permits():
        await asyncio.Event().wait()


async def in_messages(client: Any) -> None:
    async for _ in (await client.get_topic("t")).messages():
        pass


async def in_events(client: Any) -> None:
    async for _ in (await client.get_map("m")).events():
        pass


BLOCKS = (in_lock_context, in_multi_map_lock_context, in_fenced_lock, in_permits, in_messages, in_events)


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_block_that_is_cancelled_ends_though_no_member_answers(
    cluster: ScriptedCluster, block: Callable[[Any], Awaitable[None]]
) -> None:
    loop = asyncio.get_running_loop()
    async with HazelcastClient(**options(cluster)) as client:
        fall_silent(cluster.members[0])
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await block(client)
        assert loop.time() - began < IN_TIME


async def test_a_block_that_is_cancelled_gives_its_lock_back_all_the_same(cluster: ScriptedCluster) -> None:
    member = cluster.members[0]
    answer = asyncio.Event()

    async def unlock_late(*_: object) -> None:
        await answer.wait()

    member.on(map_codec.UNLOCK, unlock_late)
    async with HazelcastClient(**options(cluster)) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await in_lock_context(client)
        assert len(await soon(member.received(map_codec.UNLOCK))) == 1
        answer.set()


# ---------------------------------------------------------------------------------------------- releases


class Held:
    """Structures of a client, and what their caller holds."""

    def __init__(self, client: hzclient.HazelcastClient) -> None:
        self.map = client.get_map("m").blocking()
        self.multi_map = client.get_multi_map("m").blocking()
        self.lock = client.cp_subsystem.get_lock("l").blocking()
        self.semaphore = client.cp_subsystem.get_semaphore("s").blocking()
        self.map.lock("k")
        self.multi_map.lock("k")
        self.lock.lock()
        self.semaphore.acquire()


CALLS: dict[str, Callable[[Held], object]] = {
    "unlock": lambda held: held.map.unlock("k"),
    "force_unlock": lambda held: held.map.force_unlock("k"),
    "try_lock": lambda held: held.map.try_lock("k", timeout=0.1),
    "MultiMap.unlock": lambda held: held.multi_map.unlock("k"),
    "MultiMap.try_lock": lambda held: held.multi_map.try_lock("k", timeout=0.1),
    "FencedLock.unlock": lambda held: held.lock.unlock(),
    "FencedLock.try_lock": lambda held: held.lock.try_lock(timeout=0.1),
    "Semaphore.release": lambda held: held.semaphore.release(),
    "Semaphore.try_acquire": lambda held: held.semaphore.try_acquire(timeout=0.1),
}


@pytest.mark.parametrize("how", ["silent", "away"])
async def test_releases_end_at_the_invocation_timeout(cluster: ScriptedCluster, how: str) -> None:
    loop = asyncio.get_running_loop()

    def hold() -> tuple[hzclient.HazelcastClient, Held]:
        client = hzclient.HazelcastClient(**options(cluster, invocation_timeout=0.3))
        return client, Held(client)

    with ThreadPoolExecutor(max_workers=1) as owner:  # locks belong to threads
        client, held = await soon(loop.run_in_executor(owner, hold))
        try:
            if how == "silent":
                fall_silent(cluster.members[0], *TRIES)
            else:
                await soon(cluster.members[0].stop())
            for name, call in CALLS.items():
                began = loop.time()
                with pytest.raises(OperationTimeoutError):
                    await soon(loop.run_in_executor(owner, call, held))
                assert loop.time() - began < IN_TIME, name
        finally:
            await soon(asyncio.to_thread(client.shutdown))
