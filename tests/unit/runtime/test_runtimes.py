"""The two runtimes: what they offer services and operations, and what remains when they end."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from functools import partial
from types import FrameType
from typing import Any, TypeVar

import pytest

from hzclient._environment import EVENT_LOOP
from hzclient._runtime.attached import AttachedRuntime
from hzclient._runtime.base import Runtime
from hzclient._runtime.faces import run_blocking
from hzclient._runtime.owned import OwnedRuntime, new_event_loop
from hzclient._runtime.pending import Pending
from hzclient._speed import hot
from hzclient.errors import HazelcastClientNotActiveError, OperationTimeoutError
from hzclient.future import OperationFuture
from tests.internals import private

T = TypeVar("T")

SECONDS = 20.0


@pytest.fixture(params=["asyncio", "uvloop"])
def owned(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnedRuntime]:
    monkeypatch.setenv(EVENT_LOOP, request.param)
    runtime = OwnedRuntime("test")
    yield runtime
    runtime.stop()


@pytest.fixture(params=["owned", "attached"])
async def runtime(request: pytest.FixtureRequest) -> AsyncIterator[Runtime]:
    """Both kinds; a Future, which works with both, drives the operations."""
    if request.param == "attached":
        yield AttachedRuntime()
        return
    runtime = OwnedRuntime("test")
    yield runtime
    runtime.stop()


async def _run(runtime: Runtime, operation: Coroutine[Any, Any, T]) -> T:
    """Run an operation as the runtime's client does."""
    return await (OperationFuture(operation) if runtime.owned else asyncio.create_task(operation))


async def give(value: T, *before: Awaitable[object]) -> T:
    for each in before:
        await each
    return value


# ------------------------------------------------------------------------------------------------ the loop


def test_which_loop_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in (("", "uvloop"), ("uvloop", "uvloop"), ("asyncio", "asyncio")):
        monkeypatch.setenv(EVENT_LOOP, name)
        loop = new_event_loop()
        assert type(loop).__module__.startswith(module)
        loop.close()
    monkeypatch.setenv(EVENT_LOOP, "twisted")
    with pytest.raises(ValueError, match="twisted"):
        new_event_loop()


def test_the_thread_is_a_daemon_and_ends(owned: OwnedRuntime) -> None:
    (thread,) = (each for each in threading.enumerate() if each.name == "hzclient-loop-test")
    assert thread.daemon
    owned.stop()
    assert not thread.is_alive()
    owned.stop()


