"""A proxy that speaks TLS (or not) to the client and plain TCP to a member."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from hzclient.core import Address, AddressHelper


class Proxy:
    """Listens on loopback and forwards to one member, from a thread of its own.

    Attributes:
        member: Address that it forwards to.
        address: Address that it listens on.
        accepted: How many connections were made so far.
        handshakes: The TLS version and the client's certificate of each connection made so far.

    Args:
        member: `host:port` of the member.
        context: TLS context; None for plain TCP. May be replaced while the proxy runs.
        host: Address to listen on.
    """

    address: Address

    def __init__(self, member: str, context: ssl.SSLContext | None, host: str = "127.0.0.1") -> None:
        self.member = AddressHelper.address_from_str(member)
        self.context = context
        self.handshakes: list[tuple[str | None, Any]] = []
        self.accepted = 0
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._accept, self._host, 0))
        self.address = Address(self._host, self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def drop(self) -> None:
        """Cuts all connections."""
        self._do(self._drop())

    async def _end(self) -> None:
        self._server.close()
        await self._drop()

    async def _drop(self) -> None:
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._server.is_serving():
            writer.transport.abort()  # it was accepted just before the server was closed
            return
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.accepted += 1
        onward: asyncio.StreamWriter | None = None
        try:
            if self.context is not None:
                await writer.start_tls(self.context, ssl_handshake_timeout=5)
                tls = writer.get_extra_info("ssl_object")
                self.handshakes.append((tls.version(), tls.getpeercert()))
            from_member, onward = await asyncio.open_connection(self.member.host, self.member.port)
            await asyncio.gather(_forward(reader, onward), _forward(from_member, writer))
        except (OSError, asyncio.CancelledError, EOFError):
            pass
        finally:
            self._connections.discard(task)
            for end in (writer, onward):
                if end is not None:
                    end.transport.abort()
                    with suppress(Exception):
                        await end.wait_closed()


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    raise EOFError


class Doorkeeper:
    """Makes TLS handshakes and nothing else; unlike servers of asyncio, it sends the alert when it refuses.

    Attributes:
        address: Address that it listens on, as `host:port`.

    Args:
        context: TLS context.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RD)
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._handshake(connection)

    def _handshake(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, connection.dup() as raw:
            with suppress(OSError), self._context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)
            with suppress(OSError):
                while raw.recv(4096):  # so that no reset overtakes what was sent
                    pass


class Translation:
    """An address provider for members that stand behind proxies.

    Args:
        *proxies: One for each member.
        host: Host name that the client dials. Defaults to their address.
    """

    def __init__(self, *proxies: Proxy, host: str | None = None) -> None:
        self._dialled = {
            proxy.member: Address(host or proxy.address.host, proxy.address.port) for proxy in proxies
        }

    def load_addresses(self) -> tuple[list[Address], list[Address]]:
        """Return the members."""
        return list(self._dialled), []

    def translate(self, address: Address) -> Address | None:
        """Return the address of the proxy of a member."""
        return self._dialled.get(address)
