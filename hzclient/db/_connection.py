"""Connections: each owns a client."""

from __future__ import annotations

import hzclient.asyncio.client
from hzclient.client import HazelcastClient
from hzclient.config import Config
from hzclient.db._connection_base import AsyncConnectionBase, ConnectionBase
from hzclient.db._cursor import AsyncCursor, Cursor
from hzclient.db._dsn import make_config
from hzclient.db._errors import translated_configuration
from hzclient.db._session import Session


class AsyncConnection(AsyncConnectionBase):
    """Connection for tasks: `async with await connect_async(...) as connection`.

    It owns a client. There are no transactions: a statement takes effect at once, `commit()` has
    nothing to do, and `rollback()` is not supported.
    """

    def cursor(self) -> AsyncCursor:
        """Open a cursor.

        Returns:
            A cursor whose operations are coroutine methods.

        Raises:
            InterfaceError: If the connection is closed.
        """
        self._session.check_open()
        return AsyncCursor(self._session, self)


class Connection(ConnectionBase):
    """Connection for threads: `with connect(...) as connection`.

    It owns a client. There are no transactions: a statement takes effect at once, `commit()` has
    nothing to do, and `rollback()` is not supported.
    """

    def cursor(self) -> Cursor:
        """Open a cursor.

        Returns:
            A cursor whose operations block.

        Raises:
            InterfaceError: If the connection is closed.
        """
        self._session.check_open()
        return Cursor(AsyncCursor(self._session, self._async_face), self)


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
    """Connect to a cluster.

    Args:
        config: Configuration of the client; it excludes all other arguments.
        dsn: Data source name, `hz://user:password@host:port,host:port?cluster.name=dev`; it excludes
            all other arguments. Its keys are cluster.name, cloud.token, smart, ssl, ssl.ca.path,
            ssl.cert.path, ssl.key.path and ssl.key.password.
        user: Name of the user.
        password: Password of the user.
        host: Host of a member; localhost if left out.
        port: Port of the member; 5701 if left out.
        cluster_name: Name of the cluster.

    Returns:
        An open connection.

    Raises:
        InterfaceError: If arguments exclude each other or are invalid.
        OperationalError: If the cluster cannot be reached.
    """
    options = make_config(config, dsn, user, password, host, port, cluster_name)
    with translated_configuration():
        client = HazelcastClient(options)
    return Connection(AsyncConnection(Session(client.sql.operations, client.shutdown)))


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
    """Connect to a cluster from a task; everything runs on its event loop.

    Args:
        config: As for `connect`.
        dsn: As for `connect`.
        user: As for `connect`.
        password: As for `connect`.
        host: As for `connect`.
        port: As for `connect`.
        cluster_name: As for `connect`.

    Returns:
        An open connection.

    Raises:
        InterfaceError: If arguments exclude each other or are invalid.
        OperationalError: If the cluster cannot be reached.
    """
    options = make_config(config, dsn, user, password, host, port, cluster_name)
    with translated_configuration():
        client = await hzclient.asyncio.client.HazelcastClient.create_and_start(options)
    return AsyncConnection(Session(client.sql, client.shutdown))
