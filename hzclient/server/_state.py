"""Which clusters the command line is running: a record and a lock for each.

The process that runs a cluster holds its lock for as long as it lives. So a record that a killed process
left behind never counts as a running cluster, even if its process id is used again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from hzclient.server._errors import ServerError, missing
from hzclient.server._paths import cache_dir

if TYPE_CHECKING:
    from filelock import BaseFileLock

# Looking for a running cluster takes its lock for a moment, which must not make a claim fail.
_CLAIM_SECONDS = 1.0
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """A cluster that some process runs.

    Attributes:
        name: The cluster name.
        version: The Hazelcast version.
        pid: The process that runs it and stops it on SIGTERM.
        addresses: Addresses of its members; empty while they start.
    """

    name: str
    version: str
    pid: int
    addresses: Sequence[str] = ()


class Claim:
    """The right of this process to run the cluster of one name.

    Args:
        path: The file for the record of the cluster, whose lock this process holds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, record: ClusterRecord) -> None:
        """Write the record for other processes to read, which never see half of it."""
        written = self._path.with_suffix(f".{os.getpid()}.new")
        written.write_text(json.dumps(asdict(record)), encoding="utf-8")
        written.replace(self._path)


@contextmanager
def claim(name: str) -> Generator[Claim]:
    """Reserve a cluster name for this process.

    Args:
        name: The cluster name.

    Yields:
        The claim, which ends with the block.

    Raises:
        ServerError: If another process runs a cluster of this name.
    """
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(path)
    if not _acquired(lock, _CLAIM_SECONDS):
        raise ServerError(
            f"A cluster named {name!r} is already running. "
            f"Stop it, or give another --cluster-name: python -m hzclient server stop"
        )
    try:
        path.unlink(missing_ok=True)
        yield Claim(path)
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def find(name: str) -> ClusterRecord | None:
    """Return the running cluster of a name; None if there is none."""
    path = _path(name)
    try:
        record = ClusterRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # nothing there, or of another version
        return None
    lock = _lock(path)
    if _acquired(lock, 0):
        lock.release()
        return None
    return record


def find_all() -> Iterator[ClusterRecord]:
    """Iterate over all running clusters, in the order of their names."""
    for path in sorted(_folder().glob(f"*{_SUFFIX}")):
        record = find(unquote(path.name.removesuffix(_SUFFIX)))
        if record is not None:
            yield record


def _folder() -> Path:
    return cache_dir() / "clusters"


def _path(name: str) -> Path:
    return _folder() / (quote(name, safe="") + _SUFFIX)


def _lock(path: Path) -> BaseFileLock:
    try:
        from filelock import FileLock
    except ImportError as error:
        raise missing("filelock") from error
    return FileLock(path.with_suffix(".lock"), mode=0o600)


def _acquired(lock: BaseFileLock, seconds: float) -> bool:
    from filelock import Timeout

    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    return True


def this_process(name: str, version: str, addresses: Sequence[str] = ()) -> ClusterRecord:
    """Return the record of a cluster that this process runs."""
    return ClusterRecord(name, version, os.getpid(), list(addresses))
