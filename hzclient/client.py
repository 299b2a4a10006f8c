"""The client for scripts and threads."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from hzclient import _structures as structures
from hzclient._client_operations import ClientOperations
from hzclient._engine import Engine
from hzclient._runtime.faces import AsyncioFace, FutureFace, run_blocking
from hzclient._runtime.fork import renew, track
from hzclient._runtime.identity import check_may_block
from hzclient._runtime.owned import OwnedRuntime
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.config import ClientOptions, Config
from hzclient.config.keywords import takes_options
from hzclient.cp import AsyncCPSubsystem, CPSubsystem
from hzclient.errors import InvalidConfigurationError
from hzclient.partition import PartitionService
from hzclient.proxy.base import Proxy
from hzclient.sql import AsyncSqlService, SqlResult, SqlService
from hzclient.transaction import TWO_PHASE, Transaction, TransactionManager

__all__ = ("HazelcastClient",)

T = TypeVar("T")

_logger = logging.getLogger("hzclient.client")


def make_config(config: Config | None, options: ClientOptions) -> Config:
    """The configuration that a client is given, as an object or as options.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
    """
    if config is None:
        return Config.from_dict(options)
    if options:
        raise InvalidConfigurationError(
            "give the client either a Config or options as keyword arguments, not both: "
            + ", ".join(sorted(options))
        )
    return config


class _Owner:
    """Holds what a client must end. It knows no client, so that one that is dropped can be noticed.

    Attributes:
        engine: What is behind the client.
        runtime: The thread it runs in.
    """

    engine: Engine
    runtime: OwnedRuntime

    def __init__(self) -> None:
        self._lock = threading.Lock()
        track(self)

    def abandon(self) -> None:
        """Forgets, in a child process, a shutdown that goes on in the parent: here nobody will end it."""
        renew(self._lock)

    async def shut_down_elsewhere(self) -> None:
        """Ends the client from another thread: the loop's cannot wait for its own end."""
        threading.Thread(target=self.shut_down, name="hzclient-shutdown", daemon=True).start()

    def shut_down(self) -> None:
        """Ends the client, and then its thread."""
        with self._lock:
            if not self.runtime.closed:
                self.runtime.call(self.engine.shutdown())
                self.runtime.stop()


class _AsyncClient(ClientOperations, AsyncioFace):
    """The asyncio face of what a client offers. It knows no client either."""


class HazelcastClient(FutureFace, ClientOperations, WarnsIfUnclosed):
    """A client whose structures give futures, and block where `blocking()` is called on them.

    The constructor connects, and returns when the client is ready (with `async_start`, at once).
    Use it in a `with` statement, or call `shutdown()` at the end. All methods may be called from
    any thread.

    Args:
        config: The options; or give them as keyword arguments, by the names that `Config` has.
        **options: Options, see `hzclient.config.ClientOptions`.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
        IllegalStateError: No member could be reached in time.
        AuthenticationError: The members refused the client.
    """

    @takes_options
    def __init__(self, config: Config | None = None, **options: Unpack[ClientOptions]) -> None:
        """Create a client and connect it."""
        self._owner = owner = _Owner()
        self._engine = owner.engine = Engine(
            make_config(config, options), OwnedRuntime, owner.shut_down_elsewhere
        )
        super().__init__(_AsyncClient(self._engine))
        self._cp_subsystem = CPSubsystem(AsyncCPSubsystem(self._engine.cp_proxies))
        self._partition_service = PartitionService(self._engine.partition_service)
        self._transactions = TransactionManager(self._engine.context)
        self._sql = SqlService(AsyncSqlService(self._engine.context, self._engine.uuid, SqlResult))
        runtime = self._engine.runtime
        assert isinstance(runtime, OwnedRuntime)
        self._runtime = owner.runtime = runtime
        self._watch()
        try:
            runtime.call(self._engine.start())
        except BaseException:
            self.shutdown()
            raise

    def _open_name(self) -> str | None:
        runtime = getattr(self, "_runtime", None)
        return None if runtime is None or runtime.closed else self._engine.name

    def shutdown(self) -> None:
        """Ends the client. Calls that wait for an answer fail; twice does nothing.

        Raises:
            RuntimeError: Called on the client's own loop thread (in a callback of a future).
        """
        check_may_block()
        self._owner.shut_down()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()

    def __repr__(self) -> str:
        return f"HazelcastClient(name={self.name!r})"

    @property
    def partition_service(self) -> PartitionService:
        """Which member owns which key."""
        return self._partition_service

    @property
    def cp_subsystem(self) -> CPSubsystem:
        """Gives the structures that stay consistent whatever fails."""
        return self._cp_subsystem

    @property
    def sql(self) -> SqlService:
        """Executes SQL statements."""
        return self._sql

    def new_transaction(
        self, timeout: float = 120, durability: int = 1, type: int = TWO_PHASE
    ) -> Transaction:
        """A transaction that has not begun: use it in a `with` statement.

        Args:
            timeout: Seconds after which it can't be committed any more.
            durability: On how many members its log is backed up.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Raises:
            IllegalStateError: The client is not connected.
        """
        return self._transactions.new_transaction(timeout, durability, type)

    def get_distributed_objects(self) -> list[Proxy[Any]]:
        """All structures that exist in the cluster, of the kinds that this client has."""
        known = run_blocking(self._engine.distributed_objects(structures.by_service()))
        return [each.future_face for each in known]
