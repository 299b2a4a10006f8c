"""Semaphore: a number of permits that all clients share."""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from hzclient._codec import semaphore as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, context_manager, operation
from hzclient._runtime.identity import next_number
from hzclient._services.call import FOREVER
from hzclient._services.cp_sessions import NO_SESSION, CPSessions
from hzclient.errors import (
    HazelcastError,
    IllegalStateError,
    SessionExpiredError,
    WaitKeyCancelledError,
)
from hzclient.future import OperationFuture
from hzclient.protocol import RaftGroupId
from hzclient.proxy._releases import bounded, deadline_of, parted
from hzclient.proxy.cp._base import CPContext, SessionAwareCPProxy, SessionAwareOperations
from hzclient.util import check_is_int, check_is_number, check_true, to_millis

__all__ = ("AsyncSemaphore", "BlockingSemaphore", "Semaphore", "SemaphoreOperations")

R = TypeVar("R")

_DRAIN_COUNT: Final = 1024
"""Permits that a session is said to hold while it drains, so that it lives until the number is known."""

_WAIT_FOREVER: Final = -1

_MORE_THAN_THERE_ARE: Final = 2**31 - 1


_Owner = tuple[int, int]
"""A session id and a thread id, by which members know the caller of one call."""


@dataclass(slots=True, eq=False)
class _Wait:
    """A call for permits.

    Attributes:
        permits: How many.
        deadline: Monotonic time until which it waits for them.
        last_try: Monotonic time after which it is not sent again.
        owner: As whom it is made; None before it is sent.
        abandoned: Nobody waits for it any more.
    """

    permits: int
    deadline: float
    last_try: float = FOREVER
    owner: _Owner | None = None
    abandoned: bool = False


class _Owners(ABC):
    """Who members take the caller of one call for: a session, and a number that no other call has."""

    @abstractmethod
    async def borrow(self, permits: int) -> _Owner:
        """The session id and the thread id for a call that takes permits; an operation."""

    @abstractmethod
    async def current(self) -> _Owner | None:
        """The same for a call that gives permits back; None where the caller cannot have any."""

    @abstractmethod
    def returned(self, owner: _Owner, unused: int, abandoned: bool = False) -> None:
        """Tells that a call is over, but for one whose session is.

        Args:
            owner: As whom it was made.
            unused: How many of the borrowed permits it has not taken, or has given back.
            abandoned: Another call may still be on its way that ends the wait of this one.
        """


class _SessionOwners(_Owners):
    """Permits belong to the client's session, and go back when that ends."""

    def __init__(self, sessions: CPSessions, group_id: RaftGroupId) -> None:
        self._sessions = sessions
        self._group_id = group_id

    async def borrow(self, permits: int) -> _Owner:
        return await self._sessions.acquire(self._group_id, permits), next_number()

    async def current(self) -> _Owner | None:
        session_id = self._sessions.session_id(self._group_id)
        return None if session_id == NO_SESSION else (session_id, next_number())

    def returned(self, owner: _Owner, unused: int, abandoned: bool = False) -> None:
        self._sessions.release(self._group_id, owner[0], unused)


class _ClusterOwners(_Owners):
    """Permits belong to nobody. Calls have numbers of the cluster's, which are used again and again."""

    def __init__(self, sessions: CPSessions, group_id: RaftGroupId) -> None:
        self._sessions = sessions
        self._group_id = group_id

    async def borrow(self, permits: int) -> _Owner:
        return NO_SESSION, await self._sessions.borrow_thread_id(self._group_id)

    async def current(self) -> _Owner | None:
        return await self.borrow(0)

    def returned(self, owner: _Owner, unused: int, abandoned: bool = False) -> None:
        if not abandoned:
            self._sessions.return_thread_id(self._group_id, owner[1])


