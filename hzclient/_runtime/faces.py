"""The three faces of an operation that is written once, as a coroutine.

The asyncio face holds the state and the code. The Future and the blocking face are shells over it,
so that all of them share one near cache, and one operation may call another. Type checkers give
each face its precise types from the one signature, by the overloads of `operation.__get__`.
"""

from __future__ import annotations

import asyncio
import functools
from asyncio import CancelledError
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from operator import attrgetter
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from hzclient._runtime.identity import calling, check_may_block
from hzclient._runtime.uncopied import Uncopied
from hzclient.future import Future, OperationFuture

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


async_face_of = attrgetter("_async_face")
"""The asyncio face behind a shell."""


def run_blocking(operation: Coroutine[Any, Any, T]) -> T:
    """Drives an operation to its end in the calling thread.

    Args:
        operation: Awaits nothing but pending results of an owned runtime.

    Returns:
        What the operation returns.

    Raises:
        RuntimeError: On the client's own loop thread, where waiting would never end.
        BaseException: What the operation raises. What interrupts the waiting (a KeyboardInterrupt,
            say) is raised inside the operation, which may clean up.
    """
    me = calling.thread
    if me.on_loop:
        operation.close()
        check_may_block()
    outer, me.blocking = me.blocking, True
    try:
        waiting_for = operation.send(None)
        while True:
            try:
                waiting_for.wait()
            except BaseException as interruption:
                waiting_for = operation.throw(interruption)
            else:
                waiting_for = operation.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        me.blocking = outer


class Marked(Generic[P, R]):
    """A function of a class of operations, and how the faces expose it."""

    def __init__(self, function: Callable[Concatenate[Any, P], R]) -> None:
        self.function = function
        self.name = function.__name__
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

    def bind(self, obj: Any) -> Any:
        return self if obj is None else functools.partial(self.in_asyncio_face(), obj)

    def in_asyncio_face(self) -> Callable[..., Any]:
        return self.function

    def in_future_face(self) -> Callable[..., Any]:
        raise NotImplementedError

    def in_blocking_face(self) -> Callable[..., Any]:
        raise NotImplementedError


