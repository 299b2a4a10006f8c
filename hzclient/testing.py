"""Pytest fixtures that give tests a real Hazelcast cluster.

Load them in the ``conftest.py`` at the root of the tests::

    pytest_plugins = ["hzclient.testing"]

and ask for the cluster by its name::

    def test_put(hazelcast_cluster):
        with HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            ...

One cluster is started for the whole run when the first test asks for it. To have it otherwise than one
member of the default version, define the fixture `hazelcast_cluster_options` in ``conftest.py``::

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
    """The arguments of the `LocalCluster` that `hazelcast_cluster` starts; meant to be overridden."""
    return {}


@pytest.fixture(scope="session")
def hazelcast_cluster(hazelcast_cluster_options: dict[str, Any]) -> Iterator[LocalCluster]:
    """A running cluster, shared by all tests of the run.

    Tests that stop members or need another configuration start a `LocalCluster` of their own.
    """
    with LocalCluster(**hazelcast_cluster_options) as cluster:
        yield cluster
