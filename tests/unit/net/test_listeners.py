"""Listeners over scripted members: events at odd moments, callbacks that misbehave, reconnects."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from hzclient._codec import map as map_codec
from hzclient.errors import HazelcastClientNotActiveError, HazelcastError
from hzclient.proxy.base import EntryEventType
from tests.internals import engine_of, private
from tests.member.answers import Failure, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import client_of, map_of, soon, until

ADD = map_codec.ADD_ENTRY_LISTENER
REMOVE = map_codec.REMOVE_ENTRY_LISTENER


def event(member: ScriptedMember, affected: int) -> Any:
    """Return an event that all entries are gone, identified by their number."""
    return map_codec.EntryEvent(None, None, None, None, EntryEventType.CLEAR_ALL, member.uuid, affected)


def accept(cluster: ScriptedCluster) -> None:
    cluster.on(ADD, lambda *_: uuid4())
    cluster.on(REMOVE, lambda name, registration_id: True)


def handlers(client: Any) -> int:
    """How many handlers of user's listeners the connections hold; two are the client's own."""
    connections = engine_of(client).manager.connections()
    own = len(connections) + 1  # backup acks of each, the cluster view of one
    return sum(len(connection.event_handlers) for connection in connections) - own


async def test_registered_with_every_member_and_removed_there() -> None:
    async with ScriptedCluster(3) as cluster, client_of(cluster) as client:
        accept(cluster)
        m = await soon(client.get_map("m"))
        seen: list[int] = []
        registration = await soon(
            m.add_entry_listener(clear_all_func=lambda e: seen.append(e.number_of_affected_entries))
        )
        for number, member in enumerate(cluster.members):
            assert member.push(ADD, event(member, number)) == 1
            (request,) = member.requests_of(ADD)
            assert request.params.local_only is True
        await until(lambda: sorted(seen) == [0, 1, 2])
        assert await soon(m.remove_entry_listener(registration)) is True
        assert await soon(m.remove_entry_listener(registration)) is False
        assert all(len(member.requests_of(REMOVE)) == 1 for member in cluster.members)
        assert handlers(client) == 0


async def test_unisocket_listens_to_the_whole_cluster() -> None:
    async with ScriptedCluster(1) as cluster, map_of(cluster, smart_routing=False) as m:
        accept(cluster)
        await soon(m.add_entry_listener(clear_all_func=print))
        (request,) = cluster.members[0].requests_of(ADD)
        assert request.params.local_only is False


async def test_events_that_come_before_the_answer() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        told = asyncio.Event()

        async def push_first(*_: object) -> UUID:
            request = member.requests[-1]
            request.connection.push(ADD, event(member, 1), request.message.correlation_id)
            await told.wait()
            return uuid4()

        member.on(ADD, push_first)
        await soon(m.add_entry_listener(clear_all_func=lambda e: told.set()))


async def test_a_member_that_refuses_undoes_the_registration() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        accept(cluster)
        cluster.members[1].on(ADD, lambda *_: Failure(23, message="no"))
        m = await soon(client.get_map("m"))
        with pytest.raises(HazelcastError, match="cannot be added.*no"):
            await soon(m.add_entry_listener(clear_all_func=print))
        assert len(cluster.members[0].requests_of(REMOVE)) == 1
        assert handlers(client) == 0
        assert len(engine_of(client).listeners) == 0


async def test_registered_again_after_a_reconnect() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        seen: list[int] = []
        registration = await soon(
            m.add_entry_listener(clear_all_func=lambda e: seen.append(e.number_of_affected_entries))
        )
        await member.stop()
        await member.start(member.address.port)
        await soon(member.received(ADD, 2))
        await until(lambda: member.registrations(ADD))
        assert member.push(ADD, event(member, 5)) == 1
        await until(lambda: seen == [5])
        await until(lambda: private(engine_of(client).listeners, "_registrations")[registration].members)
        assert await soon(m.remove_entry_listener(registration)) is True


async def test_a_member_that_refuses_after_a_reconnect_is_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        await soon(m.add_entry_listener(clear_all_func=print))
        answers = iter([Failure(23, message="not yet")])
        member.on(ADD, lambda *_: next(answers, None) or uuid4())
        await member.stop()
        await member.start(member.address.port)
        await soon(member.received(ADD, 3))
        await until(lambda: handlers(client) == 1)
    assert "Map.addEntryListener was refused by connection " in caplog.text
    assert "not yet" in caplog.text
    assert "Traceback" not in caplog.text


async def test_removed_while_it_is_being_registered_again() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        registration = await soon(m.add_entry_listener(clear_all_func=print))
        gate, later = asyncio.Event(), uuid4()

        async def answer_later(*_: object) -> UUID:
            await gate.wait()
            return later

        member.on(ADD, answer_later)
        await member.stop()
        await member.start(member.address.port)
        await soon(member.received(ADD, 2))
        assert await soon(m.remove_entry_listener(registration)) is True
        gate.set()
        (request,) = await soon(member.received(REMOVE))
        assert request.params.registration_id == later
        await until(lambda: handlers(client) == 0)


async def test_a_connection_that_ends_with_the_answer_is_forgotten() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))

        def answer_and_break(*_: Any) -> UUID:
            accept(cluster)
            asyncio.get_running_loop().call_soon(member.connections[0].send, b"\x03\x00\x00\x00\x00\x00")
            return uuid4()

        member.on(ADD, answer_and_break)
        registration = await soon(m.add_entry_listener(clear_all_func=print))
        await soon(member.received(ADD, 2))
        members = private(engine_of(client).listeners, "_registrations")[registration].members
        await until(lambda: None not in members.values())
        assert [connection.connection_id for connection in members] == [2]


async def test_cancelled_while_it_is_being_registered() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        accept(cluster)
        cluster.members[1].on(ADD, lambda *_: Silence)
        m = await soon(client.get_map("m"))
        task = asyncio.ensure_future(m.add_entry_listener(clear_all_func=print))
        await soon(cluster.members[1].received(ADD))
        (registration,) = private(engine_of(client).listeners, "_registrations").values()
        await until(lambda: any(isinstance(each, UUID) for each in registration.members.values()))
        # The one that registered it is silent now too, which must not hold up who gave up.
        cluster.members[0].on(REMOVE, lambda *_: Silence)
        task.cancel()
        await soon(asyncio.wait([task]))
        assert task.cancelled()
        await until(lambda: handlers(client) == 0)
        assert len(engine_of(client).listeners) == 0
        await soon(cluster.members[0].received(REMOVE))


@pytest.mark.parametrize(
    ("error", "coroutine"),
    [(ValueError("mine"), False), (ValueError("mine"), True), (asyncio.CancelledError(), True)],
)
async def test_whatever_a_callback_raises_events_go_on(error: BaseException, coroutine: bool) -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        seen: list[int] = []

        def callback(e: Any) -> None:
            seen.append(e.number_of_affected_entries)
            if len(seen) == 1:
                raise error

        async def later(e: Any) -> None:
            await asyncio.sleep(0)
            callback(e)

        await soon(m.add_entry_listener(clear_all_func=later if coroutine else callback))
        member.push(ADD, event(member, 1))
        member.push(ADD, event(member, 2))
        await until(lambda: seen == [1, 2])
        assert len(member.connections) == 1


async def test_a_callback_that_waits_holds_up_nobody_else() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        member = cluster.members[0]
        member.on(map_codec.SIZE, lambda name: 3)
        m = await soon(client.get_map("m"))
        gate, seen, sizes = asyncio.Event(), [], []

        async def slow(e: Any) -> None:
            await gate.wait()
            seen.append(e.number_of_affected_entries)

        async def quick(e: Any) -> None:
            sizes.append(await m.size())

        await soon(m.add_entry_listener(clear_all_func=slow))
        await soon(m.add_entry_listener(clear_all_func=quick))
        for number in range(3):
            member.push(ADD, event(member, number))
        await until(lambda: sizes == [3, 3, 3])
        assert not seen
        gate.set()
        await until(lambda: seen == [0, 1, 2])


async def test_too_many_events_push_the_oldest_out(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster() as cluster, client_of(cluster, event_queue_capacity=5) as client:
        accept(cluster)
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        gate, seen = asyncio.Event(), []

        async def slow(e: Any) -> None:
            await gate.wait()
            seen.append(e.number_of_affected_entries)

        await soon(m.add_entry_listener(clear_all_func=slow))
        for number in range(20):
            member.push(ADD, event(member, number))
        member.on(map_codec.SIZE, lambda name: 3)
        await soon(m.size())  # came after the events
        gate.set()
        await until(lambda: seen and seen[-1] == 19)
        assert len(seen) <= 6
        assert seen == sorted(seen)
        assert "too slow" in caplog.text
        await until(lambda: "events were dropped" in caplog.text)


async def test_refused_when_the_client_is_shut_down() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        accept(cluster)
        m = await soon(client.get_map("m"))
        await soon(client.shutdown())
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(m.add_entry_listener(clear_all_func=print))


async def test_a_client_that_is_shut_down_meanwhile_is_told_as_such() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        cluster.on(ADD, lambda *_: Silence)
        m = await soon(client.get_map("m"))
        adding = asyncio.create_task(m.add_entry_listener(clear_all_func=print))
        await soon(cluster.members[0].received(ADD))
        await soon(client.shutdown())
        with pytest.raises(HazelcastClientNotActiveError):
            await soon(adding)
