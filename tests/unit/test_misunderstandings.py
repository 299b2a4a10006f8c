"""Users' first mistakes get one short error that says what to do instead."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from hzclient._codec import cp_group, transaction
from hzclient.asyncio import HazelcastClient
from hzclient.errors import UnsupportedOperationError
from tests.internals import engine_of
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import options

NOT_HERE = "CP subsystem is an Enterprise feature."


def work() -> int:
    return 1


@pytest.mark.parametrize("task", [work, lambda: 1, partial(work), print, dict])
async def test_members_run_no_python_code(task: Any) -> None:
    async with ScriptedCluster() as cluster, HazelcastClient(**options(cluster)) as client:
        executor = await client.get_executor("e")
        durable = await client.get_durable_executor("e")
        scheduled = await client.get_scheduled_executor("e")
        m = await client.get_map("m")
        member = cluster.members[0].info
        for call in (
            executor.execute_on_key_owner("k", task),
            executor.execute_on_member(member, task),
            executor.execute_on_members([member], task),
            executor.execute_on_all_members(task),
            durable.submit(task),
            durable.submit_to_key_owner("k", task),
            scheduled.schedule(task, 1),
            scheduled.schedule_on_member(member, task, 1),
            m.execute_on_key("k", task),
            m.execute_on_keys(["k"], task),
            m.execute_on_entries(task),
        ):
            with pytest.raises(TypeError, match="members cannot run the Python"):
                await call


async def test_members_without_the_cp_subsystem() -> None:
    async with ScriptedCluster() as cluster, HazelcastClient(**options(cluster)) as client:
        cluster.on(cp_group.CREATE_CP_GROUP, lambda *_: Failure(61, message=NOT_HERE))
        with pytest.raises(
            UnsupportedOperationError, match=r"up to version 5\.4.*map\.lock\(key\)"
        ) as raised:
            await client.cp_subsystem.get_lock("l")
        assert raised.value.__cause__ is raised.value.__context__ is None


@pytest.mark.parametrize(("name", "error"), [(None, AssertionError), (5, TypeError), (b"n", TypeError)])
async def test_what_is_no_name(name: Any, error: type[Exception]) -> None:
    async with ScriptedCluster() as cluster, HazelcastClient(**options(cluster)) as client:
        cluster.on(transaction.CREATE, lambda *_: engine_of(client).uuid)
        cluster.on(transaction.ROLLBACK, lambda *_: None)
        with pytest.raises(error, match="the name of a CP structure must"):
            await client.cp_subsystem.get_lock(name)
        async with client.new_transaction() as inside:
            with pytest.raises(error, match="the name of a structure must"):
                inside.get_map(name)
            await inside.rollback()
