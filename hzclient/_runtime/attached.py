"""The runtime of the asyncio client: everything runs on the caller's loop."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from hzclient._runtime.base import Runtime, cancelled_itself
from hzclient._runtime.identity import task_number
from hzclient._runtime.pending import Waiter

T = TypeVar("T")


class AttachedRuntime(Runtime):
    """Lives on the running loop: no thread, no lock, no hop."""

    owned = False

    def __init__(self) -> None:
        """Attaches to the loop that runs the calling task.

        Raises:
            RuntimeError: Where no loop runs.
        """
        super().__init__(asyncio.get_running_loop())
        self._thread = threading.get_ident()
        self._callbacks: set[asyncio.Task[object]] = set()
        if isinstance(self.loop, asyncio.BaseEventLoop):
            # What its create_future does, without a call of a Python function.
            self.pending = functools.partial(asyncio.Future, loop=self.loop)  # type: ignore[method-assign]
        else:
            self.pending = self.loop.create_future  # type: ignore[method-assign]

    def pending(self) -> Waiter[Any]:
        """A future of the loop."""
        return self.loop.create_future()

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Calls `callback(*args)` in the loop's next turn."""
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

    def caller_number(self) -> int:
        """A number for the running task, never given twice."""
        return task_number(self.loop)

    def on_loop(self) -> bool:
        """True on the loop's thread."""
        return threading.get_ident() == self._thread

    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Runs `function(*args)` in the loop's executor."""
        return await self.loop.run_in_executor(None, function, *args)

    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Runs the operation as a task."""
        self.post(self._spawn, operation)

    def _spawn(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        # Not one of the services: it tells listeners of the shutdown too.
        task = self.loop.create_task(operation(), name="hzclient-callbacks")
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Awaits it: the operation is on the user's loop already."""
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if cancelled_itself():
                raise RuntimeError(f"{awaitable!r} cancelled itself") from error
            raise
