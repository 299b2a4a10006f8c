"""Blocks on a member that hangs, and readers across a restart of the whole cluster; in all faces."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hzclient.errors import StaleSequenceError
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, Seen, end_client, make_client, unique_name
from tests.integration.interrupts import Interruption, interrupted_after


class OwnFace(Face):
    """A face of a client whose member may be paused.

    Args:
        name: Name of the face.
        client: The client.
        cluster: Its cluster.
    """

    def __init__(self, name: str, client: Any, cluster: LocalCluster) -> None:
        super().__init__(name, client)
        self.cluster = cluster

    def pause(self) -> None:
        self.cluster.members[0].pause()


IN_TIME = 15.0
"""Limit for the end of a block that is cancelled after 0.3 s: far below the heartbeat timeout."""


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[LocalCluster]:
    """Start a member that the tests pause and restart."""
    with LocalCluster(members=1) as cluster:
        yield cluster


@pytest.fixture(params=FACES)
async def own_face(own_cluster: LocalCluster, request: pytest.FixtureRequest) -> AsyncIterator[OwnFace]:
    """Run the test in each face, with a client of its own."""
    member = own_cluster.members[0]
    client = await make_client(
        request.param,
        cluster_members=own_cluster.addresses,
        retry_initial_backoff=0.05,
        retry_max_backoff=0.2,
    )
    yield OwnFace(request.param, client, own_cluster)
    if member.is_paused:
        member.resume()
    await end_client(client)


async def in_transaction(face: OwnFace) -> None:
    async with face.entered(face.client.new_transaction()) as transaction:
        await Seen(transaction.get_map("m")).put(unique_name("key"), 1)
        await hang(face)


async def in_commit(face: OwnFace) -> None:
    async with face.entered(face.client.new_transaction()) as transaction:
        await Seen(transaction.get_map("m")).put(unique_name("key"), 1)
        face.pause()


async def in_lock_context(face: OwnFace) -> None:
    m = await face.get("map", "m")
    async with face.entered(m.lock_context(unique_name("key"))):
        await hang(face)


async def hang(face: OwnFace) -> None:
    """Pause the member, and wait in the block as its face does."""
    face.pause()
    if face.name == "blocking":
        threading.Event().wait()
    else:
        await asyncio.Event().wait()


BLOCKS = [
    *((face, in_lock_context) for face in FACES),
    *((face, block) for face in ("asyncio", "blocking") for block in (in_transaction, in_commit)),
]


@pytest.mark.parametrize(("own_face", "block"), BLOCKS, indirect=["own_face"])
async def test_a_block_ends_in_time_though_the_member_hangs(own_face: OwnFace, block: Any) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    if own_face.name == "blocking":
        with interrupted_after(0.3), pytest.raises(Interruption):
            await block(own_face)
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await block(own_face)
    assert loop.time() - began < IN_TIME


async def test_readers_across_a_restart_of_the_whole_cluster(own_face: OwnFace) -> None:
    name = unique_name("ringbuffer")
    buffer = await own_face.get("ringbuffer", name)
    strict = await own_face.get("ringbuffer", unique_name("ringbuffer"))
    for _ in range(3):
        await buffer.add("old")
        await strict.add("old")
    tolerant_items, strict_items = buffer.items(loss_tolerant=True), strict.items()
    for _ in range(3):
        assert await anext(tolerant_items) == "old"
        assert await anext(strict_items) == "old"
    member = own_face.cluster.members[0]
    await asyncio.to_thread(member.kill)
    await asyncio.to_thread(member.restart)
    new = [f"new-{n}" for n in range(5)]
    async with own_face_of_another_client(own_face) as other:
        for item in new:
            await (await other.get("ringbuffer", name)).add(item)
            await (await other.get("ringbuffer", strict.name)).add(item)
    assert [await anext(tolerant_items) for _ in new] == new
    with pytest.raises(StaleSequenceError):
        await anext(strict_items)
    await tolerant_items.aclose()


@asynccontextmanager
async def own_face_of_another_client(face: OwnFace) -> AsyncIterator[Face]:
    client = await make_client("asyncio", cluster_members=face.cluster.addresses)
    try:
        yield Face("asyncio", client)
    finally:
        await end_client(client)
