"""`client.health()` against scripted members."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import hzclient
from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient.health import ClientHealth
from tests.integration.faces import end_client, eventually, make_client
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster

FACES = ("asyncio", "blocking")


async def make(face: str, cluster: ScriptedCluster, **options: Any) -> Any:
    options = {"cluster_members": cluster.addresses, **options}
    return await (
        make_client(face, **options)
        if face == "asyncio"
        else asyncio.to_thread(lambda: hzclient.HazelcastClient(**options))
    )


@pytest.mark.parametrize("face", FACES)
async def test_a_connected_client_is_ready_and_a_closed_one_is_not(face: str) -> None:
    async with ScriptedCluster(2) as cluster:
        client = await make(face, cluster)
        try:
            await eventually(lambda: client.health().connections == 2)
            await eventually(lambda: client.health().in_flight == 0)
            assert client.health() == ClientHealth("CONNECTED", 2, 2, None, 0)
            assert client.health().is_ready
        finally:
            await (end_client(client) if face == "asyncio" else asyncio.to_thread(client.shutdown))
        assert client.health() == ClientHealth("CLOSED", 2, 0, None, 0)
        assert not client.health().is_ready


@pytest.mark.parametrize("face", FACES)
async def test_calls_and_pings_without_an_answer_are_counted(face: str) -> None:
    async with ScriptedCluster() as cluster:
        cluster.on(codec.PING, lambda: Silence())
        cluster.on(map_codec.SIZE, lambda name: Silence())
        client = await make(face, cluster, heartbeat_interval=0.02)
        try:
            await eventually(lambda: client.health().in_flight == 1)  # the ping
            first = await eventually(lambda: client.health().oldest_missing_heartbeat)
            await eventually(lambda: client.health().oldest_missing_heartbeat > first)
            get = client.get_map
            structure = await (get("m") if face == "asyncio" else asyncio.to_thread(get, "m"))
            call = structure.size()
            call = asyncio.ensure_future(call) if face == "asyncio" else call
            await eventually(lambda: client.health().in_flight == 2)
        finally:
            await (end_client(client) if face == "asyncio" else asyncio.to_thread(client.shutdown))
        with pytest.raises(Exception):  # noqa: B017
            await (call if face == "asyncio" else asyncio.wrap_future(call))


@pytest.mark.parametrize("face", FACES)
async def test_a_client_without_a_member_is_not_ready(face: str) -> None:
    async with ScriptedCluster() as cluster:
        addresses = cluster.addresses
        starting = await make_client(face, cluster_members=["127.0.0.1:1"], async_start=True)
        assert starting.health().state == "STARTING"
        assert not starting.health().is_ready
        await (end_client(starting) if face == "asyncio" else asyncio.to_thread(starting.shutdown))
        client = await make(face, cluster, cluster_members=addresses)
    try:
        await eventually(lambda: client.health().state == "DISCONNECTED")
        assert client.health().connections == 0
        assert not client.health().is_ready
    finally:
        await (end_client(client) if face == "asyncio" else asyncio.to_thread(client.shutdown))
