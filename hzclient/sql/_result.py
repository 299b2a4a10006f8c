"""The result of a statement, in three faces."""

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
    """The result of a statement: rows, or the number of rows that it changed.

    Rows can be iterated once. While one page of them is used, the next is on its way; no more than
    these two are held. A result should be closed, best by a `with` statement, unless it is iterated
    to the end; one that is thrown away is closed at some time later.
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
        """Whether there are rows to iterate (there may be none of them all the same)."""
        return self._metadata is not None

    @immediate
    def update_count(self) -> int:
        """How many rows the statement changed; -1 where it gives rows."""
        return self._update_count

    @immediate
    def is_infinite_rows(self) -> bool:
        """Whether the rows never end; before version 5.5 members do not tell."""
        return self._is_infinite

    @immediate
    def get_row_metadata(self) -> SqlRowMetadata:
        """The columns of the rows.

        Raises:
            ValueError: The statement gives no rows.
        """
        if self._metadata is None:
            raise ValueError("the statement gives an update count and no rows")
        return self._metadata

    @operation
    async def close(self) -> None:
        """Ends the query on the members, and fails whoever waits for its rows.

        Does nothing where all rows have come already.

        Raises:
            HazelcastSqlError: The member could not be told.
        """
        await self._source.close()

    def __repr__(self) -> str:
        if self.is_row_set():
            return f"SqlResult(columns={self.get_row_metadata()})"
        return f"SqlResult(update_count={self.update_count()})"


class AsyncSqlResult(SqlResultOperations, AsyncioFace):
    """The result of a statement, for tasks: `async for row in result`."""

    @property
    def source(self) -> RowSource:
        """Where the rows come from, for modules that have faces of their own."""
        return self._source

    def __aiter__(self) -> AsyncIterator[SqlRow]:
        self._source.begin()
        return self._rows()

    def iterator(self) -> AsyncIterator[SqlRow]:
        """Iterates the rows, once.

        Raises:
            ValueError: There are no rows, or they have been iterated.
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
        await self.close()


class SqlResult(FutureFace, SqlResultOperations, Iterable[SqlRow]):
    """The result of a statement, for threads: `for row in result`; `async for` on any loop works too."""

    def __init__(self, core: AsyncSqlResult) -> None:
        FutureFace.__init__(self, core)
        self._source = core._source

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
        """Iterates the rows, once, as futures: for who must not block.

        The iterator never ends; after the last row its futures fail with `StopIteration`.

        Raises:
            ValueError: There are no rows, or they have been iterated.
        """
        self._source.begin()
        return _FutureRows(self._source)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_blocking(self._source.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await OperationFuture(self._source.close())


class BlockingSqlResult(BlockingFace, SqlResult):
    """The result of a statement, for threads; `close()` returns when it is done."""


class _FutureRows(Iterator[Future[SqlRow]]):
    """Rows one by one as futures, in order however quickly they are asked for."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._rows: Iterator[SqlRow] = iter(())
        self._last: Future[SqlRow] | None = None

    def __next__(self) -> Future[SqlRow]:
        last = self._last
        # Rows must not be taken by two at once: the next one waits for the one before.
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
