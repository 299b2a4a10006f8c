"""Member of a local cluster: a real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hzclient.server import _watchdog
from hzclient.server._command import MemberSpec, member_environment
from hzclient.server._errors import ServerError
from hzclient.server._log import MemberLog

_POLL_SECONDS = 0.02
_STOP_TIMEOUT = 60.0


class ClusterView(Protocol):
    """Cluster of a member, as the member sees it."""

    @property
    def startup_timeout(self) -> float:
        """Seconds that the start of a member may take."""
        ...

    def peers_of(self, port: int) -> list[int]:
        """Return the ports of the other running members."""
        ...

    def wait_until_formed(self) -> None:
        """Wait until all running members have the same member list."""
        ...


class Member:
    """Real Hazelcast member that runs as a process of its own. `LocalCluster` creates it.

    Args:
        cluster: Cluster of the member.
        spec: Settings of the member.
        port: Port to listen on.
        log_path: File for its output.

    Attributes:
        port: Port that the member listens on.
    """

    def __init__(self, cluster: ClusterView, spec: MemberSpec, port: int, log_path: Path) -> None:
        self._cluster = cluster
        self._spec = spec
        self._log = MemberLog(log_path)
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._paused = False
        self.port = port

    def __repr__(self) -> str:
        state = "paused" if self._paused else "alive" if self.is_alive else "stopped"
        return f"<Member {self.address} pid={self._pid} {state}>"

    @property
    def address(self) -> str:
        """Address of the member as "127.0.0.1:port"; a restart does not change it."""
        return self._spec.address(self.port)

    @property
    def pid(self) -> int:
        """Id of the Java process; if the member is stopped, that of its last process."""
        return self._pid

    @property
    def log_path(self) -> Path:
        """File with the output of the member since its first start."""
        return self._log.path

    @property
    def log(self) -> MemberLog:
        """Log of the member since its last start."""
        return self._log

    @property
    def is_alive(self) -> bool:
        """True if the process exists. A paused member is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_paused(self) -> bool:
        """True if the member is paused."""
        return self._paused

    def launch(self) -> None:
        """Start the process without waiting until the member is ready.

        Raises:
            ServerError: If the member is already running, or if the process cannot be started.
        """
        if self.is_alive:
            raise ServerError(f"Member {self.address} is already running.")
        self._await_exit(_STOP_TIMEOUT)
        self._log.mark_start()
        command = self._spec.command(self.port, self._cluster.peers_of(self.port))
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, own arguments
                [sys.executable, "-I", "-S", _watchdog.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=member_environment(),
                # Ctrl-C in a terminal is meant for the Python process, which decides about its members.
                start_new_session=True,
            )
        assert self._process.stdout is not None
        first_line = self._process.stdout.readline()
        if not first_line:
            self._await_exit(_STOP_TIMEOUT)
            raise ServerError(f"Member {self.address} could not be run.\n{self._log.tail()}")
        self._pid = int(first_line)

    def start(self) -> None:
        """Start a stopped member on its old address and wait until it has joined.

        Raises:
            ServerError: If the member is already running, or if it does not start; it is stopped then.
        """
        self.launch()
        try:
            self.wait_until_started()
            self._cluster.wait_until_formed()
        except BaseException:
            self.kill()
            raise

    def wait_until_started(self) -> None:
        """Wait until the member accepts clients.

        Raises:
            ServerError: If it dies or is not ready in time. The message ends with the last lines of its log.
        """
        wait_for(self._log.has_started, self._cluster.startup_timeout, [self], "did not start")

    def stop(self) -> None:
        """Shut the member down gracefully, and wait until its process has ended.

        Raises:
            ServerError: If it does not end within a minute.
        """
        if self.is_alive:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
        self._await_exit(_STOP_TIMEOUT)

    def kill(self) -> None:
        """Kill the member with SIGKILL, running or paused, and wait until its process has ended."""
        if self.is_alive:
            self._signal(signal.SIGKILL)
        self._await_exit(_STOP_TIMEOUT)

    def pause(self) -> None:
        """Pause the member with SIGSTOP: its connections stay open, and it responds to nothing."""
        self._check_alive()
        self._signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Resume a paused member with SIGCONT."""
        self._check_alive()
        self._signal(signal.SIGCONT)
        self._paused = False

    def restart(self) -> None:
        """Shut the member down gracefully if it is running, and start it again on the same address.

        Raises:
            ServerError: If it does not stop or start.
        """
        self.stop()
        self.start()

    def _check_alive(self) -> None:
        if not self.is_alive:
            raise ServerError(f"Member {self.address} is not running.")

    def _signal(self, number: signal.Signals) -> None:
        # The process may have ended by itself since the last check.
        with suppress(ProcessLookupError):
            os.kill(self._pid, number)

    def _await_exit(self, timeout: float) -> None:
        """Wait for the end of the process and close its pipes."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise ServerError(
                f"Member {self.address} did not end in {timeout:g} s.\n{self._log.tail()}"
            ) from error
        self._paused = False
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def wait_for(fact: Callable[[], bool], timeout: float, members: Iterable[Member], failure: str) -> None:
    """Wait until running members make a condition true.

    Args:
        fact: Returns whether the condition is true.
        timeout: Seconds to wait.
        members: Members that must stay alive meanwhile.
        failure: Error message after the timeout, after the word "Members".

    Raises:
        ServerError: If a member dies, or after the timeout. The message ends with the last lines of its log.
    """
    watched = list(members)
    deadline = time.monotonic() + timeout
    while not fact():
        for member in watched:
            if not member.is_alive:
                raise ServerError(f"Member {member.address} died. The end of its log:\n{member.log.tail()}")
        if time.monotonic() > deadline:
            logs = "\n".join(f"{member.address}:\n{member.log.tail()}" for member in watched)
            raise ServerError(f"Members {failure} in {timeout:g} s. The end of their logs:\n{logs}")
        time.sleep(_POLL_SECONDS)
