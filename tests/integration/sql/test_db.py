"""DB-API on real members, for threads and for tasks, beyond what PEP 249 asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pandas
import pytest

from hzclient import db
from hzclient.server import LocalCluster
from tests.integration.faces import Seen
from tests.integration.sql.service import close_quietly


class _Cursor(Seen):
    """Cursor whose operations can all be awaited."""


@pytest.fixture(params=["threads", "tasks"])
async def connection(request: pytest.FixtureRequest, hazelcast_cluster: LocalCluster) -> AsyncIterator[Any]:
    dsn = f"hz://{','.join(hazelcast_cluster.addresses)}"
    made = db.connect(dsn=dsn) if request.param == "threads" else await db.connect_async(dsn=dsn)
    yield made
    await close_quietly(made)


@pytest.fixture
def cursor(connection: Any) -> _Cursor:
    return _Cursor(connection.cursor())


SERIES = "SELECT v FROM TABLE(generate_series(1, 10))"


async def test_executemany_and_parameters(cursor: _Cursor, table: str) -> None:
    people = [(number, f"name {number}") for number in range(150)]
    await cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", people)
    await cursor.execute(f"SELECT __key, name FROM {table} WHERE __key < ? ORDER BY __key", (3,))
    assert [tuple(row) for row in await cursor.fetchall()] == people[:3]
    await cursor.execute(f"SELECT COUNT(*) FROM {table}")
    assert (await cursor.fetchone())[0] == len(people)


async def test_closing(connection: Any, cursor: _Cursor) -> None:
    await cursor.execute(SERIES)
    await cursor.close()
    await cursor.close()
    with pytest.raises(db.ProgrammingError, match="cursor is closed"):
        await cursor.execute(SERIES)
    with pytest.raises(db.InterfaceError, match="cursor is closed"):
        await cursor.fetchone()
    other = _Cursor(connection.cursor())
    seen = Seen(connection)
    await seen.close()
    for call in (seen.close, seen.commit, seen.cursor):
        with pytest.raises(db.InterfaceError, match="connection is closed"):
            await call()
    with pytest.raises(db.InterfaceError, match="connection is closed"):
        await other.execute(SERIES)


def test_pandas_reads_rows(hazelcast_cluster: LocalCluster) -> None:
    with db.connect(dsn=f"hz://{hazelcast_cluster.addresses[0]}") as connection:
        with pytest.warns(UserWarning, match="SQLAlchemy"):
            frame = pandas.read_sql(
                "SELECT v, v * 2 AS w FROM TABLE(generate_series(1, 10)) WHERE v > ?", connection, params=[7]
            )
    assert frame.sort_values("v").to_dict("list") == {"v": [8, 9, 10], "w": [16, 18, 20]}


def test_iteration_and_context_managers(hazelcast_cluster: LocalCluster) -> None:
    host, port = hazelcast_cluster.addresses[0].split(":")
    with db.connect(host=host, port=int(port)) as connection, connection.cursor() as cursor:
        assert cursor.connection is connection
        cursor.execute(SERIES)
        assert [row["v"] for row in cursor] == list(range(1, 11))
    with pytest.raises(connection.InterfaceError):
        connection.commit()


async def test_iteration_and_context_managers_of_tasks(hazelcast_cluster: LocalCluster) -> None:
    dsn = f"hz://{hazelcast_cluster.addresses[0]}"
    async with await db.connect_async(dsn=dsn) as connection, connection.cursor() as cursor:
        await cursor.execute(SERIES)
        assert [row["v"] async for row in cursor] == list(range(1, 11))
