"""What the tests of this folder wait for and look at."""

import time
from collections.abc import Callable

import psutil

_TIMEOUT = 20.0
_POLL_SECONDS = 0.02


def wait_until(fact: Callable[[], bool]) -> None:
    """Waits for a fact, and fails the test if it does not come true."""
    deadline = time.monotonic() + _TIMEOUT
    while not fact():
        assert time.monotonic() < deadline, f"not true in {_TIMEOUT:g} s"
        time.sleep(_POLL_SECONDS)


def runs(pid: int) -> bool:
    """Whether a process exists that still does something."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_held(pid: int) -> bool:
    """Whether a process is stopped by a signal."""
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


def java_process_at(pid: int, address: str) -> int:
    """The id of the Java process below another one that listens at an address."""
    host, _, port = address.rpartition(":")
    (found,) = (
        java
        for java in java_processes_below(pid)
        for listening in psutil.Process(java).net_connections("tcp")
        if listening.status == psutil.CONN_LISTEN and listening.laddr == (host, int(port))
    )
    return found


def java_processes_below(pid: int) -> list[int]:
    """The ids of the Java processes that descend from a process."""
    below = psutil.Process(pid).children(recursive=True)
    return [process.pid for process in below if process.name().startswith("java")]
