"""What the process of the clients measures of itself."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import psutil

from benchmarks.soak.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Sample:
    """The state at one moment.

    Attributes:
        seconds: Seconds since the start.
        rss: Resident memory in MiB.
        descriptors: Open file descriptors.
        threads: Threads of Python.
        tasks: Tasks on the loops of the clients.
        connections: Connections of all clients to members.
        in_flight: Requests that wait for a response.
        calls: Number of calls so far.
        failed: Number of failed calls so far.
        wrong: Number of wrong results so far.
        hung: Number of hung calls so far.
        p50: Median duration in ms of the calls that ended since the last sample.
        p99: Their 99th percentile in ms.
        longest: The longest of them in ms.
    """

    seconds: float
    rss: float
    descriptors: int
    threads: int
    tasks: int
    connections: int
    in_flight: int
    calls: int
    failed: int
    wrong: int
    hung: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """Return the sample that `to_dict` was called on."""
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return asdict(self)


class Sampler:
    """Takes samples of this process. Its time begins now.

    Args:
        ledger: What the workers do.
        clients: The clients.
    """

    def __init__(self, ledger: Ledger, clients: Collection[Any]) -> None:
        self._ledger = ledger
        self._clients = clients
        self._process = psutil.Process()
        self._began = time.monotonic()

    def take(self) -> Sample:
        """Return the state now."""
        ledger = self._ledger
        ledger.look_for_hung_calls()
        p50, p99, longest = summary(ledger.take_durations())
        health = [client.health() for client in self._clients]
        loops = {client._engine.runtime.loop for client in self._clients}
        return Sample(
            seconds=round(time.monotonic() - self._began, 1),
            rss=round(self._process.memory_info().rss / 2**20, 3),
            descriptors=self._process.num_fds(),
            threads=threading.active_count(),
            tasks=sum(len(asyncio.all_tasks(loop)) for loop in loops),
            connections=sum(each.connections for each in health),
            in_flight=sum(each.in_flight for each in health),
            calls=ledger.calls,
            failed=ledger.failed.total(),
            wrong=ledger.wrong,
            hung=len(ledger.hung),
            p50=p50,
            p99=p99,
            longest=longest,
        )


def summary(durations: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the 99th percentile and the maximum in ms of durations in seconds."""
    if len(durations) < 2:
        return 0.0, 0.0, 0.0
    cuts = statistics.quantiles(durations, n=100, method="inclusive")
    return tuple(round(1000 * each, 2) for each in (cuts[49], cuts[98], max(durations)))  # type: ignore[return-value]


def outcome(ledger: Ledger) -> dict[str, Any]:
    """Return what the workers found in all, for JSON."""
    return {
        "calls": ledger.calls,
        "failed": dict(ledger.failed.most_common()),
        "good": dict(sorted(ledger.good.items())),
        "wrong": ledger.wrong,
        "problems": ledger.problems,
        "hung": ledger.hung,
        "figures": dict(sorted(ledger.figures.items())),
    }


def line(kind: str, content: object) -> str:
    """Return a line for the process that lets the faults happen."""
    return json.dumps({kind: content})
