"""The PN counter, in all faces."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from hzclient.errors import ConsistencyLostError
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, end_client, eventually, make_client
from tests.internals import async_face_of, private, set_private


@pytest.fixture
async def counter(face: Face) -> Any:
    return await face.get("pn_counter")


async def test_counting(counter: Any) -> None:
    assert await counter.get() == 0
    assert await counter.get_and_add(5) == 0
    assert await counter.add_and_get(5) == 10
    assert await counter.get_and_subtract(3) == 10
    assert await counter.subtract_and_get(3) == 4
    assert await counter.get_and_increment() == 4
    assert await counter.increment_and_get() == 6
    assert await counter.get_and_decrement() == 6
    assert await counter.decrement_and_get() == 4
    assert await counter.get() == 4


@pytest.mark.parametrize("delta", [None, 1.5, "1"])
@pytest.mark.parametrize("name", ["get_and_add", "add_and_get", "get_and_subtract", "subtract_and_get"])
async def test_a_delta_is_an_int(counter: Any, name: str, delta: Any) -> None:
    with pytest.raises(AssertionError):
        await getattr(counter, name)(delta)


async def test_what_two_clients_add_comes_together(
    face: Face, counter: Any, hazelcast_cluster: LocalCluster
) -> None:
    client = await make_client(face.name, cluster_members=hazelcast_cluster.addresses)
    try:
        other = await Face(face.name, client).get("pn_counter", counter.name)
        await counter.add_and_get(3)
        await other.add_and_get(4)
        for each in (counter, other):

            async def is_seven(each: Any = each) -> bool:
                return await each.get() == 7

            await eventually(is_seven)
    finally:
        await end_client(client)


async def test_a_counter_that_nobody_knows_enough_of(counter: Any) -> None:
    await counter.add_and_get(1)
    core = async_face_of(counter.target)
    # As if a replica that is lost now had reported more to this client than the others know.
    private(core, "_session").observe([*private(core, "_session").timestamps, (uuid.uuid4(), 10**6)])
    with pytest.raises(ConsistencyLostError):
        await counter.get()
    with pytest.raises(ConsistencyLostError):
        await counter.increment_and_get()
    counter.target.reset()

    async def heard_of() -> bool:
        return await counter.get() == 1

    await eventually(heard_of)


@pytest.mark.parametrize("face_name", FACES)
async def test_a_session_goes_on_at_another_replica(face_name: str) -> None:
    with LocalCluster(2, cluster_name="pn-replicas") as cluster:
        client = await make_client(face_name, cluster_members=cluster.addresses, cluster_name="pn-replicas")
        try:
            face = Face(face_name, client)
            counter = await face.get("pn_counter", "counter")
            for _ in range(100):
                await counter.increment_and_get()
            core = async_face_of(counter.target)
            replica = private(core, "_session", "_replica")
            survivor = next(m for m in client.cluster_service.get_members() if m.uuid != replica)
            await _replicated(face_name, cluster, survivor)
            victim = next(m for m in cluster.members if m.address != survivor.address.to_string())
            victim.kill()
            started = time.monotonic()
            assert await counter.get() == 100
            assert [await counter.increment_and_get() for _ in range(50)] == list(range(101, 151))
            assert time.monotonic() - started < 60  # much less than the invocation timeout
        finally:
            await end_client(client)


async def _replicated(face_name: str, cluster: LocalCluster, survivor: Any) -> None:
    """Wait until the other replica knows of all 100."""
    client = await make_client(
        face_name,
        cluster_members=[survivor.address.to_string()],
        cluster_name="pn-replicas",
        smart_routing=False,
    )
    try:
        counter = await Face(face_name, client).get("pn_counter", "counter")
        core = async_face_of(counter.target)

        async def complete() -> bool:
            set_private(private(core, "_session"), "_replica", survivor.uuid)
            return await counter.get() == 100

        await eventually(complete)
    finally:
        await end_client(client)
