"""Requests leave in the order of the calls: every operation, followed by another call of the same caller."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

import hzclient
import hzclient.asyncio
from hzclient import _structures as structures
from hzclient import aggregator, predicate, projection
from hzclient._codec import cp_group, cp_session
from hzclient._codec import map as map_codec
from hzclient._codec import semaphore as semaphore_codec
from hzclient._codec import sql as sql_codec
from hzclient._codec import topic as topic_codec
from hzclient._net import turns
from hzclient._runtime.faces import blocking_operation, view
from hzclient.protocol import RaftGroupId
from hzclient.proxy._manager import Structure
from hzclient.proxy.cp.atomic_long import AtomicLong
from hzclient.proxy.cp.atomic_reference import AtomicReference
from hzclient.proxy.cp.count_down_latch import CountDownLatch
from hzclient.proxy.cp.fenced_lock import FencedLock
from hzclient.proxy.cp.map import CPMap
from hzclient.proxy.cp.semaphore import Semaphore
from hzclient.proxy.scheduled_executor import ScheduledTask
from hzclient.vector import Document, Type, Vector
from tests.internals import engine_of, private
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import options, soon, until

MARKER = map_codec.SIZE

NOT_OF_CALLERS = {"Client.ping", "Client.statistics"}

CP_STRUCTURES = {
    "atomic_long": AtomicLong,
    "atomic_reference": AtomicReference,
    "count_down_latch": CountDownLatch,
    "lock": FencedLock,
    "semaphore": Semaphore,
    "map": CPMap,
}

SENDS_NOTHING = {
    ("map", "near_cache_statistics"),
    *((kind, "remove_entry_listener") for kind in ("map", "multi_map", "replicated_map")),
    ("map", "remove_partition_lost_listener"),
    *((kind, "remove_listener") for kind in ("list", "queue", "reliable_topic", "set", "topic")),
    ("pn_counter", "reset"),
    *((f"cp {kind}", "get_group_id") for kind in CP_STRUCTURES),
    ("cp lock", "unlock"),
    ("cp semaphore", "release"),
}
"""Operations that need no member here: there is nothing to remove or to release."""


class Caller:
    """One client, whose calls and those of a marker map are made in turn."""

    def __init__(self, client: Any, member: ScriptedMember, marker: Any) -> None:
        self.client = client
        self.member = member
        self._marker = marker

    async def requests_of(self, call: Callable[[], Any]) -> list[str]:
        """Make a call and the marker's, waiting for neither; return the names of the requests in order."""
        first = len(self.member.requests)
        markers = len(self.member.requests_of(MARKER))
        with self._loop_held_up():
            outcomes = start_in_turn(call, self._marker.size)
        await soon(self.member.received(MARKER, markers + 1))
        await soon(asyncio.gather(*outcomes, return_exceptions=True))
        return methods_since(self.member, first)

    async def get(self, getter: str, name: str, of: Any = None) -> Any:
        """Return a structure of the client, or of its CP subsystem."""
        get = getattr(of or self.client, getter)
        return await soon(get(name) if inspect.iscoroutinefunction(get) else asyncio.to_thread(get, name))

    def _loop_held_up(self) -> Any:
        """Keep the client's own thread busy, so that whatever waits for that thread comes too late."""
        runtime = engine_of(self.client).runtime
        released = threading.Event()
        if runtime.owned:
            runtime.post(released.wait)

        class HeldUp:
            def __enter__(self) -> None: ...
            def __exit__(self, *_: object) -> None:
                released.set()

        return HeldUp()


def start_in_turn(first: Callable[[], Any], second: Callable[[], Any]) -> list[Awaitable[Any]]:
    """Start two calls, in tasks if they are to be awaited by a task."""
    outcome = first()
    if hasattr(outcome, "__anext__"):
        outcome = anext(outcome)
    elif hasattr(outcome, "__aenter__"):
        outcome = outcome.__aenter__()
    if inspect.isawaitable(outcome) and not hasattr(outcome, "add_done_callback"):
        return [asyncio.ensure_future(outcome), asyncio.ensure_future(in_task(second))]
    outcomes = [outcome, second()]
    return [as_task(each) for each in outcomes if inspect.isawaitable(each)]


async def in_task(call: Callable[[], Any]) -> Any:
    return await call()


def as_task(outcome: Any) -> Awaitable[Any]:
    return outcome if hasattr(outcome, "add_done_callback") else asyncio.ensure_future(outcome)


