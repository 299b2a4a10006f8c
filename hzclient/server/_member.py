"""One member of a local cluster: a real process."""

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
    """What a member needs to know about its cluster."""

    @property
    def startup_timeout(self) -> float:
        """How long a member may take to start, in seconds."""
        ...

    def peers_of(self, port: int) -> list[int]:
        """The ports of the other running members."""
        ...

    def wait_until_formed(self) -> None:
        """Waits until all running members agree on who is there."""
        ...


class Member:
    """A real Hazelcast member that runs as a process of its own.

    Made by `LocalCluster`, never by users.

    Args:
        cluster: The cluster it belongs to.
        spec: How it is run.
        port: Where it listens.
        log_path: The file that receives its output.
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
        """Its address as "127.0.0.1:port", which stays the same over restarts."""
        return self._spec.address(self.port)

    @property
    def pid(self) -> int:
        """The id of its Java process; that of the last one when it is stopped."""
        return self._pid

    @property
    def log_path(self) -> Path:
        """The file that holds its output since its first start."""
        return self._log.path

    @property
    def log(self) -> MemberLog:
        """What it has written since its last start."""
        return self._log

    @property
    def is_alive(self) -> bool:
        """Whether its process exists; a paused member is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_paused(self) -> bool:
        """Whether it is held by `pause`."""
        return self._paused

    def launch(self) -> None:
        """Starts its process without waiting for it to be ready.

        Raises:
            ServerError: If the process can't be made.
        """
        if self.is_alive:
            raise ServerError(f"Member {self.address} is already running.")
        self._await_exit(_STOP_TIMEOUT)
        self._log.mark_start()
        command = self._spec.command(self.port, self._cluster.peers_of(self.port))
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", _watchdog.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=member_environment(),
                # Ctrl-C in a terminal is for the Python process, which then decides about its members.
                start_new_session=True,
            )
        assert self._process.stdout is not None
        first_line = self._process.stdout.readline()
        if not first_line:
            self._await_exit(_STOP_TIMEOUT)
            raise ServerError(f"Member {self.address} could not be run.\n{self._log.tail()}")
        self._pid = int(first_line)

    def start(self) -> None:
        """Starts a stopped member again on its address and waits until it has joined.

        Raises:
            ServerError: If it runs already, or does not become ready; it does not run then.
        """
        self.launch()
        try:
            self.wait_until_started()
            self._cluster.wait_until_formed()
        except BaseException:
            self.kill()
            raise

    def wait_until_started(self) -> None:
        """Waits until it accepts clients.

        Raises:
            ServerError: If it dies or is not ready in time; the text ends with its log's last lines.
        """
        wait_for(self._log.has_started, self._cluster.startup_timeout, [self], "did not start")

    def stop(self) -> None:
        """Asks it to leave the cluster in good order, and waits until its process has ended.

        Raises:
            ServerError: If it does not end in a minute.
        """
        if self.is_alive:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
        self._await_exit(_STOP_TIMEOUT)

    def kill(self) -> None:
        """Ends it at once with SIGKILL, running or paused, and waits until its process is gone."""
        if self.is_alive:
            self._signal(signal.SIGKILL)
        self._await_exit(_STOP_TIMEOUT)

    def pause(self) -> None:
        """Holds it with SIGSTOP: its connections stay open, and it answers nothing."""
        self._check_alive()
        self._signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Lets a paused member go on with SIGCONT."""
        self._check_alive()
        self._signal(signal.SIGCONT)
        self._paused = False

    def restart(self) -> None:
        """Stops it in good order if it runs, and starts it again on the same address.

        Raises:
            ServerError: If it does not stop or start.
        """
        self.stop()
        self.start()

    def _check_alive(self) -> None:
        if not self.is_alive:
            raise ServerError(f"Member {self.address} is not running.")

    def _signal(self, number: signal.Signals) -> None:
        # It may end by itself this very moment.
        with suppress(ProcessLookupError):
            os.kill(self._pid, number)

    def _await_exit(self, timeout: float) -> None:
        """Waits for the end of its process and frees what belonged to it."""
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
    """Waits for a fact that running members bring about.

    Args:
        fact: Tells whether it is true now.
        timeout: How long to wait, in seconds.
        members: Those that must live meanwhile.
        failure: What to say of a member whose fact never came.

    Raises:
        ServerError: If a member dies or the time is over; the text holds its log's last lines.
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
