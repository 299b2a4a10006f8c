"""Servers that fork, reload and end the processes in which clients run."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from hzclient.server import LocalCluster
from tests.hosts.hosting import Host, environment, eventually, free_port, hosted
from tests.integration.faces import unique_name


def check_answers(host: Host, requests: int = 10) -> set[int]:
    """Check that requests are answered and counted; return the processes that answered."""
    eventually(host.answers)
    answers = [host.ask() for _ in range(requests)]
    numbers = [number for _, number in answers]
    assert numbers == list(range(numbers[0], numbers[0] + requests))
    return {pid for pid, _ in answers}


@pytest.mark.parametrize(
    ("worker", "preload", "end"),
    [
        ("sync", False, signal.SIGTERM),
        ("sync", True, signal.SIGQUIT),
        ("gthread", False, signal.SIGQUIT),
        ("gthread", True, signal.SIGTERM),
        ("gevent", False, signal.SIGTERM),
        ("gevent", True, signal.SIGQUIT),
    ],
)
def test_gunicorn(
    hazelcast_cluster: LocalCluster, tmp_path: Path, worker: str, preload: bool, end: signal.Signals
) -> None:
    port = free_port()
    more = {"HOSTS_NAME": unique_name("gunicorn")}
    if preload:
        more["HOSTS_EARLY"] = "1"  # the parent has a client too
    env = environment(hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name, **more)
    arguments = [
        *("-m", "gunicorn", "tests.hosts.apps.web:application", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--worker-class", worker, "--threads", "2", "--graceful-timeout", "5"),
        *(("--preload",) if preload else ()),
    ]
    with hosted(arguments, env, tmp_path / "log", port) as host:
        before = check_answers(host)
        host.process.send_signal(signal.SIGHUP)
        eventually(lambda: not before & set(host.processes()))
        assert not before & check_answers(host)
        host.end(end)
    assert "Traceback" not in (tmp_path / "log").read_text(), (tmp_path / "log").read_text()


def test_uvicorn_with_several_workers(hazelcast_cluster: LocalCluster, tmp_path: Path) -> None:
    port = free_port()
    env = environment(
        hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name, HOSTS_NAME=unique_name("uvicorn")
    )
    arguments = ["-m", "uvicorn", "tests.hosts.apps.web:asgi", "--port", str(port), "--workers", "2"]
    with hosted(arguments, env, tmp_path / "log", port) as host:
        check_answers(host)
        host.end(signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "log").read_text(), (tmp_path / "log").read_text()


def test_autoreload_of_django(hazelcast_cluster: LocalCluster, tmp_path: Path) -> None:
    port = free_port()
    env = environment(
        hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name, HOSTS_NAME=unique_name("django")
    )
    site = tmp_path / "site.py"
    site.write_text((Path(__file__).parent / "apps" / "django_site.py").read_text())
    arguments = [str(site), "runserver", f"127.0.0.1:{port}"]
    with hosted(arguments, env, tmp_path / "log", port) as host:
        (before,) = check_answers(host)
        site.write_text(site.read_text() + "\n")
        eventually(lambda: (answer := host.answers()) is not None and answer[0] != before)
        assert before not in host.processes()
        assert before not in check_answers(host)
        host.end(signal.SIGINT)
