"""Compare data frames from and into maps with the loops that a user would write, in one run.

    python -m benchmarks.frames [rows [address]]

Takes the member at the address, or starts one. Prints rows per second of wall time, which the member limits
too, and of the process's processor time: medians of three rounds, in which both ways take turns. `put` in a
loop is so slow that it writes one row in fifty. Then a process of its own reads the map page by page, and
another one reads it whole; each prints how much memory it needed for that at most (on Linux).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import pandas

ROUNDS: Final = 3
SHARE: Final = 50


def make_frame(rows: int) -> pandas.DataFrame:
    """Return a frame with the types of an ordinary table, missing values included."""
    numbers = pandas.Series(range(rows))
    return pandas.DataFrame(
        {
            "id": numbers,
            "name": "name " + numbers.astype("str"),
            "price": numbers / 4,
            "count": numbers.astype("Int32").mask(numbers % 10 == 0),
            "active": numbers % 2 == 0,
            "changed": pandas.to_datetime(numbers, unit="s").astype("datetime64[us]"),
        }
    )


def read_by_loop(source: Any) -> int:
    """Read a map as a user would who has no function for it."""
    rows = [{"id": key, **value} for key, value in source.entry_set()]
    return len(pandas.DataFrame(rows))


def write_by_loop(target: Any, frame: pandas.DataFrame) -> int:
    """Write a map as a user would who has no function for it."""
    rows: Any = frame.iterrows()
    for _, row in rows:
        target.put(int(row["id"]), row.drop("id").to_dict())
    return len(frame)


def _rates(action: Callable[[], int]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = action()
    return rows / (time.perf_counter() - wall), rows / (time.process_time() - cpu)


def _compare(what: str, by_loop: Callable[[], int], by_frame: Callable[[], int]) -> None:
    found = [(_rates(by_loop), _rates(by_frame)) for _ in range(ROUNDS)]
    for place, kind in enumerate(("wall", "cpu")):
        loop, frame = (statistics.median(each[place] for each in rates) for rates in zip(*found, strict=True))
        print(f"{what}, {kind}: loop {loop:,.0f}, hzclient.contrib.pandas {frame:,.0f}: {frame / loop:.1f}x")


def measure_memory(way: str, address: str) -> None:
    """Read the map page by page, or whole, and print by how much the peak of the process's memory rose."""
    import hzclient
    from hzclient.contrib.pandas import iter_map, read_map

    with hzclient.HazelcastClient(cluster_members=[address]) as client:
        table = client.get_map("table").blocking()
        first = len(next(iter(iter_map(table, key="id"))))  # everything is imported and connected
        before = _peak()
        if way == "pages":
            rows = sum(len(page) for page in iter_map(table, key="id"))
        else:
            rows = len(read_map(table, key="id"))
        print(f"memory, {way}: {rows:,} rows, {_peak() - before:.1f} MiB more than after {first:,} rows")


def _peak() -> float:
    """Return the most memory that this process has had, in MiB. `getrusage()` would include its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(rows: int, address: str | None) -> None:
    """Measure both directions, and print the ratios."""
    import hzclient
    from hzclient.contrib.pandas import read_map, write_map
    from hzclient.server import LocalCluster

    frame = make_frame(rows)
    started = LocalCluster(members=1, jvm_options=("-Xmx2g", "-XX:+UseSerialGC"))
    with (
        nullcontext() if address else started,
        hzclient.HazelcastClient(cluster_members=[address] if address else started.addresses) as client,
    ):
        table, small = (client.get_map(name).blocking() for name in ("table", "small"))
        part = frame.head(rows // SHARE)
        _compare("write", lambda: write_by_loop(small, part), lambda: write_map(frame, table, key="id"))
        _compare("read", lambda: read_by_loop(table), lambda: len(read_map(table, key="id")))
        for way in ("pages", "whole"):
            command = (sys.executable, "-m", "benchmarks.frames", way, address or started.addresses[0])
            subprocess.run(command, check=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] in (["pages"], ["whole"]):
        measure_memory(*given)
        sys.exit()
    main(int(given[0]) if given else 100_000, given[1] if len(given) > 1 else None)
