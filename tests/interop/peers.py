"""Programs in other languages that take part in the tests: how they are built and run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hzclient.server import LocalCluster, compile_java
from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._java import find_java
from hzclient.server._paths import cache_dir

HERE = Path(__file__).parent
BUILD_SECONDS = 300


class MissingToolchain(Exception):
    """The machine lacks what a language needs; the message names it."""


class Peer:
    """A running program. Each command gets one answer.

    Args:
        command: The program and its arguments.
        folder: Its working directory.
    """

    def __init__(self, command: Sequence[str], folder: Path = HERE) -> None:
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


def java(cluster: LocalCluster) -> Peer:
    """Start the Java program."""
    classes = compile_java(HERE / "java", version=cluster.version)
    class_path = os.pathsep.join(map(str, [classes, *map(fetch, member_jars(cluster.version))]))
    options = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path)
    return Peer([str(find_java().java), *options, "interop.Peer", *_target(cluster)])


def node(cluster: LocalCluster) -> Peer:
    """Start the program for Node.

    Raises:
        MissingToolchain: If there is no `node` or no `npm`.
    """
    program, npm = _found("node"), _found("npm")
    folder = _copied("node")
    _build([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], folder)
    return Peer([program, "peer.mjs", *_target(cluster)], folder)


def go(cluster: LocalCluster) -> Peer:
    """Start the program in Go.

    Raises:
        MissingToolchain: If there is no `go`.
    """
    program = _found("go")
    folder = _copied("go")
    _build([program, "build", "-o", "peer", "."], folder)
    return Peer([str(folder / "peer"), *_target(cluster)], folder)


PEERS: Mapping[str, Callable[[LocalCluster], Peer]] = {"java": java, "node": node, "go": go}


def _target(cluster: LocalCluster) -> tuple[str, str]:
    return cluster.addresses[0], cluster.cluster_name


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise MissingToolchain(f"{program} is not on the PATH of this machine")
    return path


def _copied(language: str) -> Path:
    """Return a folder with a copy of the program, where its packages stay from one run to the next."""
    folder = cache_dir() / "interop" / language
    shutil.copytree(HERE / language, folder, dirs_exist_ok=True)
    return folder


def _build(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}"
