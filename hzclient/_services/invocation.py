"""Calls to the cluster: one attempt of a call, and the loop that goes on after it has failed."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._codec.custom import decode_errors
from hzclient._protocol.message import Message, Method, breach
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services import retry
from hzclient._services.backups import BackupAcks
from hzclient._services.call import ORDINARY, Call, Invoker, ObservedInvoker, Terms
from hzclient._services.in_flight import InFlight, Ticket
from hzclient._services.ports import Connection
from hzclient._services.routing import Router
from hzclient._speed import InvocationState, hot
from hzclient.errors import (
    EXCEPTION_MESSAGE_TYPE,
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastIOError,
    OperationTimeoutError,
    ProtocolError,
    create_error,
)
from hzclient.observation import ClientObserver
from hzclient.serialization._schema import SchemaRegistry
from hzclient.serialization.compact import SchemaNotFoundError

T = TypeVar("T")

_logger = logging.getLogger("hzclient.invocation")

CALL_FAILURES = (HazelcastError, OSError)
"""What services must expect of their calls: a member's socket failure is not a `HazelcastError`."""


class Schemas(Protocol):
    """The part of the schema service that calls need.

    Attributes:
        registry: Knows the schemas that the cluster does not have yet.
    """

    registry: SchemaRegistry

    async def replicate(self, invoker: Invoker) -> None:
        """Send the schemas that the cluster does not have yet."""

    async def fetch(self, invoker: Invoker, schema_id: int) -> None:
        """Ask the cluster for an unknown schema."""


