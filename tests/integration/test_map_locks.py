"""Locks on keys of the map, in all faces."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hzclient.errors import IllegalMonitorStateError, OperationTimeoutError
from tests.integration.faces import Face, Seen, eventually
from tests.internals import engine_of


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_try_lock(face: Face, m: Any) -> None:
    async def somebody_else() -> tuple[bool, bool]:
        return await m.try_lock("k"), await m.try_lock("k", timeout=0.05)

    assert await m.try_lock("k") is True
    assert await m.try_lock("k", timeout=5) is True  # the lock is reentrant
    assert await face.as_somebody_else(somebody_else) == (False, False)
    await m.unlock("k")
    await m.unlock("k")
    assert await m.is_locked("k") is False


async def test_try_lock_with_a_lease(m: Any) -> None:
    assert await m.try_lock("k", lease_time=0.2) is True

    async def is_free() -> bool:
        return not await m.is_locked("k")

    await eventually(is_free)


async def test_force_unlock(face: Face, m: Any) -> None:
    await m.lock("k")

    async def somebody_else() -> None:
        await m.force_unlock("k")

    await face.as_somebody_else(somebody_else)
    assert await m.is_locked("k") is False
    with pytest.raises(IllegalMonitorStateError):
        await m.unlock("k")


async def test_lock_context(face: Face, m: Any) -> None:
    async with face.entered(m.lock_context("k")):
        assert await m.is_locked("k")
        async with face.entered(m.lock_context("k")):
            pass
        assert await m.is_locked("k")
    assert not await m.is_locked("k")


async def test_lock_context_gives_the_lock_back_after_an_error(face: Face, m: Any) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with face.entered(m.lock_context("k")):
            raise LookupError("mine")
    assert not await m.is_locked("k")


async def test_lock_context_raises_if_the_lease_has_ended(face: Face, m: Any) -> None:
    with pytest.raises(IllegalMonitorStateError):
        async with face.entered(m.lock_context("k", lease_time=0.1)):

            async def is_free() -> bool:
                return not await m.is_locked("k")

            await eventually(is_free)


async def test_lock_context_refuses_none(face: Face, m: Any) -> None:
    with pytest.raises(AssertionError):
        async with face.entered(m.lock_context(None)):
            pass


async def test_a_lock_that_is_granted_after_its_time_limit_is_released(face: Face, m: Any) -> None:
    await m.lock("k")

    async def somebody_else() -> None:
        impatient = Seen(m.target.with_timeout(0.2))
        with pytest.raises(OperationTimeoutError):
            await impatient.lock("k")
        with pytest.raises(OperationTimeoutError):
            await impatient.try_lock("k", timeout=60)

    await face.as_somebody_else(somebody_else)
    await m.unlock("k")  # its own requests are first in the queue
    assert await m.try_lock("k", timeout=10)
    await m.unlock("k")


@pytest.mark.parametrize("face", ["asyncio", "future"], indirect=True)
async def test_a_lock_that_is_granted_after_cancellation_is_released(face: Face, m: Any) -> None:
    await m.lock("k")

    async def somebody_else() -> None:
        waiting = asyncio.ensure_future(m.lock("k"))
        await asyncio.sleep(0)  # the task must wait for the call, which the Future face has sent already
        router = engine_of(face.client).router
        await asyncio.sleep(0)  # the task begins to wait, and so passes its cancellation on
        await eventually(router.calls_in_flight)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    await face.as_somebody_else(somebody_else)
    await m.unlock("k")
    assert await m.try_lock("k", timeout=10)
    await m.unlock("k")


async def test_a_lock_that_was_abandoned_leaves_the_owner_what_it_has(m: Any) -> None:
    """The owner of the lock gives up acquiring it a second time."""
    await m.lock("k")
    hurried = Seen(m.target.with_timeout(1e-9))
    try:
        await hurried.lock("k")
    except OperationTimeoutError:
        pass
    else:
        await m.unlock("k")  # the lock was granted in time after all
    assert await m.is_locked("k")
    await m.unlock("k")

    async def is_free() -> bool:
        return not await m.is_locked("k")

    await eventually(is_free)
