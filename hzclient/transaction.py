"""Transactions: several changes that all happen, or none of them.

    with client.new_transaction() as transaction:
        transaction.get_map("accounts").put("a", 1)
        transaction.get_queue("log").offer("a is 1")

In the asyncio client: `async with client.new_transaction() as transaction`, and the operations of its
structures are awaited.
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
from hzclient.errors import IllegalStateError, TransactionError
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

R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

_logger = logging.getLogger(__name__)

TWO_PHASE: Final = 1
"""All members prepare before any of them commits; after a crash the outcome is one everywhere."""

ONE_PHASE: Final = 2
"""Members commit one after the other: quicker, but a crash in between leaves some changes undone."""

_NOT_STARTED: Final = "not_started"
_ACTIVE: Final = "active"
_COMMITTED: Final = "committed"
_ROLLING_BACK: Final = "rolling_back"
_ROLLED_BACK: Final = "rolled_back"


@dataclass(slots=True)
class _Record:
    """What all faces of a transaction see of it."""

    connection: Connection
    timeout: float
    durability: int
    transaction_type: int
    state: str = _NOT_STARTED
    id: UUID | None = None
    start_time: float | None = None
    thread_id: int | None = None


class _Client:
    """What the transactions of one client share: who is in one at present."""

    def __init__(self, context: ProxyContext) -> None:
        self.context = context
        # Weak: a transaction that was thrown away does not keep its thread from another one.
        self.active: WeakValueDictionary[int, TransactionOperations] = WeakValueDictionary()


class TransactionOperations:
    """A transaction, which belongs to the thread or task that begins it.

    A member runs it; it is lost with the connection to that member, and then rolled back there.
    """

    def __init__(self, client: _Client, record: _Record) -> None:
        self._record = record
        self._client = client
        self._context = client.context
        self._caller_number = client.context.runtime.caller_number
        self._deadline = 0.0
        self._member_knows_the_end = False
        # Weak, as they hold the transaction: one that is thrown away must be gone at once.
        self._structures: WeakValueDictionary[tuple[Any, str], Any] = WeakValueDictionary()

    @property
    def state(self) -> str:
        """One of "not_started", "active", "committed", "rolling_back" and "rolled_back"."""
        return self._record.state

    @property
    def id(self) -> UUID | None:
        """Its id in the cluster; None before it has begun."""
        return self._record.id

    @property
    def start_time(self) -> float | None:
        """When it began, in seconds since 1970; None before."""
        return self._record.start_time

    @property
    def thread_id(self) -> int | None:
        """The number of the thread or task that began it; None before."""
        return self._record.thread_id

    @property
    def connection(self) -> Connection:
        """The connection to the member that runs it."""
        return self._record.connection

    @property
    def timeout(self) -> float:
        """Seconds after which it can't be committed any more, and is rolled back."""
        return self._record.timeout

    @property
    def durability(self) -> int:
        """On how many members its log is backed up."""
        return self._record.durability

    @property
    def transaction_type(self) -> int:
        """`TWO_PHASE` or `ONE_PHASE`."""
        return self._record.transaction_type

    # -------------------------------------------------------------------------------- begin and end

    @operation
    async def begin(self) -> None:
        """Begins the transaction.

        Raises:
            TransactionError: It was begun before, or the caller is in a transaction of this client.
        """
        owner, active = self._caller_number(), self._client.active
        if owner in active:
            raise TransactionError("the caller is in a transaction already; they cannot be nested")
        if self.state != _NOT_STARTED:
            raise TransactionError("a transaction can be begun only once")
        active[owner] = self
        self._record.start_time, self._record.thread_id = time.time(), owner
        self._deadline = time.monotonic() + self.timeout
        try:
            self._record.id = await self.invoke(
                codec.CREATE.encode(to_millis(self.timeout), self.durability, self.transaction_type, owner)
            )
        except BaseException:
            self._leave()
            raise
        self._record.state = _ACTIVE

    @operation
    async def commit(self) -> None:
        """Makes the changes of the transaction happen. Where that fails it is rolled back.

        Raises:
            TransactionError: Another thread or task began it, it is not active, or its time is over.
        """
        self._check_owner()
        if self.state != _ACTIVE:
            raise TransactionError(f"only an active transaction can be committed, this one is {self.state}")
        try:
            if time.monotonic() > self._deadline:
                raise TransactionError(f"the transaction took more than {self.timeout} s and is rolled back")
            await self.invoke(codec.COMMIT.encode(*self._identity()))
            self._record.state = _COMMITTED
        except GeneratorExit:  # nobody drives this any more
            self._record.state = _ROLLING_BACK
            raise
        except BaseException:
            self._record.state = _ROLLING_BACK
            await self._rollback_quietly()
            raise
        finally:
            self._leave()

    @operation
    async def rollback(self) -> None:
        """Undoes the changes of the transaction.

        Raises:
            TransactionError: Another thread or task began it, or it is not active.
        """
        self._check_owner()
        if self.state not in (_ACTIVE, _ROLLING_BACK):
            raise TransactionError(f"the transaction cannot be rolled back, it is {self.state}")
        try:
            await self._tell_rollback()
        finally:
            self._record.state = _ROLLED_BACK
            self._leave()

    async def _tell_rollback(self) -> None:
        if not self._member_knows_the_end:
            self._member_knows_the_end = True
            await self.invoke(codec.ROLLBACK.encode(*self._identity()))

    async def _rollback_quietly(self) -> None:
        try:
            await self._tell_rollback()
        except Exception as error:
            # The member does it by itself, at the latest when the time of the transaction is over.
            _logger.debug("%r could not be rolled back: %r", self, error)

    @operation
    async def end(self, failed: bool) -> None:
        """Commits the transaction where it is active, or undoes it; what `with` does at its end.

        Args:
            failed: Whether to undo it. An error of that is logged, as there is a graver one.
        """
        if not failed:
            if self.state == _ACTIVE:
                await self.commit()
        elif self.state in (_ACTIVE, _ROLLING_BACK):
            self._check_owner()
            try:
                await self._rollback_quietly()
            finally:
                self._record.state = _ROLLED_BACK
                self._leave()

    def _leave(self) -> None:
        if self.thread_id is not None and self._client.active.get(self.thread_id) is self:
            del self._client.active[self.thread_id]

    # -------------------------------------------------------------------------------------- structures

    def check_usable(self) -> None:
        """Raises `TransactionError` unless the transaction is active and the caller began it."""
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
        """Sends a request to the member that runs the transaction; an operation.

        Args:
            request: What to send.
            result: Makes the result of what the response holds.
            seconds: The time that the call has; None for as long as it takes.
        """
        invocations = self._context.invocations
        invoke = invocations.invoke if seconds is None else invocations.limited_to(seconds)
        if result is None:
            return await invoke(request, connection=self.connection)
        return await invoke(request, result, connection=self.connection)

    def structure(self, face: Callable[[str, Any, ProxyContext], S], name: str) -> S:
        """The structure of a kind and a name within this transaction.

        Raises:
            TransactionError: The transaction is not active, or the caller did not begin it.
        """
        self.check_usable()
        found: S | None = self._structures.get((face, name))
        if found is None:
            self._structures[face, name] = found = face(name, self, self._context)
        return found

    def __repr__(self) -> str:
        return f"Transaction(id={self.id}, state={self.state!r})"


