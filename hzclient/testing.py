"""Pytest fixtures that give tests a real Hazelcast cluster.

Load them in the ``conftest.py`` at the root of the tests::

    pytest_plugins = ["hzclient.testing"]

and request the fixture::

    def test_put(hazelcast_cluster):
        with HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            ...

The first test that requests it starts one cluster for the whole run. It has one member of the default
version, unless ``conftest.py`` overrides the fixture `hazelcast_cluster_options`::

    @pytest.fixture(scope="session")
    def hazelcast_cluster_options():
        return {"members": 2, "config": "tests/hazelcast.yaml"}
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.server import LocalCluster

__all__ = ["hazelcast_cluster", "hazelcast_cluster_options"]


@pytest.fixture(scope="session")
def hazelcast_cluster_options() -> dict[str, Any]:
    """Return the arguments of the `LocalCluster` that `hazelcast_cluster` starts; override it."""
    return {}


@pytest.fixture(scope="session")
def hazelcast_cluster(hazelcast_cluster_options: dict[str, Any]) -> Iterator[LocalCluster]:
    """Start a cluster that all tests of the run share.

    Tests that stop members or need another configuration start a `LocalCluster` of their own.

    Args:
        hazelcast_cluster_options: Arguments of the `LocalCluster`.

    Yields:
        The running cluster.
    """
    with LocalCluster(**hazelcast_cluster_options) as cluster:
        yield cluster