class SemaphoreOperations(SessionAwareOperations):
    """A number of permits that callers take and give back.

    By default permits belong to the client's session with the CP group, and go back when the client
    ends or dies. Where the members are configured to be "JDK compatible" they belong to nobody:
    anyone may give them back, and nobody does it for a client that dies.

    Where a call that waits for permits is cancelled, what comes of it is given back.
    """

    service_name = "hz:raft:semaphoreService"

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str, jdk_compatible: bool) -> None:
        super().__init__(context, group_id, name)
        owners = _ClusterOwners if jdk_compatible else _SessionOwners
        self._owners: _Owners = owners(context.sessions, group_id)
        self._jdk_compatible = jdk_compatible

    @operation
    async def init(self, permits: int) -> bool:
        """Sets the number of permits, once.

        Args:
            permits: 0 or more.

        Returns:
            False where it has been set before, and stays.
        """
        check_is_int(permits)
        check_true(permits >= 0, "permits must not be less than 0")
        return await self._invoke(codec.INIT.encode(self._group_id, self._object_name, permits))

    # ---------------------------------------------------------------------------------------- taking

    @operation
    async def acquire(self, permits: int = 1) -> None:
        """Takes permits; waits until there are enough.

        Args:
            permits: More than 0.

        Raises:
            IllegalStateError: The wait was ended.
        """
        _check_positive(permits)
        wait = _Wait(permits, FOREVER)
        await self._to_the_end(self._acquire(wait), partial(self._abandon, wait))

    @operation
    async def try_acquire(self, permits: int = 1, timeout: float = 0) -> bool:
        """Takes permits, unless there are too few for too long.

        Args:
            permits: More than 0.
            timeout: Seconds to wait; 0 or less does not wait.

        Returns:
            Whether the caller has the permits now.

        Raises:
            IllegalStateError: The wait was ended, for permits that belong to nobody.
        """
        _check_positive(permits)
        check_is_number(timeout)
        last_try = deadline_of(self._client, timeout)
        wait = _Wait(permits, time.monotonic() + bounded(timeout), last_try)
        attempt = self._to_the_end(self._acquire(wait), partial(self._abandon, wait))
        return await self._tried(attempt, timeout)

    async def _acquire(self, wait: _Wait) -> bool:
        uid = uuid.uuid4()
        while True:
            wait.owner = owner = await self._owners.borrow(wait.permits)
            try:
                acquired = await self._ask(owner, uid, wait.permits, wait.deadline, wait.last_try)
            except SessionExpiredError:
                if time.monotonic() >= wait.deadline:
                    return False
                continue
            except BaseException as error:
                self._owners.returned(owner, wait.permits, wait.abandoned)
                if not isinstance(error, WaitKeyCancelledError):
                    raise
                if wait.deadline != FOREVER and not self._jdk_compatible:
                    return False
                raise IllegalStateError(f"the wait for permits of {self!r} was ended") from error
            self._owners.returned(owner, 0 if acquired else wait.permits, wait.abandoned)
            return acquired

    async def _ask(
        self, owner: _Owner, uid: uuid.UUID, permits: int, deadline: float, last_try: float
    ) -> bool:
        forever = deadline == FOREVER
        timeout = _WAIT_FOREVER if forever else to_millis(max(deadline - time.monotonic(), 0))
        request = codec.ACQUIRE.encode(self._group_id, self._object_name, *owner, uid, permits, timeout)
        return await self._sessions.invoke(self._group_id, owner[0], request, last_try)

    def _abandon(self, wait: _Wait, call: OperationFuture[bool]) -> None:
        """Sees to it that nothing comes of a call for which nobody waits any more."""
        wait.abandoned = True
        self._runtime.run_detached(partial(self._end_wait, call, partial(self._stop_waiting, wait)))
        call.add_done_callback(partial(self._give_back, wait.permits))

    async def _stop_waiting(self, wait: _Wait) -> None:
        """Asks for the end of a wait: members forget it when the same caller asks for something else."""
        if wait.owner is not None:
            last_try = deadline_of(self._client)
            await self._ask(wait.owner, uuid.uuid4(), _MORE_THAN_THERE_ARE, 0, last_try)

    def _give_back(self, permits: int, call: OperationFuture[bool]) -> None:
        if call.is_success() and call.outcome():
            self._runtime.run_detached(partial(self._release_quietly, permits))

    async def _release_quietly(self, permits: int) -> None:
        try:
            await self._release(permits)
        except HazelcastError:
            pass  # they are gone already

    @operation
    async def drain_permits(self) -> int:
        """Takes all permits that are free now.

        Returns:
            How many they were.
        """
        return await self._to_the_end(self._drain())

    async def _drain(self) -> int:
        uid = uuid.uuid4()
        while True:
            owner = await self._owners.borrow(_DRAIN_COUNT)
            request = codec.DRAIN.encode(self._group_id, self._object_name, *owner, uid)
            try:
                drained = await self._sessions.invoke(self._group_id, owner[0], request)
            except SessionExpiredError:
                continue
            except BaseException:
                self._owners.returned(owner, _DRAIN_COUNT)
                raise
            self._owners.returned(owner, _DRAIN_COUNT - drained)
            return drained

    # ---------------------------------------------------------------------------------------- giving

    @operation
    async def release(self, permits: int = 1) -> None:
        """Gives permits back.

        Args:
            permits: More than 0.

        Raises:
            IllegalStateError: The client does not have that many, or has lost them with its session.
        """
        _check_positive(permits)
        await self._released(self._release(permits))

    async def _release(self, permits: int) -> None:
        owner = await self._owners.current()
        if owner is None:
            await self._fail(IllegalStateError(f"the client has no permits of {self!r}"))
        try:
            await self._send_release(owner, permits)
        except SessionExpiredError as error:
            raise IllegalStateError(
                f"the permits of {self!r} are lost: the session that had them is over"
            ) from error
        except BaseException:
            self._owners.returned(owner, 0)
            raise
        self._owners.returned(owner, permits)

    async def _send_release(self, owner: _Owner, permits: int) -> None:
        request = codec.RELEASE.encode(self._group_id, self._object_name, *owner, uuid.uuid4(), permits)
        await self._sessions.invoke(self._group_id, owner[0], request, deadline_of(self._client))

    @operation
    async def available_permits(self) -> int:
        """How many permits are free now; less than 0 where they were reduced by more than were free."""
        return await self._invoke(codec.AVAILABLE_PERMITS.encode(self._group_id, self._object_name))

    @operation
    async def reduce_permits(self, reduction: int) -> None:
        """Lowers the number of permits; does not wait, and may leave less than none.

        Args:
            reduction: 0 or more.
        """
        _check_change(reduction)
        if reduction:
            await self._to_the_end(self._change(-reduction))

    @operation
    async def increase_permits(self, increase: int) -> None:
        """Raises the number of permits.

        Args:
            increase: 0 or more.
        """
        _check_change(increase)
        if increase:
            await self._to_the_end(self._change(increase))

    async def _change(self, by: int) -> None:
        owner = await self._owners.borrow(1)
        request = codec.CHANGE.encode(self._group_id, self._object_name, *owner, uuid.uuid4(), by)
        try:
            await self._sessions.invoke(self._group_id, owner[0], request)
        except SessionExpiredError as error:
            raise IllegalStateError(f"the session is over that was to change {self!r}") from error
        except BaseException:
            self._owners.returned(owner, 1)
            raise
        self._owners.returned(owner, 1)

    @context_manager
    async def permits(self, count: int = 1) -> AsyncGenerator[None, None]:
        """Permits for a block: `async with s.permits(2):`, `with` in the blocking face.

        Args:
            count: More than 0.
        """
        await self.acquire(count)
        try:
            yield
        except BaseException:
            await parted(self._client, self.release(count), f"release of {self!r}")
            raise
        else:
            await self.release(count)


def _check_positive(permits: int) -> None:
    check_is_int(permits)
    check_true(permits > 0, "permits must be more than 0")


def _check_change(permits: int) -> None:
    check_is_int(permits)
    check_true(permits >= 0, "permits must not be changed by less than 0")


class AsyncSemaphore(SemaphoreOperations, AsyncioFace):
    """A number of permits; its operations are coroutine methods."""


class Semaphore(SessionAwareCPProxy["BlockingSemaphore"], SemaphoreOperations):
    """A number of permits; its operations each give a `Future`."""


class BlockingSemaphore(BlockingFace, Semaphore):
    """A number of permits; its operations return when they are done."""
