"""The way of every call: choose a connection, send, wait, and on an error decide anew."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, overload
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._codec.custom import decode_errors
from hzclient._protocol.message import Message, Method, Request
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient._services import retry
from hzclient._services.backups import BackupAcks
from hzclient._services.ports import Connection
from hzclient._services.routing import Router
from hzclient.errors import (
    EXCEPTION_MESSAGE_TYPE,
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastIOError,
    OperationTimeoutError,
    ProtocolError,
    TargetDisconnectedError,
    create_error,
)
from hzclient.serialization._schema import SchemaRegistry
from hzclient.serialization.compact import SchemaNotFoundError

R = TypeVar("R")
T = TypeVar("T")

_logger = logging.getLogger("hzclient.invocation")

CALL_FAILURES = (HazelcastError, OSError)
"""What services must expect of their calls: a member's socket failure is no `HazelcastError`."""

FOREVER = float("inf")
"""A deadline that never comes, for calls that wait on the member as long as it takes (locks)."""


class Schemas(Protocol):
    """The part of the schema service that calls need.

    Attributes:
        registry: Tells of the schemas that the cluster does not have yet.
    """

    registry: SchemaRegistry

    async def replicate(self) -> None:
        """Sends the schemas that the cluster does not have yet."""

    async def fetch(self, schema_id: int) -> None:
        """Asks the cluster for a schema that is not known here."""


