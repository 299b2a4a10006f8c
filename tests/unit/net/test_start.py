"""How a client comes to its cluster: authentication, its refusals, and members that are silent."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import socket
import sys
import threading
import time
import weakref
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
import uvloop

import hzclient
from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient._net.connector import Connector, TransportSettings
from hzclient._runtime import fork
from hzclient.asyncio import HazelcastClient
from hzclient.client import _Owner
from hzclient.config import ReconnectMode
from hzclient.core import Address
from hzclient.discovery import AddressProvider
from hzclient.errors import (
    AuthenticationError,
    ClientNotAllowedInClusterError,
    ClientOfflineError,
    HazelcastClientNotActiveError,
    IllegalStateError,
)
from hzclient.lifecycle import LifecycleState
from tests.internals import engine_of, private
from tests.member.answers import Bytes, Failure, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.member.view import ClusterView
from tests.unit.net.clients import SECONDS, client_of, options, soon, until

SOCKET = 50
ILLEGAL_ARGUMENT = 23


async def start(cluster: ScriptedCluster, **more: Any) -> HazelcastClient:
    return await soon(HazelcastClient.create_and_start(**options(cluster, **more)))


def answer_with_status(member: ScriptedMember, status: int) -> None:
    member.on(
        codec.AUTHENTICATION,
        lambda *_: codec.AuthenticationResponse(status, None, None, 7, "", -1, None, False),
    )


async def test_connects_to_all_members() -> None:
    async with ScriptedCluster(3) as cluster, client_of(cluster) as client:
        assert len(engine_of(client).manager.connections()) == 3
        assert [member.uuid for member in client.cluster_service.get_members()] == [
            member.uuid for member in cluster.members
        ]
        assert client.partition_service.get_partition_count() == 271
        for member in cluster.members:
            (request,) = member.requests_of(codec.AUTHENTICATION)
            assert request.params.client_name == client.name
            assert request.connection.preamble == b"CP2"


async def test_unisocket_connects_to_one() -> None:
    async with ScriptedCluster(3) as cluster, client_of(cluster, smart_routing=False) as client:
        for member in cluster.members:
            member.on(map_codec.GET, lambda name, key, thread_id: None)
        m = await soon(client.get_map("m"))
        await soon(asyncio.gather(*(m.get(n) for n in range(20))))
        connected = [member for member in cluster.members if member.connections]
        assert len(connected) == 1
        requests = connected[0].requests_of(map_codec.GET)
        assert len({request.message.partition_id for request in requests}) > 1
        assert not connected[0].requests_of(codec.LOCAL_BACKUP_LISTENER)


async def test_members_of_older_versions_tell_their_view_later() -> None:
    view = ClusterView(version=(5, 3, 8), list_in_authentication=False)
    async with ScriptedCluster(2, view) as cluster, client_of(cluster) as client:
        await until(lambda: len(engine_of(client).manager.connections()) == 2)
        assert len(client.cluster_service.get_members()) == 2


async def test_a_member_that_tells_its_view_only_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hzclient._services.cluster_view._PAUSE", 0.0, raising=False)
    refusals = iter([Failure(SOCKET), *[Failure(ILLEGAL_ARGUMENT)] * sys.getrecursionlimit()])
    async with ScriptedCluster(1) as cluster:
        member = cluster.members[0]
        member.on(codec.ADD_CLUSTER_VIEW_LISTENER, lambda: next(refusals, None))
        async with client_of(cluster):
            await until(lambda: member.registrations(codec.ADD_CLUSTER_VIEW_LISTENER))


# ---------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (1, AuthenticationError, "refused the credentials, or is not of a cluster named 'dev'"),
        (3, ClientNotAllowedInClusterError, "does not allow this client"),
        (9, AuthenticationError, "unknown status 9"),
    ],
)
async def test_who_is_refused_does_not_try_again(status: int, error: type[Exception], reason: str) -> None:
    async with ScriptedCluster() as cluster:
        answer_with_status(cluster.members[0], status)
        with pytest.raises(error, match=reason):
            await start(cluster)
        assert len(cluster.members[0].requests_of(codec.AUTHENTICATION)) == 1
        await soon(cluster.members[0].connected(0))


async def test_another_serialization_version_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster() as cluster:
        answer_with_status(cluster.members[0], 2)
        with pytest.raises(IllegalStateError, match="unable to connect"):
            await start(cluster, cluster_connect_timeout=0.5)
        assert len(cluster.members[0].requests_of(codec.AUTHENTICATION)) > 1
        assert "serialization version 7, this client has 1" in caplog.text


async def test_another_name_is_refused() -> None:
    async with ScriptedCluster() as cluster:
        with pytest.raises(AuthenticationError, match="'prod'"):
            await start(cluster, cluster_name="prod")


async def test_one_that_refuses_does_not_matter_where_another_accepts() -> None:
    async with ScriptedCluster(2) as cluster:
        answer_with_status(cluster.members[0], 1)
        async with client_of(cluster, shuffle_member_list=False) as client:
            assert len(engine_of(client).manager.connections()) == 1


async def test_who_is_refused_in_the_background_shuts_down() -> None:
    async with ScriptedCluster() as cluster:
        answer_with_status(cluster.members[0], 1)
        ended = asyncio.Event()
        client = await start(
            cluster,
            async_start=True,
            lifecycle_listeners=[lambda s: ended.set() if s == LifecycleState.SHUTDOWN else None],
        )
        await soon(ended.wait())
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(client.get_map("m"))


# ---------------------------------------------------------------------------------------- silent members


async def test_a_member_that_never_authenticates_cannot_stall_the_start() -> None:
    async with ScriptedCluster() as cluster:
        cluster.members[0].on(codec.AUTHENTICATION, lambda *_: Silence)
        with pytest.raises(IllegalStateError, match=r"authentication at .* took longer than 0\.5 s"):
            await start(cluster, connection_timeout=0.5, cluster_connect_timeout=0)


async def test_a_member_that_falls_silent_after_authentication_cannot_stall_the_start() -> None:
    async with ScriptedCluster(2) as cluster:
        cluster.members[0].on(codec.LOCAL_BACKUP_LISTENER, lambda: Silence)
        async with client_of(cluster, connection_timeout=0.1, shuffle_member_list=False) as client:
            (connection,) = engine_of(client).manager.connections()
            assert connection.member_uuid == cluster.members[1].uuid


async def test_a_time_limit_of_the_system_is_not_called_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never_answered(*_: object) -> None:
        raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never_answered)
    async with ScriptedCluster() as cluster:
        with pytest.raises(IllegalStateError, match="failed: .*Connection timed out"):
            await start(cluster, connection_timeout=0, cluster_connect_timeout=0)


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_ends_while_it_is_made_keeps_no_descriptor(make_loop: Any) -> None:
    """Otherwise its socket would close, when it is collected, what has got the same number meanwhile."""
    found: list[socket.socket] = []

    class Connections:
        def connection_made(self, transport: asyncio.Transport) -> None:
            transport.abort()  # as `MemberConnection` does if it was closed before

        def connection_lost(self, error: Exception | None) -> None: ...

    async def make(address: Address) -> None:
        runtime: Any = SimpleNamespace(loop=asyncio.get_running_loop())
        nobody: Any = None
        connector = Connector(
            runtime=runtime, settings=TransportSettings(1.0), identity=nobody, invocations=nobody
        )
        found.append(await private(connector, "_connect")(address))
        connection: Any = Connections()
        await private(connector, "_attach")(connection, found[0], address)

    with socket.create_server(("127.0.0.1", 0)) as server, asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(make(Address(*server.getsockname())))
    assert found[0].fileno() == -1


async def test_a_server_that_speaks_something_else_fails_with_the_reason() -> None:
    def answer_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" + b"x" * 100)
        writer.close()

    server = await asyncio.start_server(answer_http, "127.0.0.1", 0)
    address = "{}:{}".format(*server.sockets[0].getsockname())
    try:
        with pytest.raises(IllegalStateError, match="broke the protocol"):
            await soon(HazelcastClient.create_and_start(cluster_members=[address], cluster_connect_timeout=0))
    finally:
        server.close()


class HangingProvider(AddressProvider):
    """An address provider that never responds."""

    async def load_addresses(self) -> tuple[list[Address], list[Address]]:
        await asyncio.Event().wait()
        return [], []

    def translate(self, address: Address) -> Address | None:
        return address


class EmptyProvider(HangingProvider):
    """An address provider that knows no member."""

    def load_addresses(self) -> tuple[list[Address], list[Address]]:  # type: ignore[override]
        return [], []


class FailingProvider(HangingProvider):
    """An address provider that fails."""

    def load_addresses(self) -> tuple[list[Address], list[Address]]:  # type: ignore[override]
        raise KeyError("nothing here")


@pytest.mark.parametrize("limit", [0.0, 0.2])
@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        (HangingProvider(), "the address provider has not responded"),
        (EmptyProvider(), "the address provider returned no address"),
        (FailingProvider(), r"the address provider failed: KeyError\('nothing here'\)"),
    ],
)
async def test_the_time_to_connect_is_a_limit_for_providers(
    provider: AddressProvider, reason: str, limit: float
) -> None:
    began = time.monotonic()
    with pytest.raises(IllegalStateError, match=f"the last one is: {reason}"):
        await soon(
            HazelcastClient.create_and_start(
                address_provider=provider, cluster_connect_timeout=limit, connection_timeout=0.2
            )
        )
    assert time.monotonic() - began < 15


async def test_the_time_to_connect_is_a_limit_for_attempts() -> None:
    async with ScriptedCluster() as cluster:
        cluster.members[0].on(codec.AUTHENTICATION, lambda *_: Silence)
        began = time.monotonic()
        with pytest.raises(IllegalStateError, match=r"the last one is: connecting to .* has not ended"):
            await start(cluster, cluster_connect_timeout=0.2)
        assert time.monotonic() - began < 15


def test_a_slow_name_look_up_does_not_delay_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    real, go_on = socket.getaddrinfo, threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("flags", 0) & socket.AI_NUMERICHOST:
            go_on.wait(20)
        return real(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    try:
        with pytest.raises(IllegalStateError, match="connecting to some-name:5701 has not ended"):
            asyncio.run(
                HazelcastClient.create_and_start(
                    cluster_members=["some-name:5701"], cluster_connect_timeout=0.2
                )
            )
        assert time.monotonic() - began < 15
    finally:
        go_on.set()


async def test_before_authentication_a_peer_may_send_little() -> None:
    taken = 0

    async def announce(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        try:  # small frames of one message that never ends
            while taken < 64 * 1024 * 1024:
                writer.write((64 * 1024).to_bytes(4, "little") + b"\x00\xc0" + bytes(64 * 1024 - 6))
                await writer.drain()
                taken += 64 * 1024
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(announce, "127.0.0.1", 0)
    address = "{}:{}".format(*server.sockets[0].getsockname())
    try:
        with pytest.raises(IllegalStateError, match=r"message has at least \d+ bytes, limit 8388608"):
            await soon(HazelcastClient.create_and_start(cluster_members=[address], cluster_connect_timeout=0))
    finally:
        server.close()
    assert taken < 32 * 1024 * 1024


async def test_a_large_frame_that_is_announced_before_authentication_is_refused() -> None:
    async with ScriptedCluster() as cluster:
        frame = (400 * 1024 * 1024).to_bytes(4, "little") + b"\x00\xc0"
        cluster.members[0].on(codec.AUTHENTICATION, lambda *_: Bytes(frame))
        with pytest.raises(IllegalStateError, match="has 419430400 bytes, limit 2097152"):
            await start(cluster, cluster_connect_timeout=0)


async def test_failed_attempts_are_logged_with_their_reason(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.WARNING, "hzclient"),
        pytest.raises(IllegalStateError, match="Connect call failed"),
    ):
        await soon(
            HazelcastClient.create_and_start(cluster_members=["127.0.0.1:1"], cluster_connect_timeout=0)
        )
    assert "Cannot connect to 127.0.0.1:1" in caplog.text


# ------------------------------------------------------------------------------------------ odd clusters


async def test_a_member_that_is_known_by_two_addresses_is_connected_once() -> None:
    async with ScriptedCluster() as cluster:
        port = cluster.members[0].address.port
        async with client_of(cluster, cluster_members=[f"localhost:{port}", f"127.0.0.1:{port}"]) as client:
            await soon(client.get_map("m"))
            assert len(engine_of(client).manager.connections()) == 1
            await soon(cluster.members[0].connected(1))


async def test_a_member_that_is_dialled_twice_at_once_gets_one_listener_for_backups() -> None:
    """A member knows one such listener per client, and forgets it with the connection that it came from."""
    async with ScriptedCluster(2) as cluster:
        second = cluster.members[1]
        del cluster.view.members[1]  # so that the client does not dial it by itself
        async with client_of(cluster, cluster_members=cluster.addresses[:1]) as client:
            manager = engine_of(client).manager
            address = Address("127.0.0.1", second.address.port)
            one, other = await soon(asyncio.gather(*(private(manager, "_open")(address) for _ in range(2))))
            assert one is other
            assert len(second.requests_of(codec.AUTHENTICATION)) == 2
            assert len(second.requests_of(codec.LOCAL_BACKUP_LISTENER)) == 1
            await soon(second.connected(1))
            assert one.alive


async def test_members_of_another_cluster_are_left_alone() -> None:
    async with ScriptedCluster() as cluster, ScriptedCluster() as other:
        cluster.view.members.append(other.members[0].info)  # as after a split brain
        async with client_of(cluster) as client:
            await soon(other.members[0].received(codec.AUTHENTICATION))
            await soon(other.members[0].connected(0))
            (connection,) = engine_of(client).manager.connections()
            assert connection.member_uuid == cluster.members[0].uuid


async def test_a_member_with_other_partitions_is_disconnected() -> None:
    async with ScriptedCluster(2) as cluster:
        second = cluster.members[1]
        second.view = ClusterView(cluster_id=cluster.view.cluster_id, partition_count=11)
        async with client_of(cluster, cluster_members=cluster.addresses[:1]) as client:
            await soon(second.received(codec.AUTHENTICATION))
            await soon(second.connected(0))
            (connection,) = engine_of(client).manager.connections()
            assert connection.member_uuid == cluster.members[0].uuid


async def test_members_are_tried_again_when_it_is_time_and_not_before() -> None:
    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        ghost = member.info
        ghost.uuid = uuid4()
        cluster.view.members.append(ghost)
        async with client_of(cluster) as client:
            manager = engine_of(client).manager
            await until(lambda: ghost.uuid in private(manager, "_retry_at"))
            due = private(manager, "_retry_at")[ghost.uuid][1]
            assert private(manager, "_until_next_attempt")(due - 0.25) == pytest.approx(0.25)
            assert private(manager, "_until_next_attempt")(due) is None  # it is being tried
            await member.stop()
            await until(lambda: not manager.connections())
            # There must be a cluster first.
            assert private(manager, "_until_next_attempt")(due - 0.25) is None


async def test_an_address_that_somebody_else_answers_is_not_dialled_over_and_over() -> None:
    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        ghost = member.info
        ghost.uuid = uuid4()
        cluster.view.members.append(ghost)
        async with client_of(cluster) as client:
            m = await soon(client.get_map("m"))
            member.on(map_codec.SIZE, lambda name: 0)
            for _ in range(20):
                await soon(m.size())
                await asyncio.sleep(0.005)
            assert len(member.requests_of(codec.AUTHENTICATION)) <= 4


# ------------------------------------------------------------------------------- losing and coming back


async def test_async_start_is_offline_at_first() -> None:
    cluster = ScriptedCluster()
    async with cluster:
        addresses = cluster.addresses
        port = cluster.members[0].address.port
    connected = asyncio.Event()
    client = await soon(
        HazelcastClient.create_and_start(
            **{
                **options(cluster, async_start=True, cluster_members=addresses),
                "lifecycle_listeners": [lambda s: connected.set() if s == LifecycleState.CONNECTED else None],
            }
        )
    )
    try:
        for _ in range(3):
            with pytest.raises(ClientOfflineError):
                await soon(client.get_map("m"))
        assert client.lifecycle_service.is_running()
        member = cluster.members[0]
        await member.start(port)
        await soon(connected.wait())
        await soon(client.get_map("m"))
    finally:
        await soon(client.shutdown())
        await cluster.members[0].stop()


async def lose_and_find(cluster: ScriptedCluster, mode: int) -> tuple[HazelcastClient, Any, list[str]]:
    states: list[str] = []
    client = await start(cluster, reconnect_mode=mode, lifecycle_listeners=[states.append])
    member = cluster.members[0]
    member.on(map_codec.SIZE, lambda name: 7)
    m = await soon(client.get_map("m"))
    assert await soon(m.size()) == 7
    await member.stop()
    await until(lambda: LifecycleState.DISCONNECTED in states)
    return client, m, states


async def test_reconnect_off_shuts_down() -> None:
    async with ScriptedCluster() as cluster:
        client, m, states = await lose_and_find(cluster, ReconnectMode.OFF)
        await until(lambda: states[-1] == LifecycleState.SHUTDOWN)
        with pytest.raises(HazelcastClientNotActiveError) as refused:
            await soon(m.size())
        assert refused.value.__cause__ is None  # one short error, not a chain of the same one
        assert not client.lifecycle_service.is_running()


async def test_reconnect_on_lets_callers_wait(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster() as cluster:
        client, m, states = await lose_and_find(cluster, ReconnectMode.ON)
        waiting = asyncio.ensure_future(m.size())
        await asyncio.sleep(0)  # the call begins
        caplog.clear()
        await until(lambda: "next round" in caplog.text)
        assert not waiting.done(), "the client looked for a member and found none, but the call goes on"
        await cluster.members[0].start(cluster.members[0].address.port)
        assert await soon(waiting) == 7
        await soon(client.shutdown())
        assert states == [
            LifecycleState.STARTING,
            LifecycleState.STARTED,
            LifecycleState.CONNECTED,
            LifecycleState.DISCONNECTED,
            LifecycleState.CONNECTED,
            LifecycleState.SHUTTING_DOWN,
            LifecycleState.DISCONNECTED,
            LifecycleState.SHUTDOWN,
        ]


async def test_reconnect_async_fails_callers_at_once() -> None:
    async with ScriptedCluster() as cluster:
        client, m, states = await lose_and_find(cluster, ReconnectMode.ASYNC)
        with pytest.raises(ClientOfflineError):
            await soon(m.size())
        await cluster.members[0].start(cluster.members[0].address.port)
        await until(lambda: states.count(LifecycleState.CONNECTED) == 2)
        assert await soon(m.size()) == 7
        await soon(client.shutdown())


async def test_giving_up_to_reconnect_shuts_down() -> None:
    async with ScriptedCluster() as cluster:
        states: list[str] = []
        client = await start(cluster, cluster_connect_timeout=0.1, lifecycle_listeners=[states.append])
        m = await soon(client.get_map("m"))
        await cluster.members[0].stop()
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(m.size())
        await until(lambda: states[-1] == LifecycleState.SHUTDOWN)


async def test_a_provider_that_fails_at_a_reconnect_is_asked_again() -> None:
    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        asked = 0

        class Provider(AddressProvider):
            def load_addresses(self) -> tuple[list[Address], list[Address]]:
                nonlocal asked
                asked += 1
                if asked in (2, 3):
                    raise KeyError("the look-up failed")
                return [member.address], []

            def translate(self, address: Address) -> Address | None:
                return address

        more = options(cluster, address_provider=Provider())
        del more["cluster_members"]
        client = await soon(HazelcastClient.create_and_start(**more))
        member.on(map_codec.SIZE, lambda name: 7)
        m = await soon(client.get_map("m"))
        await member.stop()
        await member.start(member.address.port)
        assert await soon(m.size()) == 7
        await soon(client.shutdown())


async def test_a_cluster_that_was_started_anew_is_another_cluster() -> None:
    async with ScriptedCluster() as cluster:
        client, m, _ = await lose_and_find(cluster, ReconnectMode.ON)
        member = cluster.members[0]
        cluster.view.cluster_id = uuid4()
        cluster.view.partition_count = 13
        await member.start(member.address.port)
        assert await soon(m.size()) == 7
        assert client.partition_service.get_partition_count() == 13
        await soon(client.shutdown())


# --------------------------------------------------------------------------------------------- the end


async def test_shutdown_is_awaited_by_all_who_ask() -> None:
    async with ScriptedCluster() as cluster:
        client = await start(cluster)
        await soon(asyncio.gather(client.shutdown(), client.shutdown()))
        assert not engine_of(client).manager.connections()
        await soon(client.shutdown())

        client = await start(cluster)
        first = asyncio.ensure_future(client.shutdown())
        await asyncio.sleep(0)
        first.cancel()
        await soon(client.shutdown())
        assert not engine_of(client).manager.connections()
        await soon(cluster.members[0].connected(0))


async def test_closers_that_fail_do_not_keep_connections_open(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster() as cluster:
        client = await start(cluster)

        async def fail() -> None:
            raise ValueError("closer")

        engine_of(client).closers.append(fail)
        await soon(client.shutdown())
        await soon(cluster.members[0].connected(0))
        assert "closer" in caplog.text


def test_a_child_process_does_not_wait_for_a_shutdown_in_its_parent() -> None:
    owner = _Owner()
    owner.runtime = cast(Any, SimpleNamespace())  # its thread runs in the parent
    assert owner in private(fork, "_clients")
    owner.abandon()
    child = threading.Thread(target=owner.shut_down, daemon=True)
    child.start()
    child.join(SECONDS)
    assert not child.is_alive()


async def test_waiting_calls_fail_at_shutdown() -> None:
    async with ScriptedCluster() as cluster:
        client = await start(cluster)
        cluster.members[0].on(map_codec.SIZE, lambda name: Silence)
        m = await soon(client.get_map("m"))
        waiting = asyncio.ensure_future(m.size())
        await soon(cluster.members[0].received(map_codec.SIZE))
        await soon(client.shutdown())
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(waiting)
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(m.size())


async def test_nobody_is_left_behind_by_a_client() -> None:
    async with ScriptedCluster(2) as cluster:
        before = asyncio.all_tasks()
        async with client_of(cluster) as client:
            await soon(client.get_map("m"))
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - before
        assert not left, [task.get_name() for task in left]


async def test_a_client_that_ended_is_forgotten() -> None:
    async with ScriptedCluster(2) as cluster:
        cluster.on(map_codec.SIZE, lambda name: 0)
        client = await start(cluster)
        m = await soon(client.get_map("m"))
        await soon(asyncio.gather(*(m.size() for _ in range(100))))
        gone = weakref.ref(engine_of(client)), weakref.ref(engine_of(client).manager.connections()[0])
        await soon(client.shutdown())
        del client, m
        await until(lambda: gc.collect() is not None and [each() for each in gone] == [None, None])


def test_a_threaded_client_that_ended_is_forgotten() -> None:
    """It found no cluster; its thread has ended all the same."""
    before = set(threading.enumerate())
    with pytest.raises(IllegalStateError):
        hzclient.HazelcastClient(cluster_members=["127.0.0.1:1"], cluster_connect_timeout=0)
    left = [thread for thread in threading.enumerate() if thread not in before and "loop" in thread.name]
    assert not left


async def test_calls_leave_nothing_behind() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        cluster.on(map_codec.SIZE, lambda name: 0)
        m = await soon(client.get_map("m"))

        async def count_objects() -> int:
            await soon(asyncio.gather(*(m.size() for _ in range(500))))
            for member in cluster.members:
                member.requests.clear()
            await asyncio.sleep(0)
            gc.collect()
            return len(gc.get_objects())

        # One batch of 500 calls without growth excludes that a call leaves something behind. The first
        # batches may grow, as caches fill and what earlier tests left to other threads ends.
        counts = [await count_objects(), await count_objects()]
        while counts[-1] - counts[-2] >= 50:
            assert len(counts) < 20, counts
            counts.append(await count_objects())
