"""Cursors: execute statements and fetch their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate, operation, run_blocking
from hzclient.db._errors import InterfaceError, ProgrammingError, data_error, translated
from hzclient.db._types import ColumnDescription, describe
from hzclient.sql import AsyncSqlResult, SqlExpectedResultType, SqlRow

if TYPE_CHECKING:
    from hzclient.db._connection_base import AsyncConnectionBase, ConnectionBase
    from hzclient.db._session import Session

_PAGE_ROWS: Final = 4096
"""Rows that a member sends at once, unless `arraysize` is greater."""

_AT_ONCE: Final = 64
"""Executions of `executemany` that run at the same time."""


@dataclass(slots=True)
class _State:
    """What all faces of a cursor see of it."""

    arraysize: int = 1
    description: list[ColumnDescription] | None = None
    rowcount: int = -1
    rownumber: int | None = None
    messages: list[tuple[type[Exception], Any]] = field(default_factory=lambda: [])


class CursorOperations:
    """Executes statements, one at a time, and fetches their rows.

    Args:
        session: What the connection and its cursors share.
    """

    def __init__(self, session: Session) -> None:
        self._state = _State()
        self._session = session
        self._closed = False
        self._result: AsyncSqlResult | None = None
        self._rows: Iterator[SqlRow] = iter(())

    @property
    def arraysize(self) -> int:
        """Rows that `fetchmany()` returns. If it is more than 4096, members also send that many at once."""
        return self._state.arraysize

    @arraysize.setter
    def arraysize(self, rows: int) -> None:
        self._state.arraysize = rows

    @property
    def description(self) -> list[ColumnDescription] | None:
        """Columns of the rows; None if there are no rows."""
        return self._state.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed; -1 for a query, and if the members did not count."""
        return self._state.rowcount

    @property
    def rownumber(self) -> int | None:
        """Index of the next row, starting at 0; None if there are no rows."""
        return self._state.rownumber

    @property
    def lastrowid(self) -> None:
        """Always None: rows have no identifiers."""
        return None

    @property
    def messages(self) -> list[tuple[type[Exception], Any]]:
        """Messages of the cluster about the last call; there are none at present."""
        return self._state.messages

    @operation
    async def execute(self, operation: str, params: Sequence[Any] | None = None) -> None:
        """Execute a statement. Its changes take effect at once: there is no transaction.

        Args:
            operation: The statement, with a `?` for each parameter.
            params: Values of the parameters: a list, a tuple, a row, or any other sequence.

        Raises:
            InterfaceError: If the connection is closed, or if the parameters are no sequence.
            ProgrammingError: If the cursor is closed, as the official client raises it.
            DatabaseError: If the statement fails.
        """
        self._begin()
        result = await self._execute(operation, _checked(params), SqlExpectedResultType.ANY)
        self._result = result
        state = self._state
        if result.is_row_set():
            state.description = [describe(column) for column in result.get_row_metadata().columns]
            state.rownumber = 0
            result.source.begin(data_error)
        else:
            state.rowcount = _known_count([result])

    @operation
    async def executemany(self, operation: str, seq_of_params: Iterable[Sequence[Any]]) -> None:
        """Execute a statement that returns no rows, once for each sequence of parameters.

        Several executions run at the same time, so they may not keep the order of the parameters. If
        one of them fails, others may have been executed.

        Args:
            operation: The statement, with a `?` for each parameter.
            seq_of_params: One sequence of parameters for each execution.

        Raises:
            InterfaceError: If the connection is closed, or if parameters are no sequence.
            ProgrammingError: If the cursor is closed, as the official client raises it.
            DatabaseError: If the statement fails.
        """
        self._begin()
        if not isinstance(cast(object, seq_of_params), Iterable):
            raise InterfaceError(f"executemany takes a sequence of parameters, not {seq_of_params!r}")
        sequence = [_checked(params) for params in seq_of_params]
        results: list[AsyncSqlResult] = []
        for start in range(0, len(sequence), _AT_ONCE):
            batch = sequence[start : start + _AT_ONCE]
            with translated():
                results += await self._session.runtime.gather(
                    self._execute(operation, params, SqlExpectedResultType.UPDATE_COUNT) for params in batch
                )
        self._state.rowcount = _known_count(results)

    def _begin(self) -> None:
        if self._closed:
            raise ProgrammingError("the cursor is closed")
        self._check_open()
        self._abandon_result()  # a new statement neither waits for the old query nor fails with it
        state = self._state
        state.description, state.rowcount, state.rownumber = None, -1, None
        state.messages.clear()

    async def _execute(self, operation: str, params: tuple[Any, ...], expected: int) -> AsyncSqlResult:
        with translated():
            return await self._session.sql.execute(
                operation,
                *params,
                cursor_buffer_size=max(self._state.arraysize, _PAGE_ROWS),
                expected_result_type=expected,
            )

    @operation
    async def fetchone(self) -> SqlRow | None:
        """Fetch the next row.

        Returns:
            The row; None if there are no more. Reading a value that cannot be deserialized or
            represented raises `DataError`.

        Raises:
            InterfaceError: If the last statement returned no rows, or if there was none.
            DatabaseError: If the next rows cannot be fetched.
        """
        rows = await self._fetch(1)
        return rows[0] if rows else None

    @operation
    async def fetchmany(self, size: int | None = None) -> list[SqlRow]:
        """Fetch the next rows.

        Args:
            size: Maximum number of rows; `arraysize` if left out.

        Returns:
            The rows; an empty list if there are no more.

        Raises:
            InterfaceError: If the last statement returned no rows, or if there was none.
            DatabaseError: If the next rows cannot be fetched.
        """
        return await self._fetch(self._state.arraysize if size is None else size)

    @operation
    async def fetchall(self) -> list[SqlRow]:
        """Fetch all remaining rows.

        Returns:
            The rows; an empty list if there are no more.

        Raises:
            InterfaceError: If the last statement returned no rows, or if there was none.
            DatabaseError: If the next rows cannot be fetched.
        """
        return await self._fetch(None)

    async def _fetch(self, limit: int | None) -> list[SqlRow]:
        self._check_open()
        result = self._result
        if result is None or not result.is_row_set():
            raise InterfaceError("the last statement returned no rows, or there was none")
        if not isinstance(cast(object, limit), int | None):
            raise InterfaceError(f"the number of rows must be an int, not {limit!r}")
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
        except BaseException:  # cancelled or failed: put the rows back, so that the next fetch has them
            self._rows = chain(fetched, self._rows)
            raise
        self._state.rownumber = (self._state.rownumber or 0) + len(fetched)
        return fetched

    @operation
    async def close(self) -> None:
        """Close the cursor and end its query. Closing it twice does nothing.

        Raises:
            OperationalError: If the member that runs the query could not be reached.
        """
        self._closed = True
        self._state.messages.clear()
        result, self._result, self._rows = self._result, None, iter(())
        if result is not None:
            with translated():
                await result.close()

    def _abandon_result(self) -> None:
        result, self._result, self._rows = self._result, None, iter(())
        if result is not None:
            result.source.abandon()

    async def leave(self, error: BaseException | None) -> None:
        """Close the cursor at the end of a `with` block; to be awaited inside an operation.

        After an error, the member is notified in the background, as for an `SqlResult`.

        Args:
            error: What the block raised; None if it ended normally.
        """
        if error is not None:
            self._abandon_result()
        await self.close()

    @immediate
    def setinputsizes(self, sizes: object) -> None:
        """Do nothing, as PEP 249 allows."""
        self._state.messages.clear()

    @immediate
    def setoutputsize(self, size: object = None, column: object = None) -> None:
        """Do nothing, as PEP 249 allows."""
        self._state.messages.clear()

    def _check_open(self) -> None:
        if self._closed:
            raise InterfaceError("the cursor is closed")
        self._session.check_open()


