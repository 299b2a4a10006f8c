"""Runtime of the threaded client: a daemon thread that runs an event loop."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future as ThreadFuture
from typing import Any, TypeVar

from hzclient._environment import EVENT_LOOP
from hzclient._runtime.base import Runtime, cancelled_itself
from hzclient._runtime.faces import run_blocking
from hzclient._runtime.identity import calling
from hzclient._runtime.pending import Pending, fail
from hzclient._runtime.workers import Workers
from hzclient.errors import HazelcastClientNotActiveError

T = TypeVar("T")

_Posted = tuple[Callable[..., object], tuple[Any, ...]]

_logger = logging.getLogger("hzclient.runtime")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop: of uvloop if that is installed, otherwise of asyncio.

    The environment variable `PYHZ_EVENT_LOOP` takes precedence: `asyncio` never uses uvloop, `uvloop`
    requires it.

    Returns:
        The loop.

    Raises:
        ImportError: If the variable requires uvloop and it is not installed.
        ValueError: If the variable has any other value.
    """
    wanted = os.environ.get(EVENT_LOOP, "")
    if wanted not in ("", "asyncio", "uvloop"):
        raise ValueError(f"{EVENT_LOOP} is {wanted!r}; it must be 'asyncio' or 'uvloop'")
    if wanted != "asyncio":
        try:
            loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
        except ImportError:
            if wanted == "uvloop":
                raise
        else:
            return loop
    return asyncio.new_event_loop()


class OwnedRuntime(Runtime):
    """One daemon thread with an event loop, which any thread may call.

    Callbacks from other threads go to a queue. A thread wakes the loop only if no other thread has, so one
    wake-up serves everything that is queued by then.

    Args:
        name: Name of the client, part of the name of the thread.
    """

    owned = True

    def __init__(self, name: str) -> None:
        super().__init__(new_event_loop())
        self._queue: deque[_Posted] = deque()
        self._woken = False
        self._workers = Workers(f"hzclient-callbacks-{name}")
        self._thread = threading.Thread(target=self._run, name=f"hzclient-loop-{name}", daemon=True)
        self._thread.start()
        self._ident = self._thread.ident

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        calling.thread.on_loop = True
        try:
            self.loop.run_forever()
            self.closed = True
            self.loop.run_until_complete(self._finish())
        finally:
            self.loop.close()

    async def _finish(self) -> None:
        """End what was handed over too late, so that nobody waits for it."""
        self._drain()
        self.wake_sleepers()
        await self.cancel_tasks()
        await self.loop.shutdown_default_executor()

    def pending(self) -> Pending[Any]:
        """Return a result that any thread may wait for."""
        return Pending(self.loop)

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Queue `callback(*args)` for the loop; return False if the loop has ended."""
        entry = (callback, args)
        self._queue.append(entry)
        if not self._woken:
            self._woken = True
            if threading.get_ident() == self._ident:
                self.loop.call_soon(self._drain)
            else:
                self._wake_loop()
        return not self.closed or self._is_taken(entry)

    def _wake_loop(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self._drain)
        except RuntimeError:
            pass  # the loop is closed; `post` reports it

    def _is_taken(self, entry: _Posted) -> bool:
        """Return whether the loop took an entry when it drained the queue for the last time.

        `closed` is set before that, so an entry of a thread that saw it unset was drained. An entry that
        was not taken is removed.
        """
        try:
            self._queue.remove(entry)
        except ValueError:
            return True
        return False

    def _drain(self) -> None:
        # Cleared first: entries that are appended from now on wake the loop again.
        self._woken = False
        queue = self._queue
        for _ in range(len(queue)):
            try:
                callback, args = queue.popleft()
            except IndexError:  # removed by `_is_taken()`
                return
            try:
                callback(*args)
            except BaseException:  # SystemExit too: it would end the thread, and all calls with it
                _logger.exception("%r raised on the loop", callback)

    def caller_number(self) -> int:
        """Return the number of the calling thread, which no other thread ever gets."""
        return calling.thread.number

    def on_loop(self) -> bool:
        """Return whether the calling thread is the loop thread."""
        return threading.get_ident() == self._ident

    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(*args)` in a worker thread, which never delays the exit as an executor's would."""
        outcome: Pending[T] = self.pending()

        def run() -> None:
            try:
                outcome.set_result(function(*args))
            except BaseException as error:
                outcome.set_exception(error)

        self._workers.submit(run)
        return await outcome

    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an operation in a worker thread, which may block."""
        self._workers.submit(lambda: run_blocking(operation()))

    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Await a user's awaitable in a task of the loop, and return its result.

        Args:
            awaitable: The awaitable.

        Returns:
            Its result.

        Raises:
            HazelcastClientNotActiveError: If the client is shut down, now or before it ends.
        """
        waiter: Pending[T] = self.pending()
        if self.closed or not self.post(self._start_task, awaitable, waiter):
            if isinstance(awaitable, Coroutine):
                awaitable.close()
            raise self.inactive()
        try:
            return await waiter
        except BaseException:
            waiter.cancel()  # an interrupted wait cancels it
            raise

    def _start_task(self, awaitable: Awaitable[T], waiter: Pending[T]) -> None:
        async def run() -> None:
            try:
                waiter.set_result(await awaitable)
            except asyncio.CancelledError as error:
                if not cancelled_itself():
                    raise
                waiter.set_exception(
                    RuntimeError(f"{awaitable!r} cancelled itself").with_traceback(error.__traceback__)
                )
            except BaseException as error:
                waiter.set_exception(error)

        def ended(_: object) -> None:
            # It may have been cancelled before its first step.
            fail(waiter, HazelcastClientNotActiveError())
            if isinstance(awaitable, Coroutine):
                awaitable.close()

        task = self.spawn(run(), "call")
        task.add_done_callback(ended)
        waiter.add_done_callback(lambda pending: self.post(task.cancel) if pending.cancelled() else None)

    def call(self, service: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of the services on the loop, and wait for it from another thread.

        Args:
            service: The coroutine.

        Returns:
            Its result.

        Raises:
            RuntimeError: On the loop thread.
            BaseException: What the coroutine raises. What interrupts the wait cancels it.
        """
        if self.on_loop():
            service.close()
            raise RuntimeError("cannot wait on the client's own loop thread")
        future: ThreadFuture[T] = asyncio.run_coroutine_threadsafe(service, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Stop the loop, and wait for its thread to end. Called from another thread, any number of times."""
        if not self.closed:
            self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
