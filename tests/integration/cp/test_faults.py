"""The CP subsystem while a group's leader dies: no increment is lost, and no two clients hold the lock."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError, IllegalMonitorStateError, LockOwnershipLostError
from hzclient.proxy.cp.atomic_long import AsyncAtomicLong
from hzclient.server import LocalCluster, Member
from tests.integration.cp.conftest import cp_cluster
from tests.integration.cp.history import (
    History,
    Resource,
    check_increments,
    check_turns,
    overlaps,
    read,
)
from tests.integration.events import Told
from tests.integration.faces import eventually

CLIENTS = 8
AT_THE_LEADER = 4
"""How many of them talk to the leader only, so that every call of theirs is on the connection that dies."""

COUNTERS = 3
"""How many tasks of each client count at the same time."""

STEPS_AFTER_THE_FAULT = 5
"""How often each client must succeed after the leader has died, before the test ends."""


Work = Callable[[HazelcastClient, int, "Run"], Coroutine[Any, Any, None]]
"""What a client does, given its number, until the run is over."""


class Run:
    """Clients at work, until each has done enough of both kinds of work after the fault."""

    def __init__(self) -> None:
        self.steps = Counter[tuple[str, int]]()
        self.faulted = False

    def step(self, work: str, client: int) -> None:
        """Count a success of a client."""
        self.steps[work, client] += 1

    def all_have(self, count: int) -> bool:
        """Return True if every client has succeeded that often since the last `restart`."""
        return all(
            self.steps[work, client] >= count for work in ("count", "turn") for client in range(CLIENTS)
        )

    def restart(self) -> None:
        """Count from 0 again, from the fault on."""
        self.faulted = True
        self.steps.clear()

    @property
    def over(self) -> bool:
        """Return True if clients may stop."""
        return self.faulted and self.all_have(STEPS_AFTER_THE_FAULT)


async def increment(counter: AsyncAtomicLong, start: int, number: int, run: Run, history: History) -> None:
    """Increment the counter by compare-and-set and record the outcome."""
    try:
        done = await counter.compare_and_set(start, start + 1)
    except (HazelcastError, OSError):
        history.record("increment", client=number, **{"from": start}, outcome="unknown")
        return
    outcome = "done" if done else "refused"
    history.record("increment", client=number, **{"from": start}, outcome=outcome)
    if done:
        run.step("count", number)


async def count(client: HazelcastClient, number: int, run: Run, history: History) -> None:
    """Increment the counter again and again."""
    counter = await client.cp_subsystem.get_atomic_long("counter")
    while not run.over:
        await increment(counter, await counter.get(), number, run, history)


async def take_turns(client: HazelcastClient, number: int, run: Run, resource: Resource) -> None:
    """Take the lock, use the resource that it protects, and release it, again and again."""
    lock = await client.cp_subsystem.get_lock("lock")
    while not run.over:
        try:
            fence = await lock.lock()
        except LockOwnershipLostError:
            continue
        accepted = resource.enter(number, fence)
        await asyncio.sleep(0)
        if accepted:
            resource.leave(number, fence)
            run.step("turn", number)
        try:
            await lock.unlock()
        except (LockOwnershipLostError, IllegalMonitorStateError):
            pass


async def connect(cluster: LocalCluster, only: Member | None) -> HazelcastClient:
    """Return a client of all members, or of one that fails over to the others."""
    others = [member.address for member in cluster.members if member is not only]
    return await HazelcastClient.create_and_start(
        cluster_members=[only.address, *others] if only else others,
        shuffle_member_list=False,
        smart_routing=only is None,
        retry_initial_backoff=0.05,
    )


async def kill_under_load(cluster: LocalCluster, leader: Member, work: Work, increments: History) -> None:
    """Let 8 clients work, and kill the leader meanwhile, while calls wait for its response.

    Returns when each client has made progress after that.
    """
    run = Run()
    clients = [
        await connect(cluster, leader if number < AT_THE_LEADER else None) for number in range(CLIENTS)
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for number, client in enumerate(clients):
                group.create_task(work(client, number, run))
            await eventually(lambda: run.all_have(3), 60)
            counters = [await client.cp_subsystem.get_atomic_long("counter") for client in clients]
            start = await counters[0].get()
            await asyncio.to_thread(leader.pause)
            for number in range(AT_THE_LEADER):  # these are certainly without a response
                group.create_task(increment(counters[number], start, number, run, increments))
            await asyncio.sleep(0)  # sends them
            await asyncio.to_thread(leader.kill)
            run.restart()
            await eventually(lambda: run.over, 120)
    finally:
        await asyncio.gather(*(client.shutdown() for client in clients))


async def leader_of(cluster: LocalCluster) -> Member:
    """Return the member that leads the default group, according to the logs."""
    async with HazelcastClient(cluster_members=cluster.addresses) as client:
        await (await client.cp_subsystem.get_atomic_long("counter")).get()  # creates the group
    became_leader = re.compile(r"\(default\)\n.*We are the LEADER")

    def leaders() -> list[Member]:
        return [member for member in cluster.members if became_leader.search(member.log.text())]

    (leader,) = await eventually(leaders)  # only one member has led the group so far
    return leader


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """Start three members, one of which is going to die."""
    with cp_cluster("raft") as cluster:
        yield cluster


@pytest.mark.timeout(240)
async def test_the_leader_dies(tmp_path: Path, cluster: LocalCluster) -> None:
    increments, turns = History(tmp_path / "increments.jsonl"), History(tmp_path / "turns.jsonl")
    resource = Resource(turns)

    async def work(client: HazelcastClient, number: int, run: Run) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(COUNTERS):
                group.create_task(count(client, number, run, increments))
            group.create_task(take_turns(client, number, run, resource))

    leader = await leader_of(cluster)
    survivors = [member.address for member in cluster.members if member is not leader]
    async with HazelcastClient(cluster_members=survivors) as watcher:
        told = Told()
        await watcher.cp_subsystem.add_group_availability_listener(told.add)
        await kill_under_load(cluster, leader, work, increments)
        while (event := await told.next()).group_id.name != "default":
            pass
    assert [f"{member.address.host}:{member.address.port}" for member in event.unavailable_members] == [
        leader.address
    ]
    assert len(event.members) == 3
    assert event.is_majority_available()
    async with HazelcastClient(cluster_members=cluster.addresses) as client:
        final = await (await client.cp_subsystem.get_atomic_long("counter")).get()
        assert await (await client.cp_subsystem.get_lock("lock")).is_locked() is False
    increments.close()
    turns.close()

    events = read(increments.path)
    lost = {event["client"] for event in events if event["outcome"] == "unknown"}
    assert lost >= set(range(AT_THE_LEADER)), "no call was on a connection that died: nothing was tested"
    assert check_increments(events, final) == []
    assert check_turns(read(turns.path)) == []
    assert overlaps(read(turns.path)) == []  # sessions outlive a leader: nobody has lost the lock
