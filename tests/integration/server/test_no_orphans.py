"""Members never outlive the Python process that started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.integration.server.facts import is_held, runs, wait_until

_OWNER = """
import sys
from hzclient.server import LocalCluster
cluster = LocalCluster()
cluster.start()
print(cluster.members[0].pid, flush=True)
{then}
"""


@contextmanager
def owner(then: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a Python process that owns a member; return it and the process id of the member."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER.format(then=then)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("held", [False, True], ids=["running", "paused"])
def test_sigkill_of_the_owner_ends_the_member(held: bool) -> None:
    with owner("sys.stdin.read()") as (process, member):
        if held:
            os.kill(member, signal.SIGSTOP)
            wait_until(lambda: is_held(member))
        process.kill()
        wait_until(lambda: not runs(member))


def test_a_fork_that_keeps_the_pipe_open_does_not_keep_the_member() -> None:
    with owner("import os; fork = os.fork(); fork and print(fork, flush=True); sys.stdin.read()") as (
        process,
        member,
    ):
        assert process.stdout is not None
        fork = int(process.stdout.readline())
        process.kill()
        wait_until(lambda: not runs(member))
        assert runs(fork)
        os.kill(fork, signal.SIGKILL)


def test_leaving_without_a_shutdown_ends_the_member() -> None:
    with owner("import os; os._exit(7)") as (process, member):
        assert process.wait(60) == 7
        wait_until(lambda: not runs(member))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_watchdog_ends_the_member(number: signal.Signals) -> None:
    if number == signal.SIGKILL and not sys.platform.startswith("linux"):
        pytest.skip("only the Linux kernel ends a process together with its parent")
    with owner("sys.stdin.read()") as (_, member):
        os.kill(psutil.Process(member).ppid(), number)
        wait_until(lambda: not runs(member))


def test_an_interrupt_of_the_terminal_reaches_only_python() -> None:
    with owner(
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
    ) as (
        process,
        member,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        assert os.getpgid(member) != os.getpgid(process.pid)
        assert os.getsid(member) != os.getsid(process.pid)
