"""Calls to members that answer late, wrongly, or not at all."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient._codec import queue as queue_codec
from hzclient._protocol.message import Message
from hzclient.errors import (
    HazelcastError,
    HazelcastSerializationError,
    IllegalArgumentError,
    IndeterminateOperationStateError,
    OperationTimeoutError,
    ProtocolError,
    TargetDisconnectedError,
    UndefinedErrorCodeError,
)
from tests.internals import engine_of, private
from tests.member.answers import Bytes, Close, Failure, Result, Silence
from tests.member.outgoing import Outgoing
from tests.member.scripted import ScriptedCluster, ScriptedMember, member_method
from tests.unit.net.clients import calls_in_flight, client_of, key_owned_by, map_of, soon, until

TARGET_NOT_MEMBER = 53
WRONG_TARGET = 62
RETRYABLE_HAZELCAST = 46
RETRYABLE_IO = 47
IO = 22
SOCKET = 50
NOT_ACTIVE = 19
ILLEGAL_ARGUMENT = 23


class Gate:
    """Holds a member's answers back."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def then(self, answer: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        async def handler(*params: Any) -> Any:
            await self.event.wait()
            return answer(*params)

        return handler


def echo(name: str, key: bytes, thread_id: int) -> bytes:
    """Answers a get with the key."""
    return key


# ----------------------------------------------------------------------------------------- late answers


async def test_late_answers_of_cancelled_calls_reach_nobody() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        gate = Gate()
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        member.on(map_codec.GET, gate.then(echo))
        cancelled = [asyncio.ensure_future(m.get(f"cancelled-{n}")) for n in range(50)]
        await soon(member.received(map_codec.GET, 50))
        for task in cancelled:
            task.cancel()
        await soon(asyncio.wait(cancelled))
        assert calls_in_flight(client) == 0
        others = [asyncio.ensure_future(m.get(f"other-{n}")) for n in range(50)]
        await soon(member.received(map_codec.GET, 100))
        gate.event.set()
        assert await soon(asyncio.gather(*others)) == [f"other-{n}" for n in range(50)]
        assert all(task.cancelled() for task in cancelled)
        assert len(member.connections) == 1


