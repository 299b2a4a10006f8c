"""Members that tests script: they speak the protocol over loopback, and do what the test says.

A real member decides whether the client works. These are for what a real one won't do on demand: fail in a
chosen way, answer late or never, send bad frames, push an event at a chosen moment.

    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        member.on(map.GET, lambda name, key, thread_id: b"value")
        ...
        await member.received(map.GET)
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, ParamSpec, Self, TypeVar, cast
from uuid import uuid4

from hzclient._codec import client as codec
from hzclient._codec.custom import Version
from hzclient._protocol.message import ListenerMethod, Message, Method
from hzclient._protocol.reader import MessageReader
from hzclient.core import Address, MemberInfo, MemberVersion
from hzclient.errors import ProtocolError
from tests.member.answers import Answer, Bytes, Close, Failure, Result, Silence, error_response
from tests.member.codec import MODULES
from tests.member.outgoing import MemberMethod, Outgoing
from tests.member.view import ClusterView

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E")

PREAMBLE: Final = b"CP2"
UNSUPPORTED: Final = 61


@dataclass(frozen=True, slots=True)
class Received:
    """A request that arrived.

    Attributes:
        method: Name of the method.
        params: Its parameters, a named tuple.
        message: The message as it came.
        connection: Connection that it came by.
    """

    method: str
    params: Any
    message: Message
    connection: "ScriptedConnection"


@cache
def member_method(request_type: int) -> MemberMethod | None:
    """Return the member's side of a method, or None if there is no such method."""
    name = MODULES.get(request_type >> 16)
    if name is None:
        return None
    methods = import_module(f"tests.member.codec.{name}").METHODS
    return next((each for each in methods if each.request_type == request_type), None)


