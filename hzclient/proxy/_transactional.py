"""What the structures of a transaction share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, overload
from uuid import UUID

if TYPE_CHECKING:
    from hzclient._protocol.message import Method, Request
    from hzclient.proxy.base import ProxyContext

R = TypeVar("R")
T = TypeVar("T")


class Scope(Protocol):
    """The transaction that a structure belongs to.

    Attributes:
        id: Its id; None before it has begun.
        thread_id: The owner number that began it; None before it has begun.
    """

    @property
    def id(self) -> UUID | None: ...
    @property
    def thread_id(self) -> int | None: ...

    def check_usable(self) -> None:
        """Raises `TransactionError` unless the caller may work in it now."""

    async def invoke(
        self, request: Request[R], result: Callable[[R], Any] | None = None, seconds: float | None = None
    ) -> Any:
        """Sends a request to the member that runs the transaction; an operation."""


class TransactionalOperations:
    """The base of the operations of a structure within a transaction.

    They take effect for others when the transaction is committed, and must be called by the thread
    or task that began it.

    Attributes:
        name: Name of the structure.
        transaction: The transaction.
    """

    def __init__(self, name: str, transaction: Any, context: ProxyContext) -> None:
        self.name = name
        self.transaction: Any = transaction
        self._scope: Scope = transaction
        self._seconds: float | None = None
        self._encode = context.serialization.encode
        self._decode = context.serialization.decode

    @overload
    async def _call(self, method: Method[..., R], *args: Any) -> R: ...
    @overload
    async def _call(self, method: Method[..., R], *args: Any, result: Callable[[R], T]) -> T: ...
    async def _call(
        self, method: Method[..., Any], *args: Any, result: Callable[[Any], Any] | None = None
    ) -> Any:
        scope = self._scope
        scope.check_usable()
        request = method.encode(self.name, scope.id, scope.thread_id, *args)
        return await scope.invoke(request, result, self._seconds)

    def with_timeout(self, seconds: float) -> Self:
        """The same structure, whose calls fail with `OperationTimeoutError` after `seconds`.

        Raises:
            ValueError: `seconds` is not more than 0.
        """
        if not seconds > 0:
            raise ValueError(f"a timeout must be more than 0 seconds, not {seconds!r}")
        limited = copy.copy(self)
        limited._seconds = seconds
        return limited

    def _items(self, items: list[bytes]) -> list[Any]:
        return list(map(self._decode, items))

    def __repr__(self) -> str:
        return f'{type(self).__name__.removeprefix("Async")}(name="{self.name}")'
