"""The CP subsystem itself: its members, its events, what members refuse, and how clients leave it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from hzclient.asyncio import HazelcastClient
from hzclient.cp import LOCK_SERVICE
from hzclient.errors import HazelcastClientNotActiveError, UnsupportedOperationError
from hzclient.protocol import RaftGroupId
from hzclient.server import LocalCluster
from tests.integration.cp.conftest import Clusters
from tests.integration.faces import Face, eventually, unique_name
from tests.integration.operations.scripts import run_script
from tests.internals import engine_of

KINDS = ("atomic_long", "atomic_reference", "count_down_latch", "lock", "semaphore", "map")


@pytest.mark.parametrize("kind", KINDS)
async def test_open_source_members_from_5_5_on_refuse(
    hazelcast_cluster: LocalCluster, face: Face, kind: str
) -> None:
    assert tuple(map(int, hazelcast_cluster.version.split("."))) >= (5, 5)
    with pytest.raises(UnsupportedOperationError, match="with an Enterprise license .*map.lock"):
        await face.result(getattr(face.client.cp_subsystem, f"get_{kind}")("any"))


async def test_members(cp_clusters: Clusters) -> None:
    cluster, client = cp_clusters.get("raft")
    members = client.cp_subsystem.get_members()
    assert set(members.values()) == {member.uuid for member in client.cluster_service.get_members()}
    async with HazelcastClient(cluster_members=cluster.addresses) as other:
        assert await other.cp_subsystem.get_members() == members


async def test_what_only_newer_members_know(cp_clusters: Clusters) -> None:
    _, client = cp_clusters.get("raft")
    cp = client.cp_subsystem
    group_id = cp.get_lock(unique_name("lock")).get_group_id()
    for call in (cp.get_group_ids, lambda: cp.get_object_names(group_id, LOCK_SERVICE)):
        with pytest.raises(UnsupportedOperationError, match=re.escape("needs Enterprise Edition 5.4")):
            call()


async def test_open_source_members_do_not_tell_of_groups(hazelcast_cluster: LocalCluster, face: Face) -> None:
    cp = face.client.cp_subsystem
    group_id = RaftGroupId("default", 0, 0)
    for call in (cp.get_group_ids, lambda: cp.get_object_names(group_id, LOCK_SERVICE)):
        with pytest.raises(UnsupportedOperationError, match=re.escape("Enterprise")):
            await face.result(call())


async def test_listeners_come_and_go(cp_clusters: Clusters) -> None:
    cluster, client = cp_clusters.get("raft")
    cp = client.cp_subsystem
    for registration in (cp.add_membership_listener(print), cp.add_group_availability_listener(print)):
        assert cp.remove_listener(registration) is True
        assert cp.remove_listener(registration) is False


async def test_members_that_do_not_tell_leaders_answer_all_the_same(
    raft_addresses: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with HazelcastClient(cluster_members=raft_addresses, cp_direct_to_leader_routing=True) as client:
        counter = await client.cp_subsystem.get_atomic_long(unique_name("counter"))
        assert [await counter.increment_and_get() for _ in range(3)] == [1, 2, 3]
        await eventually(lambda: "so calls to them go to any member" in caplog.text)


async def test_a_client_that_ends_leaves_its_locks_and_permits(raft_addresses: list[str]) -> None:
    name = unique_name("lock")
    async with HazelcastClient(cluster_members=raft_addresses) as survivor:
        async with HazelcastClient(cluster_members=raft_addresses) as client:
            semaphore = await client.cp_subsystem.get_semaphore(name)
            await semaphore.init(1)
            await semaphore.acquire()
            lock = await client.cp_subsystem.get_lock(name)
            fence = await lock.lock()
            waiting = asyncio.create_task((await survivor.cp_subsystem.get_lock(name)).lock())
        assert await asyncio.wait_for(waiting, 30) > fence
        assert await (await survivor.cp_subsystem.get_semaphore(name)).try_acquire()
        with pytest.raises(HazelcastClientNotActiveError):
            await lock.lock()


async def test_callers_that_come_at_once_share_a_session(raft_addresses: list[str]) -> None:
    async with HazelcastClient(cluster_members=raft_addresses) as client:
        semaphore: Any = await client.cp_subsystem.get_semaphore(unique_name("shared"))
        await semaphore.init(10)
        await asyncio.gather(*(semaphore.acquire() for _ in range(10)))
        sessions = engine_of(client).cp_proxies.context.sessions
        assert sessions.in_use(semaphore.get_group_id()) == 10
        await semaphore.release(10)
        assert await semaphore.available_permits() == 10


async def test_child_processes_are_told_that_the_client_is_not_theirs(
    tmp_path: Path, raft_addresses: list[str]
) -> None:
    script = """
    client = hzclient.HazelcastClient(cluster_members=ADDRESSES)
    lock = client.cp_subsystem.get_lock("l@forked").blocking()  # there is no session yet
    worker = os.fork()
    if not worker:
        try:
            lock.lock()
        except HazelcastClientNotActiveError as error:
            os._exit("parent process" not in str(error))
        os._exit(2)
    print(os.waitpid(worker, 0)[1])
    client.shutdown()
    """
    code, out, err = await run_script(tmp_path, script, raft_addresses)
    assert (code, out) == (0, "0\n"), err
