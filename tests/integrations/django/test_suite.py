"""Django's own test suite of caches and sessions passes on the Hazelcast backend."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from hzclient.server import LocalCluster
from tests.integration.operations.scripts import ROOT
from tests.integrations.sdists import source_of

PASSED = {"Methods": 52, "InTasksMethods": 50, "NearCache": 52, "DjangosSessions": 70, "Sessions": 70}
"""Numbers of Django 5.2's tests: of all backends, called, awaited, and with a near cache; of sessions."""


@pytest.fixture(scope="module")
def runs(hazelcast_cluster: LocalCluster) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Start all classes at once: they mostly wait for entries to expire."""
    folder = source_of("django") / "tests"
    command = (sys.executable, "-m", "tests.integrations.django.suite", str(folder))
    runs = {
        name: subprocess.Popen(
            [*command, name, *hazelcast_cluster.addresses],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in PASSED
    }
    yield runs
    for run in runs.values():
        run.kill()
        run.communicate()


@pytest.mark.parametrize("name", PASSED)
def test_all_pass(name: str, runs: dict[str, subprocess.Popen[str]]) -> None:
    out, err = runs[name].communicate(timeout=200)
    assert out, err
    assert json.loads(out) == {"passed": PASSED[name], "failed": 0, "skipped": 0}, err
