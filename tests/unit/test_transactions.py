"""Transactions against a scripted member, which does what real ones do not do on demand."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest

import hzclient
from hzclient._codec import transaction as codec
from hzclient._codec import transactional_map as map_codec
from hzclient.asyncio import HazelcastClient
from hzclient.errors import OperationTimeoutError, TransactionError
from hzclient.transaction import Transaction
from tests.member.answers import Failure, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import SECONDS, client_of, options, soon, until


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(codec.CREATE, lambda *_: UUID(int=1))
        cluster.on(codec.ROLLBACK, lambda *_: None)
        cluster.on(map_codec.SIZE, lambda *_: 3)
        yield cluster


@pytest.fixture
def member(cluster: ScriptedCluster) -> ScriptedMember:
    return cluster.members[0]


@pytest.fixture
async def client(cluster: ScriptedCluster) -> AsyncIterator[HazelcastClient]:
    async with client_of(cluster) as client:
        yield client


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def test_one_that_was_thrown_away_keeps_its_task_from_no_other(
    client: HazelcastClient, without_collector: None
) -> None:
    thrown_away: Any = client.new_transaction()
    await thrown_away.begin()
    assert await thrown_away.get_map("m").size() == 3
    del thrown_away
    another = client.new_transaction()
    await another.begin()
    assert another.state == "active"


async def test_one_that_was_thrown_away_keeps_its_thread_from_no_other(
    cluster: ScriptedCluster, without_collector: None
) -> None:
    def run() -> None:
        with hzclient.HazelcastClient(**options(cluster)) as client:
            thrown_away: Transaction = client.new_transaction()
            thrown_away.begin()
            assert thrown_away.get_map("m").size() == 3
            del thrown_away
            another = client.new_transaction()
            another.begin()
            assert another.state == "active"

    await soon(asyncio.to_thread(run))


async def test_one_whose_rollback_is_cancelled_is_over_all_the_same(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    member.on(codec.ROLLBACK, lambda *_: Silence())
    transaction = client.new_transaction()

    async def fail() -> None:
        async with transaction:
            raise ZeroDivisionError

    async def fail_and_try_again() -> None:
        with pytest.raises(asyncio.CancelledError):
            await fail()
        async with client.new_transaction():
            member.on(codec.COMMIT, lambda *_: None)

    failing = asyncio.create_task(fail_and_try_again())
    await soon(member.received(codec.ROLLBACK))
    failing.cancel()
    await soon(failing)
    assert transaction.state == "rolled_back"


async def test_a_begin_that_is_given_up_leaves_its_task_in_no_transaction(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    answer = asyncio.Event()

    async def create_late(*_: object) -> UUID:
        await answer.wait()
        return UUID(int=7)

    member.on(codec.CREATE, create_late)
    transaction = client.new_transaction()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await transaction.begin()
    assert transaction.state == "not_started"
    member.on(codec.CREATE, lambda *_: UUID(int=1))
    another = client.new_transaction()
    await another.begin()
    assert another.state == "active"
    answer.set()  # what the member began for nobody is rolled back
    (rollback,) = await soon(member.received(codec.ROLLBACK))
    assert rollback.params.transaction_id == UUID(int=7)


async def test_a_commit_that_is_given_up_when_it_was_sent_is_not_rolled_back(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    answer = asyncio.Event()

    async def commit_late(*_: object) -> None:
        await answer.wait()

    member.on(codec.COMMIT, commit_late)
    transaction = client.new_transaction()
    await transaction.begin()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await transaction.commit()
    assert transaction.state == "committing"
    with pytest.raises(TransactionError, match="committing"):
        await transaction.rollback()
    answer.set()
    await until(lambda: transaction.state == "committed")
    assert member.requests_of(codec.ROLLBACK) == []


async def test_a_commit_that_is_given_up_and_fails_is_rolled_back(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    answer = asyncio.Event()

    async def fail_late(*_: object) -> Any:
        await answer.wait()
        return Failure(56, message="on purpose")

    member.on(codec.COMMIT, fail_late)
    transaction = client.new_transaction()
    await transaction.begin()
    committing = asyncio.create_task(transaction.commit())
    with pytest.raises(TransactionError, match="belongs"):
        await committing
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await transaction.commit()
    answer.set()
    await soon(member.received(codec.ROLLBACK))
    await until(lambda: transaction.state == "rolled_back")


async def test_the_end_waits_for_what_still_runs_on_the_member(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    answer = asyncio.Event()

    async def put_late(*_: object) -> None:
        await answer.wait()

    member.on(map_codec.PUT, put_late)
    transaction = client.new_transaction()
    await transaction.begin()
    with pytest.raises(OperationTimeoutError, match=r"put took longer than 0\.05 s"):
        await transaction.get_map("m").with_timeout(0.05).put("k", "v")
    await soon(transaction.rollback())
    assert transaction.state == "rolled_back"
    assert member.requests_of(codec.ROLLBACK) == []
    answer.set()
    await soon(member.received(codec.ROLLBACK))


async def test_a_block_that_is_cancelled_ends_soon_when_the_member_is_silent(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    member.on(codec.ROLLBACK, lambda *_: Silence())
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            async with client.new_transaction():
                await asyncio.Event().wait()
    assert loop.time() - start < SECONDS / 4


async def test_a_commit_ends_with_the_time_of_its_caller(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    for method in (codec.COMMIT, codec.ROLLBACK):
        member.on(method, lambda *_: Silence())
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            async with client.new_transaction():
                pass
    assert loop.time() - start < SECONDS / 4
