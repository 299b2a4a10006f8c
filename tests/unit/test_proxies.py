"""Which proxies a client returns and keeps, with a scripted member that lists what a test chooses."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from hzclient import _structures as structures
from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient.asyncio import HazelcastClient
from hzclient.core import DistributedObjectInfo
from hzclient.errors import ClientOfflineError
from tests.internals import engine_of
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


async def test_a_map_that_is_asked_for_and_listed_at_once_is_made_once() -> None:
    listener = map_codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER
    answer = map_codec.FetchNearCacheInvalidationMetadataResponse([], [])
    async with ScriptedCluster() as cluster:
        (member,) = cluster.members
        member.on(
            codec.GET_DISTRIBUTED_OBJECTS, lambda: [DistributedObjectInfo(structures.MAP.service_name, "m")]
        )
        member.on(listener, lambda *_: uuid4())
        member.on(map_codec.REMOVE_ENTRY_LISTENER, lambda *_: True)
        member.on(map_codec.FETCH_NEAR_CACHE_INVALIDATION_METADATA, lambda *_: answer)
        async with HazelcastClient(cluster_members=cluster.addresses, near_caches={"m": {}}) as client:
            listings = await asyncio.gather(*(client.get_distributed_objects() for _ in range(2)))
            m = await client.get_map("m")
            assert listings == [[m], [m]]
            assert len(member.registrations(listener)) == 1
            assert member.requests_of(codec.CREATE_PROXY) == []


async def test_no_structure_is_given_before_a_member_was_reached() -> None:
    async with HazelcastClient(cluster_members=["127.0.0.1:1"], async_start=True) as client:
        for kind in structures.by_service().values():
            with pytest.raises(ClientOfflineError):
                await engine_of(client).structure(kind, "early")
