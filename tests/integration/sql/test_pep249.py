"""PEP 249 from its first section to its last, on real members, for threads and for tasks.

Headings and order of the tests are those of the PEP.
"""

from __future__ import annotations

import inspect
import threading
from collections import UserList
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest

import hzclient
from hzclient import db
from hzclient.server import LocalCluster
from tests.integration.faces import Seen
from tests.integration.sql.service import close_quietly

SERIES = "SELECT v FROM TABLE(generate_series(1, 10))"
ERRORS = (
    "Warning",
    "Error",
    "InterfaceError",
    "DatabaseError",
    "DataError",
    "OperationalError",
    "IntegrityError",
    "InternalError",
    "ProgrammingError",
    "NotSupportedError",
)


class Face:
    """The module for threads or for tasks.

    Args:
        name: "threads" or "tasks".
        dsn: The cluster.
    """

    def __init__(self, name: str, dsn: str) -> None:
        self.name = name
        self.dsn = dsn

    async def connect(self, **options: Any) -> Any:
        """Connect."""
        if self.name == "threads":
            return db.connect(**options)
        return await db.connect_async(**options)

    async def step(self, cursor: Any) -> Any:
        """Advance an iteration; return None at its end."""
        return next(cursor, None) if self.name == "threads" else await anext(cursor, None)


@pytest.fixture(params=["threads", "tasks"])
def face(request: pytest.FixtureRequest, hazelcast_cluster: LocalCluster) -> Face:
    return Face(request.param, f"hz://{','.join(hazelcast_cluster.addresses)}")


@pytest.fixture
async def connection(face: Face) -> AsyncIterator[Any]:
    made = await face.connect(dsn=face.dsn)
    yield made
    await close_quietly(made)


@pytest.fixture
def cursor(connection: Any) -> Any:
    return Seen(connection.cursor())


# ------------------------------------------------------------------------------------ Module Interface


async def test_constructors(face: Face) -> None:
    """Keyword parameters as the PEP suggests: dsn, user, password, host."""
    assert {"dsn", "user", "password", "host"} <= inspect.signature(db.connect).parameters.keys()
    host, port = face.dsn.removeprefix("hz://").split(",")[0].split(":")
    seen = Seen(await face.connect(host=host, port=int(port), cluster_name="dev"))
    cursor = Seen(seen.target.cursor())
    await cursor.execute(SERIES)
    await seen.close()


async def test_globals(face: Face) -> None:
    assert db.apilevel == "2.0"
    assert db.threadsafety == 2
    assert db.paramstyle == "qmark"


def test_threads_may_share_the_module_and_connections(hazelcast_cluster: LocalCluster) -> None:
    """What a `threadsafety` of 2 promises."""
    with db.connect(dsn=f"hz://{hazelcast_cluster.addresses[0]}") as connection:
        sums: list[int] = []

        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute(SERIES)
                sums.append(sum(row[0] for row in cursor))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sums == [55] * 8


def test_exceptions() -> None:
    assert issubclass(db.Warning, Exception)
    assert not issubclass(db.Warning, db.Error)
    assert issubclass(db.Error, Exception)
    assert db.InterfaceError.__bases__ == db.DatabaseError.__bases__ == (db.Error,)
    for name in ERRORS[4:]:
        assert getattr(db, name).__bases__ == (db.DatabaseError,)


# ----------------------------------------------------------------------------------- Connection Objects


async def test_close_makes_connection_and_cursors_unusable(connection: Any, cursor: Any) -> None:
    seen = Seen(connection)
    await seen.close()
    for call in (seen.close, seen.commit, seen.rollback, seen.cursor):
        with pytest.raises(db.Error):
            await call()
    for call in (lambda: cursor.execute(SERIES), cursor.fetchone, cursor.fetchmany, cursor.fetchall):
        with pytest.raises(db.Error):
            await call()


