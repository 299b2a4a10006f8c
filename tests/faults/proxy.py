"""A TCP proxy in front of a member, which disturbs what passes through it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from typing import Self

Change = Callable[[bytes], bytes]
"""Returns what is passed on of a piece of the stream; nothing swallows it."""

MakeChange = Callable[[], Change]
"""Called for each connection that passes something while the disturbance lasts."""

_FRAME_HEAD = struct.Struct("<iH")
"""Length of a frame, with these six bytes, and its flags."""

_IS_FINAL = 1 << 13
"""Flag of the last frame of a message."""


def swallow() -> Change:
    """Pass nothing on."""
    return lambda data: b""


def end_of_messages(data: bytes) -> int:
    """Return where the last complete message of a stream ends; 0 if there is none."""
    position = end = 0
    while position + _FRAME_HEAD.size <= len(data):
        length, flags = _FRAME_HEAD.unpack_from(data, position)
        position += length
        if position <= len(data) and flags & _IS_FINAL:
            end = position
    return end


async def pieces_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield what a client sends, as it comes."""
    while data := await reader.read(64 * 1024):
        yield data


async def messages_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield what a member sends, each time one or several complete messages."""
    rest = b""
    async for data in pieces_of(reader):
        rest += data
        end = end_of_messages(rest)
        if end:
            yield rest[:end]
            rest = rest[end:]


@dataclass(slots=True)
class Disturbance:
    """What happens to everything that passes, from now on.

    Attributes:
        to_member: Makes what changes the bytes that a client sends.
        to_client: Makes what changes what the member sends: complete messages, one or several at once.
        delay: Seconds that each piece is held back in each direction.
        piece: Largest number of bytes passed on at once; 0 for no limit.
        greeting: Changes the first message that the member sends on each connection: the response to the
            authentication.
        greeting_delay: Seconds that this first message is held back.
    """

    to_member: MakeChange | None = None
    to_client: MakeChange | None = None
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
        self.accepting = False  # a connection may have been accepted just before
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
                group.create_task(self._pass_on(pieces_of(reader), beyond, lambda d: d.to_member))
                group.create_task(
                    self._pass_on(self._greeted(messages_of(back)), writer, lambda d: d.to_client)
                )
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # the end of a connection, of either side
        finally:
            for each in (writer, beyond):
                if each is not None:
                    each.transport.abort()
                    self._writers.discard(each)
            self._tasks.discard(task)

    async def _greeted(self, messages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Disturb the first message."""
        first = True
        async for data in messages:
            if first:
                first, disturbance = False, self.disturbance
                await asyncio.sleep(disturbance.greeting_delay)
                if disturbance.greeting is not None:
                    data = disturbance.greeting(data)
            yield data

    async def _pass_on(
        self,
        pieces: AsyncIterator[bytes],
        writer: asyncio.StreamWriter,
        maker_of: Callable[[Disturbance], MakeChange | None],
    ) -> None:
        current: Disturbance | None = None
        change: Change | None = None
        async for data in pieces:
            disturbance = self.disturbance
            if disturbance is not current:
                current, make = disturbance, maker_of(disturbance)
                change = make() if make is not None else None
            if disturbance.delay:
                await asyncio.sleep(disturbance.delay)
            await self._write(writer, change(data) if change is not None else data, disturbance.piece)
        raise ConnectionResetError("one side has ended")

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, piece: int) -> None:
        size = piece or len(data)
        for start in range(0, len(data), size or 1):
            writer.write(data[start : start + size])
            await writer.drain()
            if piece:
                await asyncio.sleep(0)