class InvokeFunction(Protocol):
    """The type of `InvocationService.invoke`."""

    @overload
    async def __call__(
        self,
        request: Request[R],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        urgent: bool = False,
        deadline: float | None = None,
        check: Callable[[], object] | None = None,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> R: ...
    @overload
    async def __call__(
        self,
        request: Request[R],
        result: Callable[[R], T],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        urgent: bool = False,
        deadline: float | None = None,
        check: Callable[[], object] | None = None,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> T: ...


class InvocationService:
    """Sends requests and gives their results. May be called from any thread.

    Attributes:
        router: Chooses the connection.
        refusal: Makes the error for calls that may not be sent now (the client is offline, say);
            None while calls may be sent.
        backup_aware: Whether members leave waiting for backups to the client.
        backups: Holds answers back until their backups have confirmed.
        closed: True when the client is shut down.
    """

    def __init__(
        self,
        runtime: Runtime,
        router: Router,
        policy: retry.Policy,
        invocation_timeout: float,
        backup_aware: bool,
        backup_timeout: float,
        fail_on_indeterminate_state: bool,
    ) -> None:
        self.router = router
        self.refusal: Callable[[], Exception] | None = None
        self.backup_aware = backup_aware
        self.backups = BackupAcks(
            backup_timeout,
            fail_on_indeterminate_state,
            time.monotonic,
            runtime.loop.call_later,
            router.in_flight,
        )
        self._runtime = runtime
        self._pending = runtime.pending
        self._policy = policy
        self._timeout = invocation_timeout
        self.closed = False
        self._pausing: set[Waiter[None]] = set()
        self._next_id = itertools.count(1).__next__
        self._schemas: Schemas | None = None

    def use_schemas(self, schemas: Schemas) -> None:
        """Lets `schemas` be replicated before calls are sent. It needs calls itself, hence the setter."""
        self._schemas = schemas

    def next_correlation_id(self) -> int:
        """A number that no other call or registration of this client has."""
        return self._next_id()

    @overload
    async def invoke(
        self,
        request: Request[R],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        urgent: bool = False,
        deadline: float | None = None,
        check: Callable[[], object] | None = None,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> R: ...
    @overload
    async def invoke(
        self,
        request: Request[R],
        result: Callable[[R], T],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        urgent: bool = False,
        deadline: float | None = None,
        check: Callable[[], object] | None = None,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> T: ...
    async def invoke(
        self,
        request: Request[Any],
        result: Callable[[Any], Any] | None = None,
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        urgent: bool = False,
        deadline: float | None = None,
        check: Callable[[], object] | None = None,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> Any:
        """Sends a request and returns its result; to be awaited inside an operation or on the loop.

        Args:
            request: What to send.
            result: Makes the result of what the response holds (deserializes it, say). Called
                again after a schema that it missed has been fetched.
            partition_id: The partition that the request is for.
            member: The member to send it to; another forwards it where there is no connection.
            connection: The connection to send it by, and no other.
            urgent: Send it while the client is not (or not completely) connected too.
            deadline: Monotonic time after which it is not retried; by default the invocation
                timeout from now.
            check: Called each time before it is sent; what it raises ends the call.
            on_event: Called on the loop with each event of the registration that this request makes.
            registers: The request registers a listener of the user's: calls that follow by the same
                connection wait for its response. Needs `on_event`.

        Raises:
            OperationTimeoutError: It kept failing until the deadline.
            HazelcastClientNotActiveError: The client is shut down.
            Exception: What the cluster answered, or why it could not be sent.
        """
        schemas = self._schemas
        method = request.method
        started = time.monotonic()
        attempt = correlation_id = 0
        target: Connection | None = None
        failure: Exception
        while True:
            try:
                if not urgent:
                    if self.refusal is not None:
                        raise self.refusal()
                    if schemas is not None and schemas.registry.unreplicated:
                        await schemas.replicate()
                if check is not None:
                    check()
                target = connection or self._choose(partition_id, member)
                if target.congested:
                    await target.turn(urgent=urgent, registers=registers)
                    if not target.alive:  # nothing was sent: it may be repeated, whatever it is
                        raise HazelcastIOError(f"{method.name} was not sent", target.close_reason)
                correlation_id = self._next_id()
                waiter: Waiter[Message] = self._pending()
                target.calls[correlation_id] = waiter
                if on_event is not None:  # before the write: events may come before the answer
                    target.event_handlers[correlation_id] = on_event
                    if registers:
                        target.hold_until(waiter)
                target.send(request.head(correlation_id, partition_id, self.backup_aware), request.body)
                if not target.alive:
                    self._check_sent(target, correlation_id)
                try:
                    message = await waiter
                except BaseException:
                    self._give_up(target, correlation_id)
                    if on_event is not None:
                        target.event_handlers.pop(correlation_id, None)
                        waiter.cancel()  # an interrupted wait leaves it open, and calls held back
                    raise
                try:
                    if message.type == method.request_type + 1 or _is_answer(message, method):
                        value = method.decode(message)
                        break
                    failure = create_error(decode_errors(message))
                except ProtocolError as error:
                    self._runtime.post(target.close, f"the member broke the protocol: {error}", error)
                    raise
                self._give_up(target, correlation_id)  # acks may have come before
            except Exception as error:
                failure = error
            if on_event is not None and target is not None:
                target.event_handlers.pop(correlation_id, None)
            attempt += 1
            call = retry.Call(
                method.name,
                method.retryable,
                connection is not None,
                member is not None,
                started + self._timeout if deadline is None else deadline,
            )
            await self._pause(failure, call, attempt)
        if result is None:
            return value
        try:
            return result(value)
        except SchemaNotFoundError:
            return await self.with_schemas(lambda: result(value))

    async def with_schemas(self, decode: Callable[[], T]) -> T:
        """Deserializes, and where a compact schema is missing fetches it and does so again.

        Args:
            decode: Makes the result; called again after each schema that it missed.
        """
        while True:
            try:
                return decode()
            except SchemaNotFoundError as missing:
                if self._schemas is None:
                    raise
                await self._schemas.fetch(missing.schema_id)

    def limited_to(self, seconds: float) -> InvokeFunction:
        """As `invoke`, but fails after `seconds` in all, whatever the call waits for."""

        async def invoke(request: Request[Any], result: Any = None, **target: Any) -> Any:
            name = request.method.name
            return await self._runtime.within(
                seconds,
                self.invoke(request, result, **target),
                lambda: OperationTimeoutError(f"{name} took longer than {seconds} s"),
            )

        return invoke

    def _choose(self, partition_id: int, member: UUID | None) -> Connection:
        if partition_id >= 0:
            return self.router.for_partition(partition_id)
        if member is not None:
            return self.router.for_member(member)
        return self.router.any()

    def _check_sent(self, target: Connection, correlation_id: int) -> None:
        # Who finds the call in the table fails it: the connection when it closes, or this.
        if target.calls.pop(correlation_id, None) is not None:
            reason = target.close_reason
            raise TargetDisconnectedError(*(reason.args if reason is not None else ()))

    def _give_up(self, target: Connection, correlation_id: int) -> None:
        target.calls.pop(correlation_id, None)
        if self.backup_aware:
            self._runtime.post(self.backups.forget, correlation_id)

    async def _pause(self, failure: Exception, call: retry.Call, attempt: int) -> None:
        if self.closed:
            raise HazelcastClientNotActiveError from failure
        pause = retry.decide(failure, call, self._policy, attempt, time.monotonic(), retry.new_jitter())
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("%s failed (attempt %s), again in %.3f s: %r", call.name, attempt, pause, failure)
        if pause > 0:
            waiter = self._runtime.sleep(pause)
            self._pausing.add(waiter)
            try:
                await waiter
            finally:
                self._pausing.discard(waiter)

    async def listen_for_backups(self, connection: Connection) -> None:
        """Lets a member tell of the backups that it holds, where the client waits for them."""
        if not self.backup_aware:
            return

        def on_event(message: Message) -> None:
            event = codec.LOCAL_BACKUP_LISTENER.decode_event(message)
            if event is not None:
                self.backups.acked(event.source_invocation_correlation_id)

        await self.invoke(
            codec.LOCAL_BACKUP_LISTENER.encode(), connection=connection, urgent=True, on_event=on_event
        )

    def wake_waiting(self) -> None:
        """Lets calls that pause before a retry go on now, since there is a connection again."""
        for waiter in list(self._pausing):
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Fails all calls from now on, and those that wait for backups. Called on the loop."""
        self.closed = True
        self.refusal = HazelcastClientNotActiveError
        self.backups.fail_all(HazelcastClientNotActiveError())
        self.wake_waiting()


def _is_answer(message: Message, method: Method[..., Any]) -> bool:
    """Whether a response of an unexpected type answers a method all the same; False for an error.

    Members answer some requests under the type of another of the same service (List.listIterator
    as List.iterator, a latch's getCount as getRound).

    Raises:
        ProtocolError: It is neither an answer nor an error.
    """
    if message.type == EXCEPTION_MESSAGE_TYPE:
        return False
    if message.type >> 16 == method.request_type >> 16 and message.type & 0xFF == 1:
        return True
    raise ProtocolError(f"{method.name} was answered by {message!r}")