@asynccontextmanager
async def caller_of(cluster: ScriptedCluster, face: str) -> AsyncIterator[Caller]:
    """Start a client of a face, with the map whose `size` marks the end of a call."""
    (member,) = cluster.members
    member.on(MARKER, lambda name: 0)
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: RaftGroupId("default", 0, 1))
    member.on(semaphore_codec.GET_SEMAPHORE_TYPE, lambda proxy_name: False)
    member.on(sql_codec.CLOSE, lambda query_id: None)
    member.on(cp_session.CLOSE_SESSION, lambda group_id, session_id: True)
    more = {"near_caches": {"near": {"invalidate_on_change": False}}}
    if face == "asyncio":
        start = hzclient.asyncio.HazelcastClient.create_and_start
        async with await soon(start(**options(cluster, **more))) as client:
            yield Caller(client, member, await client.get_map("marker"))
    else:
        threaded = await asyncio.to_thread(hzclient.HazelcastClient, **options(cluster, **more))
        try:
            yield Caller(threaded, member, await asyncio.to_thread(threaded.get_map, "marker"))
        finally:
            await asyncio.to_thread(threaded.shutdown)


def arguments_of(function: Callable[..., Any], member: ScriptedMember) -> list[Any]:
    """Return an argument for each parameter that has no default."""
    samples: dict[str, Any] = {
        "key": "key",
        "map": {"key": "value"},
        "source": {"key": "value"},
        "multimap": {"key": ["value"]},
        "predicate": predicate.true(),
        "aggregator": aggregator.count(),
        "projection": projection.single_attribute("a"),
        "registration_id": str(uuid4()),
        "listener_func": print,
        "listener": print,
        "ttl": 1,
        "delay": 1,
        "delta": 1,
        "index": 0,
        "from_index": 0,
        "to_index": 1,
        "sequence": 0,
        "start_sequence": 0,
        "min_count": 0,
        "max_count": 1,
        "target_list": [],
        "member": member.info,
        "members": [member.info],
        "document": Document("value", Vector("v", Type.DENSE, [1.0])),
        "vector": Vector("v", Type.DENSE, [1.0]),
        "task_id": 1,
        "function": b"function",
        "new_value": 1,
        "expect": 0,
        "update": 1,
        "increase": 1,
        "count": 1,
        "permits": 1,
        "reduction": 1,
        "timeout": 1,
    }
    lists = {"items", "keys", "messages"}
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [
        ["item"] if each.name in lists else samples.get(each.name, "sample")
        for each in parameters
        if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]


TASK = ScheduledTask("s", "task", 1, None)

ARGUMENTS: dict[tuple[str, str], list[Any]] = {
    ("topic", "add_listener"): [print],
    ("vector_collection", "put_all"): [{"key": Document("value", Vector("v", Type.DENSE, [1.0]))}],
    ("map", "add_index"): [["attribute"]],
    **{
        ("scheduled_executor", name): [TASK]
        for name in (
            *("get_result", "cancel", "is_done", "is_cancelled", "get_delay", "get_statistics", "dispose"),
        )
    },
}
"""Arguments of operations whose parameters the names do not explain."""

KINDS = {name.lower(): kind for name, kind in vars(structures).items() if isinstance(kind, Structure)}


async def overtaken_operations(
    caller: Caller, face: str, kind: str, structure: Any, shell: Any
) -> dict[str, Any]:
    """Return the operations that the marker's request overtakes, with the requests in order of arrival."""
    overtaken = {}
    # Destroying comes last, as it ends what the structure keeps open.
    for name, marked in sorted(private(shell, "_marked").items(), key=lambda each: each[0] == "destroy"):
        if not hasattr(structure, name) or isinstance(marked, view):
            continue
        if face == "future" and isinstance(marked, blocking_operation):
            continue  # an operation that blocks has ended before its caller can call anything else
        arguments = ARGUMENTS.get((kind, name)) or arguments_of(marked.function, caller.member)
        requests = await caller.requests_of(partial(getattr(structure, name), *arguments))
        sends_nothing = requests == [MARKER.name]
        overtakes = requests[0] == MARKER.name and name != "size"
        if sends_nothing != ((kind, name) in SENDS_NOTHING) or overtakes and not sends_nothing:
            overtaken[name] = requests
    return overtaken