class ScriptedMember:
    """One member, listening on a loopback port.

    Attributes:
        uuid: Its UUID.
        view: What it reports about the cluster.
        connections: Connections that are open.
        requests: All requests that arrived, in order.

    Args:
        view: What it reports about the cluster. Defaults to a cluster without members.
    """

    def __init__(self, view: ClusterView | None = None) -> None:
        self.uuid = uuid4()
        self.view = view or ClusterView()
        self.connections: list[ScriptedConnection] = []
        self.requests: list[Received] = []
        self._handlers: dict[int, Callable[..., Answer]] = {}
        self._registrations: list[tuple[int, ScriptedConnection, int]] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._server: asyncio.Server | None = None
        self._stopped = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._address: Address | None = None
        self.on(codec.AUTHENTICATION, self._authenticate)
        self.on(codec.AUTHENTICATION_CUSTOM, self._authenticate_custom)
        self.on(codec.PING, lambda: None)
        self.on(codec.LOCAL_BACKUP_LISTENER, uuid4)
        self.on(codec.CREATE_PROXY, lambda name, service_name: None)
        self.on(codec.CREATE_PROXIES, lambda proxies: None)
        self.on(codec.DESTROY_PROXY, lambda name, service_name: None)
        self.on(codec.STATISTICS, lambda timestamp, client_attributes, metrics_blob: None)
        self.on(codec.ADD_CLUSTER_VIEW_LISTENER, lambda: None)

    # ------------------------------------------------------------------------------- lifetime

    async def start(self, port: int = 0) -> None:
        """Start to listen.

        Args:
            port: Port to listen on; 0 for any free port.
        """
        loop = asyncio.get_running_loop()
        self._stopped = False
        self._server = await loop.create_server(lambda: ScriptedConnection(self), "127.0.0.1", port)
        self._address = Address("127.0.0.1", self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and close all connections, as if the member was killed."""
        self._stopped = True
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self.connections):
            connection.abort()
        await self._wait_until(lambda: not self.connections)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def address(self) -> Address:
        """Address that it listens on, or listened on before it was stopped."""
        assert self._address is not None, "the member was not started"
        return self._address

    @property
    def info(self) -> MemberInfo:
        """The member as the member list has it."""
        return MemberInfo(self.address, self.uuid, {}, False, MemberVersion(*self.view.version), None, {})

    # --------------------------------------------------------------------------------- script

    def on(self, method: Method[P, R], handler: Callable[P, R | Answer | Awaitable[R | Answer]]) -> None:
        """Says how to answer a method from now on.

        Args:
            method: The method.
            handler: Called with the parameters of each request. Returns the result, or one of `Failure`,
                `Result`, `Bytes`, `Silence`, `Close` (class or object). What an `async` one awaits delays
                the answer of its own request only.
        """
        self._handlers[method.request_type] = handler

    def registrations(self, method: ListenerMethod[P, R, E]) -> list[tuple["ScriptedConnection", int]]:
        """Live registrations of a listener: connection and correlation id."""
        return [
            (connection, correlation_id)
            for request_type, connection, correlation_id in self._registrations
            if request_type == method.request_type
        ]

    def push(self, method: ListenerMethod[P, R, E], event: E) -> int:
        """Send an event to all who registered for it.

        Args:
            method: The method that registers.
            event: The event.

        Returns:
            To how many it was sent.
        """
        registrations = self.registrations(method)
        for connection, correlation_id in registrations:
            connection.push(method, event, correlation_id)
        return len(registrations)

    def push_view(self) -> None:
        """Send member list and partition table, as after a change."""
        self.push(codec.ADD_CLUSTER_VIEW_LISTENER, self.view.members_event())
        self.push(codec.ADD_CLUSTER_VIEW_LISTENER, self.view.partitions_event())

    def requests_of(self, method: Method[P, R]) -> list[Received]:
        """Return the requests of one method that have arrived so far."""
        return [each for each in self.requests if each.message.type == method.request_type]

    async def received(self, method: Method[P, R], count: int = 1) -> list[Received]:
        """Wait until requests of a method have arrived.

        Args:
            method: The method.
            count: How many of them since the start.

        Returns:
            All that arrived.
        """
        await self._wait_until(lambda: len(self.requests_of(method)) >= count)
        return self.requests_of(method)

    async def connected(self, count: int = 1) -> None:
        """Wait until a number of connections is open."""
        await self._wait_until(lambda: len(self.connections) == count)

    # ------------------------------------------------------------------------- for connections

    def opened(self, connection: "ScriptedConnection") -> None:
        """Note a new connection."""
        self.connections.append(connection)
        if self._stopped:
            connection.abort()  # it was accepted just before
        self._wake()

    def closed(self, connection: "ScriptedConnection") -> None:
        """Note a connection that ended."""
        self.connections.remove(connection)
        self._registrations = [each for each in self._registrations if each[1] is not connection]
        self._wake()

    def handle(self, connection: "ScriptedConnection", message: Message) -> None:
        """Answers a request."""
        method = member_method(message.type)
        if method is None:
            connection.respond(message, error_response(Failure(UNSUPPORTED, message=f"{message.type:#x}")))
            return
        params = method.decode_request(message)
        self.requests.append(Received(method.name, params, message, connection))
        self._wake()
        handler = self._handlers.get(message.type)
        answer = handler(*params) if handler else Failure(UNSUPPORTED, message=f"no script for {method.name}")
        if isinstance(answer, Awaitable):
            self._start(self._answer_later(connection, message, method, answer))
        else:
            self._answer(connection, message, method, answer)

    async def _answer_later(
        self,
        connection: "ScriptedConnection",
        message: Message,
        method: MemberMethod,
        answer: Awaitable[Answer],
    ) -> None:
        self._answer(connection, message, method, await answer)

    def _answer(
        self, connection: "ScriptedConnection", message: Message, method: MemberMethod, answer: Answer
    ) -> None:
        if isinstance(answer, Silence) or answer is Silence:
            return
        if isinstance(answer, Close) or answer is Close:
            connection.close()
        elif isinstance(answer, Bytes):
            connection.send(answer.content)
        elif isinstance(answer, Failure):
            connection.respond(message, error_response(answer))
        else:
            result = answer if isinstance(answer, Result) else Result(answer)
            response = method.encode_response(result.value)
            if method.events:
                self._register(connection, message)
            connection.respond(message, response, result.backup_acks)

    def _register(self, connection: "ScriptedConnection", message: Message) -> None:
        self._registrations.append((message.type, connection, message.correlation_id))
        if message.type == codec.ADD_CLUSTER_VIEW_LISTENER.request_type:
            # Before the response, as real members do.
            for event in (
                self.view.members_event(),
                self.view.partitions_event(),
                self.view.groups_event(),
                codec.ClusterVersionEvent(Version(*self.view.version[:2])),
            ):
                connection.push(codec.ADD_CLUSTER_VIEW_LISTENER, event, message.correlation_id)

    def _authenticate(self, cluster_name: str, *_: object) -> codec.AuthenticationResponse:
        view = self.view
        if cluster_name != view.name:
            return codec.AuthenticationResponse(1, None, None, -1, "", -1, None, False)
        known = view.list_in_authentication
        return codec.AuthenticationResponse(
            status=0,
            address=self.address,
            member_uuid=self.uuid,
            serialization_version=1,
            server_hazelcast_version=view.version_text,
            partition_count=view.partition_count,
            cluster_id=view.cluster_id,
            failover_supported=False,
            tpc_ports=None,
            tpc_token=None,
            member_list_version=view.list_version if known else -1,
            member_infos=list(view.members) if known else [],
            partition_list_version=view.list_version if known else -1,
            partitions=view.partitions() if known else [],
            key_value_pairs=view.facts(),
        )

    def _authenticate_custom(self, cluster_name: str, *_: object) -> codec.AuthenticationCustomResponse:
        return codec.AuthenticationCustomResponse(*self._authenticate(cluster_name))

    # ------------------------------------------------------------------------------- waiting

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter


class ScriptedConnection(asyncio.Protocol):
    """A connection that a scripted member accepted.

    Attributes:
        preamble: The first three bytes that came, which say what the client speaks.
        error: What the client did wrong on this connection, if it did.

    Args:
        member: The member that accepted it.
    """

    def __init__(self, member: ScriptedMember) -> None:
        self.preamble = b""
        self.error: ProtocolError | None = None
        self._member = member
        self._reader = MessageReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no class of asyncio
        self._member.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._member.closed(self)

    def data_received(self, data: bytes) -> None:
        missing = len(PREAMBLE) - len(self.preamble)
        self.preamble += data[:missing]
        try:
            for message in self._reader.feed(data[missing:]):
                self._member.handle(self, message)
        except ProtocolError as error:
            self.error = error
            self.abort()

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(content)

    def respond(self, request: Message, response: Outgoing, backup_acks: int = 0) -> None:
        """Answers a request."""
        self.send(response.as_response(request.correlation_id, backup_acks))

    def push(self, method: ListenerMethod[P, R, E], event: E, correlation_id: int) -> None:
        """Send an event.

        Args:
            method: The method that registers for it.
            event: The event.
            correlation_id: That of the registration.
        """
        side = member_method(method.request_type)
        assert side is not None
        message_type, encode = side.events[type(event)]
        is_ack = isinstance(event, codec.BackupEvent)
        self.send(encode(event, message_type).as_event(correlation_id, backup=is_ack))

    def pause(self) -> None:
        """Stop reading: what the client sends piles up."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close after everything was sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, as if the member was killed."""
        if self._transport is not None:
            self._transport.abort()


class ScriptedCluster:
    """Some scripted members that know of each other.

    Attributes:
        view: What they report about the cluster; change it and call `push_view` of a member.
        members: The members.

    Args:
        members: Number of members.
        view: What they report about the cluster. Its member list is filled when they start.
    """

    def __init__(self, members: int = 1, view: ClusterView | None = None) -> None:
        self.view = view or ClusterView()
        self.members = [ScriptedMember(self.view) for _ in range(members)]

    async def __aenter__(self) -> Self:
        for member in self.members:
            await member.start()
        self.view.members[:] = [member.info for member in self.members]
        return self

    async def __aexit__(self, *_: object) -> None:
        for member in self.members:
            await member.stop()

    @property
    def addresses(self) -> list[str]:
        """Addresses as a client's configuration takes them."""
        return [f"{member.address.host}:{member.address.port}" for member in self.members]

    def on(self, method: Method[P, R], handler: Callable[P, R | Answer | Awaitable[R | Answer]]) -> None:
        """Says how all members answer a method, as `ScriptedMember.on`."""
        for member in self.members:
            member.on(method, handler)
