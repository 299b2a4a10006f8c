"""Clients of scripted members, and the little that tests of them share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from hzclient import _structures as structures
from hzclient.asyncio import HazelcastClient
from hzclient.proxy.map import AsyncMap
from tests.internals import engine_of
from tests.member.scripted import ScriptedCluster, ScriptedMember

T = TypeVar("T")

SECONDS = 20.0
"""How long a test waits for what must happen."""


def options(cluster: ScriptedCluster, **more: Any) -> dict[str, Any]:
    """Options of a client that does not wait long."""
    return {
        "cluster_members": cluster.addresses,
        "retry_initial_backoff": 0.01,
        "retry_max_backoff": 0.05,
        "invocation_retry_pause": 0.02,
        **more,
    }


@asynccontextmanager
async def client_of(cluster: ScriptedCluster, **more: Any) -> AsyncIterator[HazelcastClient]:
    """Yield a started client."""
    client = await soon(HazelcastClient.create_and_start(**options(cluster, **more)))
    try:
        yield client
    finally:
        await soon(client.shutdown())


@asynccontextmanager
async def map_of(cluster: ScriptedCluster, **more: Any) -> AsyncIterator[AsyncMap[Any, Any]]:
    """Yield a map of a started client."""
    async with client_of(cluster, **more) as client:
        yield await soon(client.get_map("m"))


def calls_in_flight(client: HazelcastClient) -> int:
    """Return the number of calls that wait for their responses."""
    return engine_of(client).router.calls_in_flight()


async def soon(awaitable: Awaitable[T]) -> T:
    """Await something that must not take long."""
    async with asyncio.timeout(SECONDS):
        return await awaitable


async def until(fact: Callable[[], object]) -> None:
    """Wait for a fact that nothing announces."""
    async with asyncio.timeout(SECONDS):
        while not fact():
            await asyncio.sleep(0.002)


def key_owned_by(client: HazelcastClient, member: ScriptedMember, index: int = 0) -> str:
    """Return a key in a partition of a member."""
    service = client.partition_service
    keys = (f"key-{n}" for n in range(100_000))
    partition_id = engine_of(client).partitions.partition_id
    encode = engine_of(client).serialization.encode
    found = (k for k in keys if service.get_partition_owner(partition_id(encode(k))) == member.uuid)
    for _ in range(index):
        next(found)
    return next(found)


__all__ = [
    "SECONDS",
    "calls_in_flight",
    "client_of",
    "engine_of",
    "key_owned_by",
    "map_of",
    "options",
    "soon",
    "structures",
    "until",
]
