"""Many rows, and members that go in the middle of them."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.server import LocalCluster
from hzclient.sql import HazelcastSqlError, SqlErrorCode
from tests.integration.faces import FACES, Face, end_client, make_client

ROWS = 1_000_000
PAGE = 4096


def test_a_million_rows_take_the_memory_of_two_pages(threaded_client: Any) -> None:
    statement = f"SELECT v FROM TABLE(generate_series(1, {ROWS}))"
    tracemalloc.start(1)
    try:
        total = count = 0
        with threaded_client.sql.execute(statement, cursor_buffer_size=PAGE).result() as result:
            for row in result:
                total += row["v"]
                count += 1
                if count == 5 * PAGE:
                    tracemalloc.reset_peak()
                    before = tracemalloc.get_traced_memory()[0]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (count, total) == (ROWS, ROWS * (ROWS + 1) // 2)
    assert peak - before < 4_000_000  # a page of numbers takes less than 1 MB


@pytest.fixture(scope="module")
def mortal_cluster() -> Iterator[LocalCluster]:
    """A member that tests may kill."""
    with LocalCluster(members=1) as cluster:
        yield cluster


@pytest.mark.parametrize("name", FACES)
async def test_a_member_that_is_killed_in_the_middle(name: str, mortal_cluster: LocalCluster) -> None:
    member = mortal_cluster.members[0]
    client = await make_client(name, cluster_members=mortal_cluster.addresses)
    try:
        face = Face(name, client)
        service = client.sql.blocking() if name == "blocking" else client.sql
        statement = "SELECT v FROM TABLE(generate_stream(100))"
        result = await face.result(service.execute(statement, cursor_buffer_size=1))
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        async def read() -> None:
            if name == "blocking":
                for _ in result:
                    loop.call_soon_threadsafe(begun.set)
            else:
                async for _ in result:
                    loop.call_soon_threadsafe(begun.set)

        reading = face.start(read)
        await asyncio.wait_for(begun.wait(), 60)
        await asyncio.to_thread(member.kill)
        with pytest.raises(HazelcastSqlError, match="lost") as raised:
            await asyncio.wait_for(reading, 30)
        assert raised.value.code == SqlErrorCode.CONNECTION_PROBLEM
        await face.result(result.close())
    finally:
        await end_client(client)
        await asyncio.to_thread(member.start)
