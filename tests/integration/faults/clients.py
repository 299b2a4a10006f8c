"""Clients that survive the loss of members, one for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hzclient.server import LocalCluster
from tests.integration.faces import Face, end_client, make_client
from tests.internals import engine_of


@asynccontextmanager
async def face_of(name: str, cluster: LocalCluster, **options: Any) -> AsyncIterator[Face]:
    """Start a client of its own, and yield one of its faces."""
    # Started in another thread: a blocking start would hold up the test's loop.
    kwargs = {"cluster_members": cluster.addresses, "retry_initial_backoff": 0.1, **options}
    if name == "asyncio":
        client = await make_client(name, **kwargs)
    else:
        client = await asyncio.to_thread(lambda: asyncio.run(make_client(name, **kwargs)))
    try:
        yield Face(name, client)
    finally:
        await end_client(client)


def connected(face: Face) -> int:
    """Return the number of members that a client is connected to."""
    return len(engine_of(face.client).manager.connections())