class AsyncTransaction(TransactionOperations, AsyncioFace):
    """A transaction of the asyncio client; it belongs to the task that begins it."""

    def get_list(self, name: str) -> AsyncTransactionalList[Any]:
        """The list of this name within the transaction."""
        return self.structure(AsyncTransactionalList[Any], name)

    def get_map(self, name: str) -> AsyncTransactionalMap[Any, Any]:
        """The map of this name within the transaction."""
        return self.structure(AsyncTransactionalMap[Any, Any], name)

    def get_multi_map(self, name: str) -> AsyncTransactionalMultiMap[Any, Any]:
        """The multimap of this name within the transaction."""
        return self.structure(AsyncTransactionalMultiMap[Any, Any], name)

    def get_queue(self, name: str) -> AsyncTransactionalQueue[Any]:
        """The queue of this name within the transaction."""
        return self.structure(AsyncTransactionalQueue[Any], name)

    def get_set(self, name: str) -> AsyncTransactionalSet[Any]:
        """The set of this name within the transaction."""
        return self.structure(AsyncTransactionalSet[Any], name)

    async def __aenter__(self) -> Self:
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end(kind is not None)


class Transaction(BlockingFace, TransactionOperations):
    """A transaction, which belongs to the thread that begins it; its calls return when they are done."""

    _async_face: AsyncTransaction

    def __init__(self, core: AsyncTransaction) -> None:
        BlockingFace.__init__(self, core)
        self._record = core._record
        self._shells: WeakValueDictionary[Any, Any] = WeakValueDictionary()

    def get_list(self, name: str) -> TransactionalList[Any]:
        """The list of this name within the transaction."""
        return self._shell(TransactionalList[Any], self._async_face.get_list(name))

    def get_map(self, name: str) -> TransactionalMap[Any, Any]:
        """The map of this name within the transaction."""
        return self._shell(TransactionalMap[Any, Any], self._async_face.get_map(name))

    def get_multi_map(self, name: str) -> TransactionalMultiMap[Any, Any]:
        """The multimap of this name within the transaction."""
        return self._shell(TransactionalMultiMap[Any, Any], self._async_face.get_multi_map(name))

    def get_queue(self, name: str) -> TransactionalQueue[Any]:
        """The queue of this name within the transaction."""
        return self._shell(TransactionalQueue[Any], self._async_face.get_queue(name))

    def get_set(self, name: str) -> TransactionalSet[Any]:
        """The set of this name within the transaction."""
        return self._shell(TransactionalSet[Any], self._async_face.get_set(name))

    def _shell(self, face: Callable[[Any, Any], T], core: Any) -> T:
        found: T | None = self._shells.get(core)
        if found is None:
            self._shells[core] = found = face(core, self)
        return found

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_blocking(self._async_face.end(kind is not None))

    def __repr__(self) -> str:
        return repr(self._async_face)


class TransactionManager:
    """Makes the transactions of one client."""

    def __init__(self, context: ProxyContext) -> None:
        self._client = _Client(context)

    def new_transaction(self, timeout: float, durability: int, transaction_type: int) -> Transaction:
        """A transaction that has not begun.

        Args:
            timeout: Seconds after which it can't be committed any more.
            durability: On how many members its log is backed up.
            transaction_type: `TWO_PHASE` or `ONE_PHASE`.

        Raises:
            IllegalStateError: The client is not connected.
            ValueError: The type is not known.
        """
        return Transaction(self.new_async_transaction(timeout, durability, transaction_type))

    def new_async_transaction(
        self, timeout: float, durability: int, transaction_type: int
    ) -> AsyncTransaction:
        """As `new_transaction`, for the asyncio client."""
        if transaction_type not in (TWO_PHASE, ONE_PHASE):
            raise ValueError(f"a transaction is TWO_PHASE (1) or ONE_PHASE (2), not {transaction_type!r}")
        connection = self._client.context.invocations.router.find_any()
        if connection is None:
            raise IllegalStateError("the client is not connected to any member")
        return AsyncTransaction(self._client, _Record(connection, timeout, durability, transaction_type))
