"""The list of structures, and listeners for structures that are created and destroyed."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.core import DistributedObjectEventType
from hzclient.server import LocalCluster
from tests.integration.events import Told
from tests.integration.faces import Face, end_client, eventually, make_client

KINDS = (
    "map",
    "queue",
    "list",
    "set",
    "multi_map",
    "replicated_map",
    "ringbuffer",
    "topic",
    "reliable_topic",
)


OTHERS = (
    *("pn_counter", "flake_id_generator", "cardinality_estimator"),
    *("executor", "durable_executor", "scheduled_executor"),
)
"""Kinds that members list only after they hold something, or never."""


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
async def test_a_structure_is_destroyed_once(face: Face, kind: str) -> None:
    structure = await face.get(kind)
    assert await structure.destroy() is True
    assert await structure.destroy() is False
    again = await face.get(kind, structure.name)
    assert again.target is not structure.target
    assert await again.destroy() is True


async def listed(face: Face) -> list[Any]:
    return list(await face.result(face.client.get_distributed_objects()))


async def test_all_structures_are_listed(face: Face) -> None:
    made = [(await face.get(kind)).target for kind in KINDS]
    names = {(each.service_name, each.name) for each in made}

    async def complete() -> list[Any]:
        found = await listed(face)
        return found if names <= {(each.service_name, each.name) for each in found} else []

    found = await eventually(complete)  # members notify each other in the background
    again = [(await face.get(kind, each.name)) for kind, each in zip(KINDS, made, strict=True)]
    if face.name != "blocking":
        assert all(any(each.target is other for other in found) for each in again)


async def test_those_of_other_clients_are_listed(face: Face, hazelcast_cluster: LocalCluster) -> None:
    queue = await face.get("queue")
    await queue.add("a")
    client = await make_client(face.name, cluster_members=hazelcast_cluster.addresses)
    try:
        other = Face(face.name, client)

        async def find() -> Any:
            return [each for each in await listed(other) if each.name == queue.name]

        assert await other.of((await eventually(find))[0]).take() == "a"
        await queue.destroy()

        async def is_gone() -> bool:
            return not await find()

        await eventually(is_gone)
    finally:
        await end_client(client)


async def test_a_listener_is_notified_of_creation_and_destruction(face: Face) -> None:
    told = Told()
    id_ = await face.result(face.client.add_distributed_object_listener(told.add))
    structure = await face.get("set")

    async def next_event() -> Any:
        while (event := await told.next()).name != structure.name:
            pass
        return event.event_type

    # Members report in the background, and nothing about a structure that is destroyed by then.
    assert await next_event() == DistributedObjectEventType.CREATED
    await structure.destroy()
    while (event_type := await next_event()) == DistributedObjectEventType.CREATED:
        pass  # each member reports it
    assert event_type == DistributedObjectEventType.DESTROYED
    assert await face.result(face.client.remove_distributed_object_listener(id_)) is True
    assert await face.result(face.client.remove_distributed_object_listener(id_)) is False
