"""Facts about processes that the tests of this folder check and wait for."""

import time
from collections.abc import Callable

import psutil

_TIMEOUT = 60.0
_POLL_SECONDS = 0.02


def wait_until(fact: Callable[[], bool]) -> None:
    """Wait until a fact is true; fail the test if that takes too long."""
    deadline = time.monotonic() + _TIMEOUT
    while not fact():
        assert time.monotonic() < deadline, f"not true in {_TIMEOUT:g} s"
        time.sleep(_POLL_SECONDS)


def runs(pid: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_held(pid: int) -> bool:
    """Return whether a process is stopped by a signal."""
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


def java_process_at(pid: int, address: str) -> int:
    """Return the id of the Java process that descends from a process and listens at an address."""
    host, _, port = address.rpartition(":")
    (found,) = (
        java
        for java in java_processes_below(pid)
        for listening in psutil.Process(java).net_connections("tcp")
        if listening.status == psutil.CONN_LISTEN and listening.laddr == (host, int(port))
    )
    return found


def java_processes_below(pid: int) -> list[int]:
    """Return the ids of the Java processes that descend from a process."""
    below = psutil.Process(pid).children(recursive=True)
    return [process.pid for process in below if process.name().startswith("java")]
