"""A cluster that loses a member now and then while a model test runs, and how such a test runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

import hzclient
from hzclient.server import LocalCluster

SETTINGS = settings(
    max_examples=20,
    stateful_step_count=50,
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


class Disturbed:
    """Two members, the second of which is killed and restarted again and again, and two clients.

    The first member always has a copy of all data, so acknowledged changes must survive.

    Args:
        cluster: The members.

    Attributes:
        future: The Future face of a client whose maps have near caches.
        blocking: A client without near caches.
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
        self._cluster = cluster
        self._steps = 0

    def run(self, model: Callable[[Disturbed], RuleBasedStateMachine]) -> None:
        """Run a model test, and leave both members running."""
        self._steps = 0
        try:
            run_state_machine_as_test(lambda: model(self), settings=SETTINGS)  # type: ignore[arg-type]
        finally:
            self._restart()

    def step(self, settle: Callable[[], None]) -> None:
        """Count a step, and kill or restart the second member if it is time.

        Args:
            settle: Called before a kill and after a restart, to wait for what the structure does in the
                background.
        """
        self._steps += 1
        if self._steps % KILL_EVERY == RESTART_AFTER:
            self._restart()
            settle()
        elif self._steps % KILL_EVERY == 0:
            settle()
            self._cluster.members[1].kill()
            self._await_members(1)

    def _restart(self) -> None:
        member = self._cluster.members[1]
        if not member.is_alive:
            member.start()
            self._await_members(2)
            eventually(self._is_balanced)

    def _await_members(self, count: int) -> None:
        services = self.future.cluster_service, self.blocking.cluster_service
        eventually(lambda: all(len(service.get_members()) == count for service in services))

    def _is_balanced(self) -> bool:
        """Return whether both members own a third of the partitions at least."""
        service = self.blocking.partition_service
        count = service.get_partition_count()
        owned = Counter(service.get_partition_owner(each) for each in range(count))
        return len(owned) == 2 and min(owned.values()) >= count // 3

    def shutdown(self) -> None:
        """Shut the clients down."""
        self.future.shutdown()
        self.blocking.shutdown()


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    """Wait in a thread until a check returns True."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"{check} did not become true in {seconds} s"
        time.sleep(0.005)
