"""Opens one connection and authenticates it, within one time limit."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hzclient._core.invocation import InvocationService
from hzclient._net.authentication import ClientIdentity, Reply, authentication_request, check_authenticated
from hzclient._net.connection import MemberConnection
from hzclient._protocol.message import Message
from hzclient._protocol.reader import Limits
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient.core import Address
from hzclient.errors import HazelcastIOError

SocketOption = tuple[int, int, int | bytes]

_DEFAULT_OPTIONS: tuple[SocketOption, ...] = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
)


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """How connections are opened.

    Attributes:
        timeout: Seconds for connecting, the TLS handshake and authentication together; 0 for no limit.
        socket_options: Set on each socket before it is connected.
        tls: Makes the TLS context for a new connection; None for plain TCP. Called for each, so
            that certificates are read again.
        limits: Sizes above which what a member sends is an error.
    """

    timeout: float
    socket_options: Sequence[SocketOption] = ()
    tls: Callable[[], ssl.SSLContext] | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)


class Connector:
    """Makes authenticated connections."""

    def __init__(
        self,
        runtime: Runtime,
        settings: TransportSettings,
        identity: ClientIdentity,
        invocations: InvocationService,
    ) -> None:
        """Args:
        runtime: Its loop carries the connections.
        settings: How connections are opened.
        identity: What the client tells of itself.
        invocations: Sends the authentication request.
        """
        self._runtime = runtime
        self._settings = settings
        self._identity = identity
        self._invocations = invocations
        self._next_id = itertools.count(1).__next__

    async def open(
        self, address: Address, on_close: Callable[[MemberConnection], None]
    ) -> tuple[MemberConnection, Reply]:
        """Opens a connection and authenticates it.

        Args:
            address: Where to dial.
            on_close: Called once, when the connection is closed for whatever reason.

        Returns:
            The connection and what the member said of itself and its cluster.

        Raises:
            HazelcastIOError: It could not be opened, or not within the time limit.
            AuthenticationError: The member refused the client.
        """
        connection = MemberConnection(
            self._runtime, self._next_id(), address, self._answer_with_acks, on_close, self._settings.limits
        )
        stage = "connecting"
        try:
            async with asyncio.timeout(self._settings.timeout or None):
                sock = await self._connect(address)
                stage = "the TLS handshake" if self._settings.tls else "connecting"
                await self._attach(connection, sock, address)
                stage = "authentication"
                return connection, await self._authenticate(connection, address)
        except TimeoutError as error:
            text = f"{stage} at {address} took longer than {self._settings.timeout} s"
            connection.close(text, error)
            raise HazelcastIOError(text, error) from error
        except ssl.SSLError as error:
            text = f"the TLS handshake with {address} failed: {error}"
            connection.close(text, error)
            raise HazelcastIOError(text, error) from error
        except OSError as error:
            text = f"{stage} at {address} failed: {error}"
            connection.close(text, error)
            raise HazelcastIOError(text, error) from error
        except BaseException as error:
            connection.close(f"{stage} failed", error if isinstance(error, Exception) else None)
            raise

    async def _connect(self, address: Address) -> socket.socket:
        """A connected socket; tries each of the addresses that the host name resolves to."""
        loop = self._runtime.loop
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        failure: OSError | None = None
        for family, kind, protocol, _, target in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                for option in (*_DEFAULT_OPTIONS, *self._settings.socket_options):
                    sock.setsockopt(*option)
                await loop.sock_connect(sock, target)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure or OSError(f"{address.host} resolves to no address")

    async def _attach(self, connection: MemberConnection, sock: socket.socket, address: Address) -> None:
        try:
            tls = self._settings.tls
            if tls is None:
                await self._runtime.loop.create_connection(lambda: connection, sock=sock)
            else:
                context = await self._runtime.run_in_thread(tls)
                await self._runtime.loop.create_connection(
                    lambda: connection, sock=sock, ssl=context, server_hostname=address.host
                )
        except BaseException:
            sock.close()
            raise

    async def _authenticate(self, connection: MemberConnection, address: Address) -> Reply:
        request = authentication_request(self._identity, address)
        reply = await self._invocations.invoke(request, connection=connection, urgent=True)
        check_authenticated(reply, address, self._identity.cluster_name)
        connection.member_uuid = reply.member_uuid
        connection.cluster_id = reply.cluster_id
        connection.server_version = reply.server_hazelcast_version
        connection.address = reply.address or address
        return reply

    def _answer_with_acks(self, message: Message, waiter: Waiter[Message]) -> None:
        self._invocations.backups.answered(message.correlation_id, message.backup_acks, waiter, message)
