"""Runtime of the asyncio client: everything runs on the caller's loop."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from hzclient._runtime.base import Runtime, cancelled_itself
from hzclient._runtime.identity import task_number
from hzclient._runtime.pending import Waiter, resolve

T = TypeVar("T")

_last_tasks: set[asyncio.Task[Any]] = set()
"""Tasks that end clients."""


def foreign_loop_error(loop: asyncio.AbstractEventLoop) -> RuntimeError:
    """Return the error for using a client in another event loop than its own."""
    return RuntimeError(
        f"this client belongs to another event loop, {loop!r}: use it in the loop in which it was started, "
        "or create a client in each event loop"
    )


def _make_pending(loop: asyncio.AbstractEventLoop) -> Callable[[], Waiter[Any]]:
    # Same as `loop.create_future()`, minus a Python frame. Every call of a user makes one, before anything is
    # sent, so this is where a call from a foreign loop is refused.
    running = asyncio._get_running_loop
    create: Callable[[], Waiter[Any]]
    if not isinstance(loop, asyncio.BaseEventLoop):
        create = loop.create_future
    else:
        future: Any = asyncio.Future  # not `Future[Any]`, whose calls are slower
        create = functools.partial(future, loop=loop)

    def pending() -> Waiter[Any]:
        if running() is not loop:
            raise foreign_loop_error(loop)
        return create()

    return pending


class AttachedRuntime(Runtime):
    """Uses the loop of the task that creates it, and no thread of its own.

    Raises:
        RuntimeError: If no loop runs.
    """

    owned = False

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self._thread = threading.get_ident()
        self._callbacks: set[asyncio.Task[object]] = set()
        self.pending = _make_pending(self.loop)  # type: ignore[method-assign]

    def pending(self) -> Waiter[Any]:
        """Return a future of the loop.

        Returns:
            The future.

        Raises:
            RuntimeError: Another event loop is running.
        """
        raise NotImplementedError("replaced by the constructor")

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Call `callback(*args)` in the loop's next turn; return False if the loop is closed."""
        try:
            if threading.get_ident() == self._thread:
                self.loop.call_soon(callback, *args)
            else:
                self.loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            if not self.loop.is_closed():
                raise
            return False
        return True

    def end(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        """Run a last coroutine as a task of the loop; see the base class."""
        return self.post(self._end, last_call)

    def _end(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> None:
        # The loop holds its tasks weakly, and nobody else holds a client that was dropped.
        task = self.loop.create_task(last_call(), name="hzclient-end")
        _last_tasks.add(task)
        task.add_done_callback(_last_tasks.discard)

    def caller_number(self) -> int:
        """Return the number of the running task, which no other task ever gets."""
        return task_number(self.loop)

    def on_loop(self) -> bool:
        """Return whether the calling thread runs the loop."""
        return threading.get_ident() == self._thread

    async def on_loop_do(self, service: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine of the services.

        Args:
            service: The coroutine.

        Returns:
            Its result.

        Raises:
            RuntimeError: Another event loop is running.
        """
        if asyncio.get_running_loop() is not self.loop:
            service.close()
            raise foreign_loop_error(self.loop)
        return await service

    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(*args)` in a daemon thread of its own."""
        # Not in the loop's executor: `asyncio.run()` waits for it, and a slow name look-up would delay that.
        outcome: asyncio.Future[tuple[T | None, BaseException | None]] = self.loop.create_future()

        def run() -> None:
            result, failure = None, None
            try:
                result = function(*args)
            except BaseException as error:
                failure = error
            self.post(resolve, outcome, (result, failure))

        threading.Thread(target=run, name="hzclient-look-up", daemon=True).start()
        result, failure = await outcome
        if failure is not None:
            raise failure
        return cast(T, result)

    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an operation as a task."""
        self.post(self._spawn, operation)

    def _spawn(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        # Not by `spawn`, whose tasks end with the client: this one notifies listeners of the shutdown too.
        task = self.loop.create_task(operation(), name="hzclient-callbacks")
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Await a user's awaitable: the operation runs on the user's loop already."""
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if cancelled_itself():
                raise RuntimeError(f"{awaitable!r} cancelled itself") from error
            raise
