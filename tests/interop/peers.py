"""Programs in other languages that take part in the tests: how they are built and run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hzclient.server import LocalCluster
from hzclient.server._paths import cache_dir
from tests.peers import Peer, java_peer, target_of

HERE = Path(__file__).parent
BUILD_SECONDS = 300


class MissingToolchain(Exception):
    """The machine lacks what a language needs; the message names it."""


def java(cluster: LocalCluster) -> Peer:
    """Start the Java program."""
    return java_peer(HERE / "java", "interop.Peer", cluster)


def node(cluster: LocalCluster) -> Peer:
    """Start the program for Node.

    Raises:
        MissingToolchain: If there is no `node` or no `npm`.
    """
    program, npm = _found("node"), _found("npm")
    folder = _copied("node")
    _build([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], folder)
    return Peer([program, "peer.mjs", *target_of(cluster)], folder)


def go(cluster: LocalCluster) -> Peer:
    """Start the program in Go.

    Raises:
        MissingToolchain: If there is no `go`.
    """
    program = _found("go")
    folder = _copied("go")
    _build([program, "build", "-o", "peer", "."], folder)
    return Peer([str(folder / "peer"), *target_of(cluster)], folder)


PEERS: Mapping[str, Callable[[LocalCluster], Peer]] = {"java": java, "node": node, "go": go}


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
