"""Starts programs that host applications, asks them, and checks that they end and leave no process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
END_SECONDS = 30.0

T = TypeVar("T")


def environment(address: str, cluster_name: str, **more: str) -> dict[str, str]:
    """Return the environment of a host."""
    own = {"HOSTS_ADDRESS": address, "HOSTS_CLUSTER": cluster_name, "PYTHONPATH": str(ROOT)}
    return {**os.environ, **own, "PYTHONFAULTHANDLER": "1", **more}


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def eventually(check: Callable[[], T], seconds: float = START_SECONDS) -> T:
    """Return what `check()` returns as soon as that is true."""
    end = time.monotonic() + seconds
    while not (value := check()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)
    return value


class Host:
    """A running host in a session of its own.

    Args:
        process: The process.
        log: What it prints.
        port: Where it answers.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process = process
        self.log = log
        self.port = port

    def ask(self) -> tuple[int, int]:
        """Return the process that answered, and the number that it counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=30) as response:
            pid, number = response.read().split()
        return int(pid), int(number)

    def answers(self) -> tuple[int, int] | None:
        """Return an answer; None if there is none."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask()
        except OSError:
            return None

    def processes(self) -> list[int]:
        """Return the processes of its session that still run."""
        found = []
        for each in psutil.process_iter():
            try:
                if os.getsid(each.pid) == self.process.pid and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each.pid)
            except (OSError, psutil.Error):
                pass
        return found

    def end(self, number: signal.Signals) -> None:
        """End it by a signal, and check that it ends in time and leaves no process."""
        self.process.send_signal(number)
        try:
            self.process.wait(END_SECONDS)
            eventually(lambda: not self.processes(), 10)
        except (subprocess.TimeoutExpired, AssertionError):
            for pid in self.processes():  # prints their stacks
                os.kill(pid, signal.SIGABRT)
            raise AssertionError(f"it did not end: {self.log.read_text()}") from None


@contextmanager
def hosted(arguments: list[str], env: dict[str, str], log: Path, port: int = 0) -> Iterator[Host]:
    """Run a host, `python -m` these arguments, and kill what is left of it at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=env,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    host = Host(process, log, port)
    try:
        yield host
    finally:
        for pid in host.processes():
            os.kill(pid, signal.SIGKILL)
        process.wait()
