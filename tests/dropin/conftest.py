"""The members and the environment that all programs share, and the runs themselves, several at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from benchmarks import official
from hzclient._environment import DROPIN_RUNS
from hzclient.server import LocalCluster
from tests.dropin.runner import CLIENTS, Outcome, run

HERE = os.path.dirname(__file__)
TIMEOUT_SECONDS = 900
# Open-source members from 5.5 on refuse CP calls.
CP_VERSION = "5.3.8"
RUNS = int(os.environ.get(DROPIN_RUNS, "10"))

Runs = dict[tuple[str, str], list[Future[Outcome]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the first test of the folder wait for its turn among the runs of all others."""
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture(scope="session")
def cp_cluster() -> Iterator[LocalCluster]:
    """Three members with the CP subsystem."""
    properties = {"hz.cp-subsystem.cp-member-count": "3"}
    with LocalCluster(members=3, version=CP_VERSION, properties=properties) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """All runs of the selected programs, started at once; a few run at a time (they mostly wait).

    The clients take turns, so that what disturbs a machine for a while disturbs both.
    """
    selected = [program for item in request.session.items if (program := _program(item))]
    official.interpreter()
    addresses = {
        program: request.getfixturevalue(
            "cp_cluster" if program.startswith("cp_") else "hazelcast_cluster"
        ).addresses
        for program in selected
    }
    with ThreadPoolExecutor(2 * (os.cpu_count() or 2)) as pool:
        started: Runs = {(client, program): [] for client in CLIENTS for program in selected}
        for program in selected:
            for _ in range(RUNS):
                for client in CLIENTS:
                    started[client, program].append(pool.submit(run, client, program, addresses[program]))
        yield started
        pool.shutdown(cancel_futures=True)


def _program(item: pytest.Item) -> str | None:
    return item.callspec.params.get("program") if hasattr(item, "callspec") else None
