"""A result that arrives later, and what may be asked of it from any thread."""

from __future__ import annotations

import logging
import threading
from asyncio import AbstractEventLoop, CancelledError, InvalidStateError
from collections.abc import Callable, Generator
from contextvars import Context
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hzclient._runtime.identity import check_may_block
from hzclient._runtime.uncopied import Uncopied
from hzclient._speed import hot
from hzclient._unseen import UNSEEN

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_logger = logging.getLogger("hzclient.future")


class Waiter(Protocol[T]):
    """What an operation may await: a `Pending`, or on the caller's own loop an `asyncio.Future`."""

    def set_result(self, result: T, /) -> None: ...
    def set_exception(self, exception: BaseException, /) -> None: ...
    def done(self) -> bool: ...
    def cancel(self, msg: Any = None) -> bool: ...
    def add_done_callback(self, callback: Callable[[Any], object], /) -> None: ...
    def __await__(self) -> Generator[Any, Any, T]: ...


def resolve(waiter: Waiter[T], result: T) -> None:
    """Set the result of a waiter unless it has an outcome already.

    The one way to do so for waiters of both runtimes: an `asyncio.Future` refuses a second outcome.
    """
    if not waiter.done():
        waiter.set_result(result)


def fail(waiter: Waiter[Any], error: BaseException) -> None:
    """Set the error of a waiter unless it has an outcome already."""
    if not waiter.done():
        waiter.set_exception(error)


class Pending(Uncopied, Generic[T]):
    """A result that is set once, by whoever comes first, and may be waited for from any thread.

    A driver adds a callback, a thread waits, and a task on the client's own loop awaits it: it
    speaks the part of the future protocol that `asyncio.Task` looks for.
    """

    __slots__ = (
        "__weakref__",
        "_asyncio_future_blocking",
        "_callbacks",
        "_done",
        "_error",
        "_loop",
        "_traceback",
        "_value",
    )

    _value: T

    # Without a lock: the garbage collector (or a signal) may run anything at any moment, also what
    # uses a pending result on the very thread that would hold the lock, and it would wait for
    # itself. Instead each step is one operation of a list, which is atomic. The list begins with
    # None while there is no outcome; who takes that out sets it. A callback is called by who takes
    # it out: who sets the outcome, or who added it too late for that.
    _callbacks: list[Callable[[Any], object] | None]

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        """Makes a pending result.

        Args:
            loop: The loop whose tasks may await it directly.
        """
        self._asyncio_future_blocking: bool | None = False
        self._loop = loop
        self._done = False
        self._error: BaseException | None = None
        self._traceback: TracebackType | None = None
        self._callbacks = [None]

    def set_result(self, result: T) -> None:
        """Sets the result; does nothing where there is an outcome already."""
        callbacks = self._callbacks
        try:
            callbacks.remove(None)  # as `_claim`, without the call: each call of a user's has two
        except ValueError:
            return
        self._value = result
        self._done = True
        if callbacks:
            self._run_callbacks()

    def set_exception(self, exception: BaseException) -> None:
        """Sets the error to raise; does nothing where there is an outcome already."""
        if self._claim():
            self._fail(exception)

    def cancel(self, msg: Any = None) -> bool:
        """Ends the waiting with `CancelledError`; False where there was an outcome already."""
        claimed = self._claim()
        if claimed:
            self._fail(CancelledError() if msg is None else CancelledError(msg))
        return claimed

    def _claim(self) -> bool:
        """Whether the caller is the one who sets the outcome, and now has to."""
        try:
            self._callbacks.remove(None)
        except ValueError:
            return False
        return True

    def _fail(self, error: BaseException) -> None:
        self._error = error
        self._done = True
        self._run_callbacks()

    def _run_callbacks(self) -> None:
        callbacks = self._callbacks
        while callbacks:
            try:
                callback = callbacks.pop(0)
            except IndexError:  # who added it calls it
                return
            assert callback is not None
            try:
                callback(self)
            except BaseException:  # an exit too: it would end the loop's thread, and with it all calls
                _logger.exception("A callback of %r raised", self, extra=UNSEEN)

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Calls `callback(self)` when the outcome is set, or at once where it is.

        Args:
            callback: Runs where the outcome is set. What it raises is logged.
            context: Given by an `asyncio.Task`, which must be resumed in a turn of its own loop.
        """
        if context is not None:
            callback = self._in_loop_turn(callback, context)
        self._callbacks.append(callback)
        if not self._done or not self._take_back(callback):
            return
        try:
            callback(self)
        except Exception:
            _logger.exception("A callback of %r raised", self, extra=UNSEEN)

    def remove_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Takes back a callback that was not called yet, where it is there."""
        self._take_back(callback)

    def _take_back(self, callback: Callable[[Any], object]) -> bool:
        try:
            self._callbacks.remove(callback)
        except ValueError:
            return False
        return True

    def _in_loop_turn(self, callback: Callable[[Any], object], context: Context) -> Callable[[Any], object]:
        loop = self._loop
        assert loop is not None, "only a pending result of a loop can be awaited by a task"

        def resume(_: Any) -> None:
            loop.call_soon_threadsafe(callback, self, context=context)

        return resume

    def wait(self, timeout: float | None = None) -> bool:
        """Blocks this thread until there is an outcome.

        Args:
            timeout: Seconds to wait; None waits without limit.

        Returns:
            False when the time was over first.

        Raises:
            RuntimeError: On a client's own loop thread, where it would wait for itself.
        """
        if self._done:
            return True
        check_may_block()
        gate = threading.Lock()
        gate.acquire()

        def release(_: object) -> None:
            gate.release()

        self.add_done_callback(release)
        if gate.acquire(timeout=-1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)):
            return True
        self.remove_done_callback(release)
        return self._done

    def done(self) -> bool:
        """True where there is an outcome."""
        return self._done

    def cancelled(self) -> bool:
        """True where the outcome is that it was cancelled."""
        return isinstance(self._error, CancelledError)

    def get_loop(self) -> AbstractEventLoop | None:
        """The loop whose tasks may await it directly."""
        return self._loop

    def outcome(self) -> T:
        """The result, or raises the error.

        Raises:
            InvalidStateError: Where there is no outcome yet.
        """
        if self._error is not None:
            raise self._error
        if not self._done:
            raise InvalidStateError("the result is not set yet")
        return self._value

    def result(self) -> T:
        """The name under which `asyncio.Task` asks for the outcome."""
        return self.outcome()

    def __await__(self) -> Generator[Any, Any, T]:
        # Always suspends once: what goes wrong before is the caller's mistake (raised at the
        # call), what goes wrong after belongs to the Future.
        self._asyncio_future_blocking = True
        yield self
        return self.outcome()


if not TYPE_CHECKING and hot is not None:
    Pending = hot.Pending
