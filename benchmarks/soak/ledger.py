"""What all workers have in common: calls in flight, durations, and what they found to be wrong."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.soak.lag import Lag
from hzclient.errors import HazelcastError

DEADLINE = 10.0
"""Seconds after which a call ends: `with_timeout`."""

TOLERANCE = 1.0
"""Seconds after its limit in which a call must have ended, plus the time in which the process did not run."""

_GUARD = 120.0
"""Seconds after which a worker gives up a call. It was reported as hung long before."""

_KEPT_PROBLEMS = 50
_KEPT_DURATIONS = 10_000


class CallFailed(Exception):
    """A call ended with an error of the client."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A call that has no outcome yet.

    Attributes:
        worker: Who made it: kind of structure and face.
        began: Monotonic time.
        limit: Seconds in which it must end.
    """

    worker: str
    began: float
    limit: float


class Ledger:
    """Collects what the workers do. Used from all of their threads; its size is bounded.

    Attributes:
        calls: Number of calls.
        failed: Number of calls that ended with an error, by the class of the error.
        good: Number of steps in which everything succeeded, by worker.
        problems: The first wrong results.
        wrong: Number of wrong results.
        hung: The first calls that had no outcome in time.
        figures: Counts that workers report, such as lost messages of topics, which may be lost.

    Args:
        lag: Measures for how long the process did not run.
    """

    def __init__(self, lag: Lag) -> None:
        self.calls = 0
        self.failed: Counter[str] = Counter()
        self.good: Counter[str] = Counter()
        self.problems: list[str] = []
        self.wrong = 0
        self.hung: list[str] = []
        self.figures: Counter[str] = Counter()
        self._lag = lag
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._flights: dict[int, Flight] = {}
        self._reported: set[int] = set()
        self._durations: deque[float] = deque(maxlen=_KEPT_DURATIONS)

    def problem(self, worker: str, text: str) -> None:
        """Note a wrong result."""
        with self._lock:
            self.wrong += 1
            if len(self.problems) < _KEPT_PROBLEMS:
                self.problems.append(f"{worker}: {text}")

    def count(self, figure: str, number: int = 1) -> None:
        """Add to a figure."""
        with self._lock:
            self.figures[figure] += number

    def step_was_good(self, worker: str) -> None:
        """Note that all calls of a step succeeded."""
        with self._lock:
            self.good[worker] += 1

    async def call(self, worker: str, make: Callable[[], Awaitable[Any]], limit: float = DEADLINE) -> Any:
        """Make a call, and check that it has an outcome in time.

        Args:
            worker: Who makes it.
            make: Makes the call. In the blocking face, the call is over when this returns.
            limit: Seconds in which it must end, with `TOLERANCE`.

        Returns:
            The result.

        Raises:
            CallFailed: The call ended with an error.
        """
        number, flight = self._begin(Flight(worker, time.monotonic(), limit))
        try:
            async with asyncio.timeout(_GUARD):
                return await make()
        except (HazelcastError, OSError) as error:
            with self._lock:
                self.failed[type(error).__name__] += 1
            raise CallFailed(repr(error)) from error
        finally:
            self._end(number, flight)

    def _begin(self, flight: Flight) -> tuple[int, Flight]:
        with self._lock:
            self.calls += 1
            number = next(self._numbers)
            self._flights[number] = flight
        return number, flight

    def _end(self, number: int, flight: Flight) -> None:
        now = time.monotonic()
        self._check(number, flight, now)
        with self._lock:
            del self._flights[number]
            self._reported.discard(number)
            self._durations.append(now - flight.began)

    def look_for_hung_calls(self) -> None:
        """Report calls that should have ended, but have not."""
        with self._lock:
            flights = list(self._flights.items())
        now = time.monotonic()
        for number, flight in flights:
            self._check(number, flight, now)

    def _check(self, number: int, flight: Flight, now: float) -> None:
        took, limit = now - flight.began, flight.limit + TOLERANCE
        if took <= limit or took <= limit + self._lag.between(flight.began, now):
            return
        with self._lock:
            if number in self._reported:
                return
            self._reported.add(number)
            if len(self.hung) < _KEPT_PROBLEMS:
                self.hung.append(f"{flight.worker}: no outcome after {took:.1f} s, limit {limit:.1f} s")

    def take_durations(self) -> list[float]:
        """Return the durations of the calls that ended since the last time, in seconds."""
        with self._lock:
            taken = list(self._durations)
            self._durations.clear()
        return taken
