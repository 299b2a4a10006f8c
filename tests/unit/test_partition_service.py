"""The partition service in each face: what must be awaited, and what it returns."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

import hzclient
from hzclient.asyncio import HazelcastClient
from hzclient.errors import ClientOfflineError, HazelcastSerializationError
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import options, soon


def assert_alike(service: Any, partition_id: Any, cluster: ScriptedCluster) -> None:
    assert service.get_partition_count() == 271
    assert 0 <= partition_id < 271
    assert service.get_partition_owner(partition_id) == cluster.members[0].uuid
    assert service.get_partition_owner(271) is None
    assert repr(service) == "PartitionService()"


async def test_asyncio_awaits_the_partition_of_a_key() -> None:
    async with ScriptedCluster() as cluster, HazelcastClient(**options(cluster)) as client:
        service = client.partition_service
        assert inspect.iscoroutinefunction(service.get_partition_id)
        assert_alike(service, await service.get_partition_id("k"), cluster)
        with pytest.raises(HazelcastSerializationError):
            await service.get_partition_id(None)


async def test_threads_get_the_partition_of_a_key_at_once() -> None:
    def run() -> None:
        with hzclient.HazelcastClient(**options(cluster)) as client:
            service = client.partition_service
            assert_alike(service, service.get_partition_id("k"), cluster)
            with pytest.raises(HazelcastSerializationError):
                service.get_partition_id(None)

    async with ScriptedCluster() as cluster:
        await soon(asyncio.to_thread(run))


async def test_before_a_member_was_reached() -> None:
    async with HazelcastClient(cluster_members=["127.0.0.1:1"], async_start=True) as client:
        assert client.partition_service.get_partition_count() == 0
        with pytest.raises(ClientOfflineError):
            await client.partition_service.get_partition_id("k")
