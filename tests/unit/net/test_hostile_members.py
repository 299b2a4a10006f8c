"""A member that sends hostile bytes is disconnected with the reason; the client goes on with the others."""

from __future__ import annotations

import logging
import struct
from uuid import uuid4

import pytest

from hzclient._codec import map as map_codec
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import map_of, soon, until

ADD = map_codec.ADD_ENTRY_LISTENER


def event(registration: int) -> bytes:
    """Return an event for an entry listener that lacks all its fields."""
    return struct.pack("<IHiqi", 22, 0xE200, ADD.request_type + 2, registration, -1)


HOSTILE = {
    "a length below that of a header": lambda _: b"\x03\0\0\0\0\0",
    "a frame of 2 GiB": lambda _: b"\xff\xff\xff\x7f\0\xc0",
    "another protocol": lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an event without its fields": event,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bytes(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with ScriptedCluster(2) as cluster, map_of(cluster) as m:
        hostile, other = cluster.members
        cluster.on(ADD, lambda *_: uuid4())
        cluster.on(map_codec.SIZE, lambda name: 7)
        await soon(m.add_entry_listener(clear_all_func=print))
        ((connection, registration),) = hostile.registrations(ADD)
        ((kept, _),) = other.registrations(ADD)
        connection.send(HOSTILE[name](registration))
        await until(lambda: connection not in hostile.connections)
        assert "broke the protocol" in caplog.text
        assert [await soon(m.size()) for _ in range(4)] == [7] * 4
        assert kept in other.connections