class InvocationService(InvocationState, Invoker):
    """Sends requests and returns their results. May be called from any thread.

    A call is one attempt (`_attempt`), which is all that an undisturbed call needs. The loop that makes
    further attempts begins with a failure (`resume`). Only it sends a call again, and only if
    `retry.decide` allows that for the failure at hand.

    Attributes:
        router: Chooses the connection of a call.
        refusal: Makes the error for calls that may not be sent now, for example because the client is
            offline. None while calls may be sent. Only this class sets it.
        backup_aware: True if members leave waiting for backups to the client now. Only this class sets it.
        backups: Holds responses back until their backups have confirmed.
        closed: True once the client is shut down.
        observer: Notified of the calls of structures; None for nobody. Set before any structure exists.

    Args:
        runtime: The runtime of the client.
        router: Chooses the connection of a call.
        schemas: Brings Compact schemas to the cluster and from it.
        policy: How failed calls are retried.
        timeout: Seconds after which a call is not retried, unless it has a deadline of its own.
        backup_aware: True if members leave waiting for backups to the client while it is connected to all of
            them that hold data.
        backup_timeout: Seconds to wait for the backups of a response.
        fail_on_indeterminate_state: True if a call fails if its backups have not confirmed by then.
        in_flight: Limits the number of calls in flight. None for no limit.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        router: Router,
        schemas: Schemas,
        policy: retry.Policy,
        timeout: float,
        backup_aware: bool,
        backup_timeout: float,
        fail_on_indeterminate_state: bool,
        in_flight: InFlight | None = None,
    ) -> None:
        self.router = router
        self.refusal: Callable[[], Exception] | None = None
        self.backup_aware = False
        self._takes_acks = backup_aware
        self.backups = BackupAcks(
            timeout=backup_timeout,
            fail_when_late=fail_on_indeterminate_state,
            clock=time.monotonic,
            call_later=runtime.loop.call_later,
            in_flight=router.in_flight,
        )
        self.closed = False
        self.observer: ClientObserver | None = None
        self._runtime = runtime
        self._pending = runtime.pending
        self._schemas = schemas
        self._policy = policy
        self._timeout = timeout
        self._in_flight = in_flight
        self._pausing: set[Waiter[None]] = set()
        self._next_id = itertools.count(1).__next__
        if hot is not None and in_flight is None:
            # It makes the first attempt of most calls, and calls `resume` if that fails.
            compiled = hot.Invoker(
                self,
                schemas.registry,
                router,
                runtime.loop,
                runtime.owned,
                Call,
                ORDINARY,
                time.monotonic,
            )
            self.invoke = compiled.invoke  # type: ignore[method-assign]
            self.perform = compiled.perform  # type: ignore[method-assign]
            self._next_id = compiled.next_id

    def of(self, structure: str | None) -> Invoker:
        """Return what performs the calls of a structure, which an observer may want to see.

        Args:
            structure: Name of the structure; None for calls of users that concern none.

        Returns:
            This service, unless the client is observed.
        """
        return self if self.observer is None else ObservedInvoker(self, self.observer, structure)

    def perform(self, call: Call[T]) -> Coroutine[Any, Any, T]:
        # Each layer creates the coroutine of the next one when it runs: a coroutine that was created
        # but never started warns when it is dropped.
        if call.terms.time_limit is not None:
            return self._within(call, call.terms.time_limit)
        if self._in_flight is not None and call.counted:
            return self._counted(call, self._in_flight)
        return self._attempt(call)

    async def _within(self, call: Call[T], seconds: float) -> T:
        return await self._runtime.within(
            seconds,
            self.perform(call.within(None)),
            lambda: OperationTimeoutError(f"{call.name} took longer than {seconds} s"),
        )

    async def _counted(self, call: Call[T], in_flight: InFlight) -> T:
        member = self.router.member_of(call.target)
        ticket = Ticket()
        try:
            await in_flight.enter(member, call.name, ticket)
            return await self._attempt(call)
        finally:
            in_flight.leave(member, ticket)

    async def _attempt(self, call: Call[T], *, first: bool = True) -> T:
        """Send a call once and return its result.

        If the first attempt fails, go on with `resume`, which makes the later ones and handles their
        failures. So an undisturbed call runs in a single coroutine: each further one would cost it
        half a microsecond.
        """
        started = time.monotonic()
        request, result, target, terms = call
        try:
            if self.refusal is not None and not terms.urgent:
                raise self.refusal()
            if self._schemas.registry.unreplicated and (terms.registers or not terms.urgent):
                await self._schemas.replicate(self)
            if terms.check is not None:
                terms.check()
            if isinstance(target, int):
                partition_id, connection = target, self.router.for_partition(target)
            else:
                partition_id, connection = -1, self._connection_to(target)
            if connection.congested:
                await self._turn(connection, call)
            if terms.observer is not None:
                terms.observer.sent(connection.address)
            correlation_id = self._next_id()
            waiter: Waiter[Message] = self._pending()
            try:
                head = request.head(correlation_id, partition_id, self.backup_aware)
                connection.send(correlation_id, waiter, head, request.body, terms.on_event, terms.registers)
                message = await waiter
                method = request.method
                if message.type == method.request_type + 1:
                    value = method.decode(message)
                else:
                    value = self.read_other(method, message)
            except BaseException as error:
                self.give_up(connection, correlation_id, waiter, error)
                # It holds the error, whose traceback holds this frame: a cycle for each failed call.
                del waiter
                raise
        except Exception as error:
            if not first:
                raise
            failure = error
        else:
            if result is None:
                return cast(T, value)
            try:
                return result(value)
            except SchemaNotFoundError:
                return await self.with_schemas(lambda: result(value))
        try:
            return await self.resume(call, failure, started)
        finally:
            del failure  # its traceback holds this frame

    async def resume(self, call: Call[T], failure: Exception, started: float) -> T:
        """Go on with a call whose first attempt has failed, no matter who made it.

        The failure decides whether the call is sent again: a call that may have been carried out is
        repeated only if its method or `redo_operation` allows that.

        Args:
            call: The call.
            failure: The error of the first attempt.
            started: Monotonic time at which the call began.

        Returns:
            The result of a later attempt.

        Raises:
            Exception: As in `perform`.
        """
        if call.terms.deadline is None:
            call = call.until(started + self._timeout)
        # Without its conversion: an error of that is no failure of the attempt.
        unconverted: Call[Any] = call._replace(result=None)
        attempts = 1
        try:
            while True:
                await self._pause(failure, call, attempts)
                try:
                    value = await self._attempt(unconverted, first=False)
                    break
                except Exception as error:
                    failure = error
                attempts += 1
        finally:
            del failure  # its traceback holds this frame
        result = call.result
        return cast(T, value) if result is None else await self.with_schemas(lambda: result(value))

    async def _turn(self, connection: Connection, call: Call[Any]) -> None:
        """Wait until the call may be sent."""
        await connection.turn(urgent=call.terms.urgent, registers=call.terms.registers)
        if not connection.alive:  # nothing was sent, so any call may be repeated
            raise HazelcastIOError(f"{call.name} was not sent", connection.close_reason)

    def _connection_to(self, target: UUID | Connection | None) -> Connection:
        if target is None:
            return self.router.any()
        if isinstance(target, UUID):
            return self.router.for_member(target)
        return target

    def read_other(self, method: Method[..., Any], message: Message) -> Any:
        """Return what a message of an unexpected type holds, if it is a response to the method.

        Members send some responses under the type of another method of the same service
        (List.listIterator as List.iterator, a latch's getCount as getRound).

        Args:
            method: The method that was called.
            message: The message.

        Returns:
            What the response holds.

        Raises:
            ProtocolError: It is neither a response to the method nor an error.
            Exception: The error that the member reported.
        """
        if message.type == EXCEPTION_MESSAGE_TYPE:
            raise create_error(decode_errors(message))
        if message.type >> 16 == method.request_type >> 16 and message.type & 0xFF == 1:
            return method.decode(message)
        raise ProtocolError(f"{message!r} is not a response to {method.name}")

    def give_up(
        self, connection: Connection, correlation_id: int, waiter: Waiter[Message], error: BaseException
    ) -> None:
        """Clean up after an attempt that has failed.

        Args:
            connection: Where it was sent.
            correlation_id: Its number.
            waiter: What it waits for.
            error: Why it failed.
        """
        connection.forget(correlation_id)
        waiter.cancel()  # if the wait was interrupted it is still open, and a registration holds calls back
        if self._takes_acks:  # acks may have come before the response
            self._runtime.post(self.backups.forget, correlation_id)
        if isinstance(error, ProtocolError):
            self._runtime.post(connection.close, breach(error), error)

    async def with_schemas(self, decode: Callable[[], T]) -> T:
        """Deserialize something. If a Compact schema is missing, fetch it and try again.

        Args:
            decode: Makes the result. It runs again after each schema that it missed.

        Returns:
            The result of `decode`.

        Raises:
            HazelcastSerializationError: The cluster does not have the schema either.
        """
        while True:
            try:
                return decode()
            except SchemaNotFoundError as missing:
                schema_id = missing.schema_id
            await self._schemas.fetch(self, schema_id)

    async def _pause(self, failure: Exception, call: Call[Any], attempt: int) -> None:
        if self.closed:
            if isinstance(failure, HazelcastClientNotActiveError):
                raise failure  # without itself as its cause
            raise HazelcastClientNotActiveError from failure
        pause = retry.decide(failure, call, self._policy, attempt, time.monotonic(), retry.new_jitter())
        if call.terms.observer is not None:
            call.terms.observer.retried(failure, attempt, pause)
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("%s failed (attempt %s), again in %.3f s: %r", call.name, attempt, pause, failure)
        if pause > 0:
            waiter = self._runtime.sleep(pause)
            try:
                self._pausing.add(waiter)
                await waiter
            finally:
                self._pausing.discard(waiter)

    async def listen_for_backups(self, connection: Connection) -> None:
        """Lets a member tell of the backups that it holds, where the client waits for them."""
        if not self._takes_acks:
            return

        def on_event(message: Message) -> None:
            event = codec.LOCAL_BACKUP_LISTENER.decode_event(message)
            if event is not None:
                self.backups.acked(event.source_invocation_correlation_id)

        if hot is not None:
            event_type = codec.LOCAL_BACKUP_LISTENER.request_type + 2
            on_event = hot.BackupListener(self.backups, self.router, event_type, on_event)
        await self.invoke(
            codec.LOCAL_BACKUP_LISTENER.encode(),
            connection=connection,
            terms=Terms(urgent=True, on_event=on_event),
        )

    def data_members_connected(self, every_one: bool) -> None:
        """Take note of whether the client is connected to every member that holds data. Called on the loop.

        Args:
            every_one: True if it is. If not, backups could not acknowledge to the client.
        """
        self.backup_aware = self._takes_acks and every_one
        if not every_one:
            self.backups.hurry()

    def suspend(self, make_error: Callable[[], Exception]) -> None:
        """Refuse all calls but urgent ones until `go_on`. Called on the loop.

        Args:
            make_error: Makes the error that refuses a call.
        """
        if not self.closed:
            self.refusal = make_error

    def go_on(self) -> None:
        """Let calls be sent again, at once also those that pause before a retry. Called on the loop."""
        if not self.closed:
            self.refusal = None
            self._end_pauses()

    def abandon(self, make_error: Callable[[], Exception]) -> None:
        """Refuse all calls for good, in a child process that has no loop.

        Args:
            make_error: Makes the error that refuses a call.
        """
        self.refusal = make_error

    def _end_pauses(self) -> None:
        for waiter in list(self._pausing):
            resolve(waiter, None)

    def close(self) -> None:
        """Refuse all calls for good, and fail those that wait for backups. Called on the loop."""
        self.closed = True
        self.refusal = HazelcastClientNotActiveError
        self.backups.fail_all(HazelcastClientNotActiveError())
        self._end_pauses()
        if self._in_flight is not None:
            self._in_flight.close()

    def unlink(self) -> None:
        """Leave calls to the methods of this class, which refuse them, and not to compiled ones."""
        self._next_id = itertools.count(1).__next__
        for name in ("invoke", "perform"):
            vars(self).pop(name, None)
