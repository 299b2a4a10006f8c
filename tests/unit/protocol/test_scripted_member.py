"""The scripted member, called with nothing but the wire."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from hzclient._codec import client
from hzclient._codec import map as map_codec
from hzclient._codec.custom import decode_errors
from hzclient._protocol.message import Message, Request
from hzclient._protocol.reader import MessageReader
from tests.member.answers import Bytes, Close, Failure, Result, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.member.view import ClusterView

R = TypeVar("R")


class Caller:
    """The least that can call a member: one connection, one message after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._messages = MessageReader()
        self._waiting: list[Message] = []
        self._ids = 0

    @classmethod
    async def to(cls, member: ScriptedMember, preamble: bytes = b"CP2") -> "Caller":
        reader, writer = await asyncio.open_connection(member.address.host, member.address.port)
        writer.write(preamble)
        return cls(reader, writer)

    def send(self, request: Request[Any]) -> int:
        self._ids += 1
        self._writer.write(request.head(self._ids) + request.body)
        return self._ids

    async def next(self) -> Message | None:
        while not self._waiting:
            data = await self._reader.read(65536)
            if not data:
                return None
            self._waiting = self._messages.feed(data)
        return self._waiting.pop(0)

    async def call(self, request: Request[R]) -> R:
        correlation_id = self.send(request)
        message = await self.next()
        assert message is not None
        assert message.correlation_id == correlation_id
        return request.method.decode(message)

    def raw(self, content: bytes) -> None:
        self._writer.write(content)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster(2) as cluster:
        yield cluster


@pytest.fixture
async def member(cluster: ScriptedCluster) -> ScriptedMember:
    return cluster.members[0]


@pytest.fixture
async def caller(member: ScriptedMember) -> AsyncIterator[Caller]:
    caller = await Caller.to(member)
    yield caller
    await caller.close()


def authentication(cluster_name: str = "dev") -> Request[client.AuthenticationResponse]:
    return client.AUTHENTICATION.encode(
        cluster_name, None, None, uuid4(), "PYH", 1, "5.7.0", "hz.client_0", ["blue"]
    )


async def test_authenticates(cluster: ScriptedCluster, member: ScriptedMember, caller: Caller) -> None:
    response = await caller.call(authentication())
    assert (response.status, response.member_uuid) == (0, member.uuid)
    assert response.address == member.address
    assert response.server_hazelcast_version == "5.7.0"
    assert response.member_infos is not None
    assert [each.uuid for each in response.member_infos] == [each.uuid for each in cluster.members]
    assert response.partitions is not None
    assert sorted(number for _, numbers in response.partitions for number in numbers) == list(range(271))
    (received,) = member.requests_of(client.AUTHENTICATION)
    assert received.params.labels == ["blue"]
    assert received.connection.preamble == b"CP2"


async def test_refuses_another_cluster_name(caller: Caller) -> None:
    assert (await caller.call(authentication("other"))).status == 1


async def test_older_member_keeps_its_lists_to_itself() -> None:
    view = ClusterView(version=(5, 3, 8), list_in_authentication=False)
    async with ScriptedCluster(view=view) as cluster:
        caller = await Caller.to(cluster.members[0])
        response = await caller.call(authentication())
        assert response.server_hazelcast_version == "5.3.8"
        assert response.member_list_version == -1
        assert not response.member_infos
        await caller.close()


async def test_pushes_the_view_before_the_response(member: ScriptedMember, caller: Caller) -> None:
    registration = caller.send(client.ADD_CLUSTER_VIEW_LISTENER.encode())
    messages = [await caller.next() for _ in range(5)]
    kinds = [
        type(client.ADD_CLUSTER_VIEW_LISTENER.decode_event(each))
        for each in messages
        if each is not None and each.is_event
    ]
    assert kinds == [
        client.MembersViewEvent,
        client.PartitionsViewEvent,
        client.MemberGroupsViewEvent,
        client.ClusterVersionEvent,
    ]
    assert messages[-1] is not None
    assert messages[-1].type == client.ADD_CLUSTER_VIEW_LISTENER.response_type
    assert [each.correlation_id for each in messages if each is not None] == [registration] * 5


async def test_answers_as_told(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.GET, lambda name, key, thread_id: key + b"!")
    assert await caller.call(map_codec.GET.encode("m", b"k", 3)) == b"k!"
    (received,) = await member.received(map_codec.GET)
    assert (received.params.name, received.params.key, received.params.thread_id) == ("m", b"k", 3)
    await caller.call(client.PING.encode())


