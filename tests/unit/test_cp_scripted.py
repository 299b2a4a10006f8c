"""CP sessions and CP maps against a scripted member, which does what real ones do not do on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest

from hzclient._codec import cp_group, cp_map, cp_session, cp_subsystem, fenced_lock, semaphore
from hzclient._codec.custom import CPMember as WireMember
from hzclient._services.cp_sessions import NO_SESSION
from hzclient.asyncio import HazelcastClient
from hzclient.core import Address
from hzclient.cp import CPMember, CPMembershipEvent, CPMembershipEventType
from hzclient.errors import (
    DistributedObjectDestroyedError,
    HazelcastClientNotActiveError,
    IllegalMonitorStateError,
    IllegalStateError,
    LockOwnershipLostError,
    UnsupportedOperationError,
)
from hzclient.lifecycle import LifecycleState
from hzclient.protocol import RaftGroupId
from tests.internals import engine_of
from tests.member.answers import Failure, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember

QUICK, SLOW = RaftGroupId("quick", 0, 1), RaftGroupId("slow", 0, 2)
DESTROYED = 14
SESSION_EXPIRED = 85


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(cp_session.CLOSE_SESSION, lambda group_id, session_id: True)
        yield cluster


@pytest.fixture
def member(cluster: ScriptedCluster) -> ScriptedMember:
    return cluster.members[0]


@pytest.fixture
async def client(member: ScriptedMember) -> AsyncIterator[HazelcastClient]:
    address = f"{member.address.host}:{member.address.port}"
    async with HazelcastClient(
        cluster_members=[address], retry_initial_backoff=0.01, retry_max_backoff=0.05
    ) as client:
        yield client


@pytest.fixture
def sessions(client: HazelcastClient) -> Any:
    return engine_of(client).cp_proxies.context.sessions


def give_sessions(member: ScriptedMember, heartbeat_millis: dict[str, int]) -> None:
    ids = iter(range(1, 100))
    member.on(
        cp_session.CREATE_SESSION,
        lambda group_id, endpoint_name: cp_session.CreateSessionResponse(
            next(ids), 60_000, heartbeat_millis[group_id.name]
        ),
    )


async def test_callers_at_once_share_one_creation(member: ScriptedMember, sessions: Any) -> None:
    give_sessions(member, {"quick": 60_000})
    assert await asyncio.gather(*(sessions.acquire(QUICK) for _ in range(5))) == [1] * 5
    assert sessions.in_use(QUICK) == 5
    assert len(member.requests_of(cp_session.CREATE_SESSION)) == 1


async def test_one_that_gives_up_leaves_the_creation_to_the_others(
    member: ScriptedMember, sessions: Any
) -> None:
    go_on = asyncio.Event()

    async def create(group_id: RaftGroupId, endpoint_name: str) -> cp_session.CreateSessionResponse:
        await go_on.wait()
        return cp_session.CreateSessionResponse(7, 60_000, 60_000)

    member.on(cp_session.CREATE_SESSION, create)
    first = asyncio.create_task(sessions.acquire(QUICK))
    second = asyncio.create_task(sessions.acquire(QUICK))
    await member.received(cp_session.CREATE_SESSION)
    first.cancel()
    go_on.set()
    assert await second == 7
    assert sessions.in_use(QUICK) == 1


async def test_each_group_has_its_own_period(member: ScriptedMember, sessions: Any) -> None:
    give_sessions(member, {"quick": 10, "slow": 60_000})
    member.on(cp_session.HEARTBEAT_SESSION, lambda group_id, session_id: None)
    await sessions.acquire(SLOW)
    await sessions.acquire(QUICK)
    beats = await member.received(cp_session.HEARTBEAT_SESSION, 3)
    assert {beat.params.group_id.name for beat in beats} == {"quick"}


async def test_a_session_that_the_group_has_ended(member: ScriptedMember, sessions: Any) -> None:
    give_sessions(member, {"quick": 10})
    member.on(
        cp_session.HEARTBEAT_SESSION, lambda group_id, session_id: Failure(SESSION_EXPIRED, "it is over")
    )
    assert await sessions.acquire(QUICK) == 1
    await member.received(cp_session.HEARTBEAT_SESSION)
    while sessions.session_id(QUICK) != NO_SESSION:
        await asyncio.sleep(0)
    assert await sessions.acquire(QUICK) == 2
    sessions.release(QUICK, 1)  # of the previous session: ignored
    assert sessions.in_use(QUICK) == 1


async def test_shutdown_closes_sessions(
    member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    give_sessions(member, {"quick": 60_000})
    await sessions.acquire(QUICK)
    await client.shutdown()
    assert len(member.requests_of(cp_session.CLOSE_SESSION)) == 1
    with pytest.raises(HazelcastClientNotActiveError):
        await sessions.acquire(QUICK)


async def move_to_another_cluster(cluster: ScriptedCluster, client: HazelcastClient) -> None:
    """Let the client find another cluster at the address of the old one."""
    connected = asyncio.Event()

    def listen(state: str) -> None:
        if state == LifecycleState.CONNECTED:
            connected.set()

    client.lifecycle_service.add_listener(listen)
    member = cluster.members[0]
    await member.stop()
    cluster.view.cluster_id = uuid4()
    await member.start(member.address.port)
    await connected.wait()


async def test_another_cluster_gives_another_session(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    give_sessions(member, {"quick": 60_000})
    assert await sessions.acquire(QUICK) == 1
    await move_to_another_cluster(cluster, client)
    assert sessions.session_id(QUICK) == NO_SESSION
    assert await sessions.acquire(QUICK) == 2
    sessions.release(QUICK, 1)  # of the previous session: ignored
    assert sessions.in_use(QUICK) == 1


async def test_a_lock_of_another_cluster_is_lost_though_session_ids_come_again(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(
        cp_session.CREATE_SESSION,
        lambda group_id, endpoint_name: cp_session.CreateSessionResponse(1, 60_000, 60_000),
    )
    member.on(fenced_lock.LOCK, lambda group_id, name, session_id, thread_id, invocation_uid: 5)
    lock = await client.cp_subsystem.get_lock("l@quick")
    for lose in (lock.lock, lock.unlock, lock.is_locked):
        assert await lock.lock() == 5
        await move_to_another_cluster(cluster, client)
        assert await sessions.acquire(QUICK) == 1  # by somebody else in this client
        with pytest.raises(LockOwnershipLostError):
            await lose()
        assert sessions.in_use(QUICK) == 1
    assert not member.requests_of(fenced_lock.UNLOCK)


def once_silent(answer: Any) -> Callable[..., Any]:
    """Leave the first call without a response, as a dying member does."""
    answers = iter([Silence()])
    return lambda *_: next(answers, answer)


async def test_a_wait_for_a_lock_goes_on_in_another_cluster_by_a_session_of_that(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    give_sessions(member, {"quick": 60_000})
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(fenced_lock.LOCK, once_silent(5))
    member.on(fenced_lock.UNLOCK, lambda *_: False)
    lock = await client.cp_subsystem.get_lock("l@quick")

    async def take_and_give_back() -> int:
        fence = await lock.lock()
        await lock.unlock()
        return fence

    waiting = asyncio.create_task(take_and_give_back())
    await member.received(fenced_lock.LOCK)
    await move_to_another_cluster(cluster, client)
    assert await waiting == 5
    assert [each.params.session_id for each in member.requests_of(fenced_lock.LOCK)] == [1, 2]
    assert [each.params.session_id for each in member.requests_of(fenced_lock.UNLOCK)] == [2]
    assert sessions.in_use(QUICK) == 0


async def test_what_names_a_session_is_not_sent_to_another_cluster(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(
        cp_session.CREATE_SESSION,
        lambda group_id, endpoint_name: cp_session.CreateSessionResponse(1, 60_000, 60_000),
    )
    member.on(fenced_lock.LOCK, lambda *_: 5)
    member.on(semaphore.GET_SEMAPHORE_TYPE, lambda proxy_name: False)
    member.on(semaphore.ACQUIRE, lambda *_: True)
    lock = await client.cp_subsystem.get_lock("l@quick")
    permits = await client.cp_subsystem.get_semaphore("s@quick")

    async def take_and_give_back(taken: Any, give_back: Any) -> None:
        await taken()
        await give_back()

    for method, taken, give_back, error in (
        (fenced_lock.UNLOCK, lock.lock, lock.unlock, LockOwnershipLostError),
        (semaphore.RELEASE, permits.acquire, permits.release, IllegalStateError),
        (semaphore.CHANGE, permits.acquire, lambda: permits.increase_permits(1), IllegalStateError),
    ):
        member.on(method, once_silent(True))
        caller = asyncio.create_task(take_and_give_back(taken, give_back))
        await member.received(method)
        await move_to_another_cluster(cluster, client)
        assert await sessions.acquire(QUICK) == 1  # by somebody else in this client
        with pytest.raises(error):
            await caller
        assert len(member.requests_of(method)) == 1
        assert sessions.in_use(QUICK) == 1


async def test_a_lock_that_is_destroyed_keeps_no_session_alive(
    member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    give_sessions(member, {"quick": 60_000})
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(cp_group.DESTROY_CP_OBJECT, lambda *_: None)
    member.on(fenced_lock.LOCK, lambda *_: 5)
    member.on(fenced_lock.UNLOCK, lambda *_: Failure(DESTROYED, "somebody has destroyed it"))
    lock = await client.cp_subsystem.get_lock("l@quick")
    await lock.lock()
    await lock.lock()
    await lock.destroy()
    assert sessions.in_use(QUICK) == 0
    await lock.lock()
    with pytest.raises(DistributedObjectDestroyedError):
        await lock.unlock()
    assert sessions.in_use(QUICK) == 0
    with pytest.raises(IllegalMonitorStateError):
        await lock.unlock()


async def test_a_lock_that_could_not_be_destroyed_is_still_held(
    member: ScriptedMember, client: HazelcastClient, sessions: Any
) -> None:
    give_sessions(member, {"quick": 60_000})
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(fenced_lock.LOCK, lambda *_: 5)
    member.on(fenced_lock.UNLOCK, lambda *_: False)
    lock = await client.cp_subsystem.get_lock("l@quick")
    await lock.lock()
    with pytest.raises(UnsupportedOperationError):  # the member has no script for it
        await lock.destroy()
    await lock.unlock()
    assert sessions.in_use(QUICK) == 0


async def test_numbers_of_callers_belong_to_one_cluster(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient
) -> None:
    numbers = iter(range(1, 100))
    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(cp_session.GENERATE_THREAD_ID, lambda group_id: next(numbers))
    member.on(semaphore.GET_SEMAPHORE_TYPE, lambda proxy_name: True)
    member.on(semaphore.ACQUIRE, lambda *_: True)

    def used() -> list[int]:
        return [each.params.thread_id for each in member.requests_of(semaphore.ACQUIRE)]

    for _ in range(2):  # numbers belong to the group: its semaphores share them
        permits = await client.cp_subsystem.get_semaphore("jdk@quick")
        await permits.acquire()
    assert used() == [1, 1]
    await move_to_another_cluster(cluster, client)
    await permits.acquire()
    assert used() == [1, 1, 2]
    member.on(semaphore.ACQUIRE, once_silent(True))
    waiting = asyncio.create_task(permits.acquire())
    await member.received(semaphore.ACQUIRE, 4)
    await move_to_another_cluster(cluster, client)
    await waiting
    assert used() == [1, 1, 2, 2, 3]


async def test_cp_map(member: ScriptedMember, client: HazelcastClient) -> None:
    entries: dict[bytes, bytes] = {}

    def compare_and_set(
        group_id: RaftGroupId, name: str, key: bytes, expected_value: bytes, new_value: bytes
    ) -> bool:
        if entries.get(key) != expected_value:
            return False
        entries[key] = new_value
        return True

    def put(group_id: RaftGroupId, name: str, key: bytes, value: bytes) -> bytes | None:
        before, entries[key] = entries.get(key), value
        return before

    def put_if_absent(group_id: RaftGroupId, name: str, key: bytes, value: bytes) -> bytes | None:
        before = entries.get(key)
        entries.setdefault(key, value)
        return before

    member.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: QUICK)
    member.on(cp_map.GET, lambda group_id, name, key: entries.get(key))
    member.on(cp_map.PUT, put)
    member.on(cp_map.SET, lambda group_id, name, key, value: entries.update({key: value}))
    member.on(cp_map.PUT_IF_ABSENT, put_if_absent)
    member.on(cp_map.REMOVE, lambda group_id, name, key: entries.pop(key, None))
    member.on(cp_map.DELETE, lambda group_id, name, key: entries.clear())
    member.on(cp_map.COMPARE_AND_SET, compare_and_set)

    m = await client.cp_subsystem.get_map("m@quick")
    assert await m.put("k", 1) is None
    assert await m.put("k", 2) == 1
    await m.set("k", 3)
    assert await m.get("k") == 3
    assert await m.put_if_absent("k", 4) == 3
    assert await m.compare_and_set("k", 4, 5) is False
    assert await m.compare_and_set("k", 3, 5) is True
    assert await m.remove("k") == 5
    await m.set("k", 6)
    await m.delete("k")
    assert await m.get("k") is None
    assert {request.params.name for request in member.requests_of(cp_map.GET)} == {"m"}
    for call in (m.get(None), m.put(None, 1), m.put("k", None), m.compare_and_set("k", 1, None)):
        with pytest.raises(AssertionError):
            await call


async def test_membership_listeners(member: ScriptedMember, client: HazelcastClient) -> None:
    told: asyncio.Queue[CPMembershipEvent] = asyncio.Queue()
    ids = [uuid4(), uuid4()]
    member.on(cp_subsystem.ADD_MEMBERSHIP_LISTENER, lambda local: ids[0])
    member.on(cp_subsystem.REMOVE_MEMBERSHIP_LISTENER, lambda registration_id: registration_id == ids[0])
    registration = await client.cp_subsystem.add_membership_listener(told.put)
    on_wire = WireMember(ids[1], Address("10.0.0.1", 5701))
    for event_type in (CPMembershipEventType.ADDED, CPMembershipEventType.REMOVED):
        member.push(cp_subsystem.ADD_MEMBERSHIP_LISTENER, cp_subsystem.MembershipEvent(on_wire, event_type))
        event = await asyncio.wait_for(told.get(), 20)
        assert event == CPMembershipEvent(CPMember(on_wire.uuid, on_wire.address), event_type)
    assert await client.cp_subsystem.remove_listener(registration)
    assert not await client.cp_subsystem.remove_listener(registration)
