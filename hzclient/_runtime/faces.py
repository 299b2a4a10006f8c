"""The three faces of an operation that is written once, as a coroutine.

The asyncio face holds the state and the code. The Future and the blocking face are shells over it, so
that all of them share one near cache, and one operation may call another. Type checkers derive the exact
types of each face from the one signature, by the overloads of `operation.__get__`.
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
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    overload,
)

from hzclient._runtime.identity import calling, check_may_block
from hzclient._runtime.presentation import (
    arguments_of,
    copied,
    future_docstring,
    named,
    present,
    rename_in_arguments_error,
)
from hzclient._runtime.uncopied import Uncopied, twin
from hzclient._speed import hot
from hzclient.future import Future, OperationFuture

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

FaceName = Literal["asyncio", "future", "blocking"]


async_face_of = attrgetter("_async_face")
"""The asyncio face behind a shell."""


_NO_FRAME = object()


def run_blocking(operation: Coroutine[Any, Any, T]) -> T:
    """Drive an operation to its end in the calling thread.

    Args:
        operation: Awaits nothing but pending results of an owned runtime.

    Returns:
        What the operation returns.

    Raises:
        RuntimeError: On the client's own loop thread, where waiting would never end.
        BaseException: What the operation raises. What interrupts the wait (a KeyboardInterrupt, say) is
            raised inside the operation, which may clean up.
    """
    me = calling.thread
    if me.on_loop:
        operation.close()
        check_may_block()
    send: Any = operation.send
    step: Any = send
    argument: BaseException | None = None
    waiting_for: Any = None
    outer, me.blocking = me.blocking, True
    try:
        while True:
            try:
                while True:
                    waiting_for = step(argument)
                    step, argument = send, None
                    waiting_for.wait()
                    waiting_for = None
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            except BaseException as interruption:
                frame = getattr(operation, "cr_frame", _NO_FRAME)
                if frame is None:
                    raise  # its own error
                if waiting_for is None and frame is _NO_FRAME:
                    _end_step(operation, interruption)
                    raise
                throw: Any = operation.throw
                step, argument, waiting_for = throw, interruption, None
    finally:
        me.blocking = outer


def _end_step(step: Any, interruption: BaseException) -> None:
    """End a step of a generator, or a compiled call, which raised or was interrupted before it waited."""
    try:
        step.throw(interruption)
    except BaseException:  # noqa: S110 - it has ended, now or before
        pass


if not TYPE_CHECKING and hot is not None:
    run_blocking = hot.run_blocking


# ------------------------------------------------------------------------------------------------- marks


class Marked(Generic[P, R]):
    """A function of a class of operations, and how the faces expose it.

    Args:
        function: The function.
    """

    def __init__(self, function: Callable[Concatenate[Any, P], R]) -> None:
        self.function = function
        self.name = function.__name__
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

    def bind(self, obj: Any) -> Any:
        """Return what an attribute of a class of operations gives, which is not in a face."""
        return self if obj is None else functools.partial(self.in_asyncio_face(), obj)

    def in_asyncio_face(self) -> Callable[..., Any]:
        """Return the function that the asyncio face exposes."""
        return self.function

    def in_future_face(self) -> Callable[..., Any]:
        """Return the function that the Future face exposes."""
        raise NotImplementedError

    def in_blocking_face(self) -> Callable[..., Any]:
        """Return the function that the blocking face exposes."""
        raise NotImplementedError

    def returned_in(self, face: FaceName, annotation: str) -> str:
        """Return the annotation of what the function returns in a face.

        Args:
            face: The face.
            annotation: That of the definition.

        Returns:
            The annotation.
        """
        del face
        return annotation

    def docstring_in(self, face: FaceName) -> str | None:
        """Return the docstring of the function in a face."""
        del face
        return self.function.__doc__

    def exposed_in(self, face: FaceName, cls: type) -> Callable[..., Any]:
        """Return the function of a face, presented as a method of a class."""
        function = getattr(self, f"in_{face}_face")()
        if function is self.function:
            function = copied(function)
            named(function, cls, self.name)
        else:
            returned = self.returned_in(face, str(self.function.__annotations__.get("return", "Any")))
            present(function, self.function, cls, returned, self.docstring_in(face))
        return function  # type: ignore[no-any-return]


class operation(Marked[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """Marks a coroutine method: the face decides whether it is awaited, returns a `Future` or blocks."""

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

        def start(self: Any, *args: Any, **kwargs: Any) -> Future[Any]:
            method = getattr(self._async_face, name)
            try:
                call = method(*args, **kwargs) if kwargs else method(*args)  # most calls need no dict
            except TypeError as error:
                _name_of_shell(self, name, error)
                raise
            return OperationFuture(call)

        return start

    def in_blocking_face(self) -> Callable[..., Any]:
        return _blocking(self.name)

    def returned_in(self, face: FaceName, annotation: str) -> str:
        return f"Future[{annotation}]" if face == "future" else annotation

    def docstring_in(self, face: FaceName) -> str | None:
        doc = self.function.__doc__
        return future_docstring(doc) if face == "future" else doc


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


class view(Marked[P, Any], Generic[P]):
    """Marks a plain method that returns another asyncio face, which each face wraps as it is itself."""

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, obj: S, owner: Any = None) -> Callable[P, S]: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        return self.bind(obj)

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        def wrap(self: Shell, *args: Any, **kwargs: Any) -> Any:
            other = twin(self)
            vars(other)["_async_face"] = _call(self, name, args, kwargs)
            return other

        return wrap

    def in_blocking_face(self) -> Callable[..., Any]:
        return self.in_future_face()


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

    # Two functions each, so that wrong arguments are refused at the call.

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        def start(self: Shell, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            return _iterate_in_futures(_call(self, name, args, kwargs))

        return start

    def in_blocking_face(self) -> Callable[..., Any]:
        name = self.name

        def start(self: Shell, *args: Any, **kwargs: Any) -> Iterator[Any]:
            return iterate_blocking(_call(self, name, args, kwargs))

        return start

    def returned_in(self, face: FaceName, annotation: str) -> str:
        kind = "Iterator" if face == "blocking" else "AsyncIterator"
        return f"{kind}[{arguments_of(annotation)[0]}]"


class context_manager(Marked[P, AsyncGenerator[T, None]], Generic[P, T]):
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
        return asynccontextmanager(copied(self.function))

    def in_future_face(self) -> Callable[..., Any]:
        name = self.name

        def start(self: Shell, *args: Any, **kwargs: Any) -> AbstractAsyncContextManager[Any]:
            return _entered_in_futures(_call(self, name, args, kwargs))

        return start

    def in_blocking_face(self) -> Callable[..., Any]:
        name = self.name

        def start(self: Shell, *args: Any, **kwargs: Any) -> AbstractContextManager[Any]:
            return _entered_blocking(_call(self, name, args, kwargs))

        return start

    def returned_in(self, face: FaceName, annotation: str) -> str:
        kind = "AbstractContextManager" if face == "blocking" else "AbstractAsyncContextManager"
        return f"{kind}[{arguments_of(annotation)[0]}]"


# ------------------------------------------------------------------------------ the functions of the shells


def _name_of_shell(shell: Shell, name: str, error: TypeError) -> None:
    """Let the error of wrong arguments name the method of the shell's class."""
    face: Any = async_face_of(shell)
    called = getattr(face.__class__, name)
    rename_in_arguments_error(error, called, f"{type(shell).__qualname__}.{name}")


