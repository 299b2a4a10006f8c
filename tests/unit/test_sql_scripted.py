"""SQL against a scripted member, which responds late, never, or wrongly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hzclient import db
from hzclient._codec import client as client_codec
from hzclient._codec import sql as codec
from hzclient._codec.custom import SqlColumnMetadata
from hzclient._protocol.reader import MessageReader
from hzclient._protocol.sql_page import SqlPage
from hzclient.asyncio import HazelcastClient
from hzclient.errors import ProtocolError
from hzclient.serialization.api import CompactReader, CompactSerializer, CompactWriter
from hzclient.sql import HazelcastSqlError, SqlColumnType, SqlErrorCode
from tests.internals import engine_of, private
from tests.member.answers import Bytes, Silence
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.codec import wire
from tests.unit.net.clients import client_of, soon, until


@dataclass
class Point:
    """Class with a Compact schema."""

    x: int


class PointSerializer(CompactSerializer[Point]):
    """Serializer of points."""

    def read(self, reader: CompactReader) -> Point:
        return Point(reader.read_int32("x"))

    def write(self, writer: CompactWriter, obj: Point) -> None:
        writer.write_int32("x", obj.x)

    def get_type_name(self) -> str:
        return "Point"

    def get_class(self) -> type[Point]:
        return Point


def query(column_type: int, *values: Any, last: bool = False) -> codec.ExecuteResponse:
    """Return the response to a statement that returns rows of one column."""
    metadata = [SqlColumnMetadata("v", column_type, True)]
    return codec.ExecuteResponse(metadata, page(column_type, *values, last=last), -1, None)


def page(column_type: int, *values: Any, last: bool = False) -> SqlPage:
    """Return a page of one column."""
    return SqlPage([column_type], [list(values)], last)


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        cluster.on(codec.CLOSE, lambda query_id: None)
        yield cluster


@pytest.fixture
def member(cluster: ScriptedCluster) -> ScriptedMember:
    return cluster.members[0]


@pytest.fixture
async def client(cluster: ScriptedCluster) -> AsyncIterator[HazelcastClient]:
    async with client_of(cluster, compact_serializers=[PointSerializer()]) as client:
        yield client


@pytest.fixture
async def cursor(cluster: ScriptedCluster) -> AsyncIterator[db.AsyncCursor]:
    async with await soon(db.connect_async(dsn=f"hz://{cluster.addresses[0]}")) as connection:
        yield connection.cursor()


async def test_a_query_whose_page_came_too_late_is_ended_on_the_member(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    member.on(codec.EXECUTE, lambda *_: query(SqlColumnType.INTEGER, 1))
    member.on(codec.FETCH, lambda *_: Silence())
    result = await client.sql.with_timeout(0.1).execute("SELECT 1")
    rows = result.iterator()
    assert (await anext(rows))["v"] == 1
    with pytest.raises(HazelcastSqlError, match="took longer"):
        await soon(anext(rows))
    (close,) = await soon(member.received(codec.CLOSE))
    assert close.params.query_id == member.requests_of(codec.EXECUTE)[0].params.query_id
    await result.close()
    assert len(member.requests_of(codec.CLOSE)) == 1


async def test_without_a_connection_the_error_is_one_of_sql(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    member.on(codec.EXECUTE, lambda *_: codec.ExecuteResponse(None, None, 1, None, False, 0))
    await client.sql.execute("DELETE FROM t WHERE __key = ?", 1)
    await member.stop()
    connections = engine_of(client).router.connections
    while connections:
        await asyncio.sleep(0)
    with pytest.raises(HazelcastSqlError, match="not connected") as raised:
        await client.sql.execute("DELETE FROM t WHERE __key = ?", 1)
    assert raised.value.code == SqlErrorCode.CONNECTION_PROBLEM


async def test_a_cursor_goes_on_after_a_fetch_that_was_cancelled(
    member: ScriptedMember, cursor: db.AsyncCursor
) -> None:
    go_on = asyncio.Event()

    async def fetch(*_: object) -> codec.FetchResponse:
        await go_on.wait()
        return codec.FetchResponse(page(SqlColumnType.INTEGER, 3, last=True), None)

    member.on(codec.EXECUTE, lambda *_: query(SqlColumnType.INTEGER, 1, 2))
    member.on(codec.FETCH, fetch)
    await cursor.execute("SELECT 1")
    assert [row["v"] for row in await cursor.fetchmany(1)] == [1]
    waiting = asyncio.create_task(cursor.fetchall())
    await soon(member.received(codec.FETCH))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cursor.rownumber == 1
    go_on.set()
    assert [row["v"] for row in await soon(cursor.fetchall())] == [2, 3]
    assert cursor.rownumber == 3
    assert await cursor.fetchone() is None


async def test_a_cursor_whose_rows_could_not_be_had_does_not_seem_to_be_at_the_end(
    member: ScriptedMember, cursor: db.AsyncCursor
) -> None:
    member.on(codec.EXECUTE, lambda *_: query(SqlColumnType.INTEGER, 1))
    member.on(codec.FETCH, lambda *_: codec.FetchResponse(None, None))
    await cursor.execute("SELECT 1")
    for _ in range(2):
        with pytest.raises(db.DatabaseError, match="neither rows nor an error"):
            await soon(cursor.fetchall())
    assert (await soon(cursor.fetchmany(1)))[0]["v"] == 1
    with pytest.raises(db.DatabaseError, match="neither rows nor an error"):
        await soon(cursor.fetchone())


async def test_objects_whose_schema_was_waited_for_in_vain_are_not_left_out(
    cluster: ScriptedCluster, member: ScriptedMember, client: HazelcastClient
) -> None:
    go_on = asyncio.Event()
    async with client_of(cluster, compact_serializers=[PointSerializer()]) as writer:
        serialization = engine_of(writer).serialization
        data = serialization.encode(Point(7))
        (schema,) = serialization.schemas.unreplicated.values()

    async def fetch_schema(schema_id: int) -> Any:
        await go_on.wait()
        return schema

    member.on(client_codec.FETCH_SCHEMA, fetch_schema)
    member.on(codec.EXECUTE, lambda *_: query(SqlColumnType.OBJECT, data, last=True))
    result = await client.sql.execute("SELECT 1")
    private(result, "_source").begin()
    waiting = asyncio.create_task(private(result, "_source").next_rows())
    await soon(member.received(client_codec.FETCH_SCHEMA))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    rows = await soon(private(result, "_source").next_rows())
    assert rows is not None
    assert [row["v"] for row in rows] == [Point(7)]


async def test_what_a_member_must_not_send_is_an_error_of_sql(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    """No page, a page of other columns, and a page without columns."""
    metadata = [SqlColumnMetadata("v", SqlColumnType.DATE, True)]
    for wrong, message in (
        (None, "neither rows nor an error"),
        (page(SqlColumnType.INTEGER, 1), "page of column types"),
        (SqlPage([], [], True), "page of column types"),
    ):
        answer = codec.ExecuteResponse(metadata, wrong, -1, None)
        member.on(codec.EXECUTE, lambda *_, answer=answer: answer)
        with pytest.raises(HazelcastSqlError, match=message):
            await soon(client.sql.execute("SELECT 1"))
        member.on(codec.EXECUTE, lambda *_: query(SqlColumnType.DATE, (2024, 1, 1)))
        member.on(codec.FETCH, lambda *_, wrong=wrong: codec.FetchResponse(wrong, None))
        rows = (await soon(client.sql.execute("SELECT 1"))).iterator()
        await anext(rows)
        with pytest.raises(HazelcastSqlError, match=message):
            await soon(anext(rows))
    await soon(member.received(codec.CLOSE, 6))


async def test_rows_without_columns(member: ScriptedMember, client: HazelcastClient) -> None:
    member.on(codec.EXECUTE, lambda *_: codec.ExecuteResponse([], SqlPage([], [], True), -1, None))
    assert [row async for row in await soon(client.sql.execute("SELECT"))] == []


async def test_a_column_type_that_is_not_known_here(member: ScriptedMember, cursor: db.AsyncCursor) -> None:
    metadata = [SqlColumnMetadata("v", 99, True)]
    answer = codec.ExecuteResponse(metadata, SqlPage([], [], True), -1, None)
    member.on(codec.EXECUTE, lambda *_: answer)
    with pytest.raises(db.DatabaseError, match="page of column types"):
        await soon(cursor.execute("SELECT 1"))


async def test_bytes_that_are_no_page_close_the_connection(
    member: ScriptedMember, client: HazelcastClient
) -> None:
    def answer(*_: object) -> Any:
        message = wire.side("Sql.execute").encode_response(query(SqlColumnType.INTEGER, 1))
        received = member.requests_of(codec.EXECUTE)[-1].message
        content = message.as_response(received.correlation_id)
        types = bytes.fromhex("0a0000000000 04000000")  # the frame of the page's column types
        assert content.count(types) == 1
        return Bytes(content.replace(types, bytes.fromhex("0a0000000000 4d000000")))

    member.on(codec.EXECUTE, answer)
    connection = member.connections[0]
    with pytest.raises(HazelcastSqlError, match="unknown SQL column type 77") as raised:
        await soon(client.sql.execute("SELECT 1"))
    assert isinstance(raised.value.__cause__, ProtocolError)
    await soon(until(lambda: connection not in member.connections))


async def test_a_page_of_any_bytes_is_an_error_of_the_protocol() -> None:
    """A response with some changed bytes is decoded, or raises `ProtocolError`."""

    @given(wire.sql_pages(), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=3)), max_size=4))
    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def check(sent: SqlPage, changes: list[tuple[int, bytes]]) -> None:
        metadata = [SqlColumnMetadata("v", each, True) for each in sent.column_types]
        response = codec.ExecuteResponse(metadata, sent, -1, None)
        content = bytearray(wire.side("Sql.execute").encode_response(response).as_response(7))
        for at, new in changes:
            start = 22 + at % (len(content) - 22)
            content[start : start + len(new)] = new[: len(content) - start]
        try:
            (message,) = MessageReader().feed(bytes(content)) or (None,)
            if message is not None:
                codec.EXECUTE.decode(message)
        except ProtocolError:
            pass

    check()


class Unpicklable:
    """Class whose pickling raises an unusual error."""

    def __reduce__(self) -> Any:
        raise KeyError("no reduction")


@pytest.mark.parametrize(
    "value", [lambda: 1, Unpicklable(), "\ud800", 2**200_000], ids=["local", "class", "surrogate", "int"]
)
async def test_a_parameter_that_cannot_be_serialized(client: HazelcastClient, value: Any) -> None:
    with pytest.raises(HazelcastSqlError) as raised:
        await soon(client.sql.execute("SELECT ?", value))
    assert isinstance(raised.value.__cause__, Exception)


async def test_parameters_that_cannot_be_serialized_are_errors_of_the_database(
    cursor: db.AsyncCursor,
) -> None:
    for value in (lambda: 1, Unpicklable(), "\ud800"):
        with pytest.raises(db.DatabaseError):
            await soon(cursor.execute("SELECT ?", [value]))
