"""Statistics, read back on the member that received them."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from hzclient._codec import client as codec
from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from hzclient.server import LocalCluster
from tests.integration.faces import end_client, eventually, make_client, unique_name
from tests.internals import engine_of, private
from tests.member.scripted import ScriptedCluster

SYSTEM = [
    "os.totalPhysicalMemorySize",
    "os.freePhysicalMemorySize",
    "os.committedVirtualMemorySize",
    "os.totalSwapSpaceSize",
    "os.freeSwapSpaceSize",
    "os.systemLoadAverage",
    "runtime.availableProcessors",
    "runtime.usedMemory",
    "os.openFileDescriptorCount",
    "os.maxFileDescriptorCount",
    "os.processCpuTime",
    "runtime.uptime",
]
CLIENT = [
    "lastStatisticsCollectionTime",
    "enterprise",
    "clientType",
    "clientVersion",
    "clusterConnectionTimestamp",
    "clientAddress",
    "clientName",
]
NEAR_CACHE = {
    "creationTime": "MS",
    "evictions": "COUNT",
    "hits": "COUNT",
    "misses": "COUNT",
    "ownedEntryCount": "COUNT",
    "expirations": "COUNT",
    "invalidations": "COUNT",
    "invalidationRequests": "COUNT",
    "ownedEntryMemoryCost": "BYTES",
}


class ClientStatisticsOf(IdentifiedDataSerializable):
    """Counterpart of the Java entry processor with the same id."""

    def __init__(self, client_uuid: str = "") -> None:
        self.client_uuid = client_uuid

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_string(self.client_uuid)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.client_uuid = object_data_input.read_string() or ""

    def get_factory_id(self) -> int:
        return 66

    def get_class_id(self) -> int:
        return 150


async def read_back(runtime: str, client: Any, keys: str) -> tuple[dict[str, str], list[list[str]]]:
    """Return the attributes, and the metrics as (prefix, name, tag, unit, type, value)."""
    processor = ClientStatisticsOf(str(engine_of(client).uuid))

    async def ask() -> Any:
        if runtime == "asyncio":
            m = await client.get_map(keys)
            await m.put_all({number: number for number in range(20)})
            answers = await m.execute_on_entries(processor)
        else:
            m = client.get_map(keys).blocking()
            m.put_all({number: number for number in range(20)})
            answers = m.execute_on_entries(processor)
        return next((text for _, text in answers if text is not None), None)

    attributes, *lines = (await eventually(ask)).split("\n")
    pairs = [pair.split("=") for pair in attributes.replace("\\,", "%").split(",")]
    return dict(pairs), [line.split("|") for line in lines]


@pytest.mark.parametrize("runtime", ["asyncio", "blocking"])
async def test_members_read_all_of_it(runtime: str, hazelcast_cluster: LocalCluster) -> None:
    cached = unique_name("näher,\N{GRINNING FACE}")
    before = int(time.time() * 1000)  # whole milliseconds are sent
    client = await make_client(
        runtime,
        cluster_members=hazelcast_cluster.addresses,
        client_name="a,b",
        statistics_enabled=True,
        statistics_period=0.2,
        near_caches={cached: {}},
    )
    try:
        m = client.get_map(cached)
        m = await m if runtime == "asyncio" else m.blocking()
        for _ in range(3):
            got = m.get("k")
            await got if runtime == "asyncio" else None
        keys = unique_name("map")
        while True:
            attributes, metrics = await read_back(runtime, client, keys)
            if any(key.endswith(".hits") and value == "2" for key, value in attributes.items()):
                break
        prefix = "nc." + cached.replace(",", "%") + "."
        assert list(attributes) == CLIENT + [prefix + name for name in NEAR_CACHE] + SYSTEM
        assert attributes["clientType"] == "PYH"
        assert attributes["clientName"] == "a%b"
        assert attributes["enterprise"] == "false"
        host, _, port = attributes["clientAddress"].partition(":")
        assert host == "127.0.0.1"
        assert int(port) > 0
        now = time.time() * 1000
        assert before <= int(attributes["clusterConnectionTimestamp"]) <= now
        assert before <= int(attributes["lastStatisticsCollectionTime"]) <= now
        assert before <= int(attributes[prefix + "creationTime"]) <= now

        assert [line[:4] for line in metrics] == [
            *(["nearcache", name, f"name={cached}", unit] for name, unit in NEAR_CACHE.items()),
            *([*name.rsplit(".", 1), "", ""] for name in SYSTEM),
            ["tcp", "bytesSend", "", "BYTES"],
            ["tcp", "bytesReceived", "", "BYTES"],
        ]
        assert [line[1] for line in metrics if line[4] == "double"] == ["systemLoadAverage"]
        values = {f"{line[0]}.{line[1]}": line[5] for line in metrics}
        assert values["nearcache.hits"] == attributes[prefix + "hits"]
        assert values["nearcache.misses"] == "1"
        assert values["runtime.usedMemory"] == attributes["runtime.usedMemory"]
        assert int(values["tcp.bytesSend"]) > 500
        assert int(values["tcp.bytesReceived"]) > 500
    finally:
        await end_client(client)


async def test_without_psutil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    async with ScriptedCluster() as cluster:
        options = {"statistics_enabled": True, "statistics_period": 0.01}
        client = await make_client("asyncio", cluster_members=cluster.addresses, **options)
        (request, *_) = await cluster.members[0].received(codec.STATISTICS)
        attributes = request.params.client_attributes
        assert [pair.partition("=")[0] for pair in attributes.split(",")] == CLIENT
        await end_client(client)


@pytest.mark.parametrize("code", [27, 50], ids=["HazelcastError", "OSError"])
async def test_a_member_that_refuses_them_is_asked_again(code: int, caplog: Any) -> None:
    from tests.member.answers import Failure

    async with ScriptedCluster() as cluster:
        cluster.on(codec.STATISTICS, lambda *_: Failure(code, message="no"))
        options = {"statistics_enabled": True, "statistics_period": 0.01}
        client = await make_client("asyncio", cluster_members=cluster.addresses, **options)
        await cluster.members[0].received(codec.STATISTICS, 3)
        assert not caplog.records
        await end_client(client)


async def test_the_period() -> None:
    async with ScriptedCluster() as cluster:
        options = {"statistics_enabled": True, "statistics_period": 0.3}
        start = time.monotonic()  # before the client may have started the first period
        client = await make_client("asyncio", cluster_members=cluster.addresses, **options)
        requests = await cluster.members[0].received(codec.STATISTICS, 3)
        assert time.monotonic() - start >= 0.9
        times = [request.params.timestamp for request in requests]
        assert all(later - earlier >= 290 for earlier, later in zip(times, times[1:], strict=False))
        await end_client(client)


async def test_nothing_runs_when_off() -> None:
    async with ScriptedCluster() as cluster:
        client = await make_client("asyncio", cluster_members=cluster.addresses, statistics_period=0.01)
        names = {task.get_name() for task in private(engine_of(client).runtime, "_tasks")}
        assert "hzclient-heartbeat" in names
        assert "hzclient-statistics" not in names
        await end_client(client)
