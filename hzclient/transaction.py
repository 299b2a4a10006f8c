"""Transactions: several changes that take effect together, or not at all.

    with client.new_transaction() as transaction:
        transaction.get_map("accounts").put("a", 1)
        transaction.get_queue("log").offer("a is 1")

In the asyncio client write `async with client.new_transaction() as transaction`, and await the
operations of its structures.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from hzclient._codec import transaction as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation, run_blocking
from hzclient.errors import IllegalStateError, OperationTimeoutError, TransactionError
from hzclient.future import OperationFuture
from hzclient.proxy._arguments import check_instance
from hzclient.proxy._transaction_calls import TransactionCalls
from hzclient.proxy._transactional import Inside, inside
from hzclient.proxy.transactional_list import AsyncTransactionalList, TransactionalList
from hzclient.proxy.transactional_map import AsyncTransactionalMap, TransactionalMap
from hzclient.proxy.transactional_multi_map import AsyncTransactionalMultiMap, TransactionalMultiMap
from hzclient.proxy.transactional_queue import AsyncTransactionalQueue, TransactionalQueue
from hzclient.proxy.transactional_set import AsyncTransactionalSet, TransactionalSet
from hzclient.util import to_millis

if TYPE_CHECKING:
    from hzclient._protocol.message import Request
    from hzclient._services.ports import Connection
    from hzclient.proxy.base import ProxyContext

__all__ = (
    "ONE_PHASE",
    "TWO_PHASE",
    "AsyncTransaction",
    "Transaction",
    "TransactionManager",
    "TransactionOperations",
)

F = TypeVar("F")
R = TypeVar("R")
S = TypeVar("S")

_logger = logging.getLogger("hzclient.transaction")

TWO_PHASE: Final = 1
"""All members prepare before any of them commits; after a crash they agree on the outcome."""

ONE_PHASE: Final = 2
"""Members commit one after the other: faster, but after a crash some changes may be missing."""

_NOT_STARTED: Final = "not_started"
_ACTIVE: Final = "active"
_COMMITTING: Final = "committing"
_COMMITTED: Final = "committed"
_ROLLING_BACK: Final = "rolling_back"
_ROLLED_BACK: Final = "rolled_back"

_GOODBYE_SECONDS: Final = 1.0
"""How long a caller who has a more important error waits for a rollback, which then goes on alone."""


@dataclass(slots=True)
class _Record:
    """The state of a transaction that its faces share."""

    connection: Connection
    timeout: float
    durability: int
    transaction_type: int
    state: str = _NOT_STARTED
    id: UUID | None = None
    start_time: float | None = None
    thread_id: int | None = None


class _Client:
    """What the transactions of one client share: which thread or task is in which transaction.

    Args:
        context: What transactions use of the client.
    """

    def __init__(self, context: ProxyContext) -> None:
        self.context = context
        # Weak references: a transaction that was dropped does not keep its thread from the next one.
        self.active: WeakValueDictionary[int, TransactionOperations] = WeakValueDictionary()


class TransactionOperations:
    """A transaction. It belongs to the thread or task that begins it.

    One member runs it. If the connection to that member is lost, the transaction is lost too, and
    the member rolls it back.

    A call that is cancelled, interrupted or too late may still run on the member. Commit and rollback
    wait until it has ended there, so it leaves no key locked.

    Args:
        client: What the transactions of the client share.
        record: The state of the transaction.
    """

    def __init__(self, client: _Client, record: _Record) -> None:
        self._record = record
        self._client = client
        self._context = context = client.context
        self._caller_number = context.runtime.caller_number
        self._calls = TransactionCalls(context.runtime, context.invocations.of(None), record.connection)
        self._deadline = 0.0
        self._given_up = False
        self._rollback: OperationFuture[None] | None = None
        # Weak references: structures hold the transaction, and a dropped one must go at once.
        self._structures: WeakValueDictionary[tuple[Any, str], Any] = WeakValueDictionary()

    @property
    def state(self) -> str:
        """State of the transaction.

        "not_started", "active", "committing", "committed", "rolling_back" or "rolled_back". It is
        "committing" while the member commits; if the caller gave up a commit, the state changes when
        the outcome is known.
        """
        return self._record.state

    @property
    def id(self) -> UUID | None:
        """Id in the cluster; None before the transaction has begun."""
        return self._record.id

    @property
    def start_time(self) -> float | None:
        """Time of its begin, in seconds since 1970; None before."""
        return self._record.start_time

    @property
    def thread_id(self) -> int | None:
        """Number of the thread or task that began it; None before."""
        return self._record.thread_id

    @property
    def connection(self) -> Connection:
        """Connection to the member that runs it."""
        return self._record.connection

    @property
    def timeout(self) -> float:
        """Seconds after which the transaction cannot be committed any more and is rolled back."""
        return self._record.timeout

    @property
    def durability(self) -> int:
        """Number of members that keep a backup of the transaction's log."""
        return self._record.durability

    @property
    def transaction_type(self) -> int:
        """`TWO_PHASE` or `ONE_PHASE`."""
        return self._record.transaction_type

    # -------------------------------------------------------------------------------- begin and end

    @operation
    async def begin(self) -> None:
        """Begin the transaction.

        Raises:
            TransactionError: It was begun before, or the caller is in a transaction of this client.
        """
        owner, active, record = self._caller_number(), self._client.active, self._record
        other = active.get(owner)
        if other is not None and other.state == _ACTIVE:
            raise TransactionError("the caller is in a transaction already; they cannot be nested")
        if record.state != _NOT_STARTED:
            raise TransactionError("a transaction can be begun only once")
        record.start_time, record.thread_id = time.time(), owner
        self._deadline = time.monotonic() + self.timeout
        active[owner] = self
        # The last statement makes it active: a begin that is interrupted before leaves the caller in
        # no transaction, and what the member began for it is rolled back.
        record.id = await self._calls.send(
            codec.CREATE.encode(to_millis(self.timeout), self.durability, self.transaction_type, owner),
            unclaimed=lambda id_: self._calls.send_unasked(codec.ROLLBACK.encode(id_, owner)),
        )
        record.state = _ACTIVE

    @operation
    async def commit(self) -> None:
        """Commit the changes of the transaction. If that fails, it is rolled back.

        If the caller gives up a commit (cancels it, say), the outcome is open: a commit that was
        sent already is carried out, otherwise the transaction is rolled back.

        Raises:
            TransactionError: Another thread or task began it, it is not active, or its time is over.
        """
        self._check_owner()
        if self.state != _ACTIVE:
            raise TransactionError(f"only an active transaction can be committed, this one is {self.state}")
        try:
            if time.monotonic() > self._deadline:
                raise TransactionError(f"the transaction took more than {self.timeout} s and is rolled back")
            await self._calls.finish(self._commit_on_member)
        except Exception:
            self._record.state = _ROLLING_BACK
            await self._rollback_quietly()
            raise
        except BaseException:
            self.give_up()
            raise
        finally:
            self._leave()

    async def _commit_on_member(self) -> None:
        """Commit when no call of the transaction is left on the member. Runs on the loop."""
        await self._calls.quiet()
        if self._given_up:
            return
        self._record.state = _COMMITTING
        try:
            await self._calls.send_last(codec.COMMIT.encode(*self._identity()))
        except BaseException:
            self._record.state = _ROLLING_BACK
            self._start_rollback()
            raise
        self._record.state = _COMMITTED

    @operation
    async def rollback(self) -> None:
        """Undo the changes of the transaction.

        A call that was given up may still run on the member. This method waits a second for it; if
        the call takes longer, the transaction is rolled back in the background when it ends.

        Raises:
            TransactionError: Another thread or task began it, or it is not active.
        """
        self._check_owner()
        if self.state not in (_ACTIVE, _ROLLING_BACK):
            raise TransactionError(f"the transaction cannot be rolled back, it is {self.state}")
        begun_before = self.state == _ROLLING_BACK
        self._record.state = _ROLLING_BACK
        try:
            if begun_before or self._calls.any_running:
                await self._rollback_quietly()
            else:
                await self._rolled_back()
        except Exception:
            raise
        except BaseException:
            self.give_up()
            raise
        finally:
            self._record.state = _ROLLED_BACK
            self._leave()

    async def _rolled_back(self) -> None:
        """Wait until the member has rolled back; an operation."""
        await self._calls.finish(self._rollback_on_loop)

    async def _rollback_quietly(self) -> None:
        """Roll back, and leave that to the background if it takes long; an operation."""
        try:
            await self._context.runtime.within(
                _GOODBYE_SECONDS, self._rolled_back(), lambda: OperationTimeoutError("it takes long")
            )
        except Exception as error:
            # At the latest when the transaction's time is over, the member rolls back by itself.
            _logger.debug("%r is not rolled back yet: %r", self, error)

    async def _rollback_on_loop(self) -> None:
        rollback = self._start_rollback()
        await self._context.runtime.first_of(rollback)
        rollback.outcome()

    def _start_rollback(self) -> OperationFuture[None]:
        """Start the one rollback of this transaction, unless it runs already. Called on the loop."""
        if self._rollback is None:
            self._rollback = OperationFuture(self._rollback_on_member())
        return self._rollback

    async def _rollback_on_member(self) -> None:
        await self._calls.quiet()
        try:
            await self._calls.send_last(codec.ROLLBACK.encode(*self._identity()))
        finally:
            if self._given_up:
                self._record.state = _ROLLED_BACK

    @operation
    async def end(self, failed: bool) -> None:
        """Commit the transaction if it is active, or undo it; called at the end of a `with` block.

        Args:
            failed: Whether to undo it. An error of the rollback is only logged, since the block has
                raised a more important one.
        """
        if not failed:
            if self.state == _ACTIVE:
                await self.commit()
        elif self.state in (_ACTIVE, _ROLLING_BACK):
            self._check_owner()
            self._record.state = _ROLLING_BACK
            try:
                await self._rollback_quietly()
            except BaseException:
                self.give_up()
                raise
            finally:
                self._record.state = _ROLLED_BACK
                self._leave()

    def give_up(self) -> None:
        """Leave the transaction to the background, which rolls it back unless its commit was sent.

        Called when the caller cannot wait any longer (it is cancelled or interrupted).
        """
        self._given_up = True
        self._leave()
        self._calls.on_loop(self._end_alone)

    def _end_alone(self) -> None:
        if self.id is not None and self.state not in (_COMMITTING, _COMMITTED):
            if self.state == _ACTIVE:
                self._record.state = _ROLLING_BACK
            self._start_rollback()

    def _leave(self) -> None:
        if self.thread_id is not None and self._client.active.get(self.thread_id) is self:
            del self._client.active[self.thread_id]

    # -------------------------------------------------------------------------------------- structures

    @inside
    def get_list(self, name: str) -> Inside[AsyncTransactionalList[Any], TransactionalList[Any]]:
        """Return the list of this name inside the transaction.

        Args:
            name: Name of the list.

        Returns:
            The list, the same object each time.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        return self._structure(AsyncTransactionalList[Any], TransactionalList[Any], name)

    @inside
    def get_map(self, name: str) -> Inside[AsyncTransactionalMap[Any, Any], TransactionalMap[Any, Any]]:
        """Return the map of this name inside the transaction.

        Args:
            name: Name of the map.

        Returns:
            The map, the same object each time.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        return self._structure(AsyncTransactionalMap[Any, Any], TransactionalMap[Any, Any], name)

    @inside
    def get_multi_map(
        self, name: str
    ) -> Inside[AsyncTransactionalMultiMap[Any, Any], TransactionalMultiMap[Any, Any]]:
        """Return the multimap of this name inside the transaction.

        Args:
            name: Name of the multimap.

        Returns:
            The multimap, the same object each time.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        return self._structure(AsyncTransactionalMultiMap[Any, Any], TransactionalMultiMap[Any, Any], name)

    @inside
    def get_queue(self, name: str) -> Inside[AsyncTransactionalQueue[Any], TransactionalQueue[Any]]:
        """Return the queue of this name inside the transaction.

        Args:
            name: Name of the queue.

        Returns:
            The queue, the same object each time.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        return self._structure(AsyncTransactionalQueue[Any], TransactionalQueue[Any], name)

    @inside
    def get_set(self, name: str) -> Inside[AsyncTransactionalSet[Any], TransactionalSet[Any]]:
        """Return the set of this name inside the transaction.

        Args:
            name: Name of the set.

        Returns:
            The set, the same object each time.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        return self._structure(AsyncTransactionalSet[Any], TransactionalSet[Any], name)

    def _structure(
        self,
        operations: Callable[[str, Any, ProxyContext], S],
        blocking_face: Callable[[Any, Any], F],
        name: str,
    ) -> Inside[S, F]:
        check_instance(name, str, "the name of a structure")
        self.check_usable()
        found: S | None = self._structures.get((operations, name))
        if found is None:
            self._structures[operations, name] = found = operations(name, self, self._context)
        return Inside(found, blocking_face)

    def check_usable(self) -> None:
        """Raise `TransactionError` unless the transaction is active and the caller began it."""
        if self.state != _ACTIVE:
            raise TransactionError(f"the transaction is not active, it is {self.state}")
        self._check_owner()

    def _check_owner(self) -> None:
        if self.thread_id is not None and self._caller_number() != self.thread_id:
            raise TransactionError("a transaction belongs to the thread or task that began it")

    def _identity(self) -> tuple[UUID, int]:
        assert self.id is not None
        assert self.thread_id is not None
        return self.id, self.thread_id

    async def invoke(
        self, request: Request[R], result: Callable[[R], Any] | None = None, seconds: float | None = None
    ) -> Any:
        """Send a request to the member that runs the transaction; an operation.

        Args:
            request: What to send.
            result: Converts the response's content to the result.
            seconds: Limit on the duration of the call; None for no limit.

        Returns:
            The result.

        Raises:
            OperationTimeoutError: The call took longer than the limit.
        """
        content = await self._context.runtime.within(
            seconds,
            self._calls.send(request),
            lambda: OperationTimeoutError(f"{request.method.name} took longer than {seconds} s"),
        )
        if result is None:
            return content
        return await self._context.invocations.with_schemas(lambda: result(content))

    def __repr__(self) -> str:
        return f"Transaction(id={self.id}, state={self.state!r})"


class AsyncTransaction(TransactionOperations, AsyncioFace):
    """A transaction of the asyncio client; it belongs to the task that begins it."""

    async def __aenter__(self) -> Self:
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end(kind is not None)


class Transaction(BlockingFace, TransactionOperations):
    """A transaction, which belongs to the thread that begins it. Its calls block until they are done.

    Args:
        core: Its asyncio face.
    """

    _async_face: AsyncTransaction

    def __init__(self, core: AsyncTransaction) -> None:
        BlockingFace.__init__(self, core)
        self._record = core._record
        self._shells: WeakValueDictionary[Any, Any] = WeakValueDictionary()

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            run_blocking(self._async_face.end(kind is not None))
        except BaseException:
            if self.state == _ACTIVE:  # interrupted before it could begin to end
                self._async_face.give_up()
            raise

    def __repr__(self) -> str:
        return repr(self._async_face)


class TransactionManager:
    """Makes the transactions of one client.

    Args:
        context: What transactions use of the client.
    """

    def __init__(self, context: ProxyContext) -> None:
        self._client = _Client(context)

    def new_transaction(self, timeout: float, durability: int, transaction_type: int) -> Transaction:
        """Return a transaction that has not begun.

        Args:
            timeout: Seconds after which it cannot be committed any more.
            durability: Number of members that keep a backup of its log.
            transaction_type: `TWO_PHASE` or `ONE_PHASE`.

        Returns:
            The transaction.

        Raises:
            IllegalStateError: The client is not connected.
            ValueError: The type is unknown.
        """
        return Transaction(self.new_async_transaction(timeout, durability, transaction_type))

    def new_async_transaction(
        self, timeout: float, durability: int, transaction_type: int
    ) -> AsyncTransaction:
        """Return a transaction that has not begun, for the asyncio client.

        Args:
            timeout: Seconds after which it cannot be committed any more.
            durability: Number of members that keep a backup of its log.
            transaction_type: `TWO_PHASE` or `ONE_PHASE`.

        Returns:
            The transaction.

        Raises:
            IllegalStateError: The client is not connected.
            ValueError: The type is unknown.
        """
        if transaction_type not in (TWO_PHASE, ONE_PHASE):
            raise ValueError(f"a transaction is TWO_PHASE (1) or ONE_PHASE (2), not {transaction_type!r}")
        connection = self._client.context.invocations.router.find_any()
        if connection is None:
            raise IllegalStateError("the client is not connected to any member")
        return AsyncTransaction(self._client, _Record(connection, timeout, durability, transaction_type))
