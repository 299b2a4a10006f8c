"""Runs programs in processes of their own, with a limit after which they print their stacks and end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hzclient.server import LocalCluster

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 300

Run = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests wait for members to start."""
    for item in items:
        if item.path.is_relative_to(PROGRAMS.parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture
def run_program(hazelcast_cluster: LocalCluster) -> Run:
    """Return a function that runs a program of this folder and returns what it prints.

    The program gets an address and the name of the cluster before its other arguments.
    """

    def run(name: str, *arguments: str, seconds: float = 120.0, env: dict[str, str] | None = None) -> str:
        ended = subprocess.run(
            [
                *(sys.executable, "-X", "faulthandler", str(PROGRAMS / name)),
                *(hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name, *arguments),
            ],
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    return run
