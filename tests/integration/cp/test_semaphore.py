"""Semaphore: permits with and without an owner, in all faces, on Raft groups and in unsafe mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hzclient.errors import HazelcastError, IllegalStateError, OperationTimeoutError
from tests.integration.cp.seen import CPFace
from tests.integration.faces import Seen, eventually, unique_name

KINDS = ("session", "jdk")


@pytest.fixture(params=KINDS)
async def semaphore(cp: CPFace, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Return one semaphore of each kind, in a group whose session no test of another kind uses."""
    semaphore = await cp.get("semaphore", f"{unique_name(request.param)}@semaphores")
    yield semaphore
    await cp.leave_nothing(semaphore)


def is_session_aware(semaphore: Any) -> bool:
    return str(semaphore.name).startswith("session")


def check_in_use(cp: CPFace, semaphore: Any, permits: int) -> None:
    assert cp.sessions_in_use(semaphore) == (permits if is_session_aware(semaphore) else 0)


async def in_use_comes_to(cp: CPFace, semaphore: Any, permits: int) -> None:
    """Wait for a number of permits in use: a call that was given up ends in the background."""
    expected = permits if is_session_aware(semaphore) else 0
    await eventually(lambda: cp.sessions_in_use(semaphore) == expected)


async def test_permits(cp: CPFace, semaphore: Any) -> None:
    assert await semaphore.available_permits() == 0
    assert await semaphore.init(5) is True
    assert await semaphore.init(7) is False
    assert await semaphore.acquire() is None
    assert await semaphore.acquire(2) is None
    assert await semaphore.available_permits() == 2
    check_in_use(cp, semaphore, 3)
    assert await semaphore.try_acquire(3) is False
    assert await semaphore.try_acquire(3, 0.05) is False
    assert await semaphore.try_acquire(3, -1) is False
    assert await semaphore.try_acquire(2) is True
    check_in_use(cp, semaphore, 5)
    assert await semaphore.release() is None
    assert await semaphore.release(4) is None
    assert await semaphore.available_permits() == 5
    check_in_use(cp, semaphore, 0)


async def test_draining(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(2000)
    assert await semaphore.drain_permits() == 2000
    check_in_use(cp, semaphore, 2000)
    assert await semaphore.drain_permits() == 0
    check_in_use(cp, semaphore, 2000)
    await semaphore.release(2000)
    check_in_use(cp, semaphore, 0)


async def test_changing_the_number(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(5)
    assert await semaphore.reduce_permits(7) is None
    assert await semaphore.available_permits() == -2
    assert await semaphore.increase_permits(3) is None
    assert await semaphore.available_permits() == 1
    await semaphore.reduce_permits(0)
    await semaphore.increase_permits(0)
    assert await semaphore.available_permits() == 1
    check_in_use(cp, semaphore, 0)


async def test_waiting(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(1)
    await semaphore.acquire()

    async def wait() -> Any:
        return await semaphore.acquire()

    async def try_and_wait() -> Any:
        return await semaphore.try_acquire(1, 60)

    waiting = [cp.start(wait), cp.start(try_and_wait)]
    await semaphore.increase_permits(2)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 30) == [None, True]
    assert await semaphore.available_permits() == 0


@pytest.mark.only(cp=["future"])  # only futures let one caller wait for several things
async def test_many_waits_of_one_caller(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(0)
    waiting = [semaphore.target.acquire() for _ in range(3)]
    await semaphore.increase_permits(3)
    for future in waiting:
        assert await asyncio.wait_for(future, 30) is None


async def test_releasing_more_than_one_has(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(3)
    if is_session_aware(semaphore):
        with pytest.raises(IllegalStateError):
            await semaphore.release()
        await semaphore.acquire()
        with pytest.raises(HazelcastError):
            await semaphore.release(2)
        check_in_use(cp, semaphore, 1)  # still kept alive by heartbeats
        await semaphore.release()
    else:
        await semaphore.release()
        assert await semaphore.available_permits() == 4


@pytest.mark.only(semaphore=["session"])
async def test_a_session_that_is_over(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(3)
    await semaphore.acquire(2)
    await cp.lose_session(semaphore)
    assert await semaphore.available_permits() == 3
    with pytest.raises(IllegalStateError):
        await semaphore.release(2)
    await semaphore.acquire()  # by a new session
    await cp.lose_session(semaphore)
    assert await semaphore.try_acquire(1, 10) is True
    await cp.lose_session(semaphore)
    assert await semaphore.drain_permits() == 3
    await cp.lose_session(semaphore)
    with pytest.raises(IllegalStateError):
        await semaphore.reduce_permits(1)
    await semaphore.reduce_permits(1)
    assert await semaphore.available_permits() == 2


async def test_blocks(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(3)
    async with cp.entered(semaphore.permits(2)):
        assert await semaphore.available_permits() == 1
    with pytest.raises(ZeroDivisionError):
        async with cp.entered(semaphore.permits()):
            1 / 0  # noqa: B018
    assert await semaphore.available_permits() == 3


async def test_an_interrupted_block_gives_its_permits_back(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(3)
    await cp.interrupt_inside(semaphore.permits(2))
    assert await semaphore.available_permits() == 3
    await in_use_comes_to(cp, semaphore, 0)


async def test_a_block_whose_entry_is_interrupted_leaves_nothing(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(2)
    await semaphore.acquire()
    waits = (lambda: cp.sessions_in_use(semaphore) == 3) if is_session_aware(semaphore) else (lambda: True)
    await cp.interrupt_entry(semaphore.permits(2), waits)
    await semaphore.release()

    async def all_free() -> bool:
        return bool(await semaphore.available_permits() == 2)

    await eventually(all_free)
    if is_session_aware(semaphore):
        await eventually(lambda: cp.sessions_in_use(semaphore) == 0)


async def test_a_wait_that_times_out_leaves_nothing(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(1)
    await semaphore.acquire()
    hurried = Seen(semaphore.target.with_timeout(0.1))
    with pytest.raises(OperationTimeoutError):
        await hurried.acquire()
    await semaphore.increase_permits(1)
    await eventually(lambda: semaphore.try_acquire())
    assert await semaphore.available_permits() == 0
    await in_use_comes_to(cp, semaphore, 2)


@pytest.mark.only(cp=["asyncio", "future"])  # a blocking call has nothing to be cancelled
async def test_a_cancelled_wait_leaves_nothing(cp: CPFace, semaphore: Any) -> None:
    await semaphore.init(2)
    await semaphore.acquire()
    call = semaphore.target.acquire(2)
    waiting: Any = asyncio.create_task(call) if cp.name == "asyncio" else call
    await asyncio.sleep(0)  # lets the task begin
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if is_session_aware(semaphore):
        await eventually(lambda: cp.sessions_in_use(semaphore) == 1)
    await semaphore.release()

    async def all_free() -> bool:
        return bool(await semaphore.available_permits() == 2)

    await eventually(all_free)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("init", (-1,)),
        ("acquire", (0,)),
        ("acquire", ("1",)),
        ("try_acquire", (0,)),
        ("try_acquire", (1, "1")),
        ("release", (0,)),
        ("reduce_permits", (-1,)),
        ("increase_permits", (-1,)),
    ],
)
async def test_wrong_arguments(cp: CPFace, name: str, arguments: tuple[Any, ...]) -> None:
    semaphore = await cp.get("semaphore")
    with pytest.raises(AssertionError):
        await getattr(semaphore, name)(*arguments)
