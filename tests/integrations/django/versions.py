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
from tests.integrations.sdists import source_of


def environment(folder: str, version: str, python: str) -> str:
    """Make an environment with a version of Django; return its interpreter."""
    subprocess.run((python, "-m", "venv", folder), check=True)
    interpreter = str(Path(folder, "bin", "python"))
    pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, f"django~={version}.0", "mmh3>=5.0"), check=True)
    return interpreter


def installed(interpreter: str) -> str:
    """Return the version of Django that an interpreter has."""
    command = (interpreter, "-c", "import django; print(django.__version__)")
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


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
        interpreter = environment(folder, version, python)
        exact = installed(interpreter)
        tests = source_of("django", exact) / "tests"
        failed = 0
        for name in PASSED:
            numbers = run(interpreter, tests, name, cluster.addresses)
            sys.stdout.write(f"Django {exact}, {name}: {numbers}\n")
            failed += numbers["failed"]
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
