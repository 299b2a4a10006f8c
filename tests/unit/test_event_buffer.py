"""Events that wait for a consumer that takes them one by one."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from hzclient._runtime.faces import run_blocking
from hzclient._runtime.owned import OwnedRuntime
from hzclient.future import OperationFuture
from hzclient.proxy._event_buffer import EventBuffer

SECONDS = 20.0


@pytest.fixture
def runtime() -> Iterator[OwnedRuntime]:
    runtime = OwnedRuntime("test")
    yield runtime
    runtime.stop()


def test_events_are_taken_in_order_and_waited_for(runtime: OwnedRuntime) -> None:
    buffer: EventBuffer[int] = EventBuffer(runtime, "a stream", 10)
    for number in range(3):
        buffer.put(number)
    assert [run_blocking(buffer.next()) for _ in range(3)] == [0, 1, 2]
    waiting = OperationFuture(buffer.next())
    assert not waiting.done()
    buffer.put(3)
    assert waiting.result(SECONDS) == 3


def test_what_waits_is_taken_before_the_end(runtime: OwnedRuntime) -> None:
    buffer: EventBuffer[int] = EventBuffer(runtime, "a stream", 10)
    buffer.put(1)
    buffer.end()
    assert [run_blocking(buffer.next()) for _ in range(3)] == [1, None, None]
    waiting_buffer: EventBuffer[int] = EventBuffer(runtime, "a stream", 10)
    waiting = OperationFuture(waiting_buffer.next())
    waiting_buffer.end()
    assert waiting.result(SECONDS) is None


def test_who_reads_too_slowly_loses_the_oldest(
    runtime: OwnedRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    buffer: EventBuffer[int] = EventBuffer(runtime, "a stream", 3)
    for number in range(10):
        buffer.put(number)
    assert [run_blocking(buffer.next()) for _ in range(3)] == [7, 8, 9]
    assert not OperationFuture(buffer.next()).done()
    assert caplog.messages == [
        "a stream is read too slowly: 3 events wait, the oldest are dropped from now on",
        "a stream is read to its end; 7 events were dropped",
    ]
    with pytest.raises(ValueError, match="at least 1"):
        EventBuffer(runtime, "a stream", 0)


def test_the_garbage_collector_may_end_a_stream_while_another_waits(runtime: OwnedRuntime) -> None:
    ended: list[int] = []

    def leave_a_stream(number: int) -> None:
        def iterate() -> Generator[object, None, None]:
            buffer: EventBuffer[Any] = EventBuffer(runtime, "a stream that was left", 10)
            try:
                yield itself
            finally:
                buffer.end()
                ended.append(number)

        itself: list[object] = []
        iterator = iterate()
        itself.append(iterator)
        next(iterator)

    def read_another() -> None:
        buffer: EventBuffer[int] = EventBuffer(runtime, "a stream", 10)
        for number in range(20):  # objects that are made before the collector looks
            gc.disable()
            leave_a_stream(number)
            lists: list[list[object]] = [[] for _ in range(200)]  # so that none is free to be used again
            gc.set_threshold(gc.get_count()[0] + number)
            gc.enable()
            reading = OperationFuture(buffer.next())
            buffer.put(number)
            assert reading.result(SECONDS) == number
            del lists

    usual = gc.get_threshold()
    reader = threading.Thread(target=read_another, daemon=True)
    try:
        reader.start()
        reader.join(SECONDS)
    finally:
        gc.enable()
        gc.set_threshold(*usual)
    assert not reader.is_alive()
    gc.collect()
    assert sorted(ended) == list(range(20))