async def test_commit_and_rollback(connection: Any) -> None:
    """A database without transactions offers `commit` with void functionality; `rollback` is optional."""
    assert connection.commit() is None
    with pytest.raises(db.NotSupportedError):
        connection.rollback()


async def test_cursor(connection: Any) -> None:
    first, second = connection.cursor(), connection.cursor()
    assert first is not second


# --------------------------------------------------------------------------------------- Cursor Objects


async def test_description(cursor: Any) -> None:
    assert not cursor.description
    await cursor.execute("SELECT v, CAST('x' AS VARCHAR) AS w FROM TABLE(generate_series(1, 1))")
    for column, (name, type_) in zip(cursor.description, [("v", db.NUMBER), ("w", db.STRING)], strict=True):
        assert len(column) == 7
        assert column[0] == name
        assert column[1] == type_
        assert column[2:6] == (None,) * 4


async def test_description_is_none_after_a_statement_without_rows(cursor: Any, table: str) -> None:
    await cursor.execute(SERIES)
    await cursor.execute(f"INSERT INTO {table} VALUES (1, 'x')")
    assert cursor.description is None


async def test_rowcount(cursor: Any, table: str) -> None:
    """-1 before any statement, and after one whose rows nobody counted; never a wrong 0."""
    assert cursor.rowcount == -1
    for statement in (
        f"INSERT INTO {table} VALUES (1, 'x'), (2, 'y')",
        f"UPDATE {table} SET name = 'z' WHERE __key = 1",
        f"UPDATE {table} SET name = 'z'",
        f"DELETE FROM {table} WHERE __key = 1",
        f"DELETE FROM {table}",
        SERIES,
    ):
        await cursor.execute(statement)
        assert cursor.rowcount == -1, statement
    await cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", [(1, "x"), (2, "y")])
    assert cursor.rowcount == -1
    await cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", [])
    assert cursor.rowcount == 0


@pytest.mark.parametrize("name", ["callproc", "nextset"])
async def test_optional_methods_that_clusters_have_no_use_for(cursor: Any, name: str) -> None:
    """The PEP prefers an AttributeError to an exception of the module."""
    assert not hasattr(cursor.target, name)


async def test_close_makes_the_cursor_unusable(cursor: Any) -> None:
    await cursor.execute(SERIES)
    await cursor.close()
    for call in (lambda: cursor.execute(SERIES), lambda: cursor.executemany(SERIES, []), cursor.fetchone):
        with pytest.raises(db.Error):
            await call()


