"""Compare rows per second of a large SELECT with the official client, in one run.

    python -m benchmarks.sql [--rounds 3] [--rows 100000]

Starts one member, and each client in a process of its own, in turn. Prints the medians of the rounds: rows
per second of wall time, which the member limits too, and per second of the client's processor time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 2
RUNS = 5


def measure(package: str, address: str, rows: int) -> dict[str, float]:
    """Select rows and read two columns of each, several times.

    Args:
        package: "hzclient" or "hazelcast".
        address: Address of the member.
        rows: Number of rows.

    Returns:
        Median rows per second of wall time and of processor time.
    """
    client: Any = importlib.import_module(package).HazelcastClient(cluster_members=[address])
    runs = [_run(client, rows) for _ in range(WARM_UP + RUNS)][WARM_UP:]
    client.shutdown()
    wall, cpu = zip(*runs, strict=True)
    return {"wall": rows / statistics.median(wall), "cpu": rows / statistics.median(cpu)}


def _run(client: Any, rows: int) -> tuple[float, float]:
    statement = (
        "SELECT v, v * 2 AS w, CAST(v AS VARCHAR) AS s, CAST(v AS DOUBLE) AS d "
        f"FROM TABLE(generate_series(1, {rows}))"
    )
    wall, cpu = time.perf_counter(), time.process_time()
    came = 0
    for row in client.sql.execute(statement).result():
        _ = row["v"], row["s"]
        came += 1
    if came != rows:
        raise RuntimeError(f"{came} rows came, not {rows}")
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(rounds: int, rows: int) -> None:
    """Measure both clients in turn; print the medians and their ratio."""
    from benchmarks.official import python_of
    from hzclient.server import LocalCluster

    pythons = {package: python_of(package) for package in ("hazelcast", "hzclient")}
    results: dict[str, list[dict[str, float]]] = {package: [] for package in pythons}
    with LocalCluster(members=1) as cluster:
        for _ in range(rounds):
            for package, python in pythons.items():
                command = [python, __file__, "--serve", package, cluster.addresses[0], "--rows", str(rows)]
                out = subprocess.run(
                    command, check=True, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
                ).stdout
                results[package].append(json.loads(out))
    for kind in ("wall", "cpu"):
        medians = {package: statistics.median(r[kind] for r in found) for package, found in results.items()}
        told = ", ".join(f"{package} {rate:,.0f}" for package, rate in medians.items())
        print(f"rows per second, {kind}: {told}: {medians['hzclient'] / medians['hazelcast']:.2f}x")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="processes of each client; the median counts")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of a result")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        package, address = arguments.serve
        print(json.dumps(measure(package, address, arguments.rows)))
    else:
        compare(arguments.rounds, arguments.rows)


if __name__ == "__main__":
    main()
