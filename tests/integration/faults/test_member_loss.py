"""Members that die, fall silent, or come back, while callers go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hzclient.config import ReconnectMode
from hzclient.errors import ClientOfflineError, TargetDisconnectedError
from hzclient.lifecycle import LifecycleState
from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, eventually, unique_name
from tests.integration.faults.clients import connected, face_of
from tests.integration.faults.load import load_on
from tests.internals import engine_of


def in_flight(face: Face) -> int:
    count: int = engine_of(face.client).router.calls_in_flight()
    return count


@pytest.mark.parametrize("name", FACES)
async def test_a_killed_member_and_a_new_one(name: str, members: LocalCluster) -> None:
    async with face_of(name, members) as face:
        m = await face.get("map")
        async with load_on(face, m) as load:
            victim = next(member for member in members.members if member.is_alive)
            await asyncio.to_thread(victim.kill)
            await load.has_gone_on()
            await asyncio.to_thread(victim.start)
            await eventually(lambda: connected(face) == 2, 60)
            await load.has_gone_on()
        # Gets are repeated; sets that were on their way may have been carried out, and say so.
        assert set(load.errors) <= {TargetDisconnectedError}
        assert load.errors[TargetDisconnectedError] <= 8
        assert in_flight(face) == 0


@pytest.mark.parametrize("name", FACES)
async def test_nothing_is_lost_where_calls_are_repeated(name: str, members: LocalCluster) -> None:
    async with face_of(name, members, redo_operation=True) as face:
        m = await face.get("map")
        async with load_on(face, m) as load:
            victim = next(member for member in members.members if member.is_alive)
            await asyncio.to_thread(victim.kill)
            await load.has_gone_on()
            await asyncio.to_thread(victim.start)
            await eventually(lambda: connected(face) == 2, 60)
        assert not load.errors
        assert load.writes


@pytest.mark.parametrize("name", FACES)
async def test_a_paused_member_is_noticed(name: str, members: LocalCluster) -> None:
    """Members keep a paused one in their list for a while, but this client leaves it."""
    async with face_of(name, members, heartbeat_interval=0.2, heartbeat_timeout=2.0) as face:
        m = await face.get("map")
        victim = [member for member in members.members if member.is_alive][-1]
        states: list[str] = []
        face.client.lifecycle_service.add_listener(states.append)
        async with load_on(face, m):
            victim.pause()
            try:
                await eventually(lambda: connected(face) == 1, 30)
            finally:
                victim.resume()
            await eventually(lambda: connected(face) == 2, 60)
        assert LifecycleState.DISCONNECTED not in states
        assert in_flight(face) == 0


@pytest.mark.parametrize("mode", [ReconnectMode.ON, ReconnectMode.ASYNC])
async def test_a_whole_cluster_that_is_started_again(mode: int, members: LocalCluster) -> None:
    states: list[str] = []
    async with face_of("asyncio", members, reconnect_mode=mode, lifecycle_listeners=[states.append]) as face:
        m = await face.get("map")
        events: list[Any] = []
        await m.add_entry_listener(added_func=events.append)
        await m.set("before", 1)
        for member in members.members:
            await asyncio.to_thread(member.kill)
        await eventually(lambda: LifecycleState.DISCONNECTED in states)
        if mode == ReconnectMode.ASYNC:
            with pytest.raises(ClientOfflineError):
                await m.get("k")
        else:
            waiting = asyncio.ensure_future(m.get("k"))
        for member in members.members:
            await asyncio.to_thread(member.start)
        await eventually(lambda: states.count(LifecycleState.CONNECTED) == 2, 60)
        if mode == ReconnectMode.ON:
            assert await asyncio.wait_for(waiting, 30) is None
        await m.set("after", 2)
        assert await m.get("after") == 2
        assert await m.get("before") is None  # it was in the memory of members that are gone
        await eventually(lambda: connected(face) == 2, 60)

        async def heard() -> bool:
            await m.delete("again")
            await m.set("again", 1)
            return any(event.key == "again" for event in events)

        await eventually(heard, 60)  # the listener was registered with the new members


async def test_cancelled_calls_leave_nothing(members: LocalCluster) -> None:
    async with face_of("asyncio", members) as face:
        m = await face.client.get_map(unique_name("map"))
        await m.set("k", "v")
        for _ in range(20):
            tasks = [asyncio.ensure_future(m.get("k")) for _ in range(500)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert all(task.cancelled() for task in tasks)
        assert in_flight(face) == 0
        assert await m.get("k") == "v"
        assert connected(face) == 2


async def test_cancelling_at_each_step_of_put_all(members: LocalCluster) -> None:
    async with face_of("asyncio", members) as face:
        m = await face.client.get_map(unique_name("map"))
        entries = {f"k{n}": n for n in range(500)}
        turns, done = 0, False
        while not done:
            task = asyncio.ensure_future(m.put_all(entries))
            for _ in range(turns):
                await asyncio.sleep(0)
            done = task.done()
            task.cancel()
            await asyncio.wait([task])
            await asyncio.sleep(0)
            assert in_flight(face) == 0
            turns += 1
        assert await m.get_all(entries) == entries
