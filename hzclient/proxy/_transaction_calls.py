"""The calls of one transaction on the member that runs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, fail, resolve
from hzclient.future import OperationFuture

if TYPE_CHECKING:
    from hzclient._protocol.message import Request
    from hzclient._services.call import Invoker
    from hzclient._services.ports import Connection

_logger = logging.getLogger(__name__)

_Work = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(slots=True, eq=False)
class _Call:
    """A call, and the caller who waits for it.

    Attributes:
        work: Makes the operation to run on the loop.
        outcome: What the caller waits for.
        unclaimed: Called on the loop with a result that the caller did not wait for.
        given_up: True if the caller has stopped waiting.
        run: The operation, once it has started.
    """

    work: _Work
    outcome: Waiter[Any]
    unclaimed: Callable[[Any], object] | None
    given_up: bool = False
    run: OperationFuture[Any] | None = None


class TransactionCalls:
    """Runs the calls of a transaction on the client's loop, each to its end.

    A caller may give up a call: it is cancelled, its time is over, or a signal handler interrupts its
    thread. The member does not notice and works on, perhaps waiting for the lock of a key. A rollback
    that overtook such a call would leave the key locked once the call gets its lock, and a commit
    would leave its change in doubt. So the calls run on the loop, where no interruption of the
    caller's thread reaches them, and the end of the transaction waits until none is left there.

    Args:
        runtime: Where the calls run.
        invoker: Sends requests.
        connection: Connection to the member that runs the transaction.
    """

    def __init__(self, runtime: Runtime, invoker: Invoker, connection: Connection) -> None:
        self._runtime = runtime
        self._invoke = invoker.invoke
        self._connection = connection
        self._running: set[_Call] = set()
        self._waiting: list[Waiter[None]] = []

    @property
    def any_running(self) -> bool:
        """True if the member may still work on a call."""
        return bool(self._running)

    async def send(self, request: Request[Any], unclaimed: Callable[[Any], object] | None = None) -> Any:
        """Send a request that belongs to the transaction; an operation.

        Args:
            request: What to send.
            unclaimed: Called on the loop with the result if the caller gives up the call and the
                member carries it out all the same.

        Returns:
            What the response holds.
        """
        return await self._run(lambda: self.send_last(request), self._start_counted, unclaimed)

    async def finish(self, work: _Work) -> Any:
        """Run what ends the transaction on the loop, to its end; an operation.

        Args:
            work: Makes a coroutine that awaits `quiet()` before it sends the end of the transaction.

        Returns:
            What the coroutine returns.
        """
        return await self._run(work, self._start)

    async def quiet(self) -> None:
        """Wait until the member works on no call any more. Runs on the loop."""
        while self._running:
            waiter: Waiter[None] = self._runtime.pending()
            self._waiting.append(waiter)
            await waiter

    async def send_last(self, request: Request[Any]) -> Any:
        """Send a request that no end of the transaction needs to wait for. Runs on the loop."""
        return await self._invoke(request, connection=self._connection)

    def send_unasked(self, request: Request[Any]) -> None:
        """Send a request that nobody waits for, and log its failure. Called on the loop."""
        self._start(_Call(lambda: self._send_quietly(request), self._runtime.pending(), None))

    async def _send_quietly(self, request: Request[Any]) -> None:
        try:
            await self.send_last(request)
        except Exception as error:
            _logger.debug("%r could not be sent: %r", request, error)

    def on_loop(self, function: Callable[[], object]) -> None:
        """Call a function on the loop, unless the client is shut down."""
        if self._runtime.on_loop():
            function()
        else:
            self._runtime.post(function)

    async def _run(
        self,
        work: _Work,
        start: Callable[[_Call], None],
        unclaimed: Callable[[Any], object] | None = None,
    ) -> Any:
        call = _Call(work, self._runtime.pending(), unclaimed)
        self._hand_over(start, call)
        try:
            return await call.outcome
        except BaseException:
            if unclaimed is not None:
                self.on_loop(partial(self._give_up, call))
            raise

    def _hand_over(self, start: Callable[[_Call], None], call: _Call) -> None:
        if self._runtime.on_loop():
            start(call)
        elif not self._runtime.post(start, call):
            fail(call.outcome, self._runtime.inactive())

    def _start_counted(self, call: _Call) -> None:
        self._running.add(call)
        self._start(call)

    def _start(self, call: _Call) -> None:
        try:
            call.run = OperationFuture(call.work())  # the first step sends the request
        except Exception as error:
            self._end(call, error)
        else:
            call.run.add_done_callback(lambda run: self._end(call, run.exception()))

    def _end(self, call: _Call, error: BaseException | None) -> None:
        self._running.discard(call)
        if error is not None:
            fail(call.outcome, error)
        elif call.run is not None:
            resolve(call.outcome, call.run.outcome())
        if call.given_up:
            self._give_up(call)
        if not self._running:
            waiting, self._waiting = self._waiting, []
            for waiter in waiting:
                resolve(waiter, None)

    def _give_up(self, call: _Call) -> None:
        """Hand on a result that nobody waits for, now or when it arrives."""
        call.given_up = True
        if call.unclaimed is not None and call.run is not None and call.run.is_success():
            unclaimed, call.unclaimed = call.unclaimed, None
            unclaimed(call.run.outcome())