def _checked(params: Any) -> tuple[Any, ...]:
    if params is None:
        return ()
    sequence = hasattr(params, "__getitem__") and hasattr(params, "__len__")
    if not sequence or isinstance(params, (str, bytes, bytearray, Mapping)):
        raise InterfaceError(f"parameters must be a sequence such as a list or a tuple, not {params!r}")
    return tuple(params)


def _known_count(results: Iterable[AsyncSqlResult]) -> int:
    """Return how many rows statements changed, or -1 if that is not known.

    Members report 0 for statements whose changes they do not count, and they count hardly any.
    """
    counts = [result.update_count() for result in results]
    return sum(counts) if all(count > 0 for count in counts) else -1


class AsyncCursor(CursorOperations, AsyncioFace):
    """Cursor for tasks: its operations are coroutine methods; iterate by `async for row in cursor`.

    Args:
        session: What the connection and its cursors share.
        connection: The connection that opened the cursor.
    """

    def __init__(self, session: Session, connection: AsyncConnectionBase) -> None:
        super().__init__(session)
        self._connection = connection

    @property
    def connection(self) -> AsyncConnectionBase:
        """Connection that opened the cursor."""
        return self._connection

    async def next(self) -> SqlRow:
        """Fetch the next row.

        Returns:
            The row.

        Raises:
            StopAsyncIteration: If there are no more rows.
            InterfaceError: If the last statement returned no rows, or if there was none.
            DatabaseError: If the next rows cannot be fetched.
        """
        return await self.__anext__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SqlRow:
        row = await self.fetchone()
        if row is None:
            raise StopAsyncIteration
        return row

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave(error)

    def __repr__(self) -> str:
        return f"AsyncCursor(rowcount={self.rowcount}, rownumber={self.rownumber})"


class Cursor(BlockingFace, CursorOperations):
    """Cursor for threads; iterate by `for row in cursor`.

    Args:
        async_face: The cursor in the asyncio face.
        connection: The connection that opened the cursor.
    """

    def __init__(self, async_face: AsyncCursor, connection: ConnectionBase) -> None:
        BlockingFace.__init__(self, async_face)
        self._state = async_face._state
        self._connection = connection

    @property
    def connection(self) -> ConnectionBase:
        """Connection that opened the cursor."""
        return self._connection

    def next(self) -> SqlRow:
        """Fetch the next row.

        Returns:
            The row.

        Raises:
            StopIteration: If there are no more rows.
            InterfaceError: If the last statement returned no rows, or if there was none.
            DatabaseError: If the next rows cannot be fetched.
        """
        return self.__next__()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> SqlRow:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_blocking(self._async_face.leave(error))

    def __repr__(self) -> str:
        return f"Cursor(rowcount={self.rowcount}, rownumber={self.rownumber})"