class operation(Marked[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """Marks a coroutine method: it is awaited, gives a `Future`, or blocks, as the face has it."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: BlockingFace, owner: Any = None) -> Callable[P, R]: ...
    @overload
    def __get__(self, obj: FutureFace, owner: Any = None) -> Callable[P, Future[R]]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, Coroutine[Any, Any, R]]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        def start(self: Shell, *args: Any, **kwargs: Any) -> Future[Any]:
            return OperationFuture(getattr(async_face_of(self), name)(*args, **kwargs))

        return start

    def in_blocking_face(self) -> Callable[..., Any]:
        return _blocking(self.name)


class blocking_operation(Marked[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """Marks a coroutine method that blocks in the Future face too, as `destroy()` does."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: Shell, owner: Any = None) -> Callable[P, R]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, Coroutine[Any, Any, R]]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_future_face(self) -> Callable[..., Any]:
        return _blocking(self.name)

    def in_blocking_face(self) -> Callable[..., Any]:
        return _blocking(self.name)


class immediate(Marked[P, R], Generic[P, R]):
    """Marks a plain method that never waits; it is the same in every face."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, R]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_future_face(self) -> Callable[..., Any]:
        return _forwarded(self.name)

    def in_blocking_face(self) -> Callable[..., Any]:
        return _forwarded(self.name)


class stream(Marked[P, AsyncGenerator[T, None]], Generic[P, T]):
    """Marks an async generator: `async for` in the asyncio and Future faces, `for` in the blocking one."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: BlockingFace, owner: Any = None) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, obj: FutureFace, owner: Any = None) -> Callable[P, AsyncIterator[T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        async def iterate(items: AsyncGenerator[Any, None]) -> AsyncIterator[Any]:
            step: Future[Any] | None = None
            try:
                while True:
                    try:
                        step = OperationFuture(items.__anext__())  # raises at once where nothing is left
                        item = await step
                    except StopAsyncIteration:
                        return
                    yield item
            finally:
                if step is not None and not step.done():  # cancelled, and still cleaning up
                    with suppress(asyncio.CancelledError, Exception):
                        await step
                await OperationFuture(items.aclose())

        # Two functions, so that wrong arguments are refused at the call.
        def start(self: Shell, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            return iterate(getattr(async_face_of(self), name)(*args, **kwargs))

        return start

    def in_blocking_face(self) -> Callable[..., Any]:
        name = self.name

        def iterate(items: AsyncGenerator[Any, None]) -> Iterator[Any]:
            try:
                while True:
                    try:
                        item = run_blocking(items.__anext__())
                    except StopAsyncIteration:
                        return
                    yield item
            finally:
                run_blocking(items.aclose())

        def start(self: Shell, *args: Any, **kwargs: Any) -> Iterator[Any]:
            return iterate(getattr(async_face_of(self), name)(*args, **kwargs))

        return start


class scope(Marked[P, AsyncGenerator[T, None]], Generic[P, T]):
    """Marks an async generator that yields once, as for `contextlib.asynccontextmanager`.

    It is entered by `async with` in the asyncio and Future faces, by `with` in the blocking one.
    """

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: BlockingFace, owner: Any = None) -> Callable[P, AbstractContextManager[T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> Callable[P, AbstractAsyncContextManager[T]]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_asyncio_face(self) -> Callable[..., Any]:
        return asynccontextmanager(self.function)

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        @asynccontextmanager
        async def enter(self: Shell, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            inner = getattr(async_face_of(self), name)(*args, **kwargs)
            entering = OperationFuture(inner.__aenter__())
            try:
                value = await entering
            except CancelledError:
                # It may have been entered all the same, in the moment before its caller was told.
                entering.add_done_callback(lambda entered: _leave(inner, entered))
                raise
            try:
                yield value
            except BaseException as error:
                if not await OperationFuture(inner.__aexit__(type(error), error, error.__traceback__)):
                    raise
            else:
                await OperationFuture(inner.__aexit__(None, None, None))

        return enter

    def in_blocking_face(self) -> Callable[..., Any]:
        name = self.name

        @contextmanager
        def enter(self: Shell, *args: Any, **kwargs: Any) -> Generator[Any, None, None]:
            inner = getattr(async_face_of(self), name)(*args, **kwargs)
            value = run_blocking(inner.__aenter__())
            try:
                yield value
            except BaseException as error:
                if not run_blocking(inner.__aexit__(type(error), error, error.__traceback__)):
                    raise
            else:
                run_blocking(inner.__aexit__(None, None, None))

        return enter


def _leave(inner: AbstractAsyncContextManager[Any], entered: Future[Any]) -> None:
    """Leaves a block that was entered for a caller who is gone."""
    if entered.is_success():
        OperationFuture(inner.__aexit__(None, None, None))


def _blocking(name: str) -> Callable[..., Any]:
    def run(self: Shell, *args: Any, **kwargs: Any) -> Any:
        return run_blocking(getattr(async_face_of(self), name)(*args, **kwargs))

    return run


def _forwarded(name: str) -> Callable[..., Any]:
    def forward(self: Shell, *args: Any, **kwargs: Any) -> Any:
        return getattr(async_face_of(self), name)(*args, **kwargs)

    return forward


def _marked(cls: type) -> dict[str, Marked[Any, Any]]:
    members = {name: member for base in reversed(cls.__mro__) for name, member in vars(base).items()}
    for base in reversed(cls.__mro__):
        members.update(vars(base).get("_marked", {}))
    return {name: member for name, member in members.items() if isinstance(member, Marked)}


class AsyncioFace(Uncopied):
    """The operations as they are written: coroutine methods. Holds the state of all faces."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in _marked(cls).items():
            setattr(cls, name, member.in_asyncio_face())


class Shell(Uncopied):
    """A face over an asyncio face: each method calls the core's method of the same name."""

    _async_face: Any
    _marked: dict[str, Marked[Any, Any]]

    def __init__(self, core: Any) -> None:
        self._async_face = core

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self._async_face.name}")'

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._marked = _marked(cls)
        for name, member in cls._marked.items():
            if not isinstance(vars(cls).get(name, member), Marked):
                continue  # what the class itself says stands
            exposed = cls._expose(member)
            setattr(cls, name, functools.wraps(member.function)(exposed))

    @staticmethod
    def _expose(member: Marked[Any, Any]) -> Callable[..., Any]:
        raise NotImplementedError


class FutureFace(Shell):
    """Each operation starts at once and gives a `Future`."""

    _blocking_face: type[Any]

    @classmethod
    def register_blocking_face(cls, face: type[Any]) -> None:
        """Makes `face` the class of what `blocking()` gives."""
        cls._blocking_face = face

    @staticmethod
    def _expose(member: Marked[Any, Any]) -> Callable[..., Any]:
        return member.in_future_face()


class BlockingFace(Shell):
    """Each operation returns when it is done."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__bases__:
            if issubclass(base, FutureFace):
                base.register_blocking_face(cls)

    @staticmethod
    def _expose(member: Marked[Any, Any]) -> Callable[..., Any]:
        return member.in_blocking_face()
