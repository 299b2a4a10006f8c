"""Measure the memory that streaming a large map takes: `python -m benchmarks.streaming`.

Starts a member with a large heap, fills a map, streams all of it in one process per face, and prints by how
much each process grew. Needs Linux, because a process reads its own peak there.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path

import hzclient
import hzclient.asyncio
from hzclient.server import LocalCluster

MAP = "streaming"
FACES = ("blocking", "asyncio")
_MIB = 1 << 20
_HEAP = ("-Xmx2g", "-XX:+UseSerialGC")
_CHUNK = 50_000


def peak_bytes() -> int:
    """Return the peak memory of this process, in bytes."""
    # resource.getrusage() would include the peak of the process that started this one.
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kibibytes) * 1024


def fill(address: str, entries: int) -> None:
    """Store `entries` numbers with texts of 100 characters."""
    with hzclient.HazelcastClient(cluster_members=[address]) as client:
        target = client.get_map(MAP).blocking()
        for start in range(0, entries, _CHUNK):
            keys = range(start, min(start + _CHUNK, entries))
            target.put_all({key: f"{key:0100}" for key in keys})


def stream_blocking(address: str) -> tuple[int, int]:
    """Stream the map; return the number of entries, and by how many bytes the process grew."""
    with hzclient.HazelcastClient(cluster_members=[address]) as client:
        source = client.get_map(MAP).blocking()
        before = peak_bytes()
        count = sum(1 for _ in source.entries())
        return count, peak_bytes() - before


async def stream_asyncio(address: str) -> tuple[int, int]:
    """Do the same as `stream_blocking`, on an event loop."""
    async with hzclient.asyncio.HazelcastClient(cluster_members=[address]) as client:
        source = await client.get_map(MAP)
        before = peak_bytes()
        count = 0
        async for _ in source.entries():
            count += 1
        return count, peak_bytes() - before


def run_face(face: str, address: str) -> None:
    """Stream in this process and print the result."""
    started = time.perf_counter()
    if face == "blocking":
        count, grown = stream_blocking(address)
    else:
        count, grown = asyncio.run(stream_asyncio(address))
    seconds = time.perf_counter() - started
    print(f"{face:9} {count:,} entries, {grown / _MIB:.1f} MiB more, {count / seconds:,.0f} entries/s")


def main() -> None:
    """Run the benchmark, or one part of it with `--face`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--face", choices=FACES, help="only stream, with a member that runs at --address")
    parser.add_argument("--address")
    options = parser.parse_args()
    if options.face:
        run_face(options.face, options.address)
        return
    with LocalCluster(jvm_options=_HEAP) as cluster:
        (address,) = cluster.addresses
        fill(address, options.entries)
        for face in FACES:
            arguments = ["--face", face, "--address", address]
            subprocess.run([sys.executable, "-m", "benchmarks.streaming", *arguments], check=True)


if __name__ == "__main__":
    main()
