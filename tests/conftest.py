"""What all tests share: the cluster of real members that integration tests run on."""

import os
from typing import Any

import pytest

from hzclient.server import DEFAULT_VERSION

pytest_plugins = ["hzclient.testing"]


@pytest.fixture(scope="session")
def server_version() -> str:
    """The Hazelcast version to test with: `./run-tests.sh --server VERSION`."""
    return os.environ.get("HZCLIENT_SERVER_VERSION", DEFAULT_VERSION)


@pytest.fixture(scope="session")
def hazelcast_cluster_options(server_version: str) -> dict[str, Any]:
    """Two members, so that calls are routed and backups acknowledged."""
    return {"members": 2, "version": server_version}
