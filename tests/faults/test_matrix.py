"""The matrix of faults: each fault, with operations of each kind running in all faces at once.

Three real members, and one client for each face. A fault happens once while all callers work (`work.py`), so
one run gives the verdicts of all its cells: fault, kind of operation, face.

A run goes through phases: prepare, work (the fault happens), rest (no caller works), check, leave.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import psutil
import pytest

import hzclient
from hzclient.config import ReconnectMode
from hzclient.server import LocalCluster, compile_java
from tests.conftest import JAVA
from tests.faults import report
from tests.faults.catalog import FAULTS
from tests.faults.members import START_SECONDS, Stage, ways_to
from tests.faults.work import CP, KINDS, Work
from tests.faults.world import Phase, World
from tests.integration.faces import FACES, Face, end_client, eventually, make_client
from tests.internals import engine_of

HEARTBEAT_TIMEOUT = 2.0
INVOCATION_TIMEOUT = 2.0

OPTIONS: dict[str, Any] = {
    "heartbeat_interval": 0.2,
    "heartbeat_timeout": HEARTBEAT_TIMEOUT,
    "invocation_timeout": INVOCATION_TIMEOUT,
    "connection_timeout": 2.0,
    "retry_initial_backoff": 0.1,
    "retry_max_backoff": 0.5,
    "reconnect_mode": ReconnectMode.ON,
    "fail_on_indeterminate_operation_state": True,
    "operation_backup_timeout": 2.0,
    "near_caches": {"near-*": {"reconciliation_interval": 1}},
}

CONFIG = """
hazelcast:
  serialization:
    data-serializable-factories:
      - factory-id: 66
        class-name: hzclient.test.TestFactory
  cp-subsystem:
    cp-member-count: {cp_members}
    raft-algorithm:
      leader-election-timeout-in-millis: 1000
      leader-heartbeat-period-in-millis: 1000
      max-missed-leader-heartbeat-count: 3
"""

PROPERTIES = {
    # Otherwise members repeat operations that may have been carried out already.
    "hazelcast.operation.fail.on.indeterminate.state": "true",
    # Members divide it by 1,000, so the default is 0.12 s instead of 120 s: a client that is without a
    # connection when members look, every 10 s, loses its locks. This makes it 120 s.
    "hazelcast.client.cleanup.timeout.millis": "120000000",
}

VERSIONS = {"raft": ("5.3.8", 3), "unsafe": ("5.3.8", 0), "new": ("5.7.0", 0)}
"""Version, and members of the CP subsystem. From 5.5 on, open-source members have none."""


class Clusters:
    """Starts the cluster that the next test needs. Only one runs at a time, to save memory."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._kind = ""
        self._running: LocalCluster | None = None

    def get(self, kind: str) -> LocalCluster:
        """Return the running cluster of a kind; replace the one of another kind, or an incomplete one."""
        cluster = self._running
        if cluster is None or kind != self._kind or len(cluster.addresses) != 3:
            self._stack.close()
            version, cp_members = VERSIONS[kind]
            cluster = self._running = self._stack.enter_context(
                LocalCluster(
                    members=3,
                    version=version,
                    config=CONFIG.format(cp_members=cp_members),
                    class_path=[compile_java(JAVA / "hzclient", version=version)],
                    properties=PROPERTIES,
                )
            )
            self._kind = kind
        return cluster


@pytest.fixture(scope="module")
def clusters() -> Iterator[Clusters]:
    with ExitStack() as stack:
        yield Clusters(stack)


