"""Every example runs on a real cluster and prints the expected output."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hzclient.server import LocalCluster

EXAMPLES = Path(__file__).parents[2] / "examples"

PROMISES = {
    "quickstart.py": [
        "capital of France is Paris",
        "France was added with the value Paris",
        "12 squared is 144",
        r"3, 4 and 5 cubed are \[27, 64, 125\]",
    ],
    "pipelining.py": ["^10000 entries in "],
    "django_site.py": [
        "^visit 1$",
        "^visit 2$",
        "^{'report': 'made now', 'readers': 1}$",
        "^available: True$",
        "^100 users are cached$",
        "^10 of them are removed$",
    ],
    "flask_app.py": ["^visit 1$", "^visit 2$", "^making the report\nreport\nreport$"],
    "asyncio_service.py": ["^/about: 1$", "^/home: 3$", "^/news: 1$"],
}


def run(example: str, *arguments: str) -> str:
    """Run an example with warnings as errors; return its output."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == PROMISES.keys()


@pytest.mark.parametrize("example", PROMISES)
def test_example_keeps_its_promises(example: str, hazelcast_cluster: LocalCluster) -> None:
    for _ in range(2):  # a second run works on what the first one left in the cluster
        printed = run(example, *hazelcast_cluster.addresses)
        for promise in PROMISES[example]:
            assert re.search(promise, printed, re.MULTILINE), printed
