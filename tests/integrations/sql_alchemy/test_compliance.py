"""SQLAlchemy's dialect compliance suite, in a run of its own: its plugin changes how tests are collected."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from hzclient.server import LocalCluster
from tests.integrations.sql_alchemy.compliance.requirements import CLOSED, EXCLUDED

HERE = Path(__file__).parent / "compliance"
ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/how-to/sqlalchemy.md"
LEAST_PASSED = 350
"""Fewer would mean that most of the suite did not run."""


def run_suite(address: str) -> str:
    plugins = [f"tests.integrations.sql_alchemy.compliance.{name}" for name in ("plugin", "left_out")]
    command = [
        *(sys.executable, "-m", "pytest", "-q", "--tb=short", "-c", str(HERE / "setup.cfg")),
        *("--rootdir", str(HERE), "--noconftest", "-p", plugins[0], "-p", plugins[1]),
        *("-p", "no:asyncio", "-p", "no:timeout", "-p", "no:cacheprovider"),
        *("--dburi", f"hazelcast://{address}/?cluster_name=dev", str(HERE / "suite.py")),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    return done.stdout


def test_the_suite_passes_but_for_what_the_page_lists() -> None:
    with LocalCluster() as cluster:  # of its own: tests of reflection list all tables
        printed = run_suite(cluster.addresses[0])
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed[1]) >= LEAST_PASSED, printed[-500:]


def test_the_page_lists_everything_that_is_left_out() -> None:
    page = PAGE.read_text()
    names = [name for group in (CLOSED, EXCLUDED) for text in group.values() for name in text.split()]
    assert [name for name in names if f"`{name}`" not in page] == []
