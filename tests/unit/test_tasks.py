"""Calls in tasks: whatever asyncio does with a coroutine works with an operation, on both paths."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.errors import TargetDisconnectedError
from tests.unit.in_memory import PATHS, HeldMember

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


@pytest.fixture(params=PATHS)
async def member(request: pytest.FixtureRequest) -> HeldMember:
    """Return a client in memory, and the member that holds its requests."""
    return HeldMember(request.param)


async def test_a_cancelled_call_frees_its_place(member: HeldMember) -> None:
    call, other = asyncio.create_task(member.map.get("a")), asyncio.create_task(member.map.get("b"))
    await member.received(2)
    call.cancel("enough")
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(member.connection.calls) == 1
    member.respond("late", "value")
    assert await other == "value"
    assert not member.connection.calls


async def test_limits_of_time(member: HeldMember) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(member.map.get("k"), 0.001)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await member.map.get("k")
    assert not member.connection.calls
    call = asyncio.create_task(asyncio.wait_for(member.map.get("k"), 60))
    await member.received(3)
    member.respond("late", "late", "value")
    assert await call == "value"


async def test_gathered_calls_keep_their_order(member: HeldMember) -> None:
    calls = asyncio.gather(*(member.map.get(str(number)) for number in range(5)))
    await member.received(5)
    late = member.requests.pop(0)
    member.respond(1, 2, 3, 4)
    member.requests.append(late)
    member.respond(0)
    assert await calls == [0, 1, 2, 3, 4]


async def test_a_task_group_ends_the_other_calls_when_one_fails(member: HeldMember) -> None:
    async def fail() -> None:
        await member.map.get("first")
        raise ValueError("on purpose")

    calls: list[asyncio.Task[Any]] = []
    with pytest.raises(ExceptionGroup) as group:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())
            await member.received(1)
            calls += [tasks.create_task(member.map.get("k")) for _ in range(3)]
            await member.received(4)
            member.respond("value")
    assert [str(error) for error in group.value.exceptions] == ["on purpose"]
    assert all(call.cancelled() for call in calls)
    assert not member.connection.calls


async def test_nothing_is_sent_before_the_call_is_awaited(member: HeldMember) -> None:
    operation = member.map.get("k")
    assert asyncio.iscoroutine(operation)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert member.requests == []
    task = asyncio.create_task(operation, name="named")
    await member.received(1)
    member.respond("value")
    assert await task == "value"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks exist since Python 3.12")
async def test_an_eager_task_sends_at_once(member: HeldMember) -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
    try:
        task = asyncio.create_task(member.map.get("k"))
        assert len(member.connection.calls) == 1
        await member.received(1)
        member.respond("value")
        assert await task == "value"
    finally:
        loop.set_task_factory(None)


async def test_every_task_stays_in_its_context(member: HeldMember) -> None:
    seen: list[tuple[str, str]] = []

    async def call(name: str) -> None:
        variable.set(name)
        seen.append((name, variable.get()))
        await member.map.get(name)
        seen.append((name, variable.get()))
        variable.set(f"{name} later")
        await member.map.get(name)
        seen.append((name, variable.get()))

    tasks = [asyncio.create_task(call(name)) for name in "ab"]
    await member.received(2)
    loop = asyncio.get_running_loop()
    loop.call_soon(member.respond, 1, 2)  # no task runs there, so the tasks may be resumed in place
    await member.received(2 if member.requests else 0)
    while len(seen) < 4:
        await asyncio.sleep(0)
    await member.received(2)
    loop.call_soon(member.respond, 3, 4)
    await asyncio.gather(*tasks)
    assert sorted(seen[:2] + seen[2:4]) == [("a", "a"), ("a", "a"), ("b", "b"), ("b", "b")]
    assert sorted(seen[4:]) == [("a", "a later"), ("b", "b later")]
    assert variable.get() == "unset"


async def test_a_context_that_is_in_use_waits_its_turn(member: HeldMember) -> None:
    context = contextvars.copy_context()
    task = asyncio.create_task(member.map.get("k"), context=context)
    await member.received(1)
    context.run(member.respond, "value")
    assert await task == "value"


async def test_debug_mode(member: HeldMember) -> None:
    loop = asyncio.get_running_loop()
    before = loop.get_debug()
    loop.set_debug(True)
    try:
        calls = asyncio.gather(member.map.get("a"), member.map.get("b"))
        await member.received(2)
        loop.call_soon(member.respond, 1, 2)
        assert list(await calls) == [1, 2]
    finally:
        loop.set_debug(before)


async def test_a_call_that_is_never_awaited_warns(member: HeldMember) -> None:
    with pytest.warns(RuntimeWarning, match=r"coroutine '.*get' was never awaited"):
        _ = member.map.get("k")
        del _
        gc.collect()
    assert not member.connection.calls


async def test_a_call_cannot_be_awaited_twice(member: HeldMember) -> None:
    operation = member.map.get("k")
    task = asyncio.create_task(operation)
    await member.received(1)
    member.respond("value")
    assert await task == "value"
    with pytest.raises(RuntimeError, match="cannot reuse already awaited"):
        await operation


async def test_a_traceback_names_the_operation(member: HeldMember) -> None:
    call = asyncio.create_task(member.map.set("k", "v"))
    await member.received(1)
    member.connection.close("on purpose")
    with pytest.raises(TargetDisconnectedError) as failure:
        await call
    frames = traceback.extract_tb(failure.value.__traceback__)
    assert "set" in [frame.name for frame in frames]


async def test_user_code_may_close_the_connection_that_resumes_it(member: HeldMember) -> None:
    async def close() -> object:
        found = await member.map.get("k")
        member.connection.close("by its user")
        return found

    first, second = asyncio.create_task(close()), asyncio.create_task(member.map.get("k"))
    unanswered = asyncio.create_task(member.map.set("k", "v"))
    await member.received(3)
    piece = member.responses(1, 2)
    # The beginning of a third response is in the same piece.
    begun = piece + member.response(member.requests[0], None)[:9]
    room = member.connection.get_buffer(-1)
    room[: len(begun)] = begun
    asyncio.get_running_loop().call_soon(member.connection.buffer_updated, len(begun))
    assert [await first, await second] == [1, 2]
    with pytest.raises(TargetDisconnectedError):
        await unanswered
    assert not member.connection.alive
    assert not member.connection.calls


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return a loop that a test runs step by step."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_loop_costs_no_other_call_its_result(
    loop: asyncio.AbstractEventLoop, path: str, ending: type[BaseException]
) -> None:
    async def start() -> HeldMember:
        return HeldMember(path)

    held = loop.run_until_complete(start())

    async def interrupted() -> None:
        await held.map.get("first")
        raise ending

    tasks = [loop.create_task(interrupted()), *(loop.create_task(held.map.get("k")) for _ in range(3))]
    loop.run_until_complete(held.received(4))
    loop.call_soon(held.respond, 0, 1, 2)
    with pytest.raises(ending):
        loop.run_until_complete(asyncio.wait(tasks[:1]))
    assert loop.run_until_complete(asyncio.wait_for(asyncio.gather(*tasks[1:3]), 20)) == [1, 2]
    loop.call_soon(held.respond, 3)  # the reader is where it should be
    assert loop.run_until_complete(asyncio.wait_for(tasks[3], 20)) == 3
    assert isinstance(tasks[0].exception(), ending)
    assert not held.connection.calls
