"""Connections that live but do not answer are closed; those that are only slow are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient._net.connection import Progress
from hzclient.asyncio import HazelcastClient
from tests.member.answers import Silence
from tests.member.scripted import Received, ScriptedCluster, ScriptedConnection, ScriptedMember, member_method
from tests.unit.net.clients import client_of, soon

TIMEOUT = 1.0


@asynccontextmanager
async def quick_client(cluster: ScriptedCluster) -> AsyncIterator[HazelcastClient]:
    """Yield a client that notices soon that a member does not answer."""
    async with client_of(cluster, heartbeat_interval=0.05, heartbeat_timeout=TIMEOUT) as client:
        yield client


def echo(name: str, key: bytes, thread_id: int) -> bytes:
    return key


async def test_a_message_that_never_ends_closes_the_connection() -> None:
    async with ScriptedCluster() as cluster, quick_client(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        member.on(map_codec.GET, echo)
        (connection,) = member.connections
        # As after a corrupted length: responses and pongs become a part of a frame of 200 MB.
        connection.send((200 * 1024 * 1024).to_bytes(4, "little") + b"\x00\xe0")
        assert await soon(asyncio.gather(*(m.get(n) for n in range(20)))) == list(range(20))
        assert connection not in member.connections


async def test_requests_that_vanish_while_events_arrive_close_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ScriptedCluster() as cluster, quick_client(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        (connection,) = member.connections

        def vanished() -> bool:
            return member.requests[-1].connection is connection

        member.on(codec.PING, lambda: Silence if vanished() else None)
        member.on(map_codec.GET, lambda name, key, thread_id: Silence if vanished() else key)
        waiting = asyncio.ensure_future(m.get("k"))
        async with asyncio.timeout(20):
            while connection in member.connections:
                member.push_view()
                await asyncio.sleep(0.02)
        assert await soon(waiting) == "k"
        assert f"has not answered a ping for {TIMEOUT} s" in caplog.text


def response_to(request: Received, value: bytes) -> bytes:
    side = member_method(map_codec.GET.request_type)
    assert side is not None
    return side.encode_response(value).as_response(request.message.correlation_id)


async def drip(connection: ScriptedConnection, content: bytes, piece: int) -> None:
    for start in range(0, len(content), piece):
        connection.send(content[start : start + piece])
        await asyncio.sleep(0.05)


async def hold_pongs(member: ScriptedMember) -> asyncio.Event:
    """Let pongs wait, as they do behind a large message."""
    go_on = asyncio.Event()

    async def pong() -> None:
        await go_on.wait()

    member.on(codec.PING, pong)
    return go_on


async def test_a_large_response_may_take_its_time() -> None:
    async with ScriptedCluster() as cluster, quick_client(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        (connection,) = member.connections
        member.on(map_codec.GET, lambda *_: Silence)
        waiting = asyncio.ensure_future(m.get("k"))
        (request,) = await soon(member.received(map_codec.GET))
        pongs = await hold_pongs(member)
        text = b"x" * (4 * 1024 * 1024)
        value = b"\x00\x00\x00\x00\xff\xff\xff\xf5" + len(text).to_bytes(4, "big") + text
        await soon(drip(connection, response_to(request, value), 128 * 1024))  # 32 pieces, 1.6 s
        assert await soon(waiting) == text.decode()
        pongs.set()
        assert connection in member.connections


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ({}, False),
        ({"responses": 1}, True),
        ({"received": 64 * 1024 - 1}, False),
        ({"received": 64 * 1024}, True),
        ({"received": 1024 * 1024, "missing": 200 * 1024 * 1024}, False),
        ({"received": 20 * 1024 * 1024, "missing": 200 * 1024 * 1024}, True),
        ({"sent": 1024 * 1024}, False),
        ({"sent": 1024 * 1024, "unsent": 1}, True),
        ({"sent": 100, "unsent": 1}, False),
    ],
)
def test_what_shows_that_a_connection_works(change: dict[str, int], alive: bool) -> None:
    before = Progress(0, 0, 0, 0, 0)
    assert before._replace(**change).shows_life_since(before) is alive
