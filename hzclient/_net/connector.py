"""Opens one connection and authenticates it, within one time limit."""

from __future__ import annotations

import asyncio
import functools
import itertools
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import Any, Final

from hzclient._net.authentication import ClientIdentity, Reply, authentication_request, check_authenticated
from hzclient._net.connection import MemberConnection
from hzclient._protocol.message import Message
from hzclient._protocol.reader import Limits
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient._services.call import URGENT
from hzclient._services.invocation import InvocationService
from hzclient.core import Address
from hzclient.errors import (
    HazelcastCertificationError,
    HazelcastError,
    HazelcastIOError,
    TargetDisconnectedError,
)
from hzclient.security import BasicTokenProvider

SocketOption = tuple[int, int, int | bytes]

_DEFAULT_OPTIONS: tuple[SocketOption, ...] = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
)

_NO_LIMIT: Final = 24 * 3600.0
"""Seconds; what stands for "no limit" where one must be given."""


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
        self._was_connected = False

    @property
    def timeout(self) -> float | None:
        """Seconds that opening a connection may take; None without limit."""
        return self._settings.timeout or None

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
            HazelcastCertificationError: One side refused the certificates of the other.
            AuthenticationError: The member refused the client.
        """
        connection = MemberConnection(
            self._runtime, self._next_id(), address, self._answer_with_acks, on_close, self._settings.limits
        )
        connection.backups = self._invocations.backups
        stage = "connecting to"
        try:
            async with asyncio.timeout(self._settings.timeout or None):
                sock = await self._connect(address)
                stage = "the TLS handshake with" if self._settings.tls else stage
                await self._attach(connection, sock, address)
                stage = "authentication at"
                return connection, await self._authenticate(connection, address)
        except BaseException as error:
            failure = self._failure(f"{stage} {address.to_string()}", error)
            if failure is None:
                connection.close(
                    f"{stage} {address.to_string()} failed", error if isinstance(error, Exception) else None
                )
                raise
            connection.close(failure.args[0], error if isinstance(error, Exception) else None)
            raise failure from error

    def _failure(self, what: str, error: BaseException) -> HazelcastError | None:
        """The error to raise for one that ended an attempt; None where it says all itself."""
        if isinstance(error, TimeoutError) and error.errno is None:  # else the system's, with its reason
            return HazelcastIOError(f"{what} took longer than {self._settings.timeout} s{self._hint(what)}")
        if isinstance(error, TargetDisconnectedError):
            cause = error.args[1]
            if isinstance(cause, ssl.SSLError):  # from TLS 1.3 on, members refuse after the handshake
                return HazelcastCertificationError(f"{what} failed: the member refused: {cause}")
            return HazelcastIOError(f"{what} failed: {error.args[0]}{self._hint(what)}")
        if isinstance(error, ssl.SSLCertVerificationError):
            text = f"{what} failed: its certificate is refused: {error.verify_message}"
            return HazelcastCertificationError(text)
        if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
            return HazelcastCertificationError(f"{what} failed: the member refused: {error}")
        if isinstance(error, OSError):
            reason = str(error) or "the connection was reset"
            return HazelcastIOError(f"{what} failed: {reason}{self._hint(what)}")
        return None

    def _hint(self, what: str) -> str:
        """What may be wrong where one side speaks TLS and the other does not."""
        if self._was_connected:
            return ""  # it spoke as the cluster does, and the member is gone rather
        if what.startswith("the TLS"):
            return " (is TLS enabled on that port?)"
        if what.startswith("authentication") and self._settings.tls is None:
            return " (does that port expect TLS? see ssl_enabled)"
        return ""

    async def _connect(self, address: Address) -> socket.socket:
        """A connected socket; tries each of the addresses that the host name resolves to.

        They share the time there is, so that one that does not answer leaves some to the others.
        """
        loop = self._runtime.loop
        found = await self._resolve(address)
        deadline = loop.time() + self._settings.timeout
        failure: OSError | None = None
        for tried, (family, kind, protocol, _, target) in enumerate(found):
            share = (deadline - loop.time()) / (len(found) - tried) if self._settings.timeout else None
            try:
                async with asyncio.timeout(share if tried < len(found) - 1 else None):
                    return await self._connected(socket.socket(family, kind, protocol), target)
            except OSError as error:
                failure = error
        raise failure or OSError(f"{address.host} resolves to no address")

    async def _connected(self, sock: socket.socket, target: Any) -> socket.socket:
        try:
            sock.setblocking(False)
            for option in (*_DEFAULT_OPTIONS, *self._settings.socket_options):
                sock.setsockopt(*option)
            await self._runtime.loop.sock_connect(sock, target)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _resolve(self, address: Address) -> list[Any]:
        look_up = functools.partial(socket.getaddrinfo, address.host, address.port, type=socket.SOCK_STREAM)
        try:
            return look_up(flags=socket.AI_NUMERICHOST)
        except socket.gaierror:  # a name
            return await self._runtime.run_in_thread(look_up)

    async def _attach(self, connection: MemberConnection, sock: socket.socket, address: Address) -> None:
        try:
            make_context = self._settings.tls
            if make_context is None:
                await self._runtime.loop.create_connection(lambda: connection, sock=sock)
            else:
                await self._runtime.loop.create_connection(
                    lambda: connection,
                    sock=sock,
                    ssl=await self._runtime.run_in_thread(make_context),
                    server_hostname=address.host,
                    ssl_handshake_timeout=self._settings.timeout or _NO_LIMIT,
                )
        except BaseException:
            sock.close()
            raise

    async def _authenticate(self, connection: MemberConnection, address: Address) -> Reply:
        token = await self._token(address)
        request = authentication_request(self._identity, token)
        reply = await self._invocations.invoke(request, connection=connection, terms=URGENT)
        check_authenticated(reply, address, self._identity.cluster_name)
        connection.member_uuid = reply.member_uuid
        connection.cluster_id = reply.cluster_id
        connection.server_version = reply.server_hazelcast_version
        connection.address = reply.address or address
        self._was_connected = True
        return reply

    async def _token(self, address: Address) -> bytes | None:
        """Asks the token provider, which may look something up and so must not hold up the loop."""
        provider = self._identity.credentials.token_provider
        if provider is None:
            return None
        try:
            if iscoroutinefunction(provider.token):
                token = await provider.token(address)
            elif isinstance(provider, BasicTokenProvider):
                token = provider.token(address)
            else:
                token = await self._runtime.run_in_thread(provider.token, address)
        except Exception as error:
            # Without its text, in which there may be a secret.
            raise HazelcastIOError(f"the token provider raised {type(error).__name__}") from error
        if not isinstance(token, bytes):
            raise HazelcastIOError(f"the token provider gave {type(token).__name__}, not bytes")
        return token

    def _answer_with_acks(self, message: Message, waiter: Waiter[Message]) -> None:
        self._invocations.backups.responded(message.correlation_id, message.backup_acks, waiter, message)
