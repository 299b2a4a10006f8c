"""What services and operations need of the runtime they run in."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import ContextVar
from inspect import CORO_RUNNING, CORO_SUSPENDED, getcoroutinestate, iscoroutine
from typing import Any, Final, TypeVar

from hzclient._locks import new_lock
from hzclient._runtime.pending import Waiter, resolve
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.future import OperationFuture

T = TypeVar("T")

IN_CALLBACK: Final[ContextVar[bool]] = ContextVar("hzclient_in_callback", default=False)
"""Whether the current code was called by a callback of a listener, directly or in a task that one started."""

_logger = logging.getLogger("hzclient.runtime")


def cancelled_itself() -> bool:
    """Return whether a CancelledError comes from what the running task awaits, and not from its canceller."""
    task = asyncio.current_task()
    return task is not None and not task.cancelling()


def is_suspended(operation: Coroutine[Any, Any, Any]) -> bool:
    """Return whether an operation has begun and has not ended; True if its kind does not show it."""
    return not iscoroutine(operation) or getcoroutinestate(operation) in (CORO_SUSPENDED, CORO_RUNNING)


class Runtime(ABC):
    """An event loop, and how threads reach it.

    Args:
        loop: The loop.

    Attributes:
        loop: The loop of connections, timers and services.
        lock: Guards state that threads of this client share; held for an instant only.
        closed: True if the loop has ended for this client, and nothing may be started any more.
        inactive: Makes the error of calls on a closed runtime.
        owned: True if the client has a loop thread of its own, which other threads call.
    """

    owned: bool

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.lock = new_lock()
        self.closed = False
        self.inactive: Callable[[], Exception] = HazelcastClientNotActiveError
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sleeping: set[Waiter[None]] = set()

    @abstractmethod
    def pending(self) -> Waiter[Any]:
        """Return a result to be set later, which operations may await."""

    @abstractmethod
    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        """Call `callback(*args)` soon, on the loop. May be called from any thread.

        Args:
            callback: The function.
            *args: Its arguments.

        Returns:
            False if it is never called, because the loop has ended for this client.
        """

    @abstractmethod
    def end(self, last_call: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        """Run a last coroutine on the loop, after which the client runs nothing on it.

        Any thread may call it, repeatedly, and so may a finalizer.

        Args:
            last_call: Makes the coroutine, if this is the first of these calls.

        Returns:
            False if it is never run, because the loop has ended for this client.
        """

    @abstractmethod
    def caller_number(self) -> int:
        """Return the number that members know the calling thread or task by, as the owner of a lock."""

    @abstractmethod
    def on_loop(self) -> bool:
        """Return whether the calling code runs on the loop."""

    @abstractmethod
    async def run_in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run a blocking function (a name look-up, a file) away from the loop; to be awaited on the loop."""

    @abstractmethod
    def run_detached(self, operation: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an operation in a worker thread or a task of its own, where it may take long."""

    @abstractmethod
    async def await_foreign(self, awaitable: Awaitable[T]) -> T:
        """Await a user's awaitable on the loop; to be awaited inside an operation.

        Args:
            awaitable: The awaitable.

        Returns:
            Its result.

        Raises:
            RuntimeError: If it raised CancelledError although nobody cancelled it. The operation must
                not look cancelled then.
        """

    async def on_loop_do(self, service: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of a service on the loop; to be awaited inside an operation.

        Services that only the loop's thread uses need no locks. Calls that must leave in order do not come
        this way: the hop lets later calls overtake them.

        Args:
            service: The coroutine.

        Returns:
            Its result.
        """
        if self.on_loop():
            return await service
        return await self.await_foreign(service)

    def spawn(self, service: Coroutine[Any, Any, object], name: str) -> asyncio.Task[Any]:
        """Start a coroutine of a service in a task, and log what it raises. Called on the loop.

        Args:
            service: The coroutine.
            name: Name of the task, for logs and asyncio's debug output.

        Returns:
            The task.
        """
        task = self.loop.create_task(service, name=f"hzclient-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def launch(self, operation: Coroutine[Any, Any, object], what: str) -> None:
        """Start an operation that no caller waits for, and log what it raises. May be called from any thread.

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
        """Cancel the tasks of `spawn`, except the calling one, and wait for their end."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def sleep(self, seconds: float) -> Waiter[None]:
        """Return a pending result that is set after `seconds`, for operations to await.

        Args:
            seconds: Seconds until then.

        Returns:
            The pending result.

        Raises:
            HazelcastClientNotActiveError: If the client is shut down.
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
        """End every `sleep` now, because the client shuts down. Called on the loop."""
        for waiter in list(self._sleeping):
            resolve(waiter, None)

    def first_of(self, *results: Waiter[Any]) -> Waiter[None]:
        """Return a result that is set when the first of `results` has an outcome, whatever that is.

        Awaiting it leaves `results` alone: an interrupted wait cancels none of them.

        Args:
            *results: What to wait for.

        Returns:
            The result to await.
        """
        waiter: Waiter[None] = self.pending()

        def arrived(_: object) -> None:
            resolve(waiter, None)

        # A compiled method has no frame that an interrupt could end before its first step.
        callback: Callable[[Any], object] = waiter.set_result if self.owned else arrived
        for result in results:
            result.add_done_callback(callback)
        return waiter

    async def gather(self, operations: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """Run operations at the same time; to be awaited inside an operation.

        Args:
            operations: The operations, which are started in this order.

        Returns:
            Their results, in the same order.

        Raises:
            BaseException: If operations failed: the error of the first of them in order, after all of them
                have ended.
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
        """Run an operation, and cancel it when its time runs out; to be awaited inside an operation.

        Args:
            seconds: The time limit; None for no limit.
            operation: The operation.
            too_late: Makes the error to raise when the time runs out.

        Returns:
            The result of the operation.

        Raises:
            Exception: What the operation raised, or `too_late()`.
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
        """Run an operation that goes on if its caller is cancelled; to be awaited inside an operation.

        Args:
            operation: The operation.
            abandoned: Called with the running operation when the caller stops waiting for it.

        Returns:
            The result of the operation.

        Raises:
            BaseException: What the operation raised, or what interrupted the wait.
        """
        going_on: OperationFuture[T] | None = None
        made: list[OperationFuture[T]] = []
        try:
            going_on = OperationFuture(operation, made)
            await self.first_of(going_on)
            return going_on.outcome()  # in here, since an interrupt may still come
        except BaseException:
            if going_on is None and made and is_suspended(operation):
                going_on = made[0]  # an interrupt has hit its constructor after the first step
            if abandoned is not None and going_on is not None:
                abandoned(going_on)
            raise

    async def _all_done(self, futures: list[OperationFuture[Any]]) -> None:
        # One after the other: a count of those that are done could be lost to an interrupt.
        for future in futures:
            if not future.done():
                await self.first_of(future)
