"""A cluster that loses a member now and then while a model test runs, and how such a test runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

import hzclient
import hzclient.asyncio
from hzclient.future import Future
from hzclient.server import LocalCluster
from tests.integration.faces import FACES

T = TypeVar("T")

Call = Callable[..., Any]
"""Calls the operation of a name, with its arguments, and returns the result."""

SETTINGS = settings(
    max_examples=20,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    # Kills are scheduled by the total number of steps, so examples cannot be replayed and made smaller.
    phases=[Phase.generate],
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

KILL_EVERY = 400
"""Steps from one kill of the second member to the next."""
RESTART_AFTER = 100
"""Steps from a kill to the restart."""


def result_of(outcome: Any) -> Any:
    """Return the result of a call in a thread: that of its future, or what the blocking face returned."""
    return outcome.result() if isinstance(outcome, Future) else outcome


class Disturbed:
    """Two members, the second of which is killed and restarted again and again, and three clients.

    The first member always has a copy of all data, so acknowledged changes must survive.

    Args:
        cluster: The members.

    Attributes:
        future: The Future face of a client whose maps have near caches.
        blocking: A client without near caches.
        asyncio: A client without near caches. Its loop runs in a thread of its own.
    """

    def __init__(self, cluster: LocalCluster) -> None:
        options: dict[str, Any] = {
            "cluster_members": cluster.addresses,
            "cluster_name": cluster.cluster_name,
            "near_caches": {"*": {"reconciliation_interval": 1}},
        }
        self.future = hzclient.HazelcastClient(**options)
        options.pop("near_caches")
        self.blocking = hzclient.HazelcastClient(**options)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="asyncio face", daemon=True)
        self._thread.start()
        self.asyncio = self.on_loop(hzclient.asyncio.HazelcastClient.create_and_start(**options))
        self._cluster = cluster
        self._steps = 0
        self._failure: AssertionError | None = None

    def run(self, model: Callable[[Disturbed], RuleBasedStateMachine]) -> None:
        """Run a model test, and leave both members running."""
        self._steps, self._failure = 0, None
        try:
            run_state_machine_as_test(lambda: model(self), settings=SETTINGS)  # type: ignore[arg-type]
        except Flaky as error:  # when it ran again, no member was killed, and it did not fail
            raise self._failure or error from None
        finally:
            self._restart()

    def on_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop of the asyncio client, and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def structure(self, face: str, kind: str, name: str) -> Any:
        """Return a structure in a face.

        Args:
            face: One of `FACES`.
            kind: Kind of structure, as in `get_...`.
            name: Name of the structure.
        """
        found = getattr(getattr(self, face), f"get_{kind}")(name)
        if face == "asyncio":
            return self.on_loop(found)
        return found.blocking() if face == "blocking" else found

    def faces(self, kind: str, name: str) -> dict[str, Call]:
        """Return for each face how to call a structure's operations.

        Args:
            kind: Kind of structure, as in `get_...`.
            name: Name of the structure.
        """
        return {face: self._caller(self.structure(face, kind, name)) for face in FACES}

    def _caller(self, structure: Any) -> Call:
        def call(operation: str, *args: Any) -> Any:
            outcome = getattr(structure, operation)(*args)
            return self.on_loop(outcome) if asyncio.iscoroutine(outcome) else result_of(outcome)

        return call

    def step(self, settle: Callable[[], None]) -> bool:
        """Count a step, and kill or restart the second member if it is time.

        Args:
            settle: Called before a kill or restart and after a restart, to wait for what the structure
                does in the background.

        Returns:
            True if the member has been killed.
        """
        self._steps += 1
        phase = self._steps % KILL_EVERY
        if phase not in (0, RESTART_AFTER):
            return False
        try:
            settle()
            if phase == 0:
                self._cluster.members[1].kill()
                self._await_members(1)
            else:
                self._restart()
                settle()
        except AssertionError as error:
            self._failure = error
            raise
        return phase == 0

    def _restart(self) -> None:
        member = self._cluster.members[1]
        if not member.is_alive:
            member.start()
            self._await_members(2)
            eventually(self._is_balanced)

    def _await_members(self, count: int) -> None:
        services = [client.cluster_service for client in (self.future, self.blocking, self.asyncio)]
        eventually(lambda: all(len(service.get_members()) == count for service in services))

    def _is_balanced(self) -> bool:
        """Return whether each member owns half of the partitions: no more of them are handed over then."""
        service = self.blocking.partition_service
        count = service.get_partition_count()
        owned = Counter(service.get_partition_owner(each) for each in range(count))
        return len(owned) == 2 and min(owned.values()) >= count // 2

    def shutdown(self) -> None:
        """Shut the clients down."""
        self.on_loop(self.asyncio.shutdown())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        self.future.shutdown()
        self.blocking.shutdown()


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    """Wait in a thread until a check returns True."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"{check} did not become true in {seconds} s"
        time.sleep(0.005)
