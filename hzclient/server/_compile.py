"""Compile Java classes for members, with the compiler of the runtime or that of Eclipse."""

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
    """Compile Java sources against a Hazelcast version.

    Args:
        sources: Source files, or folders to search for them.
        version: Hazelcast version whose classes they use.
        class_path: Further folders and jars that they use.
        out_dir: Folder for the class files. By default a folder in hzclient's cache, named after the
            content of the sources, so that unchanged sources are compiled once.
        java: Java program or installation folder, as for `LocalCluster`. It needs no compiler.

    Returns:
        The folder with the class files, for the ``class_path`` of a `LocalCluster`.

    Raises:
        ServerError: If there are no sources, if they have errors, or if Java or a jar is missing.
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
        # Eclipse's --release needs data that the runtimes in Python packages lack.
        command = [str(runtime.java), "-jar", str(fetch(ECLIPSE_COMPILER)), f"-{MINIMUM_JAVA}", "-nowarn"]
    done = subprocess.run(  # noqa: S603 - no shell, own arguments
        [*command, *options, *map(str, files)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise ServerError(f"The Java sources do not compile:\n{done.stdout}{done.stderr}")


def _put_in_place(compiled: Path, target: Path) -> None:
    try:
        compiled.rename(target)
    except OSError:
        # Another process may have compiled the same sources in the meantime.
        if not target.is_dir():
            raise
