"""Clusters with the CP subsystem, and its structures in all faces.

Open-source members refuse CP calls since 5.5, so these run 5.3.8: three members with real Raft groups, and
one member without the CP subsystem, on which the structures work in "unsafe" mode.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.server import LocalCluster, compile_java
from tests.conftest import JAVA
from tests.integration.cp.seen import CPFace
from tests.integration.faces import FACES
from tests.internals import engine_of

VERSION = "5.3.8"
MODES = ("raft", "unsafe")

CONFIG = """
hazelcast:
  serialization:
    data-serializable-factories:
      - factory-id: 66
        class-name: hzclient.test.TestFactory
  cp-subsystem:
    cp-member-count: {members}
    semaphores:
      jdk*:
        jdk-compatible: true
    locks:
      limited*:
        lock-acquire-limit: 2
"""


def cp_cluster(mode: str) -> LocalCluster:
    """Return a cluster that is not started yet: "raft" or "unsafe"."""
    return LocalCluster(
        members=3 if mode == "raft" else 1,
        version=VERSION,
        config=CONFIG.format(members=3 if mode == "raft" else 0),
        class_path=[compile_java(JAVA / "hzclient", version=VERSION)],
    )


class Clusters:
    """The clusters of a test run, each started on first use, with a threaded client."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, tuple[LocalCluster, hzclient.HazelcastClient]] = {}

    def get(self, mode: str) -> tuple[LocalCluster, hzclient.HazelcastClient]:
        """Return the cluster of a mode and a client that all tests share."""
        if mode not in self._running:
            cluster = self._stack.enter_context(cp_cluster(mode))
            client = self._stack.enter_context(hzclient.HazelcastClient(cluster_members=cluster.addresses))
            self._running[mode] = cluster, client
        return self._running[mode]


@pytest.fixture(scope="session")
def cp_clusters() -> Iterator[Clusters]:
    """Share the clusters among all CP tests."""
    with ExitStack() as stack:
        yield Clusters(stack)


@pytest.fixture(scope="session")
def raft_addresses(cp_clusters: Clusters) -> list[str]:
    """Return the addresses of the cluster with real Raft groups."""
    return cp_clusters.get("raft")[0].addresses


@pytest.fixture(params=[(mode, face) for mode in MODES for face in FACES], ids="-".join)
async def cp(request: pytest.FixtureRequest, cp_clusters: Clusters) -> AsyncIterator[CPFace]:
    """Run the test in each mode and each face."""
    mode, face = request.param
    cluster, client = cp_clusters.get(mode)
    if face == "asyncio":
        async with hzclient.asyncio.HazelcastClient(cluster_members=cluster.addresses) as own:
            yield CPFace(face, own)
    else:
        yield CPFace(face, client)


def sessions_of(client: Any) -> Any:
    """Return the CP sessions of a client of either kind."""
    return engine_of(client).cp_proxies.context.sessions