async def test_late_answers_of_calls_whose_time_was_over_reach_nobody() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        gate = Gate()
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        member.on(map_codec.GET, gate.then(echo))
        with pytest.raises(OperationTimeoutError, match=r"Map\.get took longer than 0\.02 s"):
            await soon(m.with_timeout(0.02).get("late"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await m.get("late")
        await until(lambda: calls_in_flight(client) == 0)
        waiting = asyncio.ensure_future(m.get("other"))
        await soon(member.received(map_codec.GET, 3))
        gate.event.set()
        assert await soon(waiting) == "other"


async def test_answers_in_any_order_reach_their_calls() -> None:
    async with ScriptedCluster(2) as cluster, map_of(cluster) as m:
        turn = random.Random(1)

        async def answer_some_time(name: str, key: bytes, thread_id: int) -> bytes:
            for _ in range(turn.randrange(20)):
                await asyncio.sleep(0)
            return key

        cluster.on(map_codec.GET, answer_some_time)
        keys = [f"key-{n}" for n in range(300)]
        assert await soon(asyncio.gather(*map(m.get, keys))) == keys


async def test_an_answer_that_comes_twice_reaches_nobody_else() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        member = cluster.members[0]
        member.on(map_codec.GET, echo)
        assert await soon(m.get("a")) == "a"
        (request,) = member.requests_of(map_codec.GET)
        side = member_method(map_codec.GET.request_type)
        assert side is not None
        request.connection.respond(request.message, side.encode_response(request.params.key))
        assert await soon(m.get("b")) == "b"


# ------------------------------------------------------------------------------------ broken answers


def raw_answer(message_type: int, body: bytes = b"") -> Callable[[Message], bytes]:
    """Bytes of a response with nothing but a head."""
    return lambda request: Outgoing(message_type, 19, not body, body).as_response(request.correlation_id)


async def answered_by(member: ScriptedMember, bytes_of: Callable[[Message], bytes]) -> None:
    """Lets the next size() of a map be answered with raw bytes."""
    member.on(map_codec.SIZE, lambda name: Bytes(bytes_of(member.requests[-1].message)))


@pytest.mark.parametrize(
    "message_type", [queue_codec.SIZE.response_type, map_codec.SIZE.request_type, codec.PING.response_type]
)
async def test_an_answer_to_another_call_closes_the_connection(message_type: int) -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        member = cluster.members[0]
        await answered_by(member, raw_answer(message_type, b""))
        (connection,) = member.connections
        with pytest.raises(ProtocolError, match=r"is not a response to Map\.size"):
            await soon(m.size())
        await until(lambda: connection not in member.connections)
        member.on(map_codec.SIZE, lambda name: 3)
        assert await soon(m.size()) == 3


async def test_an_answer_that_cannot_be_read_closes_the_connection() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        member = cluster.members[0]
        await answered_by(member, raw_answer(map_codec.SIZE.response_type))  # without the number
        (connection,) = member.connections
        with pytest.raises(ProtocolError, match=r"Map\.size"):
            await soon(m.size())
        await until(lambda: connection not in member.connections)


async def test_an_error_that_cannot_be_read_closes_the_connection() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        member = cluster.members[0]
        await answered_by(member, raw_answer(0))
        (connection,) = member.connections
        with pytest.raises(ProtocolError):
            await soon(m.size())
        await until(lambda: connection not in member.connections)


async def test_bytes_that_are_no_message_close_the_connection() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        member = cluster.members[0]
        member.on(queue_codec.SIZE, lambda name: 1)
        waiting = asyncio.ensure_future(m.put("k", "v"))  # not repeated: it may have been carried out
        member.on(map_codec.PUT, lambda *_: Silence)
        await soon(member.received(map_codec.PUT))
        member.connections[0].send(b"\x03\x00\x00\x00\x00\x00")
        with pytest.raises(TargetDisconnectedError, match="broke the protocol"):
            await soon(waiting)


# ------------------------------------------------------------------------------------ retries


@pytest.mark.parametrize(
    "code", [TARGET_NOT_MEMBER, WRONG_TARGET, RETRYABLE_HAZELCAST, RETRYABLE_IO, IO, SOCKET, NOT_ACTIVE]
)
async def test_errors_that_pass_are_retried(code: int) -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        answers = iter([Failure(code), Failure(code), None])
        cluster.on(map_codec.PUT, lambda *_: next(answers))
        assert await soon(m.put("k", "v")) is None
        requests = cluster.members[0].requests_of(map_codec.PUT)
        assert len({request.message.correlation_id for request in requests}) == 3


async def test_errors_that_do_not_pass_are_raised_at_once() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        cluster.on(
            map_codec.PUT, lambda *_: Failure(ILLEGAL_ARGUMENT, "java.lang.IllegalArgumentException", "no")
        )
        with pytest.raises(IllegalArgumentError, match="no"):
            await soon(m.put("k", "v"))
        assert len(cluster.members[0].requests_of(map_codec.PUT)) == 1


async def test_retries_end_with_the_time() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster, invocation_timeout=0.1) as m:
        cluster.on(map_codec.SIZE, lambda *_: Failure(RETRYABLE_HAZELCAST, message="busy"))
        with pytest.raises(OperationTimeoutError, match="busy"):
            await soon(m.size())
        assert len(cluster.members[0].requests_of(map_codec.SIZE)) > 3


@pytest.mark.parametrize("redo", [False, True])
async def test_what_may_be_repeated_when_the_connection_is_lost(redo: bool) -> None:
    async with ScriptedCluster() as cluster, map_of(cluster, redo_operation=redo) as m:
        member = cluster.members[0]
        closes = iter([Close] * 2)
        member.on(map_codec.PUT, lambda *_: next(closes, None))
        member.on(map_codec.GET, lambda *_: next(closes, None))
        if redo:
            assert await soon(m.put("k", "v")) is None
        else:
            with pytest.raises(TargetDisconnectedError):
                await soon(m.put("k", "v"))
        assert await soon(m.get("k")) is None


async def test_calls_go_on_by_the_other_member() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        cluster.on(map_codec.GET, echo)
        key = key_owned_by(client, cluster.members[0])
        assert await soon(m.get(key)) == key
        assert len(cluster.members[0].requests_of(map_codec.GET)) == 1
        await cluster.members[0].stop()
        assert await soon(m.get(key)) == key
        assert len(cluster.members[1].requests_of(map_codec.GET)) == 1


# ------------------------------------------------------------------------------------------ errors


async def test_errors_keep_what_the_member_said() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        causes = ((37, "java.lang.RuntimeException", "why"), (9999, "com.acme.Odd", None))
        cluster.on(map_codec.SIZE, lambda name: Failure(ILLEGAL_ARGUMENT, "java.lang.Iae", "outer", causes))
        with pytest.raises(IllegalArgumentError, match="outer") as caught:
            await soon(m.size())
        chain: list[BaseException | None] = [caught.value]
        while chain[-1] is not None:
            chain.append(chain[-1].__cause__)
        assert len(chain) == 4
        assert isinstance(chain[1], HazelcastError)
        assert "why" in str(chain[1])
        assert isinstance(chain[2], UndefinedErrorCodeError)


async def test_an_error_is_one_callers_own() -> None:
    async with ScriptedCluster() as cluster, map_of(cluster) as m:
        cluster.on(map_codec.PUT, lambda *_: Silence)
        waiting = [asyncio.ensure_future(m.put(str(n), "v")) for n in range(3)]
        await soon(cluster.members[0].received(map_codec.PUT, 3))
        cluster.members[0].connections[0].abort()
        errors = await soon(asyncio.gather(*waiting, return_exceptions=True))
        assert len({id(error) for error in errors}) == 3


# --------------------------------------------------------------------------------------- backup acks


def push_acks(cluster: ScriptedCluster, correlation_id: int, count: int = 1) -> None:
    backup = cluster.members[-1]
    for _ in range(count):
        assert backup.push(codec.LOCAL_BACKUP_LISTENER, codec.BackupEvent(correlation_id)) == 1


@pytest.mark.parametrize("fail", [False, True])
async def test_acks_that_come_late(fail: bool) -> None:
    async with (
        ScriptedCluster(2) as cluster,
        client_of(cluster, fail_on_indeterminate_operation_state=fail) as client,
    ):
        m = await soon(client.get_map("m"))
        first = cluster.members[0]
        first.on(map_codec.SET, lambda *_: Result(None, backup_acks=2))
        waiting = asyncio.ensure_future(m.set(key_owned_by(client, first), "v"))
        (request,) = await soon(first.received(map_codec.SET))
        backups = engine_of(client).invocations.backups
        await until(lambda: len(backups) == 1)
        push_acks(cluster, request.message.correlation_id)
        cluster.members[-1].on(map_codec.SET, lambda *_: None)
        await soon(m.set(key_owned_by(client, cluster.members[-1]), "v"))  # comes behind the ack
        assert not waiting.done()
        push_acks(cluster, request.message.correlation_id)
        await soon(waiting)
        assert len(backups) == 0


async def test_acks_that_come_before_the_answer() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        first, gate = cluster.members[0], Gate()
        first.on(map_codec.SET, gate.then(lambda *_: Result(None, backup_acks=1)))
        waiting = asyncio.ensure_future(m.set(key_owned_by(client, first), "v"))
        (request,) = await soon(first.received(map_codec.SET))
        push_acks(cluster, request.message.correlation_id)
        backups = engine_of(client).invocations.backups
        await until(lambda: len(backups) == 1)
        gate.event.set()
        await soon(waiting)
        assert len(backups) == 0


async def test_acks_of_calls_that_failed_are_forgotten() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        first, gate = cluster.members[0], Gate()
        first.on(map_codec.SET, gate.then(lambda *_: Failure(ILLEGAL_ARGUMENT)))
        waiting = asyncio.ensure_future(m.set(key_owned_by(client, first), "v"))
        (request,) = await soon(first.received(map_codec.SET))
        push_acks(cluster, request.message.correlation_id)
        backups = engine_of(client).invocations.backups
        await until(lambda: len(backups) == 1)
        gate.event.set()
        await soon(asyncio.wait([waiting]))
        await until(lambda: len(backups) == 0)


async def test_missing_acks_are_forgiven() -> None:
    async with ScriptedCluster(2) as cluster, map_of(cluster, operation_backup_timeout=0.02) as m:
        cluster.on(map_codec.SET, lambda *_: Result(None, backup_acks=1))
        await soon(m.set("k", "v"))


async def test_missing_acks_fail_the_call_where_that_is_wanted() -> None:
    async with (
        ScriptedCluster(2) as cluster,
        map_of(cluster, operation_backup_timeout=0.02, fail_on_indeterminate_operation_state=True) as m,
    ):
        cluster.on(map_codec.SET, lambda *_: Result(None, backup_acks=1))
        with pytest.raises(IndeterminateOperationStateError, match="1 backup acks are missing"):
            await soon(m.set("k", "v"))


async def test_acks_of_calls_that_were_given_up_pile_up_nowhere() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        first = cluster.members[0]
        first.on(map_codec.SET, lambda *_: Result(None, backup_acks=1))
        backups = engine_of(client).invocations.backups
        waiting = asyncio.ensure_future(m.set(key_owned_by(client, first), "v"))
        (request,) = await soon(first.received(map_codec.SET))
        await until(lambda: len(backups) == 1)
        waiting.cancel()
        await soon(asyncio.wait([waiting]))
        await until(lambda: len(backups) == 0)
        push_acks(cluster, request.message.correlation_id)
        cluster.on(map_codec.SIZE, lambda name: 0)
        await soon(m.size())
        assert len(backups) == 0


@pytest.mark.parametrize(("setting", "flagged"), [(True, True), (False, False)])
async def test_members_are_told_who_waits_for_backups(setting: bool, flagged: bool) -> None:
    async with ScriptedCluster() as cluster, map_of(cluster, backup_ack_to_client_enabled=setting) as m:
        cluster.on(map_codec.SET, lambda *_: None)
        await soon(m.set("k", "v"))
        (request,) = cluster.members[0].requests_of(map_codec.SET)
        assert bool(request.message.flags & 0x0100) is flagged
        assert bool(cluster.members[0].requests_of(codec.LOCAL_BACKUP_LISTENER)) is flagged


async def test_acks_are_asked_for_only_while_all_members_with_data_are_connected() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        first, second = cluster.members
        m = await soon(client.get_map("m"))
        first.on(map_codec.SET, lambda *_: None)
        key = key_owned_by(client, first)

        async def flagged() -> bool:
            await soon(m.set(key, "v"))
            return bool(first.requests_of(map_codec.SET)[-1].message.flags & 0x0100)

        assert await flagged()
        await second.stop()  # as a live member that this client cannot reach
        await until(lambda: len(engine_of(client).manager.connections()) == 1)
        assert not await flagged()
        second.view.members[:] = [first.info]
        second.view.list_version += 1
        first.push_view()
        await until(lambda: len(client.cluster_service.get_members()) == 1)
        assert await flagged()


async def test_acks_of_a_lost_member_are_not_awaited_for_long() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster, operation_backup_timeout=60.0) as client:
        first, second = cluster.members
        m = await soon(client.get_map("m"))
        first.on(map_codec.SET, lambda *_: Result(None, backup_acks=1))
        waiting = asyncio.ensure_future(m.set(key_owned_by(client, first), "v"))
        backups = engine_of(client).invocations.backups
        await until(lambda: len(backups) == 1)
        await second.stop()
        await soon(waiting)


