"""Which clusters the command line has running: one locked file each.

The process that runs a cluster holds a lock on its file for as long as it lives. So a record left by a
process that was killed is never taken for a running cluster, even when its process id is used again.
"""

import fcntl
import json
import os
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

from hzclient.server._errors import ServerError
from hzclient.server._paths import cache_dir

_CLAIM_SECONDS = 1.0
_RETRY_SECONDS = 0.05
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """What is known of a cluster that some process runs.

    Attributes:
        name: The cluster name.
        version: The Hazelcast version.
        pid: The process that runs it and ends it on SIGTERM.
        addresses: Its members; empty while they start.
    """

    name: str
    version: str
    pid: int
    addresses: Sequence[str] = ()


class Claim:
    """The right of this process to run the cluster of one name.

    Args:
        file: The cluster's file, locked.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def publish(self, record: ClusterRecord) -> None:
        """Tells other processes what is running."""
        # In one write over all that is there, so that nobody reads half of it meanwhile.
        before = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self._file.write(json.dumps(asdict(record)).ljust(before))
        self._file.flush()


@contextmanager
def claim(name: str) -> Generator[Claim]:
    """Reserves a cluster name for this process.

    Args:
        name: The cluster name.

    Raises:
        ServerError: If another process runs a cluster of this name.
    """
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        # Somebody who only looks holds the lock for a moment too.
        deadline = time.monotonic() + _CLAIM_SECONDS
        while not _try_lock(file):
            if time.monotonic() > deadline:
                raise ServerError(
                    f"A cluster named {name!r} is already running. "
                    f"Stop it, or give another --cluster-name: python -m hzclient server stop"
                )
            time.sleep(_RETRY_SECONDS)
        held = Claim(file)
        try:
            yield held
        finally:
            file.seek(0)
            file.truncate()


def find(name: str) -> ClusterRecord | None:
    """The running cluster of a name, or None."""
    try:
        with _path(name).open("r+", encoding="utf-8") as file:
            if _try_lock(file):
                return None
            fields = json.loads(file.read() or "null")
    except (FileNotFoundError, ValueError):
        return None
    return None if fields is None else ClusterRecord(**fields)


def find_all() -> Iterator[ClusterRecord]:
    """All running clusters, in the order of their names."""
    for path in sorted(_folder().glob(f"*{_SUFFIX}")):
        record = find(unquote(path.name.removesuffix(_SUFFIX)))
        if record is not None:
            yield record


def _folder() -> Path:
    return cache_dir() / "clusters"


def _path(name: str) -> Path:
    return _folder() / (quote(name, safe="") + _SUFFIX)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def this_process(name: str, version: str, addresses: Sequence[str] = ()) -> ClusterRecord:
    """The record of a cluster that this process runs."""
    return ClusterRecord(name, version, os.getpid(), list(addresses))
