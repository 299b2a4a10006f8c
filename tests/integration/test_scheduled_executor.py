"""The scheduled executor, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import (
    CancellationError,
    DuplicateTaskError,
    IllegalStateError,
    RejectedExecutionError,
    StaleTaskError,
)
from tests.integration.faces import Face
from tests.integration.twins import Echo, Fail, Offer, WhereAmI

LATER = 3600.0


@pytest.fixture
async def executor(face: Face) -> Any:
    return await face.get("scheduled_executor")


@pytest.fixture(params=["partition", "key", "member"])
async def schedule(request: pytest.FixtureRequest, face: Face, executor: Any) -> Any:
    """Schedule a task, in each possible way."""
    member = face.client.cluster_service.get_members()[0]
    return {
        "partition": executor.schedule,
        "key": lambda *args, **kwargs: executor.schedule_on_key_owner("k", *args, **kwargs),
        "member": lambda *args, **kwargs: executor.schedule_on_member(member, *args, **kwargs),
    }[request.param]


async def test_one_run(executor: Any, schedule: Any) -> None:
    task = await schedule(Echo("result"), 0.01)
    assert await executor.get_result(task) == "result"
    assert await executor.is_done(task) is True
    assert await executor.is_cancelled(task) is False
    statistics = await executor.get_statistics(task)
    assert statistics.total_runs == 1
    assert 0 <= statistics.last_run_time <= statistics.total_run_time < 60
    await executor.dispose(task)
    with pytest.raises(StaleTaskError):
        await executor.get_result(task)


async def test_run_after_run(face: Face, executor: Any, schedule: Any) -> None:
    queue = await face.get("queue")
    task = await schedule(Offer(queue.name, "run"), 0, period=0.02)
    assert [await queue.take() for _ in range(3)] == ["run"] * 3
    assert await executor.is_done(task) is False
    assert (await executor.get_statistics(task)).total_runs >= 2
    assert await executor.cancel(task) is True


async def test_cancelling(executor: Any, schedule: Any) -> None:
    task = await schedule(Echo("never"), LATER)
    assert LATER - 60 < await executor.get_delay(task) <= LATER
    assert await executor.is_done(task) is False
    assert await executor.cancel(task) is True
    assert await executor.is_cancelled(task) is True
    with pytest.raises(CancellationError):
        await executor.get_result(task)


async def test_the_error_of_a_task(executor: Any, schedule: Any) -> None:
    task = await schedule(Fail("on purpose"), 0)
    with pytest.raises(IllegalStateError, match="on purpose"):
        await executor.get_result(task)


async def test_names_are_unique(executor: Any) -> None:
    task = await executor.schedule_on_key_owner("k", Echo("x"), LATER, name="mine")
    assert task.name == "mine"
    with pytest.raises(DuplicateTaskError):
        await executor.schedule_on_key_owner("k", Echo("x"), LATER, name="mine")


async def test_on_members(face: Face, executor: Any) -> None:
    members = face.client.cluster_service.get_members()
    tasks = await executor.schedule_on_members(members, WhereAmI(), 0)
    assert [task.member for task in tasks] == [member.uuid for member in members]
    assert [await executor.get_result(task) for task in tasks] == [str(member.uuid) for member in members]


async def test_all_tasks(face: Face, executor: Any) -> None:
    member = face.client.cluster_service.get_members()[0]
    tasks = {
        await executor.schedule(Echo("x"), LATER),
        await executor.schedule_on_key_owner("k", Echo("x"), LATER),
        await executor.schedule_on_member(member, Echo("x"), LATER),
    }
    assert set(await executor.get_all_scheduled_tasks()) == tasks


async def test_shutdown(executor: Any) -> None:
    await executor.schedule(Echo("x"), LATER)
    assert await executor.shutdown() is None
    with pytest.raises(RejectedExecutionError):
        await executor.schedule(Echo("late"), 0)


async def test_wrong_arguments(executor: Any) -> None:
    for call in (
        *(lambda: executor.schedule(None, 0), lambda: executor.schedule(Echo("x"), -1)),
        *(lambda: executor.schedule(Echo("x"), 0, period=0), lambda: executor.get_result(None)),
        *(
            lambda: executor.schedule_on_member(None, Echo("x"), 0),
            lambda: executor.schedule_on_members(None, 1, 0),
            lambda: executor.schedule_on_members([None], Echo("x"), 0),
        ),
    ):
        with pytest.raises(AssertionError):
            await call()
