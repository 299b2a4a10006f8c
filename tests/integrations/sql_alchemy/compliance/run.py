"""Run the compliance suite in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[3]


def run_suite(address: str, interpreter: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run the suite on a member, with the SQLAlchemy of an interpreter; return what pytest did."""
    plugins = [f"tests.integrations.sql_alchemy.compliance.{name}" for name in ("plugin", "left_out")]
    command = [
        *(interpreter, "-m", "pytest", "-q", "--tb=short", "-c", str(HERE / "setup.cfg")),
        *("--rootdir", str(HERE), "--noconftest", "-p", plugins[0], "-p", plugins[1]),
        *("-p", "no:asyncio", "-p", "no:timeout", "-p", "no:cacheprovider"),
        *("--dburi", f"hazelcast://{address}/?cluster_name=dev", str(HERE / "suite.py")),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
