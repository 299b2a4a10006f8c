"""Every operation that takes a duration rounds it up to the unit of the wire, never down to 0."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

import hzclient.proxy
from hzclient._codec import cp_group, cp_session, semaphore, transaction
from hzclient._runtime.faces import Marked, Shell
from hzclient.asyncio import HazelcastClient
from hzclient.core import Address, MemberInfo, MemberVersion
from hzclient.errors import HazelcastError
from hzclient.protocol import RaftGroupId
from hzclient.proxy.cp import fenced_lock
from hzclient.proxy.cp import semaphore as cp_semaphore
from tests.member.scripted import ScriptedCluster, ScriptedMember

PARAMETERS = {"ttl", "max_idle", "lease_time", "timeout", "delay", "period"}
"""Names of parameters that are durations."""

MODULES = [
    *(each.name for each in pkgutil.walk_packages(hzclient.proxy.__path__, "hzclient.proxy.")),
    *("hzclient.sql._service", "hzclient.asyncio.client"),
]

Call = Callable[[Any, float], Any]
"""Call an operation of a structure with a duration."""

CALLS: dict[str, tuple[str, Call]] = {
    "EntryOperations.put": ("map", lambda m, d: m.put("k", "v", ttl=d, max_idle=d)),
    "EntryOperations.set": ("map", lambda m, d: m.set("k", "v", ttl=d, max_idle=d)),
    "EntryOperations.put_transient": ("map", lambda m, d: m.put_transient("k", "v", ttl=d, max_idle=d)),
    "EntryOperations.put_if_absent": ("map", lambda m, d: m.put_if_absent("k", "v", ttl=d, max_idle=d)),
    "EntryOperations.set_ttl": ("map", lambda m, d: m.set_ttl("k", d)),
    "EntryOperations.try_put": ("map", lambda m, d: m.try_put("k", "v", d)),
    "EntryOperations.try_remove": ("map", lambda m, d: m.try_remove("k", d)),
    "LockOperations.lock": ("multi_map", lambda m, d: m.lock("k", d)),
    "LockOperations.try_lock": ("map", lambda m, d: m.try_lock("k", lease_time=d, timeout=d)),
    "LockOperations.lock_context": ("map", lambda m, d: m.lock_context("k", d).__aenter__()),
    "ReplicatedMapOperations.put": ("replicated_map", lambda m, d: m.put("k", "v", d)),
    "QueueOperations.offer": ("queue", lambda q, d: q.offer("v", d)),
    "QueueOperations.poll": ("queue", lambda q, d: q.poll(d)),
    "ScheduledExecutorOperations.schedule": (
        "scheduled_executor",
        lambda e, d: e.schedule("task", delay=d, period=d),
    ),
    "ScheduledExecutorOperations.schedule_on_key_owner": (
        "scheduled_executor",
        lambda e, d: e.schedule_on_key_owner("k", "task", delay=d, period=d),
    ),
    "ScheduledExecutorOperations.schedule_on_member": (
        "scheduled_executor",
        lambda e, d: e.schedule_on_member(MEMBER, "task", delay=d, period=d),
    ),
    "ScheduledExecutorOperations.schedule_on_members": (
        "scheduled_executor",
        lambda e, d: e.schedule_on_members([MEMBER], "task", delay=d, period=d),
    ),
    "TransactionalMapOperations.put": ("transaction/map", lambda m, d: m.put("k", "v", d)),
    "TransactionalQueueOperations.offer": ("transaction/queue", lambda q, d: q.offer("v", d)),
    "TransactionalQueueOperations.poll": ("transaction/queue", lambda q, d: q.poll(d)),
    "TransactionalQueueOperations.peek": ("transaction/queue", lambda q, d: q.peek(d)),
    "CountDownLatchOperations.await_latch": ("cp/count_down_latch", lambda latch, d: latch.await_latch(d)),
    "FencedLockOperations.try_lock": ("cp/lock", lambda lock, d: lock.try_lock(d)),
    "SemaphoreOperations.try_acquire": ("cp/semaphore", lambda permits, d: permits.try_acquire(1, d)),
    "SqlOperations.execute": ("client/sql", lambda sql, d: sql.execute("SELECT 1", timeout=d)),
    "HazelcastClient.new_transaction": ("client/new_transaction", lambda new, d: new(d).begin()),
}
"""For each operation, the kind of its structure and a call."""

FIELDS = {
    *("ttl", "max_idle", "lease", "timeout", "timeout_ms", "timeout_millis"),
    *("initial_delay_in_millis", "period_in_millis"),
}
"""Names of durations in requests."""

MEMBER: Any = MemberInfo(Address("127.0.0.1", 5701), UUID(int=5), {}, False, MemberVersion(5, 7, 0), "", {})
GROUP = RaftGroupId("g", 0, 1)


def test_the_table_has_every_operation_that_takes_a_duration() -> None:
    found: set[str] = set()
    for name in MODULES:
        for cls in filter(inspect.isclass, vars(importlib.import_module(name)).values()):
            for attribute, member in vars(cls).items():
                function = member.function if isinstance(member, Marked) else member
                if function is member and is_exposed(cls, attribute):
                    continue  # found where it is defined
                if inspect.isfunction(function) and not function.__name__.startswith("_"):
                    if PARAMETERS & inspect.signature(function).parameters.keys():
                        found.add(function.__qualname__)
    found.discard("Future.result")  # it sends nothing
    found -= {"TransactionManager.new_transaction", "TransactionManager.new_async_transaction"}  # internal
    assert found == CALLS.keys()


def is_exposed(cls: type, name: str) -> bool:
    """Whether a face has a function because of a definition in its class of operations."""
    if issubclass(cls, Shell):
        return name in getattr(cls, "_marked", ())
    return any(isinstance(vars(base).get(name), Marked) for base in cls.__mro__)


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    """Return a cluster that creates structures, sessions, and transactions, and refuses everything else."""
    async with ScriptedCluster() as cluster:
        cluster.on(cp_group.CREATE_CP_GROUP, lambda proxy_name: GROUP)
        cluster.on(semaphore.GET_SEMAPHORE_TYPE, lambda proxy_name: False)
        cluster.on(
            cp_session.CREATE_SESSION,
            lambda group_id, endpoint_name: cp_session.CreateSessionResponse(1, 60_000, 60_000),
        )
        cluster.on(cp_session.CLOSE_SESSION, lambda group_id, session_id: True)
        cluster.on(transaction.CREATE, lambda *_: UUID(int=1))
        cluster.on(transaction.ROLLBACK, lambda *_: None)
        yield cluster


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of structures that send the time left until a deadline."""
    for module in (fenced_lock, cp_semaphore):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 0.0))


