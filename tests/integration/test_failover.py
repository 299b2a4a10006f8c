"""Failover between two clusters, blue and green, in all faces."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hzclient import HazelcastClient
from hzclient._codec import mc
from hzclient._codec.custom import ClientBwListEntry
from hzclient._runtime.threads import block_until_done
from hzclient.config import Config
from hzclient.errors import (
    ClientNotAllowedInClusterError,
    HazelcastClientNotActiveError,
    IllegalStateError,
    InvalidConfigurationError,
)
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, end_client, eventually, make_client, unique_name
from tests.internals import engine_of, private


@dataclass
class Order:
    """A value whose Compact schema the second cluster does not know yet."""

    number: int


@pytest.fixture(scope="module")
def clusters() -> Iterator[tuple[LocalCluster, LocalCluster]]:
    """Start two clusters of one member each."""
    with LocalCluster(cluster_name="blue") as blue, LocalCluster(cluster_name="green") as green:
        yield blue, green


def config_of(cluster: LocalCluster, **more: Any) -> Config:
    return Config.from_dict(
        {
            "cluster_name": cluster.cluster_name,
            "cluster_members": list(cluster.addresses),
            "retry_initial_backoff": 0.05,
            "retry_max_backoff": 0.1,
            "cluster_connect_timeout": 0.5,
            **more,
        }
    )


@pytest.mark.parametrize("face", FACES)
async def test_moves_to_the_other_cluster_with_all_it_has(
    clusters: tuple[LocalCluster, LocalCluster], face: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hzclient.connection")
    blue, green = clusters
    states: list[str] = []
    name = unique_name("near")
    options: dict[str, Any] = {
        "near_caches": {"near-*": {}},
        "lifecycle_listeners": [states.append],
        "redo_operation": True,  # otherwise the write in flight would fail
    }
    blue_options, green_options = config_of(blue, **options), config_of(green, **options)
    with HazelcastClient(config_of(green)) as other:
        theirs = other.get_map(name).blocking()
        theirs.set("key", "green")
        client = await make_client(face, failover=[blue_options, green_options], try_count=100)
        try:
            mine = Face(face, client)
            near = await mine.get("map", name)
            await near.set("key", "blue")
            assert await near.get("key") == "blue"
            assert await near.get("key") == "blue"  # from the near cache
            added: list[Any] = []
            await near.add_entry_listener(include_value=True, added_func=lambda e: added.append(e.value))
            ids = await mine.get("flake_id_generator")
            counter = await mine.get("pn_counter")
            await ids.new_id()
            await counter.add_and_get(5)

            load = asyncio.create_task(keep_writing(near))
            blue.members[0].kill()
            # Calls go on without an error while the client moves.
            await eventually(lambda: "CHANGED_CLUSTER" in states, 60)
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)
            assert load.cancelled()

            assert await near.get("key") == "green"
            assert await near.get("key") == "green"  # from the near cache again
            theirs.set("key", "changed")
            assert await eventually(lambda: is_value(near, "key", "changed"))

            def heard() -> bool:
                """Add an entry until the listener reports it: it may not be registered there yet."""
                theirs.delete("new")
                theirs.set("new", "added there")
                return "added there" in added

            await eventually(heard, 60)
            await near.set("order", Order(7))
            assert theirs.get("order").number == 7
            assert await counter.get() == 0
            await ids.new_id()
            known = {each.name for each in other.get_distributed_objects()}
            assert await eventually(lambda: counter.name in known or is_known(other, counter.name))
            assert states[-3:] == ["DISCONNECTED", "CONNECTED", "CHANGED_CLUSTER"]
            notes = [message for message in caplog.messages if "do not claim to support failover" in message]
            assert len(notes) == 1
        finally:
            await end_client(client)
            blue.members[0].restart()


async def keep_writing(map_: Any) -> None:
    number = 0
    while True:
        await map_.set("load", number)
        number += 1
        await asyncio.sleep(0.001)


async def is_value(map_: Any, key: str, value: Any) -> bool:
    return bool(await map_.get(key) == value)


def is_known(client: HazelcastClient, name: str) -> bool:
    return name in {each.name for each in client.get_distributed_objects()}


@pytest.mark.parametrize("face", FACES)
async def test_a_start_tries_the_clusters_in_order(
    clusters: tuple[LocalCluster, LocalCluster], face: str
) -> None:
    blue, _ = clusters
    states: list[str] = []
    listeners = [states.append]
    wrong_name = config_of(blue, lifecycle_listeners=listeners, cluster_name="red")
    nobody = config_of(blue, lifecycle_listeners=listeners, cluster_members=["127.0.0.1:1"])
    right = config_of(blue, lifecycle_listeners=listeners)
    client = await make_client(face, failover=[wrong_name, nobody, right], try_count=1)
    try:
        await (await Face(face, client).get("map")).set(1, 1)
        assert states[-2:] == ["CONNECTED", "CHANGED_CLUSTER"]
    finally:
        await end_client(client)


@pytest.mark.parametrize("face", FACES)
async def test_gives_up_after_so_many_rounds(face: str, caplog: pytest.LogCaptureFixture) -> None:
    lists = [
        Config.from_dict({"cluster_name": name, "cluster_members": [address], "cluster_connect_timeout": 0})
        for name, address in (("red", "127.0.0.1:1"), ("black", "127.0.0.1:2"))
    ]
    with pytest.raises(IllegalStateError, match="any of the clusters 'red', 'black', the last reason is: "):
        await make_client(face, failover=lists, try_count=2)
    tried = [message for message in caplog.messages if message.startswith("Trying the next cluster")]
    assert [message.rpartition(" ")[2] for message in tried] == ["'black'", "'red'", "'black'", "'red'"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"failover": [Config(), Config.from_dict({"redo_operation": True})]},
            r"failover\[1\] differs from failover\[0\] in redo_operation; only these may differ: address_",
        ),
        ({"failover": [Config()], "cluster_name": "x"}, "failover excludes cluster_name"),
        (
            {"failover": [Config.from_dict({"failover": [Config()]})]},
            r"failover\[0\] has a failover list of its own",
        ),
    ],
)
def test_wrong_lists(options: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=text):
        HazelcastClient(**options)


@pytest.mark.parametrize("face", FACES)
async def test_a_client_that_management_center_blocks_moves_on_or_stops(
    clusters: tuple[LocalCluster, LocalCluster], face: str
) -> None:
    blue, green = clusters
    moved: list[str] = []
    stopped: list[str] = []
    label = unique_name("label")
    with HazelcastClient(config_of(blue)) as console:
        options: dict[str, Any] = {"labels": [label], "lifecycle_listeners": [moved.append]}
        mover = await make_client(
            face, failover=[config_of(blue, **options), config_of(green, **options)], try_count=10
        )
        single = await make_client(
            face, config=config_of(blue, labels=[label], lifecycle_listeners=[stopped.append])
        )
        try:
            await asyncio.to_thread(set_blocked_labels, console, label)
            await eventually(lambda: "CHANGED_CLUSTER" in moved, 40)
            await (await Face(face, mover).get("map")).set("still", "works")
            await eventually(lambda: "SHUTDOWN" in stopped, 40)
            with pytest.raises(HazelcastClientNotActiveError):
                await (await Face(face, single).get("map")).set("no", "longer")
            with pytest.raises(ClientNotAllowedInClusterError):
                await make_client(face, config=config_of(blue, labels=[label]))
        finally:
            await asyncio.to_thread(set_blocked_labels, console)
            await end_client(mover)
            await end_client(single)


def set_blocked_labels(client: HazelcastClient, *labels: str) -> None:
    """Do what Management Center does: give every member the list of clients to refuse."""
    by_label, refuse_listed, off = 2, 2, 0
    entries = [ClientBwListEntry(by_label, label) for label in labels]
    request = mc.APPLY_MC_CONFIG.encode(unique_name("etag"), refuse_listed if labels else off, entries)
    for connection in engine_of(client).manager.connections():

        async def apply(connection: Any = connection) -> None:
            await engine_of(client).invocations.invoke(request, connection=connection)

        assert private(client, "_owner").runtime is not None
        call = private(client, "_owner").runtime.start_call(apply)
        block_until_done(call)
        call.outcome()


def test_a_failover_file_names_the_clusters(
    clusters: tuple[LocalCluster, LocalCluster], tmp_path: Path
) -> None:
    _, green = clusters
    for name, addresses in (("nobody", ["127.0.0.1:1"]), ("green", green.addresses)):
        (tmp_path / f"{name}.yaml").write_text(
            f"hazelcast-client:\n  cluster-name: {name}\n"
            f"  network: {{cluster-members: {json.dumps(list(addresses))}}}\n"
            "  connection-strategy: {connection-retry: {cluster-connect-timeout-millis: 300}}\n"
        )
    file = tmp_path / "failover.yaml"
    file.write_text("hazelcast-client-failover: {try-count: 1, clients: [nobody.yaml, green.yaml]}")
    with HazelcastClient.from_config(file) as client:
        assert [member.address.to_string() for member in client.cluster_service.get_members()] == list(
            green.addresses
        )