def cells(config: pytest.Config) -> list[tuple[str, str]]:
    """Return pairs of cluster and fault, in an order in which few clusters are started."""
    long = config.getoption("all_faults")
    found = [
        (cluster, name)
        for name, fault in FAULTS.items()
        for cluster in (*fault.clusters[0], *(fault.clusters[1] if long else ()))
    ]
    return sorted(found, key=lambda cell: list(VERSIONS).index(cell[0]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize(("kind", "fault"), cells(metafunc.config))


@asynccontextmanager
async def clients(ways: dict[str, Any]) -> AsyncIterator[list[Face]]:
    """Start a client for each face."""
    faces: list[Face] = []
    try:
        for name in FACES:
            if name == "asyncio":
                client = await make_client(name, **OPTIONS, **ways)
            else:  # in another thread, because proxies live on this loop
                client = await asyncio.to_thread(hzclient.HazelcastClient, **OPTIONS, **ways)
            faces.append(Face(name, client))
        yield faces
    finally:
        for face in faces:
            if face.name == "asyncio":
                await end_client(face.client)
            else:
                await asyncio.to_thread(face.client.shutdown)


class Footprint:
    """What clients hold: to be as before when a fault is over.

    Args:
        faces: The clients.
    """

    def __init__(self, faces: list[Face]) -> None:
        self._engines = [engine_of(face.client) for face in faces]

    def now(self) -> dict[str, int]:
        """Return counts of what can leak."""
        loops = {id(engine.runtime.loop): engine.runtime.loop for engine in self._engines}
        return {
            "threads": sum(not each.name.startswith("asyncio_") for each in threading.enumerate()),
            "descriptors": psutil.Process().num_fds(),
            "tasks": sum(len(asyncio.all_tasks(loop)) for loop in loops.values()),
            "connections": sum(len(engine.manager.connections()) for engine in self._engines),
            "listeners": sum(len(engine.listeners) for engine in self._engines),
            "calls": sum(engine.router.calls_in_flight() for engine in self._engines),
            "backups": sum(len(engine.invocations.backups) for engine in self._engines),
        }


@pytest.mark.timeout(300)
async def test_matrix(
    kind: str, fault: str, clusters: Clusters, record_property: Callable[[str, object], None]
) -> None:
    cluster = await asyncio.to_thread(clusters.get, kind)
    with hzclient.HazelcastClient(cluster_members=cluster.addresses) as helper:
        world = World(helper, len(cluster.addresses), has_cp=kind != "new")
        async with ways_to(cluster, FAULTS[fault].proxied) as (ways, proxies, names), clients(ways) as faces:
            works = [each(world, face) for face in faces for each in KINDS if world.has_cp or each is not CP]
            stage = Stage(cluster, world, works, faces, proxies, names)
            with world.lag.measured():
                await run(stage, FAULTS[fault].happen)
    record(fault, kind, works, record_property)
    problems = {repr(work.tally): work.tally.problems for work in works if work.tally.problems}
    assert not problems, problems


async def run(stage: Stage, happen: Callable[[Stage], Any]) -> None:
    """Run all callers, and let the fault happen meanwhile."""
    world, works = stage.world, stage.works
    await stage.connected_to(world.size)
    stage.running = [asyncio.ensure_future(work.face.start(work.run)) for work in works]

    async def ready_for(phase: Phase) -> None:
        await stage.until(lambda: world.ready_for(phase) == len(works))

    try:
        await ready_for(Phase.WORK)
        footprint = Footprint(stage.faces)
        before = footprint.now()
        world.phase = Phase.WORK
        await stage.all_go_on()
        world.fault_began = time.monotonic()
        await happen(stage)
        await stage.connected_to(world.size)
        await stage.all_go_on(5)
        world.phase = Phase.REST
        await ready_for(Phase.CHECK)
        world.phase = Phase.CHECK
        await ready_for(Phase.LEAVE)
        await nothing_is_left(footprint, before)
    finally:
        world.phase = Phase.LEAVE
        await asyncio.wait(stage.running, timeout=START_SECONDS)
    await asyncio.gather(*stage.running)


async def nothing_is_left(footprint: Footprint, before: dict[str, int]) -> None:
    """Wait until nothing is more than before."""

    def grown() -> dict[str, tuple[int, int]]:
        now = footprint.now()
        return {name: (before[name], now[name]) for name in before if now[name] > before[name]}

    try:
        await eventually(lambda: not grown(), 30)
    except AssertionError:
        raise AssertionError(f"more than before the fault: {grown()}") from None


def record(fault: str, kind: str, works: list[Work], record_property: Callable[[str, object], None]) -> None:
    """Record the verdict of each cell: a fault, a kind of operations, and a face."""
    record_property("fault", fault)
    for work in works:
        tally = work.tally
        record_property(
            f"cell {work.kind}",
            f"{tally.calls} {tally.failed} {tally.longest:.2f} {tally.outage:.2f} {len(tally.problems)}",
        )


def test_the_document_has_the_figures_of_each_fault() -> None:
    heads, _, *rows = report.cells_of(report.DOCUMENT.read_text())
    assert [row[0] for row in rows] == list(FAULTS)
    assert heads[1:] == [each.kind for each in KINDS]
