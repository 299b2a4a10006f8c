"""PNCounter: an eventually consistent counter, which every replica counts on its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from hzclient._codec import pn_counter as codec
from hzclient._protocol.message import Request
from hzclient._runtime.base import Runtime
from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate, operation
from hzclient.cluster import VectorClock
from hzclient.errors import (
    ClientOfflineError,
    HazelcastClientNotActiveError,
    NoDataMemberInClusterError,
    TargetNotMemberError,
)
from hzclient.proxy.base import Proxy, ProxyContext, ProxyOperations
from hzclient.util import check_is_int

__all__ = ("AsyncPNCounter", "BlockingPNCounter", "PNCounter", "PNCounterOperations")

_NO_INT = "a delta must be an int"

_Response = codec.GetResponse | codec.AddResponse
_Timestamps = Sequence[tuple[UUID, int]]


class _Session:
    """What this client has observed of a counter, and the replica it asks. Used from any thread."""

    def __init__(self, runtime: Runtime) -> None:
        self.replica_count: int | None = None
        self._lock = runtime.lock
        self._clock = VectorClock()
        self._timestamps: _Timestamps = ()
        self._replica: UUID | None = None

    @property
    def timestamps(self) -> _Timestamps:
        """How far each replica was when this client last heard of it."""
        return self._timestamps

    def observe(self, timestamps: _Timestamps) -> None:
        """Note the timestamps of a response, unless those of a newer one are known."""
        clock = VectorClock()
        for replica, timestamp in timestamps:
            clock.set_replica_timestamp(str(replica), timestamp)
        with self._lock:
            if clock.is_after(self._clock):
                self._clock, self._timestamps = clock, timestamps

    def reset(self) -> None:
        """Forget what was observed."""
        with self._lock:
            self._clock, self._timestamps = VectorClock(), ()

    def choose(self, replicas: Sequence[UUID], excluded: Collection[UUID]) -> UUID | None:
        """Return the replica to ask: the same as before if possible; None if none is left."""
        with self._lock:
            candidates = [replica for replica in replicas if replica not in excluded]
            if self._replica not in candidates:
                self._replica = random.choice(candidates) if candidates else None
            return self._replica


class PNCounterOperations(ProxyOperations):
    """A 64-bit counter that can be changed on each of its replicas.

    Replicas exchange their state in the background, and agree when nobody changes the counter any more. A
    client keeps asking one replica. It sees its own changes and never sees the counter go back: replicas that
    do not know yet what the client has observed are passed over. If the client's replica is lost before it
    has passed on its state, no other one knows what the client has observed. Calls then fail with
    `ConsistencyLostError` until `reset`. But if the other replica has changes that this client has not
    observed, it cannot compare both states, and responds: the counter goes back without an error.

    If a replica is lost during a call, the call is repeated at another one. An addition counts twice if the
    first replica had carried it out and passed it on.

    Args:
        service_name: The service of the members that holds the counter.
        name: Name of the counter.
        context: What the counter uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._session = _Session(context.runtime)

    def forget_cluster(self) -> None:
        """Forget the replicas of the other cluster, which would seem to be ahead of the new ones."""
        self._session.reset()

    @operation
    async def get(self) -> int:
        """Return the value.

        Returns:
            The value.

        Raises:
            ConsistencyLostError: No replica knows what this client has observed.
            NoDataMemberInClusterError: The cluster has no data members.
        """
        return await self._ask(lambda seen, replica: codec.GET.encode(self.name, seen, replica))

    @operation
    async def get_and_add(self, delta: int) -> int:
        """Add a number and return the old value."""
        return await self._add(delta, True)

    @operation
    async def add_and_get(self, delta: int) -> int:
        """Add a number and return the new value."""
        return await self._add(delta, False)

    @operation
    async def get_and_subtract(self, delta: int) -> int:
        """Subtract a number and return the old value."""
        return await self._subtract(delta, True)

    @operation
    async def subtract_and_get(self, delta: int) -> int:
        """Subtract a number and return the new value."""
        return await self._subtract(delta, False)

    @operation
    async def get_and_decrement(self) -> int:
        """Subtract one and return the old value."""
        return await self._add(-1, True)

    @operation
    async def decrement_and_get(self) -> int:
        """Subtract one and return the new value."""
        return await self._add(-1, False)

    @operation
    async def get_and_increment(self) -> int:
        """Add one and return the old value."""
        return await self._add(1, True)

    @operation
    async def increment_and_get(self) -> int:
        """Add one and return the new value."""
        return await self._add(1, False)

    @immediate
    def reset(self) -> None:
        """Forget what this client has observed of the counter, so that any replica may respond again.

        Call this to continue after a `ConsistencyLostError`. What the lost replicas had not passed on is
        gone.
        """
        self._session.reset()

    async def _subtract(self, delta: int, before: bool) -> int:
        check_is_int(delta, _NO_INT)
        return await self._add(-delta, before)

    async def _add(self, delta: int, before: bool) -> int:
        check_is_int(delta, _NO_INT)
        return await self._ask(
            lambda seen, replica: codec.ADD.encode(self.name, delta, before, seen, replica)
        )

    async def _ask(self, encode: Callable[[_Timestamps, UUID], Request[_Response]]) -> int:
        """Ask one replica after the other until one responds."""
        session = self._session
        failed: set[UUID] = set()
        failure: Exception = NoDataMemberInClusterError("the cluster has no data members")
        if session.replica_count is None:
            session.replica_count = await self._invoke(codec.GET_CONFIGURED_REPLICA_COUNT.encode(self.name))
        while (replica := session.choose(self._replicas(session.replica_count), failed)) is not None:
            try:
                response = await self._invoke_at(replica, encode(session.timestamps, replica))
            except (HazelcastClientNotActiveError, ClientOfflineError):
                raise  # no other replica would help
            except Exception as error:
                failed.add(replica)
                failure = error
            else:
                session.observe(response.replica_timestamps)
                return response.value
        raise failure

    def _replicas(self, count: int) -> list[UUID]:
        members = self._context.members.members
        return [uuid for uuid, member in members.items() if not member.lite_member][:count]

    async def _invoke_at(self, replica: UUID, request: Request[_Response]) -> _Response:
        try:
            connection = self._context.invocations.router.exactly(replica)
        except TargetNotMemberError:
            return await self._invoke(request, member=replica)  # another member forwards it
        # Bound to the connection: if it is lost, the call fails at once instead of being retried.
        return await self._invoke(request, connection=connection)


class AsyncPNCounter(PNCounterOperations, AsyncioFace):
    """A counter whose operations are coroutine methods."""


class PNCounter(Proxy["BlockingPNCounter"], PNCounterOperations):
    """A counter whose operations return a `Future`."""


class BlockingPNCounter(BlockingFace, PNCounter):
    """A counter whose operations block until they are done."""
