"""The client for scripts and threads."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from hzclient import _structures as structures
from hzclient._client_operations import (
    ClientOperations,
    ConfigSource,
    load_config,
    make_config,
    make_transactions,
)
from hzclient._engine import Engine
from hzclient._runtime.faces import AsyncioFace, FutureFace, run_blocking
from hzclient._runtime.fork import track
from hzclient._runtime.identity import calling
from hzclient._runtime.owned import OwnedRuntime
from hzclient._runtime.threads import block_until_done
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.config import ClientOptions, Config
from hzclient.config.keywords import takes_options
from hzclient.errors import HazelcastError
from hzclient.partition import PartitionService

if TYPE_CHECKING:
    from hzclient.cp import CPSubsystem
    from hzclient.proxy.base import Proxy
    from hzclient.sql import SqlService
    from hzclient.transaction import Transaction

__all__ = ("HazelcastClient",)


def _make_cp_subsystem(engine: Engine) -> CPSubsystem:
    from hzclient.cp import AsyncCPSubsystem, CPSubsystem

    return CPSubsystem(AsyncCPSubsystem(engine.cp_proxies))


def _make_sql(engine: Engine) -> SqlService:
    from hzclient.sql import AsyncSqlService, SqlResult, SqlService

    return SqlService(AsyncSqlService(engine.context, engine.uuid, SqlResult))


class _Owner:
    """What a client must end. It holds no reference to the client, so that a dropped client is noticed.

    Attributes:
        engine: The services of the client.
        runtime: The thread that they run in.
    """

    engine: Engine | None = None
    runtime: OwnedRuntime | None = None

    def __init__(self) -> None:
        self._abandoned = False
        track(self)

    def abandon(self) -> None:
        """Leave the client alone in a child process: its thread runs in the parent only."""
        self._abandoned = True

    def make_runtime(self, name: str) -> OwnedRuntime:
        """Create the runtime, which is to be ended from now on even if there is no engine yet."""
        self.runtime = runtime = OwnedRuntime(name)
        return runtime

    async def begin_shutdown_on_loop(self) -> None:
        """Begin to shut the client down; the loop's thread cannot wait for its own end."""
        self.begin_shutdown()

    def begin_shutdown(self) -> None:
        """Begin to shut the client down, and then to end its thread. Returns at once, on any thread."""
        if self.runtime is not None and not self._abandoned and not sys.is_finalizing():
            self.runtime.end(self._end)

    async def _end(self) -> None:
        if self.engine is not None:
            await self.engine.shutdown()

    def shut_down(self) -> None:
        """Shut the client down, and wait until its thread has ended.

        There is no lock, since a signal handler or a finalizer may call it while this thread is in it.
        """
        self.begin_shutdown()
        if self.runtime is not None and not self._abandoned and not sys.is_finalizing():
            self.runtime.wait_for_end()


class _AsyncClient(ClientOperations, AsyncioFace):
    """The asyncio face of what a client offers. It holds no reference to the client either."""


class HazelcastClient(FutureFace, ClientOperations, WarnsIfUnclosed):
    """Client whose structures return futures, or block if `blocking()` was called on them.

    The constructor connects and returns when the client is ready, or at once with `async_start`. Use the
    client in a `with` statement, or call `shutdown()` at the end. All methods may be called from any thread.

    While no member responds, the constructor issues a `RuntimeWarning` after 5 seconds and then every minute,
    unless the application's logging shows the failed attempts.

    Args:
        config: Options as an object, instead of keyword arguments.
        **options: Options as keyword arguments, see `hzclient.config.ClientOptions`.

    Raises:
        InvalidConfigurationError: Both `config` and options were given, or an option is unknown.
        IllegalStateError: No member could be reached in time.
        AuthenticationError: The members refused the client.
    """

    instead: str = "create a client in each process, with the same options"

    @takes_options
    def __init__(self, config: Config | None = None, **options: Unpack[ClientOptions]) -> None:
        self._owner = owner = _Owner()
        try:
            self._engine = owner.engine = Engine(
                make_config(config, options), owner.make_runtime, owner.begin_shutdown_on_loop
            )
            super().__init__(_AsyncClient(self._engine))
            self._services = {}
            self._partition_service = PartitionService(self._engine.partition_service)
            self._watch()
            self._start()
        except BaseException:
            owner.shut_down()
            raise

    @classmethod
    def from_config(cls, source: ConfigSource = None, **overrides: Unpack[ClientOptions]) -> Self:
        """Load a configuration and connect.

        Args:
            source: Path, URL or dict, see `Config.load()`.
            **overrides: Options that take precedence over the loaded ones.

        Returns:
            The client.

        Raises:
            InvalidConfigurationError: The configuration is invalid.
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        return cls(load_config(source, overrides))

    def _start(self) -> None:
        reminder = self._engine.reminder()
        runtime = self._owner.runtime
        assert runtime is not None
        starting = runtime.start_call(self._engine.start)
        try:
            while not block_until_done(starting, reminder.seconds()):
                reminder.remind(stacklevel=3)
            starting.outcome()
        except BaseException as error:
            starting.cancel()
            if isinstance(error, KeyboardInterrupt):
                error.add_note(reminder.text())
            if isinstance(error, HazelcastError):
                raise error.with_traceback(None)  # noqa: B904 - without the frames of the loop's thread
            raise

    def _open_name(self) -> str | None:
        owner: _Owner | None = getattr(self, "_owner", None)
        if owner is None or owner.engine is None or owner.engine.ended:
            return None
        return owner.engine.name

    def __del__(self) -> None:
        self._warn_if_open()

    def shutdown(self) -> None:
        """Shut the client down.

        Calls that wait for a response fail. Calling it again does nothing. If it is called on the client's
        own loop thread, in a callback of a future or in a finalizer, it does not wait for the end.
        """
        if sys.is_finalizing():  # the process ends the client
            return
        if calling.thread.on_loop:
            self._owner.begin_shutdown()
        else:
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
        """Structures of the CP subsystem, which stay consistent in spite of failures."""
        return self._service("cp_subsystem", _make_cp_subsystem)

    @property
    def sql(self) -> SqlService:
        """Service that executes SQL statements."""
        return self._service("sql", _make_sql)

    def new_transaction(self, timeout: float = 120, durability: int = 1, type: int = 1) -> Transaction:
        """Create a transaction, to be used in a `with` statement.

        Args:
            timeout: Seconds after which the transaction can no longer be committed.
            durability: Number of members that back up the transaction's log.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Returns:
            A transaction that has not begun.

        Raises:
            IllegalStateError: The client is not connected.
        """
        return self._service("transactions", make_transactions).new_transaction(timeout, durability, type)

    def get_distributed_objects(self) -> list[Proxy[Any]]:
        """Return all structures that exist in the cluster and that this client supports."""
        known = run_blocking(self._engine.distributed_objects(structures.by_service()))
        return [each.future_face for each in known]
