"""Answers that wait for their backups, by a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hzclient._runtime.pending import Pending
from hzclient._services.backups import BackupAcks
from hzclient.errors import HazelcastClientNotActiveError, IndeterminateOperationStateError

MESSAGE: Any = object()


class Clock:
    """Time, and timers that run when it has come."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, callback))

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [callback for at, callback in self.timers if at <= self.now]
        self.timers = [(at, callback) for at, callback in self.timers if at > self.now]
        for callback in due:
            callback()


class Bench:
    def __init__(self, *, fail: bool = False) -> None:
        self.clock = Clock()
        self.in_flight: set[int] = set()
        self.acks = BackupAcks(
            timeout=5.0,
            fail_when_late=fail,
            clock=lambda: self.clock.now,
            call_later=self.clock.call_later,
            in_flight=self.in_flight.__contains__,
        )

    def answer(self, correlation_id: int, count: int) -> Pending[Any]:
        waiter: Pending[Any] = Pending()
        self.acks.responded(correlation_id, count, waiter, MESSAGE)
        return waiter


def test_the_last_ack_completes_the_call() -> None:
    bench = Bench()
    waiter = bench.answer(1, 2)
    bench.acks.acked(1)
    assert not waiter.done()
    bench.acks.acked(1)
    assert waiter.outcome() is MESSAGE
    assert len(bench.acks) == 0


def test_acks_may_come_first() -> None:
    bench = Bench()
    bench.in_flight.add(1)
    bench.acks.acked(1)
    bench.acks.acked(1)
    assert len(bench.acks) == 1
    assert bench.answer(1, 2).outcome() is MESSAGE
    bench.acks.acked(1)  # one too many
    bench.in_flight.clear()
    bench.acks.acked(1)
    assert bench.answer(2, 1).done() is False


def test_acks_of_unknown_calls_are_dropped() -> None:
    bench = Bench()
    bench.acks.acked(1)
    assert len(bench.acks) == 0


def test_missing_acks_are_forgiven_in_time() -> None:
    bench = Bench()
    first = bench.answer(1, 1)
    bench.clock.advance(2.0)
    second = bench.answer(2, 1)
    bench.clock.advance(2.9)
    assert not first.done()
    bench.clock.advance(0.1)
    assert first.outcome() is MESSAGE
    assert not second.done()
    bench.clock.advance(2.0)
    assert second.outcome() is MESSAGE
    assert not bench.clock.timers
    third = bench.answer(3, 1)
    bench.clock.advance(5.0)
    assert third.done()


def test_missing_acks_fail_in_time() -> None:
    bench = Bench(fail=True)
    waiter = bench.answer(1, 3)
    bench.acks.acked(1)
    bench.clock.advance(5.0)
    with pytest.raises(IndeterminateOperationStateError, match=r"2 backup acks are missing after 5\.0 s"):
        waiter.outcome()


def test_calls_that_ended_otherwise_are_forgotten() -> None:
    bench = Bench()
    waiter = bench.answer(1, 1)
    waiter.cancel()
    bench.acks.forget(1)
    assert len(bench.acks) == 0
    bench.clock.advance(5.0)
    assert waiter.cancelled()
    bench.in_flight.add(2)
    bench.acks.acked(2)
    bench.acks.forget(2)
    assert len(bench.acks) == 0


def test_those_who_wait_fail_at_the_end() -> None:
    bench = Bench()
    waiters = [bench.answer(n, 1) for n in range(3)]
    bench.acks.fail_all(HazelcastClientNotActiveError())
    for waiter in waiters:
        with pytest.raises(HazelcastClientNotActiveError):
            waiter.outcome()
    bench.clock.advance(5.0)
    assert len(bench.acks) == 0


def test_what_a_lost_member_may_owe_is_awaited_only_briefly() -> None:
    bench = Bench()
    before = bench.answer(1, 1)
    bench.clock.advance(1.0)
    bench.acks.hurry()
    on_its_way = bench.answer(2, 1)
    bench.clock.advance(0.2)
    assert not before.done() and not on_its_way.done()
    bench.clock.advance(0.1)
    assert before.outcome() is on_its_way.outcome() is MESSAGE
    bench.clock.advance(5.0)
    later = bench.answer(3, 1)
    bench.clock.advance(4.9)
    assert not later.done()
    bench.clock.advance(0.2)
    assert later.done()


def test_hurrying_over_and_over_keeps_one_timer() -> None:
    bench = Bench()
    waiter = bench.answer(1, 1)
    for _ in range(100):
        bench.acks.hurry()
    bench.clock.advance(0.3)
    assert waiter.done()
    bench.clock.advance(10.0)
    assert not bench.clock.timers


def test_a_hurried_wait_names_its_length() -> None:
    bench = Bench(fail=True)
    waiter = bench.answer(1, 1)
    bench.clock.advance(1.0)
    bench.acks.hurry()
    bench.clock.advance(0.25)
    with pytest.raises(IndeterminateOperationStateError, match=r"1 backup acks are missing after 1\.25 s"):
        waiter.outcome()
