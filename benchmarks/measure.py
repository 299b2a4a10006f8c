"""Work that every client does, and its timing. Runs in the process of each client.

Every process reads jobs as JSON lines from standard input, and writes results as JSON lines to standard
output, until standard input ends.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from benchmarks.operations import OPERATIONS

WARM_UP_SECONDS = 0.2

Arguments = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement.

    Attributes:
        face: "blocking", "future" or "asyncio".
        operation: One of `operations.OPERATIONS`.
        size: Length of a value, in characters.
        in_flight: Number of concurrent calls.
        seconds: Seconds to measure.
        members: Process ids of the members, if they run on this machine.
    """

    face: str
    operation: str
    size: int
    in_flight: int
    seconds: float
    members: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Parse a JSON line."""
        return cls(**json.loads(line))

    def to_json(self) -> str:
        """Return a JSON line."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Sample:
    """Result of one job; times in microseconds.

    Attributes:
        throughput: Calls per second.
        cpu: Processor time per call, of all threads of the client's process.
        p50: Median time of a call, as its caller sees it; None if it was not measured.
        p99: 99th percentile of that time; None if it was not measured.
        member_cpu: Processor time per call of all members together; None if it was not measured.
    """

    throughput: float
    cpu: float
    p50: float | None
    p99: float | None
    member_cpu: float | None = None

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Parse a JSON line."""
        return cls(**json.loads(line))

    def to_json(self) -> str:
        """Return a JSON line."""
        return json.dumps(asdict(self))


def processor_time(processes: Iterable[int]) -> int:
    """Return the nanoseconds that all threads of processes have run so far, or 0 if the system hides it."""
    total = 0
    for process in processes:
        for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                total += int(thread.read_text().split()[0])
            except OSError:  # it has just ended
                continue
    return total


class Clock:
    """Wall clock and processor time since its creation, on a heap without garbage.

    Args:
        members: Process ids of the members, whose processor time is measured too.
    """

    def __init__(self, members: Iterable[int] = ()) -> None:
        self._members = tuple(members)
        self._members_cpu = processor_time(self._members)
        gc.collect()
        self._cpu = time.process_time_ns()
        self._start = time.perf_counter_ns()

    def sample(self, calls: int, latencies: list[int] | None = None) -> Sample:
        """Return the result of a number of calls, with their latencies in nanoseconds if they are known."""
        elapsed = time.perf_counter_ns() - self._start
        cpu = time.process_time_ns() - self._cpu
        members_cpu = processor_time(self._members) - self._members_cpu
        ordered = sorted(latencies or ())
        return Sample(
            throughput=calls * 1e9 / elapsed,
            cpu=cpu / calls / 1e3,
            p50=ordered[len(ordered) // 2] / 1e3 if ordered else None,
            p99=ordered[len(ordered) * 99 // 100] / 1e3 if ordered else None,
            member_cpu=members_cpu / calls / 1e3 if members_cpu else None,
        )


def check(job: Job, found: object) -> None:
    """Refuse to time calls that do not return what they should.

    Args:
        job: The job.
        found: What a call returned.

    Raises:
        ValueError: If that is wrong.
    """
    if not OPERATIONS[job.operation].check(found, job.size):
        raise ValueError(f"{job.operation} returned {str(found)[:40]!r}")


class FutureLike(Protocol):
    """Future of either client."""

    def result(self) -> object:
        """Wait for the result."""
        ...


def run_blocking(method: Callable[..., object], job: Job, feed: Arguments) -> Sample:
    """Call in a loop, one call at a time."""
    clock = time.perf_counter_ns
    latencies: list[int] = []
    measured = Clock(job.members)
    now = clock()
    end = now + int(job.seconds * 1e9)
    while now < end:
        start = now
        method(*next(feed))
        now = clock()
        latencies.append(now - start)
    return measured.sample(len(latencies), latencies)


def run_future(method: Callable[..., FutureLike], job: Job, feed: Arguments) -> Sample:
    """Keep a window of pending futures, and take their results in the order of the calls."""
    clock = time.perf_counter_ns
    latencies: list[int] = []
    window: deque[tuple[int, FutureLike]] = deque()
    measured = Clock(job.members)
    now = clock()
    end = now + int(job.seconds * 1e9)
    while now < end:
        while len(window) < job.in_flight:
            window.append((clock(), method(*next(feed))))
        start, future = window.popleft()
        future.result()
        now = clock()
        latencies.append(now - start)
    sample = measured.sample(len(latencies), latencies)
    for _, future in window:
        future.result()
    return sample


async def run_asyncio(method: Callable[..., Awaitable[object]], job: Job, feed: Arguments) -> Sample:
    """Run `in_flight` tasks, each of which calls in a loop."""
    clock = time.perf_counter_ns
    latencies: list[int] = []
    measured = Clock(job.members)
    end = clock() + int(job.seconds * 1e9)

    async def caller() -> None:
        now = clock()
        while now < end:
            start = now
            await method(*next(feed))
            now = clock()
            latencies.append(now - start)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(job.in_flight):
            tasks.create_task(caller())
    return measured.sample(len(latencies), latencies)


def announce(facts: Mapping[str, str]) -> None:
    """Report to the parent that this process is ready, with facts about it."""
    print(json.dumps(facts), flush=True)


def answer(sample: Sample) -> None:
    """Write a result to standard output."""
    print(sample.to_json(), flush=True)


def jobs() -> Iterator[Job]:
    """Iterate over the jobs on standard input, until it ends."""
    return map(Job.from_json, sys.stdin)
