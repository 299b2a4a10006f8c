"""The dialect, over the DB-API for tasks."""

from __future__ import annotations

from collections.abc import Awaitable
from types import ModuleType
from typing import Any

from sqlalchemy import pool
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.engine import URL
from sqlalchemy.util import await_only

import hzclient.db
from hzclient.contrib.sqlalchemy._clients import SharedAsyncClient
from hzclient.contrib.sqlalchemy._dialect import HazelcastDialect


class AdaptedConnection(AsyncAdapt_dbapi_connection):
    """Connection for tasks, as SQLAlchemy calls it from its greenlets."""

    __slots__ = ()

    def rollback(self) -> None:
        """Do nothing: every statement has taken effect already."""

    def commit(self) -> None:
        """Do nothing: every statement has taken effect already."""

    def close(self) -> None:
        """Close the connection."""
        connection: Any = self._connection
        await_only(connection.close())


class AdaptedModule:
    """The DB-API, for the exceptions and types that SQLAlchemy looks up."""

    def __init__(self) -> None:
        self.exceptions_module: ModuleType = hzclient.db

    def __getattr__(self, name: str) -> Any:
        return getattr(hzclient.db, name)


class AsyncHazelcastDialect(HazelcastDialect):
    """Dialect `hazelcast+asyncio`, for `create_async_engine`."""

    driver = "asyncio"
    is_async = True
    supports_statement_cache = True
    supports_server_side_cursors = True

    def _make_shared(self) -> Any:
        return SharedAsyncClient()

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return the DB-API."""
        return AdaptedModule()

    @classmethod
    def get_pool_class(cls, url: URL) -> Any:
        """Return the class of the pool."""
        return pool.AsyncAdaptedQueuePool

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Return a connection. All connections of an engine share one client."""
        creator = cparams.pop("async_creator_fn", None)
        opened: Awaitable[Any] = (
            self._shared.connect(cparams) if creator is None else creator(*cargs, **cparams)
        )
        return AdaptedConnection(self.dbapi, await_only(opened))

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the connection of the DB-API."""
        return connection._connection
