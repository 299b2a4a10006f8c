"""The faces that integration tests run in, over one shared cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face


@pytest.fixture(scope="session")
def client_options() -> dict[str, Any]:
    """Options of the shared clients."""
    return {}


@pytest.fixture(scope="session")
def threaded_client(
    hazelcast_cluster: LocalCluster, client_options: dict[str, Any]
) -> Iterator[hzclient.HazelcastClient]:
    """One client with a loop of its own, shared by all tests."""
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses, **client_options) as client:
        yield client


@pytest.fixture(params=FACES)
async def face(request: pytest.FixtureRequest) -> AsyncIterator[Face]:
    """Runs the test once in each face."""
    if request.param == "asyncio":
        cluster: LocalCluster = request.getfixturevalue("hazelcast_cluster")
        options = request.getfixturevalue("client_options")
        async with hzclient.asyncio.HazelcastClient(cluster_members=cluster.addresses, **options) as client:
            yield Face("asyncio", client)
    else:
        yield Face(request.param, request.getfixturevalue("threaded_client"))
