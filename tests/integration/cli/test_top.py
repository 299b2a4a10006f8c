"""The command `top` shows what real members and a real client report."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest

from hzclient import HazelcastClient
from hzclient._codec import mc
from hzclient.cli import _exit
from hzclient.cli._app import main
from hzclient.server import LocalCluster
from tests.integration.cli.conftest import Run
from tests.integration.cli.terminal import Terminal
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster


@pytest.fixture
def busy(hazelcast_cluster: LocalCluster) -> Iterator[HazelcastClient]:
    """Run a client that uses a map and reports statistics until the test ends."""
    client = HazelcastClient(
        cluster_members=[hazelcast_cluster.addresses[0]],
        cluster_name=hazelcast_cluster.cluster_name,
        client_name="cli-busy",
        labels=["checkout"],
        statistics_enabled=True,
        statistics_period=1,
        near_caches={"cli-top": {}},
    )
    ended = threading.Event()

    def work() -> None:
        entries = client.get_map("cli-top").blocking()
        while not ended.wait(0.005):
            entries.put("key", "value")
            entries.get("key")
            entries.get("key")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield client
    finally:
        ended.set()
        thread.join()
        client.shutdown()


def test_the_live_tables_show_calls_clients_and_near_caches(
    terminal: Callable[..., Terminal], busy: HazelcastClient
) -> None:
    shown = terminal("top", "--interval", "0.3")
    row = re.compile(r"map +│ cli-top +│ +([0-9.]+) │")

    def complete(text: str) -> bool:
        calls = row.search(text)
        return (
            "Ctrl-C ends" in text
            and calls is not None
            and float(calls.group(1)) > 0
            and re.search(r"cli-busy +│ cli-top +│", text) is not None
        )

    text = shown.wait_for(complete)
    assert re.search(r"cli-busy +│ PYH ", text)
    assert "checkout" in text
    shown.type("\x03")
    assert shown.end() == _exit.INTERRUPTED
    assert "Traceback" not in shown.text


def test_every_line_of_json_is_a_snapshot(
    run: Run, busy: HazelcastClient, hazelcast_cluster: LocalCluster
) -> None:
    lines = run("top", "--json", "--count", "2", "--interval", "0.1").lines
    assert len(lines) == 2
    snapshot = run("top", "--json", "--count", "1").json
    assert snapshot["cluster"] == hazelcast_cluster.cluster_name
    assert snapshot["problems"] == {}
    assert sorted(each["address"] for each in snapshot["members"]) == sorted(hazelcast_cluster.addresses)
    for member in snapshot["members"]:
        assert member["ping_ms"] > 0
        assert 0 < member["heap_used"] <= member["heap_max"]
        assert member["version"] == hazelcast_cluster.version
    (client,) = (each for each in snapshot["clients"] if each["name"] == "cli-busy")
    assert (client["type"], client["labels"], client["connections"]) == ("PYH", ["checkout"], 2)


async def test_members_that_refuse_are_shown_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    async with ScriptedCluster() as cluster:
        cluster.on(
            mc.GET_TIMED_MEMBER_STATE,
            lambda: Failure(4, "java.security.AccessControlException", "not trusted"),
        )
        words = ["-a", cluster.addresses[0], "top", "--json", "--count", "1"]
        assert await asyncio.to_thread(main, words) == 0
    snapshot = json.loads(capsys.readouterr().out)
    (member,) = snapshot["members"]
    assert member["ping_ms"] > 0
    assert "not trusted" in snapshot["problems"][member["address"]]