async def test_answers_with_backup_acks(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.SET, lambda *_: Result(None, backup_acks=2))
    caller.send(map_codec.SET.encode("m", b"k", b"v", 1, -1))
    message = await caller.next()
    assert message is not None
    assert message.backup_acks == 2


async def test_fails_as_told(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.SIZE, lambda name: Failure(33, "a.MemberLeft", "gone"))
    caller.send(map_codec.SIZE.encode("m"))
    message = await caller.next()
    assert message is not None
    assert message.type == 0
    (error,) = decode_errors(message)
    assert (error.error_code, error.class_name, error.message) == (33, "a.MemberLeft", "gone")


async def test_refuses_what_has_no_script(caller: Caller) -> None:
    caller.send(map_codec.CLEAR.encode("m"))
    message = await caller.next()
    assert message is not None
    assert decode_errors(message)[0].error_code == 61


async def test_answers_late_and_out_of_order(member: ScriptedMember, caller: Caller) -> None:
    released = asyncio.Event()

    async def late(name: str, key: bytes, thread_id: int) -> bytes:
        await released.wait()
        return b"late"

    member.on(map_codec.GET, late)
    first = caller.send(map_codec.GET.encode("m", b"k", 1))
    await member.received(map_codec.GET)
    await caller_pings(caller)
    released.set()
    message = await caller.next()
    assert message is not None
    assert (message.correlation_id, map_codec.GET.decode(message)) == (first, b"late")


async def caller_pings(caller: Caller) -> None:
    await caller.call(client.PING.encode())


async def test_silence(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.GET, lambda *_: Silence)
    caller.send(map_codec.GET.encode("m", b"k", 1))
    await caller_pings(caller)
    assert len(member.requests_of(map_codec.GET)) == 1


async def test_close(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.GET, lambda *_: Close)
    caller.send(map_codec.GET.encode("m", b"k", 1))
    assert await caller.next() is None
    await member.connected(0)


async def test_bytes_as_they_are(member: ScriptedMember, caller: Caller) -> None:
    member.on(map_codec.GET, lambda *_: Bytes(b"\x05\0\0\0\0\0"))
    caller.send(map_codec.GET.encode("m", b"k", 1))
    with pytest.raises(Exception, match="length 5, below 6"):
        await caller.next()


async def test_pushes_events_to_who_registered(member: ScriptedMember, caller: Caller) -> None:
    registration_id = uuid4()
    member.on(map_codec.ADD_ENTRY_LISTENER, lambda *_: registration_id)
    assert await caller.call(map_codec.ADD_ENTRY_LISTENER.encode("m", True, 1, False)) == registration_id
    other = await Caller.to(member)
    await member.connected(2)
    event = map_codec.EntryEvent(b"k", b"v", None, None, 1, UUID(int=5), 1)
    assert member.push(map_codec.ADD_ENTRY_LISTENER, event) == 1
    message = await caller.next()
    assert message is not None
    assert map_codec.ADD_ENTRY_LISTENER.decode_event(message) == event
    await caller_pings(other)
    await other.close()


async def test_sends_backup_acks(member: ScriptedMember, caller: Caller) -> None:
    await caller.call(client.LOCAL_BACKUP_LISTENER.encode())
    assert member.push(client.LOCAL_BACKUP_LISTENER, client.BackupEvent(42)) == 1
    message = await caller.next()
    assert message is not None
    assert message.is_backup_event
    assert client.LOCAL_BACKUP_LISTENER.decode_event(message) == client.BackupEvent(42)


async def test_closed_connection_is_forgotten(member: ScriptedMember) -> None:
    caller = await Caller.to(member)
    await caller.call(client.LOCAL_BACKUP_LISTENER.encode())
    await caller.close()
    await member.connected(0)
    assert member.push(client.LOCAL_BACKUP_LISTENER, client.BackupEvent(1)) == 0


async def test_bad_request_closes_the_connection(member: ScriptedMember, caller: Caller) -> None:
    await member.connected()
    connection = member.connections[0]
    caller.raw(b"\0\0\0\0\0\0")
    await member.connected(0)
    assert "length 0" in str(connection.error)


async def test_stops_and_starts_again_at_the_same_port(cluster: ScriptedCluster) -> None:
    member = cluster.members[1]
    caller = await Caller.to(member)
    await caller_pings(caller)
    port = member.address.port
    await member.stop()
    with contextlib.suppress(ConnectionResetError):
        assert await caller.next() is None
    with contextlib.suppress(ConnectionResetError):
        await caller.close()
    await member.start(port)
    assert member.address.port == port
    again = await Caller.to(member)
    await caller_pings(again)
    await again.close()
