"""A TCP proxy in front of a member, which disturbs what passes through it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from typing import Self

Change = Callable[[bytes], bytes]
"""Returns what is passed on of a piece of the stream; nothing swallows it."""


def swallow(data: bytes) -> bytes:
    """Pass nothing on."""
    return b""


@dataclass(slots=True)
class Disturbance:
    """What happens to everything that passes, from now on.

    Attributes:
        to_member: Changes what the client sends.
        to_client: Changes what the member sends.
        delay: Seconds that each piece is held back in each direction.
        piece: Largest number of bytes passed on at once; 0 for no limit.
        greeting: Changes the first piece that the member sends on each connection: the response to the
            authentication.
        greeting_delay: Seconds that this first piece is held back.
    """

    to_member: Change | None = None
    to_client: Change | None = None
    delay: float = 0.0
    piece: int = 0
    greeting: Change | None = None
    greeting_delay: float = 0.0


class FaultProxy:
    """Listens on a loopback port, and passes connections on to a member.

    Attributes:
        disturbance: What happens to the traffic; replace it at any time.
        accepting: Whether new connections are accepted. Others are reset.

    Args:
        port: Port of the member on the loopback interface.
        host: Address to listen on.
        own_port: Port to listen on; 0 for any.
    """

    def __init__(self, port: int, host: str = "127.0.0.1", own_port: int = 0) -> None:
        self._host = host
        self._own_port = own_port
        self.disturbance = Disturbance()
        self.accepting = True
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where clients connect to."""
        return f"{self._host}:{self.own_port}"

    @property
    def own_port(self) -> int:
        """Port that clients connect to."""
        assert self._server is not None, "the proxy was not started"
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, self._own_port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_listening()
        self.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop_listening(self) -> None:
        """Refuse new connections for good."""
        assert self._server is not None
        self._server.close()

    def reset(self) -> None:
        """End all connections by a TCP reset."""
        for writer in list(self._writers):
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        beyond: asyncio.StreamWriter | None = None
        try:
            if not self.accepting:
                return
            back, beyond = await asyncio.open_connection("127.0.0.1", self._port)
            self._writers.add(beyond)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, beyond, lambda d: d.to_member))
                group.create_task(self._greet_and_pass_on(back, writer))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # the end of a connection, of either side
        finally:
            for each in (writer, beyond):
                if each is not None:
                    each.transport.abort()
                    self._writers.discard(each)
            self._tasks.discard(task)

    async def _greet_and_pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(64 * 1024)
        disturbance = self.disturbance
        await asyncio.sleep(disturbance.greeting_delay)
        if disturbance.greeting is not None:
            data = disturbance.greeting(data)
        await self._pass_on(reader, writer, lambda d: d.to_client, data)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        change_of: Callable[[Disturbance], Change | None],
        first: bytes = b"",
    ) -> None:
        while data := first or await reader.read(64 * 1024):
            first = b""
            disturbance = self.disturbance
            if disturbance.delay:
                await asyncio.sleep(disturbance.delay)
            change = change_of(disturbance)
            if change is not None:
                data = change(data)
            size = disturbance.piece or len(data)
            for start in range(0, len(data), size or 1):
                writer.write(data[start : start + size])
                await writer.drain()
                if disturbance.piece:
                    await asyncio.sleep(0)
        raise ConnectionResetError("one side has ended")