class Numbers(Sequence[int]):
    """A sequence that is neither a list nor a tuple."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: Any) -> Any:
        return (3, 5)[index]


@pytest.mark.parametrize(
    "params", [(3, 5), [3, 5], range(3, 6, 2), Numbers(), UserList([3, 5])], ids=lambda p: type(p).__name__
)
async def test_execute_takes_any_sequence_of_parameters(cursor: Any, params: Any) -> None:
    await cursor.execute(f"{SERIES} WHERE v >= ? AND v <= ?", params)
    assert {row[0] for row in await cursor.fetchall()} == {3, 4, 5}


async def test_a_row_may_be_the_parameters_of_another_statement(cursor: Any) -> None:
    await cursor.execute("SELECT 3 AS a, 5 AS b FROM TABLE(generate_series(1, 1))")
    row = await cursor.fetchone()
    await cursor.execute(f"{SERIES} WHERE v >= ? AND v <= ?", row)
    assert len(await cursor.fetchall()) == 3


@pytest.mark.parametrize("params", ["ab", b"ab", {"a": 1}, 5, iter([1])], ids=lambda p: type(p).__name__)
async def test_parameters_that_are_no_sequence(cursor: Any, params: Any) -> None:
    with pytest.raises(db.InterfaceError, match="must be a sequence"):
        await cursor.execute(f"{SERIES} WHERE v = ?", params)
    with pytest.raises(db.InterfaceError, match="must be a sequence"):
        await cursor.executemany(f"{SERIES} WHERE v = ?", [params])
    with pytest.raises(db.InterfaceError, match="sequence of parameters"):
        await cursor.executemany(f"{SERIES} WHERE v = ?", 5)


async def test_executemany(cursor: Any, table: str) -> None:
    await cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", [[1, "x"], (2, "y"), UserList([3, "z"])])
    await cursor.execute(f"SELECT __key, name FROM {table} ORDER BY __key")
    assert [tuple(row) for row in await cursor.fetchall()] == [(1, "x"), (2, "y"), (3, "z")]
    with pytest.raises(db.Error):  # it must not be used for operations that return rows
        await cursor.executemany(f"SELECT * FROM {table} WHERE __key = ?", [(1,)])


async def test_fetching(cursor: Any) -> None:
    await cursor.execute(SERIES)
    assert (await cursor.fetchone())[0] == 1
    assert cursor.arraysize == 1
    assert [row[0] for row in await cursor.fetchmany()] == [2]
    cursor.target.arraysize = 3
    assert [row[0] for row in await cursor.fetchmany()] == [3, 4, 5]
    assert [row[0] for row in await cursor.fetchmany(2)] == [6, 7]
    assert [row[0] for row in await cursor.fetchmany(size=1)] == [8]
    assert [row[0] for row in await cursor.fetchall()] == [9, 10]
    assert await cursor.fetchone() is None
    assert await cursor.fetchmany() == await cursor.fetchall() == []


async def test_fetching_without_rows(cursor: Any, table: str) -> None:
    """An Error if the last call produced no result set, or if there was none."""
    for _ in range(2):
        for call in (cursor.fetchone, cursor.fetchmany, cursor.fetchall, cursor.next):
            with pytest.raises(db.Error):
                await call()
        await cursor.execute(f"DELETE FROM {table} WHERE __key = 1")
    await cursor.execute(SERIES)
    with pytest.raises(db.Error, match="must be an int"):
        await cursor.fetchmany("2")


async def test_sizes_may_be_ignored(cursor: Any) -> None:
    cursor.target.setinputsizes([int, None])
    cursor.target.setoutputsize(100)
    cursor.target.setoutputsize(100, 0)


# --------------------------------------------------------------------- Type Objects and Constructors


async def test_type_objects_and_constructors(cursor: Any) -> None:
    sent = [
        db.Date(2024, 2, 29),
        db.Time(1, 2, 3),
        db.Timestamp(2024, 2, 29, 1, 2, 3),
        db.DateFromTicks(0),
        db.TimeFromTicks(0),
        db.TimestampFromTicks(0),
    ]
    await cursor.execute(
        "SELECT CAST(? AS DATE), CAST(? AS TIME), CAST(? AS TIMESTAMP), CAST(? AS DATE), CAST(? AS TIME), "
        "CAST(? AS TIMESTAMP), CAST(NULL AS VARCHAR) FROM TABLE(generate_series(1, 1))",
        sent,
    )
    assert [column.type for column in cursor.description[:6]] == [db.DATETIME] * 6
    *found, nothing = await cursor.fetchone()
    assert found == sent
    assert nothing is None  # NULL is None, in and out
    assert [type(value) for value in found] == [date, time, datetime] * 2
    assert db.Binary(b"x") == b"x"
    for kind in (db.STRING, db.BINARY, db.NUMBER, db.DATETIME, db.ROWID):
        assert kind == kind


# --------------------------------------------------------------------- Optional DB API Extensions


async def test_rownumber(cursor: Any) -> None:
    assert cursor.rownumber is None
    await cursor.execute(SERIES)
    assert cursor.rownumber == 0
    await cursor.fetchmany(4)
    assert cursor.rownumber == 4


@pytest.mark.parametrize("name", ERRORS)
async def test_connection_has_the_exceptions(connection: Any, name: str) -> None:
    assert getattr(connection, name) is getattr(db, name)


async def test_cursor_connection(connection: Any, cursor: Any) -> None:
    assert cursor.target.connection is connection
    with pytest.raises(AttributeError):
        cursor.target.connection = None


async def test_messages(connection: Any, cursor: Any) -> None:
    """Lists that the next call clears; calls that fetch don't."""
    assert connection.messages == []
    message = (db.Warning, db.Warning("w"))
    cursor.messages.append(message)
    await cursor.execute(SERIES)
    assert cursor.messages == []
    cursor.messages.append(message)
    await cursor.fetchone()
    assert cursor.messages == [message]
    del cursor.messages[:]
    cursor.messages.append(message)
    await cursor.close()
    assert cursor.messages == []


