"""PNCounter: a counter that every replica counts on its own, and that agrees in the end."""

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
    """What this client has seen of a counter, and whom it asks. Used from any thread."""

    def __init__(self, runtime: Runtime) -> None:
        self.replica_count: int | None = None
        self._lock = runtime.lock
        self._clock = VectorClock()
        self._timestamps: _Timestamps = ()
        self._replica: UUID | None = None

    @property
    def timestamps(self) -> _Timestamps:
        """How far each replica was, as far as this client has seen."""
        return self._timestamps

    def observe(self, timestamps: _Timestamps) -> None:
        """Takes what a reply tells, unless a newer one has come before it."""
        clock = VectorClock()
        for replica, timestamp in timestamps:
            clock.set_replica_timestamp(str(replica), timestamp)
        with self._lock:
            if clock.is_after(self._clock):
                self._clock, self._timestamps = clock, timestamps

    def reset(self) -> None:
        """Forgets what has been seen."""
        with self._lock:
            self._clock, self._timestamps = VectorClock(), ()

    def choose(self, replicas: Sequence[UUID], excluded: Collection[UUID]) -> UUID | None:
        """The replica to ask: the one from before, while it may be. None where there is none left."""
        with self._lock:
            candidates = [replica for replica in replicas if replica not in excluded]
            if self._replica not in candidates:
                self._replica = random.choice(candidates) if candidates else None
            return self._replica


class PNCounterOperations(ProxyOperations):
    """A counter with 64 bits that can be added to and subtracted from on each of its replicas.

    Replicas tell each other in the background, and all agree when nobody adds any more. A client
    keeps asking one replica, sees what it has written, and never sees the counter go back: a replica
    that has not heard yet of what the client has seen is passed over. Where the client's replica
    goes down before it has told others, no other can know what the client has seen: calls then fail
    with `ConsistencyLostError`, until `reset`.

    A call whose replica is lost is repeated at another. If the first one had carried it out and told
    others of it, an addition then counts twice.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._session = _Session(context.runtime)

    @operation
    async def get(self) -> int:
        """The value.

        Raises:
            ConsistencyLostError: No replica knows what this client has seen.
            NoDataMemberInClusterError: The cluster has no data members.
        """
        return await self._ask(lambda seen, replica: codec.GET.encode(self.name, seen, replica))

    @operation
    async def get_and_add(self, delta: int) -> int:
        """Adds to the counter; gives the value before."""
        return await self._add(delta, True)

    @operation
    async def add_and_get(self, delta: int) -> int:
        """Adds to the counter; gives the new value."""
        return await self._add(delta, False)

    @operation
    async def get_and_subtract(self, delta: int) -> int:
        """Subtracts from the counter; gives the value before."""
        return await self._subtract(delta, True)

    @operation
    async def subtract_and_get(self, delta: int) -> int:
        """Subtracts from the counter; gives the new value."""
        return await self._subtract(delta, False)

    @operation
    async def get_and_decrement(self) -> int:
        """Subtracts 1; gives the value before."""
        return await self._add(-1, True)

    @operation
    async def decrement_and_get(self) -> int:
        """Subtracts 1; gives the new value."""
        return await self._add(-1, False)

    @operation
    async def get_and_increment(self) -> int:
        """Adds 1; gives the value before."""
        return await self._add(1, True)

    @operation
    async def increment_and_get(self) -> int:
        """Adds 1; gives the new value."""
        return await self._add(1, False)

    @immediate
    def reset(self) -> None:
        """Forgets what this client has seen of the counter, so that any replica may answer again.

        To go on after a `ConsistencyLostError`: what the lost replicas had not told is gone.
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
        """Asks one replica after the other until one answers."""
        session = self._session
        failed: set[UUID] = set()
        failure: Exception = NoDataMemberInClusterError("the cluster has no data members")
        if session.replica_count is None:
            session.replica_count = await self._invoke(codec.GET_CONFIGURED_REPLICA_COUNT.encode(self.name))
        while (replica := session.choose(self._replicas(session.replica_count), failed)) is not None:
            try:
                response = await self._invoke_at(replica, encode(session.timestamps, replica))
            except (HazelcastClientNotActiveError, ClientOfflineError):
                raise  # the same with every replica
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
            return await self._invoke(request, member=replica)  # another member passes it on
        # When this connection is lost the call fails at once, and is not retried until its time is over.
        return await self._invoke(request, connection=connection)


class AsyncPNCounter(PNCounterOperations, AsyncioFace):
    """A counter; its operations are coroutine methods."""


class PNCounter(Proxy["BlockingPNCounter"], PNCounterOperations):
    """A counter; its operations each give a `Future`."""


class BlockingPNCounter(BlockingFace, PNCounter):
    """A counter; its operations return when they are done."""
