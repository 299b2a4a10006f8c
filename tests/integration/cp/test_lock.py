"""FencedLock: fences, reentrance, ownership, sessions and abandoned waits, in all faces and both modes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hzclient.errors import (
    DistributedObjectDestroyedError,
    IllegalMonitorStateError,
    LockAcquireLimitReachedError,
    LockOwnershipLostError,
    OperationTimeoutError,
)
from hzclient.proxy.cp.fenced_lock import AsyncFencedLock
from tests.integration.cp.seen import CPFace
from tests.integration.faces import Seen, eventually, unique_name


@pytest.fixture
async def lock(cp: CPFace) -> AsyncIterator[Any]:
    """Return a lock in a group whose session no test of another kind uses."""
    lock = await cp.get("lock", f"{unique_name('lock')}@locks")
    yield lock
    await cp.leave_nothing(lock)


async def test_fences_grow_with_each_owner(lock: Any) -> None:
    first = await lock.lock()
    assert first > lock.target.INVALID_FENCE == 0
    assert await lock.unlock() is None
    second = await lock.try_lock()
    assert second > first
    await lock.unlock()


async def test_the_owner_may_take_it_again(cp: CPFace, lock: Any) -> None:
    fence = await lock.lock()
    assert await lock.lock() == fence
    assert await lock.try_lock(1) == fence
    assert await lock.get_lock_count() == 3
    assert cp.sessions_in_use(lock) == 3
    for left in (2, 1, 0):
        await lock.unlock()
        assert await lock.get_lock_count() == left
        assert await lock.is_locked() is (left > 0)
    assert cp.sessions_in_use(lock) == 0


async def test_locks_keep_others_away(cp: CPFace, lock: Any) -> None:
    fence = await lock.lock()
    assert await lock.is_locked_by_current_thread() is True

    async def somebody_else() -> None:
        assert await lock.is_locked() is True
        assert await lock.is_locked_by_current_thread() is False
        assert await lock.try_lock() == 0
        assert await lock.try_lock(-1) == 0
        assert await lock.try_lock(0.05) == 0
        with pytest.raises(IllegalMonitorStateError):
            await lock.unlock()

    await cp.as_somebody_else(somebody_else)

    async def wait_for_it() -> Any:
        later = await lock.lock()
        await lock.unlock()
        return later

    waiting = cp.start(wait_for_it)
    await lock.unlock()
    assert await asyncio.wait_for(waiting, 30) > fence
    assert cp.sessions_in_use(lock) == 0


async def test_an_owner_that_ended_is_nobody_else(cp: CPFace, lock: Any) -> None:
    async def take_and_end() -> None:
        await lock.lock()

    await cp.as_somebody_else(take_and_end)
    for _ in range(20):  # threads and tasks whose system identifiers are used again

        async def try_it() -> Any:
            return await lock.try_lock()

        assert await cp.as_somebody_else(try_it) == 0


async def test_unlock_without_lock(cp: CPFace, lock: Any) -> None:
    with pytest.raises(IllegalMonitorStateError):
        await lock.unlock()
    if cp.name == "future":
        future = lock.target.unlock()  # the error is the outcome of the call, not raised by it
        with pytest.raises(IllegalMonitorStateError):
            future.result()


async def test_limit(cp: CPFace) -> None:
    lock = await cp.get("lock", unique_name("limited"))
    fence = await lock.lock()
    assert await lock.lock() == fence
    with pytest.raises(LockAcquireLimitReachedError):
        await lock.lock()
    assert await lock.try_lock() == 0
    assert await lock.get_lock_count() == 2
    await lock.unlock()
    await lock.unlock()


@pytest.mark.parametrize(
    "name", ["lock", "try_lock", "unlock", "is_locked", "is_locked_by_current_thread", "get_lock_count"]
)
async def test_an_owner_learns_that_its_session_is_over(cp: CPFace, lock: Any, name: str) -> None:
    fence = await lock.lock()
    await cp.lose_session(lock)
    with pytest.raises(LockOwnershipLostError):
        await getattr(lock, name)()
    assert await lock.lock() > fence  # by a new session
    await lock.unlock()
    assert cp.sessions_in_use(lock) == 0


async def test_others_need_not_know_that_the_session_was_over(cp: CPFace, lock: Any) -> None:
    await lock.lock()
    await lock.unlock()
    await cp.lose_session(lock)
    assert await lock.lock() > 0
    await lock.unlock()
    await cp.lose_session(lock)
    assert await lock.try_lock(10) > 0
    await lock.unlock()


async def test_a_lock_taken_by_another_session_since(cp: CPFace, lock: Any) -> None:
    await lock.lock()
    await cp.lose_session(lock)

    async def take_it() -> Any:
        return await lock.lock()

    assert await cp.as_somebody_else(take_it) > 0
    for name in ("unlock", "unlock"):
        with pytest.raises((LockOwnershipLostError, IllegalMonitorStateError)):
            await getattr(lock, name)()
    assert await lock.is_locked() is True


async def test_blocks(cp: CPFace, lock: Any) -> None:
    if cp.name == "future":
        return await _check_block(cp, Seen(lock.target.blocking()))
    await _check_block(cp, lock)


async def _check_block(cp: CPFace, lock: Any) -> None:
    async with cp.entered(lock.target) as fence:
        assert fence > 0
        assert await lock.is_locked_by_current_thread()
        if isinstance(lock.target, AsyncFencedLock):
            assert await lock.is_locked_by_current_task()
    assert await lock.is_locked() is False
    with pytest.raises(ZeroDivisionError):
        async with cp.entered(lock.target):
            1 / 0  # noqa: B018
    assert await lock.is_locked() is False


def block_of(cp: CPFace, lock: Any) -> Any:
    """Return the lock as a context manager."""
    return lock.target.blocking() if cp.name == "future" else lock.target


async def test_an_interrupted_block_gives_the_lock_back(cp: CPFace, lock: Any) -> None:
    await cp.interrupt_inside(block_of(cp, lock))
    assert await lock.is_locked() is False
    await eventually(lambda: cp.sessions_in_use(lock) == 0)


async def test_a_block_whose_entry_is_interrupted_leaves_nothing(cp: CPFace, lock: Any) -> None:
    taken, let_go = threading.Event(), threading.Event()

    async def hold() -> None:
        await lock.lock()
        taken.set()
        await eventually(let_go.is_set, 60)
        await lock.unlock()

    holding = cp.start(hold)
    await eventually(taken.is_set)
    await cp.interrupt_entry(block_of(cp, lock), lambda: cp.sessions_in_use(lock) == 2)
    await eventually(lambda: cp.sessions_in_use(lock) == 1)
    let_go.set()
    await holding
    assert await lock.is_locked() is False
    assert await lock.try_lock() > 0
    await lock.unlock()
    await eventually(lambda: cp.sessions_in_use(lock) == 0)


async def test_a_wait_that_times_out_leaves_nothing(cp: CPFace, lock: Any) -> None:
    hurried = Seen(lock.target.with_timeout(0.1))

    async def take_it() -> Any:
        return await lock.lock()

    async def give_it() -> None:
        await lock.unlock()

    await cp.as_somebody_else(take_it)
    with pytest.raises(OperationTimeoutError):
        await hurried.lock()
    with pytest.raises(IllegalMonitorStateError):
        await hurried.unlock()
    await eventually(lambda: cp.sessions_in_use(lock) == 1)
    assert await lock.is_locked() is True


async def test_a_time_limit_that_is_met(cp: CPFace, lock: Any) -> None:
    patient = Seen(lock.target.with_timeout(30))
    assert await patient.lock() > 0
    assert await lock.is_locked_by_current_thread() is True  # both are the same lock
    await lock.unlock()


async def test_a_cancelled_wait_leaves_nothing(cp: CPFace, lock: Any) -> None:
    fence = await lock.lock()
    if cp.name == "blocking":
        return await lock.unlock()  # nothing there to be cancelled
    entered = asyncio.Event()

    async def wait() -> None:
        call = lock.lock()
        entered.set()
        await call

    for _ in range(3):
        if cp.name == "asyncio":
            waiting: Any = asyncio.create_task(wait())
            await entered.wait()
            await eventually(lambda: cp.sessions_in_use(lock) == 2)
        else:
            waiting = await asyncio.to_thread(lambda: lock.target.lock())
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await eventually(lambda: cp.sessions_in_use(lock) == 1)
    assert await lock.get_lock_count() == 1
    await lock.unlock()
    assert await lock.try_lock() > fence
    await lock.unlock()


async def test_a_cancelled_call_of_the_owner_counts_for_nothing(cp: CPFace, lock: Any) -> None:
    await lock.lock()
    if cp.name == "future":
        again = lock.target.lock()
        again.cancel()
        await asyncio.wait([asyncio.ensure_future(again)])
        if not again.is_success():
            await eventually(lambda: cp.sessions_in_use(lock) == 1)
        else:
            await lock.unlock()
    elif cp.name == "asyncio":
        me = asyncio.current_task()
        assert me is not None
        asyncio.get_running_loop().call_soon(me.cancel)
        with pytest.raises(asyncio.CancelledError):
            await lock.lock()
        me.uncancel()
        await eventually(lambda: cp.sessions_in_use(lock) == 1)
    assert await lock.get_lock_count() == 1
    await lock.unlock()
    assert await lock.is_locked() is False


async def test_one_proxy_for_a_name(cp: CPFace, lock: Any) -> None:
    again = await cp.get("lock", f" {lock.name} ")
    if cp.name != "blocking":
        assert again.target is lock.target
    await lock.lock()
    assert await again.is_locked_by_current_thread() is True
    await again.unlock()


async def test_destroy(cp: CPFace, lock: Any) -> None:
    await lock.lock()
    assert await lock.destroy() is None
    with pytest.raises(DistributedObjectDestroyedError):
        await lock.lock()
