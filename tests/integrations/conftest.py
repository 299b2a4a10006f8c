"""Time limits, and clusters for the tests of integrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hzclient.config import ClientOptions
from hzclient.contrib._shared import close_shared_clients
from hzclient.server import LocalCluster

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests wait for members to start, and on a fresh machine for their download."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture
def shared_options(hazelcast_cluster: LocalCluster) -> Iterator[ClientOptions]:
    """Yield options of the cluster that all tests share; afterwards the shared clients are closed."""
    yield {"cluster_members": hazelcast_cluster.addresses}
    close_shared_clients()


@pytest.fixture(scope="session")
def mortal_cluster() -> Iterator[LocalCluster]:
    """Start one member that tests may kill, pause and restart; they leave it running."""
    with LocalCluster(members=1) as cluster:
        yield cluster


@pytest.fixture
def mortal_options(mortal_cluster: LocalCluster) -> Iterator[ClientOptions]:
    """Yield options of the cluster that tests may kill; afterwards the shared clients are closed."""
    yield {"cluster_members": mortal_cluster.addresses}
    close_shared_clients()
