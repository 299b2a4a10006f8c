"""The result of a call that has been started: to wait for, to await, or to chain."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from types import TracebackType
from typing import Any, TypeVar, cast

from hzclient._runtime.driver import OperationDriver
from hzclient._runtime.pending import Pending

__all__ = ("Future", "ImmediateExceptionFuture", "ImmediateFuture", "ResultType", "combine_futures")

ResultType = TypeVar("ResultType")
_T = TypeVar("_T")

_logger = logging.getLogger("hzclient.future")


class Future(Pending[ResultType]):
    """A result that arrives later.

    Every method may be called from any thread. A future can be awaited too, from any running
    loop. Its callbacks run where the result arrives: they must be quick and must not block.
    """

    __slots__ = ()
    instead: str = "pass its result"

    def __init__(self) -> None:
        super().__init__()
        # Not one of asyncio's to asyncio: any loop may await it, so it is wrapped like a coroutine.
        self._asyncio_future_blocking = None

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Sets the error that `result()` raises; does nothing where there is an outcome already.

        Args:
            exception: The error.
            traceback: Where it was raised; the error's own traceback if left out.

        Raises:
            RuntimeError: Where `exception` is not an exception.
        """
        if not isinstance(cast(object, exception), BaseException):  # not every caller has a type checker
            raise RuntimeError(f"a future takes an exception as its error, not {exception!r}")
        if self._claim():
            self._traceback = traceback or exception.__traceback__
            self._fail(exception)

    def result(self, timeout: float | None = None) -> ResultType:
        """Waits for the outcome and returns the result.

        Args:
            timeout: Seconds to wait; None waits without limit. When the time is over the call
                itself goes on: `cancel()` ends it.

        Raises:
            TimeoutError: Where there is no outcome after `timeout` seconds.
            concurrent.futures.CancelledError: Where it was cancelled.
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

    def is_success(self) -> bool:
        """True where there is a result and no error."""
        return self._done and self._error is None

    def running(self) -> bool:
        """True where there is no outcome yet."""
        return not self._done

    def exception(self) -> BaseException | None:
        """Waits for the outcome and returns the error, or None where there is a result."""
        self.wait()
        return self._error

    def traceback(self) -> TracebackType | None:
        """Waits for the outcome and returns the traceback of the error, if there is one."""
        self.wait()
        return self._traceback

    def continue_with(self, continuation_func: Callable[..., Any], *args: Any) -> Future[Any]:
        """Runs a function when there is an outcome, error or result.

        Args:
            continuation_func: Called as `continuation_func(self, *args)`.
            *args: Handed on.

        Returns:
            The future of what the function returns; where that is a future itself, its outcome.
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
        """Waits in the running task, on whichever loop that is."""
        if not self._done:
            loop = asyncio.get_running_loop()
            bridge: asyncio.Future[None] = loop.create_future()

            def wake() -> None:
                if not bridge.done():
                    bridge.set_result(None)

            def arrived(_: Any) -> None:
                # The loop may be closed by the time the result arrives; then nobody waits.
                if not loop.is_closed():
                    loop.call_soon_threadsafe(wake)

            self.add_done_callback(arrived)
            try:
                yield from bridge
            except BaseException:
                self.remove_done_callback(arrived)
                raise
        return self.outcome()


class OperationFuture(OperationDriver[ResultType], Future[ResultType]):
    """The outcome of an operation, which it drives.

    The first step runs in the calling thread, so what is wrong with the call is raised at the call.
    """

    __slots__ = ()

    def __init__(self, operation: Coroutine[Any, Any, ResultType]) -> None:
        # First, since the operation may end in its first step. See `Future.__init__` for why it is None.
        self._asyncio_future_blocking = None
        OperationDriver.__init__(self, operation)

    def __await__(self) -> Generator[Any, Any, ResultType]:
        try:
            return (yield from super().__await__())
        except asyncio.CancelledError:
            self.cancel()
            raise


class ImmediateFuture(Future[ResultType]):
    """A future whose result is there from the start."""

    __slots__ = ()

    def __init__(self, result: ResultType) -> None:
        super().__init__()
        super().set_result(result)

    def set_result(self, result: ResultType) -> None:
        """Refused: the result is there already."""
        raise NotImplementedError("the result of an ImmediateFuture is given when it is made")

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Refused: the result is there already."""
        raise NotImplementedError("the result of an ImmediateFuture is given when it is made")


class ImmediateExceptionFuture(Future[Any]):
    """A future whose error is there from the start."""

    __slots__ = ()

    def __init__(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        super().__init__()
        super().set_exception(exception, traceback)

    def set_result(self, result: Any) -> None:
        """Refused: the error is there already."""
        raise NotImplementedError("the error of an ImmediateExceptionFuture is given when it is made")

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Refused: the error is there already."""
        raise NotImplementedError("the error of an ImmediateExceptionFuture is given when it is made")


def combine_futures(futures: Sequence[Future[_T]]) -> Future[list[_T]]:
    """One future for several.

    Args:
        futures: What to wait for.

    Returns:
        A future that is done when all are. Its result lists theirs in the given order; where some
        failed, its error is the first that arrived.
    """
    combined: Future[list[_T]] = Future()
    futures = list(futures)
    if not futures:
        combined.set_result([])
        return combined
    lock = threading.Lock()
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
