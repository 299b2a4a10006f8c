"""Base classes of the structures of the CP subsystem."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from hzclient._codec import cp_group as codec
from hzclient._pauses import Pauses
from hzclient._runtime.faces import immediate, operation
from hzclient._runtime.operations import CallingOperations
from hzclient.errors import HazelcastClientNotActiveError, HazelcastError, OperationTimeoutError
from hzclient.future import OperationFuture
from hzclient.protocol import RaftGroupId
from hzclient.proxy._releases import limit_of, released
from hzclient.proxy.base import ProxyContext, StructureFace
from hzclient.proxy.cp._names import object_name

if TYPE_CHECKING:
    from hzclient._services.cp_leaders import CPLeaders
    from hzclient._services.cp_sessions import CPSessions

BlockingProxyType = TypeVar("BlockingProxyType")
T = TypeVar("T")

_PAUSES = Pauses(0.01, 1.0)
"""Seconds between attempts to end an abandoned wait."""


@dataclass(frozen=True, slots=True)
class CPContext:
    """What structures of the CP subsystem use of the client.

    Attributes:
        client: What all structures use.
        sessions: The client's sessions with CP groups.
        leaders: Leaders of the CP groups.
    """

    client: ProxyContext
    sessions: CPSessions
    leaders: CPLeaders


class CPOperations(CallingOperations):
    """Base of the operations of all structures of the CP subsystem.

    A lock or permits that arrive after the time limit of a call are released.

    Args:
        context: What the structure uses of the client.
        group_id: The group that holds the structure.
        name: Name of the structure, as `proxy_name` returns it.

    Attributes:
        service_name: The service of the members that holds the structure.
        name: Name of the structure, followed by `@` and its group unless that is the default group.
    """

    service_name: str

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str) -> None:
        self.name = name
        self._group_id = group_id
        self._object_name = object_name(name)
        self._client = context.client
        self._runtime = context.client.runtime
        self._sessions = context.sessions
        self._invoker = context.client.invocations.of(name).changed(context.leaders.route(group_id))
        self._invoke = self._invoker.invoke
        self._encode = context.client.serialization.encode
        self._encode_optional = context.client.serialization.encode_optional
        self._decode = context.client.serialization.decode
        self._lock = context.client.runtime.lock

    @operation
    async def destroy(self) -> None:
        """Destroy the structure for good: its name cannot be used again in its group.

        Later calls fail with `DistributedObjectDestroyedError`.
        """
        await self._invoke(
            codec.DESTROY_CP_OBJECT.encode(self._group_id, self.service_name, self._object_name)
        )

    def _limit_calls(self, seconds: float) -> None:
        self._invoke = self._invoker.within(seconds).invoke

    async def _fail(self, error: Exception) -> NoReturn:
        """Raise an error as the outcome of a call, so that a Future carries it."""
        waiter = self._runtime.pending()
        waiter.set_result(None)
        await waiter
        raise error

    async def _to_the_end(
        self, call: Coroutine[Any, Any, T], abandoned: Callable[[OperationFuture[T]], object] | None = None
    ) -> T:
        """Run a call to its end, even if the caller is cancelled or its time is over.

        Args:
            call: What to run. It must not use `_invoke`, which has the caller's time limit.
            abandoned: Receives the running call if the caller stops waiting for it.

        Returns:
            What the call returns.
        """
        return await self._in_time(self._runtime.to_the_end(call, abandoned))

    async def _tried(self, attempt: Coroutine[Any, Any, T], timeout: float) -> T:
        """Limit an attempt that waits at most `timeout` to that and the invocation timeout."""
        limit = limit_of(self._client, timeout)
        return await self._runtime.within(
            limit, attempt, lambda: OperationTimeoutError(f"a call of {self!r} took longer than {limit} s")
        )

    async def _released(self, release: Coroutine[Any, Any, T]) -> T:
        """Run a release to its end; wait for it until the invocation timeout."""
        return await released(self._client, release, f"a release of {self!r}", self._time_limit)

    async def _end_wait(
        self, call: OperationFuture[Any], ask: Callable[[], Coroutine[Any, Any, object]]
    ) -> None:
        """End the wait of a call on the member for which nobody waits here.

        The call may still be on its way and arrive after the request that is to end it, so the request is
        repeated until the call has ended.

        Args:
            call: The call.
            ask: Asks the member to end the wait.
        """
        attempts = 0
        while not call.done():
            attempts += 1
            try:
                await ask()
            except HazelcastClientNotActiveError:
                return
            except HazelcastError:
                pass  # the member ends a wait by refusing it
            await self._runtime.sleep(_PAUSES.after(attempts))


class SessionAwareOperations(CPOperations):
    """Base of structures that may belong to a session of this client."""

    @immediate
    def get_group_id(self) -> RaftGroupId:
        """Return the id of the CP group that holds the structure."""
        return self._group_id


class BaseCPProxy(StructureFace[BlockingProxyType]):
    """A structure of the CP subsystem whose operations return a `Future`."""


class SessionAwareCPProxy(BaseCPProxy[BlockingProxyType]):
    """A structure of the CP subsystem that may belong to a session of this client."""
