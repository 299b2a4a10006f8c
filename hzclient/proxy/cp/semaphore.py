"""Semaphore: a number of permits shared by all clients."""

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
from hzclient.proxy._releases import LONGEST_REQUEST, deadline_of, parted, seconds_to_wait
from hzclient.proxy.cp._base import CPContext, SessionAwareCPProxy, SessionAwareOperations
from hzclient.util import check_is_int, check_is_number, check_true, to_millis

__all__ = ("AsyncSemaphore", "BlockingSemaphore", "Semaphore", "SemaphoreOperations")

R = TypeVar("R")

_DRAIN_COUNT: Final = 1024
"""Permits counted for a session during a drain, to keep it alive until the real number is known."""

_WAIT_FOREVER: Final = -1

_MORE_THAN_THERE_ARE: Final = 2**31 - 1


_Owner = tuple[int, int]
"""Session id and thread id: they identify the caller of one call to members."""


@dataclass(slots=True, eq=False)
class _Wait:
    """A call for permits.

    Attributes:
        permits: How many permits.
        deadline: Monotonic time until which it waits for them.
        last_try: Monotonic time after which it is not sent again.
        owner: Owner that the call names; None before it is sent.
        abandoned: True if its caller has stopped waiting.
    """

    permits: int
    deadline: float
    last_try: float = FOREVER
    owner: _Owner | None = None
    abandoned: bool = False


class _Owners(ABC):
    """Source of owners for calls: a session, and a number that no other call has."""

    @abstractmethod
    async def borrow(self, permits: int) -> _Owner:
        """Return session id and thread id for a call that takes permits; an operation."""

    @abstractmethod
    async def current(self) -> _Owner | None:
        """Return both for a call that releases permits; None if the caller cannot hold any. An operation."""

    @abstractmethod
    def returned(self, owner: _Owner, unused: int, abandoned: bool = False) -> None:
        """Note that a call has ended, unless its session has.

        Args:
            owner: Owner that the call named.
            unused: How many of the borrowed permits it did not take, or has released.
            abandoned: True if a request that ends the call's wait may still be on its way.
        """


class _SessionOwners(_Owners):
    """Permits belong to the client's session, and are released when it ends."""

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
    """Permits belong to nobody. The cluster numbers the calls, and numbers are reused."""

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
    """A number of permits that callers acquire and release.

    By default permits belong to the client's session with the CP group, and are released when the client
    ends or dies. If the members' configuration makes the semaphore "JDK compatible", permits belong to
    nobody: anyone may release them, and those of a client that dies stay acquired.

    If a call that waits for permits is cancelled, permits that arrive later are released.
    """

    service_name = "hz:raft:semaphoreService"

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str, jdk_compatible: bool) -> None:
        super().__init__(context, group_id, name)
        owners = _ClusterOwners if jdk_compatible else _SessionOwners
        self._owners: _Owners = owners(context.sessions, group_id)
        self._jdk_compatible = jdk_compatible

    @operation
    async def init(self, permits: int) -> bool:
        """Set the number of permits. This works once.

        Args:
            permits: The number, 0 or more.

        Returns:
            False if it had been set before, or if this call was repeated because the leader failed.
        """
        check_is_int(permits)
        check_true(permits >= 0, "permits must not be less than 0")
        return await self._invoke(codec.INIT.encode(self._group_id, self._object_name, permits))

    # ---------------------------------------------------------------------------------------- taking

    @operation
    async def acquire(self, permits: int = 1) -> None:
        """Acquire permits; wait until enough are free.

        Args:
            permits: The number, more than 0.

        Raises:
            IllegalStateError: The wait was ended by another call.
        """
        _check_positive(permits)
        wait = _Wait(permits, FOREVER)
        await self._to_the_end(self._acquire(wait), partial(self._abandon, wait))

    @operation
    async def try_acquire(self, permits: int = 1, timeout: float = 0) -> bool:
        """Acquire permits, unless too few are free for too long.

        Args:
            permits: The number, more than 0.
            timeout: Maximum time to wait, in seconds; 0 or less does not wait.

        Returns:
            True if the caller has the permits now.

        Raises:
            IllegalStateError: The wait was ended by another call. Only if permits belong to nobody.
            OperationTimeoutError: No member answered within the timeout and the invocation timeout.
        """
        _check_positive(permits)
        check_is_number(timeout)
        last_try = deadline_of(self._client, timeout)
        wait = _Wait(permits, time.monotonic() + seconds_to_wait(timeout, LONGEST_REQUEST), last_try)
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
        """Undo a call that nobody waits for any more, whatever its outcome."""
        wait.abandoned = True
        self._runtime.run_detached(partial(self._end_wait, call, partial(self._stop_waiting, wait)))
        call.add_done_callback(partial(self._give_back, wait.permits))

    async def _stop_waiting(self, wait: _Wait) -> None:
        """Ask for the end of a wait: members forget it when the same caller asks for something else."""
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
            pass  # they were lost meanwhile

    @operation
    async def drain_permits(self) -> int:
        """Acquire all permits that are free now.

        Returns:
            How many permits were acquired.
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
        """Release permits.

        Args:
            permits: The number, more than 0.

        Raises:
            IllegalStateError: The client does not have that many, or has lost them with its session.
            OperationTimeoutError: No member answered within the invocation timeout. The release goes on in
                the background.
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
        """Return the number of free permits; negative if it was reduced by more than were free."""
        return await self._invoke(codec.AVAILABLE_PERMITS.encode(self._group_id, self._object_name))

    @operation
    async def reduce_permits(self, reduction: int) -> None:
        """Lower the number of permits without waiting. The number of free permits may become negative.

        Args:
            reduction: The difference, 0 or more.
        """
        _check_change(reduction)
        if reduction:
            await self._to_the_end(self._change(-reduction))

    @operation
    async def increase_permits(self, increase: int) -> None:
        """Raise the number of permits.

        Args:
            increase: The difference, 0 or more.
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
        """Hold permits for a block: `async with s.permits(2):`, or `with` in the blocking face.

        Args:
            count: The number, more than 0.

        Yields:
            Nothing.
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
    """A number of permits whose operations are coroutine methods."""


class Semaphore(SessionAwareCPProxy["BlockingSemaphore"], SemaphoreOperations):
    """A number of permits whose operations return a `Future`."""


class BlockingSemaphore(BlockingFace, Semaphore):
    """A number of permits whose operations block until they are done."""
