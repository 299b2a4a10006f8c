"""Methods that return structures, in the face that goes with the kind of client."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, NamedTuple, ParamSpec, Self, TypeVar, overload

from hzclient._runtime.faces import FaceName, Marked, Shell, async_face_of, run_blocking
from hzclient._runtime.presentation import arguments_of, rename_in_arguments_error

P = ParamSpec("P")
A = TypeVar("A")
F = TypeVar("F")


class Faces(NamedTuple, Generic[A, F]):
    """A structure in the faces that clients return.

    Attributes:
        operations: Its asyncio face.
        future_face: The face whose operations return a `Future`.
    """

    operations: A
    future_face: F


class getter(Marked[P, Coroutine[Any, Any, Faces[A, F]]], Generic[P, A, F]):
    """Marks a coroutine method that gets a structure: awaited, it returns the structure's asyncio face.

    In the other faces it blocks, and returns the structure's Future face.
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
        make, name = self.function, self.name

        async def get(self: Any, *args: Any, **kwargs: Any) -> Any:
            return (await _made_by(make, self, name, args, kwargs)).operations

        return get

    def in_future_face(self) -> Callable[..., Any]:
        make, name = self.function, self.name

        def get(self: Shell, *args: Any, **kwargs: Any) -> Any:
            return run_blocking(_made_by(make, self, name, args, kwargs)).future_face

        return get

    def returned_in(self, face: FaceName, annotation: str) -> str:
        asyncio_face, future_face = arguments_of(annotation)
        return asyncio_face if face == "asyncio" else future_face


def _made_by(
    make: Callable[..., Any], face: Any, name: str, args: Any, kwargs: Any
) -> Coroutine[Any, Any, Any]:
    operations = async_face_of(face) if isinstance(face, Shell) else face
    try:
        return make(operations, *args, **kwargs)  # type: ignore[no-any-return]
    except TypeError as error:
        rename_in_arguments_error(error, make, f"{type(face).__qualname__}.{name}")
        raise
