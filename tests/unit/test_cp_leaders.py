"""Calls to the leaders of CP groups, against scripted members: only Enterprise members report leaders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from hzclient._codec import atomic_long, cp_group, cp_session, semaphore
from hzclient._codec import client as codec
from hzclient._codec.custom import CPMember, RaftGroupInfo
from hzclient._services.cp_leaders import CPLeaders
from hzclient.asyncio import HazelcastClient
from hzclient.core import Address
from hzclient.protocol import RaftGroupId
from tests.internals import engine_of
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import client_of, soon, until

GROUP = RaftGroupId("default", 0, 7)
UNSUPPORTED = 61
COUNT = 6


def view(version: int, leader: UUID) -> codec.GroupsViewEvent:
    """Return what members report: they have other ids in the CP subsystem."""
    id_there = uuid4()
    info = RaftGroupInfo(GROUP, CPMember(id_there, Address("10.0.0.1", 5701)), [])
    return codec.GroupsViewEvent(version, [info], [(uuid4(), uuid4()), (id_there, leader)])


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster(members=2) as cluster:
        cluster.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: GROUP)
        cluster.on(atomic_long.GET, lambda group_id, name: 1)
        cluster.on(codec.ADD_CP_GROUP_VIEW_LISTENER, lambda: None)
        yield cluster


@pytest.fixture
async def client(cluster: ScriptedCluster) -> AsyncIterator[HazelcastClient]:
    async with client_of(cluster, cp_direct_to_leader_routing=True) as client:
        for member in cluster.members:
            await soon(member.connected())
        yield client


async def carrier(cluster: ScriptedCluster) -> ScriptedMember:
    """Return the member that reports leaders to the client."""
    asked: list[ScriptedMember] = []

    def find() -> bool:
        asked[:] = [m for m in cluster.members if m.registrations(codec.ADD_CP_GROUP_VIEW_LISTENER)]
        return bool(asked)

    await until(find)
    (only,) = asked
    return only


async def lead(cluster: ScriptedCluster, client: HazelcastClient, version: int, leader: UUID) -> None:
    """Let a member report a leader, and wait until the client knows."""
    (await carrier(cluster)).push(codec.ADD_CP_GROUP_VIEW_LISTENER, view(version, leader))
    await until(lambda: engine_of(client).cp_leaders.of(GROUP) == leader)


async def calls(cluster: ScriptedCluster, call: Callable[[], Awaitable[Any]]) -> list[int]:
    """Return how many of some calls each member received."""
    before = [len(member.requests) for member in cluster.members]
    for _ in range(COUNT):
        await soon(call())
    return [len(member.requests) - count for member, count in zip(cluster.members, before, strict=True)]


@pytest.mark.parametrize("limited", [False, True])
async def test_calls_go_to_the_leader_and_follow_it(
    cluster: ScriptedCluster, client: HazelcastClient, limited: bool
) -> None:
    counter = await client.cp_subsystem.get_atomic_long("n")
    if limited:
        counter = counter.with_timeout(20)
    first, second = cluster.members
    await lead(cluster, client, 1, first.uuid)
    assert await calls(cluster, counter.get) == [COUNT, 0]
    await lead(cluster, client, 2, second.uuid)
    assert await calls(cluster, counter.get) == [0, COUNT]


async def test_sessions_and_what_they_guard_go_to_the_leader(
    cluster: ScriptedCluster, client: HazelcastClient
) -> None:
    cluster.on(cp_session.CREATE_SESSION, lambda *_: cp_session.CreateSessionResponse(1, 60_000, 60_000))
    cluster.on(cp_session.CLOSE_SESSION, lambda *_: True)
    cluster.on(semaphore.GET_SEMAPHORE_TYPE, lambda proxy_name: False)
    cluster.on(semaphore.ACQUIRE, lambda *_: True)
    permits = await client.cp_subsystem.get_semaphore("s")
    leader, other = cluster.members
    await lead(cluster, client, 1, leader.uuid)
    assert await calls(cluster, permits.acquire) == [COUNT + 1, 0]
    await client.shutdown()
    assert len(leader.requests_of(cp_session.CLOSE_SESSION)) == 1
    assert not other.requests_of(cp_session.CLOSE_SESSION)


async def test_a_leader_that_is_gone_leaves_its_calls_to_the_others(
    cluster: ScriptedCluster, client: HazelcastClient
) -> None:
    counter = await client.cp_subsystem.get_atomic_long("n")
    leader = await carrier(cluster)
    (other,) = (member for member in cluster.members if member is not leader)
    await lead(cluster, client, 5, leader.uuid)
    await leader.stop()
    await calls(cluster, counter.get)
    assert len(other.requests_of(atomic_long.GET)) == COUNT
    await lead(
        cluster, client, 1, other.uuid
    )  # the other member reports from now on, with its own version numbers


async def test_members_that_do_not_tell(cluster: ScriptedCluster, caplog: pytest.LogCaptureFixture) -> None:
    cluster.on(
        codec.ADD_CP_GROUP_VIEW_LISTENER, lambda: Failure(UNSUPPORTED, message="this is not Enterprise")
    )
    async with client_of(cluster, cp_direct_to_leader_routing=True) as client:
        await until(lambda: "this is not Enterprise" in caplog.text)
        assert "does not report the leaders of CP groups" in caplog.text
        counter = await client.cp_subsystem.get_atomic_long("n")
        assert await soon(counter.get()) == 1


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ({}, False),
        ({"cp_direct_to_leader_routing": True}, True),
        ({"cp_direct_to_leader_routing": True, "smart_routing": False}, False),
    ],
)
async def test_members_are_asked_only_where_it_is_wanted(
    cluster: ScriptedCluster, options: dict[str, Any], asks: bool
) -> None:
    async with client_of(cluster, **options) as client:
        await soon(client.cp_subsystem.get_atomic_long("n"))
        if asks:
            await carrier(cluster)
        for member in cluster.members:
            for request in member.requests_of(codec.AUTHENTICATION):
                assert request.params.cp_direct_to_leader_routing is asks
            assert asks or not member.requests_of(codec.ADD_CP_GROUP_VIEW_LISTENER)


def test_versions_count_per_member_that_tells() -> None:
    leaders, one, other = CPLeaders(), uuid4(), uuid4()
    assert leaders.update(1, view(5, one))
    assert not leaders.update(1, view(5, other))
    assert leaders.of(GROUP) == one
    assert leaders.update(2, view(3, other))
    assert leaders.of(GROUP) == other
    leaders.forget()
    assert leaders.of(GROUP) is None
    assert leaders.update(2, view(1, one))


def test_a_leader_that_is_no_member_of_the_cluster_is_not_known() -> None:
    leaders = CPLeaders()
    assert leaders.update(1, codec.GroupsViewEvent(1, view(1, uuid4()).groups_info, []))
    assert leaders.of(GROUP) is None
