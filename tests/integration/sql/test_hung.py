"""A member that hangs in the middle of a query delays nobody beyond the deadline of the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from hzclient import db
from hzclient.server import LocalCluster
from hzclient.sql import HazelcastSqlError
from tests.integration.faces import FACES, Face, end_client, make_client
from tests.integration.server.facts import is_held, wait_until
from tests.integration.sql.service import Sql

STATEMENT = "SELECT v FROM TABLE(generate_stream(100))"
SECONDS = 1.0
AT_ONCE = 4.0
"""Maximum seconds of a call that does not wait for the member, on a busy machine."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Start a member that tests may pause, and warm up its SQL engine: the first statement is slow."""
    with LocalCluster(members=1) as cluster:
        with db.connect(dsn=f"hz://{cluster.addresses[0]}") as connection, connection.cursor() as cursor:
            cursor.execute(STATEMENT)
            cursor.fetchone()
        yield cluster


@pytest.fixture(params=FACES)
async def sql(request: pytest.FixtureRequest, cluster: LocalCluster) -> AsyncIterator[Sql]:
    """Return the SQL service of a client."""
    client = await make_client(request.param, cluster_members=cluster.addresses)
    sql = Sql(Face(request.param, client))
    yield sql
    await end_client(client)


@pytest.fixture
def pause(cluster: LocalCluster) -> Iterator[Any]:
    """Return what pauses the member until the end of the test."""
    member = cluster.members[0]

    def pause() -> None:
        member.pause()
        wait_until(lambda: is_held(member.pid))  # until then it may still respond

    yield pause
    member.resume()


async def started(sql: Sql, service: Any) -> tuple[Any, Any]:
    """Return a result after its first row has been read, and the iterator of the other rows."""
    result = await sql.face.result(service.execute(STATEMENT, cursor_buffer_size=1))
    rows = sql.each(result)
    await anext(rows)
    return result, rows


class Clock:
    """Measures elapsed time."""

    def __init__(self) -> None:
        self._begun = asyncio.get_running_loop().time()

    def check(self, seconds: float) -> None:
        """Check that no more than a time has passed."""
        assert asyncio.get_running_loop().time() - self._begun < seconds


async def test_a_time_limit_ends_iteration_and_close(sql: Sql, pause: Any) -> None:
    result, rows = await started(sql, sql.service.with_timeout(SECONDS))
    pause()
    clock = Clock()
    with pytest.raises(HazelcastSqlError, match="took longer"):
        async for _ in rows:
            pass
    clock.check(SECONDS + AT_ONCE)
    await sql.close(result)  # the failure has ended the query already
    clock.check(SECONDS + AT_ONCE)


async def test_a_time_limit_ends_close(sql: Sql, pause: Any) -> None:
    result, _ = await started(sql, sql.service.with_timeout(SECONDS))
    pause()
    clock = Clock()
    with pytest.raises(HazelcastSqlError, match="took longer"):
        await sql.close(result)
    clock.check(SECONDS + AT_ONCE)


async def test_a_block_that_fails_does_not_wait_for_the_member(sql: Sql, pause: Any) -> None:
    result, _ = await started(sql, sql.service)
    pause()
    clock = Clock()
    with pytest.raises(KeyError, match="mine"):
        async with sql.face.entered(result):
            raise KeyError("mine")
    clock.check(AT_ONCE)


@pytest.mark.parametrize("sql", ["asyncio", "future"], indirect=True)
async def test_asyncio_timeout_around_a_result(sql: Sql, pause: Any) -> None:
    result, rows = await started(sql, sql.service)
    pause()
    clock = Clock()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SECONDS), sql.face.entered(result):
            async for _ in rows:
                pass
    clock.check(SECONDS + AT_ONCE)


@pytest.mark.parametrize("sql", ["asyncio", "future"], indirect=True)
async def test_asyncio_timeout_around_a_close(sql: Sql, pause: Any) -> None:
    result, _ = await started(sql, sql.service)
    pause()
    clock = Clock()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SECONDS), sql.face.entered(result):
            pass
    clock.check(SECONDS + AT_ONCE)


@pytest.mark.parametrize("sql", ["asyncio", "future"], indirect=True)
async def test_asyncio_timeout_around_a_statement(sql: Sql, pause: Any) -> None:
    pause()
    clock = Clock()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await sql.execute(STATEMENT)
    clock.check(SECONDS + AT_ONCE)


async def test_a_time_limit_ends_a_statement(sql: Sql, pause: Any) -> None:
    pause()
    clock = Clock()
    with pytest.raises(HazelcastSqlError, match="took longer"):
        await sql.face.result(sql.service.with_timeout(SECONDS).execute(STATEMENT))
    clock.check(SECONDS + AT_ONCE)


async def test_asyncio_timeout_around_a_cursor(cluster: LocalCluster, pause: Any) -> None:
    async with await db.connect_async(dsn=f"hz://{cluster.addresses[0]}") as connection:
        cursor = connection.cursor()
        await cursor.execute(STATEMENT)
        pause()
        clock = Clock()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SECONDS), cursor:
                async for _ in cursor:
                    pass
        clock.check(SECONDS + AT_ONCE)


async def test_a_new_statement_does_not_wait_for_the_query_before(cluster: LocalCluster, pause: Any) -> None:
    async with await db.connect_async(dsn=f"hz://{cluster.addresses[0]}") as connection:
        cursor = connection.cursor()
        await cursor.execute(STATEMENT)
        pause()
        clock = Clock()
        with pytest.raises(db.ProgrammingError, match="blank"):
            await cursor.execute(" ")
        clock.check(AT_ONCE)


def test_a_block_around_a_cursor_that_fails(cluster: LocalCluster, pause: Any) -> None:
    with db.connect(dsn=f"hz://{cluster.addresses[0]}") as connection:
        cursor = connection.cursor()
        cursor.execute(STATEMENT)
        with pytest.raises(KeyError, match="mine"), cursor:
            pause()
            raise KeyError("mine")
