"""When the circuit breaker lets calls through."""

from __future__ import annotations

import logging
import pickle

import pytest

from hzclient.contrib._shared import CircuitBreaker, CircuitOpenError, is_unavailable
from hzclient.errors import ClientOfflineError, HazelcastSerializationError, IllegalArgumentError

AWAY = ClientOfflineError()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("the cluster", failures=3, pause=5.0, clock=clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.settle(breaker.admit(), AWAY)


def test_opens_after_consecutive_failures_only(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.settle(breaker.admit(), None)
    fail(breaker, 2)
    assert not breaker.is_open
    fail(breaker, 1)
    assert breaker.is_open
    with pytest.raises(CircuitOpenError, match=r"unavailable; the next attempt is in 5\.0 s"):
        breaker.admit()


def test_lets_one_probe_through_after_each_pause(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 5
    assert breaker.admit()
    with pytest.raises(CircuitOpenError):  # while the probe is under way
        breaker.admit()
    breaker.settle(True, AWAY)
    with pytest.raises(CircuitOpenError):  # the next pause
        breaker.admit()
    clock.now += 5
    assert breaker.admit()
    breaker.settle(True, None)
    assert not breaker.is_open
    assert not breaker.admit()


def test_a_late_success_of_an_earlier_call_does_not_close_it(breaker: CircuitBreaker) -> None:
    early = breaker.admit()
    fail(breaker, 3)
    breaker.settle(early, None)
    assert breaker.is_open


def test_an_error_that_a_member_sent_is_an_answer(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.settle(breaker.admit(), IllegalArgumentError("x"))
    fail(breaker, 2)
    assert not breaker.is_open


def test_a_probe_that_was_never_sent_leaves_its_turn_to_the_next_call(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 5
    breaker.settle(breaker.admit(), TypeError("cannot be serialized"), answered=False)
    assert breaker.is_open
    assert breaker.admit()


def test_logs_once_and_counts(
    breaker: CircuitBreaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hzclient.contrib"):
        fail(breaker, 3)
        for _ in range(4):
            with pytest.raises(CircuitOpenError):
                breaker.admit()
        clock.now += 5
        breaker.settle(breaker.admit(), AWAY)
        clock.now += 5
        breaker.settle(breaker.admit(), None)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "ERROR",
            "the cluster is unavailable, calls fail at once until it is back; last error: "
            "ClientOfflineError('The client is not connected to a cluster', None)",
        ),
        ("WARNING", "the cluster is available again after 10.0 s; 4 calls were refused so far"),
    ]
    assert breaker.statistics() == {"state": "closed", "calls": 9, "failed": 4, "refused": 4, "opened": 1}


@pytest.mark.parametrize(("options", "text"), [({"failures": 0}, "failures"), ({"pause": -1.0}, "pause")])
def test_refuses_limits_out_of_range(options: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        CircuitBreaker("x", **options)  # type: ignore[arg-type]


def test_which_errors_mean_unavailable() -> None:
    assert is_unavailable(AWAY)
    assert is_unavailable(TimeoutError())
    assert not is_unavailable(HazelcastSerializationError("x"))
    assert not is_unavailable(None)


def test_its_error_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(CircuitOpenError(2.5)))
    assert isinstance(copy, CircuitOpenError)
    assert str(copy) == "Hazelcast is unavailable; the next attempt is in 2.5 s"
