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
    """

    to_member: Change | None = None
    to_client: Change | None = None
    delay: float = 0.0
    piece: int = 0


class FaultProxy:
    """Listens on a loopback port, and passes connections on to a member.

    Attributes:
        disturbance: What happens to the traffic; replace it at any time.
        accepting: Whether new connections are accepted. Others are reset.

    Args:
        port: Port of the member on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self.disturbance = Disturbance()
        self.accepting = True
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where clients connect to."""
        assert self._server is not None, "the proxy was not started"
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
                group.create_task(self._pass_on(back, writer, lambda d: d.to_client))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # the end of a connection, of either side
        finally:
            for each in (writer, beyond):
                if each is not None:
                    each.transport.abort()
                    self._writers.discard(each)
            self._tasks.discard(task)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        change_of: Callable[[Disturbance], Change | None],
    ) -> None:
        while data := await reader.read(64 * 1024):
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
