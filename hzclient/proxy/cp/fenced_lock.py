"""FencedLock: a lock with fencing tokens, so that a resource can reject an owner that lost it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final

from hzclient._codec import fenced_lock as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation, run_blocking
from hzclient._runtime.identity import next_number
from hzclient._services.call import FOREVER
from hzclient._services.cp_sessions import NO_SESSION
from hzclient.errors import (
    CPGroupDestroyedError,
    DistributedObjectDestroyedError,
    HazelcastError,
    IllegalMonitorStateError,
    LockAcquireLimitReachedError,
    LockOwnershipLostError,
    SessionExpiredError,
    WaitKeyCancelledError,
)
from hzclient.future import OperationFuture
from hzclient.protocol import RaftGroupId
from hzclient.proxy._releases import LONGEST_REQUEST, deadline_of, parted, seconds_to_wait
from hzclient.proxy.cp._base import CPContext, SessionAwareCPProxy, SessionAwareOperations
from hzclient.util import check_is_number, to_millis

__all__ = ("AsyncFencedLock", "BlockingFencedLock", "FencedLock", "FencedLockOperations")

_LOST_SESSION: Final = -2
"""Id of no session. Marks holds of a cluster that was left, because session ids repeat in the next one."""


@dataclass(slots=True, eq=False)
class _Hold:
    """A thread's or task's hold on the lock, or its wait for it.

    Attributes:
        owner: Number by which members know the owner. Each hold has its own, so that the remains of an
            abandoned wait cannot affect a later hold of the same thread or task.
        session_id: The session that holds the lock or waits for it.
        count: How often the owner has taken the lock; 0 while it waits.
        waiting: How many calls of the owner wait for the lock.
    """

    owner: int
    session_id: int = NO_SESSION
    count: int = 0
    waiting: int = 0


_MakeRequest = Callable[[int], Request[int]]
"""Makes the request for the lock, given a session id."""


class FencedLockOperations(SessionAwareOperations):
    """A lock that one thread, or in the asyncio client one task, can hold in the whole cluster.

    The lock is reentrant: its owner may take it several times and must release it as often. A hold belongs
    to the client's session with the CP group. If the client dies or is cut off for too long, the session
    expires and the lock goes to the next owner, while the former owner may still believe that it holds the
    lock. So each owner gets a *fence*, a number greater than those of all earlier owners. Pass it to the
    resource that the lock protects, and let the resource reject lower fences.

    If a call that waits for the lock is cancelled, a lock that arrives later is released.
    """

    service_name = "hz:raft:lockService"

    INVALID_FENCE: Final = 0

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str) -> None:
        super().__init__(context, group_id, name)
        self._caller_number = context.client.runtime.caller_number
        self._holds: dict[int, _Hold] = {}

    # ---------------------------------------------------------------------------------------- taking

    @operation
    async def lock(self) -> int:
        """Take the lock; wait as long as another owner holds it.

        Returns:
            The fence. It stays the same if the caller holds the lock already.

        Raises:
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
            LockAcquireLimitReachedError: The caller has taken the lock as often as it may.
        """
        fence = await self._take(self._lock_request, FOREVER)
        if fence == self.INVALID_FENCE:
            raise LockAcquireLimitReachedError(f"{self!r} is taken as often as its owner may take it")
        return fence

    @operation
    async def try_lock(self, timeout: float = 0) -> int:
        """Take the lock, unless another owner holds it for too long.

        Args:
            timeout: Maximum time to wait, in seconds; 0 or less does not wait.

        Returns:
            The fence, or `INVALID_FENCE` (0) if the caller did not get the lock.

        Raises:
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
            OperationTimeoutError: No member answered within the timeout and the invocation timeout.
        """
        check_is_number(timeout)
        deadline = time.monotonic() + seconds_to_wait(timeout, LONGEST_REQUEST)
        try:
            return await self._tried(
                self._take(
                    partial(self._try_lock_request, deadline), deadline, deadline_of(self._client, timeout)
                ),
                timeout,
            )
        except IllegalMonitorStateError:  # another call of the same owner has ended the wait
            return self.INVALID_FENCE

    def _lock_request(self, uid: uuid.UUID, owner: int, session_id: int) -> Request[int]:
        return codec.LOCK.encode(self._group_id, self._object_name, session_id, owner, uid)

    def _try_lock_request(self, deadline: float, uid: uuid.UUID, owner: int, session_id: int) -> Request[int]:
        left = to_millis(max(deadline - time.monotonic(), 0))
        return codec.TRY_LOCK.encode(self._group_id, self._object_name, session_id, owner, uid, left)

    async def _take(
        self,
        make_request: Callable[[uuid.UUID, int, int], Request[int]],
        deadline: float,
        last_try: float = FOREVER,
    ) -> int:
        caller = self._caller_number()
        with self._lock:
            hold = self._holds.get(caller)
            if hold is None:
                hold = self._holds[caller] = _Hold(next_number())
            hold.waiting += 1
            reentrant = hold.count > 0
        return await self._to_the_end(
            self._acquire(caller, hold, partial(make_request, uuid.uuid4(), hold.owner), deadline, last_try),
            partial(self._abandon, caller, hold, reentrant),
        )

    async def _acquire(
        self, caller: int, hold: _Hold, make_request: _MakeRequest, deadline: float, last_try: float
    ) -> int:
        try:
            while True:
                session_id = await self._sessions.acquire(self._group_id)
                if hold.count and hold.session_id != session_id:
                    self._sessions.release(self._group_id, session_id)
                    await self._fail(self._lost(caller, hold))
                hold.session_id = session_id
                try:
                    request = make_request(session_id)
                    fence = await self._sessions.invoke(self._group_id, session_id, request, last_try)
                except SessionExpiredError:
                    if hold.count:
                        raise self._lost(caller, hold) from None
                    if time.monotonic() >= deadline:
                        return self.INVALID_FENCE
                    continue
                except BaseException as error:
                    self._sessions.release(self._group_id, session_id)
                    if isinstance(error, WaitKeyCancelledError):
                        raise IllegalMonitorStateError(f"the wait for {self!r} was ended") from error
                    raise
                if fence == self.INVALID_FENCE:
                    self._sessions.release(self._group_id, session_id)
                else:
                    with self._lock:
                        hold.count += 1
                return fence
        finally:
            self._settle(caller, hold, waiting=-1)

    # ---------------------------------------------------------------------------------------- giving

    @operation
    async def unlock(self) -> None:
        """Release the lock. It is free when its owner has released it as often as it was taken.

        Raises:
            IllegalMonitorStateError: The caller does not hold the lock.
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
            OperationTimeoutError: No member answered within the invocation timeout. The release goes on in
                the background.
        """
        caller = self._caller_number()
        hold = self._holds.get(caller)
        if hold is None or not hold.count:
            await self._fail(IllegalMonitorStateError(f"the caller does not have {self!r}"))
        if hold.session_id != self._sessions.session_id(self._group_id):
            await self._fail(self._lost(caller, hold))
        await self._released(self._release(caller, hold))

    async def leave(self, failed: bool) -> None:
        """Release the lock at the end of a block; an operation.

        Args:
            failed: True if the block has raised. Then the release does not keep it waiting.
        """
        if failed:
            await parted(self._client, self.unlock(), f"unlock of {self!r}")
        else:
            await self.unlock()

    async def _release(self, caller: int, hold: _Hold) -> None:
        try:
            await self._send_unlock(hold)
        except SessionExpiredError:
            raise self._lost(caller, hold) from None
        except (IllegalMonitorStateError, DistributedObjectDestroyedError, CPGroupDestroyedError):
            self._lost(caller, hold)
            raise
        self._settle(caller, hold, count=-1)
        self._sessions.release(self._group_id, hold.session_id)

    async def _send_unlock(self, hold: _Hold) -> bool:
        request = codec.UNLOCK.encode(
            self._group_id, self._object_name, hold.session_id, hold.owner, uuid.uuid4()
        )
        return await self._sessions.invoke(
            self._group_id, hold.session_id, request, deadline_of(self._client)
        )

    def _abandon(self, caller: int, hold: _Hold, reentrant: bool, call: OperationFuture[int]) -> None:
        """Undo a call that nobody waits for any more, whatever its outcome."""
        with self._lock:
            alone = not reentrant and hold.waiting + hold.count <= 1
            if alone and self._holds.get(caller) is hold:
                del self._holds[caller]  # the caller's next call must not reuse this hold
        if alone:
            self._runtime.run_detached(partial(self._end_wait, call, partial(self._stop_waiting, hold)))
        call.add_done_callback(partial(self._give_back, caller, hold))

    async def _stop_waiting(self, hold: _Hold) -> None:
        """Ask for the end of a wait: members forget a waiting owner that tries to unlock."""
        if hold.session_id != NO_SESSION:
            await self._send_unlock(hold)

    def _give_back(self, caller: int, hold: _Hold, call: OperationFuture[int]) -> None:
        if call.is_success() and hold.count:
            self._runtime.run_detached(partial(self._release_quietly, caller, hold))

    async def _release_quietly(self, caller: int, hold: _Hold) -> None:
        try:
            await self._release(caller, hold)
        except HazelcastError:
            pass  # it was lost meanwhile

    # ---------------------------------------------------------------------------------------- asking

    @operation
    async def is_locked(self) -> bool:
        """Return True if anyone holds the lock.

        Returns:
            Whether the lock is held.

        Raises:
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
        """
        return (await self._ownership()).fence != self.INVALID_FENCE

    @operation
    async def is_locked_by_current_thread(self) -> bool:
        """Return True if the calling thread, or in the asyncio client the calling task, holds the lock.

        Returns:
            Whether the caller holds the lock.

        Raises:
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
        """
        hold = self._holds.get(self._caller_number())
        ownership = await self._ownership()
        return hold is not None and self._is_owner(hold, ownership)

    @operation
    async def get_lock_count(self) -> int:
        """Return how often the current owner has taken the lock.

        Returns:
            The number; 0 if the lock is free.

        Raises:
            LockOwnershipLostError: The caller held the lock and has lost it with its session.
        """
        return (await self._ownership()).lock_count

    async def _ownership(self) -> codec.GetLockOwnershipResponse:
        caller = self._caller_number()
        hold = self._holds.get(caller)
        held = hold is not None and hold.count > 0
        if held and hold is not None and hold.session_id != self._sessions.session_id(self._group_id):
            await self._fail(self._lost(caller, hold))
        ownership = await self._invoke(codec.GET_LOCK_OWNERSHIP.encode(self._group_id, self._object_name))
        if held and hold is not None and hold.count and not self._is_owner(hold, ownership):
            raise self._lost(caller, hold)
        return ownership

    @staticmethod
    def _is_owner(hold: _Hold, ownership: codec.GetLockOwnershipResponse) -> bool:
        return (ownership.session_id, ownership.thread_id) == (hold.session_id, hold.owner)

    @operation
    async def destroy(self) -> None:
        """Destroy the lock for good: its name cannot be used again in its group.

        Later calls fail with `DistributedObjectDestroyedError`.
        """
        await super().destroy()
        for caller, hold in list(self._holds.items()):
            self._lost(caller, hold)

    # ---------------------------------------------------------------------------------- what is known

    def _lost(self, caller: int, hold: _Hold) -> LockOwnershipLostError:
        """Forget a hold that was lost with its session, and return the error for it."""
        with self._lock:
            count, hold.count = hold.count, 0
            if self._holds.get(caller) is hold:
                del self._holds[caller]
        self._sessions.release(self._group_id, hold.session_id, count)
        return LockOwnershipLostError(f"the caller has lost {self!r}: the session by which it had it is over")

    def forget_session(self) -> None:
        """Mark the session of all holds as lost; owners get the error at their next call."""
        with self._lock:
            for hold in self._holds.values():
                hold.session_id = _LOST_SESSION

    def _settle(self, caller: int, hold: _Hold, *, count: int = 0, waiting: int = 0) -> None:
        """Update the counts of a hold, and forget it if nobody uses it any more."""
        with self._lock:
            hold.count += count
            hold.waiting += waiting
            if not hold.count and not hold.waiting and self._holds.get(caller) is hold:
                del self._holds[caller]


class AsyncFencedLock(FencedLockOperations, AsyncioFace):
    """A lock whose operations are coroutine methods and whose owners are tasks.

    `async with lock as fence:` holds it for a block.
    """

    async def is_locked_by_current_task(self) -> bool:
        """Return True if the calling task holds the lock.

        Returns:
            Whether the task holds the lock.

        Raises:
            LockOwnershipLostError: The task held the lock and has lost it with its session.
        """
        return await self.is_locked_by_current_thread()

    async def __aenter__(self) -> int:
        return await self.lock()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave(kind is not None)


class FencedLock(SessionAwareCPProxy["BlockingFencedLock"], FencedLockOperations):
    """A lock whose operations return a `Future` and whose owners are threads."""


class BlockingFencedLock(BlockingFace, FencedLock):
    """A lock whose operations block until they are done and whose owners are threads.

    `with lock as fence:` holds it for a block.
    """

    def __enter__(self) -> int:
        return self.lock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_blocking(self._async_face.leave(kind is not None))
