"""What a call is: its request, its target and its terms; and how operations make one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast, overload
from uuid import UUID

from hzclient._protocol.message import Message, Request
from hzclient._services.ports import Connection
from hzclient.observation import CallObserver, ClientObserver

R = TypeVar("R")
T = TypeVar("T")

FOREVER: Final = float("inf")
"""Deadline of calls that may block on the member for as long as it takes, such as locks."""

Target = int | UUID | Connection | None
"""Where a call goes: the owner of a partition, a member, one connection, or any connection (None)."""


class Terms(NamedTuple):
    """Conditions of a call.

    Attributes:
        urgent: Send it even if the client is not connected yet, is shutting down or has too many calls
            in flight. Urgent calls do not replicate schemas first: replication itself is made of them.
        registers: The request registers a listener of the user. Its schemas go first, even if it is
            urgent, and later calls over the same connection wait for its response. Needs `on_event`.
        deadline: Monotonic time after which it is not retried. None means the invocation timeout.
        check: Runs before each attempt. If it raises, the call ends with that error.
        on_event: Runs on the loop for each event of the registration that the request makes.
        time_limit: Seconds after which the call fails, whatever it is waiting for.
        observer: Notified of each attempt.
    """

    urgent: bool = False
    registers: bool = False
    deadline: float | None = None
    check: Callable[[], object] | None = None
    on_event: Callable[[Message], None] | None = None
    time_limit: float | None = None
    observer: CallObserver | None = None


ORDINARY: Final = Terms()
"""The terms of nearly all calls."""

URGENT: Final = Terms(urgent=True)
"""The terms of the client's own calls, such as pings."""

BLOCKING: Final = Terms(deadline=FOREVER)
"""The terms of calls that may block on the member for as long as it takes, such as taking a lock."""


class Call(NamedTuple, Generic[T]):
    """Description of a call. Immutable: limits, time-outs and routes make a changed copy.

    A named tuple, because the hot path creates one per call and a frozen dataclass takes several times
    as long to create.

    Attributes:
        request: What to send.
        result: Converts what the response holds, for example deserializes it. It runs again after a
            schema that it missed has been fetched. None returns what the response holds.
        target: Where to send it.
        terms: On which conditions.
    """

    request: Request[Any]
    result: Callable[[Any], T] | None = None
    target: Target = None
    terms: Terms = ORDINARY

    @property
    def name(self) -> str:
        """Service and method, for messages."""
        return self.request.method.name

    @property
    def bound(self) -> bool:
        """True if the call goes to one connection and no other."""
        return not isinstance(self.target, int | UUID | None)

    @property
    def counted(self) -> bool:
        """True if the call takes one of the places that `max_in_flight_invocations` allows.

        Calls with a deadline of their own, such as locks and their releases, do not: otherwise the
        release of a lock could wait behind those that want to take it.
        """
        return not self.terms.urgent and self.terms.deadline is None

    def to(self, target: Target) -> Call[T]:
        """Return the same call to another target."""
        return _new_call(Call, (self.request, self.result, target, self.terms))

    def within(self, seconds: float | None) -> Call[T]:
        """Return the same call with another time limit."""
        return self._replace(terms=self.terms._replace(time_limit=seconds))

    def until(self, deadline: float) -> Call[T]:
        """Return the same call with another deadline."""
        return self._replace(terms=self.terms._replace(deadline=deadline))


_NewCall = Callable[[type[Call[Any]], tuple[Any, ...]], Call[Any]]

_new_call = cast(_NewCall, tuple.__new__)  # pyright: ignore[reportUnknownMemberType]
"""Same as `Call(...)`, minus the Python frame of its constructor: it runs once per user call."""

Change = Callable[[Call[Any]], Call[Any]]
"""Returns a changed copy of a call, with another target for example."""


class Invoker(ABC):
    """Performs calls: the invocation service itself, or a view of it that changes each call first."""

    @abstractmethod
    def perform(self, call: Call[T]) -> Coroutine[Any, Any, T]:
        """Send a request and return its result. Await it inside an operation or on the loop.

        Args:
            call: The call.

        Returns:
            The result of the call.

        Raises:
            OperationTimeoutError: It kept failing until its deadline.
            HazelcastClientNotActiveError: The client is shut down.
            Exception: The error that the member reported, or the reason why it could not be sent.
        """

    @overload
    def invoke(
        self,
        request: Request[R],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        terms: Terms = ORDINARY,
    ) -> Coroutine[Any, Any, R]: ...
    @overload
    def invoke(
        self,
        request: Request[R],
        result: Callable[[R], T],
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        terms: Terms = ORDINARY,
    ) -> Coroutine[Any, Any, T]: ...
    def invoke(
        self,
        request: Request[Any],
        result: Callable[[Any], Any] | None = None,
        *,
        partition_id: int = -1,
        member: UUID | None = None,
        connection: Connection | None = None,
        terms: Terms = ORDINARY,
    ) -> Coroutine[Any, Any, Any]:
        """Perform the call that the arguments describe: the short form of `perform(Call(...))`.

        Args:
            request: As in `Call`.
            result: As in `Call`.
            partition_id: Send it to the owner of this partition; -1 for none.
            member: Send it to this member. Without a connection to it, another member forwards the call.
            connection: Send it over this connection and no other.
            terms: As in `Call`.

        Returns:
            The result of the call.
        """
        target: Target = partition_id if partition_id >= 0 else connection or member
        return self.perform(_new_call(Call, (request, result, target, terms)))

    def changed(self, change: Change) -> Invoker:
        """Return a view that applies `change` to each call before performing it."""
        return _ChangedInvoker(self, change)

    def within(self, seconds: float) -> Invoker:
        """Return a view whose calls fail with `OperationTimeoutError` after `seconds` in all."""
        return self.changed(lambda call: call.within(seconds))


class ObservedInvoker(Invoker):
    """Notifies an observer of each call.

    Args:
        base: Performs the calls.
        observer: Notified of the calls.
        structure: Name of the structure that the calls concern; None for none.
    """

    def __init__(self, base: Invoker, observer: ClientObserver, structure: str | None) -> None:
        self._base = base
        self._observer = observer
        self._structure = structure

    async def perform(self, call: Call[T]) -> T:
        observer = self._observer.call(call.name, self._structure)
        if observer is None:
            return await self._base.perform(call)
        failure: BaseException | None = None
        try:
            return await self._base.perform(call._replace(terms=call.terms._replace(observer=observer)))
        except BaseException as error:
            failure = error
            raise
        finally:
            observer.ended(failure)


class _ChangedInvoker(Invoker):
    """Performs each call after changing it."""

    def __init__(self, base: Invoker, change: Change) -> None:
        self._base = base
        self._change = change

    def perform(self, call: Call[T]) -> Coroutine[Any, Any, T]:
        return self._base.perform(self._change(call))
