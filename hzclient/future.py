"""Results of calls that have been started: to wait for, to await, or to chain."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, TypeVar, cast

from hzclient._locks import new_lock
from hzclient._runtime.driver import OperationDriver
from hzclient._runtime.pending import Pending, resolve

__all__ = ("Future", "ImmediateExceptionFuture", "ImmediateFuture", "ResultType", "combine_futures")

ResultType = TypeVar("ResultType")
_T = TypeVar("_T")

_logger = logging.getLogger("hzclient.future")

_LONGEST_REPR = 200
"""Characters of a result that the repr of its future shows."""


class Future(Pending[ResultType]):
    """A result that arrives later.

    Any thread may call its methods, and any running loop may await it. Callbacks run on the thread on which
    the result arrives: they must be quick and must not block.
    """

    __slots__ = ()
    instead: str = "pass its result"

    def __init__(self) -> None:
        super().__init__()
        # None keeps asyncio from taking it for one of its futures, which belong to one loop. It is wrapped
        # like a coroutine instead, so any loop may await it.
        self._asyncio_future_blocking = None

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Set the error that `result()` raises, unless there is an outcome already.

        Args:
            exception: The error.
            traceback: Traceback of the error; by default the error's own.

        Raises:
            RuntimeError: If `exception` is not an exception.
        """
        if not isinstance(cast(object, exception), BaseException):  # not every caller has a type checker
            raise RuntimeError(f"a future takes an exception as its error, not {exception!r}")
        if self._claim():
            self._traceback = traceback or exception.__traceback__
            self._fail(exception)

    def result(self, timeout: float | None = None) -> ResultType:
        """Wait for the outcome and return the result.

        Args:
            timeout: Seconds to wait; None waits without limit. The call itself goes on when the time
                runs out; `cancel()` ends it.

        Returns:
            The result.

        Raises:
            TimeoutError: If there is no outcome after `timeout` seconds.
            concurrent.futures.CancelledError: If it was cancelled.
            RuntimeError: On the client's own loop thread, where waiting would never end.
            BaseException: What the call raised.
        """
        if not self._done and not self.wait(timeout):
            raise TimeoutError(f"no result after {timeout} seconds")
        error = self._error
        if error is None:
            return self._value
        if isinstance(error, asyncio.CancelledError):
            raise concurrent.futures.CancelledError(*error.args) from error
        raise error.with_traceback(self._traceback)

    def __repr__(self) -> str:
        name = type(self).__name__.removeprefix("Operation")
        if not self._done:
            return f"<{name} pending: .result(), await or .blocking() of the structure gives the value>"
        if isinstance(self._error, asyncio.CancelledError):
            return f"<{name} cancelled>"
        if self._error is not None:
            return f"<{name} failed: {self._error!r}>"
        return f"<{name} done: {_shortened(self._value)}>"

    def is_success(self) -> bool:
        """Return whether there is a result, and not an error."""
        return self._done and self._error is None

    def running(self) -> bool:
        """Return whether there is no outcome yet."""
        return not self._done

    def exception(self) -> BaseException | None:
        """Wait for the outcome, and return the error; None if there is a result."""
        self.wait()
        return self._error

    def traceback(self) -> TracebackType | None:
        """Wait for the outcome, and return the traceback of the error, if there is one."""
        self.wait()
        return self._traceback

    def continue_with(self, continuation_func: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run a function when there is an outcome, be it an error or a result.

        Args:
            continuation_func: Called as `continuation_func(self, *args)`.
            *args: More arguments of the function.

        Returns:
            A future of what the function returns; if that is a future itself, of its outcome.
        """
        continuation: Future[Any] = Future()

        def follow(done: Future[Any]) -> None:
            try:
                outcome = continuation_func(done, *args)
            except BaseException as error:
                continuation.set_exception(error)
            else:
                if isinstance(outcome, Future):
                    outcome.add_done_callback(continuation._take_over)
                else:
                    continuation.set_result(outcome)

        self.add_done_callback(follow)
        return continuation

    def _take_over(self, other: Future[ResultType]) -> None:
        if other._error is None:
            self.set_result(other._value)
        else:
            self.set_exception(other._error, other._traceback)

    def __await__(self) -> Generator[Any, Any, ResultType]:
        """Wait in the running task, on any loop."""
        if not self._done:
            loop = asyncio.get_running_loop()
            bridge: asyncio.Future[None] = loop.create_future()

            def arrived(_: Any) -> None:
                # Nobody waits any more if the loop was closed before the result arrived.
                if not loop.is_closed():
                    loop.call_soon_threadsafe(resolve, bridge, None)

            self.add_done_callback(arrived)
            try:
                yield from bridge
            except BaseException:
                self.remove_done_callback(arrived)
                raise
        return self.outcome()


def _shortened(value: object) -> str:
    """Return the repr of a value, cut to a line."""
    text = repr(value)
    return text if len(text) <= _LONGEST_REPR else f"{text[:_LONGEST_REPR]}…"


class OperationFuture(OperationDriver[ResultType], Future[ResultType]):
    """Drives an operation: it takes one step each time a result that it waits for arrives.

    The first step runs in the calling thread, so wrong arguments raise at the call. The later steps run on
    the thread on which the awaited result is set, usually the client's loop thread.

    Args:
        operation: The operation.
        made: Receives the future before the first step, because an interrupt can end this constructor
            although the operation goes on.
    """

    __slots__ = ()

    # No constructor of its own: each call of the Future face would run another Python frame.

    def __await__(self) -> Generator[Any, Any, ResultType]:
        try:
            return (yield from super().__await__())
        except asyncio.CancelledError:
            self.cancel()
            raise


class ImmediateFuture(Future[ResultType]):
    """A future that has its result from the start.

    Args:
        result: The result.
    """

    __slots__ = ()

    def __init__(self, result: ResultType) -> None:
        super().__init__()
        super().set_result(result)

    def set_result(self, result: ResultType) -> None:
        """Raise `NotImplementedError`: there is a result already."""
        raise NotImplementedError("an ImmediateFuture has its result from the start")

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Raise `NotImplementedError`: there is a result already."""
        raise NotImplementedError("an ImmediateFuture has its result from the start")


class ImmediateExceptionFuture(Future[Any]):
    """A future that has its error from the start.

    Args:
        exception: The error.
        traceback: Traceback of the error; by default the error's own.
    """

    __slots__ = ()

    def __init__(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        super().__init__()
        super().set_exception(exception, traceback)

    def set_result(self, result: Any) -> None:
        """Raise `NotImplementedError`: there is an error already."""
        raise NotImplementedError("an ImmediateExceptionFuture has its error from the start")

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Raise `NotImplementedError`: there is an error already."""
        raise NotImplementedError("an ImmediateExceptionFuture has its error from the start")


def combine_futures(futures: Sequence[Future[_T]]) -> Future[list[_T]]:
    """Combine several futures into one.

    Args:
        futures: The futures.

    Returns:
        A future that is done when all of them are. Its result lists their results in the given order;
        if any of them failed, its error is the first error that arrived.
    """
    combined: Future[list[_T]] = Future()
    futures = list(futures)
    if not futures:
        combined.set_result([])
        return combined
    lock = new_lock()
    left = len(futures)
    first_failure: Future[_T] | None = None

    def arrived(future: Future[_T]) -> None:
        nonlocal left, first_failure
        with lock:
            left -= 1
            if first_failure is None and not future.is_success():
                first_failure = future
            if left:
                return
        if first_failure is None:
            combined.set_result([future.outcome() for future in futures])
        else:
            error = first_failure.exception()
            assert error is not None
            combined.set_exception(error, first_failure.traceback())

    for future in futures:
        future.add_done_callback(arrived)
    return combined
