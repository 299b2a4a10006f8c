"""Pools of processes, task queues, notebooks and test runners in which clients run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hzclient.server import LocalCluster
from tests.hosts.conftest import Run
from tests.hosts.hosting import ROOT, environment, eventually, hosted
from tests.integration.faces import unique_name


@pytest.mark.parametrize(
    ("pool", "method"),
    [
        ("multiprocessing", "fork"),
        ("multiprocessing", "forkserver"),
        ("multiprocessing", "spawn"),
        ("concurrent.futures", "fork"),
        ("concurrent.futures", "spawn"),
    ],
)
def test_pools(run_program: Run, pool: str, method: str) -> None:
    assert run_program("pools.py", pool, method).endswith("ok\n")


def test_celery_prefork(hazelcast_cluster: LocalCluster, tmp_path: Path) -> None:
    for name in ("queue", "control", "results"):
        (tmp_path / name).mkdir()
    env = environment(
        hazelcast_cluster.addresses[0],
        hazelcast_cluster.cluster_name,
        HOSTS_FOLDER=str(tmp_path),
        HOSTS_EARLY="1",
    )
    arguments = [
        *("-m", "celery", "-A", "tests.hosts.apps.tasks", "worker", "--pool", "prefork"),
        *("--concurrency", "2", "--loglevel", "INFO", "--max-tasks-per-child", "3", "--without-mingle"),
    ]
    send = "import sys; from tests.hosts.apps.tasks import use\n" + (
        "sent = [use.delay(sys.argv[1]) for _ in range(8)]\n"
        "print(sorted(each.get(timeout=60)[1] for each in sent))"
    )
    without = {name: value for name, value in env.items() if name != "HOSTS_EARLY"}
    with hosted(arguments, env, tmp_path / "log") as host:
        sender = subprocess.run(
            [sys.executable, "-c", send, unique_name("celery")],
            env=without,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        log = (tmp_path / "log").read_text()
        assert sender.stdout == f"{list(range(1, 9))}\n", sender.stderr + log
        host.end(signal.SIGTERM)


def test_a_loop_for_each_test(hazelcast_cluster: LocalCluster) -> None:
    suite = Path(__file__).parent / "apps" / "loops_suite.py"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(suite)],
        env=environment(hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "7 passed" in ended.stdout


@pytest.fixture
def kernel(hazelcast_cluster: LocalCluster, tmp_path: Path) -> Iterator[Any]:
    """Return a manager and a client of an IPython kernel."""
    from jupyter_client.manager import KernelManager

    env = environment(hazelcast_cluster.addresses[0], hazelcast_cluster.cluster_name)
    env |= {"IPYTHONDIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    manager = KernelManager(kernel_name="python3", connection_file=str(tmp_path / "kernel.json"))
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [*(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")]
    manager.start_kernel(env=env)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run_cell(client: Any, code: str, seconds: float = 60) -> str:
    """Run a cell; return what it prints, with its error if it fails."""
    printed: list[str] = []

    def output(message: Any) -> None:
        content = message["content"]
        printed.append(content.get("text", "") + content.get("ename", ""))

    client.execute_interactive(code, timeout=seconds, output_hook=output)
    return "".join(printed)


START = """
from tests.hosts.apps.clients import OPTIONS
import hzclient, hzclient.asyncio
asyncio_client = await hzclient.asyncio.HazelcastClient.create_and_start(**OPTIONS)
client = hzclient.HazelcastClient(**OPTIONS)
m = await asyncio_client.get_map("notebook")
await m.put("k", 1)
future = client.get_map("notebook").get("k")
print(await m.get("k"), client.get_map("notebook").blocking().get("k"), future.result())
"""


def test_cells_of_an_ipython_kernel(kernel: Any) -> None:
    manager, client = kernel
    assert run_cell(client, START) == "1 1 1\n"
    # A cell that waits for something that never comes is interrupted, in both kinds of clients.
    for waits in (
        'client.get_queue("never").blocking().take()',
        'await (await asyncio_client.get_queue("never")).take()',
    ):
        message = client.execute(f'print("waits")\n{waits}')
        eventually(lambda: _said(client, "waits"))
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=60)
        while reply["parent_header"].get("msg_id") != message:
            reply = client.get_shell_msg(timeout=60)
        assert reply["content"]["status"] == "error"
        assert (
            run_cell(client, 'print(await m.get("k"), client.get_map("notebook").blocking().get("k"))')
            == "1 1\n"
        )
    manager.restart_kernel(now=False)
    client.wait_for_ready(timeout=60)
    assert run_cell(client, START) == "1 1 1\n"


def _said(client: Any, text: str) -> bool:
    message = client.get_iopub_msg(timeout=60)
    return text in message["content"].get("text", "")
