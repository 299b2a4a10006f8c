"""Plugin for pytest in the process that runs Celery's own integration tests: broker and results are ours."""

from __future__ import annotations

import os

import pytest

from hzclient.contrib.celery import install

install()
for variable in ("TEST_BROKER", "TEST_BACKEND"):
    os.environ[variable] = f"hazelcast://{os.environ['ADDRESSES']}/"


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Raise the time that the tests wait for a result, which is 10 seconds, for machines with much to do."""
    for item in items:
        setattr(item.module, "TIMEOUT", 240)  # noqa: B010


@pytest.fixture(scope="session")
def celery_worker_parameters() -> dict[str, object]:
    """Return arguments for the worker: without a first task that has to end in 10 seconds."""
    return {"perform_ping_check": False, "shutdown_timeout": 240.0}
