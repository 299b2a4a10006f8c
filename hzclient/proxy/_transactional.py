"""What the structures of a transaction share: how they call, and how a transaction gives them."""

from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload
from uuid import UUID

from hzclient._runtime.faces import BlockingFace, FaceName, Marked, async_face_of
from hzclient._runtime.operations import CallingOperations
from hzclient._runtime.presentation import arguments_of
from hzclient.proxy._reading import read_items

if TYPE_CHECKING:
    from hzclient._protocol.message import Method, Request
    from hzclient.proxy.base import ProxyContext

P = ParamSpec("P")
A = TypeVar("A")
F = TypeVar("F")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inside(Generic[A, F]):
    """A structure inside a transaction, in both of its faces.

    Attributes:
        operations: Its asyncio face.
        blocking_face: Class of its blocking face.
    """

    operations: A
    blocking_face: Callable[[Any, Any], F]


class inside(Marked[P, Inside[A, F]], Generic[P, A, F]):
    """Marks a method of transactions that gives a structure, in the face of the transaction."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: BlockingFace, owner: Any = None) -> Callable[P, F]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, A]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_asyncio_face(self) -> Callable[..., Any]:
        make = self.function

        @functools.wraps(make)
        def give(self: Any, *args: Any, **kwargs: Any) -> Any:
            return make(self, *args, **kwargs).operations

        return give

    def in_blocking_face(self) -> Callable[..., Any]:
        make = self.function

        def give(self: Any, *args: Any, **kwargs: Any) -> Any:
            found = make(async_face_of(self), *args, **kwargs)
            shells: MutableMapping[Any, Any] = self._shells
            shell = shells.get(found.operations)
            if shell is None:
                shells[found.operations] = shell = found.blocking_face(found.operations, self)
            return shell

        return give

    def returned_in(self, face: FaceName, annotation: str) -> str:
        asyncio_face, blocking_face = arguments_of(annotation)
        return asyncio_face if face == "asyncio" else blocking_face


class EnclosingTransaction(Protocol):
    """The transaction that a structure belongs to.

    Attributes:
        id: Its id; None before it has begun.
        thread_id: Number of the thread or task that began it; None before it has begun.
    """

    @property
    def id(self) -> UUID | None: ...
    @property
    def thread_id(self) -> int | None: ...

    def check_usable(self) -> None:
        """Raise `TransactionError` unless the caller may use the transaction now."""

    async def invoke(
        self, request: Request[R], result: Callable[[R], Any] | None = None, seconds: float | None = None
    ) -> Any:
        """Send a request to the member that runs the transaction; an operation."""


class TransactionalOperations(CallingOperations):
    """Base of the operations of a structure inside a transaction.

    Changes become visible to others when the transaction is committed. Only the thread or task that
    began the transaction may call the operations.

    Args:
        name: Name of the structure.
        transaction: The transaction.
        context: What the structure uses of the client.

    Attributes:
        name: Name of the structure.
        transaction: The transaction.
    """

    def __init__(self, name: str, transaction: Any, context: ProxyContext) -> None:
        self.name = name
        self.transaction: Any = transaction
        self._transaction: EnclosingTransaction = transaction
        self._encode = context.serialization.encode
        self._decode = context.serialization.decode

    @overload
    async def _call(self, method: Method[..., R], *args: Any) -> R: ...
    @overload
    async def _call(self, method: Method[..., R], *args: Any, result: Callable[[R], T]) -> T: ...
    async def _call(
        self, method: Method[..., Any], *args: Any, result: Callable[[Any], Any] | None = None
    ) -> Any:
        transaction = self._transaction
        transaction.check_usable()
        request = method.encode(self.name, transaction.id, transaction.thread_id, *args)
        return await transaction.invoke(request, result, self._time_limit)

    def _items(self, items: list[bytes]) -> list[Any]:
        return read_items(self._decode, items)
