"""What the services and the operations ask of the runtime they live in."""

from __future__ import annotations

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from hzclient._runtime.pending import Waiter, resolve
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.future import OperationFuture

T = TypeVar("T")

_logger = logging.getLogger("hzclient.runtime")


def cancelled_itself() -> bool:
    """Whether a CancelledError came from what the running task awaits, and not from who cancels the task."""
    task = asyncio.current_task()
    return task is not None and not task.cancelling()


class Runtime(ABC):
    """An event loop and the way to reach it.

    Attributes:
        loop: Where connections, timers and services live.
        lock: Shared by what threads of this client count in common; held for an instant only.
        closed: True when the loop is gone for this client, and nothing may be started any more.
        inactive: Makes the error for what is asked of a closed runtime.
        owned: True where the client has a loop thread of its own, and threads call it.
    """

    owned: bool

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.lock = threading.Lock()
        self.closed = False
        self.inactive: Callable[[], Exception] = HazelcastClientNotActiveError
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sleeping: set[Waiter[None]] = set()

    @abstractmethod
    def pending(self) -> Waiter[Any]:
        """A result to be set later, which an operation may await."""

    @abstractmethod
    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Calls `callback(*args)` soon, on the loop; may be called from any thread.

        Returns:
            False where it will never be called, since the loop is gone for this client.
        """

    @abstractmethod
    def caller_number(self) -> int:
        """The number by which members know the calling thread or task as the owner of a lock."""

    @abstractmethod
    def on_loop(self) -> bool:
        """True where the calling code runs on the loop."""

    @abstractmethod
    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Runs something that blocks (a name look-up, a file) away from the loop; to be awaited on it."""

    @abstractmethod
    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Runs an operation on its own, where it may take its time: a worker thread, or a task."""

    @abstractmethod
    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Awaits something of the user's on the loop; to be awaited inside an operation.

        Raises:
            RuntimeError: It raised CancelledError though nobody cancelled it. That must not look as
                if the operation had been cancelled.
        """

    async def on_loop_do(self, service: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine of the services on the loop; to be awaited inside an operation.

        The services are used by one thread only, and so need no locks.
        """
        if self.on_loop():
            return await service
        return await self.await_foreign(service)

    def spawn(self, service: Coroutine[Any, Any, object], name: str) -> asyncio.Task[Any]:
        """Starts a service's coroutine on the loop, and logs what it raises. Called on the loop.

        Args:
            service: The coroutine.
            name: Shown in logs and in asyncio's debug output.
        """
        task = self.loop.create_task(service, name=f"hzclient-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def launch(self, operation: Coroutine[Any, Any, object], what: str) -> None:
        """Start an operation that nobody waits for, and log what it raises. May be called from any thread.

        Unlike a task of `spawn`, it takes its first step at once.

        Args:
            operation: The operation.
            what: What it does, for the log.
        """

        def ended(future: OperationFuture[object]) -> None:
            if not future.is_success():
                _logger.error("%s failed", what, exc_info=future.exception())

        try:
            OperationFuture(operation).add_done_callback(ended)
        except Exception:
            _logger.exception("%s failed", what)

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("%s failed", task.get_name(), exc_info=error)

    async def cancel_tasks(self) -> None:
        """Ends what `spawn` started, except the calling task, and waits for it."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def sleep(self, seconds: float) -> Waiter[None]:
        """A pending result that is set after `seconds`; may be awaited by operations.

        Raises:
            HazelcastClientNotActiveError: The client is shut down.
        """
        if self.closed:
            raise self.inactive()
        waiter = self.pending()
        self._sleeping.add(waiter)
        if not self.post(self._start_timer, seconds, waiter):
            resolve(waiter, None)
        return waiter

    def _start_timer(self, seconds: float, waiter: Waiter[None]) -> None:
        timer = self.loop.call_later(seconds, resolve, waiter, None)
        waiter.add_done_callback(lambda _: self.post(self._stop_timer, timer, waiter))

    def _stop_timer(self, timer: asyncio.TimerHandle, waiter: Waiter[None]) -> None:
        timer.cancel()
        self._sleeping.discard(waiter)

    def wake_sleepers(self) -> None:
        """Ends every `sleep` now; used when the client shuts down. Called on the loop."""
        for waiter in list(self._sleeping):
            resolve(waiter, None)

    def first_of(self, *results: Waiter[Any]) -> Waiter[None]:
        """Return a result that is set when the first of `results` has an outcome, whatever that is.

        Awaiting it leaves `results` alone: an interrupted wait cancels none of them.
        """
        waiter: Waiter[None] = self.pending()

        def arrived(_: object) -> None:
            resolve(waiter, None)

        for result in results:
            result.add_done_callback(arrived)
        return waiter

    async def gather(self, operations: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """Runs operations at the same time; to be awaited inside an operation.

        Args:
            operations: Each is started in the given order.

        Returns:
            Their results, in the given order.

        Raises:
            BaseException: The error of the first in order that failed, after all have ended.
        """
        started: list[OperationFuture[T]] = []
        failure: BaseException | None = None
        for operation in operations:
            if failure is not None:
                operation.close()
                continue
            try:
                started.append(OperationFuture(operation))
            except Exception as error:
                failure = error
        try:
            await self._all_done(started)
        except BaseException:
            for future in started:
                future.cancel()
            raise
        if failure is not None:
            raise failure
        return [future.outcome() for future in started]

    async def within(
        self, seconds: float | None, operation: Coroutine[Any, Any, T], too_late: Callable[[], Exception]
    ) -> T:
        """Runs an operation and ends it when its time is over; to be awaited inside an operation.

        Args:
            seconds: The time that it has; None for as long as it takes.
            operation: What to run.
            too_late: Makes the error to raise then.
        """
        if seconds is None:
            return await operation
        call = OperationFuture(operation)
        timer = self.sleep(seconds)
        try:
            await self.first_of(call, timer)
            if not call.done():
                raise too_late()
        finally:
            timer.cancel()
            call.cancel()
        return call.outcome()

    async def to_the_end(
        self,
        operation: Coroutine[Any, Any, T],
        abandoned: Callable[[OperationFuture[T]], object] | None = None,
    ) -> T:
        """Runs an operation that goes on where the caller is cancelled; to be awaited inside an operation.

        Args:
            operation: What to run.
            abandoned: Called with what goes on when the caller has stopped waiting for it.
        """
        going_on = OperationFuture(operation)
        try:
            await self.first_of(going_on)
        except BaseException:
            if abandoned is not None:
                abandoned(going_on)
            raise
        return going_on.outcome()

    async def _all_done(self, futures: list[OperationFuture[Any]]) -> None:
        waiter = self.pending()
        left = len(futures)
        lock = threading.Lock()

        def arrived(_: Any) -> None:
            nonlocal left
            with lock:
                left -= 1
                if left:
                    return
            resolve(waiter, None)

        for future in futures:
            future.add_done_callback(arrived)
        if futures:
            await waiter
