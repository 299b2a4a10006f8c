"""SQL on real members, in all faces."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from hzclient._codec import sql as codec
from hzclient.core import HazelcastJsonValue
from hzclient.future import Future, OperationFuture
from hzclient.sql import HazelcastSqlError, SqlColumnType, SqlErrorCode, SqlExpectedResultType, SqlStatement
from tests.integration.faces import unique_name
from tests.integration.sql.service import Sql
from tests.internals import async_face_of, private


@pytest.fixture
async def table(sql: Sql) -> str:
    name = unique_name("table").replace("-", "_")
    await sql.execute(
        f"CREATE MAPPING {name} (__key INT, this VARCHAR) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='varchar')"
    )
    return name


def series(last: int) -> str:
    return f"SELECT v FROM TABLE(generate_series(1, {last}))"


async def test_rows_come_over_many_pages(sql: Sql) -> None:
    rows = await sql.query(series(1000), cursor_buffer_size=7)
    assert [row["v"] for row in rows] == list(range(1, 1001))


async def test_rows_and_metadata(sql: Sql) -> None:
    result = await sql.execute("SELECT v, v * 2 AS w FROM TABLE(generate_series(1, 1))")
    assert result.is_row_set() is True
    assert result.update_count() == -1
    assert result.is_infinite_rows() is False
    metadata = result.get_row_metadata()
    assert [(c.name, c.type) for c in metadata.columns] == [
        ("v", SqlColumnType.INTEGER),
        ("w", SqlColumnType.BIGINT),
    ]
    assert (metadata.column_count, metadata.find_column("w"), metadata.find_column("x")) == (2, 1, -1)
    (row,) = await sql.rows(result)
    assert (row["w"], row[1], row.get_object("w"), row.get_object_with_index(-1)) == (2, 2, 2, 2)
    assert (len(row), list(row), row.metadata) == (2, [1, 2], metadata)
    with pytest.raises(ValueError, match="no column 'x'"):
        row["x"]
    with pytest.raises(IndexError):
        row[2]
    with pytest.raises(ValueError, match="only once"):
        await sql.rows(result)


async def test_update_counts(sql: Sql, table: str) -> None:
    result = await sql.execute(f"INSERT INTO {table} VALUES (?, ?)", 1, "one")
    assert result.is_row_set() is False
    assert result.update_count() == 0  # members do not count changed rows
    with pytest.raises(ValueError, match="no rows"):
        result.get_row_metadata()
    with pytest.raises(ValueError, match="no rows"):
        await sql.rows(result)
    await sql.close(result)


class Unreadable:
    """Object whose pickle cannot be loaded."""

    def __reduce__(self) -> Any:
        return _fail, ()


def _fail() -> None:
    raise KeyError("unreadable")


async def test_an_expected_result_that_does_not_come(sql: Sql) -> None:
    with pytest.raises(HazelcastSqlError):
        await sql.execute(series(1), expected_result_type=SqlExpectedResultType.UPDATE_COUNT)
    assert len(await sql.query(series(1), expected_result_type="ROWS")) == 1


async def test_options_are_checked_at_the_call(sql: Sql) -> None:
    for kwargs, error in (
        ({"cursor_buffer_size": 0}, ValueError),
        ({"cursor_buffer_size": "1"}, AssertionError),
        ({"timeout": -2}, ValueError),
        ({"timeout": "1"}, AssertionError),
        ({"schema": 1}, AssertionError),
        ({"expected_result_type": "NOTHING"}, TypeError),
    ):
        with pytest.raises(error):
            await sql.execute(series(1), **kwargs)
    with pytest.raises(ValueError, match="blank"):
        await sql.execute(" ")
    with pytest.raises(AssertionError):
        await sql.execute(None)


async def test_a_statement_with_its_options(sql: Sql) -> None:
    statement = SqlStatement(series(3), cursor_buffer_size=1, timeout=10, schema="public")
    result = await sql.face.result(sql.service.execute_statement(statement))
    assert [row["v"] for row in await sql.rows(result)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("expression", "type_", "value"),
    [
        ("CAST('ü' AS VARCHAR)", SqlColumnType.VARCHAR, "ü"),
        ("TRUE", SqlColumnType.BOOLEAN, True),
        ("CAST(-128 AS TINYINT)", SqlColumnType.TINYINT, -128),
        ("CAST(32767 AS SMALLINT)", SqlColumnType.SMALLINT, 32767),
        ("CAST(-2147483648 AS INTEGER)", SqlColumnType.INTEGER, -(2**31)),
        ("CAST(9223372036854775807 AS BIGINT)", SqlColumnType.BIGINT, 2**63 - 1),
        ("CAST('-123.4500' AS DECIMAL)", SqlColumnType.DECIMAL, Decimal("-123.4500")),
        ("CAST(0.5 AS REAL)", SqlColumnType.REAL, 0.5),
        ("CAST(0.1 AS DOUBLE)", SqlColumnType.DOUBLE, 0.1),
        ("CAST('2024-02-29' AS DATE)", SqlColumnType.DATE, date(2024, 2, 29)),
        ("CAST('01:02:03' AS TIME)", SqlColumnType.TIME, time(1, 2, 3)),
        (
            "CAST('2024-02-29T01:02:03.5' AS TIMESTAMP)",
            SqlColumnType.TIMESTAMP,
            datetime(2024, 2, 29, 1, 2, 3, 500000),
        ),
        (
            "CAST('2024-02-29T01:02:03-05:30' AS TIMESTAMP WITH TIME ZONE)",
            SqlColumnType.TIMESTAMP_WITH_TIME_ZONE,
            datetime(2024, 2, 29, 1, 2, 3, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        ),
        ("NULL", SqlColumnType.NULL, None),
        ("CAST('{\"a\": 1}' AS JSON)", SqlColumnType.JSON, HazelcastJsonValue('{"a": 1}')),
        ("CAST(NULL AS DATE)", SqlColumnType.DATE, None),
    ],
)
async def test_column_types(sql: Sql, expression: str, type_: int, value: Any) -> None:
    (row,) = await sql.query(f"SELECT {expression} AS x FROM TABLE(generate_series(1, 1))")
    assert row.metadata.get_column(0).type == type_
    assert row["x"] == value
    assert type(row["x"]) is type(value)
    assert getattr(row["x"], "tzinfo", None) == getattr(value, "tzinfo", None)


async def test_a_date_that_python_does_not_have_fails_when_it_is_asked_for(sql: Sql) -> None:
    (row,) = await sql.query(
        "SELECT CAST('-0001-01-01' AS DATE) AS d, 1 AS n FROM TABLE(generate_series(1, 1))"
    )
    assert row["n"] == 1
    with pytest.raises(HazelcastSqlError, match="year") as raised:
        row["d"]
    assert raised.value.code == SqlErrorCode.DATA_EXCEPTION
    assert isinstance(raised.value.__cause__, ValueError)
    assert str(row).endswith("n TINYINT=1]")


async def test_an_object_that_cannot_be_deserialized_fails_when_it_is_asked_for(sql: Sql) -> None:
    m = await sql.face.get("map", unique_name("objects").replace("-", "_"))
    await m.set(1, Unreadable())
    await sql.execute(
        f"CREATE MAPPING {m.name} (__key INT, this OBJECT) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.lang.Object')"
    )
    (row,) = await sql.query(f"SELECT __key, this FROM {m.name}")
    assert row["__key"] == 1
    with pytest.raises(HazelcastSqlError, match="this") as raised:
        row["this"]
    assert isinstance(raised.value.__cause__, Exception)


async def test_objects_are_deserialized(sql: Sql) -> None:
    m = await sql.face.get("map", unique_name("objects").replace("-", "_"))
    for number in range(200):
        await m.set(number, [number, "text"])
    await sql.execute(
        f"CREATE MAPPING {m.name} (__key INT, this OBJECT) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.util.ArrayList')"
    )
    rows = await sql.query(f"SELECT __key, this FROM {m.name}", cursor_buffer_size=150)
    assert sorted(row["__key"] for row in rows) == list(range(200))
    assert all(row["this"] == [row["__key"], "text"] for row in rows)


async def test_errors(sql: Sql) -> None:
    with pytest.raises(HazelcastSqlError) as raised:
        await sql.execute("SELEC 1")
    assert raised.value.code == SqlErrorCode.PARSING
    assert raised.value.originating_member_uuid is not None
    assert str(raised.value) == "Non-query expression encountered in illegal context"
    assert raised.value.stack_trace is not None
    assert "com.hazelcast.sql" in raised.value.stack_trace
    with pytest.raises(HazelcastSqlError, match="nope"):
        await sql.execute("SELECT * FROM nope")
    with pytest.raises(HazelcastSqlError):
        await sql.query("SELECT 1 / (v - 5) FROM TABLE(generate_series(1, 10))", cursor_buffer_size=1)


async def test_an_error_suggests_a_mapping(sql: Sql) -> None:
    m = await sql.face.get("map", unique_name("unmapped").replace("-", "_"))
    await m.set(1, "one")
    with pytest.raises(HazelcastSqlError) as raised:
        await sql.execute(f"SELECT * FROM {m.name}")
    assert "MAPPING" in (raised.value.suggestion or "")
    await sql.execute(raised.value.suggestion)
    assert [row["this"] for row in await sql.query(f"SELECT * FROM {m.name}")] == ["one"]


async def test_a_parameter_that_cannot_be_serialized(sql: Sql) -> None:
    with pytest.raises(HazelcastSqlError):
        await sql.execute("SELECT CAST(? AS INT) FROM TABLE(generate_series(1, 1))", 2**200_000)


async def test_a_statement_goes_to_the_owner_of_its_key(sql: Sql, table: str) -> None:
    for key in range(5):
        await sql.execute(f"INSERT INTO {table} VALUES (?, ?)", key, str(key))
    text = f"SELECT this FROM {table} WHERE __key = ?"
    assert [row["this"] for row in await sql.query(text, 3)] == ["3"]
    core = async_face_of(sql.service)
    context = private(core, "_context")
    for key in range(5):
        data = context.serialization.encode(key)
        owner = context.partitions.owners[context.partitions.partition_id(data)]
        assert private(core, "_connection_for")(text, [data]).member_uuid == owner
        assert [row["this"] for row in await sql.query(text, key)] == [str(key)]


async def test_an_endless_query_can_be_stopped(sql: Sql) -> None:
    result = await sql.execute("SELECT v FROM TABLE(generate_stream(1000))", cursor_buffer_size=1)
    assert result.is_infinite_rows() is True
    seen = []
    async for row in sql.each(result):
        seen.append(row["v"])
        if len(seen) == 5:
            break
    assert seen == [0, 1, 2, 3, 4]
    await sql.close(result)
    await sql.close(result)


class Reader:
    """Reads an endless query that returns one row only.

    Attributes:
        has_begun: Set on the loop of the test when the row has been read.
    """

    STATEMENT = "SELECT v FROM TABLE(generate_stream(100)) WHERE v < 1"

    def __init__(self, sql: Sql) -> None:
        self.has_begun = asyncio.Event()
        self._sql = sql
        self._loop = asyncio.get_running_loop()

    async def read(self, result: Any) -> None:
        async for _ in self._sql.each(result):
            self._loop.call_soon_threadsafe(self.has_begun.set)

    async def read_and_close(self, result: Any) -> None:
        async with self._sql.face.entered(result):
            await self.read(result)


async def test_closing_fails_calls_that_wait_for_rows(sql: Sql) -> None:
    """A task or thread closes a result while another one reads it."""
    result = await sql.execute(Reader.STATEMENT, cursor_buffer_size=1)
    reader = Reader(sql)
    reading = sql.face.start(lambda: reader.read(result))
    await asyncio.wait_for(reader.has_begun.wait(), 20)
    await sql.close(result)
    with pytest.raises(HazelcastSqlError) as raised:
        await asyncio.wait_for(reading, 20)
    assert raised.value.code == SqlErrorCode.CANCELLED_BY_USER
    await assert_members_forgot(result)


@pytest.mark.parametrize("face", ["asyncio", "future"], indirect=True)
async def test_a_task_that_is_cancelled_while_it_waits_for_rows(sql: Sql) -> None:
    result = await sql.execute(Reader.STATEMENT, cursor_buffer_size=1)
    reader = Reader(sql)
    reading = asyncio.create_task(reader.read_and_close(result))
    await asyncio.wait_for(reader.has_begun.wait(), 20)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(reading, 20)
    await assert_members_forgot(result)
    assert len(await sql.query(series(1))) == 1


async def assert_members_forgot(result: Any) -> None:
    """Request another page of a query, which the member must not know any more."""
    query = private(result, "_source", "_query")
    request = codec.FETCH.encode(private(query, "_id"), 1)
    answer: Future[codec.FetchResponse] = OperationFuture(
        private(query, "_invoke")(request, connection=private(query, "_connection"))
    )
    response = await asyncio.wait_for(answer, 20)
    assert response.row_page is None
    assert response.error is not None


async def test_a_closed_result_gives_no_more_rows(sql: Sql) -> None:
    result = await sql.execute(series(100_000), cursor_buffer_size=10)
    await sql.close(result)
    with pytest.raises(HazelcastSqlError) as raised:
        await sql.rows(result)
    assert raised.value.code == SqlErrorCode.CANCELLED_BY_USER


async def test_context_managers_close(sql: Sql) -> None:
    async with sql.face.entered(await sql.execute(series(100_000), cursor_buffer_size=10)) as result:
        pass
    with pytest.raises(HazelcastSqlError):
        await sql.rows(result)


async def test_a_statement_times_out(sql: Sql) -> None:
    with pytest.raises(HazelcastSqlError) as raised:
        await sql.query("SELECT v FROM TABLE(generate_stream(1)) WHERE v > 1000000", timeout=0.2)
    # The members end the query; the error code depends on their version.
    assert raised.value.code in (SqlErrorCode.TIMEOUT, SqlErrorCode.GENERIC)


async def test_rows_as_futures(threaded_client: Any) -> None:
    rows = threaded_client.sql.execute(series(25), cursor_buffer_size=10).result().iterator()
    futures = [next(rows) for _ in range(27)]
    assert [future.result()["v"] for future in futures[:25]] == list(range(1, 26))
    for future in futures[25:]:
        with pytest.raises(StopIteration):
            future.result()


async def test_threads_iterate_the_result_of_a_future(threaded_client: Any) -> None:
    with threaded_client.sql.execute(series(25), cursor_buffer_size=10).result() as result:
        assert [row["v"] for row in result] == list(range(1, 26))
