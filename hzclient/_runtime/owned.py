"""The runtime of the threaded client: a daemon thread that drives a loop of its own."""

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
from hzclient._runtime.pending import Pending
from hzclient._runtime.workers import Workers
from hzclient.errors import HazelcastClientNotActiveError

T = TypeVar("T")

_Posted = tuple[Callable[..., object], tuple[Any, ...]]

_logger = logging.getLogger("hzclient.runtime")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop where that is installed, else asyncio's own.

    The environment variable `PYHZ_EVENT_LOOP` decides otherwise: `asyncio` never takes uvloop,
    `uvloop` insists on it.

    Raises:
        ImportError: Where the variable asks for uvloop and it is not installed.
        ValueError: Where the variable says anything else.
    """
    wanted = os.environ.get(EVENT_LOOP, "")
    if wanted not in ("", "asyncio", "uvloop"):
        raise ValueError(f"{EVENT_LOOP} is {wanted!r}; it may be 'asyncio' or 'uvloop'")
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
    """One daemon thread with an event loop; any thread may call.

    What threads hand over goes to a queue, and the loop is woken only if nobody else has: one
    wake-up carries all that is queued.
    """

    owned = True

    def __init__(self, name: str) -> None:
        """Starts the thread.

        Args:
            name: The client's name, for the name of the thread.
        """
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
        """Ends what was handed over too late, so that nobody waits for it."""
        self._drain()
        self.wake_sleepers()
        await self.cancel_tasks()
        await self.loop.shutdown_default_executor()

    def pending(self) -> Pending[Any]:
        """A result that any thread may wait for."""
        return Pending(self.loop)

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Queues `callback(*args)` for the loop, and wakes it unless it is woken already."""
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
            pass  # the loop is closed; `post` tells

    def _is_taken(self, entry: _Posted) -> bool:
        """Whether the loop took an entry when it looked for the last time; otherwise takes it back.

        It is closed before that look, so who saw it open has been seen by it.
        """
        try:
            self._queue.remove(entry)
        except ValueError:
            return True
        return False

    def _drain(self) -> None:
        # Cleared first: what is appended from now on, unseen by the loop below, wakes again.
        self._woken = False
        queue = self._queue
        for _ in range(len(queue)):
            try:
                callback, args = queue.popleft()
            except IndexError:  # taken back
                return
            try:
                callback(*args)
            except BaseException:  # an exit too: it would end the thread, and with it all calls
                _logger.exception("%r raised on the loop", callback)

    def caller_number(self) -> int:
        """A number for the calling thread, never given twice."""
        return calling.thread.number

    def on_loop(self) -> bool:
        """True on the loop thread."""
        return threading.get_ident() == self._ident

    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Runs `function(*args)` in a worker thread, which unlike an executor's never holds up the exit."""
        outcome: Pending[T] = self.pending()

        def run() -> None:
            try:
                outcome.set_result(function(*args))
            except BaseException as error:
                outcome.set_exception(error)

        self._workers.submit(run)
        return await outcome

    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Runs the operation in a worker thread, which may block."""
        self._workers.submit(lambda: run_blocking(operation()))

    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Awaits it in a task of the loop, and hands over the outcome.

        Raises:
            HazelcastClientNotActiveError: The client is shut down, or is so before it ends.
        """
        waiter: Pending[T] = self.pending()
        if self.closed or not self.post(self._start_task, awaitable, waiter):
            if isinstance(awaitable, Coroutine):
                awaitable.close()
            raise self.inactive()
        try:
            return await waiter
        except BaseException:
            waiter.cancel()  # an interrupted wait ends it too
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
            if not waiter.done():
                waiter.set_exception(HazelcastClientNotActiveError())
            if isinstance(awaitable, Coroutine):
                awaitable.close()

        task = self.spawn(run(), "call")
        task.add_done_callback(ended)
        waiter.add_done_callback(lambda pending: self.post(task.cancel) if pending.cancelled() else None)

    def call(self, service: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine of the services on the loop and waits for it, from another thread.

        Raises:
            RuntimeError: On the loop thread.
            BaseException: What the coroutine raises. What interrupts the waiting cancels it.
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
        """Ends the loop and waits for its thread to end. Called from another thread; twice does nothing."""
        if not self.closed:
            self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
