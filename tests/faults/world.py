"""What all callers of a run share: its phases, the cluster's state, and what they found out."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Any

import hzclient
from benchmarks.soak.lag import Lag
from hzclient.errors import HazelcastError
from tests.integration.faces import unique_name

DEADLINE = 3.0
"""Seconds after which a call ends: `with_timeout`."""

TOLERANCE = 1.0
"""Seconds after its deadline in which a call must have ended."""

GUARD = 60.0
"""Seconds after which a caller gives up waiting for a call. The call has failed the test long before."""


class Phase(IntEnum):
    """What callers do."""

    PREPARE = 0
    WORK = 1
    REST = 2
    CHECK = 3
    LEAVE = 4


class CallFailed(Exception):
    """A call ended with an error of the client."""


class Tally:
    """Outcomes of the calls of one kind in one face.

    Attributes:
        calls: Number of calls.
        good: Number of steps in which all calls succeeded.
        errors: Number of failed calls by class and text of the error.
        longest: Duration of the longest call in seconds.
        outage: Longest time without a good step, from the beginning of the fault on.
        problems: What must not have happened.

    Args:
        world: The run.
        kind: Kind of operations.
        face: Name of the face.
    """

    def __init__(self, world: World, kind: str, face: str) -> None:
        self.kind = kind
        self.face = face
        self.calls = 0
        self.good = 0
        self.errors: Counter[str] = Counter()
        self.longest = 0.0
        self.outage = 0.0
        self.problems: list[str] = []
        self._world = world
        self._last_good = time.monotonic()

    def __repr__(self) -> str:
        return f"{self.kind}/{self.face}"

    @property
    def failed(self) -> int:
        """Number of calls that failed."""
        return sum(self.errors.values())

    def problem(self, text: str) -> None:
        """Note what must not have happened."""
        if len(self.problems) < 20:
            self.problems.append(text)

    async def call(self, make: Callable[[], Awaitable[Any]], deadline: float | None = DEADLINE) -> Any:
        """Make a call, and check that it has an outcome in time.

        Args:
            make: Makes the call. In the blocking face, the call is over when this returns.
            deadline: Seconds in which it must end, with `TOLERANCE`; None for calls without a limit.

        Returns:
            The result.

        Raises:
            CallFailed: The call ended with an error.
        """
        self.calls += 1
        began = time.monotonic()
        try:
            async with asyncio.timeout(GUARD):
                return await make()
        except (HazelcastError, OSError) as error:
            self.errors[f"{type(error).__name__}: {str(error)[:200]}"] += 1
            raise CallFailed(repr(error)) from error
        finally:
            self._check_duration(began, deadline)

    def _check_duration(self, began: float, deadline: float | None) -> None:
        now = time.monotonic()
        took = now - began
        self.longest = max(self.longest, took)
        limit = GUARD if deadline is None else deadline + TOLERANCE
        if took > limit and took > limit + self._world.lag.between(began, now):
            self.problem(f"a call had its outcome after {took:.2f} s, not in {limit} s")

    def step_was_good(self) -> None:
        """Note that all calls of a step succeeded."""
        now = time.monotonic()
        if self._world.fault_began:
            since = max(self._last_good, self._world.fault_began)
            self.outage = max(self.outage, now - since)
        self._last_good = now
        self.good += 1


class World:
    """One run.

    Attributes:
        phase: What callers do.
        losses: How often the cluster has lost all its data.
        size: Number of members that clients must be connected to in the end.
        fault_began: Monotonic time at which the fault began; 0.0 before.
        lag: Measures how busy the machine is.
        helper: A client that the fault does not disturb.
        has_cp: Whether the members have the CP subsystem.
        name: Part of the names of all structures of this run.

    Args:
        helper: A client that the fault does not disturb.
        size: Number of members.
        has_cp: Whether the members have the CP subsystem.
    """

    def __init__(self, helper: hzclient.HazelcastClient, size: int, has_cp: bool) -> None:
        self.phase = Phase.PREPARE
        self.losses = 0
        self.size = size
        self.fault_began = 0.0
        self.lag = Lag()
        self.helper = helper
        self.has_cp = has_cp
        self.name = unique_name("faults")
        self._arrived: Counter[Phase] = Counter()
        self._lock = threading.Lock()

    async def reach(self, phase: Phase) -> None:
        """Wait until the run is in a phase; called by callers that are ready for it."""
        with self._lock:
            self._arrived[phase] += 1
        while self.phase < phase:
            await asyncio.sleep(0.01)

    def ready_for(self, phase: Phase) -> int:
        """Return how many callers wait for a phase, or have reached it."""
        return self._arrived[phase]
