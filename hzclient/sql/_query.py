"""One query: all its calls go to the member that runs it, and all end when it is cancelled."""

from __future__ import annotations

import secrets
from asyncio import CancelledError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from hzclient._codec import sql as codec
from hzclient._codec.custom import SqlError, SqlQueryId
from hzclient._protocol.message import breach
from hzclient.errors import HazelcastError, HazelcastIOError, TargetDisconnectedError
from hzclient.future import Future, ImmediateExceptionFuture, OperationFuture
from hzclient.sql._types import HazelcastSqlError, SqlErrorCode, SqlStatement
from hzclient.util import UUIDUtil

if TYPE_CHECKING:
    from hzclient._protocol.message import Message, Request
    from hzclient._protocol.sql_page import SqlPage
    from hzclient._runtime.base import Runtime
    from hzclient._services.call import Invoker
    from hzclient._services.ports import Connection

R = TypeVar("R")


class Query:
    """A query on the member that runs it.

    Args:
        runtime: Runtime of the client.
        invoker: Sends requests.
        connection: Connection to the member.
        client_uuid: Identity of this client, the origin of errors that no member reports.

    Attributes:
        client_uuid: Identity of this client, the origin of errors that no member reports.
        cancelled: True from the moment the user closed the query.
    """

    def __init__(self, runtime: Runtime, invoker: Invoker, connection: Connection, client_uuid: UUID) -> None:
        self.client_uuid = client_uuid
        self.cancelled = False
        self._runtime = runtime
        self._invoke = invoker.invoke
        self._connection = connection
        self._id = _new_query_id(connection.member_uuid or client_uuid)
        self._running: Future[Message] | None = None
        self._page_rows = 0
        self._column_types: list[int] = []

    async def execute(self, statement: SqlStatement, params: list[bytes | None]) -> codec.ExecuteResponse:
        """Start the query; to be awaited inside an operation.

        Args:
            statement: The statement with its options.
            params: Serialized parameters.

        Returns:
            Response of the member: metadata and the first page of rows, or an update count.

        Raises:
            HazelcastSqlError: If the statement fails.
        """
        self._page_rows = statement.cursor_buffer_size
        request = codec.EXECUTE.encode(
            statement.sql,
            params,
            statement.timeout_millis,
            statement.cursor_buffer_size,
            statement.schema,
            statement.expected_result,
            self._id,
        )
        self._start(request)
        try:
            response = await self._finish(codec.EXECUTE.decode)
            self._check(response.error)
            if response.row_metadata is not None:
                self._column_types = [column.type for column in response.row_metadata]
                self._checked_page(response.row_page)
        except BaseException:
            self.abandon()  # the member may still be working on it
            raise
        return response

    def start_fetch(self) -> None:
        """Request the next page, which `fetched` waits for. Does nothing once the query is cancelled."""
        if not self.cancelled and self._running is None:
            try:
                self._start(codec.FETCH.encode(self._id, self._page_rows))
            except Exception as error:
                self._running = ImmediateExceptionFuture(error)

    async def fetched(self) -> SqlPage:
        """Return the next page; to be awaited inside an operation.

        Returns:
            A page whose columns are those of the result.

        Raises:
            HazelcastSqlError: If the page cannot be fetched, or if the query is cancelled.
        """
        self.start_fetch()
        if self.cancelled:
            raise self._cancellation()
        try:
            response = await self._finish(codec.FETCH.decode)
            self._check(response.error)
            return self._checked_page(response.row_page)
        except Exception:
            self.abandon()  # the member may not know of the error, and would keep the rows
            raise

    async def close(self) -> None:
        """End the query, here and on the member; calls that wait for it fail.

        To be awaited inside an operation.

        Raises:
            HazelcastSqlError: If the member could not be reached.
        """
        self._cancel()
        if not self._connection.alive:
            return  # the member ended the query when the connection was lost
        try:
            await self._invoke(codec.CLOSE.encode(self._id), connection=self._connection)
        except Exception as error:
            if self._connection.alive:
                raise self._wrapped(error) from error

    def leave(self) -> None:
        """End the query as `close` does, without waiting for the member. Sends the request at once."""
        self._cancel()
        if self._connection.alive and not self._runtime.closed:
            OperationFuture(self._close_quietly())

    def abandon(self) -> None:
        """End the query as `leave` does, on the loop; does nothing if it is cancelled already.

        The garbage collector may call this at any moment, so nothing is sent here.
        """
        if self.cancelled:
            return
        self.cancelled = True
        try:
            self._runtime.post(self.leave)
        except RuntimeError:  # the loop is closed, and the connection with it
            pass

    async def _close_quietly(self) -> None:
        try:
            await self.close()
        except HazelcastError:
            pass  # nobody waits for the outcome; the member ends the query with the connection

    def _cancel(self) -> None:
        self.cancelled = True
        running = self._running
        if running is not None:
            running.cancel()

    # ------------------------------------------------------------------------------------------- calls

    def _start(self, request: Request[Any]) -> None:
        # The call is a future of its own, so that others can cancel it and so that it outlives a
        # waiter that is cancelled. It stays undecoded, which keeps decoding away from the loop.
        self._running = OperationFuture(self._invoke(request.undecoded(), connection=self._connection))

    async def _finish(self, decode: Callable[[Message], R]) -> R:
        call = self._running
        if call is None:
            raise self._cancellation()
        if not call.done():
            await self._runtime.first_of(call)
        self._running = None
        try:
            message = call.outcome()
        except CancelledError as error:
            raise self._cancellation() from error
        except Exception as error:
            raise self._wrapped(error) from error
        try:
            return decode(message)
        except Exception as error:
            failure = self._wrapped(error)
            self._runtime.post(self._connection.close, breach(error), error)
            raise failure from error

    def _check(self, error: SqlError | None) -> None:
        if error is not None:
            raise HazelcastSqlError(
                error.originating_member_id,
                error.code,
                error.message,
                error.cause_stack_trace,
                error.suggestion,
            )

    def _checked_page(self, page: SqlPage | None) -> SqlPage:
        if page is None:
            raise self._failure(SqlErrorCode.GENERIC, "the member sent neither rows nor an error")
        if page.column_types != self._column_types:
            raise self._failure(
                SqlErrorCode.GENERIC,
                f"the member sent a page of column types {page.column_types} for a result of column "
                f"types {self._column_types}",
            )
        return page

    def _wrapped(self, error: Exception) -> HazelcastSqlError:
        lost = isinstance(error, (OSError, HazelcastIOError, TargetDisconnectedError))
        if lost or not self._connection.alive:
            return self._failure(
                SqlErrorCode.CONNECTION_PROBLEM,
                f"The connection to member {self._connection.member_uuid}, which ran the query, was lost "
                f"(for example because the cluster topology changed): {error}. "
                "The query can be executed again.",
                error,
            )
        return wrapped(error, self.client_uuid)

    def _cancellation(self) -> HazelcastSqlError:
        return self._failure(SqlErrorCode.CANCELLED_BY_USER, "The query was cancelled by the user")

    def _failure(self, code: int, message: str, cause: Exception | None = None) -> HazelcastSqlError:
        return HazelcastSqlError(self.client_uuid, code, message, cause)


def wrapped(error: Exception, client_uuid: UUID) -> HazelcastSqlError:
    """Return an error of any kind as a `HazelcastSqlError` with that cause."""
    if isinstance(error, HazelcastSqlError):
        return error
    return HazelcastSqlError(client_uuid, SqlErrorCode.GENERIC, str(error) or repr(error), error)


def _new_query_id(member: UUID) -> SqlQueryId:
    own = UUID(int=secrets.randbits(128))
    return SqlQueryId(*UUIDUtil.to_bits(member), *UUIDUtil.to_bits(own))
