"""Measure what a client costs before and beside its calls: import, start, idling, memory.

    python -m benchmarks.startup [--address HOST:PORT] [--quick]

Each figure of hzclient and of the official client is taken in processes of their own, in turn; medians are
printed as a Markdown table. Without an address, a member is started.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IDLE_SECONDS = 10.0
ENTRIES = 50_000
CONNECTIONS = 100
MILLION = 1_000_000


def import_ms(module: str, address: str) -> float:
    """Return the milliseconds of processor time that importing the client takes."""
    del address
    start = time.process_time()
    importlib.import_module(module)
    return (time.process_time() - start) * 1e3


def start_ms(module: str, address: str) -> float:
    """Return the milliseconds from the constructor to the first response."""
    package: Any = importlib.import_module(module)
    start = time.perf_counter()
    client: Any = package.HazelcastClient(cluster_members=[address])
    client.get_map("benchmark-start").blocking().get("key")
    elapsed = (time.perf_counter() - start) * 1e3
    client.shutdown()
    return elapsed


def idle_percent(module: str, address: str) -> float:
    """Return the percentage of a core that a connected client takes that nobody uses."""
    package: Any = importlib.import_module(module)
    client: Any = package.HazelcastClient(cluster_members=[address])
    client.get_map("benchmark-start").blocking().get("key")
    before, start = time.process_time(), time.perf_counter()
    time.sleep(IDLE_SECONDS)
    used = (time.process_time() - before) / (time.perf_counter() - start) * 100
    client.shutdown()
    return used


def near_cache_mb(module: str, address: str) -> float:
    """Return the megabytes of a million near-cache entries, with keys of 10 and values of 100 characters."""
    package: Any = importlib.import_module(module)
    name = "benchmark-near-memory"
    client: Any = package.HazelcastClient(cluster_members=[address], near_caches={name: {}})
    m = client.get_map(name).blocking()
    keys = [f"key-{number:06}" for number in range(ENTRIES)]
    for start in range(0, ENTRIES, 10_000):
        m.put_all(dict.fromkeys(keys[start : start + 10_000], "x" * 100))
    gc.collect()
    before = _resident()
    for key in keys:
        m.get(key)
    gc.collect()
    taken = _resident() - before
    client.shutdown()
    return taken / ENTRIES * MILLION / 1e6


def connection_kb(module: str, address: str) -> float:
    """Return the kilobytes of objects and buffers of an open connection (hzclient only)."""
    del module, address
    import asyncio
    import tracemalloc

    from benchmarks.in_memory import InMemoryClient
    from hzclient._runtime.attached import AttachedRuntime

    async def measure() -> float:
        few = InMemoryClient(AttachedRuntime(), lambda *_: None, members=1)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        many = InMemoryClient(AttachedRuntime(), lambda *_: None, members=CONNECTIONS)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        del few, many
        return taken / CONNECTIONS / 1e3

    return asyncio.run(measure())


def _resident() -> int:
    import resource

    if not os.path.exists("/proc/self/statm"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


FIGURES: dict[str, tuple[str, Callable[[str, str], float], int, str]] = {
    "import": ("import, ms of processor time", import_ms, 7, "≤ 80"),
    "start": ("start to first response, ms", start_ms, 5, "≤ 60"),
    "idle": ("idle, % of a core", idle_percent, 1, "≤ 0.2"),
    "near-cache": ("1,000,000 near-cache entries, MB", near_cache_mb, 1, ""),
    "connection": ("a connection, kB", connection_kb, 1, ""),
}
"""For each figure: its title, what measures it in a process of its own, how often, and the goal."""


def compare(address: str, quick: bool = False) -> None:
    """Print the figures of both clients.

    Args:
        address: Address of a member.
        quick: Whether to measure the short ones only, and once.
    """
    from benchmarks.official import python_of

    pythons = {package: python_of(package) for package in ("hazelcast", "hzclient")}
    print("| | official | hzclient | goal |\n|---|---:|---:|---:|")
    figures = {name: FIGURES[name] for name in (("import", "start") if quick else FIGURES)}
    for name, (title, _, times, goal) in figures.items():
        found: dict[str, list[float]] = {module: [] for module in pythons}
        for _ in range(1 if quick else times):
            for module, python in pythons.items():
                if name != "connection" or module == "hzclient":
                    found[module].append(_figure(python, name, module, address))
        official, own = (
            f"{statistics.median(found[module]):,.2f}" if found[module] else "" for module in pythons
        )
        print(f"| {title} | {official} | {own} | {goal} |", flush=True)


def _figure(python: str, name: str, module: str, address: str) -> float:
    command = [python, "-m", "benchmarks.startup", "--figure", name, "--module", module, "--address", address]
    # Installed packages are compiled beforehand, so the sources of this folder may be kept compiled too.
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
    return float(json.loads(done.stdout))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--address", help="address of a running member")
    parser.add_argument("--figure", choices=FIGURES, help=argparse.SUPPRESS)
    parser.add_argument("--module", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="measure import and start only, and once")
    options = parser.parse_args()
    if options.figure:
        print(json.dumps(FIGURES[options.figure][1](options.module, options.address)))
        return
    if options.address:
        compare(options.address, options.quick)
        return
    from hzclient.server import LocalCluster

    with LocalCluster(members=1) as cluster:
        compare(cluster.addresses[0], options.quick)


if __name__ == "__main__":
    main()
