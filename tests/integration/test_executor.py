"""The executor, in all faces."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import hzclient
from hzclient.errors import IllegalStateError
from tests.integration.faces import Face, eventually, unique_name
from tests.integration.twins import Echo, Fail, WhereAmI


@pytest.fixture
async def executor(face: Face) -> Any:
    return await face.get("executor")


async def test_on_the_owner_of_a_key(face: Face, executor: Any) -> None:
    service = face.client.partition_service
    await executor.execute_on_key_owner(0, WhereAmI())  # members assign partitions when they are first needed
    await eventually(lambda: service.get_partition_owner(0))
    for key in range(10):
        owner = service.get_partition_owner(await face.result(service.get_partition_id(key)))
        assert await executor.execute_on_key_owner(key, WhereAmI()) == str(owner)


async def test_on_members(face: Face, executor: Any) -> None:
    members = face.client.cluster_service.get_members()
    uuids = [str(member.uuid) for member in members]
    for member in members:
        assert await executor.execute_on_member(member, WhereAmI()) == str(member.uuid)
    assert await executor.execute_on_members(members[::-1], WhereAmI()) == uuids[::-1]
    assert await executor.execute_on_members(iter(members), WhereAmI()) == uuids
    assert await executor.execute_on_members([], WhereAmI()) == []
    assert await executor.execute_on_all_members(WhereAmI()) == uuids


async def test_results_are_deserialized(executor: Any) -> None:
    assert await executor.execute_on_key_owner("k", Echo("text ü")) == "text ü"


async def test_the_error_of_a_task(face: Face, executor: Any) -> None:
    member = face.client.cluster_service.get_members()[0]
    for call in (
        lambda: executor.execute_on_key_owner("k", Fail("on purpose")),
        lambda: executor.execute_on_member(member, Fail("on purpose")),
        lambda: executor.execute_on_all_members(Fail("on purpose")),
    ):
        with pytest.raises(IllegalStateError, match="on purpose"):
            await call()


async def test_a_callback_gets_the_result(threaded_client: hzclient.HazelcastClient) -> None:
    executor = threaded_client.get_executor(unique_name("executor"))
    loop = asyncio.get_running_loop()
    results: asyncio.Queue[Any] = asyncio.Queue()
    executor.execute_on_key_owner("k", Echo("done")).add_done_callback(
        lambda future: loop.call_soon_threadsafe(results.put_nowait, future.result())
    )
    assert await asyncio.wait_for(results.get(), 20) == "done"


async def test_shutdown(executor: Any) -> None:
    await executor.execute_on_key_owner("k", Echo("warm"))
    assert await executor.is_shutdown() is False
    assert await executor.shutdown() is None
    await eventually(executor.is_shutdown)  # members notify each other in the background


async def test_none_is_refused(face: Face, executor: Any) -> None:
    member = face.client.cluster_service.get_members()[0]
    for call in (
        *(
            lambda: executor.execute_on_key_owner(None, Echo("x")),
            lambda: executor.execute_on_key_owner("k", None),
        ),
        *(
            lambda: executor.execute_on_member(None, Echo("x")),
            lambda: executor.execute_on_member(member, None),
        ),
        *(
            lambda: executor.execute_on_members(None, Echo("x")),
            lambda: executor.execute_on_members([None], Echo("x")),
        ),
        lambda: executor.execute_on_all_members(None),
    ):
        with pytest.raises(AssertionError):
            await call()