def test_posts_of_many_threads_keep_their_order(owned: OwnedRuntime) -> None:
    seen: list[tuple[int, int]] = []
    everything = threading.Event()

    def take(thread: int, number: int) -> None:
        seen.append((thread, number))
        if len(seen) == 8 * 500:
            everything.set()

    def post(thread: int) -> None:
        for number in range(500):
            owned.post(take, thread, number)

    threads = [threading.Thread(target=post, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    assert everything.wait(SECONDS)
    for number in range(8):
        assert [n for thread, n in seen if thread == number] == list(range(500))


def test_what_is_posted_on_the_loop_runs_later(owned: OwnedRuntime) -> None:
    order: list[str] = []
    done = threading.Event()

    def first() -> None:
        owned.post(second)
        order.append("first")

    def second() -> None:
        order.append("second")
        done.set()

    owned.post(first)
    assert done.wait(SECONDS)
    assert order == ["first", "second"]


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(1)])
def test_what_a_post_raises_is_logged(
    owned: OwnedRuntime, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise error

    owned.post(fail)
    owned.post(done.set)
    assert done.wait(SECONDS)
    assert "raised on the loop" in caplog.text


def test_services_are_called_from_other_threads_only(owned: OwnedRuntime) -> None:
    async def where() -> bool:
        with pytest.raises(RuntimeError, match="own loop thread"):
            owned.call(give(1))
        return owned.on_loop()

    assert not owned.on_loop()
    assert owned.call(where())
    with pytest.raises(ZeroDivisionError):
        owned.call(fail_with(ZeroDivisionError()))


async def fail_with(error: BaseException) -> None:
    raise error


# -------------------------------------------------------------------------------------------------- waits


async def test_sleep(runtime: Runtime) -> None:
    assert await OperationFuture(give("up", runtime.sleep(0.01))) == "up"
    assert await OperationFuture(give("up", runtime.sleep(0))) == "up"
    await _settled(runtime)
    assert not private(runtime, "_sleeping")


async def _settled(runtime: Runtime) -> None:
    """Wait until everything posted so far has run."""
    for _ in range(3):
        await OperationFuture(runtime.on_loop_do(give(None)))
        await asyncio.sleep(0)


async def test_a_cancelled_sleep_is_forgotten(runtime: Runtime) -> None:
    sleeping = OperationFuture(give("up", runtime.sleep(1000)))
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    await _settled(runtime)
    assert not private(runtime, "_sleeping")


def interrupted_at(step: int, action: Callable[[], object], interruption: Callable[[], object]) -> bool:
    """Run `interruption` inside `action`, before an instruction of `Pending`.

    Args:
        step: Number of the instruction.
        action: What is interrupted.
        interruption: What the garbage collector or a signal may run at such a moment.

    Returns:
        False if `action` has no so many instructions.
    """
    left = step
    code = {function.__code__ for function in vars(Pending).values() if hasattr(function, "__code__")}

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code not in code:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == -1:
                interruption()
        return trace

    usual = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(usual)
    return left < 0


@pytest.mark.parametrize(
    "method", ["add_done_callback", "remove_done_callback", "set_result", "set_exception"]
)
def test_the_garbage_collector_may_use_the_client_at_any_moment(owned: OwnedRuntime, method: str) -> None:
    """A collection ends operations that were left half way, such as an iterator that notifies the member."""
    called: list[Pending[Any]] = []
    callback = called.append
    steps: list[int] = []

    def end_an_iterator() -> None:
        run_blocking(give(None, owned.sleep(0)))

    def interrupt_everywhere() -> None:
        for step in itertools.count():
            pending = owned.pending()
            pending.add_done_callback(callback)
            value = callback if method.endswith("callback") else ValueError()
            if not interrupted_at(step, partial(getattr(pending, method), value), end_an_iterator):
                return
            pending.cancel()
            steps.append(len(called))
            called.clear()

    user = threading.Thread(target=interrupt_everywhere, daemon=True)
    user.start()
    user.join(SECONDS)
    assert not user.is_alive()
    if hot is not None:  # compiled, a method is one step: there is no moment in between
        assert not steps
        return
    assert len(steps) > 5
    assert set(steps) == {{"add_done_callback": 2, "remove_done_callback": 0}.get(method, 1)}


async def test_gather_keeps_the_order(runtime: Runtime) -> None:
    gates = [runtime.pending() for _ in range(3)]
    gathered = OperationFuture(runtime.gather(give(n, gate) for n, gate in enumerate(gates)))
    for gate in reversed(gates):
        assert not gathered.done()
        gate.set_result(None)
    assert await gathered == [0, 1, 2]
    assert await OperationFuture(runtime.gather([])) == []
    assert await OperationFuture(runtime.gather([give(1)])) == [1]


async def test_gather_raises_after_all_have_ended(runtime: Runtime) -> None:
    gate = runtime.pending()
    ended: list[int] = []

    async def end_late() -> None:
        await gate
        ended.append(1)

    async def fail() -> None:
        await failed
        raise ValueError("one")

    failed = runtime.pending()
    gathered = OperationFuture(runtime.gather([end_late(), fail()]))
    failed.set_result(None)
    await asyncio.sleep(0)
    assert not gathered.done()
    gate.set_result(None)
    with pytest.raises(ValueError, match="one"):
        await gathered
    assert ended == [1]


async def test_gather_starts_nothing_after_a_first_step_that_failed(runtime: Runtime) -> None:
    started: list[str] = []

    async def start(name: str) -> None:
        started.append(name)

    async def all_of_them() -> None:
        with pytest.raises(ValueError, match="at once"):
            await runtime.gather([start("a"), fail_with(ValueError("at once")), start("b")])

    await OperationFuture(all_of_them())
    assert started == ["a"]


async def test_cancelling_a_gather_cancels_its_parts(runtime: Runtime) -> None:
    gates = [runtime.pending() for _ in range(3)]
    gathered = OperationFuture(runtime.gather(give(n, gate) for n, gate in enumerate(gates)))
    gathered.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gathered
    await asyncio.sleep(0)
    assert all(gate.done() for gate in gates)


async def test_within_the_time(runtime: Runtime) -> None:
    assert await OperationFuture(runtime.within(1000, give("in time"), TimeoutError)) == "in time"
    gate = runtime.pending()
    limited = OperationFuture(runtime.within(1000, give("in time", gate), TimeoutError))
    gate.set_result(None)
    assert await limited == "in time"
    await _settled(runtime)
    assert not private(runtime, "_sleeping")


async def test_too_late(runtime: Runtime) -> None:
    gate = runtime.pending()
    limited = OperationFuture(runtime.within(0.01, give("late", gate), lambda: OperationTimeoutError("late")))
    with pytest.raises(OperationTimeoutError, match="late"):
        await limited
    await asyncio.sleep(0)
    assert gate.done()


async def test_cancelled_within_the_time(runtime: Runtime) -> None:
    gate = runtime.pending()
    limited = OperationFuture(runtime.within(1000, give("late", gate), TimeoutError))
    limited.cancel()
    with pytest.raises(asyncio.CancelledError):
        await limited
    await asyncio.sleep(0)
    await _settled(runtime)
    assert gate.done()
    assert not private(runtime, "_sleeping")


# ---------------------------------------------------------------------------------- services and strangers


async def test_services_run_on_the_loop(runtime: Runtime) -> None:
    async def service() -> bool:
        await asyncio.sleep(0)
        return runtime.on_loop()

    async def outer() -> bool:
        return await service() and await runtime.on_loop_do(service())

    assert await _run(runtime, runtime.on_loop_do(outer()))


async def test_errors_of_services_reach_the_caller(runtime: Runtime) -> None:
    async def operation() -> None:
        with pytest.raises(ValueError, match="service"):
            await runtime.on_loop_do(fail_with(ValueError("service")))

    await OperationFuture(operation())


async def test_cancelling_reaches_the_service() -> None:
    runtime = OwnedRuntime("test")
    started, cancelled = threading.Event(), threading.Event()

    async def service() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    future = OperationFuture(runtime.on_loop_do(service()))
    assert started.wait(SECONDS)
    future.cancel()
    assert cancelled.wait(SECONDS)
    runtime.stop()


def test_interrupting_a_blocking_wait_reaches_the_service(owned: OwnedRuntime) -> None:
    cancelled = threading.Event()

    async def service() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    operation = owned.on_loop_do(service())
    operation.send(None)
    owned.call(asyncio.sleep(0))
    operation.close()  # what a blocking wait does when it is interrupted
    assert cancelled.wait(SECONDS)


async def test_what_a_stranger_cancels_is_no_cancelling_of_ours(runtime: Runtime) -> None:
    async def cancels_itself() -> None:
        raise asyncio.CancelledError

    async def operation() -> None:
        with pytest.raises(RuntimeError, match="cancelled itself"):
            await runtime.await_foreign(cancels_itself())

    await _run(runtime, operation())


async def test_work_that_blocks_is_done_elsewhere(runtime: Runtime) -> None:
    async def service() -> bool:
        return await runtime.run_in_thread(threading.get_ident) != threading.get_ident()

    assert await OperationFuture(runtime.on_loop_do(service()))


async def test_detached_operations(runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    async def operation() -> None:
        await runtime.sleep(0)
        loop.call_soon_threadsafe(done.set_result, "done")

    runtime.run_detached(operation)
    assert await asyncio.wait_for(done, SECONDS) == "done"


async def test_what_a_service_raises_is_logged(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    async def spawn() -> None:
        await asyncio.gather(runtime.spawn(fail_with(ValueError("mine")), "failing"), return_exceptions=True)

    await _run(runtime, runtime.await_foreign(spawn()))
    await _settled(runtime)
    assert "hzclient-failing failed" in caplog.text
    assert "hzclient-failing" not in {task.get_name() for task in private(runtime, "_tasks")}


# ---------------------------------------------------------------------------------------------- the end


def test_nothing_hangs_when_the_runtime_ends() -> None:
    runtime = OwnedRuntime("test")

    async def forever() -> None:
        await asyncio.Event().wait()

    waiting: dict[str, OperationFuture[Any]] = {
        "service": OperationFuture(runtime.on_loop_do(forever())),
        "sleep": OperationFuture(give(None, runtime.sleep(1000))),
    }
    runtime.stop()
    with pytest.raises(HazelcastClientNotActiveError):
        waiting["service"].result(timeout=SECONDS)
    assert waiting["sleep"].result(timeout=SECONDS) is None


def test_nothing_starts_after_the_end() -> None:
    runtime = OwnedRuntime("test")
    runtime.stop()
    with pytest.raises(HazelcastClientNotActiveError):
        runtime.sleep(1)
    with pytest.raises(HazelcastClientNotActiveError):
        run_blocking(runtime.on_loop_do(give(1)))
    runtime.post(print)
    assert not private(runtime, "_queue")


def test_whoever_comes_while_it_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers that see the runtime open, and hand something over after the loop has drained its queue."""
    runtime = OwnedRuntime("test")
    runtime.stop()
    runtime.closed = False
    post = runtime.post

    def end_first(callback: Callable[..., object], *args: Any) -> None:
        runtime.closed = True
        post(callback, *args)

    monkeypatch.setattr(runtime, "post", end_first)
    run_blocking(give(None, runtime.sleep(1000)))
    runtime.closed = False
    with pytest.raises(HazelcastClientNotActiveError):
        run_blocking(runtime.on_loop_do(give(1)))


def test_ending_races_with_callers() -> None:
    for _ in range(20):
        runtime = OwnedRuntime("test")
        ended = [0] * 4

        def call_until_it_ends(n: int, runtime: OwnedRuntime = runtime, ended: list[int] = ended) -> None:
            while True:
                try:
                    run_blocking(runtime.on_loop_do(give(1)))
                    run_blocking(give(1, runtime.sleep(0)))
                except HazelcastClientNotActiveError:
                    ended[n] = 1
                    return

        threads = [threading.Thread(target=call_until_it_ends, args=(n,), daemon=True) for n in range(4)]
        for thread in threads:
            thread.start()
        runtime.call(asyncio.sleep(0.005))
        runtime.stop()
        for thread in threads:
            thread.join(SECONDS)
        assert ended == [1] * 4


async def test_sleepers_are_woken(runtime: Runtime) -> None:
    sleeping = OperationFuture(give("up", runtime.sleep(1000)))
    await _settled(runtime)
    runtime.post(runtime.wake_sleepers)
    assert await sleeping == "up"


async def test_services_are_cancelled_and_waited_for(runtime: Runtime) -> None:
    ended: list[str] = []

    async def service() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("service")

    async def end_all() -> None:
        runtime.spawn(service(), "service")
        await asyncio.sleep(0)
        await runtime.cancel_tasks()

    await _run(runtime, runtime.await_foreign(end_all()))
    assert ended == ["service"]
