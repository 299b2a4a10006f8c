"""Pytest fixtures that users load."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from hzclient import testing
from tests.internals import private

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
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


_ALL = """
import pytest

@pytest.mark.parametrize("number", range(2))
def test_structures_are_clean(hazelcast, number):
    entries = hazelcast.get_map("entries").blocking()
    assert entries.size() == 0
    entries.put("a", 1)

@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(2))
async def test_structures_are_clean_async(async_hazelcast, number):
    entries = await async_hazelcast.get_map("entries")
    assert await entries.size() == 0
    await entries.put("a", 1)

@pytest.mark.parametrize("number", range(2))
def test_members_may_be_killed(mortal_hazelcast_cluster, number):
    first, second = mortal_hazelcast_cluster.members
    assert first.is_alive and second.is_alive and not second.is_paused
    first.kill()
    second.pause()

@pytest.mark.hazelcast_version(">=99")
def test_of_the_future(hazelcast):
    assert False

@pytest.mark.hazelcast_version(">=5.0,<99")
def test_of_today(hazelcast):
    pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_all_fixtures_without_a_conftest(tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "test_it.py").write_text(_ALL)
    plugin = [] if _is_registered() else ["-p", "hzclient.testing"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, *workers, f"--rootdir={tmp_path}", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed, 1 skipped" in done.stdout


def _is_registered() -> bool:
    """Return whether this installation has the entry point; one made before it was added has not."""
    return any(entry.name == "hzclient.testing" for entry in entry_points(group="pytest11"))


@pytest.mark.parametrize(
    ("requirement", "met"),
    [(">=5.5", True), (">5.6", False), ("==5.6", True), (">=5.5,<5.6", False), ("<=5.6.1", True)],
)
def test_version_requirements(requirement: str, met: bool) -> None:
    assert private(testing, "_is_met")("5.6.1-SNAPSHOT", requirement) is met


def test_a_requirement_that_is_none() -> None:
    with pytest.raises(pytest.UsageError, match='takes requirements such as ">=5.5"'):
        private(testing, "_is_met")("5.6", "latest")
