"""A web application in both interfaces; it answers with its process and the number of the request."""

from __future__ import annotations

import os
from typing import Any

import hzclient.asyncio
from tests.hosts.apps.clients import OPTIONS, client, count

if "HOSTS_EARLY" in os.environ:  # as applications do that a server loads before it forks
    client()

_state: dict[str, Any] = {}


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer a request (WSGI)."""
    body = f"{os.getpid()} {count(os.environ['HOSTS_NAME'])}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer a request (ASGI); the client lives as long as the server."""
    if scope["type"] == "lifespan":
        await receive()
        _state["client"] = await hzclient.asyncio.HazelcastClient.create_and_start(**OPTIONS)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _state["client"].shutdown()
        await send({"type": "lifespan.shutdown.complete"})
        return
    uses = await _state["client"].get_map("hosts-uses")
    name = os.environ["HOSTS_NAME"]
    async with uses.lock_context(name):
        number = (await uses.get(name) or 0) + 1
        await uses.put(name, number)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{os.getpid()} {number}".encode()})
