"""Where the rows of a result come from: page after page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from hzclient.sql._row import RowShape, SqlRow, Undecodable
from hzclient.sql._types import SqlColumnType

if TYPE_CHECKING:
    from hzclient._protocol.sql_page import SqlPage
    from hzclient._services.invocation import InvocationService
    from hzclient.serialization._service import SerializationService
    from hzclient.sql._query import Query

_OBJECTS_AT_ONCE: Final = 64
"""Rows whose objects are deserialized together, when the first of them is asked for."""


class RowSource:
    """The rows of a query, to be taken once."""

    def __init__(
        self,
        query: Query,
        shape: RowShape | None,
        page: SqlPage | None,
        invocations: InvocationService,
        serialization: SerializationService,
    ) -> None:
        """Args:
        query: Gives the pages after the first.
        shape: What rows have in common; None where the statement gives none.
        page: The first page.
        invocations: Fetches schemas.
        serialization: Deserializes objects.
        """
        self._query = query
        self._shape = shape
        self._page = page
        self._position = 0
        self._ended = page is None or page.last
        self._begun = False
        self._failure: Exception | None = None
        self._with_schemas = invocations.with_schemas
        self._decode = serialization.decode

    def begin(self) -> None:
        """Called once, by whoever is about to take the rows.

        Raises:
            ValueError: There are no rows, or somebody has begun to take them.
        """
        if self._shape is None:
            raise ValueError("the statement gives an update count and no rows")
        if self._begun:
            raise ValueError("the rows of a result can be iterated only once")
        self._begun = True

    async def next_rows(self) -> Iterator[SqlRow] | None:
        """Rows that are there or come next, as many as are at hand; to be awaited inside an operation.

        Returns:
            One or more rows; None when there are no more.

        Raises:
            HazelcastSqlError: They cannot be had.
        """
        assert self._shape is not None
        while True:
            if self._failure is not None:
                raise self._failure
            page = self._page
            if page is not None and self._position < len(page.columns[0]):
                if not self._ended:
                    self._query.start_fetch()
                if SqlColumnType.OBJECT in page.column_types:
                    return self._shape.rows(await self._next_objects(page))
                self._page = None
                return self._shape.rows(page.columns)
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
        self._position = end  # only now: who is cancelled before may ask again
        return columns

    async def _deserialized(self, data: bytes | None) -> Any:
        try:
            return await self._with_schemas(lambda: self._decode(data))
        except Exception as error:
            return Undecodable(self._query.client_uuid, error)

    async def close(self) -> None:
        """Ends the query where it has not ended; to be awaited inside an operation.

        Raises:
            HazelcastSqlError: The member could not be told.
        """
        if not self._ended:
            self._ended = True
            await self._query.close()

    def __del__(self) -> None:
        if not self._ended:
            self._query.abandon()
