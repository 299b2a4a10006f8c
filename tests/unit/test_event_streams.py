"""Streams of events that end at unusual moments, with a scripted member."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from hzclient._codec import map as map_codec
from hzclient._codec import topic as topic_codec
from tests.internals import private
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, soon

ADD: dict[str, Any] = {"map": map_codec.ADD_ENTRY_LISTENER, "topic": topic_codec.ADD_MESSAGE_LISTENER}
REMOVE: dict[str, Any] = {
    "map": map_codec.REMOVE_ENTRY_LISTENER,
    "topic": topic_codec.REMOVE_MESSAGE_LISTENER,
}


@pytest.fixture(params=["map", "topic"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def cluster(kind: str) -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(ADD[kind], lambda *_: uuid4())
        cluster.on(REMOVE[kind], lambda *_: True)
        yield cluster


def stream_of(structure: Any) -> Any:
    return structure.events() if hasattr(structure, "events") else structure.messages()


async def all_of(structure: Any) -> list[Any]:
    return [event async for event in stream_of(structure)]


async def test_a_stream_ends_where_its_structure_is_destroyed_while_it_begins(
    cluster: ScriptedCluster, kind: str
) -> None:
    gate = asyncio.Event()

    async def answer_late(*_: Any) -> Any:
        await gate.wait()
        return uuid4()

    cluster.on(ADD[kind], answer_late)
    async with client_of(cluster) as client:
        structure = await soon(getattr(client, f"get_{kind}")("s"))
        reading = asyncio.create_task(all_of(structure))
        await soon(cluster.members[0].received(ADD[kind]))
        assert await soon(structure.destroy()) is True
        gate.set()
        assert await soon(reading) == []
        await soon(cluster.members[0].received(REMOVE[kind]))


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("end", ["destroyed", "shut down"])
async def test_a_stream_of_what_is_gone_ends_at_once(
    cluster: ScriptedCluster, kind: str, end: str, limited: bool
) -> None:
    async with client_of(cluster) as client:
        structure = await soon(getattr(client, f"get_{kind}")("s"))
        begun = structure.with_timeout(10) if limited else structure
        await soon(structure.destroy() if end == "destroyed" else client.shutdown())
        assert await soon(all_of(begun)) == []
    assert cluster.members[0].requests_of(ADD[kind]) == []


async def test_an_iterator_that_is_closed_removes_its_listener(cluster: ScriptedCluster, kind: str) -> None:
    async with client_of(cluster) as client:
        structure = await soon(getattr(client, f"get_{kind}")("s"))
        stream = stream_of(structure)
        first = asyncio.create_task(anext(stream))
        await soon(cluster.members[0].received(ADD[kind]))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await soon(cluster.members[0].received(REMOVE[kind]))
        assert not private(structure, "_streams", "_buffers")
