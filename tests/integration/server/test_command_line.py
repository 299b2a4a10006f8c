"""``python -m hzclient server``: start, stop and status, as run from a shell."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hzclient._environment import CACHE_DIR
from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._cluster import DEFAULT_VERSION
from hzclient.server._paths import cache_dir
from tests.integration.server.facts import java_process_at, java_processes_below, runs, wait_until

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Return a function that runs one command with a state folder of its own and the cached jars."""
    for jar in member_jars(DEFAULT_VERSION):
        fetch(jar)
    downloads = cache_dir() / "maven"
    if downloads.is_dir():
        (tmp_path / "maven").symlink_to(downloads)
    monkeypatch.setenv(CACHE_DIR, str(tmp_path))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hzclient", "server", *words], capture_output=True, text=True, timeout=200
        )

    yield run
    run("stop")


def pid_from(status: str) -> int:
    words = status.split()
    return int(words[words.index("process") + 1])


def test_a_detached_cluster_runs_until_it_is_stopped(server: Command) -> None:
    assert server("status").returncode == 3

    started = server("start", "--members", "2", "--detach")
    assert started.returncode == 0, started.stderr
    title, *addresses = started.stdout.splitlines()
    assert title == f"Cluster 'dev' of Hazelcast {DEFAULT_VERSION} is ready:"
    assert len(addresses) == 2

    status = server("status")
    assert status.returncode == 0
    assert " ".join(addresses) in status.stdout
    members = java_processes_below(pid_from(status.stdout))
    assert len(members) == 2

    assert server("health").stdout == "Cluster 'dev' is healthy: 2 members.\n"
    os.kill(members[1], signal.SIGSTOP)  # the system still accepts connections for it
    try:
        unhealthy = server("health")
    finally:
        os.kill(members[1], signal.SIGCONT)
    assert unhealthy.returncode == 1
    assert "does not respond within 5 s" in unhealthy.stderr

    again = server("start")
    assert again.returncode == 1
    assert "already running" in again.stderr

    stopped = server("stop")
    assert stopped.returncode == 0
    assert not any(map(runs, members))
    assert server("stop").returncode == 3
    assert server("health").returncode == 3
    assert server("status").stdout == "No cluster is running.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_foreground_cluster_ends_with_a_signal(server: Command, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hzclient", "server", "start", "--cluster-name", "a/b"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert "'a/b'" in process.stdout.readline()
        address = process.stdout.readline().strip()
        assert address in server("status").stdout
        (member,) = java_processes_below(process.pid)
        process.send_signal(number)
        assert process.wait(60) == 0
    assert not runs(member)
    assert server("status").returncode == 3


def test_a_cluster_whose_process_was_killed_does_not_count_as_running(server: Command) -> None:
    assert server("start", "--detach").returncode == 0
    process = pid_from(server("status").stdout)
    (member,) = java_processes_below(process)
    subprocess.run(["kill", "-9", str(process)], check=True)
    wait_until(lambda: not runs(process))
    assert server("status").returncode == 3
    wait_until(lambda: not runs(member))


def test_a_member_that_died_is_told_of_once_and_not_listed(server: Command) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hzclient", "server", "start", "--members", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            dead, left = (process.stdout.readline().strip() for _ in range(2))
            subprocess.run(["kill", "-9", str(java_process_at(process.pid, dead))], check=True)
            wait_until(lambda: server("status").stdout.endswith(f"  {left}\n"))
        finally:
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert errors.splitlines()[-1] == f"hzclient server: member {dead} has died; 1 left."


def test_a_foreground_cluster_ends_when_all_its_members_die(server: Command) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hzclient", "server", "start"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        (member,) = java_processes_below(process.pid)
        subprocess.run(["kill", "-9", str(member)], check=True)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "All members have died" in errors


@pytest.mark.parametrize("detach", [[], ["--detach"]], ids=["foreground", "detached"])
def test_what_prevents_a_start_is_told_and_leaves_nothing(server: Command, detach: list[str]) -> None:
    failed = server("start", "--config", "/nowhere/hazelcast.yaml", *detach)
    assert failed.returncode == 1
    assert "/nowhere/hazelcast.yaml does not exist" in failed.stderr
    assert server("status").returncode == 3


@pytest.mark.parametrize("words", [[], ["start", "--members"], ["start", "--what"], ["restart"]])
def test_wrong_usage_gives_exit_code_2(server: Command, words: list[str]) -> None:
    failed = server(*words)
    assert failed.returncode == 2
    assert "usage: python -m hzclient server" in failed.stderr


def test_a_property_without_a_value_is_refused(server: Command) -> None:
    failed = server("start", "--property", "hazelcast.x")
    assert failed.returncode == 1
    assert "NAME=VALUE" in failed.stderr
