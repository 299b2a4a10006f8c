"""Runs commands of the program: in this process for results, in a pseudo-terminal for what people see."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hzclient.cli._app import main
from hzclient.server import LocalCluster
from tests.integration.cli.terminal import ROOT, Terminal


class Outcome:
    """What a command did.

    Args:
        code: Exit code.
        out: Standard output.
        err: Standard error.
    """

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def log_settings() -> Iterator[None]:
    """Restore the log of the client, which the program silences."""
    logger = logging.getLogger("hzclient")
    before = (list(logger.handlers), logger.propagate)
    yield
    logger.handlers[:], logger.propagate = before


@pytest.fixture
def connection(hazelcast_cluster: LocalCluster) -> list[str]:
    """Return the options that connect to the shared cluster."""
    return ["-a", hazelcast_cluster.addresses[0], "-c", hazelcast_cluster.cluster_name]


@pytest.fixture
def run(connection: list[str], capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs one command and checks its exit code."""

    def run_command(*words: str, code: int = 0) -> Outcome:
        capsys.readouterr()
        outcome = Outcome(main([*connection, *words]), *capsys.readouterr())
        assert outcome.code == code, (words, outcome.out, outcome.err)
        return outcome

    return run_command


@pytest.fixture
def terminal(connection: list[str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Return a function that starts a command in a pseudo-terminal."""
    started: list[Terminal] = []
    environment = {
        "PATH": "/usr/bin:/bin",
        "TERM": "xterm-256color",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }

    def start(*words: str) -> Terminal:
        started.append(Terminal([*connection, *words], environment))
        return started[-1]

    yield start
    for each in started:
        each.process.close(force=True)