def _call(shell: Shell, name: str, args: Any, kwargs: Any) -> Any:
    """Call a method of the asyncio face; the error of wrong arguments names the shell's method."""
    try:
        return getattr(async_face_of(shell), name)(*args, **kwargs)
    except TypeError as error:
        _name_of_shell(shell, name, error)
        raise


def _blocking(name: str) -> Callable[..., Any]:
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        method = getattr(self._async_face, name)
        try:
            call = method(*args, **kwargs) if kwargs else method(*args)  # most calls need no dict
        except TypeError as error:
            _name_of_shell(self, name, error)
            raise
        return run_blocking(call)

    return run


def _forwarded(name: str) -> Callable[..., Any]:
    def forward(self: Shell, *args: Any, **kwargs: Any) -> Any:
        return _call(self, name, args, kwargs)

    return forward


async def _iterate_in_futures(items: AsyncGenerator[Any, None]) -> AsyncIterator[Any]:
    step: Future[Any] | None = None
    try:
        while True:
            try:
                step = OperationFuture(items.__anext__())  # raises at once if nothing is left
                item = await step
            except StopAsyncIteration:
                return
            yield item
    finally:
        if step is not None and not step.done():  # cancelled, and still cleaning up
            with suppress(asyncio.CancelledError, Exception):
                await step
        await OperationFuture(items.aclose())


