"""Engines on the cluster that all tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hzclient.server import LocalCluster


@pytest.fixture(scope="session")
def address(hazelcast_cluster: LocalCluster) -> str:
    """Return host and port of a member."""
    return hazelcast_cluster.addresses[0]


@pytest.fixture(scope="module")
def engine(address: str) -> Iterator[Engine]:
    """Yield an engine for threads."""
    engine = create_engine(f"hazelcast://{address}/?cluster_name=dev")
    yield engine
    engine.dispose()


@pytest.fixture
async def async_engine(address: str) -> AsyncIterator[AsyncEngine]:
    """Yield an engine for tasks."""
    engine = create_async_engine(f"hazelcast+asyncio://{address}/?cluster_name=dev")
    yield engine
    await engine.dispose()
