"""Run SQLAlchemy's dialect compliance suite with another version of SQLAlchemy.

    python -m tests.integrations.sql_alchemy.versions 2.0.44
    python -m tests.integrations.sql_alchemy.versions 2.1 python3.12

Makes a virtual environment for the version, the newest one of those that begin like this, with the given
interpreter, in a temporary folder; and starts a member.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from hzclient.server import LocalCluster
from tests.integrations.sql_alchemy.compliance.run import run_suite


def environment(folder: str, version: str, python: str) -> str:
    """Make an environment with a version of SQLAlchemy; return its interpreter."""
    subprocess.run((python, "-m", "venv", folder), check=True)
    interpreter = str(Path(folder, "bin", "python"))
    pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run(
        (*pip, f"sqlalchemy[asyncio]=={version}{'' if version.count('.') > 1 else '.*'}"), check=True
    )
    subprocess.run((*pip, "mmh3>=5.0", "pytest>=8.3"), check=True)
    return interpreter


def main(version: str, python: str = sys.executable) -> int:
    """Run the suite; return the exit code of pytest."""
    with tempfile.TemporaryDirectory() as folder, LocalCluster() as cluster:
        interpreter = environment(folder, version, python)
        show = (
            interpreter,
            "-c",
            "import sqlalchemy; print('SQLAlchemy', sqlalchemy.__version__, flush=True)",
        )
        subprocess.run(show, check=True)
        done = run_suite(cluster.addresses[0], interpreter)
        sys.stdout.write(done.stdout + done.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
