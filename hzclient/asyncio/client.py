"""The client that runs on the caller's event loop."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from hzclient import _structures as structures
from hzclient._client_operations import (
    ClientOperations,
    ConfigSource,
    load_config,
    make_config,
    make_transactions,
)
from hzclient._engine import Engine
from hzclient._runtime.attached import AttachedRuntime
from hzclient._runtime.faces import AsyncioFace
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.config import ClientOptions, Config
from hzclient.config.keywords import takes_options
from hzclient.errors import HazelcastError, IllegalStateError
from hzclient.partition import AsyncPartitionService

if TYPE_CHECKING:
    from hzclient.cp import AsyncCPSubsystem
    from hzclient.proxy.base import ProxyOperations
    from hzclient.sql import AsyncSqlResult, AsyncSqlService
    from hzclient.transaction import AsyncTransaction

__all__ = ("HazelcastClient",)


def _make_cp_subsystem(engine: Engine) -> AsyncCPSubsystem:
    from hzclient.cp import AsyncCPSubsystem

    return AsyncCPSubsystem(engine.cp_proxies)


def _make_sql(engine: Engine) -> AsyncSqlService[AsyncSqlResult]:
    from hzclient.sql import AsyncSqlService

    return AsyncSqlService(engine.context, engine.uuid, lambda result: result)


def _not_started() -> Exception:
    return IllegalStateError(
        "the client has not been started: use `async with HazelcastClient(...) as client` or "
        "`client = await HazelcastClient.create_and_start(...)`"
    )


class HazelcastClient(ClientOperations, AsyncioFace, WarnsIfUnclosed):
    """Client whose structures have coroutine methods.

    Create and start it with `async with HazelcastClient(...)` or
    `await HazelcastClient.create_and_start(...)`. It runs on the event loop that is running then, without a
    thread, and must be used there.

    While no member responds, starting issues a `RuntimeWarning` after 5 seconds and then every minute,
    unless the application's logging shows the failed attempts.

    Args:
        config: Options as an object, instead of keyword arguments.
        **options: Options as keyword arguments, see `hzclient.config.ClientOptions`.

    Raises:
        InvalidConfigurationError: Both `config` and options were given, or an option is unknown.
        RuntimeError: No event loop is running.
    """

    instead: str = "create a client in each process, with the same options"

    @takes_options
    def __init__(self, config: Config | None = None, **options: Unpack[ClientOptions]) -> None:
        super().__init__(Engine(make_config(config, options), lambda _: AttachedRuntime()))
        self._engine.refuse_until_started(_not_started)
        self._started = False

    def _open_name(self) -> str | None:
        return self._engine.name if getattr(self, "_started", False) and not self._engine.ended else None

    @classmethod
    @takes_options
    async def create_and_start(cls, config: Config | None = None, **options: Unpack[ClientOptions]) -> Self:
        """Create a client and connect it.

        With `async_start`, this returns before the client is connected.

        Args:
            config: Options as an object, instead of keyword arguments.
            **options: Options as keyword arguments, see `hzclient.config.ClientOptions`.

        Returns:
            The client.

        Raises:
            InvalidConfigurationError: Both `config` and options were given, or an option is unknown.
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        client = cls(config, **options)
        await client._start()
        return client

    @classmethod
    def from_config(cls, source: ConfigSource = None, **overrides: Unpack[ClientOptions]) -> Self:
        """Load a configuration and create a client, to be used in an `async with` statement.

        Args:
            source: Path, URL or dict, see `Config.load()`.
            **overrides: Options that take precedence over the loaded ones.

        Returns:
            The client, which has not been started.

        Raises:
            InvalidConfigurationError: The configuration is invalid.
            RuntimeError: No event loop is running.
        """
        return cls(load_config(source, overrides))

    async def _start(self) -> None:
        if self._started:
            return
        self._started = True
        self._watch()
        reminder = self._engine.reminder()
        starting = asyncio.create_task(self._engine.start(), name="hzclient-start")
        try:
            while not (await asyncio.wait({starting}, timeout=reminder.seconds()))[0]:
                reminder.remind(stacklevel=3)
        except BaseException as error:
            starting.cancel()
            await asyncio.wait({starting})
            error.add_note(reminder.text())
            raise
        failure = starting.exception()
        if isinstance(failure, HazelcastError):
            raise failure.with_traceback(None)  # without the frames of the start, which say nothing to users
        starting.result()

    def _check_started(self) -> None:
        if not self._started:
            raise _not_started()

    async def shutdown(self) -> None:
        """Shut the client down.

        Calls that wait for a response fail. Calling it again does nothing, and so does calling it after the
        client's loop was closed.

        Raises:
            RuntimeError: It was called in another event loop, while the client's loop is still open.
        """
        await self._engine.shutdown()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    def __repr__(self) -> str:
        return f"HazelcastClient(name={self.name!r})"

    @property
    def partition_service(self) -> AsyncPartitionService:
        """Which member owns which key."""
        return self._engine.partition_service

    @property
    def cp_subsystem(self) -> AsyncCPSubsystem:
        """Structures of the CP subsystem, which stay consistent in spite of failures."""
        return self._service("cp_subsystem", _make_cp_subsystem)

    @property
    def sql(self) -> AsyncSqlService[AsyncSqlResult]:
        """Service that executes SQL statements."""
        self._check_started()
        return self._service("sql", _make_sql)

    def new_transaction(self, timeout: float = 120, durability: int = 1, type: int = 1) -> AsyncTransaction:
        """Create a transaction, to be used in an `async with` statement.

        Args:
            timeout: Seconds after which the transaction can no longer be committed.
            durability: Number of members that back up the transaction's log.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Returns:
            A transaction that has not begun.

        Raises:
            IllegalStateError: The client is not connected.
        """
        self._check_started()
        transactions = self._service("transactions", make_transactions)
        return transactions.new_async_transaction(timeout, durability, type)

    async def get_distributed_objects(self) -> list[ProxyOperations]:
        """Return all structures that exist in the cluster and that this client supports."""
        known = await self._engine.distributed_objects(structures.by_service())
        return [each.operations for each in known]
