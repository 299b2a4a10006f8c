"""The work that every client does alike, and how it is timed. Runs in each client's own process.

Every process speaks the same protocol: one job as a JSON line on standard input, one result as a JSON
line on standard output, until standard input ends.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

KEY_COUNT = 1000
WARM_UP_SECONDS = 0.2

Arguments = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement.

    Attributes:
        face: "blocking", "future" or "asyncio".
        operation: "get" or "set".
        size: Length of a value, in characters.
        in_flight: Calls that are under way at any time.
        seconds: How long to measure.
    """

    face: str
    operation: str
    size: int
    in_flight: int
    seconds: float

    @classmethod
    def from_json(cls, line: str) -> Self:
        return cls(**json.loads(line))

    def to_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Sample:
    """What one job gave; times in microseconds.

    Attributes:
        throughput: Calls per second.
        cpu: Processor time of the client's process for one call, all its threads together.
        p50: Median time of a call as its caller saw it; None where it was not measured.
        p99: Its 99th percentile; None where it was not measured.
    """

    throughput: float
    cpu: float
    p50: float | None
    p99: float | None

    @classmethod
    def from_json(cls, line: str) -> Self:
        return cls(**json.loads(line))

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Clock:
    """Wall clock and processor time since it was made, on a heap without garbage."""

    def __init__(self) -> None:
        gc.collect()
        self._cpu = time.process_time_ns()
        self._start = time.perf_counter_ns()

    def sample(self, calls: int, latencies: list[int] | None = None) -> Sample:
        elapsed = time.perf_counter_ns() - self._start
        cpu = time.process_time_ns() - self._cpu
        ordered = sorted(latencies or ())
        return Sample(
            throughput=calls * 1e9 / elapsed,
            cpu=cpu / calls / 1e3,
            p50=ordered[len(ordered) // 2] / 1e3 if ordered else None,
            p99=ordered[len(ordered) * 99 // 100] / 1e3 if ordered else None,
        )


def keys() -> list[str]:
    """The keys of every map here, in an order that spreads over partitions; all of one length."""
    names = [f"key-{number:06}" for number in range(KEY_COUNT)]
    random.Random(0).shuffle(names)
    return names


def value(size: int) -> str:
    return "x" * size


def map_name(size: int) -> str:
    return f"benchmark-{size}"


def entries(size: int) -> dict[str, str]:
    return dict.fromkeys(keys(), value(size))


def arguments(job: Job) -> Iterator[Arguments]:
    """Endless positional arguments for `Map.get` or `Map.set`."""
    if job.operation == "get":
        return itertools.cycle([(key,) for key in keys()])
    return itertools.cycle([(key, value(job.size)) for key in keys()])


def check(job: Job, found: object) -> None:
    """Refuses to time calls that do not give what was stored.

    Raises:
        ValueError: `found` is not the stored value.
    """
    if found != value(job.size):
        raise ValueError(f"the map held {str(found)[:40]!r} instead of {job.size} times 'x'")


class FutureLike(Protocol):
    def result(self) -> object: ...


def run_blocking(method: Callable[..., object], job: Job) -> Sample:
    """Calls in a loop; one call is under way at a time."""
    clock, feed = time.perf_counter_ns, arguments(job)
    latencies: list[int] = []
    measured = Clock()
    now = clock()
    end = now + int(job.seconds * 1e9)
    while now < end:
        start = now
        method(*next(feed))
        now = clock()
        latencies.append(now - start)
    return measured.sample(len(latencies), latencies)


def run_future(method: Callable[..., FutureLike], job: Job) -> Sample:
    """Keeps a window of futures under way, and takes their results in the order of the calls."""
    clock, feed = time.perf_counter_ns, arguments(job)
    latencies: list[int] = []
    window: deque[tuple[int, FutureLike]] = deque()
    measured = Clock()
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


async def run_asyncio(method: Callable[..., Awaitable[object]], job: Job) -> Sample:
    """Lets `in_flight` tasks call in a loop each."""
    clock, feed = time.perf_counter_ns, arguments(job)
    latencies: list[int] = []
    measured = Clock()
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
    """Tells the parent that this process is ready, and what it is."""
    print(json.dumps(facts), flush=True)


def answer(sample: Sample) -> None:
    print(sample.to_json(), flush=True)


def jobs() -> Iterator[Job]:
    """The jobs that come in on standard input, until it ends."""
    return map(Job.from_json, sys.stdin)
