"""Result of a statement, in three faces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from hzclient._runtime.faces import AsyncioFace, BlockingFace, FutureFace, immediate, operation, run_blocking
from hzclient.future import Future, ImmediateFuture, OperationFuture
from hzclient.sql._row import SqlRow
from hzclient.sql._source import RowSource
from hzclient.sql._types import SqlRowMetadata


class SqlResultOperations:
    """Result of a statement: rows, or the number of rows that it changed.

    Rows can be iterated once. While one page of them is used, the next is on its way; no more than
    these two are held. Close a result, best by a `with` statement, unless you iterate it to the end.
    A result that is dropped unclosed is closed when it is garbage-collected.

    Leaving the `with` block waits until the member has ended the query. If the block raised an
    exception (a timeout or a cancellation, for example), the member is notified in the background, so
    that a hung member does not delay the caller.

    Args:
        metadata: Columns of the rows; None if there are none.
        update_count: How many rows the statement changed.
        is_infinite: True if the rows never end.
        source: Fetches the rows.
    """

    def __init__(
        self, metadata: SqlRowMetadata | None, update_count: int, is_infinite: bool, source: RowSource
    ) -> None:
        self._metadata = metadata
        self._update_count = update_count
        self._is_infinite = is_infinite
        self._source = source

    @immediate
    def is_row_set(self) -> bool:
        """Return whether the result has rows to iterate, even if there are zero of them."""
        return self._metadata is not None

    @immediate
    def update_count(self) -> int:
        """Return how many rows the statement changed; -1 if it returns rows.

        Members do not count the rows of most statements and report 0 for them.
        """
        return self._update_count

    @immediate
    def is_infinite_rows(self) -> bool:
        """Return whether the rows never end. Members before version 5.5 always report False."""
        return self._is_infinite

    @immediate
    def get_row_metadata(self) -> SqlRowMetadata:
        """Return the columns of the rows.

        Returns:
            Name, type and nullability of each column.

        Raises:
            ValueError: If the statement returned no rows.
        """
        if self._metadata is None:
            raise ValueError("the statement returned an update count and no rows")
        return self._metadata

    @operation
    async def close(self) -> None:
        """End the query on the members; calls that wait for its rows fail.

        Does nothing if all rows have arrived already.

        Raises:
            HazelcastSqlError: If the member could not be reached.
        """
        await self._source.close()

    def __repr__(self) -> str:
        if self.is_row_set():
            return f"SqlResult(columns={self.get_row_metadata()})"
        return f"SqlResult(update_count={self.update_count()})"


class AsyncSqlResult(SqlResultOperations, AsyncioFace):
    """Result of a statement in the asyncio face: `async for row in result`."""

    instead = "pass its rows"

    @property
    def source(self) -> RowSource:
        """Source of the rows, for modules that have faces of their own."""
        return self._source

    def __aiter__(self) -> AsyncIterator[SqlRow]:
        self._source.begin()
        return self._rows()

    def iterator(self) -> AsyncIterator[SqlRow]:
        """Iterate over the rows, once.

        Returns:
            An iterator of rows.

        Raises:
            ValueError: If there are no rows, or if they have been iterated before.
        """
        return self.__aiter__()

    async def _rows(self) -> AsyncIterator[SqlRow]:
        while (rows := await self._source.next_rows()) is not None:
            for row in rows:
                yield row

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.leave(error)


class SqlResult(FutureFace, SqlResultOperations, Iterable[SqlRow]):
    """Result of a statement in the Future face: `for row in result`, or `async for` on any loop.

    Args:
        async_face: The result in the asyncio face.
    """

    instead = "pass its rows"

    def __init__(self, async_face: AsyncSqlResult) -> None:
        FutureFace.__init__(self, async_face)
        self._source = async_face._source

    def __repr__(self) -> str:
        return SqlResultOperations.__repr__(self)

    def __iter__(self) -> Iterator[SqlRow]:
        self._source.begin()
        return self._rows()

    def _rows(self) -> Iterator[SqlRow]:
        while (rows := run_blocking(self._source.next_rows())) is not None:
            yield from rows

    def __aiter__(self) -> AsyncIterator[SqlRow]:
        self._source.begin()
        return self._awaited_rows()

    async def _awaited_rows(self) -> AsyncIterator[SqlRow]:
        while (rows := await OperationFuture(self._source.next_rows())) is not None:
            for row in rows:
                yield row

    def iterator(self) -> Iterator[Future[SqlRow]]:
        """Iterate over the rows as futures, once, for callers that must not block.

        Returns:
            An iterator that never ends; after the last row its futures fail with `StopIteration`.

        Raises:
            ValueError: If there are no rows, or if they have been iterated before.
        """
        self._source.begin()
        return _FutureRows(self._source)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_blocking(self._source.leave(error))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await OperationFuture(self._source.leave(error))


class BlockingSqlResult(BlockingFace, SqlResult):
    """Result of a statement in the blocking face; `close()` returns when the query has ended."""


class _FutureRows(Iterator[Future[SqlRow]]):
    """Rows one by one as futures, in order however quickly they are requested."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._rows: Iterator[SqlRow] = iter(())
        self._last: Future[SqlRow] | None = None

    def __next__(self) -> Future[SqlRow]:
        last = self._last
        # Each row waits for the one before it, because only one caller at a time may take rows.
        self._last = self._take() if last is None or last.done() else last.continue_with(self._take)
        return self._last

    def _take(self, _: Any = None) -> Future[SqlRow]:
        row = next(self._rows, None)
        if row is not None:
            return ImmediateFuture(row)
        return OperationFuture(self._source.next_rows()).continue_with(self._first_of)

    def _first_of(self, page: Future[Iterator[SqlRow] | None]) -> SqlRow:
        rows = page.outcome()
        if rows is None:
            raise StopIteration
        self._rows = rows
        return next(rows)
