"""The matrix of network faults: each fault, in each face, with operations of each kind running.

The client reaches one real member through a `FaultProxy` only. Each cell checks that no call is without an
outcome at its deadline, that each result is of its own call, and that everything works again after the fault.

`./run-tests.sh faults -o junit_family=xunit1 --junitxml=build/faults.xml` measures, and
`python -m tests.faults.report build/faults.xml` writes the figures into `docs/reliability.md`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from hzclient.errors import HazelcastError
from hzclient.server import LocalCluster
from tests.faults import report
from tests.faults.proxy import Disturbance, FaultProxy, swallow
from tests.integration.faces import FACES, Face, end_client, eventually, make_client, unique_name
from tests.internals import engine_of

HEARTBEAT_TIMEOUT = 0.6
INVOCATION_TIMEOUT = 2.0
TIME_LIMIT = 3.0
CALL_LIMIT = 12.0
"""Seconds in which each call must have an outcome: its time limit, and what a busy machine may add."""


def cut_in_the_middle(proxy: FaultProxy) -> None:
    """Let half of the next response pass, and then nothing more: the connection is half-open."""
    passed = False

    def change(data: bytes) -> bytes:
        nonlocal passed
        if passed:
            return b""
        passed = True
        return data[: len(data) // 2]

    proxy.disturbance = Disturbance(to_client=change)


def corrupt(proxy: FaultProxy) -> None:
    """Corrupt the length of the next frame, so that 200 MB are announced."""
    done = False

    def change(data: bytes) -> bytes:
        nonlocal done
        if done:
            return data
        done = True
        return (200 * 1024 * 1024).to_bytes(4, "little") + data[4:]

    proxy.disturbance = Disturbance(to_client=change)


@dataclass(frozen=True)
class Fault:
    """A fault of the network.

    Attributes:
        begin: Makes it begin.
        breaks: Whether the connection must be replaced.
    """

    begin: Callable[[FaultProxy], None]
    breaks: bool = True


def disturb(**how: Any) -> Callable[[FaultProxy], None]:
    """Return what makes a disturbance begin."""

    def begin(proxy: FaultProxy) -> None:
        proxy.disturbance = Disturbance(**how)

    return begin


FAULTS = {
    "reset": Fault(FaultProxy.reset),
    "requests vanish": Fault(disturb(to_member=swallow)),
    "responses vanish": Fault(disturb(to_client=swallow)),
    "nothing passes": Fault(disturb(to_member=swallow, to_client=swallow)),
    "cut in a frame, then half-open": Fault(cut_in_the_middle),
    "corrupted length": Fault(corrupt),
    "duplicated responses": Fault(disturb(to_client=lambda data: data * 2), breaks=False),
    "latency of 0.2 s": Fault(disturb(delay=0.2), breaks=False),
    "one byte at a time": Fault(disturb(piece=1), breaks=False),
}


@pytest.fixture(scope="module")
def member() -> Any:
    """Start the member behind the proxy."""
    with LocalCluster(members=1) as cluster:
        yield cluster


async def elsewhere(face: str, make: Callable[[], Any]) -> Any:
    """Await something that blocks in the threaded faces, in a thread for these."""
    if face == "asyncio":
        return await make()
    return await asyncio.to_thread(lambda: asyncio.run(make()))


async def operations_of(face: Face) -> dict[str, Callable[[], Any]]:
    """Return operations of each kind, by name."""
    found: dict[str, Callable[[], Any]] = await elsewhere(face.name, lambda: operations(face))
    return found


@asynccontextmanager
async def disturbed_face(name: str, cluster: LocalCluster) -> AsyncIterator[tuple[Face, FaultProxy]]:
    """Start a client that reaches the member through a proxy only."""
    port = int(cluster.addresses[0].rpartition(":")[2])
    async with FaultProxy(port) as proxy:
        options: dict[str, Any] = {
            "cluster_members": [proxy.address],
            "smart_routing": False,
            "heartbeat_interval": 0.1,
            "heartbeat_timeout": HEARTBEAT_TIMEOUT,
            "invocation_timeout": INVOCATION_TIMEOUT,
            "connection_timeout": 1.0,
            "retry_initial_backoff": 0.05,
            "retry_max_backoff": 0.1,
        }
        client = await elsewhere(name, lambda: make_client(name, **options))
        try:
            yield Face(name, client), proxy
        finally:
            proxy.disturbance = Disturbance()
            await elsewhere(name, lambda: end_client(client))


async def outcome(face: Face, call: Callable[[], Any]) -> Any:
    """Make a call as its face does, and return its result or error; raise if it has none in time."""
    async with asyncio.timeout(CALL_LIMIT):
        try:
            if face.name == "blocking":
                return await asyncio.to_thread(call)
            return await call()
        except (HazelcastError, OSError) as error:
            return error


async def operations(face: Face) -> dict[str, Callable[[], Any]]:
    """Return operations of each kind; those of structures that exist already."""

    def face_of(structure: Any) -> Any:
        return structure.blocking() if face.name == "blocking" else structure

    async def get(kind: str) -> Any:
        getter = getattr(face.client, f"get_{kind}")
        found = getter(unique_name(kind))
        return face_of((await found if face.name == "asyncio" else found).with_timeout(TIME_LIMIT))

    m, queue, topic = await get("map"), await get("queue"), await get("topic")
    return {
        "put": lambda: m.put("k", "v"),
        "get": lambda: m.get("k"),
        "size": lambda: m.size(),
        "lock": lambda: m.try_lock("l"),
        "offer": lambda: queue.offer("item"),
        "poll": lambda: queue.poll(0),
        "publish": lambda: topic.publish("message"),
        "listener": lambda: topic.add_listener(print),
        "entry listener": lambda: m.add_entry_listener(added_func=print),
    }


RIGHT: dict[str, tuple[type, ...]] = {
    "put": (str, type(None)),
    "get": (str, type(None)),
    "size": (int,),
    "lock": (bool,),
    "offer": (bool,),
    "poll": (str, type(None)),
    "publish": (type(None),),
    "listener": (str,),
    "entry listener": (str,),
}
"""Types of correct results: a response at another's call has another type, mostly."""


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_network(
    name: str, fault: str, member: LocalCluster, record_property: Callable[[str, object], None]
) -> None:
    loop = asyncio.get_running_loop()
    async with disturbed_face(name, member) as (face, proxy):
        engine = engine_of(face.client)
        calls = await operations_of(face)
        await eventually(lambda: works(face, calls), 60)
        (before,) = engine.manager.connections()
        began = loop.time()
        FAULTS[fault].begin(proxy)
        found = await all_outcomes(face, calls)
        check(found)
        record_property("fault", fault)
        record_property("failed", sum(isinstance(each, Exception) for each in found.values()))
        record_property("slowest", f"{loop.time() - began:.2f}")
        if FAULTS[fault].breaks:
            await eventually(lambda: not before.alive, HEARTBEAT_TIMEOUT + 15)
        ended = loop.time()
        proxy.disturbance = Disturbance()

        await eventually(lambda: works(face, calls), 60)
        record_property("recovery", f"{loop.time() - ended:.2f}")
        await eventually(lambda: engine.router.calls_in_flight() == 0)


def test_the_document_has_the_figures_of_each_fault() -> None:
    rows = report.rows_of(report.DOCUMENT.read_text())
    assert [row.split(" | ")[0] for row in rows] == list(FAULTS)


async def all_outcomes(face: Face, calls: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Make all calls at once."""
    found = await asyncio.gather(*(outcome(face, call) for call in calls.values()))
    return dict(zip(calls, found, strict=True))


async def works(face: Face, calls: dict[str, Callable[[], Any]]) -> bool:
    """Return whether all calls succeed. On a busy machine, a heartbeat may be late and cost a connection."""
    found = await all_outcomes(face, calls)
    check(found)
    return not any(isinstance(each, Exception) for each in found.values())


def check(found: dict[str, Any]) -> None:
    """Check that each result is one of its own call."""
    for name, each in found.items():
        assert isinstance(each, (Exception, *RIGHT[name])), (name, each)
    assert threading.active_count() < 60
