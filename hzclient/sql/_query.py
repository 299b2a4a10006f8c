"""One query: its calls all go to the member that runs it, and all end when it is cancelled."""

from __future__ import annotations

import secrets
from asyncio import CancelledError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from hzclient._codec import sql as codec
from hzclient._codec.custom import SqlError, SqlQueryId
from hzclient.errors import HazelcastError, HazelcastIOError, TargetDisconnectedError
from hzclient.future import Future, ImmediateExceptionFuture, OperationFuture
from hzclient.sql._types import HazelcastSqlError, SqlErrorCode, SqlStatement
from hzclient.util import UUIDUtil

if TYPE_CHECKING:
    from hzclient._protocol.message import Message, Request
    from hzclient._protocol.sql_page import SqlPage
    from hzclient._runtime.base import Runtime
    from hzclient._services.invocation import InvokeFunction
    from hzclient._services.ports import Connection

R = TypeVar("R")


class Query:
    """The way to the member that runs a query.

    Attributes:
        client_uuid: Identity of this client: the origin of errors that no member reports.
        cancelled: True from the moment the user closed the query.
    """

    def __init__(
        self, runtime: Runtime, invoke: InvokeFunction, connection: Connection, client_uuid: UUID
    ) -> None:
        self.client_uuid = client_uuid
        self.cancelled = False
        self._runtime = runtime
        self._invoke = invoke
        self._connection = connection
        self._id = _new_query_id(connection.member_uuid or client_uuid)
        self._running: Future[Message] | None = None
        self._page_rows = 0

    async def execute(self, statement: SqlStatement, params: list[bytes | None]) -> codec.ExecuteResponse:
        """Starts the query; to be awaited inside an operation.

        Raises:
            HazelcastSqlError: It fails.
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
        except BaseException:
            self.abandon()  # whoever gave up, a member may be at it still
            raise
        self._check(response.error)
        return response

    def start_fetch(self) -> None:
        """Asks for the next page now; `fetched` waits for it. Does nothing once the query is cancelled."""
        if not self.cancelled and self._running is None:
            try:
                self._start(codec.FETCH.encode(self._id, self._page_rows))
            except Exception as error:
                self._running = ImmediateExceptionFuture(error)

    async def fetched(self) -> SqlPage:
        """The page that was asked for; to be awaited inside an operation.

        Raises:
            HazelcastSqlError: It could not be had; or the query is cancelled.
        """
        self.start_fetch()
        if self.cancelled:
            raise self._cancellation()
        try:
            response = await self._finish(codec.FETCH.decode)
        except Exception:
            self.abandon()  # the member knows of no error, and would keep the rows
            raise
        self._check(response.error)
        if response.row_page is None:
            raise self._failure(SqlErrorCode.GENERIC, "the member sent neither rows nor an error")
        return response.row_page

    async def close(self) -> None:
        """Ends the query: what runs fails, here and on the member. To be awaited inside an operation."""
        self._cancel()
        if not self._connection.alive:
            return  # the member knows
        try:
            await self._invoke(codec.CLOSE.encode(self._id), connection=self._connection)
        except Exception as error:
            if self._connection.alive:
                raise self._wrapped(error) from error

    def abandon(self) -> None:
        """Ends the query as `close` does, without waiting; does nothing where it is cancelled already.

        May be called by the garbage collector.
        """
        if self.cancelled:
            return
        self.cancelled = True
        try:
            self._runtime.post(self._close_unwatched)
        except RuntimeError:  # the loop is closed, and the connection with it
            pass

    def _close_unwatched(self) -> None:
        self._cancel()
        if self._connection.alive and not self._runtime.closed:
            OperationFuture(self._close_quietly())

    async def _close_quietly(self) -> None:
        try:
            await self.close()
        except HazelcastError:
            pass  # nobody is there who could be told; the member ends it with the connection

    def _cancel(self) -> None:
        self.cancelled = True
        running = self._running
        if running is not None:
            running.cancel()

    # ------------------------------------------------------------------------------------------- calls

    def _start(self, request: Request[Any]) -> None:
        # Apart from who waits for it, so that it can be cancelled by others, and outlives a waiter
        # that is. Undecoded, so that it is not the loop that decodes.
        self._running = OperationFuture(self._invoke(request.undecoded(), connection=self._connection))

    async def _finish(self, decode: Callable[[Message], R]) -> R:
        call = self._running
        if call is None:
            raise self._cancellation()
        if not call.done():
            waiter = self._runtime.pending()

            def wake(_: Any) -> None:
                if not waiter.done():
                    waiter.set_result(None)

            call.add_done_callback(wake)
            await waiter
        self._running = None
        try:
            message = call.outcome()
        except CancelledError as error:
            raise self._cancellation() from error
        except Exception as error:
            raise self._wrapped(error) from error
        return decode(message)

    def _check(self, error: SqlError | None) -> None:
        if error is not None:
            raise HazelcastSqlError(
                error.originating_member_id,
                error.code,
                error.message,
                error.cause_stack_trace,
                error.suggestion,
            )

    def _wrapped(self, error: Exception) -> HazelcastSqlError:
        lost = isinstance(error, (OSError, HazelcastIOError, TargetDisconnectedError))
        if lost or not self._connection.alive:
            return self._failure(
                SqlErrorCode.CONNECTION_PROBLEM,
                f"The connection to member {self._connection.member_uuid}, which ran the query, was lost "
                f"(the cluster topology changed, say): {error}. The query can be executed again.",
                error,
            )
        return wrapped(error, self.client_uuid)

    def _cancellation(self) -> HazelcastSqlError:
        return self._failure(SqlErrorCode.CANCELLED_BY_USER, "The query was cancelled by the user")

    def _failure(self, code: int, message: str, cause: Exception | None = None) -> HazelcastSqlError:
        return HazelcastSqlError(self.client_uuid, code, message, cause)


def wrapped(error: Exception, client_uuid: UUID) -> HazelcastSqlError:
    """An error of any kind as an error of SQL."""
    if isinstance(error, HazelcastSqlError):
        return error
    return HazelcastSqlError(client_uuid, SqlErrorCode.GENERIC, str(error) or repr(error), error)


def _new_query_id(member: UUID) -> SqlQueryId:
    own = UUID(int=secrets.randbits(128))
    return SqlQueryId(*UUIDUtil.to_bits(member), *UUIDUtil.to_bits(own))
