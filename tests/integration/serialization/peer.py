"""The Java program that writes values for Python, and checks those of Python: `tests/java/comparison`."""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from hzclient.server import LocalCluster, compile_java
from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._java import find_java

SOURCES = Path(__file__).parents[2] / "java" / "comparison"


class Peer:
    """A running Java client.

    Args:
        cluster: The cluster that it connects to.
    """

    def __init__(self, cluster: LocalCluster) -> None:
        classes = compile_java(SOURCES, version=cluster.version)
        class_path = [classes, *map(fetch, member_jars(cluster.version))]
        self._process = subprocess.Popen(
            [
                *(str(find_java().java), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                *("-cp", os.pathsep.join(map(str, class_path))),
                *("comparison.Peer", cluster.addresses[0], cluster.cluster_name),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        assert self._answer() == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
            AssertionError: If it failed.
        """
        assert self._process.stdin
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline().rstrip("\n")
        assert answer.startswith("OK "), answer or "the Java program ended"
        return answer.removeprefix("OK ")
