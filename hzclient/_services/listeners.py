"""Registration of listeners, on every member and again after each reconnect."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from hzclient._protocol.message import ListenerMethod, Message, Request
from hzclient._runtime.base import IN_CALLBACK, Runtime
from hzclient._services.call import FOREVER, Terms
from hzclient._services.invocation import CALL_FAILURES, InvocationService
from hzclient._services.ports import Connection
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastIOError,
    TargetDisconnectedError,
)

_logger = logging.getLogger("hzclient.listener")

_CONNECTION_LOST = (OSError, HazelcastIOError, TargetDisconnectedError)
_REMOVAL = Terms(urgent=True, deadline=FOREVER)


class _Claim:
    """Marks a registration in progress: whoever puts one into `_Registration.members` first, registers."""


@dataclass(slots=True, eq=False)
class _Registration:
    """A listener of the user, and its registrations on the members.

    Attributes:
        id: Registration id that the user knows.
        request: Registers it, with the same bytes on every member.
        remove: Makes the request that removes what a member registered.
        on_event: Receives the messages of its events.
        on_registered_again: Called after it was registered on a connection that was opened later.
        settled: Waits until the events so far have been handled; awaited when the listener is removed.
        active: False once the listener has been removed.
        members: Registration id on each member; a claim while the response is outstanding.
    """

    id: str
    request: Request[uuid.UUID]
    remove: Callable[[uuid.UUID], Request[Any]]
    on_event: Callable[[Message], None]
    on_registered_again: Callable[[], None] | None = None
    settled: Callable[[], Coroutine[Any, Any, None]] | None = None
    active: bool = True
    members: dict[Connection, uuid.UUID | _Claim] = field(default_factory=lambda: {})


class ListenerService:
    """Keeps every listener registered on every connection. May be called from any thread.

    `register` and `deregister` are operations: their first requests leave in the caller's first step, and
    so in the order of its calls. The threads that call them and the loop, on which connections come and
    go, meet in `_Registration.members`.

    In smart mode each member reports its own events, so that each event comes once. In unisocket
    mode the one connected member reports the events of the whole cluster.

    Args:
        runtime: Registers listeners again after a reconnect.
        invocations: Sends the requests.
        connections: Returns the open connections.
    """

    def __init__(
        self,
        runtime: Runtime,
        invocations: InvocationService,
        connections: Callable[[], Iterable[Connection]],
    ) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._connections = connections
        self._lock = runtime.lock
        self._registrations: dict[str, _Registration] = {}

    def __len__(self) -> int:
        return len(self._registrations)

    async def register(
        self,
        request: Request[uuid.UUID],
        remove: Callable[[uuid.UUID], Request[Any]],
        on_event: Callable[[Any], None],
        on_registered_again: Callable[[], None] | None = None,
        settled: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> str:
        """Register a listener with every member.

        Args:
            request: Registers it with one member. Its method must have events.
            remove: Makes the request that removes it, from the id that a member gave it.
            on_event: Called on the loop with each decoded event. Must be quick, for example queue it.
            on_registered_again: Called on the loop after the listener has been registered on a connection
                that was opened later. Events may have been missed before.
            settled: Waits until the events so far have been handled; `deregister` awaits it at its end.

        Returns:
            The registration id, for `deregister`.

        Raises:
            HazelcastError: A member refused. Then it is registered with no member.
            HazelcastClientNotActiveError: The client is shut down.
        """
        if self._invocations.closed:  # no member is left to refuse it
            raise HazelcastClientNotActiveError
        registration = _Registration(
            str(uuid.uuid4()), request, remove, _decoded(request, on_event), on_registered_again, settled
        )
        self._registrations[registration.id] = registration
        try:
            # To the end: a member that was asked must also be asked to remove it again.
            await self._runtime.to_the_end(
                self._runtime.gather(
                    self._register_on(connection, registration) for connection in list(self._connections())
                )
            )
        except Exception as error:
            await self.deregister(registration.id)
            if isinstance(error, HazelcastError) and not self._invocations.closed:
                raise HazelcastError(f"the listener cannot be added: {error}", error) from error
            raise
        except BaseException:  # a caller that gives up does not wait for members either
            self._runtime.launch(self.deregister(registration.id), "removing a listener")
            raise
        return registration.id

    async def deregister(self, registration_id: str) -> bool:
        """Remove a listener everywhere.

        If a member cannot be reached, the listener is gone all the same: its events are dropped here. Those
        that have arrived before are handled first, and none is after that.

        Args:
            registration_id: As returned by `register`.

        Returns:
            False if no listener has this id.
        """
        inside = IN_CALLBACK.get()  # read in the first step, since later ones may run in another context
        registration = self._registrations.pop(registration_id, None)
        if registration is None:
            return False
        with self._lock:
            registration.active = False
            members, registration.members = registration.members, {}
        for connection in members:
            connection.drop_events(registration.on_event)
        # To the end: a member that was not asked would go on sending events.
        await self._runtime.to_the_end(
            self._runtime.gather(
                self._remove_from(connection, registration, member_id)
                for connection, member_id in members.items()
                if isinstance(member_id, uuid.UUID) and connection.alive
            )
        )
        # A callback does not wait: it would wait for itself, or for another one that waits for it.
        if registration.settled is not None and not inside:
            await registration.settled()
        return True

    def connection_opened(self, connection: Connection) -> None:
        """Register all listeners with a member that has just been connected."""
        for registration in list(self._registrations.values()):
            self._runtime.launch(self._register_again(connection, registration), "registering a listener")

    def connection_closed(self, connection: Connection) -> None:
        """Forget what was registered over a connection that is gone."""
        for registration in list(self._registrations.values()):
            with self._lock:
                registration.members.pop(connection, None)

    def unlink(self) -> None:
        """Forget the callbacks and the connections: the client has been shut down."""
        self._connections = tuple
        for registration in list(self._registrations.values()):
            registration.on_event, registration.remove = _ignore, _no_request
            registration.on_registered_again = registration.settled = None

    async def _register_again(self, connection: Connection, registration: _Registration) -> None:
        while connection.alive and registration.active:
            try:
                await self._register_on(connection, registration)
            except CALL_FAILURES as error:
                if self._invocations.closed:
                    return
                _logger.warning(
                    "%s was refused by %s, next attempt in 1 s: %s",
                    registration.request.method.name,
                    connection,
                    error,
                )
                await self._runtime.sleep(1.0)
            else:
                if registration.active and registration.on_registered_again is not None:
                    registration.on_registered_again()
                return

    async def _register_on(self, connection: Connection, registration: _Registration) -> None:
        if not registration.active:
            return
        claim = _Claim()
        if registration.members.setdefault(connection, claim) is not claim:
            return
        try:
            member_id = await self._invocations.invoke(
                registration.request,
                connection=connection,
                terms=Terms(urgent=True, registers=True, on_event=registration.on_event),
            )
        except _CONNECTION_LOST:
            registration.members.pop(connection, None)
            if connection.alive:
                raise
            return  # the connection is gone, so nothing needs to be registered
        except BaseException:
            registration.members.pop(connection, None)
            raise
        with self._lock:
            if registration.active and connection.alive:
                registration.members[connection] = member_id
                return
            registration.members.pop(connection, None)
        if connection.alive:  # removed before the response came
            connection.drop_events(registration.on_event)
            await self._remove_from(connection, registration, member_id)

    async def _remove_from(
        self, connection: Connection, registration: _Registration, member_id: uuid.UUID
    ) -> None:
        try:
            if connection.congested:  # urgent calls overtake others, but this one keeps its place
                await connection.turn()
            await self._invocations.invoke(
                registration.remove(member_id), connection=connection, terms=_REMOVAL
            )
        except CALL_FAILURES as error:
            if connection.alive:
                _logger.warning("A listener cannot be removed on %s: %s", connection, error)


def _ignore(message: Message) -> None:
    """Take the place of what receives events."""


def _no_request(member_id: uuid.UUID) -> Request[Any]:
    """Take the place of what makes the request that removes a listener."""
    raise HazelcastClientNotActiveError


def _decoded(request: Request[uuid.UUID], on_event: Callable[[Any], None]) -> Callable[[Message], None]:
    method = request.method
    assert isinstance(method, ListenerMethod), f"{method.name} has no events"
    decode: Callable[[Message], Any] = method.decode_event

    def handle(message: Message) -> None:
        event = decode(message)
        if event is not None:  # None for a kind of event that is newer than this client
            on_event(event)

    return handle
