"""Factory of the structures of the CP subsystem."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from hzclient._codec import cp_group
from hzclient._runtime.getters import Faces
from hzclient.errors import UnsupportedOperationError
from hzclient.protocol import RaftGroupId
from hzclient.proxy._arguments import check_instance
from hzclient.proxy.cp._base import CPContext, CPOperations
from hzclient.proxy.cp._names import proxy_name

if TYPE_CHECKING:
    from hzclient.proxy.cp.atomic_long import AsyncAtomicLong, AtomicLong
    from hzclient.proxy.cp.atomic_reference import AsyncAtomicReference, AtomicReference
    from hzclient.proxy.cp.count_down_latch import AsyncCountDownLatch, CountDownLatch
    from hzclient.proxy.cp.fenced_lock import AsyncFencedLock, FencedLock
    from hzclient.proxy.cp.map import AsyncCPMap, CPMap
    from hzclient.proxy.cp.semaphore import AsyncSemaphore, Semaphore

A = TypeVar("A", bound=CPOperations)
F = TypeVar("F")
T = TypeVar("T")


Kind = tuple[Callable[[CPContext, RaftGroupId, str], Coroutine[Any, Any, A]], Callable[[A], F]]
"""What makes the asyncio face of a kind of structure, and what makes the Future face from that."""


class CPStructure(NamedTuple, Generic[A, F]):
    """A kind of structure.

    Attributes:
        load: Imports what makes its faces.
    """

    load: Callable[[], Kind[A, F]]


def _plainly(operations: Callable[[CPContext, RaftGroupId, str], A]) -> Any:
    async def make(context: CPContext, group_id: RaftGroupId, name: str) -> A:
        return operations(context, group_id, name)

    return make


def _atomic_long() -> Kind[AsyncAtomicLong, AtomicLong]:
    from hzclient.proxy.cp.atomic_long import AsyncAtomicLong, AtomicLong

    return _plainly(AsyncAtomicLong), AtomicLong


def _atomic_reference() -> Kind[AsyncAtomicReference[Any], AtomicReference[Any]]:
    from hzclient.proxy.cp.atomic_reference import AsyncAtomicReference, AtomicReference

    return _plainly(AsyncAtomicReference), AtomicReference


def _count_down_latch() -> Kind[AsyncCountDownLatch, CountDownLatch]:
    from hzclient.proxy.cp.count_down_latch import AsyncCountDownLatch, CountDownLatch

    return _plainly(AsyncCountDownLatch), CountDownLatch


def _semaphore() -> Kind[AsyncSemaphore, Semaphore]:
    from hzclient._codec import semaphore
    from hzclient.proxy.cp.semaphore import AsyncSemaphore, Semaphore

    async def make(context: CPContext, group_id: RaftGroupId, name: str) -> AsyncSemaphore:
        jdk_compatible = await context.client.invocations.invoke(semaphore.GET_SEMAPHORE_TYPE.encode(name))
        return AsyncSemaphore(context, group_id, name, jdk_compatible)

    return make, Semaphore


def _map() -> Kind[AsyncCPMap[Any, Any], CPMap[Any, Any]]:
    from hzclient.proxy.cp.map import AsyncCPMap, CPMap

    return _plainly(AsyncCPMap), CPMap


ATOMIC_LONG = CPStructure(_atomic_long)
ATOMIC_REFERENCE = CPStructure(_atomic_reference)
COUNT_DOWN_LATCH = CPStructure(_count_down_latch)
SEMAPHORE = CPStructure(_semaphore)
MAP = CPStructure(_map)


class CPProxies:
    """Factory of the CP structures of one client. Its coroutines are operations.

    Args:
        context: What the structures use of the client.
    """

    def __init__(self, context: CPContext) -> None:
        self.context = context
        self._locks: dict[str, Faces[AsyncFencedLock, FencedLock]] = {}

    async def get(self, structure: CPStructure[A, F], name: str) -> Faces[A, F]:
        """Return a structure. Its group is created if it is new."""
        make, future_face = structure.load()
        group_id, name = await self._locate(name)
        operations = await make(self.context, group_id, name)
        return Faces(operations, future_face(operations))

    async def lock(self, name: str) -> Faces[AsyncFencedLock, FencedLock]:
        """Return a lock. All callers of this client share one object per lock, which knows its owners.

        A new object replaces it when its group has been destroyed and created again.
        """
        from hzclient.proxy.cp.fenced_lock import AsyncFencedLock, FencedLock

        group_id, name = await self._locate(name)
        known = self._locks.get(name)
        if known is None or known.operations.get_group_id() != group_id:
            operations = AsyncFencedLock(self.context, group_id, name)
            made = Faces(operations, FencedLock(operations))
            with self.context.client.runtime.lock:
                known = self._locks.get(name)
                if known is None or known.operations.get_group_id() != group_id:
                    self._locks[name] = known = made
        return known

    def forget_cluster(self) -> None:
        """Forget the sessions and lock owners of a cluster that the client has left."""
        self.context.sessions.forget()
        with self.context.client.runtime.lock:
            locks = list(self._locks.values())
        for known in locks:
            known.operations.forget_session()

    async def _locate(self, name: str) -> tuple[RaftGroupId, str]:
        """Return a structure's group, which is created if it is new, and the structure's full name."""
        check_instance(name, str, "the name of a CP structure")
        name = proxy_name(name)
        request = cp_group.CREATE_CP_GROUP.encode(name)
        return await explained(self.context.client.invocations.invoke(request)), name


async def explained(call: Coroutine[Any, Any, T]) -> T:
    """Await a call, and explain what to do if the members refuse CP calls.

    Args:
        call: The call.

    Returns:
        Its result.

    Raises:
        UnsupportedOperationError: The members have no CP subsystem, or one that does not know the call.
    """
    try:
        return await call
    except UnsupportedOperationError as error:
        advice = _advice(str(error))
    raise UnsupportedOperationError(advice)


def _advice(refusal: str) -> str:
    if "Unrecognized client message" in refusal:
        return "the members do not know this call of the CP subsystem, which needs Enterprise Edition 5.4"
    return (
        "the members have no CP subsystem: since version 5.5 it belongs to Enterprise Edition. Use members "
        "with an Enterprise license or open-source members up to version 5.4; for a lock that need not "
        "survive a network partition, map.lock(key) works on all members"
    )