# --------------------------------------------------------------------------------- congestion, fragments


async def test_a_member_that_does_not_read_slows_callers_down() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        member.on(map_codec.SET, lambda *_: None)
        member.connections[0].pause()
        value = b"x" * 100_000
        calls = [asyncio.ensure_future(m.set(n, value)) for n in range(400)]
        (connection,) = engine_of(client).manager.connections()
        await until(lambda: connection.congested)
        later = [asyncio.ensure_future(m.set(n, value)) for n in range(400)]
        await until(lambda: len(private(connection, "_waiting")) >= len(later))
        assert connection.calls
        assert len(connection.calls) <= len(calls)  # those that came later were not sent
        member.connections[0].resume()
        await soon(asyncio.gather(*calls, *later))
        assert not connection.congested


async def test_callers_that_wait_for_a_slow_member_go_elsewhere_when_it_is_lost() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        member = cluster.members[0]
        m = await soon(client.get_map("m"))
        member.connections[0].pause()
        value = b"x" * 100_000
        calls = [asyncio.ensure_future(m.set(n, value)) for n in range(100)]
        (connection,) = engine_of(client).manager.connections()
        await until(lambda: connection.congested)
        member.on(map_codec.SET, lambda *_: None)
        later = asyncio.ensure_future(m.set(1, "x"))
        await asyncio.sleep(0)
        member.connections[0].abort()
        results = await soon(asyncio.gather(*calls, return_exceptions=True))
        assert {type(result) for result in results} == {TargetDisconnectedError}
        await soon(later)  # of this one nothing was sent


