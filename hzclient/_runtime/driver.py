"""Drives an operation from one result that it waits for to the next."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from hzclient._runtime.pending import Pending
from hzclient._speed import hot

T = TypeVar("T")


def awaited_by(operation: Any) -> Any:
    """Return the pending result that a suspended operation waits for; None if it does not wait for one."""
    while (inner := getattr(operation, "cr_await", None)) is not None:
        operation = inner
    frame = getattr(operation, "gi_frame", None)  # of `Pending.__await__`
    return None if frame is None else frame.f_locals.get("self")


class OperationDriver(Pending[T]):
    """Drives an operation: it takes one step each time a result that it waits for arrives.

    An asynchronous exception (Ctrl-C, for example) may interrupt the first step between any two instructions.
    If the operation has begun to wait, its request is on the way, and somebody must handle the response: a
    lock that is granted would never be released. So the driver goes on in the background then. What the
    operation waits for may be lost with the interrupted statement, but the suspended operation knows it.

    Args:
        operation: Awaits only pending results. Its first step runs at once.
        made: Receives the driver before the first step, because an interrupt can end this constructor
            although the operation goes on.

    Raises:
        BaseException: The first step raised it.
    """

    __slots__ = ("_cancelling", "_operation", "_waiting_for")

    def __init__(self, operation: Coroutine[Any, Any, T], made: list[Any] | None = None) -> None:
        # Same as the base class's constructor, minus a Python frame: each call creates one of these.
        # See `Future.__init__` for why this is None.
        self._asyncio_future_blocking = None
        if made is not None:
            made.append(self)
        self._loop = None
        self._done = False
        self._error = None
        self._callbacks = [None]
        self._traceback = None
        self._operation: Coroutine[Any, Any, T] | None = operation
        self._waiting_for: Any = None
        self._cancelling = False
        try:
            self._wait_for(operation.send(None))
        except StopIteration as stop:
            self._operation = None
            self._callbacks.clear()
            self._value = stop.value
            self._done = True
        except BaseException:
            pending = awaited_by(operation)
            if pending is not None:  # otherwise it is the operation's own error
                pending.remove_done_callback(self._advance)
                self._wait_for(pending)
            raise

    def _wait_for(self, pending: Any) -> None:
        self._waiting_for = pending
        pending._asyncio_future_blocking = False
        pending.add_done_callback(self._advance)

    def _advance(self, arrived: Any) -> None:
        operation = self._operation
        if operation is None or arrived is not self._waiting_for:
            return
        self._waiting_for = None  # this is called once more if an interrupt has hit the first step
        try:
            pending = operation.send(None)
            while self._must_go_on(arrived, pending):
                arrived = pending
                pending = operation.send(None)
        except StopIteration as stop:
            self._operation = self._waiting_for = None
            self.set_result(stop.value)
        except BaseException as error:  # of any class: it is the outcome
            if awaited_by(operation) is not None:  # an interrupt while the first step was taken: see there
                raise
            self._operation = self._waiting_for = None
            self.set_exception(error)
        else:
            self._wait_for(pending)

    def _must_go_on(self, arrived: Any, pending: Any) -> bool:
        """Return whether the next step can be taken at once, after a step that waits for `pending`.

        Args:
            arrived: The result that the step before it had waited for.
            pending: The result that it waits for.

        Returns:
            True if `pending` has an outcome.
        """
        self._waiting_for = pending  # before reading the flag: `cancel()` sets the flag before reading this
        if self._cancelling:
            if arrived.cancelled():
                self._cancelling = False  # the operation knows, and may wait while it cleans up
            else:
                pending.cancel()
        return pending.done()  # type: ignore[no-any-return]

    def cancel(self, msg: Any = None) -> bool:
        """End the call: its slot is free at once, and a late response reaches nobody.

        Members are not informed: what was sent may still be carried out.

        Args:
            msg: Ignored; accepted as by `asyncio.Future`.

        Returns:
            False if there was an outcome already.
        """
        if self._done:
            return False
        self._cancelling = True
        waiting_for = self._waiting_for
        if waiting_for is not None:
            waiting_for.cancel()
        return True


if not TYPE_CHECKING and hot is not None:
    OperationDriver = hot.OperationDriver
