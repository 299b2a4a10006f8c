"""Run SQLAlchemy's dialect compliance suite with another version of SQLAlchemy.

    python -m tests.integrations.sql_alchemy.versions 2.0.44
    python -m tests.integrations.sql_alchemy.versions 2.1 python3.12

Makes a virtual environment for the version, the newest one of those that begin like this, with the given
interpreter, in a temporary folder; and starts a member.
"""

from __future__ import annotations

import sys
import tempfile

from hzclient.server import LocalCluster
from tests.integrations.environments import environment, installed
from tests.integrations.sql_alchemy.compliance.run import run_suite


def main(version: str, python: str = sys.executable) -> int:
    """Run the suite; return the exit code of pytest."""
    wanted = version if version.count(".") > 1 else f"{version}.*"
    with tempfile.TemporaryDirectory() as folder, LocalCluster() as cluster:
        interpreter = environment(folder, python, f"sqlalchemy[asyncio]=={wanted}", "pytest>=8.3")
        sys.stdout.write(f"SQLAlchemy {installed(interpreter, 'sqlalchemy')}\n")
        sys.stdout.flush()
        done = run_suite(cluster.addresses[0], interpreter)
        sys.stdout.write(done.stdout + done.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
