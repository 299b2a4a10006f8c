"""Connections without their cursors, so that cursors can know their connection."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate, operation
from hzclient.db import _errors
from hzclient.db._errors import NotSupportedError
from hzclient.db._session import Session


class ConnectionOperations:
    """Connection to a cluster; it owns a client.

    There are no transactions: a statement takes effect at once, `commit()` has nothing to do, and
    `rollback()` is not supported.

    Args:
        session: What the connection and its cursors share.

    Attributes:
        messages: Messages of the cluster, as PEP 249 has them; there are none at present.
    """

    Error = _errors.Error
    Warning = _errors.Warning
    InterfaceError = _errors.InterfaceError
    DatabaseError = _errors.DatabaseError
    InternalError = _errors.InternalError
    OperationalError = _errors.OperationalError
    ProgrammingError = _errors.ProgrammingError
    IntegrityError = _errors.IntegrityError
    DataError = _errors.DataError
    NotSupportedError = _errors.NotSupportedError

    def __init__(self, session: Session) -> None:
        self._session = session
        self.messages: list[tuple[type[Exception], Any]] = []

    @property
    def autocommit(self) -> bool:
        """Always True: every statement takes effect at once. It cannot be turned off."""
        return True

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self._session.check_open()
        if not value:
            raise NotSupportedError("statements take effect at once; autocommit cannot be turned off")

    @operation
    async def close(self) -> None:
        """Shut the client down; the cursors cannot be used any more.

        Raises:
            InterfaceError: If the connection is closed already.
        """
        await self._session.close()

    @immediate
    def commit(self) -> None:
        """Do nothing, because every statement has taken effect already.

        Raises:
            InterfaceError: If the connection is closed.
        """
        self._session.check_open()

    @immediate
    def rollback(self) -> None:
        """Refuse, because every statement has taken effect already.

        Raises:
            InterfaceError: If the connection is closed.
            NotSupportedError: If it is open.
        """
        self._session.check_open()
        raise NotSupportedError("statements take effect at once and cannot be rolled back")


class AsyncConnectionBase(ConnectionOperations, AsyncioFace):
    """Connection for tasks."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._session.closed:
            await self.close()

    def __repr__(self) -> str:
        return f"AsyncConnection(closed={self._session.closed})"


class ConnectionBase(BlockingFace, ConnectionOperations):
    """Connection for threads.

    Args:
        async_face: The connection in the asyncio face.
    """

    def __init__(self, async_face: AsyncConnectionBase) -> None:
        BlockingFace.__init__(self, async_face)
        ConnectionOperations.__init__(self, async_face._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._session.closed:
            self.close()

    def __repr__(self) -> str:
        return f"Connection(closed={self._session.closed})"
