"""Calls on their way to one member: how many there may be, and who waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from hzclient._runtime.owned import OwnedRuntime
from hzclient._services.in_flight import InFlight, Ticket
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastOverloadError,
    OperationTimeoutError,
)
from hzclient.future import Future, OperationFuture
from tests.internals import private

SECONDS = 20.0
A, B = uuid4(), uuid4()


@pytest.fixture
def runtime() -> Iterator[OwnedRuntime]:
    runtime = OwnedRuntime("test")
    yield runtime
    runtime.stop()


def leave(places: InFlight, key: Any = A) -> None:
    """Give back the place of one of the calls that `enter` began."""
    leaving = next(ticket for its_key, ticket in _tickets if its_key == key and ticket.granted)
    places.leave(key, leaving)


_tickets: list[tuple[Any, Ticket]] = []


@pytest.fixture(autouse=True)
def forget_tickets() -> Iterator[None]:
    yield
    _tickets.clear()


def enter(runtime: OwnedRuntime, places: InFlight, key: Any = A) -> Future[None]:
    """Begins to enter, on the loop, where no thread is held."""

    async def on_loop() -> OperationFuture[None]:
        _tickets.append((key, Ticket()))
        return OperationFuture(places.enter(key, "Map.put", _tickets[-1][1]))

    return runtime.call(on_loop())


def is_empty(places: InFlight) -> bool:
    return not private(places, "_counts") and not private(places, "_waiting")


def test_calls_are_counted_by_member(runtime: OwnedRuntime) -> None:
    places = InFlight(runtime, 2, None)
    for key in (A, A, B, None):
        assert enter(runtime, places, key).done()
    with pytest.raises(HazelcastOverloadError, match=r"Map\.put: 2 calls"):
        enter(runtime, places).result(SECONDS)
    for key in (A, A, B, None):
        leave(places, key)
    assert is_empty(places)


def test_who_waited_longest_comes_first(runtime: OwnedRuntime) -> None:
    places = InFlight(runtime, 1, 1000.0)
    first, second, third = (enter(runtime, places) for _ in range(3))
    assert [each.done() for each in (first, second, third)] == [True, False, False]
    leave(places)
    second.result(SECONDS)
    assert not third.done()
    leave(places)
    third.result(SECONDS)
    leave(places)
    assert is_empty(places)


def test_who_gives_up_leaves_no_trace(runtime: OwnedRuntime) -> None:
    places = InFlight(runtime, 1, 1000.0)
    enter(runtime, places)
    gone, next_one = enter(runtime, places), enter(runtime, places)
    gone.cancel()
    assert gone.cancelled()
    leave(places)
    next_one.result(SECONDS)
    leave(places)
    assert is_empty(places)


def test_who_gives_up_with_a_place_in_hand_passes_it_on(
    runtime: OwnedRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = InFlight(runtime, 1, 1000.0)
    enter(runtime, places)
    gone, next_one = enter(runtime, places), enter(runtime, places)
    (ticket, _) = private(places, "_waiting")[A]
    # It is given the place, and cancelled before it learns of that.
    with monkeypatch.context() as patch:
        patch.setattr(ticket, "waiter", runtime.pending())
        leave(places)
    gone.cancel()
    next_one.result(SECONDS)
    leave(places)
    assert is_empty(places)


def test_too_late(runtime: OwnedRuntime) -> None:
    places = InFlight(runtime, 1, 0.01)
    enter(runtime, places)
    with pytest.raises(OperationTimeoutError, match=r"for 0\.01 s"):
        enter(runtime, places).result(SECONDS)
    leave(places)
    assert is_empty(places)


def test_the_end_of_the_client(runtime: OwnedRuntime) -> None:
    places = InFlight(runtime, 1, 1000.0)
    enter(runtime, places)
    waiting = enter(runtime, places)
    places.close()
    with pytest.raises(HazelcastClientNotActiveError):
        waiting.result(SECONDS)
    assert enter(runtime, places).done()  # to be refused by what it enters
    leave(places)
    leave(places)
    assert is_empty(places)