async def structure(client: HazelcastClient, kind: str) -> Any:
    """Return the object on which an operation of the table is called."""
    source, _, name = kind.rpartition("/")
    if source == "client":
        return getattr(client, name)
    if source == "transaction":
        transaction = client.new_transaction()
        await transaction.begin()
        return getattr(transaction, f"get_{name}")("s")
    owner = client.cp_subsystem if source == "cp" else client
    return await getattr(owner, f"get_{name}")("s@g")


async def durations_sent(
    client: HazelcastClient, member: ScriptedMember, name: str, seconds: float
) -> set[int]:
    """Call an operation of the table and return the durations in its requests."""
    kind, call = CALLS[name]
    target = await structure(client, kind)
    before = len(member.requests)
    with suppress(HazelcastError):  # the member refuses what it has no script for
        async with asyncio.timeout(10):
            await call(target, seconds)
    requests = [each.params._asdict() for each in member.requests[before:]]
    return {request[field] for request in requests for field in FIELDS & request.keys()}


@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize(("seconds", "millis"), [(0.0004, 1), (1.5, 1500), (1e30, 2**63 - 1)])
async def test_durations_are_rounded_up_and_never_refused(
    cluster: ScriptedCluster, seconds: float, millis: int
) -> None:
    (member,) = cluster.members
    async with HazelcastClient(cluster_members=cluster.addresses) as client:
        for name in CALLS:  # a task of its own, since a task can have only one transaction
            sent = await asyncio.create_task(durations_sent(client, member, name, seconds))
            assert sent == {millis}, name
