"""Connections: a client each."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import hzclient.asyncio.client
from hzclient._runtime.faces import AsyncioFace, BlockingFace, immediate, operation
from hzclient.client import HazelcastClient
from hzclient.config import Config
from hzclient.db import _errors
from hzclient.db._cursor import AsyncCursor, Cursor
from hzclient.db._dsn import make_config
from hzclient.db._errors import NotSupportedError, OperationalError
from hzclient.db._link import Link
from hzclient.errors import HazelcastError


class ConnectionOperations:
    """A connection to a cluster; it owns a client.

    There are no transactions: a statement takes effect at once, `commit` has nothing to do, and
    `rollback` is not supported.
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

    def __init__(self, link: Link) -> None:
        self._link = link

    @operation
    async def close(self) -> None:
        """Shuts the client down; cursors cannot be used any more.

        Raises:
            InterfaceError: It is closed already.
        """
        await self._link.close()

    @immediate
    def commit(self) -> None:
        """Does nothing: every statement has taken effect already.

        Raises:
            InterfaceError: The connection is closed.
        """
        self._link.check_open()

    @immediate
    def rollback(self) -> None:
        """Not supported: every statement has taken effect already.

        Raises:
            InterfaceError: The connection is closed.
            NotSupportedError: Otherwise.
        """
        self._link.check_open()
        raise NotSupportedError("statements take effect at once and cannot be rolled back")


class AsyncConnection(ConnectionOperations, AsyncioFace):
    """A connection for tasks; `async with await connect_async(...) as connection`."""

    def cursor(self) -> AsyncCursor:
        """A new cursor.

        Raises:
            InterfaceError: The connection is closed.
        """
        self._link.check_open()
        return AsyncCursor(self._link)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._link.closed:
            await self.close()


class Connection(BlockingFace, ConnectionOperations):
    """A connection for threads; `with connect(...) as connection`."""

    def __init__(self, core: AsyncConnection) -> None:
        BlockingFace.__init__(self, core)
        self._link = core._link

    def cursor(self) -> Cursor:
        """A new cursor.

        Raises:
            InterfaceError: The connection is closed.
        """
        self._link.check_open()
        return Cursor(AsyncCursor(self._link), self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._link.closed:
            self.close()

    def __repr__(self) -> str:
        return f"Connection(closed={self._link.closed})"


def connect(
    config: Config | None = None,
    *,
    dsn: str = "",
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    cluster_name: str | None = None,
) -> Connection:
    """Connects to a cluster.

    Args:
        config: The configuration of the client; it excludes all others.
        dsn: A data source name, `hz://user:password@host:port,host:port?cluster.name=dev`; it excludes
            all others. Its keys: cluster.name, cloud.token, smart, ssl, ssl.ca.path, ssl.cert.path,
            ssl.key.path, ssl.key.password.
        user: Name of the user.
        password: The user's password.
        host: Where a member is; localhost if left out.
        port: Its port; 5701 if left out.
        cluster_name: Name of the cluster.

    Raises:
        InterfaceError: Arguments exclude each other, or the data source name is wrong.
        OperationalError: The cluster cannot be reached.
    """
    options = make_config(config, dsn, user, password, host, port, cluster_name)
    try:
        client = HazelcastClient(options)
    except HazelcastError as error:
        raise OperationalError(str(error)) from error
    return Connection(AsyncConnection(Link(client.sql.operations, client.shutdown)))


async def connect_async(
    config: Config | None = None,
    *,
    dsn: str = "",
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    cluster_name: str | None = None,
) -> AsyncConnection:
    """As `connect`, for the running event loop."""
    options = make_config(config, dsn, user, password, host, port, cluster_name)
    try:
        client = await hzclient.asyncio.client.HazelcastClient.create_and_start(options)
    except HazelcastError as error:
        raise OperationalError(str(error)) from error
    return AsyncConnection(Link(client.sql, client.shutdown))
