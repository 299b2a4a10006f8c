"""Run jobs with one client: the official one and hzclient with the same code.

python -m benchmarks.worker {hzclient|hazelcast} {stock|uvloop|own} {threads|asyncio} ADDRESS ...
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks import measure
from benchmarks.measure import Job, Sample


def serve_threads(module: str, addresses: list[str]) -> None:
    """Do the blocking and Future jobs, on a client with a thread of its own."""
    package: Any = importlib.import_module(module)
    client: Any = package.HazelcastClient(cluster_members=addresses)
    measure.announce({"version": package.__version__})
    maps: dict[int, Any] = {}
    for job in measure.jobs():
        if job.size not in maps:
            maps[job.size] = client.get_map(measure.map_name(job.size))
            maps[job.size].put_all(measure.entries(job.size)).result()
        measure.answer(_measure_threads(maps[job.size], job))
    client.shutdown()


def _measure_threads(future_map: Any, job: Job) -> Sample:
    blocking_map = future_map.blocking()
    measure.check(job, blocking_map.get(measure.keys()[0]))
    warm_up = replace(job, seconds=measure.WARM_UP_SECONDS)
    if job.face == "blocking":
        measure.run_blocking(getattr(blocking_map, job.operation), warm_up)
        return measure.run_blocking(getattr(blocking_map, job.operation), job)
    measure.run_future(getattr(future_map, job.operation), warm_up)
    return measure.run_future(getattr(future_map, job.operation), job)


async def serve_asyncio(module: str, addresses: list[str]) -> None:
    """Do the asyncio jobs, on the running loop."""
    version: str = importlib.import_module(module).__version__
    package: Any = importlib.import_module(f"{module}.asyncio")
    client: Any = await package.HazelcastClient.create_and_start(cluster_members=addresses)
    measure.announce({"version": version})
    maps: dict[int, Any] = {}
    loop = asyncio.get_running_loop()
    # The loop must run between jobs, because heartbeats need it.
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = Job.from_json(line)
        if job.size not in maps:
            maps[job.size] = await client.get_map(measure.map_name(job.size))
            await maps[job.size].put_all(measure.entries(job.size))
        measure.check(job, await maps[job.size].get(measure.keys()[0]))
        method = getattr(maps[job.size], job.operation)
        await measure.run_asyncio(method, replace(job, seconds=measure.WARM_UP_SECONDS))
        measure.answer(await measure.run_asyncio(method, job))
    await client.shutdown()


def loop_factory(kind: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """Return the constructor of an event loop, and make hzclient use the same kind in its own thread."""
    if kind != "uvloop":
        os.environ["PYHZ_EVENT_LOOP"] = "asyncio"
        return asyncio.new_event_loop
    os.environ["PYHZ_EVENT_LOOP"] = "uvloop"
    uvloop: Any = importlib.import_module("uvloop")
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def main(module: str, loop: str, runtime: str, *addresses: str) -> None:
    """Do the jobs on standard input with one client."""
    factory = loop_factory(loop)
    if runtime == "threads":
        serve_threads(module, list(addresses))
        return
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve_asyncio(module, list(addresses)))


if __name__ == "__main__":
    main(*sys.argv[1:])
