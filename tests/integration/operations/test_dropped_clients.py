"""Clients that are only dropped, without `shutdown()`: they warn, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import warnings
import weakref
from typing import Any

import psutil
import pytest

from hzclient.server import LocalCluster
from tests.integration.faces import eventually, make_client, unique_name
from tests.internals import engine_of, private


def sockets(cluster: LocalCluster) -> int:
    """Return the number of open sockets that lead to the members."""
    ports = {int(address.rpartition(":")[2]) for address in cluster.addresses}
    return sum(
        bool(each.raddr) and each.raddr.port in ports
        for each in psutil.Process().net_connections("tcp")
        if each.status == psutil.CONN_ESTABLISHED
    )


def threads(name: str) -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.endswith(f"-{name}")]


async def drop_is_noticed(drop: Any) -> None:
    """Drop a client, and check that this warns once."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        drop()
        gc.collect()
    unclosed = [each for each in seen if "unclosed Hazelcast client" in str(each.message)]
    assert len(unclosed) == 1
    assert unclosed[0].category is ResourceWarning


@pytest.fixture(params=["asyncio", "blocking"])
async def held(request: pytest.FixtureRequest, hazelcast_cluster: LocalCluster) -> dict[str, Any]:
    """Return a client and a map, and the name of the client; the dictionary alone refers to them."""
    gc.collect()
    before = sockets(hazelcast_cluster)
    name = unique_name("dropped")
    client = await make_client(
        request.param,
        client_name=name,
        cluster_members=hazelcast_cluster.addresses,
        near_caches={"near-dropped": {}},
        statistics_enabled=True,
    )
    found = client.get_map(name), client.get_map("near-dropped")
    if request.param == "asyncio":
        mine, near = await found[0], await found[1]
    else:
        mine, near = found
    await near.get(1)
    return {"client": client, "map": mine, "name": name, "before": before}


async def freed(held: dict[str, Any], cluster: LocalCluster) -> None:
    """Wait until nothing of a client is left."""
    name, before = held["name"], held["before"]

    def nothing_left() -> bool:
        gc.collect()
        return not threads(name) and sockets(cluster) <= before and not tasks()

    def tasks() -> list[asyncio.Task[Any]]:
        return [each for each in asyncio.all_tasks() if each.get_name().startswith("hzclient-")]

    await eventually(nothing_left)


async def test_nothing_is_left(
    held: dict[str, Any], hazelcast_cluster: LocalCluster, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "hzclient.client"):
        del held["map"]
        await drop_is_noticed(lambda: held.pop("client"))
        await freed(held, hazelcast_cluster)
    assert "was dropped without shutdown()" in caplog.text


async def test_a_structure_keeps_its_client_running(
    held: dict[str, Any], hazelcast_cluster: LocalCluster
) -> None:
    await drop_is_noticed(lambda: held.pop("client"))
    await held["map"].set("k", 1)
    assert await held["map"].get("k") == 1
    del held["map"]
    await freed(held, hazelcast_cluster)


async def test_rows_keep_their_client_running(held: dict[str, Any], hazelcast_cluster: LocalCluster) -> None:
    statement = "SELECT v FROM TABLE(generate_series(1, 30))"
    rows = await _result(held["client"].sql.execute(statement, cursor_buffer_size=4))
    del held["map"]
    await drop_is_noticed(lambda: held.pop("client"))
    if hasattr(rows, "__aiter__"):
        values = [row["v"] async for row in rows]
    else:
        values = [row["v"] for row in rows]
    assert values == list(range(1, 31))
    del rows
    await freed(held, hazelcast_cluster)


async def test_a_call_and_a_listener_keep_their_client_running(
    held: dict[str, Any], hazelcast_cluster: LocalCluster
) -> None:
    events: list[Any] = []
    registration_id = await held["map"].add_entry_listener(added_func=events.append)
    call = asyncio.ensure_future(_result(held["map"].put("k", 1)))
    await asyncio.sleep(0)  # the call is sent
    del held["map"]
    await drop_is_noticed(lambda: held.pop("client"))
    assert await call is None
    await eventually(lambda: events)
    gc.collect()
    # The service that holds the registration is all that the test can still reach.
    listeners = next(
        each
        for each in gc.get_objects()
        if type(each).__name__ == "ListenerService" and registration_id in private(each, "_registrations")
    )
    del private(listeners, "_registrations")[registration_id]
    for connection in private(listeners, "_connections")():
        connection.event_handlers.clear()
    del listeners, connection
    await freed(held, hazelcast_cluster)


async def _result(outcome: Any) -> Any:
    return await outcome


@pytest.mark.parametrize("kind", ["lifecycle", "membership"])
async def test_a_listener_of_the_client_keeps_it_running(
    held: dict[str, Any], hazelcast_cluster: LocalCluster, kind: str
) -> None:
    client = held["client"]
    service = client.lifecycle_service if kind == "lifecycle" else client.cluster_service
    registration_id = service.add_listener(print)
    still_there = weakref.ref(engine_of(client))
    held.pop("map")
    del client
    await drop_is_noticed(lambda: held.pop("client"))
    gc.collect()
    engine = still_there()
    assert engine is not None and not engine.ended
    del engine
    assert service.remove_listener(registration_id) is True
    await freed(held, hazelcast_cluster)


async def test_listeners_of_the_configuration_are_a_part_of_the_client(
    hazelcast_cluster: LocalCluster,
) -> None:
    states: list[str] = []
    held: dict[str, Any] = {"name": unique_name("dropped"), "before": sockets(hazelcast_cluster)}
    held["client"] = await make_client(
        "blocking",
        client_name=held["name"],
        cluster_members=hazelcast_cluster.addresses,
        lifecycle_listeners=[states.append],
        membership_listeners=[(print, None)],
    )
    await drop_is_noticed(lambda: held.pop("client"))
    await freed(held, hazelcast_cluster)
    assert states[-1] == "SHUTDOWN"
