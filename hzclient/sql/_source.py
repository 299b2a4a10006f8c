"""Rows of a result, fetched page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from hzclient.errors import OperationTimeoutError
from hzclient.serialization.compact import SchemaNotFoundError
from hzclient.sql._row import RowShape, SqlRow, Undecodable
from hzclient.sql._types import HazelcastSqlError, SqlColumnType

if TYPE_CHECKING:
    from hzclient._protocol.sql_page import SqlPage
    from hzclient.proxy.base import ProxyContext
    from hzclient.sql._query import Query

_OBJECTS_AT_ONCE: Final = 64
"""Rows whose objects are deserialized together, when the first of them is read."""


class RowSource:
    """Rows of a query; they can be taken once.

    While the rows of one page are used, the next page is on its way.

    Args:
        query: Fetches the pages after the first.
        shape: What the rows share; None if the statement returns an update count.
        page: The first page; None without rows.
        context: Deserializes objects, and fetches the schemas that they need.
        limit: Seconds that fetching a schema may take; None for no limit.
    """

    def __init__(
        self,
        query: Query,
        *,
        shape: RowShape | None,
        page: SqlPage | None,
        context: ProxyContext,
        limit: float | None,
    ) -> None:
        self._query = query
        self._shape = shape
        self._page = page
        self._position = 0
        self._ended = page is None or page.last
        self._begun = False
        self._failure: Exception | None = None
        self._context = context  # a client whose rows are in use is not dropped
        self._runtime = context.runtime
        self._with_schemas = context.invocations.with_schemas
        self._decode = context.serialization.decode
        self._limit = limit

    def begin(self, raised_as: Callable[[HazelcastSqlError], Exception] | None = None) -> None:
        """Claim the rows for the caller.

        Args:
            raised_as: Makes the exceptions that reading a value raises; `HazelcastSqlError` itself
                if left out.

        Raises:
            ValueError: If there are no rows, or if they have been claimed before.
        """
        if self._shape is None:
            raise ValueError("the statement returned an update count and no rows")
        if self._begun:
            raise ValueError("the rows of a result can be iterated only once")
        self._begun = True
        if raised_as is not None:
            self._shape.raised_as = raised_as

    async def next_rows(self) -> Iterator[SqlRow] | None:
        """Return the next rows, as many as are at hand; to be awaited inside an operation.

        Returns:
            One or more rows; None if there are no more.

        Raises:
            HazelcastSqlError: If the next page cannot be fetched.
        """
        assert self._shape is not None
        columns = await self._next_raw()
        return None if columns is None else self._shape.rows(columns)

    async def next_columns(self) -> list[list[Any]] | None:
        """Return the values of the next rows, column by column; to be awaited inside an operation.

        Returns:
            Converted values of one or more rows; None if there are no more.

        Raises:
            HazelcastSqlError: If the next page cannot be fetched, or a value cannot be deserialized or
                represented.
        """
        assert self._shape is not None
        columns = await self._next_raw()
        return None if columns is None else self._shape.converted(columns)

    async def _next_raw(self) -> list[list[Any]] | None:
        """Return the decoded values of the next rows, column by column; None if there are no more."""
        while True:
            if self._failure is not None:
                raise self._failure
            page = self._page
            if page is not None and page.columns and self._position < len(page.columns[0]):
                if not self._ended:
                    self._query.start_fetch()
                if SqlColumnType.OBJECT in page.column_types:
                    return await self._next_objects(page)
                self._page = None
                return page.columns
            self._page = None
            if self._ended and not self._query.cancelled:
                return None
            await self._fetch()

    async def _fetch(self) -> None:
        try:
            page = await self._query.fetched()
        except Exception as error:
            self._ended = True
            self._failure = error
            raise
        self._page, self._position, self._ended = page, 0, page.last

    async def _next_objects(self, page: SqlPage) -> list[list[Any]]:
        start, end = self._position, self._position + _OBJECTS_AT_ONCE
        columns: list[list[Any]] = []
        for column_type, column in zip(page.column_types, page.columns, strict=True):
            values = column[start:end]
            if column_type == SqlColumnType.OBJECT:
                values = [await self._deserialized(value) for value in values]
            columns.append(values)
        self._position = end  # not earlier: a caller that is cancelled before may ask again
        return columns

    async def _deserialized(self, data: bytes | None) -> Any:
        try:
            return self._decode(data)
        except SchemaNotFoundError:
            pass
        except Exception as error:
            return Undecodable(error)
        try:
            return await self._runtime.within(
                self._limit, self._with_schemas(lambda: self._decode(data)), self._too_late
            )
        except Exception as error:
            return Undecodable(error)

    def _too_late(self) -> Exception:
        return OperationTimeoutError(f"fetching a schema took longer than {self._limit} s")

    async def close(self) -> None:
        """End the query unless all its rows have arrived; to be awaited inside an operation.

        Raises:
            HazelcastSqlError: If the member could not be reached.
        """
        if not self._ended:
            self._ended = True
            await self._query.close()

    def abandon(self) -> None:
        """End the query as `close` does, without waiting for the member."""
        if not self._ended:
            self._ended = True
            self._query.leave()

    async def leave(self, error: BaseException | None) -> None:
        """End the query at the end of a `with` block; to be awaited inside an operation.

        A block that failed or was cancelled must not wait for a member that may be hung, so the
        member is notified in the background then.

        Args:
            error: What the block raised; None if it ended normally.

        Raises:
            HazelcastSqlError: If the member could not be reached after a block that ended normally.
        """
        if error is None:
            await self.close()
        else:
            self.abandon()

    def __del__(self) -> None:
        if not self._ended:
            self._query.abandon()
