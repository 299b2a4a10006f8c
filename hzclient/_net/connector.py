"""Opening of one authenticated connection, within one time limit."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction
from typing import Any, Final, NamedTuple

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

_BEFORE_AUTHENTICATION: Final = Limits(
    frame=2 * 1024 * 1024, message=8 * 1024 * 1024, assemblies=4, assembly_bytes=8 * 1024 * 1024
)
"""Limits for a peer that may be anybody. Its one response lists the members and their partitions at most."""

_NO_LIMIT: Final = 24 * 3600.0
"""Seconds that stand for "no limit" in an API that needs a limit."""


class TransportSettings(NamedTuple):
    """Settings of the transport.

    Attributes:
        timeout: Seconds for connecting, the TLS handshake and authentication together; 0 for no limit.
        socket_options: Options set on each socket before it is connected.
        tls: Makes the TLS context for a new connection; None for plain TCP. Called for each
            connection, so certificates are read again.
        limits: Sizes above which incoming data of an authenticated member is an error.
    """

    timeout: float
    socket_options: Sequence[SocketOption] = ()
    tls: Callable[[], ssl.SSLContext] | None = None
    limits: Limits = Limits()


class Connector:
    """Opens authenticated connections.

    Args:
        runtime: Its loop carries the connections.
        settings: Settings of the transport.
        identity: Identity of the client.
        invocations: Sends the authentication request.
        next_id: Returns a new id for each connection of the client.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        settings: TransportSettings,
        identity: ClientIdentity,
        invocations: InvocationService,
        next_id: Callable[[], int] | None = None,
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._identity = identity
        self._invocations = invocations
        self._next_id = next_id or itertools.count(1).__next__
        self._was_connected = False

    @property
    def timeout(self) -> float | None:
        """Time limit for opening a connection in seconds; None for no limit."""
        return self._settings.timeout or None

    async def open(
        self, address: Address, on_close: Callable[[MemberConnection], None]
    ) -> tuple[MemberConnection, Reply]:
        """Open a connection and authenticate it.

        Args:
            address: Where to dial.
            on_close: Called once, when the connection is closed for whatever reason.

        Returns:
            The connection, and the response with the identity of the member and its cluster.

        Raises:
            HazelcastIOError: It could not be opened within the time limit.
            HazelcastCertificationError: One side refused the certificate of the other.
            AuthenticationError: The member refused the client.
        """
        connection = MemberConnection(
            self._runtime,
            self._next_id(),
            address,
            backups=self._invocations.backups,
            on_response_with_acks=self._response_with_acks,
            on_close=on_close,
            limits=_BEFORE_AUTHENTICATION,
        )
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
        """Return the error to raise for one that ended an attempt. None if that one says it all."""
        if (
            isinstance(error, TimeoutError) and error.errno is None
        ):  # with an errno it comes from the system and has a reason
            return HazelcastIOError(f"{what} took longer than {self._settings.timeout} s{self._hint(what)}")
        if isinstance(error, TargetDisconnectedError):
            cause = error.args[1]
            if isinstance(cause, ssl.SSLError):  # since TLS 1.3, members refuse after the handshake
                return HazelcastCertificationError(f"{what} failed: the member refused: {cause}")
            return HazelcastIOError(f"{what} failed: {error.args[0]}{self._hint(what)}")
        if isinstance(error, ssl.SSLCertVerificationError):
            text = f"{what} failed: its certificate was refused: {error.verify_message}"
            return HazelcastCertificationError(text)
        if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
            return HazelcastCertificationError(f"{what} failed: the member refused: {error}")
        if isinstance(error, OSError):
            reason = str(error) or "the connection was reset"
            return HazelcastIOError(f"{what} failed: {reason}{self._hint(what)}")
        return None

    def _hint(self, what: str) -> str:
        """Return what may be wrong if only one side uses TLS."""
        if self._was_connected:
            return ""  # it worked before, so the member is rather gone
        if what.startswith("the TLS"):
            return " (is TLS enabled on that port?)"
        if what.startswith("authentication") and self._settings.tls is None:
            return " (does that port expect TLS? see ssl_enabled)"
        return ""

    async def _connect(self, address: Address) -> socket.socket:
        """Return a connected socket, trying the addresses of the host name one after the other.

        They share the time limit, so an address that does not respond leaves time for the others.
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
        except socket.gaierror:  # it is a name
            return await self._runtime.run_in_thread(look_up)

    async def _attach(self, connection: MemberConnection, sock: socket.socket, address: Address) -> None:
        inode = _inode_of(sock)
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
            _forget_if_closed(sock, inode)
            sock.close()
            raise
        _forget_if_closed(sock, inode)

    async def _authenticate(self, connection: MemberConnection, address: Address) -> Reply:
        token = await self._token(address)
        request = authentication_request(self._identity, token)
        reply = await self._invocations.invoke(request, connection=connection, terms=URGENT)
        check_authenticated(reply, address, self._identity.cluster_name)
        connection.member_uuid = reply.member_uuid
        connection.cluster_id = reply.cluster_id
        connection.server_version = reply.server_hazelcast_version
        connection.address = reply.address or address
        connection.allow(self._settings.limits)
        self._was_connected = True
        return reply

    async def _token(self, address: Address) -> bytes | None:
        """Ask the token provider. It may look something up, which must not block the loop."""
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
            # Only the error's class: its text may hold a secret.
            raise HazelcastIOError(f"the token provider raised {type(error).__name__}") from error
        if not isinstance(token, bytes):
            raise HazelcastIOError(f"the token provider must return bytes, not {type(token).__name__}")
        return token

    def _response_with_acks(self, message: Message, waiter: Waiter[Message]) -> None:
        self._invocations.backups.responded(message.correlation_id, message.backup_acks, waiter, message)


def _inode_of(sock: socket.socket) -> int | None:
    try:
        return os.fstat(sock.fileno()).st_ino
    except OSError:  # it is closed, or the platform cannot tell
        return None


def _forget_if_closed(sock: socket.socket, inode: int | None) -> None:
    """Detach a socket from its descriptor if the loop has closed that already.

    uvloop closes descriptors itself. If the connection ends while it is being made, the socket object keeps
    the number, and would later close whatever has that number by then.
    """
    if sock.fileno() >= 0 and _inode_of(sock) != inode:
        sock.detach()
