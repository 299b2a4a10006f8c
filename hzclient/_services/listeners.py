"""Registrations of listeners, on every member and again after each reconnect."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hzclient._protocol.message import ListenerMethod, Message, Request
from hzclient._runtime.base import Runtime
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
    """Who put this first into `_Registration.members` registers the listener with that member."""


@dataclass(slots=True, eq=False)
class _Registration:
    """A listener of the user's, and its twins on the members.

    Attributes:
        request: Registers it; the same bytes for every member.
        remove: Makes the request that removes what a member registered.
        on_event: Takes the messages of its events.
        on_registered_again: Called after it was registered on a connection that came later.
        members: What each member calls it; a claim while the response is outstanding.
    """

    id: str
    request: Request[uuid.UUID]
    remove: Callable[[uuid.UUID], Request[Any]]
    on_event: Callable[[Message], None]
    on_registered_again: Callable[[], None] | None = None
    active: bool = True
    members: dict[Connection, uuid.UUID | _Claim] = field(default_factory=lambda: {})


class ListenerService:
    """Keeps every listener registered on every connection. May be called from any thread.

    `register` and `deregister` are operations: their first requests leave in the caller's first step, and
    so in the order of its calls. The threads that call them and the loop, on which connections come and
    go, meet in `_Registration.members`.

    In smart mode each member reports its own events, so that each event comes once. In unisocket
    mode the one member that is connected reports those of the whole cluster.
    """

    def __init__(
        self,
        runtime: Runtime,
        invocations: InvocationService,
        connections: Callable[[], Iterable[Connection]],
    ) -> None:
        """Args:
        runtime: Where registering goes on after a reconnect.
        invocations: Sends the requests.
        connections: Gives the open connections.
        """
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
    ) -> str:
        """Registers a listener with every member.

        Args:
            request: Registers it with one member; its method must be one that has events.
            remove: Makes the request that removes it, of the id that a member gave it.
            on_event: Called on the loop with each decoded event; must be quick (hand it to a queue).
            on_registered_again: Called on the loop when the listener has been registered on a
                connection that was opened later; events may have been missed before.

        Returns:
            The registration id, for `deregister`.

        Raises:
            HazelcastError: A member refused; then it is registered with none.
            HazelcastClientNotActiveError: The client is shut down.
        """
        if self._invocations.closed:  # there is no member to refuse it
            raise HazelcastClientNotActiveError
        registration = _Registration(
            str(uuid.uuid4()), request, remove, _decoded(request, on_event), on_registered_again
        )
        self._registrations[registration.id] = registration
        try:
            # To the end, as a member that has been asked must be told to remove it again.
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
        except BaseException:  # who gives up does not wait for members either
            self._runtime.launch(self.deregister(registration.id), "removing a listener")
            raise
        return registration.id

    async def deregister(self, registration_id: str) -> bool:
        """Removes a listener everywhere.

        Returns:
            False where the id is not known. Where a member cannot be told, the listener is gone all
            the same: its events are dropped here.
        """
        registration = self._registrations.pop(registration_id, None)
        if registration is None:
            return False
        with self._lock:
            registration.active = False
            members, registration.members = registration.members, {}
        for connection in members:
            connection.drop_events(registration.on_event)
        await self._runtime.gather(
            self._remove_from(connection, registration, member_id)
            for connection, member_id in members.items()
            if isinstance(member_id, uuid.UUID) and connection.alive
        )
        return True

    def connection_opened(self, connection: Connection) -> None:
        """Registers all listeners with a member that has just been connected."""
        for registration in list(self._registrations.values()):
            self._runtime.launch(self._register_again(connection, registration), "registering a listener")

    def connection_closed(self, connection: Connection) -> None:
        """Forgets what was registered by a connection that is gone."""
        for registration in list(self._registrations.values()):
            with self._lock:
                registration.members.pop(connection, None)

    async def _register_again(self, connection: Connection, registration: _Registration) -> None:
        while connection.alive and registration.active:
            try:
                await self._register_on(connection, registration)
            except CALL_FAILURES as error:
                if self._invocations.closed:
                    return
                _logger.warning(
                    "%s is refused by %s, again in 1 s: %s",
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
            return  # the connection is gone, and with it the need
        except BaseException:
            registration.members.pop(connection, None)
            raise
        with self._lock:
            if registration.active and connection.alive:
                registration.members[connection] = member_id
                return
            registration.members.pop(connection, None)
        if connection.alive:  # removed while the member was answering
            connection.drop_events(registration.on_event)
            await self._remove_from(connection, registration, member_id)

    async def _remove_from(
        self, connection: Connection, registration: _Registration, member_id: uuid.UUID
    ) -> None:
        try:
            if connection.congested:  # urgent calls go first, but this one keeps its place
                await connection.turn()
            await self._invocations.invoke(
                registration.remove(member_id), connection=connection, terms=_REMOVAL
            )
        except CALL_FAILURES as error:
            if connection.alive:
                _logger.warning("A listener cannot be removed on %s: %s", connection, error)


def _decoded(request: Request[uuid.UUID], on_event: Callable[[Any], None]) -> Callable[[Message], None]:
    method = request.method
    assert isinstance(method, ListenerMethod), f"{method.name} has no events"
    decode: Callable[[Message], Any] = method.decode_event

    def handle(message: Message) -> None:
        event = decode(message)
        if event is not None:  # else of a kind that is newer than this client
            on_event(event)

    return handle
