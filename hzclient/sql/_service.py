"""The service that executes statements, in three faces."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar
from uuid import UUID

from hzclient._runtime.faces import AsyncioFace, BlockingFace, FutureFace, operation
from hzclient.errors import HazelcastError
from hzclient.sql._query import Query, wrapped
from hzclient.sql._result import AsyncSqlResult, BlockingSqlResult, SqlResult
from hzclient.sql._row import RowShape
from hzclient.sql._source import RowSource
from hzclient.sql._types import (
    HazelcastSqlError,
    SqlColumnMetadata,
    SqlErrorCode,
    SqlExpectedResultType,
    SqlRowMetadata,
    SqlStatement,
)
from hzclient.util import member_of_larger_same_version_group

if TYPE_CHECKING:
    from hzclient._codec.sql import ExecuteResponse
    from hzclient._runtime.base import Runtime
    from hzclient._services.ports import Connection
    from hzclient.proxy.base import ProxyContext

ResultT = TypeVar("ResultT")

_STATEMENTS_REMEMBERED: Final = 1024
"""Statements for which it is kept which parameter tells the partition."""

_ATTEMPTS: Final = 10
"""Members that are tried before any connection will do."""


class SqlOperations(Generic[ResultT]):
    """Executes SQL statements. They are read by the members that have `hazelcast-sql` and Jet enabled."""

    def __init__(
        self, context: ProxyContext, client_uuid: UUID, result_face: Callable[[AsyncSqlResult], ResultT]
    ) -> None:
        self.name = "sql"
        self._context = context
        self._client_uuid = client_uuid
        self._result_face = result_face
        self._invoke = context.invocations.invoke
        self._routing = _PartitionArguments()

    @operation
    async def execute(
        self,
        sql: str,
        *params: Any,
        cursor_buffer_size: int = 4096,
        timeout: float = -1,
        expected_result_type: int = SqlExpectedResultType.ANY,
        schema: str | None = None,
    ) -> ResultT:
        """Executes a statement.

        Args:
            sql: The statement, with a `?` for each parameter.
            *params: The parameters.
            cursor_buffer_size: Rows that a member sends at once.
            timeout: Seconds that the statement may take; 0 for no limit, -1 for what the members are
                configured to.
            expected_result_type: One of `SqlExpectedResultType`; another result is an error.
            schema: Where objects are looked for whose names tell no schema; None for the default.

        Returns:
            The result; close it when you are done, best by a `with` statement.

        Raises:
            AssertionError: An option is of a wrong type.
            ValueError: An option has a wrong value.
            HazelcastSqlError: The statement fails.
        """
        statement = SqlStatement(sql, params, cursor_buffer_size, timeout, expected_result_type, schema)
        return self._result_face(await self._execute(statement))

    @operation
    async def execute_statement(self, statement: SqlStatement) -> ResultT:
        """Executes a statement that carries its options.

        Returns:
            The result; close it when you are done, best by a `with` statement.

        Raises:
            HazelcastSqlError: The statement fails.
        """
        return self._result_face(await self._execute(statement))

    async def _execute(self, statement: SqlStatement) -> AsyncSqlResult:
        context = self._context
        try:
            params = [context.serialization.encode_optional(param) for param in statement.params]
        except (HazelcastError, ValueError, TypeError, ArithmeticError) as error:
            raise wrapped(error, self._client_uuid) from error
        connection = self._connection_for(statement.sql, params)
        query = Query(context.runtime, self._invoke, connection, self._client_uuid)
        response = await query.execute(statement, params)
        self._routing.learn(statement.sql, response.partition_argument_index)
        return self._result(query, response)

    def _result(self, query: Query, response: ExecuteResponse) -> AsyncSqlResult:
        metadata = None
        if response.row_metadata is not None:
            columns = [SqlColumnMetadata(c.name, c.type, c.nullable) for c in response.row_metadata]
            metadata = SqlRowMetadata(columns)
        source = RowSource(
            query,
            RowShape(metadata) if metadata is not None else None,
            response.row_page,
            self._context.invocations,
            self._context.serialization,
        )
        return AsyncSqlResult(metadata, response.update_count, response.is_infinite_rows, source)

    def _connection_for(self, sql: str, params: list[bytes | None]) -> Connection:
        router = self._context.invocations.router
        if router.smart:
            key = self._routing.key(sql, params)
            if key is not None:
                owner = router.owner(self._context.partitions.partition_id(key))
                connection = router.connections.get(owner) if owner is not None else None
                if connection is not None and connection.alive:
                    return connection
            members = self._context.members.members
            for _ in range(_ATTEMPTS):
                member = member_of_larger_same_version_group(members.values())
                if member is None or member.uuid is None:
                    break
                connection = router.connections.get(member.uuid)
                if connection is not None and connection.alive:
                    return connection
            for uuid, connection in tuple(router.connections.items()):
                if connection.alive and uuid in members and not members[uuid].lite_member:
                    return connection
        found = router.find_any()
        if found is None:
            raise HazelcastSqlError(
                self._client_uuid,
                SqlErrorCode.CONNECTION_PROBLEM,
                "the client is not connected to any member",
                None,
            )
        return found

    def with_timeout(self, seconds: float) -> Self:
        """The same service, whose calls fail with `HazelcastSqlError` after `seconds`.

        It limits each call to a member, so the start of a statement and each page of its rows; the
        option `timeout` of a statement limits the whole.

        Raises:
            ValueError: `seconds` is not more than 0.
        """
        if not seconds > 0:
            raise ValueError(f"a timeout must be more than 0 seconds, not {seconds!r}")
        limited = copy.copy(self)
        limited._invoke = self._context.invocations.limited_to(seconds)
        return limited

    @property
    def runtime(self) -> Runtime:
        """Where the client lives."""
        return self._context.runtime

    def giving(self, result_face: Callable[[AsyncSqlResult], Any]) -> Self:
        """The same service, whose results have another face."""
        other = copy.copy(self)
        other._result_face = result_face
        return other


class _PartitionArguments:
    """Which parameter of a statement is the key that all its data belongs to, as members told."""

    def __init__(self) -> None:
        self._indexes: dict[str, int] = {}

    def learn(self, sql: str, index: int) -> None:
        """Keeps the index of the parameter; -1 where there is none."""
        if index < 0:
            self._indexes.pop(sql, None)
        elif self._indexes.get(sql) != index:
            self._indexes[sql] = index
            while len(self._indexes) > _STATEMENTS_REMEMBERED:
                self._indexes.pop(next(iter(self._indexes), sql), None)

    def key(self, sql: str, params: list[bytes | None]) -> bytes | None:
        """The serialized key; None where it is not known or not given."""
        index = self._indexes.get(sql, -1)
        return params[index] if 0 <= index < len(params) else None


def _as_it_is(result: AsyncSqlResult) -> AsyncSqlResult:
    return result


class AsyncSqlService(SqlOperations[ResultT], AsyncioFace):
    """Executes SQL statements: `await client.sql.execute(...)`."""

    def __repr__(self) -> str:
        return "SqlService()"


class SqlService(FutureFace, SqlOperations[SqlResult]):
    """Executes SQL statements: `client.sql.execute(...)` gives a `Future`."""

    def __init__(self, core: AsyncSqlService[SqlResult]) -> None:
        FutureFace.__init__(self, core)

    @property
    def operations(self) -> AsyncSqlService[AsyncSqlResult]:
        """The coroutines behind the service, for modules that have faces of their own."""
        operations: AsyncSqlService[AsyncSqlResult] = self._async_face.giving(_as_it_is)
        return operations

    def blocking(self) -> BlockingSqlService:
        """The same service, whose calls return when they are done."""
        return BlockingSqlService(self._async_face.giving(BlockingSqlResult))

    def __repr__(self) -> str:
        return "SqlService()"


class BlockingSqlService(BlockingFace, SqlOperations[BlockingSqlResult]):
    """Executes SQL statements; calls return when they are done."""

    def __init__(self, core: AsyncSqlService[BlockingSqlResult]) -> None:
        BlockingFace.__init__(self, core)

    def __repr__(self) -> str:
        return "SqlService()"
