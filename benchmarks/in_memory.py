"""A client without a network: real operations, calls and connections over a transport in memory.

What is left is the client's own work, so the number of instructions of a call can be counted. The tests
use the same parts to compare the compiled path with Python.
"""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from hzclient._net.connection import PREAMBLE, MemberConnection
from hzclient._runtime.base import Runtime
from hzclient._services.invocation import InvocationService
from hzclient._services.partitions import PartitionTable
from hzclient._services.retry import Policy
from hzclient._services.routing import Router
from hzclient.core import Address
from hzclient.proxy.base import ProxyContext
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._service import SerializationService

_NUMBER = struct.Struct("<q")


class Transport(asyncio.Transport):
    """Takes what is written, and hands it to the member.

    Args:
        receive: Takes the bytes, never empty, without the greeting.
    """

    def __init__(self, receive: Callable[[bytes], object]) -> None:
        super().__init__()
        self._receive = receive

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the buffer is always empty."""

    def get_write_buffer_size(self) -> int:
        """Return 0."""
        return 0

    def abort(self) -> None:
        """Do nothing: there is no socket."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hand bytes to the member."""
        if data != PREAMBLE:
            self._receive(bytes(data))


class InMemoryClient:
    """The parts of a client that a call needs, with connections to members in memory.

    Args:
        runtime: The runtime of the client.
        receive: Takes the bytes that are sent over a connection.
        members: Number of members. Partitions are spread over them.
        partitions: Number of partitions.

    Attributes:
        context: What structures use of the client.
        connections: The connections.
    """

    def __init__(
        self,
        runtime: Runtime,
        receive: Callable[[MemberConnection, bytes], object],
        members: int = 2,
        partitions: int = 271,
    ) -> None:
        table = PartitionTable()
        table.check_count(partitions)
        router = Router(table, True)
        serialization = SerializationService(SerializationOptions())
        invocations = InvocationService(
            runtime=runtime,
            router=router,
            schemas=cast(Any, SimpleNamespace(registry=serialization.schemas)),
            policy=Policy(False, 1.0),
            timeout=120.0,
            backup_aware=True,
            backup_timeout=5.0,
            fail_on_indeterminate_state=False,
        )
        self.connections = [self._connect(invocations, number, receive) for number in range(members)]
        owned: list[tuple[uuid.UUID, range]] = []
        for number, connection in enumerate(self.connections):
            assert connection.member_uuid is not None
            router.connections[connection.member_uuid] = connection
            owned.append((connection.member_uuid, range(number, partitions, members)))
        table.update(0, 1, owned)
        unused: Any = None
        self.context = ProxyContext(
            runtime=runtime,
            invocations=invocations,
            serialization=serialization,
            partitions=table,
            members=unused,
            listeners=unused,
            dispatcher=unused,
            config=unused,
            destroy=unused,
            next_reference_id=unused,
            near_caches=unused,
        )

    @staticmethod
    def _connect(
        invocations: InvocationService, number: int, receive: Callable[[MemberConnection, bytes], object]
    ) -> MemberConnection:
        def park(message: Any, waiter: Any) -> None:
            invocations.backups.responded(message.correlation_id, message.backup_acks, waiter, message)

        runtime = invocations._runtime  # pyright: ignore[reportPrivateUsage]
        connection = MemberConnection(
            runtime,
            number,
            Address("127.0.0.1", 5701 + number),
            backups=invocations.backups,
            on_response_with_acks=park,
            on_close=lambda _: None,
        )
        connection.member_uuid = uuid.uuid4()
        connection.connection_made(Transport(lambda data: receive(connection, data)))
        return connection


def deliver(connection: MemberConnection, data: bytes) -> None:
    """Let a connection receive bytes, in as many pieces as its buffer makes of them."""
    source = memoryview(data)
    while source and connection.alive:
        room = connection.get_buffer(-1)
        count = min(len(room), len(source))
        room[:count] = source[:count]
        source = source[count:]
        connection.buffer_updated(count)


def request_number(request: bytes) -> int:
    """Return the correlation id of a request."""
    return int(_NUMBER.unpack_from(request, 10)[0])


def requests_in(data: bytes) -> list[bytes]:
    """Return the requests in what was written, each one whole."""
    found: list[bytes] = []
    start = at = 0
    while at < len(data):
        length, flags = struct.unpack_from("<iH", data, at)
        at += length
        if flags & 0x2000:
            found.append(data[start:at])
            start = at
    return found


def response(number: int, content: bytes | None, message_type: int, acks: int = 0) -> bytes:
    """Return the bytes of a response that holds one nullable frame of data.

    Args:
        number: Correlation id.
        content: The data; None for null.
        message_type: Type of the response.
        acks: Number of backups that have to confirm.

    Returns:
        The response.
    """
    first = struct.pack("<iHiqB", 19, 0xC000, message_type, number, acks)
    if content is None:
        return first + struct.pack("<iH", 6, 0x2400)
    return first + struct.pack("<iH", 6 + len(content), 0x2000) + content
