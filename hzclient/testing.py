"""Pytest plugin that gives tests a real Hazelcast cluster, clients, and clean structures.

Pytest finds the plugin by itself. A cluster starts when a test first requests a fixture of it::

    def test_put(hazelcast):
        orders = hazelcast.get_map("orders").blocking()
        orders.put("a", 1)

    async def test_put_async(async_hazelcast):
        orders = await async_hazelcast.get_map("orders")
        await orders.put("a", 1)

The first test that needs it starts one cluster for the whole run, with pytest-xdist one per worker. It has
one member of the default version, unless ``conftest.py`` overrides the fixture `hazelcast_cluster_options`::

    @pytest.fixture(scope="session")
    def hazelcast_cluster_options():
        return {"members": 2, "config": "tests/hazelcast.yaml"}

`hazelcast` and `async_hazelcast` destroy all structures of the cluster after each test. Tests that kill or
pause members request `mortal_hazelcast_cluster`, which is whole again at the next test. The marker
``hazelcast_version(">=5.5")`` skips a test if the members are of another version.
"""

from __future__ import annotations

import operator
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    import hzclient.asyncio
    from hzclient.server import LocalCluster

__all__ = [
    "async_hazelcast",
    "hazelcast",
    "hazelcast_cluster",
    "hazelcast_cluster_options",
    "hazelcast_options",
    "mortal_hazelcast_cluster",
]

_F = TypeVar("_F", bound=Callable[..., Any])

try:
    import pytest_asyncio
except ImportError:  # another plugin may run async fixtures
    _asynchronous: Any = pytest
else:
    _asynchronous = pytest_asyncio


def _async_fixture(function: _F) -> _F:
    made: _F = _asynchronous.fixture(function)
    return made


_MARKER = "hazelcast_version"
_CHECKS = {"==": operator.eq, ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f'{_MARKER}(requirement): skip the test unless the version meets, say, ">=5.5,<5.7"',
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let marked tests check the version before anything else."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker(_MARKER) is not None:
            item.fixturenames.insert(0, "_hazelcast_version_is_met")


@pytest.fixture
def _hazelcast_version_is_met(
    request: pytest.FixtureRequest, hazelcast_cluster_options: dict[str, Any]
) -> None:
    """Skip the test if the members are of a version that its marker excludes."""
    from hzclient.server import DEFAULT_VERSION

    version = str(hazelcast_cluster_options.get("version", DEFAULT_VERSION))
    for marker in request.node.iter_markers(_MARKER):
        for requirement in marker.args:
            if not _is_met(version, requirement):
                pytest.skip(f"needs Hazelcast {requirement}, the members are {version}")


def _is_met(version: str, requirement: str) -> bool:
    for part in requirement.split(","):
        found = re.fullmatch(r"\s*(==|>=|>|<=|<)\s*(\d+(?:\.\d+)*)\s*", part)
        if found is None:
            raise pytest.UsageError(
                f'{_MARKER} takes requirements such as ">=5.5" or ">=5.5,<5.7", not {requirement!r}'
            )
        wanted = _numbers(found[2])
        if not _CHECKS[found[1]](_numbers(version)[: len(wanted)], wanted):
            return False
    return True


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("-")[0])]


@pytest.fixture(scope="session")
def hazelcast_cluster_options() -> dict[str, Any]:
    """Return the arguments of the `LocalCluster` that `hazelcast_cluster` starts; override it."""
    return {}


@pytest.fixture(scope="session")
def hazelcast_options() -> dict[str, Any]:
    """Return further options of the clients; override it."""
    return {}


@pytest.fixture(scope="session")
def hazelcast_cluster(hazelcast_cluster_options: dict[str, Any]) -> Iterator[LocalCluster]:
    """Start a cluster that all tests of the run share. With pytest-xdist, each worker has its own.

    Args:
        hazelcast_cluster_options: Arguments of the `LocalCluster`.

    Yields:
        The running cluster.
    """
    from hzclient.server import LocalCluster

    with LocalCluster(**hazelcast_cluster_options) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _mortal_hazelcast_cluster(hazelcast_cluster_options: dict[str, Any]) -> Iterator[LocalCluster]:
    from hzclient.server import LocalCluster

    options: dict[str, Any] = {"members": 2, **hazelcast_cluster_options}
    with LocalCluster(**options) as cluster:
        yield cluster


@pytest.fixture
def mortal_hazelcast_cluster(_mortal_hazelcast_cluster: LocalCluster) -> LocalCluster:
    """Return a second cluster, whose members a test may `kill()`, `stop()` and `pause()`.

    It has two members unless the options say otherwise, and all of them run when a test begins.
    """
    for member in _mortal_hazelcast_cluster.members:
        if member.is_paused:  # the others may have given it up by now
            member.kill()
    for member in _mortal_hazelcast_cluster.members:
        if not member.is_alive:
            member.start()
    return _mortal_hazelcast_cluster


@pytest.fixture(scope="session")
def _hazelcast_client(
    hazelcast_cluster: LocalCluster, hazelcast_options: dict[str, Any]
) -> Iterator[hzclient.HazelcastClient]:
    import hzclient

    options: dict[str, Any] = {"cluster_name": hazelcast_cluster.cluster_name, **hazelcast_options}
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses, **options) as client:
        yield client


@pytest.fixture
def hazelcast(
    _hazelcast_client: hzclient.HazelcastClient,
) -> Iterator[hzclient.HazelcastClient]:
    """Yield a client of the shared cluster, and destroy all structures after the test."""
    yield _hazelcast_client
    for structure in _hazelcast_client.get_distributed_objects():
        structure.destroy()


@_async_fixture
async def async_hazelcast(
    hazelcast_cluster: LocalCluster, hazelcast_options: dict[str, Any]
) -> AsyncIterator[hzclient.asyncio.HazelcastClient]:
    """Yield an asyncio client of the shared cluster, and destroy all structures after the test."""
    import hzclient.asyncio

    options: dict[str, Any] = {"cluster_name": hazelcast_cluster.cluster_name, **hazelcast_options}
    async with hzclient.asyncio.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses, **options
    ) as client:
        yield client
        for structure in await client.get_distributed_objects():
            await structure.destroy()
