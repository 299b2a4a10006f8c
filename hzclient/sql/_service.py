"""Service that executes statements, in three faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast
from uuid import UUID

from hzclient._runtime.faces import AsyncioFace, BlockingFace, FutureFace, operation
from hzclient._runtime.operations import CallingOperations
from hzclient._runtime.uncopied import twin
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
    from hzclient._services.call import Invoker
    from hzclient._services.ports import Connection
    from hzclient.proxy.base import ProxyContext

ResultT = TypeVar("ResultT")

_STATEMENTS_REMEMBERED: Final = 1024
"""Statements whose partition argument is remembered."""

_ATTEMPTS: Final = 10
"""Random choices of a member before any connection is taken."""


class SqlOperations(CallingOperations, Generic[ResultT]):
    """Executes SQL statements. The members need `hazelcast-sql` on their class path, and Jet enabled.

    Args:
        context: Services of the client.
        client_uuid: Identity of this client, the origin of errors that no member reports.
        result_face: Wraps results in the face of this service.
    """

    def __init__(
        self, context: ProxyContext, client_uuid: UUID, result_face: Callable[[AsyncSqlResult], ResultT]
    ) -> None:
        self.name = "sql"
        self._context = context
        self._client_uuid = client_uuid
        self._result_face = result_face
        self._invoker: Invoker = context.invocations.of(None)
        self._runtime = context.runtime
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
        """Execute a statement.

        Args:
            sql: The statement, with a `?` for each parameter.
            *params: Values of the parameters, in order.
            cursor_buffer_size: Rows that a member sends at once.
            timeout: Seconds that the statement may take; 0 for no limit, -1 for the limit that the
                members are configured with.
            expected_result_type: One of `SqlExpectedResultType`; any other result is an error.
            schema: Schema of the objects whose names do not include one; None for the default.

        Returns:
            The result; close it when you are done, best by a `with` statement.

        Raises:
            AssertionError: If an option has the wrong type.
            ValueError: If an option has an invalid value.
            HazelcastSqlError: If the statement fails, or if a parameter cannot be serialized.
        """
        statement = SqlStatement(sql, params, cursor_buffer_size, timeout, expected_result_type, schema)
        return self._result_face(await self._execute(statement))

    @operation
    async def execute_statement(self, statement: SqlStatement) -> ResultT:
        """Execute a statement that carries its options.

        Args:
            statement: The statement, its parameters and its options.

        Returns:
            The result; close it when you are done, best by a `with` statement.

        Raises:
            TypeError: If `statement` is not a `SqlStatement`.
            HazelcastSqlError: If the statement fails, or if a parameter cannot be serialized.
        """
        if not isinstance(cast(object, statement), SqlStatement):
            raise TypeError(f"execute_statement takes a SqlStatement, not {statement!r}")
        return self._result_face(await self._execute(statement))

    async def _execute(self, statement: SqlStatement) -> AsyncSqlResult:
        context = self._context
        try:
            params = [context.serialization.encode_optional(param) for param in statement.params]
            connection = self._connection_for(statement.sql, params)
            query = Query(context.runtime, self._invoker, connection, self._client_uuid)
            response = await query.execute(statement, params)
        except Exception as error:
            failure = wrapped(error, self._client_uuid)
            if failure is error:
                raise
            raise failure from error
        self._routing.learn(statement.sql, response.partition_argument_index)
        return self._result(query, response)

    def _result(self, query: Query, response: ExecuteResponse) -> AsyncSqlResult:
        metadata = shape = None
        if response.row_metadata is not None:
            columns = [SqlColumnMetadata(c.name, c.type, c.nullable) for c in response.row_metadata]
            metadata = SqlRowMetadata(columns)
            shape = RowShape(metadata, self._client_uuid)
        page = response.row_page if shape is not None else None
        source = RowSource(query, shape=shape, page=page, context=self._context, limit=self._time_limit)
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

    def _limit_calls(self, seconds: float) -> None:
        self._invoker = self._context.invocations.of(None).within(seconds)

    @property
    def runtime(self) -> Runtime:
        """Runtime of the client."""
        return self._context.runtime

    def giving(self, result_face: Callable[[AsyncSqlResult], Any]) -> Self:
        """Return this service with results in another face."""
        other = twin(self)
        other._result_face = result_face
        return other

    def __repr__(self) -> str:
        return "SqlService()"


class _PartitionArguments:
    """Remembers, per statement, which parameter is the key that decides the partition.

    Members report it with the first execution; later executions go straight to the owner of the key.
    """

    def __init__(self) -> None:
        self._indexes: dict[str, int] = {}

    def learn(self, sql: str, index: int) -> None:
        """Remember the index of the parameter; -1 if the statement has none."""
        if index < 0:
            self._indexes.pop(sql, None)
        elif self._indexes.get(sql) != index:
            self._indexes[sql] = index
            while len(self._indexes) > _STATEMENTS_REMEMBERED:
                self._indexes.pop(next(iter(self._indexes), sql), None)

    def key(self, sql: str, params: list[bytes | None]) -> bytes | None:
        """Return the serialized key; None if it is unknown or missing."""
        index = self._indexes.get(sql, -1)
        return params[index] if 0 <= index < len(params) else None


def _unchanged(result: AsyncSqlResult) -> AsyncSqlResult:
    return result


class AsyncSqlService(SqlOperations[ResultT], AsyncioFace):
    """Executes SQL statements in the asyncio face: `await client.sql.execute(...)`."""


class SqlService(FutureFace, SqlOperations[SqlResult]):
    """Executes SQL statements in the Future face: `client.sql.execute(...)` returns a `Future`.

    Args:
        async_face: The service in the asyncio face.
    """

    @property
    def operations(self) -> AsyncSqlService[AsyncSqlResult]:
        """Coroutines behind the service, for modules that have faces of their own."""
        operations: AsyncSqlService[AsyncSqlResult] = self._async_face.giving(_unchanged)
        return operations

    def blocking(self) -> BlockingSqlService:
        """Return this service in the blocking face."""
        return BlockingSqlService(self._async_face.giving(BlockingSqlResult))


class BlockingSqlService(BlockingFace, SqlOperations[BlockingSqlResult]):
    """Executes SQL statements in the blocking face.

    Args:
        async_face: The service in the asyncio face.
    """
