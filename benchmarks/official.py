"""Install the official client for comparisons, in a virtual environment of its own.

`interpreter()` returns the Python of this environment, which it creates if it is missing.
`python -m benchmarks.official` prints its path; with arguments, it runs them:

    python -m benchmarks.official script.py ...
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from hzclient._environment import OFFICIAL_VENV

REQUIREMENTS = ("hazelcast-python-client==5.7.0", "uvloop>=0.21; sys_platform != 'win32'")
DEFAULT_PATH = Path(__file__).resolve().parent.parent / ".venv-official"


@functools.cache
def interpreter() -> Path:
    """Return the Python that has the official client; create its environment at the first call.

    The environment is the folder `.venv-official` beside the sources, or the one that `PYHZ_OFFICIAL_VENV`
    names. If several processes call this at once, one of them creates it and the others wait.

    Returns:
        The path of the interpreter.

    Raises:
        subprocess.CalledProcessError: If the environment cannot be created. The output of pip has the reason.
    """
    environment = Path(os.environ.get(OFFICIAL_VENV, DEFAULT_PATH)).absolute()
    python = environment / "bin" / "python"
    stamp = environment / ".installed"
    wanted = "\n".join((sys.version, *REQUIREMENTS))
    environment.parent.mkdir(parents=True, exist_ok=True)
    with open(environment.with_name(environment.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == wanted):
            _make(environment, python)
            stamp.write_text(wanted)
    return python


def python_of(package: str) -> str:
    """Return the Python that runs a client: the official "hazelcast", or "hzclient"."""
    return str(interpreter()) if package == "hazelcast" else sys.executable


def _make(environment: Path, python: Path) -> None:
    sys.stderr.write(f"Installing the official client into {environment}\n")
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *REQUIREMENTS], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    path = str(interpreter())
    if len(sys.argv) > 1:
        os.execv(path, [path, *sys.argv[1:]])
    print(path)
