"""Each mark in each face, with an owned loop."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from hzclient._runtime.faces import (
    AsyncioFace,
    BlockingFace,
    FutureFace,
    blocking_operation,
    context_manager,
    immediate,
    operation,
    run_blocking,
    stream,
)
from hzclient._runtime.operations import CallingOperations
from hzclient._runtime.owned import OwnedRuntime
from hzclient._runtime.pending import Pending

SECONDS = 20.0


class ToyOperations(CallingOperations):
    """Doubles numbers, after a turn on the loop."""

    def __init__(self, runtime: OwnedRuntime) -> None:
        self.name = "toy"
        self.runtime = self._runtime = runtime
        self.seen: list[Any] = []
        self.threads: list[int] = []

    @operation
    async def double(self, number: int, *, times: int = 1) -> int:
        """Doubles."""
        self.threads.append(threading.get_ident())
        if number < 0:
            raise AssertionError("negative")
        for _ in range(times):
            await self.runtime.sleep(0)
            number *= 2
        self.threads.append(threading.get_ident())
        return number

    @operation
    async def double_twice(self, number: int) -> int:
        return await self.double(await self.double(number))

    @operation
    async def wait(self, gate: Pending[Any]) -> Any:
        try:
            return await gate
        except BaseException as error:
            self.seen.append(type(error))
            raise

    @blocking_operation
    async def destroy(self, flag: bool = True) -> bool:
        await self.runtime.sleep(0)
        return flag

    @immediate
    def half(self, number: int) -> int:
        return number // 2

    @stream
    async def count(self, limit: int, fail_at: int = -1) -> AsyncGenerator[int, None]:
        try:
            for number in range(limit):
                if number == fail_at:
                    raise ValueError("count")
                await self.runtime.sleep(0)
                yield number
        finally:
            await self.runtime.sleep(0)
            self.seen.append("closed")

    @stream
    async def hang(self, gate: Pending[Any]) -> AsyncGenerator[int, None]:
        try:
            yield 1
            await gate
        finally:
            await self.runtime.sleep(0)
            self.seen.append("closed")

    @context_manager
    async def held(self, name: str) -> AsyncGenerator[str, None]:
        await self.runtime.sleep(0)
        self.seen.append("enter")
        try:
            yield name.upper()
        except KeyError:
            self.seen.append("swallowed")
        finally:
            await self.runtime.sleep(0)
            self.seen.append("leave")


class AsyncToy(ToyOperations, AsyncioFace): ...


class Toy(FutureFace, ToyOperations): ...


class BlockingToy(BlockingFace, ToyOperations): ...


@pytest.fixture
def core() -> Iterator[AsyncToy]:
    runtime = OwnedRuntime("test")
    yield AsyncToy(runtime)
    runtime.stop()


@pytest.fixture
def future_toy(core: AsyncToy) -> Toy:
    return Toy(core)


@pytest.fixture
def toy(core: AsyncToy) -> BlockingToy:
    return BlockingToy(core)


# --------------------------------------------------------------------------------------------- operations


def test_results_in_each_face(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    assert core.runtime.call(core.double(1, times=2)) == 4
    assert future_toy.double(1, times=2).result(SECONDS) == 4
    assert toy.double(1, times=2) == 4
    assert future_toy.double_twice(1).result(SECONDS) == toy.double_twice(1) == 4


def test_where_steps_run(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    me = threading.get_ident()
    toy.double(1)
    assert core.threads == [me, me]
    core.threads.clear()
    future_toy.double(1).result(SECONDS)
    assert core.threads[0] == me != core.threads[1]


def test_wrong_calls_are_refused_at_the_call(future_toy: Toy, toy: BlockingToy) -> None:
    for face in (future_toy, toy):
        with pytest.raises(AssertionError, match="negative"):
            face.double(-1)
        with pytest.raises(TypeError):
            face.double(1, 2)  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            face.count(1, 2, 3)  # type: ignore[call-arg]


def test_what_blocks_in_the_future_face_too(future_toy: Toy, toy: BlockingToy) -> None:
    assert future_toy.destroy() is True
    assert toy.destroy(flag=False) is False


def test_what_never_waits(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    assert core.half(8) == future_toy.half(8) == toy.half(8) == 4


def test_names_and_docs_are_kept(future_toy: Toy, toy: BlockingToy) -> None:
    assert BlockingToy.double.__doc__ == AsyncToy.double.__doc__ == "Doubles."
    assert toy.double.__name__ == future_toy.double.__name__ == "double"
    assert repr(future_toy) == 'Toy(name="toy")'


def test_a_subclass_may_say_itself_what_a_method_does(core: AsyncToy) -> None:
    class Tripling(FutureFace, ToyOperations):
        def half(self, number: int) -> int:
            return number * 3

    assert Tripling(core).half(2) == 6


# -------------------------------------------------------------------------------------- blocking, interrupted


def test_blocking_calls_nest(core: AsyncToy, toy: BlockingToy) -> None:
    async def outer() -> int:
        inner = toy.double(4)  # as a serializer of the user's may
        await core.runtime.sleep(0)
        return inner

    assert run_blocking(outer()) == 8


def test_no_blocking_on_the_loop(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    async def block() -> None:
        for call in (lambda: toy.double(1), future_toy.destroy, lambda: next(toy.count(1))):
            with pytest.raises(RuntimeError, match="own loop thread"):
                call()

    core.runtime.call(block())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Install Python's handler for interrupts, which background jobs of a shell start without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_soon(seconds: float = 0.05) -> None:
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(seconds, signal.pthread_kill, (main, signal.SIGINT)).start()


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_wait_ends_the_operation(core: AsyncToy, toy: BlockingToy) -> None:
    gate = core.runtime.pending()
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        toy.wait(gate)
    assert core.seen == [KeyboardInterrupt]
    gate.set_result("late")
    assert toy.double(1) == 2


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_stream_ends(core: AsyncToy, toy: BlockingToy) -> None:
    items = toy.hang(core.runtime.pending())
    assert next(items) == 1
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        next(items)
    assert core.seen == ["closed"]


# ------------------------------------------------------------------------------------------------- streams


def test_streams_block(core: AsyncToy, toy: BlockingToy) -> None:
    assert list(toy.count(3)) == [0, 1, 2]
    assert core.seen == ["closed"]


async def test_streams_of_futures(core: AsyncToy, future_toy: Toy) -> None:
    assert [number async for number in future_toy.count(3)] == [0, 1, 2]
    assert core.seen == ["closed"]


def test_leaving_a_stream_closes_it(core: AsyncToy, toy: BlockingToy) -> None:
    for _ in toy.count(1000):
        break
    gc.collect()
    assert core.seen == ["closed"]


async def test_leaving_a_stream_of_futures_closes_it(core: AsyncToy, future_toy: Toy) -> None:
    numbers: Any = future_toy.count(1000)
    assert await anext(numbers) == 0
    await numbers.aclose()
    assert core.seen == ["closed"]


async def test_errors_of_streams(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    seen = []
    with pytest.raises(ValueError, match="count"):
        for number in toy.count(3, fail_at=1):
            seen.append(number)  # noqa: PERF402
    with pytest.raises(ValueError, match="count"):
        async for number in future_toy.count(3, fail_at=1):
            seen.append(number)  # noqa: PERF401
    assert seen == [0, 0]
    assert core.seen == ["closed", "closed"]


async def test_cancelling_a_stream(core: AsyncToy, future_toy: Toy) -> None:
    gate = core.runtime.pending()

    async def iterate() -> None:
        async for _ in future_toy.hang(gate):
            started.set()

    started = asyncio.Event()
    task = asyncio.create_task(iterate())
    await asyncio.wait_for(started.wait(), SECONDS)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.cancelled()
    assert core.seen == ["closed"]


# -------------------------------------------------------------------------------------------------- scopes


async def test_scopes(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    with toy.held("a") as value:
        core.seen.append(value)
    async with future_toy.held("b") as value:
        core.seen.append(value)
    assert core.seen == ["enter", "A", "leave", "enter", "B", "leave"]


async def test_errors_in_scopes(core: AsyncToy, future_toy: Toy, toy: BlockingToy) -> None:
    with pytest.raises(ValueError), toy.held("a"):
        raise ValueError
    with pytest.raises(ValueError):
        async with future_toy.held("a"):
            raise ValueError
    assert core.seen == ["enter", "leave"] * 2
    core.seen.clear()
    with toy.held("a"):
        raise KeyError
    async with future_toy.held("a"):
        raise KeyError
    assert core.seen == ["enter", "swallowed", "leave"] * 2


async def test_a_block_entered_for_a_caller_who_is_gone_is_left() -> None:
    told: list[str] = []

    class Operations:
        name = "toy"
        gate: Pending[None]

        @context_manager
        async def block(self) -> AsyncGenerator[None, None]:
            await self.gate
            told.append("entered")
            try:
                yield
            finally:
                told.append("left")

    class AsyncOperations(Operations, AsyncioFace):
        _lock = threading.Lock()

    class FutureOperations(FutureFace, Operations): ...

    core = AsyncOperations()
    core.gate = Pending()

    async def enter() -> None:
        async with FutureOperations(core).block():
            raise AssertionError("its caller is gone")

    task = asyncio.create_task(enter())
    await asyncio.sleep(0)
    core.gate.set_result(None)  # entered now, and the task is cancelled before it has resumed
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["entered", "left"]
