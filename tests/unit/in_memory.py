"""A client in memory whose member responds when the test says so, on the compiled path and in Python."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

from benchmarks.in_memory import InMemoryClient, deliver, request_number, requests_in, response
from hzclient import _speed
from hzclient._runtime.attached import AttachedRuntime
from hzclient.proxy.map import AsyncMap
from tests.internals import set_private

PATHS = ["python"] if _speed.hot is None else ["compiled", "python"]
"""The paths that this process can take."""


class HeldMember:
    """A client with one connection, whose member holds all requests.

    Args:
        path: One of `PATHS`.

    Attributes:
        connection: The connection.
        requests: Requests that have no response yet, in the order of their arrival.
        map: A map of the client.
    """

    def __init__(self, path: str) -> None:
        self.requests: list[bytes] = []
        client = InMemoryClient(AttachedRuntime(), self._received, members=1, partitions=1)
        (self.connection,) = client.connections
        invocations = client.context.invocations
        if path == "python" and _speed.hot is not None:
            del invocations.invoke, invocations.perform  # the attributes that hide the methods
            set_private(self.connection, "_dispatch", lambda reader: False)
        invocations.router.for_partition(0)  # so that the owner is known
        self.encode = client.context.serialization.encode
        self.context = client.context
        self.map: AsyncMap[str, Any] = AsyncMap("hz:impl:mapService", "m", client.context)

    def _received(self, _: object, data: bytes) -> None:
        self.requests += requests_in(data)

    async def received(self, count: int) -> None:
        """Wait until the member holds a number of requests."""
        async with asyncio.timeout(20):
            while len(self.requests) < count:
                await asyncio.sleep(0)

    def responses(self, *values: object) -> bytes:
        """Return the responses to the oldest requests, which the member forgets."""
        answered, self.requests = self.requests[: len(values)], self.requests[len(values) :]
        return b"".join(
            self.response(request, value) for request, value in zip(answered, values, strict=True)
        )

    def response(self, request: bytes, value: object) -> bytes:
        """Return the response to a request for one value."""
        (request_type,) = struct.unpack_from("<i", request, 6)
        content = None if value is None else self.encode(value)
        return response(request_number(request), content, request_type + 1)

    def respond(self, *values: object) -> None:
        """Deliver the responses to the oldest requests in one piece."""
        deliver(self.connection, self.responses(*values))
