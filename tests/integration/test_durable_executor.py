"""The durable executor, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import IllegalStateError, StaleTaskIdError
from tests.integration.faces import Face, end_client, eventually, make_client
from tests.integration.twins import Echo, Fail, WhereAmI


@pytest.fixture
async def executor(face: Face) -> Any:
    return await face.get("durable_executor")


async def test_a_result_is_fetched_by_its_task_id(executor: Any) -> None:
    ids = [await executor.submit(Echo(f"result {i}")) for i in range(20)]
    assert len(set(ids)) == 20
    assert [await executor.retrieve_result(id_) for id_ in ids] == [f"result {i}" for i in range(20)]
    assert await executor.retrieve_result(ids[0]) == "result 0"


async def test_a_result_waits_for_another_client(face: Face, executor: Any, hazelcast_cluster: Any) -> None:
    id_ = await executor.submit(Echo("kept"))
    client = await make_client(face.name, cluster_members=hazelcast_cluster.addresses)
    try:
        other = await Face(face.name, client).get("durable_executor", executor.name)
        assert await other.retrieve_and_dispose_result(id_) == "kept"
    finally:
        await end_client(client)
    assert await executor.retrieve_result(id_) is None


async def test_disposing_of_a_result(executor: Any) -> None:
    id_ = await executor.submit(Echo("unwanted"))
    await executor.retrieve_result(id_)
    assert await executor.dispose_result(id_) is None
    assert await executor.retrieve_result(id_) is None


async def test_a_task_id_of_no_task(executor: Any) -> None:
    id_ = await executor.submit(Echo("only"))
    with pytest.raises(StaleTaskIdError):
        await executor.retrieve_result(id_ + 1)


async def test_on_the_owner_of_a_key(face: Face, executor: Any) -> None:
    service = face.client.partition_service
    await executor.submit_to_key_owner("k", Echo("first"))
    partition_id = await face.result(service.get_partition_id("k"))
    owner = await eventually(lambda: service.get_partition_owner(partition_id))
    id_ = await executor.submit_to_key_owner("k", WhereAmI())
    assert await executor.retrieve_result(id_) == str(owner)


async def test_the_error_of_a_task(executor: Any) -> None:
    id_ = await executor.submit(Fail("on purpose"))
    with pytest.raises(IllegalStateError, match="on purpose"):
        await executor.retrieve_result(id_)


async def test_shutdown(executor: Any) -> None:
    assert await executor.is_shutdown() is False
    assert await executor.shutdown() is None
    await eventually(executor.is_shutdown)  # members notify each other in the background


async def test_none_is_refused(executor: Any) -> None:
    for call in (
        *(lambda: executor.submit(None), lambda: executor.submit_to_key_owner(None, Echo("x"))),
        *(lambda: executor.submit_to_key_owner("k", None), lambda: executor.retrieve_result(None)),
    ):
        with pytest.raises(AssertionError):
            await call()
