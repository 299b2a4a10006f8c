"""Pytest fixtures that users load."""

import subprocess
import sys
from pathlib import Path

_CONFTEST = """
import pytest
pytest_plugins = ["hzclient.testing"]

@pytest.fixture(scope="session")
def hazelcast_cluster_options():
    return {"cluster_name": "mine"}
"""

_TESTS = """
seen = []

def test_first(hazelcast_cluster):
    assert hazelcast_cluster.cluster_name == "mine"
    seen.append(hazelcast_cluster.members[0].pid)

def test_second(hazelcast_cluster):
    assert seen == [hazelcast_cluster.members[0].pid]
"""


def test_the_cluster_is_shared_and_takes_the_users_options(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    (tmp_path / "test_it.py").write_text(_TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--rootdir={tmp_path}", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
