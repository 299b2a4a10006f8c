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
from benchmarks.operations import OPERATIONS


def serve_threads(module: str, addresses: list[str]) -> None:
    """Do the blocking and Future jobs, on a client with a thread of its own."""
    package: Any = importlib.import_module(module)
    client: Any = package.HazelcastClient(cluster_members=addresses)
    measure.announce({"version": package.__version__})
    for job in measure.jobs():
        structure = _structure(client, job)
        measure.answer(_measure_threads(structure, module, job))
    client.shutdown()


def _structure(client: Any, job: Job) -> Any:
    operation = OPERATIONS[job.operation]
    name = f"benchmark-{job.operation}-{job.size}"
    if operation.structure == "atomic_long":
        return client.cp_subsystem.get_atomic_long(name)
    return getattr(client, f"get_{operation.structure}")(name)


def _measure_threads(structure: Any, module: str, job: Job) -> Sample:
    operation = OPERATIONS[job.operation]
    for filling in operation.fill(structure, job.size):
        filling.result()
    face = structure.blocking() if job.face == "blocking" else structure
    method, feed = operation.call(face, module), operation.arguments(job.size)
    run: Any = measure.run_blocking if job.face == "blocking" else measure.run_future
    run(method, replace(job, seconds=measure.WARM_UP_SECONDS), feed)
    found = method(*next(operation.arguments(job.size)))
    measure.check(job, found if job.face == "blocking" else found.result())
    return run(method, job, feed)  # type: ignore[no-any-return]


async def serve_asyncio(module: str, addresses: list[str]) -> None:
    """Do the asyncio jobs, on the running loop."""
    version: str = importlib.import_module(module).__version__
    package: Any = importlib.import_module(f"{module}.asyncio")
    client: Any = await package.HazelcastClient.create_and_start(cluster_members=addresses)
    measure.announce({"version": version})
    loop = asyncio.get_running_loop()
    # The loop must run between jobs, because heartbeats need it.
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = Job.from_json(line)
        operation = OPERATIONS[job.operation]
        structure = await _structure(client, job)
        for filling in operation.fill(structure, job.size):
            await filling
        method, feed = operation.call(structure, module), operation.arguments(job.size)
        await measure.run_asyncio(method, replace(job, seconds=measure.WARM_UP_SECONDS), feed)
        measure.check(job, await method(*next(operation.arguments(job.size))))
        measure.answer(await measure.run_asyncio(method, job, feed))
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
