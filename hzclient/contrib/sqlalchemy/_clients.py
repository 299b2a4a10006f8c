"""Clients that the connections of an engine share.

A client is expensive: it has a thread and a connection to each member. A connection of the pool is only a
handle. The first one starts the client, and the last one that is closed shuts it down.
"""

from __future__ import annotations

import asyncio
import os
from threading import RLock
from typing import Any

import hzclient.asyncio.client
from hzclient.client import HazelcastClient
from hzclient.config import Config
from hzclient.db import AsyncConnection, Connection
from hzclient.db._errors import translated_configuration
from hzclient.db._session import Session


class SharedClient:
    """Client that all connections of an engine use, in threads."""

    def __init__(self) -> None:
        self._lock = RLock()  # a finalizer may release a connection on the thread that holds it
        self._pid = 0
        self._users = 0
        self._client: HazelcastClient | None = None

    @property
    def is_running(self) -> bool:
        """Whether the client runs; it may be disconnected."""
        client = self._client
        return client is not None and client.lifecycle_service.is_running()

    def connect(self, options: dict[str, Any]) -> Connection:
        """Return a connection, and start the client for the first one.

        Args:
            options: Options of the client.

        Returns:
            An open connection.

        Raises:
            InterfaceError: If an option is wrong.
            OperationalError: If the cluster cannot be reached.
        """
        with self._lock:
            if self._pid != os.getpid():  # the client of a parent process is of no use here
                self._pid, self._users, self._client = os.getpid(), 0, None
            client = self._client
            if client is None or not client.lifecycle_service.is_running():
                with translated_configuration():
                    client = HazelcastClient(Config.from_dict(options))
                self._client, self._users = client, 0
            self._users += 1
        used = client
        return Connection(AsyncConnection(Session(used.sql.operations, lambda: self._release(used))))

    def _release(self, client: HazelcastClient) -> None:
        with self._lock:
            if client is not self._client:
                return
            self._users -= 1
            if self._users:
                return
            self._client = None
        client.shutdown()


class SharedAsyncClient:
    """Client that all connections of an engine use, on one event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._users = 0
        self._client: hzclient.asyncio.client.HazelcastClient | None = None

    @property
    def is_running(self) -> bool:
        """Whether the client runs; it may be disconnected."""
        client = self._client
        return client is not None and client.lifecycle_service.is_running()

    async def connect(self, options: dict[str, Any]) -> AsyncConnection:
        """Return a connection, and start the client for the first one on this event loop.

        Args:
            options: Options of the client.

        Returns:
            An open connection.

        Raises:
            InterfaceError: If an option is wrong.
            OperationalError: If the cluster cannot be reached.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._lock, self._users, self._client = loop, asyncio.Lock(), 0, None
        async with self._lock:
            client = self._client
            if client is None or not client.lifecycle_service.is_running():
                with translated_configuration():
                    config = Config.from_dict(options)
                    client = await hzclient.asyncio.client.HazelcastClient.create_and_start(config)
                self._client, self._users = client, 0
            self._users += 1
        used = client
        return AsyncConnection(Session(used.sql, lambda: self._release(used)))

    async def _release(self, client: hzclient.asyncio.client.HazelcastClient) -> None:
        if client is not self._client:
            return
        self._users -= 1
        if not self._users:
            self._client = None
            await client.shutdown()
