"""Programs in other languages that tests talk to, a line at a time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hzclient.server import LocalCluster, compile_java
from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._java import find_java


class Peer:
    """A running program. Each command gets one answer.

    Args:
        command: The program and its arguments.
        folder: Its working directory; None for the current one.
    """

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        try:
            assert self._answer() == "ready"
        except AssertionError:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the program end, and end it if it does not."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    def ask(self, *words: object) -> str:
        """Give a command, and return the answer.

        Raises:
            AssertionError: If the command failed; the message has the reason.
        """
        assert self._process.stdin
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline().rstrip("\n")
        assert answer.startswith("OK "), answer or "the program ended"
        return answer.removeprefix("OK ")


def java_peer(sources: Path, main: str, cluster: LocalCluster) -> Peer:
    """Compile and start a Java program, with the classes of a member on its class path.

    Args:
        sources: Folder of its sources.
        main: Its main class.
        cluster: The cluster that it connects to.

    Returns:
        The running program.
    """
    classes = compile_java(sources, version=cluster.version)
    class_path = os.pathsep.join(map(str, [classes, *map(fetch, member_jars(cluster.version))]))
    options = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path)
    return Peer([str(find_java().java), *options, main, *target_of(cluster)])


def target_of(cluster: LocalCluster) -> tuple[str, str]:
    """Return the arguments that name a cluster: an address and the cluster's name."""
    return cluster.addresses[0], cluster.cluster_name
