"""The cluster of real members that all tests share."""

import os
import signal
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from hzclient._environment import SERVER_VERSION
from hzclient.server import DEFAULT_JVM_OPTIONS, DEFAULT_VERSION, compile_java

# Examples have no time limit of their own: the machine may be busy. pytest-timeout ends a test that hangs.
hypothesis.settings.register_profile("hzclient", deadline=None)
hypothesis.settings.load_profile("hzclient")

# A shell that runs the tests in the background has SIGINT ignored, and the programs that tests start would
# inherit that: Ctrl-C would not end them.
signal.signal(signal.SIGINT, signal.default_int_handler)

JAVA = Path(__file__).parent / "java"

pytest_plugins = ["hzclient.testing", "tests.matrix"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show why tests failed that passed when they were run once more (`--rerun`)."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"failed at first: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(scope="session")
def server_version() -> str:
    """Return the Hazelcast version to test with: `./run-tests.sh --server VERSION`."""
    return os.environ.get(SERVER_VERSION, DEFAULT_VERSION)


@pytest.fixture(scope="session")
def hazelcast_cluster_options(server_version: str) -> dict[str, Any]:
    """Ask for two members, so that calls are routed, with the classes of `tests/java`."""
    return {
        "members": 2,
        "version": server_version,
        "config": JAVA / "hazelcast.yaml",
        "class_path": [compile_java(JAVA / "hzclient", version=server_version)],
        # All tests of a run leave entries in these members.
        "jvm_options": [*(option for option in DEFAULT_JVM_OPTIONS if "-Xmx" not in option), "-Xmx1g"],
    }
