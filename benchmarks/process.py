"""A process that gets jobs as lines and responds with lines. Only the standard library is needed."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT = Path(__file__).resolve().parent.parent

PATIENCE_SECONDS: Final = 60.0
"""Seconds that a process may take for a job, beyond what the job itself takes, before it is killed."""


class Worker:
    """Process that does jobs; a context manager that ends it.

    Args:
        command: Its command line, run in the folder of the repository.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_SECONDS if error is None else 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, line: str, seconds: float = 0.0) -> str:
        """Send a line, and return the one that comes back.

        Args:
            line: The job.
            seconds: Seconds that the job itself takes.

        Returns:
            The response, with its line feed.
        """
        self.send(line)
        return self.receive(seconds)

    def send(self, line: str) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def receive(self, seconds: float = 0.0) -> str:
        """Wait for a line.

        Args:
            seconds: Seconds that the job itself takes.

        Returns:
            The line, with its line feed.

        Raises:
            RuntimeError: The process ended or sent nothing in time. Its standard error has the reason.
        """
        assert self._process.stdout is not None
        watchdog = threading.Timer(seconds + PATIENCE_SECONDS, self._process.kill)
        watchdog.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise RuntimeError(
                f"a worker ended with status {self._process.wait()}: {' '.join(self._command)}"
            )
        return line