async def test_next_and_iteration(face: Face, cursor: Any) -> None:
    await cursor.execute(SERIES)
    iterator = iter(cursor.target) if face.name == "threads" else aiter(cursor.target)
    assert iterator is cursor.target
    assert (await cursor.next())[0] == 1
    rest = [(await face.step(cursor.target))[0] for _ in range(9)]
    assert rest == list(range(2, 11))
    assert await face.step(cursor.target) is None
    if face.name == "tasks":
        with pytest.raises(StopAsyncIteration):
            await cursor.next()
    else:
        with pytest.raises(StopIteration):
            cursor.target.next()


async def test_lastrowid(cursor: Any, table: str) -> None:
    await cursor.execute(f"INSERT INTO {table} VALUES (1, 'x')")
    assert cursor.lastrowid is None


async def test_autocommit(connection: Any) -> None:
    assert connection.autocommit is True
    connection.autocommit = True
    with pytest.raises(db.NotSupportedError):
        connection.autocommit = False


# ------------------------------------------------------------------- Optional Error Handling Extensions


async def test_there_is_no_error_handler(connection: Any, cursor: Any) -> None:
    """It is optional: errors are raised."""
    assert not hasattr(connection, "errorhandler")
    assert not hasattr(cursor.target, "errorhandler")


# ---------------------------------------------------------- Optional Two-Phase Commit Extensions


async def test_there_is_no_two_phase_commit(connection: Any) -> None:
    assert [name for name in dir(connection) if name.startswith("tpc_") or name == "xid"] == []


# ------------------------------------------------------------------------- beyond the PEP: its errors


async def test_values_that_python_does_not_have_are_data_errors(cursor: Any) -> None:
    await cursor.execute("SELECT CAST('-0001-01-01' AS DATE) AS d, v FROM TABLE(generate_series(1, 2))")
    for row in await cursor.fetchall():
        assert row["v"] in (1, 2)
        for read in (lambda row=row: row["d"], lambda row=row: tuple(row)):
            with pytest.raises(db.DataError, match="year") as raised:
                read()
            assert isinstance(raised.value.__cause__, ValueError)


async def test_errors_of_statements(cursor: Any) -> None:
    for statement, error in (
        ("SELEC 1", db.ProgrammingError),
        ("SELECT * FROM nope", db.ProgrammingError),
        (" ", db.ProgrammingError),
        (5, db.ProgrammingError),
        ("SELECT CAST('x' AS INT) FROM TABLE(generate_series(1, 1))", db.DatabaseError),
    ):
        with pytest.raises(error) as raised:
            await cursor.execute(statement)
            await cursor.fetchall()
        assert raised.value.__cause__ is not None


async def test_errors_of_connecting(face: Face) -> None:
    for options, error in (
        ({"dsn": "http://one"}, db.InterfaceError),
        ({"dsn": f"{face.dsn}?ssl=true&ssl.ca.path=nowhere"}, db.Error),
        ({"config": hzclient.config.Config(), "host": "x"}, db.InterfaceError),
    ):
        with pytest.raises(error):
            await face.connect(**options)
