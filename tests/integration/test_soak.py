"""The soak runs end to end for some seconds: all workers in all faces, and a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faces import FACES
from benchmarks.soak.workers import KINDS

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_a_short_soak_passes(tmp_path: Path) -> None:
    options = [
        "--members",
        "2",
        "--seconds",
        "3",
        "--rest",
        "0.5",
        "--fault",
        "paused briefly",
        "--output",
        str(tmp_path),
    ]
    command = [sys.executable, "-m", "benchmarks", "soak", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600, check=False)
    results = json.loads((tmp_path / "soak.json").read_text())
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{(tmp_path / 'clients.log').read_text()}"
    assert "PASSED" in done.stdout
    assert results["passed"]
    assert {fault["name"] for fault in results["faults"]} == {"member paused briefly"}
    assert set(results["outcome"]["good"]) == {f"{kind.kind}/{face}" for kind in KINDS for face in FACES}
