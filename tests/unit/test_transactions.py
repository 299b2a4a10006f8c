"""Transactions against a scripted member, which does what real ones don't on demand."""

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
from hzclient.transaction import Transaction
from tests.member.answers import Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import client_of, options, soon


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
