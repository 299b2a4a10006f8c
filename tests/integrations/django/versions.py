"""Run Django's own tests of caches and sessions with another version of Django, on the Hazelcast backend.

    python -m tests.integrations.django.versions 4.2
    python -m tests.integrations.django.versions 6.1 python3.12

Makes a virtual environment for the version, with the given interpreter, in a temporary folder; fetches the
sources of the version; and starts a member.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hzclient.server import LocalCluster
from tests.integration.operations.scripts import ROOT
from tests.integrations.django.test_suite import PASSED
from tests.integrations.environments import environment, installed
from tests.integrations.sdists import source_of


def run(interpreter: str, tests: Path, name: str, addresses: list[str]) -> dict[str, Any]:
    """Run a class of tests; return the numbers of passed, failed and skipped ones."""
    command = (interpreter, "-m", "tests.integrations.django.suite", str(tests), name, *addresses)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, capture_output=True, timeout=600)
    if not done.stdout or json.loads(done.stdout)["failed"]:
        sys.stderr.write(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(version: str, python: str = sys.executable) -> None:
    """Run all classes of tests; exit with 1 if a test failed."""
    with tempfile.TemporaryDirectory() as folder, LocalCluster(members=1) as cluster:
        interpreter = environment(folder, python, f"django~={version}.0")
        exact = installed(interpreter, "django")
        tests = source_of("django", exact) / "tests"
        failed = 0
        for name in PASSED:
            numbers = run(interpreter, tests, name, cluster.addresses)
            sys.stdout.write(f"Django {exact}, {name}: {numbers}\n")
            failed += numbers["failed"]
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
