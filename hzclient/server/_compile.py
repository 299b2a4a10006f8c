"""Compiling Java classes for members: with the runtime's own compiler, else with Eclipse's."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from hzclient.server._artifacts import Jar, fetch, member_jars
from hzclient.server._cluster import DEFAULT_VERSION
from hzclient.server._errors import ServerError
from hzclient.server._java import MINIMUM_JAVA, JavaRuntime, find_java
from hzclient.server._paths import cache_dir

ECLIPSE_COMPILER = Jar("org.eclipse.jdt", "ecj", "3.38.0")


def compile_java(
    sources: str | Path | Sequence[str | Path],
    *,
    version: str = DEFAULT_VERSION,
    class_path: Sequence[str | Path] = (),
    out_dir: str | Path | None = None,
    java: str | Path | None = None,
) -> Path:
    """Compiles Java sources against a Hazelcast version, once for each content.

    Args:
        sources: Source files, or folders that are searched for them.
        version: The Hazelcast version whose classes they use.
        class_path: Further folders and jars they use.
        out_dir: Where the class files go. By default a folder in hzclient's cache that is named for
            the content of the sources, so that compiling them again does nothing.
        java: The Java to use, as for `LocalCluster`. One without a compiler is enough.

    Returns:
        The folder with the class files, for the ``class_path`` of a `LocalCluster`.

    Raises:
        ServerError: If there are no sources, they have errors, or Java or a jar can't be had.
    """
    files = _source_files([sources] if isinstance(sources, str | Path) else sources)
    libraries = [*map(fetch, member_jars(version)), *(Path(entry).resolve() for entry in class_path)]
    runtime = find_java(java)
    if out_dir is not None:
        target = Path(out_dir)
        target.mkdir(parents=True, exist_ok=True)
        _run_compiler(runtime, files, libraries, target)
        return target
    target = cache_dir() / "classes" / _digest(files, libraries)
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compile-") as scratch:
            compiled = Path(scratch) / "classes"
            compiled.mkdir()
            _run_compiler(runtime, files, libraries, compiled)
            _put_in_place(compiled, target)
    return target


def _source_files(sources: Iterable[str | Path]) -> list[Path]:
    files: list[Path] = []
    for source in map(Path, sources):
        files.extend(sorted(source.rglob("*.java")) if source.is_dir() else [source])
    missing = [str(file) for file in files if not file.is_file()]
    if missing or not files:
        raise ServerError(f"There is nothing to compile: {', '.join(missing) or 'no .java file found'}.")
    return files


def _digest(files: Iterable[Path], libraries: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    for library in libraries:
        digest.update(f"{library}\0".encode())
    return digest.hexdigest()[:32]


def _run_compiler(
    runtime: JavaRuntime, files: Sequence[Path], libraries: Sequence[Path], target: Path
) -> None:
    options = ["-encoding", "UTF-8", "-d", str(target), "-cp", os.pathsep.join(map(str, libraries))]
    if runtime.javac is not None:
        command = [str(runtime.javac), "--release", str(MINIMUM_JAVA), "-Xlint:none", "-proc:none"]
    else:
        # Runtimes made for Python packages lack the data that Eclipse's --release needs.
        command = [str(runtime.java), "-jar", str(fetch(ECLIPSE_COMPILER)), f"-{MINIMUM_JAVA}", "-nowarn"]
    done = subprocess.run(
        [*command, *options, *map(str, files)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise ServerError(f"The Java sources do not compile:\n{done.stdout}{done.stderr}")


def _put_in_place(compiled: Path, target: Path) -> None:
    try:
        compiled.rename(target)
    except OSError:
        # Another process compiled the same sources at the same time.
        if not target.is_dir():
            raise
