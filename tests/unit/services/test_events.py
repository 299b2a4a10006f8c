"""Event callbacks in threads of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from hzclient._runtime import workers
from hzclient._runtime.owned import OwnedRuntime
from hzclient._services.events import EventDispatcher
from hzclient.future import OperationFuture
from hzclient.serialization.compact import SchemaNotFoundError

SECONDS = 20.0

T = TypeVar("T")


async def without_schemas(decode: Callable[[], T]) -> T:
    return decode()


@pytest.fixture
def runtime() -> Iterator[OwnedRuntime]:
    runtime = OwnedRuntime("test")
    yield runtime
    runtime.stop()


@pytest.fixture
def dispatcher(runtime: OwnedRuntime) -> EventDispatcher:
    return EventDispatcher(runtime, 1000, without_schemas)


class Seen:
    """Collects events, and waits for a number of them."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self._arrived = threading.Condition()

    def add(self, event: Any) -> None:
        with self._arrived:
            self.events.append(event)
            self._arrived.notify_all()

    def wait(self, count: int) -> list[Any]:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.events) >= count, SECONDS)
        return self.events


def test_events_of_one_listener_keep_their_order(dispatcher: EventDispatcher) -> None:
    seen = Seen()
    queue = dispatcher.queue("a listener", seen.add)
    for number in range(1000):
        queue.put(number)
    assert seen.wait(1000) == list(range(1000))


def test_callbacks_run_in_a_thread_that_may_block(dispatcher: EventDispatcher) -> None:
    seen, gate = Seen(), threading.Event()

    def block(event: Any) -> None:
        gate.wait(SECONDS)
        seen.add(threading.current_thread().name)

    dispatcher.queue("a slow one", block).put(1)
    others = Seen()
    dispatcher.queue("another", others.add).put(1)
    others.wait(1)
    assert not seen.events
    gate.set()
    assert "hzclient-callbacks" in seen.wait(1)[0]


@pytest.mark.parametrize(
    "error", [ValueError(), SystemExit(2), KeyboardInterrupt(), asyncio.CancelledError()]
)
@pytest.mark.parametrize("coroutine", [False, True])
def test_whatever_is_raised_events_go_on(
    dispatcher: EventDispatcher, error: BaseException, coroutine: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if coroutine and isinstance(error, (SystemExit, KeyboardInterrupt)):
        # A task that exits ends the loop that runs it: asyncio leaves nobody a choice.
        return
    seen = Seen()

    def callback(event: Any) -> None:
        seen.add(event)
        raise error

    async def later(event: Any) -> None:
        callback(event)

    queue = dispatcher.queue("a listener", later if coroutine else callback)
    for number in range(3):
        queue.put(number)
    assert seen.wait(3) == [0, 1, 2]
    assert "The callback of a listener raised" in caplog.text


def test_coroutine_callbacks_run_on_the_loop_in_order(
    dispatcher: EventDispatcher, runtime: OwnedRuntime
) -> None:
    seen = Seen()

    async def later(event: int) -> None:
        await asyncio.sleep(0.01 if event == 0 else 0)
        seen.add((event, runtime.on_loop()))

    queue = dispatcher.queue("a listener", later)
    for number in range(3):
        queue.put(number)
    assert seen.wait(3) == [(0, True), (1, True), (2, True)]


def test_waiting_until_all_events_are_handled(dispatcher: EventDispatcher) -> None:
    gate, seen = threading.Event(), Seen()

    def callback(event: Any) -> None:
        gate.wait(SECONDS)
        seen.add(event)

    queue = dispatcher.queue("a listener", callback)
    assert OperationFuture(queue.drained()).done()
    for number in range(5):
        queue.put(number)
    drained = OperationFuture(queue.drained())
    assert not drained.done()
    gate.set()
    drained.result(SECONDS)
    assert seen.events == list(range(5))


def test_events_of_unknown_schemas_are_decoded_in_order(runtime: OwnedRuntime) -> None:
    known: set[int] = set()
    seen = Seen()

    async def decoded(decode: Callable[[], T]) -> T:
        try:
            return decode()
        except SchemaNotFoundError as missing:
            await runtime.sleep(0.01)
            known.add(missing.schema_id)
            return decode()

    def decode(event: int) -> None:
        if event == 1 and 77 not in known:
            raise SchemaNotFoundError(77)
        seen.add(event)

    dispatcher = EventDispatcher(runtime, 1000, decoded)
    queue = dispatcher.queue("a listener", decode)
    for number in range(3):
        queue.put(number)
    assert seen.wait(3) == [0, 1, 2]


def test_too_many_events(runtime: OwnedRuntime, caplog: pytest.LogCaptureFixture) -> None:
    dispatcher = EventDispatcher(runtime, 3, without_schemas)
    gate, busy, seen = threading.Event(), threading.Event(), Seen()

    def callback(event: Any) -> None:
        busy.set()
        gate.wait(SECONDS)
        seen.add(event)

    queue = dispatcher.queue("a listener", callback)
    queue.put(0)
    assert busy.wait(SECONDS)
    for number in range(1, 10):
        queue.put(number)
    gate.set()
    assert seen.wait(4) == [0, 7, 8, 9]
    assert "too slow" in caplog.text


def test_where_no_thread_can_be_started_the_next_event_tries_again(
    dispatcher: EventDispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    seen = Seen()
    queue = dispatcher.queue("a listener", seen.add)
    with monkeypatch.context() as patch:
        patch.setattr(workers, "launch_thread", fail)
        queue.put(1)
        assert OperationFuture(queue.drained()).done()
    assert "can't start new thread" in caplog.text
    queue.put(2)
    assert seen.wait(2) == [1, 2]
