"""Compare near-cache hits of the official client and hzclient, in each face, in one run.

    python -m benchmarks.near_cache [--members ADDRESS,ADDRESS] [--seconds 1.0] [--rounds 5]

Both clients read the same cached keys with the same code. Their processes take turns, so that other load
on the machine affects both. Without `--members`, a member is started.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from benchmarks.process import Worker

FACES: Final = ("asyncio", "future", "blocking")
FORMATS: Final = ("BINARY", "OBJECT")
KEYS: Final = [f"key-{number}" for number in range(1000)]
VALUE: Final = "x" * 100
GOAL: Final = 8.0


def serve(module: str, addresses: list[str]) -> None:
    """Measure the jobs on standard input, one line each: `FACE FORMAT SECONDS`."""
    # Invalidations are off, so that only hits are measured: members send them in batches.
    near_caches = {
        f"benchmark-near-{kind}": {"in_memory_format": kind, "invalidate_on_change": False}
        for kind in FORMATS
    }
    options = {"cluster_members": addresses, "near_caches": near_caches}
    threaded = _Threads(importlib.import_module(module).HazelcastClient(**options))
    on_loop = _Loop(importlib.import_module(f"{module}.asyncio").HazelcastClient, options)
    print("ready", flush=True)
    for line in sys.stdin:
        face, kind, seconds = line.split()
        measure = on_loop.measure if face == "asyncio" else threaded.measure
        print(json.dumps(measure(face, f"benchmark-near-{kind}", float(seconds))), flush=True)
    threaded.client.shutdown()
    on_loop.close()


class _Threads:
    """Client with a thread of its own."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def measure(self, face: str, name: str, seconds: float) -> float:
        future_map = self.client.get_map(name)
        blocking_map = future_map.blocking()
        for key in KEYS:
            blocking_map.set(key, VALUE)
            assert blocking_map.get(key) == VALUE
        if face == "blocking":
            return _rate(blocking_map.get, seconds)
        return _rate(lambda key: future_map.get(key).result(), seconds)


class _Loop:
    """Client on an event loop."""

    def __init__(self, cls: Any, options: dict[str, Any]) -> None:
        self.runner = asyncio.Runner()
        self.client: Any = self.runner.run(cls.create_and_start(**options))

    def measure(self, face: str, name: str, seconds: float) -> float:
        return self.runner.run(self._measure(name, seconds))

    async def _measure(self, name: str, seconds: float) -> float:
        found = await self.client.get_map(name)
        for key in KEYS:
            await found.set(key, VALUE)
            assert await found.get(key) == VALUE
        get, calls, start = found.get, 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            for key in KEYS:
                await get(key)
            calls += len(KEYS)
        return calls / (time.perf_counter() - start)

    def close(self) -> None:
        self.runner.run(self.client.shutdown())
        self.runner.close()


def _rate(get: Callable[[str], Any], seconds: float) -> float:
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for key in KEYS:
            get(key)
        calls += len(KEYS)
    return calls / (time.perf_counter() - start)


class _HitsWorker(Worker):
    """Process with the clients of one package."""

    def __init__(self, module: str, addresses: list[str]) -> None:
        from benchmarks.official import python_of  # not above: see `compare`

        command = [python_of(module), "-m", "benchmarks.near_cache"]
        super().__init__([*command, "--serve", module, "--members", ",".join(addresses)])
        self.receive()

    def rate(self, face: str, kind: str, seconds: float) -> float:
        return float(json.loads(self.ask(f"{face} {kind} {seconds}", seconds)))


def compare(addresses: list[str], seconds: float, rounds: int) -> bool:
    """Print the rates of both clients; return whether each ratio reaches the goal."""
    # Not above: the official client's interpreter runs this module too, and has nothing that hzclient needs.
    from benchmarks.report import interquartile_range

    reached = True
    print("| face | format | official, hits/s | hzclient, hits/s | × | IQR |\n|---|---|---:|---:|---:|---:|")
    with (
        _HitsWorker("hazelcast", addresses) as official,
        _HitsWorker("hzclient", addresses) as ours,
    ):
        for kind in FORMATS:
            for face in FACES:
                pairs = [
                    (official.rate(face, kind, seconds), ours.rate(face, kind, seconds))
                    for _ in range(rounds)
                ]
                theirs, own = (statistics.median(rates) for rates in zip(*pairs, strict=True))
                ratios = [mine / other for other, mine in pairs]
                ratio = statistics.median(ratios)
                noise = interquartile_range(ratios) / ratio
                reached &= ratio >= GOAL
                print(
                    f"| {face} | {kind} | {theirs:,.0f} | {own:,.0f} | {ratio:.2f} | {noise:.0%} |",
                    flush=True,
                )
    return reached


def main() -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--members", help="addresses of running members, separated by commas")
    parser.add_argument("--seconds", type=float, default=1.0, help="time of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each; the median counts")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.members.split(","))
        return 0
    from hzclient.server import LocalCluster

    with nullcontext() if arguments.members else LocalCluster(members=1) as cluster:
        addresses = arguments.members.split(",") if cluster is None else cluster.addresses
        return 0 if compare(addresses, arguments.seconds, arguments.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
