"""Jars by Maven coordinates: from a local repository, or downloaded once and cached."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hzclient._environment import MAVEN_REPOSITORY
from hzclient.server._errors import ServerError, missing
from hzclient.server._paths import cache_dir

_ATTEMPTS = 3
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Jar:
    """Maven coordinates of one jar without dependencies.

    Hazelcast's jars include their dependencies, so no others have to be resolved.

    Attributes:
        group: Group id.
        artifact: Artifact id.
        version: Version.
    """

    group: str
    artifact: str
    version: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def path(self) -> Path:
        """Path of the jar inside a Maven repository."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def member_jars(version: str) -> list[Jar]:
    """Return the jars of a Hazelcast version. Since 5.0, SQL has a jar of its own."""
    names = ["hazelcast"] if version.startswith(("3.", "4.")) else ["hazelcast", "hazelcast-sql"]
    return [Jar("com.hazelcast", name, version) for name in names]


def fetch(jar: Jar) -> Path:
    """Return the local path of a jar, after downloading it if no local repository has it.

    Args:
        jar: Coordinates of the jar.

    Returns:
        A file in hzclient's cache or in the local Maven repository.

    Raises:
        ServerError: If the jar is not found. The message lists what was tried.
    """
    cached = cache_dir() / "maven" / jar.path
    local = Path(os.environ.get("M2_REPO") or Path.home() / ".m2" / "repository") / jar.path
    for path in (cached, local):
        if path.is_file():
            return path
    try:
        _download(jar, cached)
    except ServerError as error:
        raise ServerError(
            f"{jar} was not found.\n  - {cached}: not there\n  - {local}: not there\n  - {error}"
        ) from error.__cause__
    return cached


def _download(jar: Jar, target: Path) -> None:
    """Download a jar into the cache. It appears there complete or, if the download fails, not at all."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir(), prefix=".download-") as scratch:
        downloaded = _download_with_retries(jar, Path(scratch))
        target.parent.mkdir(parents=True, exist_ok=True)
        downloaded.replace(target)


def _download_with_retries(jar: Jar, scratch: Path) -> Path:
    failure: OSError | None = None
    for attempt in range(_ATTEMPTS):
        if failure is not None:
            sys.stderr.write(f"hzclient.server: trying {jar} again after: {failure}\n")
        try:
            return _download_once(jar, scratch / str(attempt))
        except OSError as error:
            failure = error
    raise ServerError(
        f"download: {failure}\nCheck the network, or put the jar into the local Maven "
        f"repository; {MAVEN_REPOSITORY} names another remote repository."
    ) from failure


def _download_once(jar: Jar, scratch: Path) -> Path:
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        raise missing("jgo") from error
    remote = os.environ.get(MAVEN_REPOSITORY)
    context = MavenContext(
        resolver=PythonResolver(progress_callback=_progress),
        repo_cache=scratch,
        remote_repos={"remote": remote.rstrip("/")} if remote else None,
        timeout=_TIMEOUT,
    )
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    try:
        digest = component.artifact(packaging="jar.sha1").resolve().read_text(encoding="ascii").split()[0]
        path = component.artifact().resolve()
    except RuntimeError as error:
        remotes = ", ".join(context.remote_repos.values())
        raise ServerError(f"download: not in {remotes}\nCheck that this version exists.") from error
    if hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest() != digest:
        raise OSError(f"{jar} arrived damaged: its SHA-1 is not {digest}")
    return path


@contextmanager
def _progress(name: str, size: int) -> Generator[Callable[[int], None]]:
    """Show the progress of a download on standard error: one line, rewritten on a terminal."""
    if not name.endswith(".jar"):
        yield lambda count: None
        return
    megabytes = size / 1e6
    received = 0
    shown = -1

    def advance(count: int) -> None:
        nonlocal received, shown
        received += count
        percent = received * 100 // size
        if percent != shown and sys.stderr.isatty():
            shown = percent
            sys.stderr.write(f"\rhzclient.server: fetching {name} ({megabytes:.1f} MB) {percent}%")
            sys.stderr.flush()

    if not sys.stderr.isatty():
        sys.stderr.write(f"hzclient.server: fetching {name} ({megabytes:.1f} MB)\n")
    yield advance
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    sys.stderr.flush()
