"""The faces that integration tests run in, over one shared cluster, and a time limit that lets it start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, unique_name

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 300


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that `only` asks for; let all wait for members to start, or even for their download."""
    left_out = [item for item in items if not is_wanted(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


def is_wanted(item: pytest.Item) -> bool:
    """Return whether the parameters of a test are among those that its marker `only` names.

    A parameter that is a tuple, such as mode and face, needs to contain one of the named values.
    """
    marker = item.get_closest_marker("only")
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for name, wanted in (marker.kwargs if marker else {}).items():
        values = parameters[name] if isinstance(parameters[name], tuple) else (parameters[name],)
        if not set(values) & set(wanted):
            return False
    return True


@pytest.fixture(scope="session")
def client_options() -> dict[str, Any]:
    """Return the options of the shared clients: maps whose names begin with `near-` have a near cache."""
    return {"near_caches": {"near-*": {}}}


@pytest.fixture(params=["map", "near"])
def map_name(request: pytest.FixtureRequest) -> str:
    """Return a name for a map; the test runs without a near cache and with one."""
    return unique_name(request.param)


@pytest.fixture(scope="session")
def threaded_client(
    hazelcast_cluster: LocalCluster, client_options: dict[str, Any]
) -> Iterator[hzclient.HazelcastClient]:
    """Start one client with a loop of its own, shared by all tests."""
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses, **client_options) as client:
        yield client


@pytest.fixture(params=FACES)
async def face(request: pytest.FixtureRequest) -> AsyncIterator[Face]:
    """Run the test once in each face."""
    if request.param == "asyncio":
        cluster: LocalCluster = request.getfixturevalue("hazelcast_cluster")
        options = request.getfixturevalue("client_options")
        async with hzclient.asyncio.HazelcastClient(cluster_members=cluster.addresses, **options) as client:
            yield Face("asyncio", client)
    else:
        yield Face(request.param, request.getfixturevalue("threaded_client"))
