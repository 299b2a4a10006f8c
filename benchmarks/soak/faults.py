"""The faults of a soak: one member after the other is killed, paused, restarted or added."""

from __future__ import annotations

import random
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hzclient.server import LocalCluster, Member

SHORT_PAUSE = (0.5, 3.0)
LONG_PAUSE = (6.0, 10.0)
"""Longer than the heartbeat timeout of the clients."""

_SAFE_SECONDS = 120.0

CONFIG = """
hazelcast:
  network:
    rest-api:
      enabled: true
      endpoint-groups:
        HEALTH_CHECK:
          enabled: true
  serialization:
    data-serializable-factories:
      - factory-id: 66
        class-name: hzclient.test.TestFactory
"""
"""Each structure has one backup, which is the default."""

PROPERTIES = {"hazelcast.operation.fail.on.indeterminate.state": "true"}
"""Otherwise members repeat operations that may have been carried out already."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that happened.

    Attributes:
        name: Name of the fault.
        began: Seconds since the start.
        ended: Seconds since the start at which all members were there again and the data was safe.
    """

    name: str
    began: float
    ended: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return asdict(self)


class Faults:
    """Lets faults happen.

    Args:
        cluster: The members.
        kinds: Those of `KINDS_OF_FAULTS` that happen.
        seed: Of the random choices.
        report: Called with each fault, when it is over.
    """

    def __init__(
        self, cluster: LocalCluster, kinds: Sequence[str], seed: int, report: Callable[[Fault], None]
    ) -> None:
        self._cluster = cluster
        self._random = random.Random(seed)
        self._report = report
        self._began = time.monotonic()
        self._size = len(cluster.members)
        self._kinds = kinds
        self._left: list[str] = []

    def run(self, until: float, rest: float, go_on: Callable[[], bool]) -> None:
        """Let faults happen, each a while after the one before, at least one.

        Args:
            until: Monotonic time from which on no further one begins.
            rest: Mean seconds between faults.
            go_on: Returns False if the run has to end before.
        """
        while True:
            _sleep(self._random.uniform(0.5, 1.5) * rest, go_on)
            if not go_on():
                return
            self._happen(self._next())
            if time.monotonic() > until:
                return

    def _next(self) -> str:
        """Return the next kind: all kinds in a random order, then again."""
        if not self._left:
            self._left = self._random.sample(list(self._kinds), len(self._kinds))
        return self._left.pop()

    def _happen(self, name: str) -> None:
        began = time.monotonic() - self._began
        KINDS_OF_FAULTS[name](self)
        self._wait_until_safe()
        self._report(Fault(f"member {name}", round(began, 1), round(time.monotonic() - self._began, 1)))

    def _victim(self) -> Member:
        return self._random.choice(
            [member for member in self._cluster.members[: self._size] if member.is_alive]
        )

    def kill(self) -> None:
        """SIGKILL; the others take over; then the member is started again."""
        member = self._victim()
        member.kill()
        time.sleep(self._random.uniform(2, 6))
        self._wait_until_safe()
        member.start()

    def restart(self) -> None:
        """SIGTERM: the member hands its data over. Then it is started again."""
        self._victim().restart()

    def pause(self, seconds: tuple[float, float]) -> None:
        """SIGSTOP for a random time between two numbers of seconds, then SIGCONT."""
        member = self._victim()
        member.pause()
        try:
            time.sleep(self._random.uniform(*seconds))
        finally:
            member.resume()

    def add(self) -> None:
        """One more member, which takes over partitions, and leaves again gracefully."""
        if len(self._cluster.members) > self._size:
            self._cluster.members[-1].start()
        else:
            self._cluster.start_member()
        self._wait_until_safe()
        time.sleep(self._random.uniform(2, 6))
        self._cluster.members[-1].stop()

    def _wait_until_safe(self) -> None:
        """Wait until each entry has its backup: only then another member may be lost."""
        deadline = time.monotonic() + _SAFE_SECONDS
        while not all(_is_safe(address) for address in self._cluster.addresses):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the cluster is not safe after {_SAFE_SECONDS:g} s: {self._cluster!r}")
            time.sleep(0.2)


KINDS_OF_FAULTS: dict[str, Callable[[Faults], None]] = {
    "killed": Faults.kill,
    "restarted": Faults.restart,
    "paused briefly": lambda faults: faults.pause(SHORT_PAUSE),
    "paused for long": lambda faults: faults.pause(LONG_PAUSE),
    "added": Faults.add,
}
"""What can happen to a member."""


def _is_safe(address: str) -> bool:
    url = f"http://{address}/hazelcast/health/cluster-safe"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _sleep(seconds: float, go_on: Callable[[], bool]) -> None:
    """Sleep, but no longer than the run goes on."""
    wake = time.monotonic() + seconds
    while time.monotonic() < wake and go_on():
        time.sleep(0.1)
