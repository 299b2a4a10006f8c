"""The states of a client's life: who learns of them, and when."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from hzclient._runtime.faces import run_blocking
from hzclient._runtime.owned import OwnedRuntime
from hzclient._services.events import EventDispatcher
from hzclient._services.lifecycle import Lifecycle
from hzclient.future import OperationFuture
from hzclient.lifecycle import LifecycleService, LifecycleState
from tests.unit.services.test_events import without_schemas

SECONDS = 20.0

STATES = [
    LifecycleState.STARTING,
    LifecycleState.STARTED,
    LifecycleState.CONNECTED,
    LifecycleState.SHUTTING_DOWN,
    LifecycleState.DISCONNECTED,
    LifecycleState.SHUTDOWN,
]


@pytest.fixture
def lifecycle() -> Iterator[Lifecycle]:
    runtime = OwnedRuntime("test")
    yield Lifecycle(EventDispatcher(runtime, 1000, without_schemas), "a client", "1.2.3")
    runtime.stop()


def test_every_listener_is_told_all_states_in_order(lifecycle: Lifecycle) -> None:
    seen: list[list[str]] = [[], [], []]

    async def later(state: str) -> None:
        seen[2].append(state)

    for callback in (seen[0].append, seen[1].append, later):
        lifecycle.add_listener(callback)
    for state in STATES:
        lifecycle.fire(state)
    run_blocking(lifecycle.drained())
    assert seen == [STATES] * 3


def test_whoever_is_removed_is_told_nothing_more(lifecycle: Lifecycle) -> None:
    gone: list[str] = []
    there: list[str] = []
    registration = lifecycle.add_listener(gone.append)
    assert lifecycle.add_listener(there.append) != registration
    lifecycle.fire(STATES[0])
    run_blocking(lifecycle.drained())
    assert lifecycle.remove_listener(registration)
    assert not lifecycle.remove_listener(registration)
    assert not lifecycle.remove_listener("nobody")
    lifecycle.fire(STATES[1])
    run_blocking(lifecycle.drained())
    assert gone == STATES[:1]
    assert there == STATES[:2]


def test_whatever_a_listener_does_the_others_are_told(
    lifecycle: Lifecycle, caplog: pytest.LogCaptureFixture
) -> None:
    gate = threading.Event()
    told = threading.Event()

    def fail(state: str) -> None:
        raise ValueError("mine")

    lifecycle.add_listener(fail)
    lifecycle.add_listener(lambda _: gate.wait(SECONDS))
    lifecycle.add_listener(lambda _: told.set())
    lifecycle.fire(STATES[0])
    assert told.wait(SECONDS)
    drained = OperationFuture(lifecycle.drained())
    assert not drained.done()
    gate.set()
    drained.result(SECONDS)
    assert "The callback of a lifecycle listener raised" in caplog.text


def test_a_listener_may_add_and_remove_listeners(lifecycle: Lifecycle) -> None:
    seen: list[str] = []
    replaced = threading.Event()

    def replace(state: str) -> None:
        lifecycle.remove_listener(registration)
        lifecycle.add_listener(seen.append)
        replaced.set()

    registration = lifecycle.add_listener(replace)
    lifecycle.fire(STATES[0])
    assert replaced.wait(SECONDS)
    lifecycle.fire(STATES[1])
    run_blocking(lifecycle.drained())
    assert seen == STATES[1:2]


def test_each_state_is_logged(lifecycle: Lifecycle, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hzclient.lifecycle"):
        lifecycle.fire(LifecycleState.CONNECTED)
    assert caplog.messages == ["HazelcastClient a client (hzclient 1.2.3) is CONNECTED"]


def test_users_see_it_by_the_service(lifecycle: Lifecycle) -> None:
    service = LifecycleService(lifecycle)
    seen: list[str] = []
    assert not service.is_running()
    lifecycle.running = True
    assert service.is_running()
    registration = service.add_listener(seen.append)
    lifecycle.fire(LifecycleState.STARTED)
    run_blocking(lifecycle.drained())
    assert seen == ["STARTED"]
    assert service.remove_listener(registration)
    assert not service.remove_listener(registration)
