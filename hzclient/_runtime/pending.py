"""A result that arrives later and that any thread may use.

Theory of `Pending`. It has no lock: a garbage collection or a signal may run any code at any moment, also
code that uses the same pending result on the thread that would hold the lock, and that thread would wait
for itself. Each step is instead one operation on a list, which is atomic under the GIL. The list begins
with None as long as there is no outcome. Whoever removes that None has the right, and the duty, to set the
outcome. The other elements are callbacks, and whoever removes one calls it: either the thread that sets the
outcome, or a thread that added the callback too late to be noticed there. So a callback is called exactly
once, and no outcome is set twice.
"""

from __future__ import annotations

import logging
import threading
from asyncio import AbstractEventLoop, CancelledError, InvalidStateError
from collections.abc import Callable, Generator
from contextvars import Context
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hzclient._locks import PATIENCE_SECONDS, check_not_inside
from hzclient._runtime.identity import check_may_block, waiting
from hzclient._runtime.uncopied import Uncopied
from hzclient._speed import hot
from hzclient._unseen import UNSEEN

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_logger = logging.getLogger("hzclient.future")


class Waiter(Protocol[T]):
    """What an operation may await: a `Pending`, or on the caller's own loop an `asyncio.Future`.

    Use `resolve` and `fail` to set an outcome that somebody else may have set.
    """

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
    """A result that is set once, by whoever is first, and that any thread may wait for.

    A driver adds a callback, a thread waits, and a task on the client's own loop awaits it: it implements
    the part of the future protocol that `asyncio.Task` uses.

    Args:
        loop: The loop whose tasks may await it directly.
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

    _callbacks: list[Callable[[Any], object] | None]

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        self._asyncio_future_blocking: bool | None = False
        self._loop = loop
        self._done = False
        self._error: BaseException | None = None
        self._traceback: TracebackType | None = None
        self._callbacks = [None]

    def set_result(self, result: T) -> None:
        """Set the result, unless there is an outcome already."""
        callbacks = self._callbacks
        try:
            callbacks.remove(None)  # `_claim()` inlined: it runs twice per user call
        except ValueError:
            return
        self._value = result
        self._done = True
        if callbacks:
            self._run_callbacks()

    def set_exception(self, exception: BaseException) -> None:
        """Set the error to raise, unless there is an outcome already."""
        if self._claim():
            self._fail(exception)

    def cancel(self, msg: Any = None) -> bool:
        """End the wait with `CancelledError`.

        Args:
            msg: Argument of the error.

        Returns:
            False if there was an outcome already.
        """
        claimed = self._claim()
        if claimed:
            self._fail(CancelledError() if msg is None else CancelledError(msg))
        return claimed

    def _claim(self) -> bool:
        """Return whether the caller has the right to set the outcome, and now must."""
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
            except IndexError:  # the thread that added it calls it
                return
            assert callback is not None
            try:
                callback(self)
            except BaseException:  # SystemExit too: it would end the loop's thread, and all calls with it
                _logger.exception("A callback of %r raised", self, extra=UNSEEN)

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Call `callback(self)` when the outcome is set; at once if it is set already.

        Args:
            callback: Runs on the thread that sets the outcome. What it raises is logged.
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
        """Remove a callback that was not called yet, if it was added."""
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
        """Block this thread until there is an outcome.

        Args:
            timeout: Seconds to wait; None waits without limit.

        Returns:
            False if the time ran out first.

        Raises:
            RuntimeError: On a client's own loop thread, which would wait for itself.
        """
        if self._done:
            return True
        check_may_block()
        if waiting.green is not None:
            return waiting.green(self, timeout)
        gate = threading.Lock()
        gate.acquire()

        def release(_: object) -> None:
            gate.release()

        self.add_done_callback(release)
        wanted = threading.TIMEOUT_MAX if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)
        patience = min(wanted, PATIENCE_SECONDS)
        if gate.acquire(timeout=patience):
            return True
        if wanted > patience:
            check_not_inside()
            if gate.acquire(timeout=wanted - patience):
                return True
        self.remove_done_callback(release)
        return self._done

    def done(self) -> bool:
        """Return whether there is an outcome."""
        return self._done

    def cancelled(self) -> bool:
        """Return whether it was cancelled."""
        return isinstance(self._error, CancelledError)

    def get_loop(self) -> AbstractEventLoop | None:
        """Return the loop whose tasks may await it directly."""
        return self._loop

    def outcome(self) -> T:
        """Return the result, or raise the error.

        Returns:
            The result.

        Raises:
            InvalidStateError: If there is no outcome yet.
        """
        error = self._error
        if error is not None:
            try:
                raise error
            finally:
                del error, self  # the traceback of the error holds this frame
        if not self._done:
            raise InvalidStateError("the result is not set yet")
        return self._value

    def result(self) -> T:
        """Return the outcome, under the name that `asyncio.Task` uses."""
        try:  # as in `outcome()`
            return self.outcome()
        finally:
            del self

    def __await__(self) -> Generator[Any, Any, T]:
        # Always suspends once: what fails before is the caller's mistake, raised at the call; what fails
        # afterwards belongs to the Future.
        self._asyncio_future_blocking = True
        try:
            yield self
            return self.outcome()
        finally:
            del self


if not TYPE_CHECKING and hot is not None:
    Pending = hot.Pending
