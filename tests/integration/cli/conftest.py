"""Runs commands of the program: in this process for results, in a pseudo-terminal for what people see."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest

from hzclient.cli._app import main
from hzclient.server import LocalCluster

ROOT = Path(__file__).parents[3]


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


class Terminal:
    """A command in a pseudo-terminal of 100 columns and 30 lines.

    Args:
        words: The words after the program's name.
        environment: Its environment.
    """

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "hzclient", *words],
            dimensions=(30, 100),
            timeout=30,
            cwd=str(ROOT),
            env=environment,
        )

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait_for(self, check: str | Callable[[str], bool]) -> str:
        """Read until the screen contains a text, or fulfils a condition; return the screen."""
        fulfilled = check if callable(check) else lambda screen: check in screen
        while not fulfilled(self.text):
            try:
                data = self.process.read_nonblocking(65536, timeout=30)
            except (pexpect.TIMEOUT, pexpect.EOF) as error:
                raise AssertionError(f"{check!r} did not appear in:\n{self.text}") from error
            self.raw += data
            self._stream.feed(data)
            if b"\x1b[6n" in data:  # where is the cursor?
                self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        return self.text

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while True:
            try:
                data = self.process.read_nonblocking(65536, timeout=30)
            except pexpect.EOF:
                break
            self.raw += data
            self._stream.feed(data)
        self.process.close()
        return self.process.exitstatus if self.process.exitstatus is not None else -self.process.signalstatus


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
