"""A result that arrives later, and what may be asked of it from any thread."""

from __future__ import annotations

import logging
import threading
from asyncio import AbstractEventLoop, CancelledError, InvalidStateError
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any, Generic, Protocol, TypeVar

from hzclient._runtime.identity import check_may_block

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


class Pending(Generic[T]):
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
        "_lock",
        "_loop",
        "_value",
    )

    _value: T

    def __init__(self, loop: AbstractEventLoop | None = None, lock: threading.Lock | None = None) -> None:
        """Makes a pending result.

        Args:
            loop: The loop whose tasks may await it directly.
            lock: Held for an instant when the result is set and when a callback is added. May be
                shared between pending results, which saves making one for each.
        """
        self._asyncio_future_blocking: bool | None = False
        self._loop = loop
        self._lock = lock or threading.Lock()
        self._done = False
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Any], object]] | None = None

    def set_result(self, result: T) -> None:
        """Sets the result; does nothing where there is an outcome already."""
        with self._lock:
            if self._done:
                return
            self._value = result
            self._done = True
        if self._callbacks is not None:
            self._run_callbacks()

    def set_exception(self, exception: BaseException) -> None:
        """Sets the error to raise; does nothing where there is an outcome already."""
        self._fail(exception)

    def cancel(self, msg: Any = None) -> bool:
        """Ends the waiting with `CancelledError`; False where there was an outcome already."""
        return self._fail(CancelledError() if msg is None else CancelledError(msg))

    def _fail(self, error: BaseException) -> bool:
        with self._lock:
            if self._done:
                return False
            self._error = error
            self._done = True
        if self._callbacks is not None:
            self._run_callbacks()
        return True

    def _run_callbacks(self) -> None:
        # Nobody adds to the list once the result is set, so it needs no lock here.
        callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            try:
                callback(self)
            except BaseException:  # an exit too: it would end the loop's thread, and with it all calls
                _logger.exception("A callback of %r raised", self)

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Calls `callback(self)` when the outcome is set, or at once where it is.

        Args:
            callback: Runs where the outcome is set. What it raises is logged.
            context: Given by an `asyncio.Task`, which must be resumed in a turn of its own loop.
        """
        if context is not None:
            callback = self._in_loop_turn(callback, context)
        with self._lock:
            if not self._done:
                if self._callbacks is None:
                    self._callbacks = [callback]
                else:
                    self._callbacks.append(callback)
                return
        try:
            callback(self)
        except Exception:
            _logger.exception("A callback of %r raised", self)

    def remove_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Takes back a callback that was not called yet, where it is there."""
        with self._lock:
            if not self._done and self._callbacks is not None and callback in self._callbacks:
                self._callbacks.remove(callback)

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
