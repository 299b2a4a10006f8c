"""Methods that give structures, in the face that goes with the kind of client they are asked of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from hzclient._runtime.faces import Marked, Shell, async_face_of, run_blocking

P = ParamSpec("P")
A = TypeVar("A")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Faces(Generic[A, F]):
    """A structure as clients of each kind give it.

    Attributes:
        operations: Its asyncio face.
        future_face: The face whose operations each give a `Future`.
    """

    operations: A
    future_face: F


class provider(Marked[P, Coroutine[Any, Any, Faces[A, F]]], Generic[P, A, F]):
    """Marks a coroutine method that makes a structure: awaited it gives the structure's asyncio face.

    In the other faces it blocks, and gives the structure's Future face.
    """

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: Shell, owner: Any = None) -> Callable[P, F]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, Coroutine[Any, Any, A]]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_asyncio_face(self) -> Callable[..., Any]:
        make = self.function

        @functools.wraps(make)
        async def give(self: Any, *args: Any, **kwargs: Any) -> Any:
            return (await make(self, *args, **kwargs)).operations

        return give

    def in_future_face(self) -> Callable[..., Any]:
        make = self.function

        def give(self: Shell, *args: Any, **kwargs: Any) -> Any:
            return run_blocking(make(async_face_of(self), *args, **kwargs)).future_face

        return give
