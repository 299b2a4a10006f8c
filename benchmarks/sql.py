"""Compare rows per second of a large SELECT with the official client, in one run.

    python -m benchmarks.sql [rounds]

Starts one member, and each client in a process of its own, in turn. Prints the medians of the rounds: rows
per second of wall time, which the member limits too, and per second of the client's processor time.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROWS = 100_000
STATEMENT = (
    "SELECT v, v * 2 AS w, CAST(v AS VARCHAR) AS s, CAST(v AS DOUBLE) AS d "
    f"FROM TABLE(generate_series(1, {ROWS}))"
)
WARM_UP = 2
RUNS = 5


def measure(package: str, address: str) -> dict[str, float]:
    """Select all rows and read two columns of each, several times.

    Args:
        package: "hzclient" or "hazelcast".
        address: Address of the member.

    Returns:
        Median rows per second of wall time and of processor time.
    """
    client: Any = importlib.import_module(package).HazelcastClient(cluster_members=[address])
    runs = [_run(client) for _ in range(WARM_UP + RUNS)][WARM_UP:]
    client.shutdown()
    wall, cpu = zip(*runs, strict=True)
    return {"wall": ROWS / statistics.median(wall), "cpu": ROWS / statistics.median(cpu)}


def _run(client: Any) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = 0
    for row in client.sql.execute(STATEMENT).result():
        _ = row["v"], row["s"]
        rows += 1
    if rows != ROWS:
        raise RuntimeError(f"{rows} rows came, not {ROWS}")
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(rounds: int) -> None:
    """Measure both clients in turn; print the medians and their ratio."""
    from benchmarks import official
    from hzclient.server import LocalCluster

    pythons = {"hazelcast": str(official.interpreter()), "hzclient": sys.executable}
    results: dict[str, list[dict[str, float]]] = {package: [] for package in pythons}
    with LocalCluster(members=1) as cluster:
        for _ in range(rounds):
            for package, python in pythons.items():
                command = [python, __file__, package, cluster.addresses[0]]
                out = subprocess.run(
                    command, check=True, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
                ).stdout
                results[package].append(json.loads(out))
    for kind in ("wall", "cpu"):
        medians = {package: statistics.median(r[kind] for r in found) for package, found in results.items()}
        told = ", ".join(f"{package} {rows:,.0f}" for package, rows in medians.items())
        print(f"rows per second, {kind}: {told}: {medians['hzclient'] / medians['hazelcast']:.2f}x")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure(sys.argv[1], sys.argv[2])))
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
