"""Runtime of the threaded client: a daemon thread that runs an event loop."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from hzclient._environment import EVENT_LOOP
from hzclient._locks import PATIENCE_SECONDS, is_inside
from hzclient._runtime.base import IN_CALLBACK, Runtime, cancelled_itself
from hzclient._runtime.faces import run_blocking
from hzclient._runtime.identity import calling
from hzclient._runtime.loop_logs import emit_elsewhere
from hzclient._runtime.pending import Pending, fail
from hzclient._runtime.threads import block_until_done, detect_green_threads, join, launch_thread
from hzclient._runtime.workers import Workers
from hzclient.errors import HazelcastClientNotActiveError

T = TypeVar("T")

_Posted = tuple[Callable[..., object], tuple[Any, ...]]

_logger = logging.getLogger("hzclient.runtime")

_JOIN_SECONDS = 1.0
"""Seconds to wait for a thread whose work is done."""


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


class _Anchor:
    """Holds a loop thread: when it is dropped, the thread ends.

    Thus a thread that nobody got hold of, because its creator was interrupted, does not stay.

    Attributes:
        started: The loop, when the thread runs.
        ended: Set when the loop is closed.
        thread: The thread, as `threading` knows it.
        ident: Its number.
        last_steps: Makes the coroutine that ends what is left.
    """

    __slots__ = ("__weakref__", "_process", "ended", "ident", "last_steps", "started", "thread")

    def __init__(self) -> None:
        self.started: Pending[asyncio.AbstractEventLoop] = Pending()
        self.ended: Pending[None] = Pending()
        self.thread: threading.Thread | None = None
        self.ident = 0
        self.last_steps: weakref.WeakMethod[Callable[[], Coroutine[Any, Any, None]]] | None = None
        self._process = os.getpid()

    def __del__(self) -> None:
        if self.started.done() and not self.ended.done() and os.getpid() == self._process:
            try:
                loop = self.started.outcome()
                loop.call_soon_threadsafe(loop.stop)
            except Exception:  # noqa: S110 - there is no loop, or it has just been closed
                pass


class _NotRunError(Exception):
    """The thread of a loop ended before it ran anything."""


class _Serving:
    """What a loop thread runs. It holds no reference to its runtime or anchor while it waits.

    Args:
        anchor: The anchor of the thread.
    """

    def __init__(self, anchor: _Anchor) -> None:
        self._anchor = weakref.ref(anchor)

    def __del__(self) -> None:
        # Dropped by the threads that should have run it: an asynchronous exception for their creator can hit
        # a thread of this instant instead (CPython gives a new thread its creator's number at first).
        anchor = self._anchor()
        if anchor is not None and not anchor.started.done():
            anchor.started.set_exception(_NotRunError())

    def __call__(self) -> None:
        loop = self._start()
        if loop is None:
            return
        try:
            loop.run_forever()
            self._end(loop)
        finally:
            loop.close()
            if (anchor := self._anchor()) is not None:
                anchor.ended.set_result(None)

    def _start(self) -> asyncio.AbstractEventLoop | None:
        anchor = self._anchor()
        if anchor is None:
            return None
        try:
            loop = new_event_loop()
        except BaseException as error:
            anchor.started.set_exception(error)
            return None
        asyncio.set_event_loop(loop)
        calling.thread.on_loop = True
        anchor.thread = threading.current_thread()
        anchor.ident = threading.get_ident()
        anchor.started.set_result(loop)
        return loop

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        anchor = self._anchor()
        last_steps = None if anchor is None or anchor.last_steps is None else anchor.last_steps()
        if last_steps is not None:
            loop.run_until_complete(last_steps())


def _start_loop(name: str) -> _Anchor:
    """Return the anchor of a new loop thread, which runs or has failed to."""
    while True:
        anchor = _Anchor()
        launch_thread(_Serving(anchor), name, anchor.started.set_exception)
        block_until_done(anchor.started)
        if _has_run(anchor):
            return anchor


def _has_run(anchor: _Anchor) -> bool:
    """Return whether the thread has begun to run. Whoever uses the loop sees the error of its start."""
    try:
        anchor.started.outcome()
    except _NotRunError:
        return False
    except Exception:
        return True
    return True


class OwnedRuntime(Runtime):
    """One daemon thread with an event loop, which any thread may call.

    Callbacks from other threads go to a queue. A thread wakes the loop only if no other thread has, so one
    wake-up serves everything that is queued by then.

    Args:
        name: Name of the client, part of the name of the thread.
    """

    owned = True

    def __init__(self, name: str) -> None:
        detect_green_threads()
        emit_elsewhere()
        self._anchor = anchor = _start_loop(f"hzclient-loop-{name}")
        super().__init__(anchor.started.outcome())
        self._ident = anchor.ident
        self._queue: deque[_Posted] = deque()
        self._woken: object = None
        self._ending: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[Any]] = set()
        self._workers = Workers(f"hzclient-callbacks-{name}")
        anchor.last_steps = weakref.WeakMethod(self._finish)

    async def _finish(self) -> None:
        """End what was handed over too late, so that nobody waits for it."""
        self.closed = True
        self._drain()
        self.wake_sleepers()
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self.cancel_tasks()
        self._workers.close()

    def pending(self) -> Pending[Any]:
        """Return a result that any thread may wait for."""
        return Pending(self.loop)

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Queue `callback(*args)` for the loop; return False if the loop has ended."""
        # True promises other threads that the loop has been woken and will drain the queue, so it is not set
        # before the loop was woken: an interrupt may prevent that, and a signal handler on this thread may
        # wait for what it posts. The claim shows whether the loop has drained, or another thread has woken
        # it, in the meantime; no call separates the look from the assignment.
        entry = (callback, args)
        self._queue.append(entry)
        if self._woken is not True:
            claim = self._woken = object()
            self._wake_loop()
            if self._woken is claim:
                self._woken = True
        return not self.closed or self._is_taken(entry)

    def _wake_loop(self) -> None:
        try:
            if threading.get_ident() == self._ident:
                self.loop.call_soon(self._drain)
            else:
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
        self._woken = None
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
            IN_CALLBACK.set(True)
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

    def start_call(self, service: Callable[[], Coroutine[Any, Any, T]]) -> Pending[T]:
        """Start a coroutine of the services on the loop, from any thread.

        Args:
            service: Makes the coroutine.

        Returns:
            Its result to come. Cancelling it cancels the coroutine.
        """
        outcome: Pending[T] = self.pending()
        if not self.post(self._perform, service, outcome):
            outcome.set_exception(self.inactive())
        return outcome

    def _perform(self, service: Callable[[], Coroutine[Any, Any, T]], outcome: Pending[T]) -> None:
        def ended(task: asyncio.Task[T]) -> None:
            self._calls.discard(task)
            if task.cancelled():
                outcome.cancel()
            elif (error := task.exception()) is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(task.result())

        task = self.loop.create_task(service(), name="hzclient-call")
        self._calls.add(task)
        task.add_done_callback(ended)
        outcome.add_done_callback(lambda _: self.post(task.cancel) if outcome.cancelled() else None)

    def end(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        """Run a last coroutine on the loop, then end the loop; see the base class."""
        return self.post(self._end, last_call)

    def _end(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> None:
        if self._ending is None:
            self._ending = self.loop.create_task(self._perform_last(last_call), name="hzclient-end")

    async def _perform_last(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> None:
        try:
            await last_call()
        except Exception:
            _logger.exception("The client could not be shut down in order")
        finally:
            self._workers.close()
            self.loop.stop()

    def wait_for_end(self) -> None:
        """Wait until the loop and its thread have ended, after `end()`.

        It does not wait to the end if this thread was interrupted inside the client and holds a lock, since
        the loop may need that lock.
        """
        while not block_until_done(self._anchor.ended, PATIENCE_SECONDS):
            if is_inside():
                _logger.warning(
                    "shutdown() was called by a signal handler or finalizer that has interrupted the client; "
                    "the client ends in the background"
                )
                return
        join(self._anchor.thread, _JOIN_SECONDS)
        self._workers.join(_JOIN_SECONDS)

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
        outcome = self.start_call(lambda: service)
        try:
            block_until_done(outcome)
        except BaseException:
            outcome.cancel()
            raise
        return outcome.outcome()

    def stop(self) -> None:
        """End the loop, and wait for its thread. Called from another thread, any number of times."""
        self.end(_nothing)
        self.wait_for_end()


async def _nothing() -> None:
    pass
