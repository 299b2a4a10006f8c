"""Results of many rows, and members that are killed in the middle of them."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator

import pytest

from hzclient.server import LocalCluster
from hzclient.sql import HazelcastSqlError, SqlErrorCode
from tests.integration.faces import FACES, Face, end_client, make_client
from tests.integration.sql.service import Sql

ROWS = 1_000_000
TRACED_FROM = 600_000
"""Row at which tracing of memory starts, because tracing takes most of the time."""
PAGE = 4096


async def test_a_million_rows_take_the_memory_of_two_pages(sql: Sql) -> None:
    statement = f"SELECT v FROM TABLE(generate_series(1, {ROWS}))"
    total = count = 0
    try:
        async with sql.face.entered(await sql.execute(statement, cursor_buffer_size=PAGE)) as result:
            async for row in sql.each(result):
                total += row["v"]
                count += 1
                if count == TRACED_FROM:
                    tracemalloc.start(1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, total) == (ROWS, ROWS * (ROWS + 1) // 2)
    assert 0 < peak < 1_000_000, peak  # the rows since then take 1.6 MB before they are decoded


@pytest.fixture(scope="module")
def mortal_cluster() -> Iterator[LocalCluster]:
    """Start a member that tests may kill."""
    with LocalCluster(members=1) as cluster:
        yield cluster


@pytest.mark.parametrize("name", FACES)
async def test_a_member_that_is_killed_in_the_middle(name: str, mortal_cluster: LocalCluster) -> None:
    member = mortal_cluster.members[0]
    client = await make_client(name, cluster_members=mortal_cluster.addresses)
    try:
        face = Face(name, client)
        sql = Sql(face)
        statement = "SELECT v FROM TABLE(generate_stream(100))"
        result = await sql.execute(statement, cursor_buffer_size=1)
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        async def read() -> None:
            async for _ in sql.each(result):
                loop.call_soon_threadsafe(begun.set)

        reading = face.start(read)
        await asyncio.wait_for(begun.wait(), 60)
        await asyncio.to_thread(member.kill)
        with pytest.raises(HazelcastSqlError, match="lost") as raised:
            await asyncio.wait_for(reading, 30)
        assert raised.value.code == SqlErrorCode.CONNECTION_PROBLEM
        await sql.close(result)
    finally:
        await end_client(client)
        await asyncio.to_thread(member.start)
