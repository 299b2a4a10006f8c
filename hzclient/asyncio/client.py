"""The client that lives on the caller's event loop."""

from __future__ import annotations

from types import TracebackType
from typing import Self, Unpack

from hzclient import _structures as structures
from hzclient._client_operations import ClientOperations
from hzclient._engine import Engine
from hzclient._runtime.attached import AttachedRuntime
from hzclient._runtime.faces import AsyncioFace
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.client import make_config
from hzclient.config import ClientOptions, Config
from hzclient.config.keywords import takes_options
from hzclient.cp import AsyncCPSubsystem
from hzclient.partition import AsyncPartitionService
from hzclient.proxy.base import ProxyOperations
from hzclient.sql import AsyncSqlResult, AsyncSqlService
from hzclient.transaction import TWO_PHASE, AsyncTransaction, TransactionManager

__all__ = ("HazelcastClient",)


class HazelcastClient(ClientOperations, AsyncioFace, WarnsIfUnclosed):
    """A client whose structures have coroutine methods.

    Make it by `await HazelcastClient.create_and_start(...)`, or `async with HazelcastClient(...)`.
    Everything happens on the loop that runs then: no thread, no lock.

    Args:
        config: The options; or give them as keyword arguments, by the names that `Config` has.
        **options: Options, see `hzclient.config.ClientOptions`.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
        RuntimeError: No loop runs.
    """

    @takes_options
    def __init__(self, config: Config | None = None, **options: Unpack[ClientOptions]) -> None:
        """Create a client that is not started yet."""
        super().__init__(Engine(make_config(config, options), lambda _: AttachedRuntime()))
        self._cp_subsystem = AsyncCPSubsystem(self._engine.cp_proxies)
        self._transactions = TransactionManager(self._engine.context)
        self._sql = AsyncSqlService(self._engine.context, self._engine.uuid, lambda result: result)
        self._started = False

    def _open_name(self) -> str | None:
        return self._engine.name if getattr(self, "_started", False) and not self._engine.ended else None

    @classmethod
    @takes_options
    async def create_and_start(cls, config: Config | None = None, **options: Unpack[ClientOptions]) -> Self:
        """Makes a client and connects it; with `async_start` it connects later.

        Args:
            config: The options; or give them as keyword arguments.
            **options: Options, see `hzclient.config.ClientOptions`.

        Raises:
            InvalidConfigurationError: Both are given, or an option is not known.
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        client = cls(config, **options)
        await client._start()
        return client

    async def _start(self) -> None:
        if not self._started:
            self._started = True
            self._watch()
            await self._engine.start()

    async def shutdown(self) -> None:
        """Ends the client. Calls that wait for an answer fail; twice does nothing."""
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
        """Gives the structures that stay consistent whatever fails."""
        return self._cp_subsystem

    @property
    def sql(self) -> AsyncSqlService[AsyncSqlResult]:
        """Executes SQL statements."""
        return self._sql

    def new_transaction(
        self, timeout: float = 120, durability: int = 1, type: int = TWO_PHASE
    ) -> AsyncTransaction:
        """A transaction that has not begun: use it in an `async with` statement.

        Args:
            timeout: Seconds after which it can't be committed any more.
            durability: On how many members its log is backed up.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Raises:
            IllegalStateError: The client is not connected.
        """
        return self._transactions.new_async_transaction(timeout, durability, type)

    async def get_distributed_objects(self) -> list[ProxyOperations]:
        """All structures that exist in the cluster, of the kinds that this client has."""
        known = await self._engine.distributed_objects(structures.by_service())
        return [each.operations for each in known]
