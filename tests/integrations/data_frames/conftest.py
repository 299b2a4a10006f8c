"""A client and a new map for each test of data frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import hzclient
from hzclient.server import LocalCluster


@pytest.fixture(scope="package")
def client(hazelcast_cluster: LocalCluster) -> Iterator[hzclient.HazelcastClient]:
    """Yield a client that all tests share."""
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
        yield client


@pytest.fixture
def a_map(client: hzclient.HazelcastClient) -> Iterator[Any]:
    """Yield a new map."""
    a_map = client.get_map(f"frames{uuid4().hex[:8]}").blocking()
    yield a_map
    a_map.destroy()