def iterate_blocking(items: AsyncGenerator[Any, None]) -> Iterator[Any]:
    try:
        while True:
            try:
                item = run_blocking(items.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        run_blocking(items.aclose())


@asynccontextmanager
async def _entered_in_futures(inner: AbstractAsyncContextManager[Any]) -> AsyncGenerator[Any, None]:
    entering = OperationFuture(inner.__aenter__())
    try:
        value = await entering
    except CancelledError:
        # It may have been entered all the same, in the moment before its caller was notified.
        entering.add_done_callback(lambda entered: _leave(inner, entered))
        raise
    try:
        yield value
    except BaseException as error:
        if not await OperationFuture(inner.__aexit__(type(error), error, error.__traceback__)):
            raise
    else:
        await OperationFuture(inner.__aexit__(None, None, None))


def _leave(inner: AbstractAsyncContextManager[Any], entered: Future[Any]) -> None:
    """Leave a block that was entered for a caller who is gone."""
    if entered.is_success():
        OperationFuture(inner.__aexit__(None, None, None))


@contextmanager
def _entered_blocking(inner: AbstractAsyncContextManager[Any]) -> Generator[Any, None, None]:
    try:
        yield run_blocking(inner.__aenter__())
    except BaseException as error:
        if getattr(getattr(inner, "gen", None), "ag_frame", None) is None:
            raise  # it was not entered, or has been left
        if not run_blocking(inner.__aexit__(type(error), error, error.__traceback__)):
            raise
    else:
        run_blocking(inner.__aexit__(None, None, None))


# ------------------------------------------------------------------------------------------------- faces


class Operations:
    """Base of classes of operations that shells hide: `help(Map)` does not list them among its bases.

    To type checkers they are bases of the shells like all others.
    """


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
            setattr(cls, name, member.exposed_in("asyncio", cls))


class Shell(Uncopied):
    """A face over an asyncio face: each method calls the one of the same name there.

    Args:
        async_face: The asyncio face.
    """

    _async_face: Any
    _marked: dict[str, Marked[Any, Any]]
    _face_name: ClassVar[FaceName]

    def __init__(self, async_face: Any) -> None:
        self._async_face = async_face

    def __repr__(self) -> str:
        return repr(self._async_face)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._marked = _marked(cls)
        _hide_operations(cls)
        if not hasattr(cls, "_face_name"):
            return  # it is for several faces
        for name, member in cls._marked.items():
            if isinstance(vars(cls).get(name, member), Marked):  # otherwise the class overrides it
                setattr(cls, name, member.exposed_in(cls._face_name, cls))


def _hide_operations(cls: type) -> None:
    """Remove classes of operations from the bases: their functions are exposed, their constants stay."""
    hidden = [base for base in cls.__bases__ if issubclass(base, Operations) and not issubclass(base, Shell)]
    if not hidden:
        return
    constants: dict[str, Any] = {name: getattr(cls, name) for name in dir(cls) if name.isupper()}
    bases: tuple[Any, ...] = tuple(base for base in cls.__bases__ if base not in hidden)
    if getattr(cls, "__parameters__", ()) and not any(issubclass(base, Generic) for base in bases):
        bases = (*bases, Generic)
    cls.__bases__ = bases
    for name, value in constants.items():
        setattr(cls, name, value)


class FutureFace(Shell):
    """Each operation starts at once and returns a `Future`."""

    _face_name: ClassVar[FaceName] = "future"
    _blocking_face: type[Any]

    @classmethod
    def register_blocking_face(cls, face: type[Any]) -> None:
        """Make `face` the class of what `blocking()` returns."""
        cls._blocking_face = face


class BlockingFace(Shell):
    """Each operation returns when it is done."""

    _face_name: ClassVar[FaceName] = "blocking"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__bases__:
            if issubclass(base, FutureFace):
                base.register_blocking_face(cls)
