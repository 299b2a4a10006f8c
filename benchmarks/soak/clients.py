"""The process of the clients: one client and all workers for each face.

python -m benchmarks.soak.clients ADDRESS ...

It prints JSON lines: `ready` when all workers work, a `sample` every few seconds, what it has `found` to be
wrong, and the `outcome`. It ends when standard input ends, or when a line comes: no fault happens any more
then.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.faces import FACES, Face, end_client, eventually, make_client
from benchmarks.soak.lag import Lag
from benchmarks.soak.ledger import Ledger
from benchmarks.soak.samples import Sampler, line, outcome
from benchmarks.soak.workers import KINDS, Worker

INTERVAL = 5.0
"""Seconds between samples."""

START_SECONDS = 220.0
"""Seconds in which all workers must have succeeded once."""

OPTIONS: dict[str, Any] = {
    "heartbeat_interval": 1.0,
    "heartbeat_timeout": 5.0,
    "invocation_timeout": 10.0,
    "connection_timeout": 3.0,
    "retry_initial_backoff": 0.1,
    "retry_max_backoff": 0.5,
    # Otherwise a write whose backup is not confirmed would count as acknowledged.
    "fail_on_indeterminate_operation_state": True,
    "near_caches": {"near-*": {"reconciliation_interval": 10}},
}


@asynccontextmanager
async def faces(addresses: list[str]) -> AsyncIterator[list[Face]]:
    """Start a client for each face."""
    started: list[Face] = []
    try:
        for name in FACES:
            client = await make_client(name, cluster_members=addresses, **OPTIONS)
            started.append(Face(name, client))
        yield started
    finally:
        for face in started:
            await end_client(face.client)


async def end_of_work() -> None:
    """Wait for a line, or for the end of standard input. The thread ends with the process."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        sys.stdin.readline()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, name="standard input", daemon=True).start()
    await ended.wait()


async def work(workers: list[Worker], ledger: Ledger) -> None:
    """Let the workers work until the end of work is announced."""
    stopped = threading.Event()
    running = [worker.face.start(lambda worker=worker: _run(worker, stopped)) for worker in workers]  # type: ignore[misc]
    everything: asyncio.Future[Any] = asyncio.gather(*running)
    await eventually(lambda: everything.done() or len(ledger.good) == len(workers), START_SECONDS)
    print(line("ready", len(workers)), flush=True)
    sampler = Sampler(ledger, {worker.face.client for worker in workers})
    sampling = asyncio.create_task(_sample(sampler, ledger))
    ending: asyncio.Future[None] = asyncio.ensure_future(end_of_work())
    await asyncio.wait([ending, everything], return_when=asyncio.FIRST_COMPLETED)
    stopped.set()
    await everything
    sampling.cancel()
    print(line("outcome", outcome(ledger)), flush=True)


async def _run(worker: Worker, stopped: threading.Event) -> None:
    await worker.prepare()
    await worker.run(lambda: not stopped.is_set())


async def _sample(sampler: Sampler, ledger: Ledger) -> None:
    reported = 0
    while True:
        await asyncio.sleep(INTERVAL)
        print(line("sample", sampler.take().to_dict()), flush=True)
        found = ledger.problems + ledger.hung
        if len(found) > reported:
            reported = len(found)
            print(line("found", found), flush=True)


async def main(addresses: list[str]) -> None:
    """Run until the work is over."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    lag = Lag()
    ledger = Ledger(lag)
    with lag.measured():
        async with faces(addresses) as started:
            workers = [kind(face, ledger) for face in started for kind in KINDS]
            await work(workers, ledger)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
