"""Results that arrive later, used from several threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from hzclient._runtime.pending import Pending
from hzclient.future import (
    Future,
    ImmediateExceptionFuture,
    ImmediateFuture,
    OperationFuture,
    combine_futures,
)
from tests.internals import private


def in_thread(function: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


# ------------------------------------------------------------------------------------------------ results


def test_a_result_is_set_once() -> None:
    future: Future[int] = Future()
    assert (future.done(), future.running(), future.is_success()) == (False, True, False)
    future.set_result(1)
    future.set_result(2)
    future.set_exception(ValueError())
    assert future.result() == 1
    assert (future.done(), future.running(), future.is_success()) == (True, False, True)
    assert future.exception() is None
    assert future.traceback() is None


def test_an_error_is_raised_with_its_traceback() -> None:
    future: Future[int] = Future()
    try:
        raise ValueError("no")
    except ValueError as error:
        future.set_exception(error)
        trace = error.__traceback__
    assert future.traceback() is trace
    assert isinstance(future.exception(), ValueError)
    assert not future.is_success()
    for _ in range(3):
        with pytest.raises(ValueError, match="no") as caught:
            future.result()
        # It does not grow with every look.
        assert len(caught.traceback) <= 4


def test_what_comes_second_leaves_no_traceback() -> None:
    failed: Future[int] = Future()
    failed.set_exception(ValueError("first"))
    succeeded: Future[int] = Future()
    succeeded.set_result(1)
    try:
        raise KeyError("second")
    except KeyError as error:
        failed.set_exception(error)
        succeeded.set_exception(error)
    assert failed.traceback() is None
    assert succeeded.traceback() is None


def test_an_error_must_be_an_exception() -> None:
    with pytest.raises(RuntimeError):
        Future().set_exception("no")  # type: ignore[arg-type]


def test_result_waits_for_another_thread() -> None:
    future: Future[str] = Future()
    waiting = threading.Event()

    def set_it() -> None:
        waiting.wait()
        future.set_result("here")

    thread = in_thread(set_it)
    waiting.set()
    assert future.result(timeout=20) == "here"
    thread.join()


def test_no_result_in_time() -> None:
    future: Future[int] = Future()
    with pytest.raises(TimeoutError, match="0.01"):
        future.result(timeout=0.01)
    with pytest.raises(TimeoutError):
        future.result(timeout=0)
    with pytest.raises(TimeoutError):
        future.result(timeout=-1)
    future.set_result(1)
    assert future.result(timeout=0) == 1


def test_a_timeout_may_be_longer_than_threads_can_wait() -> None:
    future: Future[int] = Future()
    timer = threading.Timer(0.01, future.set_result, [1])
    timer.start()
    assert future.result(timeout=float("inf")) == 1


def test_polling_leaves_nothing_behind() -> None:
    future: Future[int] = Future()
    for _ in range(50):
        with pytest.raises(TimeoutError):
            future.result(timeout=0)
    assert private(future, "_callbacks") == [None]  # as at the start


# ---------------------------------------------------------------------------------------------- callbacks


def test_callbacks_run_in_order_whatever_they_raise(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    def fail(future: Future[int]) -> None:
        seen.append("fail")
        raise ValueError("mine")

    future: Future[int] = Future()
    future.add_done_callback(lambda f: seen.append(f.result()))
    future.add_done_callback(fail)
    future.add_done_callback(lambda f: seen.append("last"))
    with caplog.at_level(logging.ERROR, "hzclient.future"):
        future.set_result(7)
        future.add_done_callback(fail)  # at once
    assert seen == [7, "fail", "last", "fail"]
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["mine", "mine"]


def test_not_even_an_exit_keeps_other_callbacks_from_running(caplog: pytest.LogCaptureFixture) -> None:
    def leave(_: object) -> None:
        raise SystemExit(3)

    future: Future[int] = Future()
    seen: list[int] = []
    future.add_done_callback(leave)
    future.add_done_callback(lambda f: seen.append(f.result()))
    future.set_result(1)
    assert seen == [1]
    assert "SystemExit" in caplog.text


def test_continuations() -> None:
    future: Future[int] = Future()
    doubled = future.continue_with(lambda f, factor: f.result() * factor, 2)
    chained = doubled.continue_with(lambda f: ImmediateFuture(f.result() + 1))
    failed = doubled.continue_with(lambda f: f.result() / 0)
    recovered = failed.continue_with(lambda f: type(f.exception()))
    chained_failure = doubled.continue_with(lambda _: ImmediateExceptionFuture(KeyError("k")))
    future.set_result(4)
    assert doubled.result() == 8
    assert chained.result() == 9
    assert recovered.result() is ZeroDivisionError
    assert failed.traceback() is not None
    with pytest.raises(KeyError):
        chained_failure.result()


def test_immediate_futures() -> None:
    done: ImmediateFuture[int] = ImmediateFuture(3)
    assert done.result() == 3
    failed = ImmediateExceptionFuture(ValueError("v"))
    with pytest.raises(ValueError):
        failed.result()
    for future in (done, failed):
        with pytest.raises(NotImplementedError):
            future.set_result(1)
        with pytest.raises(NotImplementedError):
            future.set_exception(ValueError())


# ---------------------------------------------------------------------------------------------- combining


def test_combined_results_keep_their_order() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    combined = combine_futures(futures)
    for number in (2, 0, 1):
        assert not combined.done()
        futures[number].set_result(number)
    assert combined.result() == [0, 1, 2]


def test_nothing_to_combine() -> None:
    assert combine_futures([]).result() == []


def test_the_first_error_wins_after_all_have_ended() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    combined = combine_futures(futures)
    futures[2].set_exception(KeyError("first"))
    futures[0].set_exception(ValueError("second"))
    assert not combined.done()
    futures[1].set_result(1)
    with pytest.raises(KeyError, match="first"):
        combined.result()


def test_combining_what_threads_complete() -> None:
    for _ in range(20):
        futures: list[Future[int]] = [Future() for _ in range(50)]
        combined = combine_futures(futures)

        def complete(some: list[Future[int]]) -> None:
            for future in some:
                future.set_result(1)

        threads = [in_thread(partial(complete, futures[part::4])) for part in range(4)]
        assert sum(combined.result(timeout=20)) == 50
        for thread in threads:
            thread.join()


# ---------------------------------------------------------------------------------------------- awaiting


async def test_futures_are_awaited_on_any_loop() -> None:
    future: Future[int] = Future()
    others = [
        asyncio.wrap_future(start_elsewhere(future)) for _ in range(3)
    ]  # each in a thread with its own loop
    mine = asyncio.ensure_future(_awaited(future))
    await asyncio.sleep(0)
    in_thread(lambda: future.set_result(5))
    assert await asyncio.gather(mine, *others) == [5, 5, 5, 5]
    assert await future == 5  # and once more


async def _awaited(future: Future[int]) -> int:
    return await future


def start_elsewhere(future: Future[int]) -> concurrent.futures.Future[int]:
    started: concurrent.futures.Future[int] = concurrent.futures.Future()
    in_thread(lambda: started.set_result(asyncio.run(_awaited(future))))
    return started


async def test_a_future_is_no_asyncio_future_but_gathers() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    gathered = asyncio.ensure_future(asyncio.wait_for(asyncio.gather(*futures), 20))
    await asyncio.sleep(0)
    for number, future in enumerate(futures):
        future.set_result(number)
    assert await gathered == [0, 1, 2]
    assert not asyncio.isfuture(futures[0])


def test_a_loop_that_is_closed_by_then_is_left_alone() -> None:
    future: Future[int] = Future()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_awaited(future), 0.01)

    asyncio.run(give_up())
    future.set_result(1)
    assert future.result() == 1


# --------------------------------------------------------------------------------------------- operations


def drive(steps: list[Pending[Any]], seen: list[Any]) -> OperationFuture[str]:
    """Await each of `steps`, as an operation."""

    async def operation() -> str:
        try:
            for step in steps:
                value = await step
                seen.append(value)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        return "end"

    return OperationFuture(operation())


def test_an_operation_goes_on_where_results_arrive() -> None:
    steps: list[Pending[Any]] = [Pending(), Pending()]
    seen: list[Any] = []
    future = drive(steps, seen)
    assert not future.done()
    for number, step in enumerate(steps):
        thread = in_thread(partial(step.set_result, number))
        thread.join()
    assert future.result() == "end"
    assert seen == [0, 1]


def test_what_is_wrong_with_a_call_is_raised_at_the_call() -> None:
    async def operation() -> None:
        raise AssertionError("None")

    with pytest.raises(AssertionError):
        OperationFuture(operation())


def test_later_errors_belong_to_the_future() -> None:
    async def operation() -> None:
        await step
        raise ValueError("later")

    step: Pending[None] = Pending()
    future = OperationFuture(operation())
    step.set_result(None)
    with pytest.raises(ValueError, match="later"):
        future.result()


def test_results_that_are_there_need_no_recursion() -> None:
    def done(value: int) -> Pending[int]:
        pending: Pending[int] = Pending()
        pending.set_result(value)
        return pending

    seen: list[Any] = []
    assert drive([done(n) for n in range(5000)], seen).result() == "end"
    assert seen == list(range(5000))


def test_cancelling_ends_the_waiting() -> None:
    steps: list[Pending[Any]] = [Pending()]
    seen: list[Any] = []
    future = drive(steps, seen)
    assert future.cancel()
    assert steps[0].cancelled()
    assert future.cancelled()
    assert seen == ["cancelled"]
    assert not future.cancel()
    steps[0].set_result("late")
    with pytest.raises(concurrent.futures.CancelledError):
        future.result()


async def test_cancelling_is_known_to_awaiting_tasks() -> None:
    future = drive([Pending()], [])
    task = asyncio.ensure_future(_awaited(future))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    in_thread(future.cancel)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.gather(task), 20)


async def test_cancelling_the_awaiting_task_cancels_the_call() -> None:
    steps: list[Pending[Any]] = [Pending()]
    future = drive(steps, [])
    task = asyncio.ensure_future(_awaited(future))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps[0].cancelled()


def test_what_cleans_up_after_cancelling_may_wait() -> None:
    clean_up: Pending[str] = Pending()
    seen: list[str] = []

    async def operation() -> None:
        try:
            await step
        finally:
            seen.append(await clean_up)

    step: Pending[None] = Pending()
    future = OperationFuture(operation())
    future.cancel()
    assert not future.done()
    clean_up.set_result("clean")
    assert seen == ["clean"]
    assert future.cancelled()


def test_cancelling_again_ends_the_cleaning_up_too() -> None:
    clean_up: Pending[str] = Pending()

    async def operation() -> None:
        try:
            await step
        finally:
            await clean_up

    step: Pending[None] = Pending()
    future = OperationFuture(operation())
    future.cancel()
    assert future.cancel()
    assert clean_up.cancelled()
    assert future.cancelled()


def test_cancelling_races_with_results() -> None:
    for _ in range(300):
        steps: list[Pending[Any]] = [Pending() for _ in range(5)]
        future = drive(steps, [])
        go = threading.Barrier(2)

        def feed(steps: list[Pending[Any]] = steps, go: threading.Barrier = go) -> None:
            go.wait()
            for step in steps:
                step.set_result(None)

        thread = in_thread(feed)
        go.wait()
        future.cancel()
        thread.join()
        assert future.wait(20)
        assert future.cancelled() or future.outcome() == "end"


def test_outcomes_race() -> None:
    for _ in range(300):
        future: Future[int] = Future()
        seen: list[int] = []
        go = threading.Barrier(3)

        def set_it(value: int, future: Future[int] = future, go: threading.Barrier = go) -> None:
            go.wait()
            future.set_result(value)

        threads = [in_thread(partial(set_it, value)) for value in (1, 2)]
        go.wait()
        future.add_done_callback(lambda f, seen=seen: seen.append(f.outcome()))  # type: ignore[misc]
        for thread in threads:
            thread.join()
        assert seen == [future.result()]


def test_an_operation_that_ended_keeps_nothing_alive() -> None:
    class Thing:
        pass

    async def operation(thing: Thing) -> None:
        await step

    step: Pending[None] = Pending()
    thing = Thing()
    gone = weakref.ref(thing)
    future = OperationFuture(operation(thing))
    del thing
    step.set_result(None)
    gc.collect()
    assert future.done()
    assert gone() is None


# --------------------------------------------------------------------------------------------------- repr


def test_a_pending_future_says_how_to_get_the_value() -> None:
    assert (
        repr(Future[int]())
        == "<Future pending: .result(), await or .blocking() of the structure gives the value>"
    )


def test_a_future_says_its_outcome() -> None:
    done, failed, cancelled = Future[Any](), Future[Any](), Future[Any]()
    done.set_result("value")
    failed.set_exception(ValueError("wrong"))
    cancelled.cancel()
    assert repr(done) == "<Future done: 'value'>"
    assert repr(failed) == "<Future failed: ValueError('wrong')>"
    assert repr(cancelled) == "<Future cancelled>"
    assert repr(ImmediateFuture(1)) == "<ImmediateFuture done: 1>"


def test_a_long_result_is_cut_in_the_repr() -> None:
    assert repr(ImmediateFuture("x" * 1000)) == "<ImmediateFuture done: '" + "x" * 199 + "…>"
