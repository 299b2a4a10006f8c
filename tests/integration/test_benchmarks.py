"""The comparison runs end to end: every participant does its work. No result is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hzclient.server import LocalCluster

ROOT = Path(__file__).parents[2]


def test_every_participant_does_its_work(hazelcast_cluster: LocalCluster) -> None:
    options = ["--json", "--rounds", "1", "--seconds", "0.1", "--size", "100", "--in-flight", "16"]
    for address in hazelcast_cluster.addresses:
        options += ["--address", address]
    command = [sys.executable, "-m", "benchmarks", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240, check=False)
    assert done.returncode == 0, done.stderr

    report = json.loads(done.stdout)
    rows = {(row["face"], row["operation"], row["client"], row["loop"]): row for row in report["results"]}
    for operation in ("get", "set"):
        for face, loops in {"asyncio": ["stock", "uvloop"], "blocking": ["own"], "future": ["own"]}.items():
            assert {(face, operation, "official", loop) for loop in loops} <= rows.keys()
            assert {(face, operation, "hzclient", loop) for loop in ("stock", "uvloop")} <= rows.keys()
            assert (face, operation, "limit", "own") in rows
    assert all(row["throughput"] > 0 and row["cpu"] > 0 for row in rows.values())
    compared = [row for row in rows.values() if row["client"] != "official"]
    assert all(row["ratios"]["throughput"] > 0 for row in compared)
