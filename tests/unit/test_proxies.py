"""Which proxies a client gives and keeps, against a scripted member that lists what it is told to."""

from __future__ import annotations

import pytest

from hzclient import _structures as structures
from hzclient._codec import client as codec
from hzclient.asyncio import HazelcastClient
from hzclient.core import DistributedObjectInfo
from hzclient.errors import ClientOfflineError
from tests.member.scripted import ScriptedCluster


async def test_proxies_go_with_their_structures_but_not_before_they_were_listed() -> None:
    listed: list[DistributedObjectInfo] = []
    async with ScriptedCluster() as cluster:
        cluster.on(codec.GET_DISTRIBUTED_OBJECTS, lambda: list(listed))
        cluster.on(codec.CREATE_PROXY, lambda name, service_name: None)
        async with HazelcastClient(cluster_members=cluster.addresses) as client:
            topic = await client.get_topic("topic")
            assert await client.get_distributed_objects() == []  # the member has not heard of it yet
            assert await client.get_topic("topic") is topic
            listed.append(DistributedObjectInfo(topic.service_name, topic.name))
            assert await client.get_distributed_objects() == [topic]
            listed.clear()
            assert await client.get_distributed_objects() == []
            assert await client.get_topic("topic") is not topic


async def test_no_structure_is_given_before_a_member_was_reached() -> None:
    async with HazelcastClient(cluster_members=["127.0.0.1:1"], async_start=True) as client:
        for kind in structures.by_service().values():
            with pytest.raises(ClientOfflineError):
                await client._engine.structure(kind, "early")
