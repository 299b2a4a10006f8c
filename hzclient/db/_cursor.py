"""Cursors: execute statements and fetch their rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate, operation
from hzclient.db._errors import InterfaceError, translated
from hzclient.db._types import ColumnDescription, describe
from hzclient.sql import AsyncSqlResult, SqlExpectedResultType, SqlRow

if TYPE_CHECKING:
    from hzclient.db._connection import Connection
    from hzclient.db._link import Link

_PAGE_ROWS: Final = 4096
"""Rows that a member sends at once, unless `arraysize` is greater."""

_AT_ONCE: Final = 64
"""Executions of `executemany` that are under way at the same time."""


@dataclass(slots=True)
class _State:
    """What all faces of a cursor see of it."""

    arraysize: int = 1
    description: list[ColumnDescription] | None = None
    rowcount: int = -1
    rownumber: int | None = None


class CursorOperations:
    """Executes statements, one at a time, and fetches their rows."""

    def __init__(self, link: Link) -> None:
        self._state = _State()
        self._link = link
        self._closed = False
        self._result: AsyncSqlResult | None = None
        self._rows: Iterator[SqlRow] = iter(())

    @property
    def arraysize(self) -> int:
        """Rows that `fetchmany` gives; where it is more than 4096, also what a member sends at once."""
        return self._state.arraysize

    @arraysize.setter
    def arraysize(self, rows: int) -> None:
        self._state.arraysize = rows

    @property
    def description(self) -> list[ColumnDescription] | None:
        """The columns of the rows; None where there are no rows."""
        return self._state.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed, as far as the cluster tells; -1 for a query."""
        return self._state.rowcount

    @property
    def rownumber(self) -> int | None:
        """Index of the next row, from 0; None where there are no rows."""
        return self._state.rownumber

    @operation
    async def execute(self, operation: str, params: tuple[Any, ...] | None = None) -> None:
        """Executes a statement. What it changes is changed at once: there is no transaction.

        Args:
            operation: The statement, with a `?` for each parameter.
            params: The parameters.

        Raises:
            InterfaceError: The cursor is closed, or the parameters are no tuple.
            DatabaseError: The statement fails.
        """
        await self._begin()
        result = await self._execute(operation, _checked(params), SqlExpectedResultType.ANY)
        self._result = result
        state = self._state
        state.rowcount = result.update_count()
        if result.is_row_set():
            state.description = [describe(column) for column in result.get_row_metadata().columns]
            state.rownumber = 0
            result.source.begin()

    @operation
    async def executemany(self, operation: str, seq_of_params: Sequence[tuple[Any, ...]]) -> None:
        """Executes a statement that gives no rows, once for each tuple of parameters.

        Several are under way at the same time, so their order is not that of the parameters. Where
        one fails, others may have been executed.

        Raises:
            InterfaceError: The cursor is closed, or parameters are no tuple.
            DatabaseError: The statement fails.
        """
        await self._begin()
        sequence = [_checked(params) for params in seq_of_params]
        changed = 0
        for start in range(0, len(sequence), _AT_ONCE):
            batch = sequence[start : start + _AT_ONCE]
            with translated():
                results = await self._link.runtime.gather(
                    self._execute(operation, params, SqlExpectedResultType.UPDATE_COUNT) for params in batch
                )
            changed += sum(result.update_count() for result in results)
        self._state.rowcount = changed

    async def _begin(self) -> None:
        self._check_open()
        await self._drop_result()
        state = self._state
        state.description, state.rowcount, state.rownumber = None, -1, None

    async def _execute(self, operation: str, params: tuple[Any, ...], expected: int) -> AsyncSqlResult:
        with translated():
            return await self._link.sql.execute(
                operation,
                *params,
                cursor_buffer_size=max(self._state.arraysize, _PAGE_ROWS),
                expected_result_type=expected,
            )

    @operation
    async def fetchone(self) -> SqlRow | None:
        """The next row; None where there are no more.

        Raises:
            InterfaceError: The last statement gave no rows, or there was none.
            DatabaseError: The rows cannot be had.
        """
        rows = await self._fetch(1)
        return rows[0] if rows else None

    @operation
    async def fetchmany(self, size: int | None = None) -> list[SqlRow]:
        """The next rows.

        Args:
            size: How many at most; `arraysize` if left out.

        Raises:
            InterfaceError: The last statement gave no rows, or there was none.
            DatabaseError: The rows cannot be had.
        """
        return await self._fetch(self._state.arraysize if size is None else size)

    @operation
    async def fetchall(self) -> list[SqlRow]:
        """All rows that are left.

        Raises:
            InterfaceError: The last statement gave no rows, or there was none.
            DatabaseError: The rows cannot be had.
        """
        return await self._fetch(None)

    @operation
    async def next(self) -> SqlRow | None:
        """As `fetchone`."""
        return await self.fetchone()

    async def _fetch(self, limit: int | None) -> list[SqlRow]:
        self._check_open()
        result = self._result
        if result is None or not result.is_row_set():
            raise InterfaceError("the last statement gave no rows, or there was none")
        fetched: list[SqlRow] = []
        if limit is not None and limit <= 0:
            return fetched
        try:
            while True:
                fetched += islice(self._rows, None if limit is None else limit - len(fetched))
                if len(fetched) == limit:
                    break
                with translated():
                    rows = await result.source.next_rows()
                if rows is None:
                    break
                self._rows = rows
        except BaseException:  # a cancelled call too: the next one goes on where this one began
            self._rows = chain(fetched, self._rows)
            raise
        self._state.rownumber = (self._state.rownumber or 0) + len(fetched)
        return fetched

    @operation
    async def close(self) -> None:
        """Ends the cursor, and the query that it is at. Twice does nothing."""
        self._closed = True
        await self._drop_result()

    async def _drop_result(self) -> None:
        result, self._result, self._rows = self._result, None, iter(())
        if result is not None:
            with translated():
                await result.close()

    @immediate
    def setinputsizes(self, sizes: object) -> None:
        """Does nothing, as PEP 249 allows."""

    @immediate
    def setoutputsize(self, size: object = None, column: object = None) -> None:
        """Does nothing, as PEP 249 allows."""

    def _check_open(self) -> None:
        if self._closed:
            raise InterfaceError("the cursor is closed")
        self._link.check_open()


def _checked(params: Any) -> tuple[Any, ...]:
    if params is None:
        return ()
    if not isinstance(params, tuple):
        raise InterfaceError(f"parameters must be a tuple, not {params!r}")
    return params  # pyright: ignore[reportUnknownVariableType]


class AsyncCursor(CursorOperations, AsyncioFace):
    """A cursor for tasks: its operations are coroutine methods; `async for row in cursor`."""

    async def __aiter__(self) -> AsyncIterator[SqlRow]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Cursor(BlockingFace, CursorOperations):
    """A cursor for threads; `for row in cursor`."""

    def __init__(self, core: AsyncCursor, connection: Connection) -> None:
        BlockingFace.__init__(self, core)
        self._state = core._state
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection that the cursor is of."""
        return self._connection

    def __iter__(self) -> Iterator[SqlRow]:
        while (row := self.fetchone()) is not None:
            yield row

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Cursor(rowcount={self.rowcount}, rownumber={self.rownumber})"