@pytest.mark.parametrize("face", ["future", "asyncio"])
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_later_call_overtakes_no_operation(kind: str, face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        structure = await caller.get(f"get_{kind}", "s")
        shell = KINDS[kind].future_face
        assert await overtaken_operations(caller, face, kind, structure, shell) == {}


@pytest.mark.parametrize("face", ["future", "asyncio"])
@pytest.mark.parametrize("kind", sorted(CP_STRUCTURES))
async def test_a_later_call_overtakes_no_cp_operation(kind: str, face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        structure = await caller.get(f"get_{kind}", "s", of=caller.client.cp_subsystem)
        assert await overtaken_operations(caller, face, f"cp {kind}", structure, CP_STRUCTURES[kind]) == {}


@pytest.mark.parametrize("face", ["future", "asyncio"])
async def test_a_later_call_overtakes_no_operation_of_a_client(face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        client = caller.client
        requests = await caller.requests_of(lambda: client.add_distributed_object_listener(print))
        assert requests == ["Client.addDistributedObjectListener", MARKER.name]
        if face == "asyncio":
            requests = await caller.requests_of(lambda: client.get_map("near"))
            assert requests == ["Client.createProxy", MARKER.name]
            requests = await caller.requests_of(client.get_distributed_objects)
            assert requests == ["Client.getDistributedObjects", MARKER.name]
            requests = await caller.requests_of(client.new_transaction().begin)
            assert requests == ["Transaction.create", MARKER.name]
        requests = await caller.requests_of(lambda: client.sql.execute("SELECT 1"))
        assert requests[:2] == ["Sql.execute", MARKER.name]


@pytest.mark.parametrize("face", ["future", "asyncio"])
async def test_removals_leave_in_order_too(face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        caller.member.on(topic_codec.ADD_MESSAGE_LISTENER, lambda *_: uuid4())
        topic = await caller.get("get_topic", "t")
        id_ = await soon(topic.add_listener(print))
        requests = await caller.requests_of(lambda: topic.remove_listener(id_))
        assert requests == ["Topic.removeMessageListener", MARKER.name]


@pytest.mark.parametrize("face", ["future", "asyncio"])
async def test_what_follows_a_registration_waits_for_its_response(face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        member, answer = caller.member, asyncio.Event()

        async def accept(*_: object) -> UUID:
            await answer.wait()
            return uuid4()

        member.on(topic_codec.ADD_MESSAGE_LISTENER, accept)
        member.on(topic_codec.PUBLISH, lambda name, message: None)
        topic = await caller.get("get_topic", "t")
        first = len(member.requests)
        calls = [
            *(topic.add_listener(print), topic.add_listener(print), topic.publish("a")),
            *(topic.add_listener(print), topic.publish("b")),
        ]
        outcomes = list(map(asyncio.ensure_future, calls))
        # Registrations do not wait for each other, but the third has a call before it.
        await soon(member.received(topic_codec.ADD_MESSAGE_LISTENER, 2))
        (connection,) = engine_of(caller.client).manager.connections()
        await until(lambda: len(private(connection, "_waiting")) == 3)
        assert methods_since(member, first) == ["Topic.addMessageListener"] * 2
        answer.set()
        await soon(asyncio.gather(*outcomes, return_exceptions=True))
        assert methods_since(member, first)[2:] == [
            "Topic.publish",
            "Topic.addMessageListener",
            "Topic.publish",
        ]
        await until(lambda: not connection.congested)


@pytest.mark.parametrize("face", ["future", "asyncio"])
async def test_a_removal_keeps_its_turn_behind_calls_that_wait(face: str) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, face) as caller:
        member, answer = caller.member, asyncio.Event()

        async def accept(*_: object) -> UUID:
            await answer.wait()
            return uuid4()

        member.on(topic_codec.ADD_MESSAGE_LISTENER, lambda *_: uuid4())
        member.on(topic_codec.PUBLISH, lambda name, message: None)
        member.on(topic_codec.REMOVE_MESSAGE_LISTENER, lambda *_: True)
        topic = await caller.get("get_topic", "t")
        id_ = await soon(topic.add_listener(print))
        member.on(topic_codec.ADD_MESSAGE_LISTENER, accept)
        first = len(member.requests)
        calls = [topic.add_listener(print), topic.publish("a"), topic.remove_listener(id_)]
        outcomes = list(map(asyncio.ensure_future, calls))
        await soon(member.received(topic_codec.ADD_MESSAGE_LISTENER, 2))
        answer.set()
        await soon(asyncio.gather(*outcomes))
        assert methods_since(member, first) == [
            "Topic.addMessageListener",
            "Topic.publish",
            "Topic.removeMessageListener",
        ]


@pytest.mark.parametrize("end", ["cancelled", "closed", "never"])
async def test_nothing_waits_for_a_registration_without_a_response(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedCluster() as cluster, caller_of(cluster, "asyncio") as caller:
        member = caller.member
        member.on(topic_codec.ADD_MESSAGE_LISTENER, lambda *_: Silence)
        topic = await caller.get("get_topic", "t")
        if end == "never":
            monkeypatch.setattr(turns, "_LONGEST_HOLD", 0.05)
        listening = asyncio.ensure_future(topic.add_listener(print))
        await soon(member.received(topic_codec.ADD_MESSAGE_LISTENER))
        publishing = asyncio.ensure_future(topic.publish("a"))
        (connection,) = engine_of(caller.client).manager.connections()
        await until(lambda: bool(private(connection, "_waiting")) or end == "never")
        if end == "closed":
            connection.close("the test says so")
        elif end == "cancelled":
            listening.cancel()
        await soon(member.received(topic_codec.PUBLISH))
        listening.cancel()
        await soon(asyncio.gather(listening, publishing, return_exceptions=True))


def methods_since(member: ScriptedMember, first: int) -> list[str]:
    return [each.method for each in member.requests[first:] if each.method not in NOT_OF_CALLERS]