# --------------------------------------------------------------------------------------------- cancelling


async def test_thousands_of_cancelled_calls_leave_nothing() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        cluster.on(map_codec.GET, lambda *_: Silence)
        for _ in range(10):
            tasks = [asyncio.ensure_future(m.get(n)) for n in range(1000)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await soon(asyncio.wait(tasks))
        del tasks, task
        assert calls_in_flight(client) == 0
        await asyncio.sleep(0)
        gc.collect()
        assert not [
            each
            for each in gc.get_objects()
            if type(each) is Message and each.type == map_codec.GET.request_type + 1
        ]


async def test_cancelling_at_each_step_of_put_all() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        cluster.on(map_codec.PUT_ALL, lambda *_: None)
        entries = {f"k{n}": n for n in range(100)}
        turns, done = 0, False
        while not done:
            task = asyncio.ensure_future(m.put_all(entries))
            for _ in range(turns):
                await asyncio.sleep(0)
            done = task.done()
            task.cancel()
            await soon(asyncio.wait([task]))
            await asyncio.sleep(0)
            assert calls_in_flight(client) == 0
            turns += 1
        assert turns > 3


async def test_values_that_cannot_be_serialized_are_the_callers_mistake() -> None:
    async with ScriptedCluster() as cluster, client_of(cluster) as client:
        m = await soon(client.get_map("m"))
        with pytest.raises(HazelcastSerializationError):
            await soon(m.set("k", lambda: None))
        assert calls_in_flight(client) == 0
