"""The Celery application of the tests, on the cluster that all tests share."""

from __future__ import annotations

import importlib
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.contrib._shared import close_shared_clients
from hzclient.server import LocalCluster


@pytest.fixture(scope="session")
def celery_environment(hazelcast_cluster: LocalCluster) -> dict[str, str]:
    """Return the environment of the processes that run tasks, or send them."""
    return {"ADDRESSES": ",".join(hazelcast_cluster.addresses), "PREFIX": f"celery-{uuid.uuid4().hex}"}


@pytest.fixture(scope="session")
def tasks(celery_environment: dict[str, str]) -> Iterator[Any]:
    """Yield the module with the tasks."""
    os.environ.update(celery_environment)
    module = importlib.import_module("tests.integrations.celery.tasks")
    yield module
    module.app.close()
    close_shared_clients()
